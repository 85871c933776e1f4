use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use osc_apply::apply::{self, Event, EventKind, Failure, Fate, Limits, Outcome, Runner};
use osc_apply::catalog::Catalog;
use osc_apply::live::{self, Live, Question};
use osc_apply::manifest;
use osc_apply::model::{Address, Diagnostics, Sources};
use osc_apply::osc::{Claims, Error, Exchange, HostOverrides, Hosts, ReadApi, Session, WriteApi};
use osc_apply::plan::{
    self, Action, Adoption, Consent, Fence, Hold, NotAdoptable, Plan, Step, VaultTrouble,
};
use osc_apply::resolve::{self, Desired, GivenSecret, Inputs};
use osc_apply::sandbox::Rules;
use tokio_util::sync::CancellationToken;

use super::Platform;

/// A workspace and somebody who is signed in to it.
pub(crate) struct Rig {
    pub(crate) platform: Arc<Platform>,
    pub(crate) session: Arc<Session>,
    pub(crate) limits: Limits,
    pub(crate) stop: CancellationToken,
    /// Whether a lease that a killed run has left does not count.
    pub(crate) takes_over: bool,
    /// What its runs are given for secrets.
    pub(crate) given: BTreeMap<String, GivenSecret>,
}

/// A resolved manifest.
pub(crate) struct Stack {
    pub(crate) desired: Desired,
    pub(crate) sources: Sources,
}

/// What came of an apply.
pub(crate) struct Run {
    pub(crate) plan: Plan,
    pub(crate) outcome: Outcome,
    pub(crate) events: Vec<Event>,
}

/// The bundled catalog, read once.
pub(crate) fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::bundled().unwrap());
    &CATALOG
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(Rules::default())
    }

    pub(crate) fn with(rules: Rules) -> Self {
        Self::on(&Platform::new(rules))
    }

    /// A session of its own in a workspace that others know, too.
    pub(crate) fn on(platform: &Arc<Platform>) -> Self {
        Self::over(platform.clone(), platform)
    }

    /// The same over another way there.
    pub(crate) fn over(way: Arc<dyn Exchange>, platform: &Arc<Platform>) -> Self {
        let platform = Arc::clone(platform);
        let pat = platform.new_token().into();
        let session = Session::new(
            Hosts::new("prod", &HostOverrides::default()).unwrap(),
            Clone::clone(&pat),
            Claims::of(&pat).unwrap(),
            way,
            platform.clock(),
        );
        Self {
            platform,
            session: Arc::new(session),
            limits: Limits::default(),
            stop: CancellationToken::new(),
            takes_over: true,
            given: BTreeMap::new(),
        }
    }

    pub(crate) fn api(&self) -> WriteApi {
        WriteApi::new(Arc::clone(&self.session))
    }

    pub(crate) async fn live(&self, stack: &Stack) -> Result<Live, Error> {
        let question = Question {
            stack: &stack.desired.stack,
            wanted: plan::wanted(&stack.desired, &stack.desired.ports_wanted()),
            catalog: catalog(),
        };
        let api = ReadApi::new(Arc::clone(&self.session));
        live::with_tenant_plan(&api, live::read(&api, &question)).await
    }

    pub(crate) async fn try_plan(
        &self,
        yaml: &str,
        consent: &Consent,
    ) -> Result<Plan, Diagnostics> {
        let stack = self.stack(yaml);
        let live = self.live(&stack).await.unwrap();
        plan::plan(&stack.desired, &live, consent, &stack.sources)
    }

    pub(crate) async fn plan_with(&self, yaml: &str, consent: &Consent) -> Plan {
        let plan = self.try_plan(yaml, consent).await;
        plan.unwrap_or_else(|found| panic!("{found:?}"))
    }

    pub(crate) async fn plan(&self, yaml: &str) -> Plan {
        self.plan_with(yaml, &Consent::default()).await
    }

    pub(crate) async fn plan_destroy(&self, yaml: &str, consent: &Consent) -> Plan {
        let stack = self.stack(yaml);
        let live = self.live(&stack).await.unwrap();
        plan::destroy(&stack.desired, &live, consent)
    }

    /// The stack of a manifest, with what its secrets are given.
    pub(crate) fn stack(&self, yaml: &str) -> Stack {
        Stack::given(yaml, self.given.clone())
    }

    /// Gives a secret a value from now on.
    pub(crate) fn give(&mut self, secret: &str, value: &str) {
        let value = GivenSecret::Value(value.into());
        self.given.insert(secret.to_owned(), value);
    }

    /// Has no value for a secret from now on.
    pub(crate) fn withhold(&mut self, secret: &str, why: &str) {
        let missing = GivenSecret::Missing(why.to_owned());
        self.given.insert(secret.to_owned(), missing);
    }

    /// What is the matter with the vault.
    pub(crate) async fn vault_trouble(&self, yaml: &str) -> Option<VaultTrouble> {
        let stack = self.stack(yaml);
        let live = self.live(&stack).await.unwrap();
        plan::vault_trouble(&stack.desired, &live)
    }

    pub(crate) async fn plan_rotate(
        &self,
        yaml: &str,
        secrets: &[&str],
        consent: &Consent,
    ) -> Plan {
        let stack = self.stack(yaml);
        let live = self.live(&stack).await.unwrap();
        let secrets: BTreeSet<String> = secrets.iter().map(|it| (*it).to_owned()).collect();
        let plan = plan::rotate(&stack.desired, &live, consent, &secrets, &stack.sources);
        plan.unwrap_or_else(|found| panic!("{found:?}"))
    }

    pub(crate) async fn rotate(&self, yaml: &str, secrets: &[&str]) -> Run {
        let plan = self.plan_rotate(yaml, secrets, &all_data()).await;
        self.apply_plan(plan).await
    }

    /// Somebody with other randomness each time.
    pub(crate) fn runner(&self) -> Runner {
        Runner {
            who: "a test".to_owned(),
            take_over: self.takes_over,
            seed: [self.platform.next_run(); 32],
            clock: self.platform.clock(),
        }
    }

    pub(crate) async fn apply_plan(&self, plan: Plan) -> Run {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let api = WriteApi::new(Arc::clone(&self.session));
        let runner = self.runner();
        let outcome = apply::run(&plan, &api, self.limits, &runner, &self.stop, &sender).await;
        let mut events = Vec::new();
        while let Ok(event) = receiver.try_recv() {
            events.push(event);
        }
        Run {
            plan,
            outcome,
            events,
        }
    }

    /// Plans and applies; consents to losing data, and to as many deletions as there are.
    pub(crate) async fn apply(&self, yaml: &str) -> Run {
        let plan = self.plan_with(yaml, &all_data()).await;
        let plan = match fenced_deletes(&plan) {
            None => plan,
            deletes => {
                let consent = Consent {
                    deletes,
                    ..all_data()
                };
                self.plan_with(yaml, &consent).await
            }
        };
        self.apply_plan(plan).await
    }

    /// The same, and all of it must succeed.
    pub(crate) async fn up(&self, yaml: &str) {
        self.apply(yaml).await.assert_good();
        self.platform.take_seen();
    }

    /// The same for a stack of another name.
    pub(crate) async fn up_as(&self, stack: &str, yaml: &str) {
        let stack = Stack::named(stack, yaml, self.given.clone());
        let live = self.live(&stack).await.unwrap();
        let plan = plan::plan(&stack.desired, &live, &all_data(), &stack.sources);
        self.apply_plan(plan.unwrap()).await.assert_good();
        self.platform.take_seen();
    }

    /// The plan of taking over these instances, by key, or why not.
    pub(crate) async fn plan_adopt(
        &self,
        yaml: &str,
        keys: &[&str],
        from_stack: Option<&str>,
    ) -> Result<Plan, Vec<NotAdoptable>> {
        let stack = self.stack(yaml);
        let live = self.live(&stack).await.unwrap();
        let addresses = keys.iter().map(|key| Address::instance(key).to_string());
        let adoption = Adoption {
            addresses: addresses.collect(),
            from_stack: from_stack.map(str::to_owned),
        };
        plan::adopt(&stack.desired, &live, &adoption, &stack.sources)
            .unwrap_or_else(|found| panic!("{found:?}"))
    }

    /// Takes over what somebody else has made, as it is.
    pub(crate) async fn adopt(&self, yaml: &str, keys: &[&str]) {
        let plan = self.plan_adopt(yaml, keys, None).await.unwrap();
        self.apply_plan(plan).await.assert_good();
        self.platform.take_seen();
    }

    pub(crate) async fn destroy(&self, yaml: &str) -> Run {
        let plan = self.plan_destroy(yaml, &all_data()).await;
        self.apply_plan(plan).await
    }
}

impl Stack {
    /// The stack of a manifest; `version` and `stack` are added.
    pub(crate) fn of(yaml: &str) -> Self {
        Self::given(yaml, BTreeMap::new())
    }

    /// The same, with what its secrets are given.
    pub(crate) fn given(yaml: &str, secrets: BTreeMap<String, GivenSecret>) -> Self {
        Self::named("test", yaml, secrets)
    }

    fn named(name: &str, yaml: &str, secrets: BTreeMap<String, GivenSecret>) -> Self {
        let mut sources = Sources::default();
        let file = sources.add("osc.yaml", format!("version: 1\nstack: {name}\n{yaml}"));
        let mut found = Diagnostics::default();
        let manifest = manifest::load(&[file], &mut sources, &mut found);
        let inputs = Inputs {
            environment: "prod".to_owned(),
            workspace: Some("sandbox".to_owned()),
            secrets,
            ..Inputs::default()
        };
        let desired = manifest
            .and_then(|it| resolve::resolve(&it, &inputs, catalog(), &sources, &mut found))
            .unwrap_or_else(|| panic!("{:#?}\n{yaml}", found.sorted()));
        Self { desired, sources }
    }
}

impl Run {
    pub(crate) fn fate(&self, key: &str) -> &Fate {
        let address = Address::instance(key);
        let mut results = self.outcome.results.iter();
        &results.find(|it| it.address == address).unwrap().fate
    }

    pub(crate) fn failure(&self, key: &str) -> &Failure {
        let fate = self.fate(key);
        fate.failure().unwrap_or_else(|| panic!("{key}: {fate:?}"))
    }

    pub(crate) fn kinds(&self, key: &str) -> Vec<&EventKind> {
        let address = Address::instance(key);
        let events = self.events.iter();
        events
            .filter(|event| event.address == address)
            .map(|event| &event.kind)
            .collect()
    }

    pub(crate) fn assert_good(&self) {
        for result in &self.outcome.results {
            assert!(result.fate.lets_dependants_run(), "{result:#?}");
        }
    }
}

/// How many deletions somebody has to agree to, where there are too many.
pub(crate) fn fenced_deletes(plan: &Plan) -> Option<usize> {
    plan.held().find_map(|(_, hold)| match hold {
        Hold::Fenced(Fence::TooMany { deletes, .. } | Fence::NoneLeft { deletes }) => {
            Some(*deletes)
        }
        _ => None,
    })
}

/// Consent to losing whatever there is.
pub(crate) fn all_data() -> Consent {
    Consent {
        discard_all: true,
        ..Consent::default()
    }
}

/// How many steps of this action would be carried out.
pub(crate) fn count(plan: &Plan, action: Action) -> usize {
    let steps = plan.steps.iter();
    steps
        .filter(|step| step.action == action && step.held.is_none())
        .count()
}

/// Everything of a plan that a person or an apply could see of it.
pub(crate) fn rendered(plan: &Plan) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        let Step {
            address,
            action,
            held,
            needs,
            explanation,
            ..
        } = step;
        writeln!(
            text,
            "{action:?} {address} {held:?} {needs:?} {explanation:?}"
        )
        .unwrap();
    }
    for output in &plan.outputs {
        writeln!(text, "{} = {:?}", output.name, output.value).unwrap();
    }
    text
}

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use crate::apply::{Failure, Fate, Outcome, Shortfall, StepResult};
use crate::catalog::Catalog;
use crate::model::{Address, Level, OptionValue, Readiness, Sources, Span};
use crate::plan::{
    Action, After, Explanation, FieldChange, Hold, InstanceTarget, Plan, PlannedSecrets, Purpose,
    Step, Target,
};
use crate::report::{self, Look};
use crate::resolve::Scope;

pub(super) const WIDE: Look = plain(100);

/// A value that no output may hold, in any form.
pub(super) const CANARY: &str = "canary \"7\" bird";

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::bundled().unwrap());

pub(super) const fn plain(width: usize) -> Look {
    Look {
        color: false,
        width,
    }
}

pub(super) fn coloured(width: usize) -> Look {
    Look { color: true, width }
}

pub(super) fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) fn shown(value: &str) -> OptionValue {
    OptionValue::new(value.to_owned(), false)
}

pub(super) fn secret(value: &str) -> OptionValue {
    OptionValue::new(value.to_owned(), true)
}

pub(super) fn new(option: &str, value: &str) -> FieldChange {
    change(option, None, After::Value(shown(value)))
}

pub(super) fn between(option: &str, before: &str, after: &str) -> FieldChange {
    change(option, Some(shown(before)), After::Value(shown(after)))
}

pub(super) fn change(option: &str, before: Option<OptionValue>, after: After) -> FieldChange {
    FieldChange {
        option: option.to_owned(),
        before,
        after,
    }
}

/// A step on an instance; its key says its service too: `site` is a WordPress.
pub(super) fn step(key: &str, action: Action) -> Step {
    let service = match key {
        "database" => "linuxserver-docker-mariadb",
        "encoder" => "encore",
        "storage" => "minio-minio",
        _ => "wordpress-wordpress",
    };
    let reason = match action {
        Action::Create => "absent from the workspace",
        Action::Keep => "as declared",
        Action::Resume => "suspended since 2026-11-01T10:00:00Z (idle)",
        Action::Delete => "declared by this stack, which is being destroyed",
        Action::Unknown => "could not be read: reading instances: no usable answer (502)",
        _ => "`DbHost` differs",
    };
    Step {
        address: Address::instance(key),
        action,
        held: None,
        needs: Vec::new(),
        target: Target::Instance(Box::new(InstanceTarget {
            key: key.to_owned(),
            service: CATALOG.service(service).unwrap().clone(),
            name: "myblog".to_owned(),
            options: Vec::new(),
            ready: Readiness {
                level: None,
                limit: at(600),
                probe: None,
            },
            wants_ports: false,
            protect: false,
            secrets: BTreeMap::new(),
            gives_secrets: false,
            rewrites: false,
            tags: Vec::new(),
            given: None,
            live: None,
            suspended: None,
        })),
        explanation: Explanation {
            reason: reason.to_owned(),
            restarts: matches!(action, Action::Update | Action::Replace),
            ..Explanation::default()
        },
    }
}

pub(super) fn shortfall() -> Shortfall {
    Shortfall {
        reached: Level::Healthy,
        wanted: Level::Usable,
        why: "it exposes no port".to_owned(),
    }
}

pub(super) fn subscribe(services: &[&str]) -> Step {
    Step {
        address: Address::subscriptions(),
        explanation: Explanation {
            reason: "the workspace does not use a service of this stack yet; free".to_owned(),
            ..Explanation::default()
        },
        target: Target::Subscriptions(services.iter().map(|id| (*id).to_owned()).collect()),
        ..step("site", Action::Subscribe)
    }
}

pub(super) trait With: Sized {
    fn fields(self, fields: Vec<FieldChange>) -> Self;
    fn held(self, hold: Hold) -> Self;
    fn loses_data(self) -> Self;
    fn equal(self, equal: usize) -> Self;
    fn unmanaged(self, options: &[&str]) -> Self;
    fn reason(self, reason: &str) -> Self;
    fn on_line(self, line: u32) -> Self;
    fn protected(self) -> Self;
    fn named(self, name: &str) -> Self;
}

impl With for Step {
    fn fields(mut self, fields: Vec<FieldChange>) -> Self {
        self.explanation.fields = fields;
        self
    }

    fn held(self, hold: Hold) -> Self {
        Self {
            held: Some(hold),
            ..self
        }
    }

    fn loses_data(mut self) -> Self {
        self.explanation.loses_data = true;
        self
    }

    fn equal(mut self, equal: usize) -> Self {
        self.explanation.equal = equal;
        self
    }

    fn unmanaged(mut self, options: &[&str]) -> Self {
        self.explanation.unmanaged = options.iter().map(|it| (*it).to_owned()).collect();
        self
    }

    fn reason(mut self, reason: &str) -> Self {
        self.explanation.reason = reason.to_owned();
        self
    }

    /// Line `line` of the file that [`sources`] makes, where every line is two bytes long.
    fn on_line(mut self, line: u32) -> Self {
        let start = (line - 1) * 2;
        self.explanation.span = Some(Span {
            start,
            end: start + 1,
            ..Span::default()
        });
        self
    }

    fn protected(mut self) -> Self {
        if let Target::Instance(target) = &mut self.target {
            target.protect = true;
        }
        self
    }

    fn named(mut self, name: &str) -> Self {
        if let Target::Instance(target) = &mut self.target {
            target.name = name.to_owned();
        }
        self
    }
}

pub(super) fn sources() -> Sources {
    let mut sources = Sources::default();
    sources.add("osc.yaml", "x\n".repeat(99));
    sources
}

pub(super) fn plan_of(steps: Vec<Step>) -> Plan {
    Plan {
        purpose: Purpose::Apply,
        stack: "wordpress".to_owned(),
        workspace: "acme".to_owned(),
        environment: "prod".to_owned(),
        tenant_plan: None,
        steps,
        outputs: Vec::new(),
        scope: Scope::default(),
        subscriptions: Vec::new(),
        suspended: Some(Vec::new()),
        has_tags: true,
        secrets: PlannedSecrets::default(),
        notes: Vec::new(),
    }
}

pub(super) fn destroy_of(steps: Vec<Step>) -> Plan {
    Plan {
        purpose: Purpose::Destroy,
        ..plan_of(steps)
    }
}

pub(super) fn printed(plan: &Plan, look: Look) -> String {
    let mut out = Vec::new();
    report::plan(&mut out, plan, &sources(), look).unwrap();
    text(out)
}

/// Steps and what became of each, each after a second more than the one before.
pub(super) fn ended(steps: Vec<(Step, Fate)>) -> (Plan, Outcome) {
    let (steps, fates): (Vec<Step>, Vec<Fate>) = steps.into_iter().unzip();
    let results = steps.iter().zip(fates).zip(11..);
    let results = results.map(|((step, fate), took)| StepResult {
        address: step.address.clone(),
        action: step.action,
        fate,
        took: at(took),
    });
    let outcome = Outcome {
        results: results.collect(),
        scope: Scope::default(),
        warnings: Vec::new(),
        removed_secrets: Vec::new(),
        barred: None,
        interrupted: false,
        took: at(64),
    };
    (plan_of(steps), outcome)
}

pub(super) fn told((plan, outcome): &(Plan, Outcome), look: Look) -> String {
    let mut out = Vec::new();
    report::outcome(&mut out, plan, outcome, look).unwrap();
    // An empty line stands first, apart from progress.
    text(out).trim_start_matches('\n').to_owned()
}

pub(super) fn failure(message: &str) -> Failure {
    Failure {
        message: message.to_owned(),
        hint: None,
        class: None,
        log: Vec::new(),
        deleted_not_recreated: false,
        sent: false,
    }
}

pub(super) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

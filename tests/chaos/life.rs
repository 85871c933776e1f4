//! The life of one workspace: applies and destroys in any weather, and then in none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use osc_apply::apply::{self, Event, Fate};
use osc_apply::model::Address;
use osc_apply::osc::WriteApi;
use osc_apply::plan::{self, Action, Consent, Fence, Hold, Plan, Purpose, Step};
use osc_apply::report::{self, Look, Progress, json};
use osc_apply::sandbox::Rules;

use crate::account::{Account, End};
use crate::dice::Dice;
use crate::invariants::broken;
use crate::manifest::{Manifest, SERVICES};
use crate::rig::{Id, Platform, Rig, Snapshot, Stack, all_data, fenced_deletes};
use crate::weather::Weather;

/// By when everything has happened that was still to happen.
const AFTERMATH: Duration = Duration::from_secs(400);

/// A run that broke something.
pub(crate) struct Broken {
    pub(crate) what: String,
    /// What was done to the workspace, the run in question last.
    pub(crate) accounts: Vec<Account>,
}

pub(crate) struct Life {
    platform: Arc<Platform>,
    dice: Dice,
    manifest: Manifest,
    ever: BTreeSet<Id>,
    foreign: BTreeSet<Id>,
    pub(crate) accounts: Vec<Account>,
}

/// How a run is disturbed from this side.
#[derive(Debug, Clone, Copy)]
enum Disturbance {
    None,
    Interrupted(Duration),
    Killed(Duration),
}

impl Life {
    pub(crate) fn begin(seed: u64) -> Self {
        let mut dice = Dice::of(seed);
        let mut rules = Rules::default();
        if dice.one_in(4) {
            rules.timing.service_token_lifetime = dice.seconds(61, 300);
        }
        let platform = Platform::new(rules);
        let manifest = Manifest::random(&mut dice);
        let mut life = Self {
            platform,
            dice,
            manifest,
            ever: BTreeSet::new(),
            foreign: BTreeSet::new(),
            accounts: Vec::new(),
        };
        life.settle_others();
        life
    }

    /// All of it.
    ///
    /// # Errors
    /// The first run that breaks an invariant.
    pub(crate) async fn live(mut self) -> Result<Vec<Account>, Box<Broken>> {
        for _ in 0..1 + self.dice.below(3) {
            let weather = Weather::random(&mut self.dice);
            let purpose = match self.dice.one_in(6) {
                true => Purpose::Destroy,
                false => Purpose::Apply,
            };
            let consent = self.dice.one_in(3);
            let disturbance = match self.dice.below(5) {
                0 => Disturbance::Interrupted(self.dice.seconds(0, 150)),
                1 => Disturbance::Killed(self.dice.seconds(0, 150)),
                _ => Disturbance::None,
            };
            let title = format!("{weather:?} {disturbance:?} {purpose:?} consent: {consent}");
            self = self
                .run(title, Some(weather), purpose, consent, disturbance)
                .await?;
            if self.dice.one_in(2) {
                tokio::time::sleep(self.dice.seconds(0, 200)).await;
            }
            self.manifest.edit(&mut self.dice);
        }
        self = self.converge().await?;
        if self.dice.one_in(2) {
            self = self.end().await?;
        }
        Ok(self.accounts)
    }

    /// Once faults stop, a run succeeds, and there is nothing left to do.
    ///
    /// It takes another one where a value was to come from an instance that is held back, where a
    /// service of the stack listed nothing, which held back all deletions, or where it shows only then
    /// that what somebody has changed is as declared.
    async fn converge(mut self) -> Result<Self, Box<Broken>> {
        tokio::time::sleep(AFTERMATH).await;
        self = self.calm(Purpose::Apply).await?;
        let is_half = |account: &Account| {
            let modified = |fate: &Fate| matches!(fate, Fate::Held(Hold::Modified));
            let mut fates = account.fates();
            let held = fates.any(|(.., fate)| modified(fate));
            held || waits_for_held(account) || is_fenced(account)
        };
        if self.accounts.last().is_some_and(is_half) {
            self = self.calm(Purpose::Apply).await?;
        }
        let last = self.accounts.last().unwrap();
        let bad = last.fates().find(|(.., fate)| !fate.lets_dependants_run());
        let bad = bad.map(|(key, ..)| format!("{key} did not succeed in good weather"));
        let again = (!last.again.is_empty()).then(|| format!("left to do: {:?}", last.again));
        match bad.or(again) {
            Some(what) => Err(self.broken(what)),
            None => Ok(self),
        }
    }

    /// What is destroyed is gone, but for what is protected and what somebody else has changed.
    async fn end(mut self) -> Result<Self, Box<Broken>> {
        self = self.calm(Purpose::Destroy).await?;
        if self.accounts.last().is_some_and(is_fenced) {
            self = self.calm(Purpose::Destroy).await?;
        }
        let last = self.accounts.last().unwrap();
        let others: BTreeSet<Id> = last
            .fates()
            .filter(|(.., fate)| matches!(fate, Fate::Held(hold) if is_of_others(hold)))
            .map(|(_, id, ..)| id.clone())
            .collect();
        let left = self
            .manifest
            .declared()
            .into_values()
            .filter(|one| !one.protect && !others.contains(&one.id))
            .find(|one| self.platform.snapshot().kept(&one.id).is_some());
        match left {
            Some(one) => Err(self.broken(format!("{:?} is left", one.id))),
            None => Ok(self),
        }
    }

    async fn calm(self, purpose: Purpose) -> Result<Self, Box<Broken>> {
        let title = format!("good weather, {purpose:?}");
        self.run(title, None, purpose, true, Disturbance::None)
            .await
    }

    fn broken(self, what: String) -> Box<Broken> {
        let accounts = self.accounts;
        Box::new(Broken { what, accounts })
    }

    /// One plan, what somebody else does meanwhile, and its apply.
    async fn run(
        mut self,
        title: String,
        weather: Option<Weather>,
        purpose: Purpose,
        consent: bool,
        disturbance: Disturbance,
    ) -> Result<Self, Box<Broken>> {
        let is_calm = weather.is_none();
        if let Some(mut weather) = weather {
            self.platform.weather(move |seen| weather.meet(seen));
        }
        let declared = self.manifest.declared();
        self.ever
            .extend(declared.values().map(|one| one.id.clone()));
        let yaml = self.manifest.yaml();
        let stack = Stack::of(&yaml);
        let rig = Rig::on(&self.platform);
        self.platform.take_seen();
        let began = self.platform.age();
        let mut account = Account {
            title,
            yaml,
            declared,
            ever: self.ever.clone(),
            foreign: self.foreign.clone(),
            purpose,
            consent,
            planned: BTreeMap::new(),
            pruned: BTreeSet::new(),
            before: Snapshot::default(),
            after: Snapshot::default(),
            seen: Vec::new(),
            end: End::Killed,
            began,
            stopped: None,
            took: Duration::ZERO,
            again: BTreeSet::new(),
            text: String::new(),
            timing: *self.platform.timing(),
            limits: rig.limits,
        };
        let plan = planned(&rig, &stack, purpose, consent).await;
        if !is_calm && self.dice.one_in(4) {
            self.meddle(&account);
        }
        if !is_calm && self.dice.one_in(6) {
            self.meddle_with_tags(&account);
        }
        account.before = self.platform.snapshot();
        match plan {
            Ok(plan) => {
                note_plan(&mut account, &plan, &stack);
                self.carry_out(&rig, &plan, disturbance, &mut account).await;
            }
            Err(why) => {
                account.text.clone_from(&why);
                account.end = End::Unplanned(why);
            }
        }
        account.after = self.platform.snapshot();
        account.took = self.platform.age() - account.began;
        account.seen = self.platform.take_seen();
        self.platform.behave();
        account.again = again(&Rig::on(&self.platform), &stack, purpose).await;
        let broken = broken(&account);
        self.accounts.push(account);
        match broken {
            Some(what) => Err(self.broken(what)),
            None => Ok(self),
        }
    }

    async fn carry_out(
        &self,
        rig: &Rig,
        plan: &Plan,
        disturbance: Disturbance,
        account: &mut Account,
    ) {
        let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
        let api = WriteApi::new(Arc::clone(&rig.session));
        let runner = rig.runner();
        let run = apply::run(plan, &api, rig.limits, &runner, &rig.stop, &sender);
        tokio::pin!(run);
        let outcome = match disturbance {
            Disturbance::None => Some(run.await),
            Disturbance::Interrupted(after) => tokio::select! {
                biased;
                outcome = &mut run => Some(outcome),
                () = tokio::time::sleep(after) => {
                    rig.stop.cancel();
                    account.stopped = Some(self.platform.age());
                    Some(run.await)
                }
            },
            Disturbance::Killed(after) => tokio::select! {
                biased;
                outcome = run => Some(outcome),
                () = tokio::time::sleep(after) => None,
            },
        };
        while let Ok(event) = events.try_recv() {
            tell_event(&mut account.text, &event);
        }
        if let Some(outcome) = outcome {
            account
                .text
                .push_str(&told(|out| report::outcome(out, plan, &outcome, LOOK)));
            account
                .text
                .push_str(&told(|out| json::outcome(out, plan, &outcome)));
            let results = outcome.results.into_iter();
            let fates = results.filter_map(|it| Some((key(&it.address)?, (it.action, it.fate))));
            account.end = End::Over(fates.collect());
        }
    }

    /// Instances that nobody declares, of the same services and under names much alike.
    fn settle_others(&mut self) {
        for number in 0..1 + self.dice.below(3) {
            let service = *self
                .dice
                .pick(&["valkey-io-valkey", "minio-minio", SERVICES[9]]);
            self.platform.subscribe(&[service]);
            let id = (service.to_owned(), format!("k{number}x"));
            self.make(&id);
            // Some are another stack's, as its own tool has marked them.
            if self.dice.one_in(2) {
                let proof = format!("osc-apply:own1:{}", "0".repeat(32));
                self.platform
                    .tag(&id.0, &id.1, &["osc-apply:other", &proof]);
            }
            self.foreign.insert(id);
        }
    }

    fn make(&self, (service, name): &Id) {
        let what = format!("POST {}", self.platform.collection(service));
        let body = serde_json::json!({ "name": name }).to_string();
        self.platform.somebody_else(&what, &body);
    }

    /// Somebody else strips the tags of what is declared here, copies them to something foreign, or
    /// marks it as another stack's.
    fn meddle_with_tags(&mut self, account: &Account) {
        let all: Vec<_> = account.declared.values().collect();
        if all.is_empty() {
            return;
        }
        let (service, name) = &self.dice.pick(&all).id;
        let tags = self.platform.tags_of(service, name);
        let mut tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        match self.dice.below(3) {
            0 => self.platform.tag(service, name, &["team:video"]),
            1 => {
                tags.push("osc-apply:other");
                self.platform.tag(service, name, &tags);
            }
            _ => {
                let foreign: Vec<&Id> = account.foreign.iter().collect();
                let (service, name) = self.dice.pick(&foreign);
                self.platform.tag(service, name, &tags);
            }
        }
    }

    /// Somebody else changes what is declared here.
    fn meddle(&mut self, account: &Account) {
        let all: Vec<_> = account.declared.values().collect();
        if all.is_empty() {
            return;
        }
        let id = &self.dice.pick(&all).id;
        let (service, name) = id;
        let here = self.platform.snapshot();
        match here.get(id) {
            None if ["valkey-io-valkey", "minio-minio"].contains(&service.as_str()) => {
                self.platform.subscribe(&[service]);
                self.make(id);
            }
            Some(stored) if stored.deleted.is_none() => {
                let member = format!("{}/{name}", self.platform.collection(service));
                match (self.dice.one_in(2), service.as_str()) {
                    (true, _) => self.platform.somebody_else(&format!("DELETE {member}"), ""),
                    (false, "valkey-io-valkey") => {
                        let body = r#"{"Password":"somebodyelse"}"#;
                        self.platform
                            .somebody_else(&format!("PATCH {member}"), body);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// Whether it is about what somebody else has made or changed, which is left as it is until the
/// user says so.
fn is_of_others(hold: &Hold) -> bool {
    matches!(hold, Hold::NotOurs | Hold::OfStack(_) | Hold::Modified)
}

/// Whether deletions were held back because a service of the stack listed nothing.
fn is_fenced(account: &Account) -> bool {
    let mut fates = account.fates();
    fates.any(|(.., fate)| matches!(fate, Fate::Held(Hold::Fenced(Fence::ListsNone(_)))))
}

/// Whether a step failed before anything was sent because what it needs was held back.
fn waits_for_held(account: &Account) -> bool {
    let fate = |key: &str| account.fates().find(|(of, ..)| *of == key).map(|it| it.3);
    account.fates().any(|(key, _, _, failed)| {
        let unsent = matches!(failed, Fate::Failed(failure) if !failure.sent);
        let mut needs = account.declared[key].needs.iter();
        unsent && needs.any(|need| matches!(fate(need), Some(Fate::Held(_))))
    })
}

const LOOK: Look = Look {
    color: false,
    width: 100,
};

async fn planned(
    rig: &Rig,
    stack: &Stack,
    purpose: Purpose,
    consent: bool,
) -> Result<Plan, String> {
    let live = rig.live(stack).await.map_err(|error| error.to_string())?;
    let consent = match consent {
        true => all_data(),
        false => Consent::default(),
    };
    let of_apply = |consent: &Consent| {
        let plan = plan::plan(&stack.desired, &live, consent, &stack.sources);
        plan.map_err(|found| format!("{:?}", found.sorted()))
    };
    match purpose {
        Purpose::Destroy => Ok(plan::destroy(&stack.desired, &live, &consent)),
        _ => match of_apply(&consent)? {
            plan if consent.discard_all => {
                let deletes = fenced_deletes(&plan);
                of_apply(&Consent { deletes, ..consent })
            }
            plan => Ok(plan),
        },
    }
}

fn note_plan(account: &mut Account, plan: &Plan, stack: &Stack) {
    let running = plan.steps.iter().filter(|step| step.runs());
    let keyed = running.filter_map(|step| Some((key(&step.address)?, step.action)));
    account.planned = keyed.collect();
    let running = plan
        .steps
        .iter()
        .filter(|step| step.runs() && step.deletes());
    let undeclared = running.filter(|step| key(&step.address).is_none());
    let targets = undeclared.filter_map(Step::instance);
    account.pruned = targets
        .map(|it| (it.service.id.clone(), it.name.clone()))
        .collect();
    let text = &mut account.text;
    text.push_str(&told(|out| report::plan(out, plan, &stack.sources, LOOK)));
    text.push_str(&told(|out| json::plan(out, plan, &stack.sources)));
}

/// What a plan right afterwards would do, keys of what is held back for good left out.
async fn again(rig: &Rig, stack: &Stack, purpose: Purpose) -> BTreeSet<String> {
    let plan = planned(rig, stack, purpose, true).await;
    rig.platform.take_seen();
    let steps = plan
        .unwrap_or_else(|why| panic!("no plan in good weather: {why}"))
        .steps;
    let open = steps.iter().filter(|step| {
        let for_good = step.held.as_ref().is_some_and(|hold| {
            // A service lists none for as long as the only one of it is held back.
            let lists_none = matches!(hold, Hold::Fenced(Fence::ListsNone(_)));
            let stays = matches!(hold, Hold::Protected | Hold::Needs(_));
            stays || lists_none || is_of_others(hold)
        });
        step.action != Action::Keep && !for_good
    });
    open.filter_map(|step| key(&step.address)).collect()
}

fn key(address: &Address) -> Option<String> {
    let key = address.as_str().strip_prefix("instances.");
    key.map(str::to_owned)
}

fn tell_event(text: &mut String, event: &Event) {
    text.push_str(&told(|out| json::event(out, event)));
    text.push_str(&format!("{event:?}\n"));
    let lines = Lines::default();
    let mut progress = Progress::lines(Box::new(lines.clone()), LOOK);
    progress.take(event);
    progress.finish();
    text.push_str(&lines.text());
}

fn told(tell: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    tell(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A writer that others can look into.
#[derive(Clone, Default)]
struct Lines(Arc<std::sync::Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

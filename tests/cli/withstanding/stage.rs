use std::collections::BTreeMap;

use super::name_of;
use super::said::{self, Said};
use crate::workspace::{Run, Workspace};

/// Two instances, of which the second refers to the first.
const STACK: &str = "\
version: 1
stack: pair
instances:
  queue:
    service: valkey-io-valkey
    ready: { timeout: 5s }
    options: { Password: hunter2hunter2 }
  store:
    service: eyevinn-app-config-svc
    options:
      RedisUrl: redis://:${instances.queue.options.Password}@${instances.queue.address}
";

/// Two instances that may be resumed in any order.
const CACHES: &str = "\
version: 1
stack: pair
instances:
  queue: { service: valkey-io-valkey, options: { Password: hunter2hunter2 } }
  store: { service: valkey-io-valkey, options: { Password: hunter2hunter2 } }
";

/// How fast the sandbox is: a minute is a third of a second.
const SPEED: &str = "200";

/// So slow that tokens end, and that there is time between two times that are close.
const SLOW: &str = "20";

/// A command, and what there is before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Everything is made.
    Apply,
    /// The same, on a slower platform.
    ApplySlowly,
    /// The password is changed: the queue is updated, the store replaced.
    Change,
    /// Everything is removed.
    Destroy,
    /// Both are suspended, and resumed.
    Resume,
}

impl Stage {
    /// Runs the command under faults: what is said of it agrees with the world, and a run without
    /// them mends it.
    pub(super) fn withstand(self, faults: &'static str, strikes: &str) -> Run {
        let workspace = self.prepared();
        let mut arguments = self.command();
        let speed = if self == Stage::ApplySlowly {
            SLOW
        } else {
            SPEED
        };
        arguments.extend(["-v", "--sandbox-speed", speed]);
        for fault in faults.split(' ') {
            arguments.extend(["--sandbox-fault", fault]);
        }
        let run = workspace.run(&arguments);
        let requests = |line: &&str| line.contains("DEBUG") && !line.contains("struck");
        let told: Vec<&str> = run.stderr.lines().filter(|it| !requests(it)).collect();
        let told = told.join("\n");
        let about = format!("{faults}, {self:?}: exit code {}\n{told}", run.code);
        let name = name_of(faults);
        let struck = format!("sandbox: {name} struck ");
        let mut struck = run.stderr.lines().filter_map(|it| it.split_once(&struck));
        assert!(struck.any(|(_, what)| what.contains(strikes)), "{about}");

        let said = said::of(&run);
        agree(&run, &said, &about);
        let states = states(&workspace);
        for (address, state) in &states {
            let said = said.get(address).copied();
            let fits = self.fits(said, state);
            assert!(
                fits,
                "{address} is said to be {said:?}, and is {state}; {about}"
            );
        }
        if run.code == 0 {
            assert!(self.is_over(&workspace), "{about}");
        }
        let mended = workspace.run(&self.command());
        assert_eq!(mended.code, 0, "{about}\nthen {}", mended.stderr);
        assert!(self.is_over(&workspace), "{about}");
        run
    }

    fn prepared(self) -> Workspace {
        let workspace = Workspace::with(match self {
            Stage::Resume => CACHES,
            _ => STACK,
        });
        if !matches!(self, Stage::Apply | Stage::ApplySlowly) {
            workspace.run(&["apply", "--yes"]).ok();
        }
        if self == Stage::Change {
            workspace.write("osc.yaml", STACK.replace("hunter2", "hunter3"));
        }
        if self == Stage::Resume {
            for cache in ["valkey-io-valkey/queue", "valkey-io-valkey/store"] {
                workspace.run(&["sandbox", "suspend", cache]).ok();
            }
        }
        workspace
    }

    fn command(self) -> Vec<&'static str> {
        match self {
            Stage::Apply | Stage::ApplySlowly | Stage::Change => vec!["apply", "--yes"],
            Stage::Destroy => vec!["destroy", "--yes", "--discard-data", "all"],
            Stage::Resume => {
                let consents = ["instances.queue", "instances.store"];
                let flags = consents.map(|address| ["--discard-data", address]);
                [&["apply", "--yes"], &*flags.concat()].concat()
            }
        }
    }

    /// Whether an instance can be in this state after what was said of it.
    fn fits(self, said: Option<Said>, state: &str) -> bool {
        let there = state != "absent";
        match (self, said) {
            (_, Some(Said::NotRecreated)) => !there,
            (Stage::Apply | Stage::ApplySlowly, said) => {
                there == matches!(said, Some(Said::Done | Said::NotReady))
            }
            (Stage::Destroy, said) => there != (said == Some(Said::Done)),
            (Stage::Change | Stage::Resume, Some(Said::Done)) => state == "running",
            (Stage::Change | Stage::Resume, _) => there,
        }
    }

    /// Whether nothing is left to do.
    fn is_over(self, workspace: &Workspace) -> bool {
        if self == Stage::Destroy {
            return states(workspace).values().all(|state| state == "absent");
        }
        workspace.run(&["plan", "--detailed-exitcode"]).code == 0
    }
}

/// The exit code and the summary follow from what was said of each.
fn agree(run: &Run, said: &BTreeMap<String, Said>, about: &str) {
    let any = |what: Said| said.values().any(|it| *it == what);
    let failed = any(Said::Failed) || any(Said::NotRecreated);
    let fits = match run.code {
        0 => !said.is_empty() && said.values().all(|it| *it == Said::Done),
        1 => !any(Said::Done) && !any(Said::NotReady),
        4 => run.stderr.contains("does not accept the token"),
        6 => any(Said::Stale),
        7 => failed,
        8 => any(Said::NotReady) && !failed,
        _ => false,
    };
    assert!(fits, "{said:?}; {about}");
    if !said.is_empty() {
        let summary = said::summary(said);
        let last = run.stderr.lines().last().unwrap();
        let (_, counts) = last.split_once(' ').unwrap();
        let counts = counts.rsplit_once(" in ").unwrap().0;
        assert_eq!(counts, summary, "{about}");
    }
}

fn states(workspace: &Workspace) -> BTreeMap<String, String> {
    let status = workspace.run(&["status", "--json"]).ok().json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let instances = status["instances"].as_array().unwrap().iter();
    instances
        .map(|it| (text(&it["address"]), text(&it["state"])))
        .collect()
}

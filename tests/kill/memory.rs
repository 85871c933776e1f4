use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use osc_apply::apply::EventKind;
use osc_apply::plan::{Action, Fence, Hold, Plan};
use osc_apply::sandbox::{Cut, Rules, Timing};
use tokio_util::sync::CancellationToken;

use crate::rig::{Id, Platform, Rig, Seen, Stack, Taken, Then, all_data, is_id_of, rendered};

const OPEN_MEDIA_CONVERT: &str = include_str!("../../examples/open-media-convert.yaml");
const WORDPRESS: &str = include_str!("../../examples/wordpress.yaml");

/// A run to be killed, and what was there before.
struct Case {
    before: Option<String>,
    /// Service and name of what the platform suspends then.
    suspended: Option<(&'static str, &'static str)>,
    yaml: String,
    destroys: bool,
}

/// The manifest of an example, without what the rig adds itself.
fn example(text: &str) -> String {
    let lines = text.lines();
    let rest = lines.filter(|line| !line.starts_with("version:") && !line.starts_with("stack:"));
    rest.collect::<Vec<_>>().join("\n")
}

/// A platform that is not too slow: each poll is a request at which everything is done twice.
fn platform() -> Arc<Platform> {
    Platform::new(Rules {
        timing: Timing {
            healthy_after: Duration::from_secs(6),
            ports_after: Duration::from_secs(8),
            delete_takes: Duration::from_secs(2),
            delete_visible_for: Duration::from_secs(4),
            ..Timing::default()
        },
        ..Rules::default()
    })
}

impl Case {
    async fn plan(&self, rig: &Rig) -> Plan {
        match self.destroys {
            true => rig.plan_destroy(&self.yaml, &all_data()).await,
            false => rig.plan_with(&self.yaml, &all_data()).await,
        }
    }

    async fn prepared(&self) -> Rig {
        let rig = Rig::on(&platform());
        if let Some(before) = &self.before {
            rig.up(before).await;
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        if let Some((service, name)) = self.suspended {
            rig.platform.suspend(service, name);
        }
        rig
    }

    /// How many requests an apply sends that nobody kills.
    async fn requests(&self) -> usize {
        let rig = self.prepared().await;
        let plan = self.plan(&rig).await;
        rig.platform.take_seen();
        rig.apply_plan(plan).await.assert_good();
        rig.platform.take_seen().len()
    }

    /// Kills an apply at a request and runs again; how many unready instances that one left as
    /// they are and waited for.
    async fn killed_at(&self, request: usize, taken: Taken) -> usize {
        let rig = self.prepared().await;
        let plan = self.plan(&rig).await;
        let dead = CancellationToken::new();
        let (kill, counted) = (dead.clone(), AtomicUsize::new(0));
        rig.platform.weather(move |_| {
            (counted.fetch_add(1, Ordering::Relaxed) == request).then(|| {
                kill.cancel();
                Then::Cut(Cut::Silent, taken)
            })
        });
        tokio::select! {
            biased;
            () = dead.cancelled() => {}
            _ = rig.apply_plan(plan) => panic!("there is no request {request}"),
        }
        rig.platform.behave();
        self.finished(&Rig::on(&rig.platform)).await
    }

    /// The run after, and what it must leave.
    async fn finished(&self, rig: &Rig) -> usize {
        let mut plan = self.plan(rig).await;
        // Whatever lists none at all may only pretend: a run takes the marks off first.
        for _ in 0..plan.steps.len() {
            if plan.held().any(|(_, hold)| is_emptied(hold)) {
                rig.apply_plan(plan).await.assert_good();
                plan = self.plan(rig).await;
            }
        }
        let at_first = rig.platform.snapshot();
        let timing = *rig.platform.timing();
        // What was made and not marked yet is left as it is, too.
        let kept = plan
            .steps
            .iter()
            .filter(|step| matches!(step.action, Action::Keep | Action::Mark));
        let kept = kept.filter_map(|step| step.instance());
        let unready = kept.filter(|it| !at_first.is_healthy(&id(it), &timing));
        let unready: Vec<String> = unready.map(|it| it.key.clone()).collect();
        rig.platform.take_seen();
        let run = rig.apply_plan(plan).await;
        run.assert_good();
        let waits = |kind: &&EventKind| matches!(kind, EventKind::Waiting(_));
        let waited_for = unready
            .iter()
            .filter(|key| run.kinds(key).iter().any(waits));
        let waited_for = waited_for.count();
        let stack = Stack::of(&self.yaml);
        for seen in rig.platform.take_seen() {
            assert_needs_healthy(&stack, &seen, &timing);
        }
        let declared = stack.desired.instances.values();
        let declared = declared.map(|it| (it.service.id.clone(), it.name.clone()));
        let expected: BTreeSet<Id> = declared.filter(|_| !self.destroys).collect();
        let end = rig.platform.snapshot();
        let left: BTreeSet<Id> = end.ids().filter(|id| end.kept(id).is_some()).collect();
        assert_eq!(left, expected);
        for id in &left {
            assert!(end.is_healthy(id, &timing), "{id:?} is not ready");
        }
        let again = self.plan(rig).await;
        assert!(!again.has_changes(), "{}", rendered(&again));
        waited_for
    }
}

/// Whether a service that listed marked instances lists none any more.
fn is_emptied(hold: &Hold) -> bool {
    matches!(hold, Hold::Fenced(Fence::ListsNone(_)))
}

fn id(target: &osc_apply::plan::InstanceTarget) -> Id {
    (target.service.id.clone(), target.name.clone())
}

/// Whoever is created or changed finds healthy what it needs.
fn assert_needs_healthy(stack: &Stack, seen: &Seen, timing: &Timing) {
    let Some(change) = seen
        .change
        .as_ref()
        .filter(|_| !seen.line.starts_with("DELETE"))
    else {
        return;
    };
    let instances = &stack.desired.instances;
    let changed = instances.values().find(|it| {
        let (service, name) = (&it.service.id, &it.name);
        let last = seen.line.rsplit('/').next().unwrap();
        let named = seen.body.starts_with(&format!(r#"{{"name":"{name}""#));
        seen.line.contains(&format!(" {service} /")) && (named || is_id_of(last, name))
    });
    for need in changed.into_iter().flat_map(|it| it.edges.keys()) {
        let need = &instances[need];
        let id = (need.service.id.clone(), need.name.clone());
        assert!(
            change.before.is_healthy(&id, timing),
            "{id:?} is not healthy at {seen}"
        );
    }
}

fn on_a_paused_clock<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(test)
}

/// Kills at every request and both moments; how many unready instances were waited for.
fn survives_every_kill(case: &Case) -> usize {
    let requests = on_a_paused_clock(case.requests());
    assert!(requests > 10, "{requests}");
    let mut waited_for = 0;
    for request in 0..requests {
        for taken in [Taken::No, Taken::Yes] {
            waited_for += on_a_paused_clock(case.killed_at(request, taken));
        }
    }
    waited_for
}

#[test]
fn a_first_apply() {
    let waited_for = survives_every_kill(&Case {
        before: None,
        yaml: example(OPEN_MEDIA_CONVERT),
        suspended: None,
        destroys: false,
    });
    // What was created before the kill and is not healthy yet is left as it is, and waited for.
    assert!(waited_for > 0);
}

#[test]
fn a_first_apply_that_waits_for_ports() {
    let waited_for = survives_every_kill(&Case {
        before: None,
        yaml: example(WORDPRESS),
        suspended: None,
        destroys: false,
    });
    assert!(waited_for > 0);
}

#[test]
fn an_apply_that_updates() {
    let before = example(OPEN_MEDIA_CONVERT);
    let waited_for = survives_every_kill(&Case {
        yaml: before
            .replace("RootUser: ${secrets.minio_user}", "RootUser: changed")
            .replace("s3Bucket: profiles", "s3Bucket: changed"),
        before: Some(before),
        suspended: None,
        destroys: false,
    });
    assert!(waited_for > 0);
}

#[test]
fn an_apply_that_replaces() {
    let before = example(WORDPRESS);
    survives_every_kill(&Case {
        yaml: before.replace("Database: wordpress", "Database: changed"),
        before: Some(before),
        suspended: None,
        destroys: false,
    });
}

/// Two of one service, so that it is subscribed to while one of them is suspended.
const TWINS: &str = "
instances:
  c: { service: eyevinn-test-adserver }
  d: { service: eyevinn-test-adserver }
";

#[test]
fn an_apply_that_resumes() {
    for yaml in [
        TWINS,
        "instances: { c: { service: eyevinn-test-adserver } }",
    ] {
        survives_every_kill(&Case {
            before: Some(yaml.to_owned()),
            suspended: Some(("eyevinn-test-adserver", "c")),
            yaml: yaml.to_owned(),
            destroys: false,
        });
    }
}

#[test]
fn a_destroy() {
    let yaml = example(OPEN_MEDIA_CONVERT);
    survives_every_kill(&Case {
        before: Some(yaml.clone()),
        yaml,
        suspended: None,
        destroys: true,
    });
}

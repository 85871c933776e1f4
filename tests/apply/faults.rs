use osc_apply::apply::Fate;
use osc_apply::plan;
use osc_apply::sandbox::{FaultKind, Faults};

use crate::rig::{Rig, Run, Stack, all_data};

const STACK: &str = "
instances:
  a: { service: valkey-io-valkey, options: { Password: onecanary } }
  b: { service: eyevinn-live-encoding, options: { InputUrl: '${instances.a.address}' } }
  c: { service: encore }
";

fn edited() -> String {
    STACK.replace("onecanary", "twocanary")
}

/// Applies as far as the platform lets itself be read.
async fn try_apply(rig: &Rig, yaml: &str) -> Option<Run> {
    let stack = Stack::of(yaml);
    let live = rig.live(&stack).await.ok()?;
    let plan = plan::plan(&stack.desired, &live, &all_data(), &stack.sources).ok()?;
    Some(rig.apply_plan(plan).await)
}

async fn try_destroy(rig: &Rig, yaml: &str) -> Option<Run> {
    let stack = Stack::of(yaml);
    let live = rig.live(&stack).await.ok()?;
    Some(
        rig.apply_plan(plan::destroy(&stack.desired, &live, &all_data()))
            .await,
    )
}

fn succeeded(run: &Option<Run>) -> bool {
    let fates = run.iter().flat_map(|run| &run.outcome.results);
    let mut fates = fates.map(|result| &result.fate);
    run.is_some() && fates.all(|fate| matches!(fate, Fate::Applied | Fate::AlreadySo | Fate::Kept))
}

/// Whether a run that says it succeeded did, and whether the next one mends the rest; how many
/// requests were struck.
async fn withstands(kind: &FaultKind) -> Result<u32, &'static str> {
    let rig = Rig::new();
    let fault = || Faults::new([kind.name.parse().unwrap()], 0);
    let mut struck = 0;
    let check = |good, what| if good { Ok(()) } else { Err(what) };
    for (yaml, what) in [(STACK, "create"), (&*edited(), "update")] {
        rig.platform.suffer(fault());
        let run = try_apply(&rig, yaml).await;
        struck += rig.platform.struck();
        rig.platform.behave();
        check(
            !succeeded(&run) || !rig.plan(yaml).await.has_changes(),
            what,
        )?;
        let mended = Some(rig.apply(yaml).await);
        check(
            succeeded(&mended) && !rig.plan(yaml).await.has_changes(),
            what,
        )?;
    }
    rig.platform.suffer(fault());
    let run = try_destroy(&rig, STACK).await;
    struck += rig.platform.struck();
    rig.platform.behave();
    let left = rig.plan_destroy(STACK, &all_data()).await;
    check(!succeeded(&run) || !left.has_changes(), "destroy")?;
    let mended = Some(rig.destroy(STACK).await);
    let left = rig.plan_destroy(STACK, &all_data()).await;
    check(succeeded(&mended) && !left.has_changes(), "destroy")?;
    Ok(struck)
}

/// The kinds that have nothing to strike here; tests/cli has commands for most.
const SPARED: &[&str] = &[
    // No name is taken, nothing is suspended, nothing is ever restarted.
    "name-taken",
    "resume-leaves-record",
    "restart-ignored",
    // Nobody signs in, and no sign-in is renewed.
    "grant-lost-after",
    "grant-503",
    "refresh-refused",
    "refresh-withheld",
    "refresh-kept",
];

#[tokio::test(start_paused = true)]
async fn under_every_fault_success_is_true_and_the_next_run_mends_the_rest() {
    let mut not_withstood = Vec::new();
    for kind in FaultKind::all() {
        match withstands(kind).await {
            Err(what) => not_withstood.push((kind.name, what)),
            Ok(struck) if (struck == 0) != SPARED.contains(&kind.name) => {
                not_withstood.push((kind.name, "strikes"));
            }
            Ok(_) => {}
        }
    }
    assert_eq!(not_withstood, []);
}

use osc_apply::apply::{Fate, StepResult};
use osc_apply::plan;
use osc_apply::sandbox::{FaultKind, Faults};

use crate::rig::{Rig, Run, Stack, all_data};

const STACK: &str = "
instances:
  a: { service: valkey-io-valkey, options: { Password: onecanary } }
  b: { service: eyevinn-live-encoding, options: { InputUrl: '${instances.a.address}' } }
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

fn results(run: &Option<Run>) -> Option<&Vec<StepResult>> {
    run.as_ref().map(|run| &run.outcome.results)
}

#[tokio::test(start_paused = true)]
async fn under_every_fault_success_is_true_and_the_next_run_mends_the_rest() {
    for kind in FaultKind::all() {
        let rig = Rig::new();
        let fault = || Faults::new([kind.name.parse().unwrap()], 0);
        for yaml in [STACK, &edited()] {
            rig.platform.suffer(fault());
            let run = try_apply(&rig, yaml).await;
            rig.platform.behave();
            if succeeded(&run) {
                assert!(
                    !rig.plan(yaml).await.has_changes(),
                    "{} {:#?}",
                    kind.name,
                    results(&run)
                );
            }
            rig.apply(yaml).await.assert_good();
            assert!(!rig.plan(yaml).await.has_changes(), "{}", kind.name);
        }
        rig.platform.suffer(fault());
        let run = try_destroy(&rig, STACK).await;
        rig.platform.behave();
        if succeeded(&run) {
            let left = rig.plan_destroy(STACK, &all_data()).await;
            assert!(!left.has_changes(), "{} {:#?}", kind.name, results(&run));
        }
        rig.destroy(STACK).await.assert_good();
        assert!(!rig.plan_destroy(STACK, &all_data()).await.has_changes());
    }
}

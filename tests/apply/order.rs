use std::time::Duration;

use osc_apply::osc::Class;

use crate::rig::{Rig, Seen, Then};
use crate::{DIAMOND, SECOND, applied, skipped_because_of, span};

#[tokio::test(start_paused = true)]
async fn a_step_starts_when_what_it_needs_runs_and_waits_for_nothing_else() {
    let rig = Rig::new();
    let run = rig.apply(DIAMOND).await;
    run.assert_good();
    let base = span(&rig, "POST valkey-io-valkey");
    let left = span(&rig, "POST encore");
    let right = span(&rig, "POST eyevinn-live-encoding");
    let top = span(&rig, "POST eyevinn-qr-generator");
    let alone = span(&rig, "POST eyevinn-test-adserver");
    // It has loaded 28 s after it was made; the host of the encoder is open after 42 s.
    let usable = 26 * SECOND;
    assert!(alone.0 < base.1, "independent instances start at once");
    assert!(left.0 >= base.1 + usable && left.0 < base.1 + usable + 2 * SECOND);
    assert!(right.0 < left.1 && left.0 < right.1, "siblings overlap");
    assert!(top.0 >= left.1 + 40 * SECOND);
    assert!(!rig.plan(DIAMOND).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn at_most_four_changes_are_under_way_at_once_and_waits_do_not_count() {
    let rig = Rig::new();
    let keys = (0..12).map(|n| format!("  k{n}: {{ service: eyevinn-test-adserver }}\n"));
    let yaml = format!("instances:\n{}", keys.collect::<String>());
    let run = rig.apply(&yaml).await;
    run.assert_good();
    let seen = rig.platform.take_seen();
    let posts: Vec<&Seen> = seen
        .iter()
        .filter(|seen| seen.line.starts_with("POST eyevinn"))
        .collect();
    assert_eq!(posts.len(), 12);
    let under_way = |at: Duration| {
        let open = posts
            .iter()
            .filter(|it| it.from <= at && at < it.to.unwrap());
        open.count()
    };
    assert_eq!(posts.iter().map(|it| under_way(it.from)).max(), Some(4));
    // Three rounds of two seconds and one wait of twenty, not three waits.
    assert!(run.outcome.took < 28 * SECOND, "{:?}", run.outcome.took);
}

#[tokio::test(start_paused = true)]
async fn a_failed_change_stops_its_dependants_only_and_each_names_the_root() {
    let rig = Rig::new();
    rig.platform.always(
        "POST encore /encoreinstance",
        Then::reason(403, "Too many instances"),
    );
    let yaml = format!(
        "{DIAMOND}  further: {{ service: encore, name: f, depends_on: [instances.top] }}\n"
    );
    let run = rig.apply(&yaml).await;
    let failure = run.failure("left");
    assert_eq!(failure.class, Some(Class::Limit));
    assert!(failure.message.contains("Too many instances"));
    assert!(skipped_because_of(&run, "top", "left"));
    assert!(skipped_because_of(&run, "further", "left"));
    for key in ["base", "right", "alone"] {
        assert!(applied(run.fate(key)), "{key}");
    }
    assert_eq!(rig.platform.count("POST encore"), 1, "a refusal is final");
    rig.platform.behave();
    rig.apply(&yaml).await.assert_good();
    assert!(!rig.plan(&yaml).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_bug_in_one_step_does_not_lose_the_others() {
    let rig = Rig::new();
    rig.platform
        .always("POST encore /encoreinstance", Then::Panic);
    let run = rig.apply(DIAMOND).await;
    assert!(run.failure("left").message.contains("bug"));
    assert!(skipped_because_of(&run, "top", "left"));
    assert!(applied(run.fate("right")) && applied(run.fate("alone")));
}

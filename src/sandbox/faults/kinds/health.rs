//! Health (API notes 6.7, 7).

use std::time::Duration;

use crate::sandbox::faults::answers;
use crate::sandbox::faults::kind::{Effect, FaultKind, Span};
use crate::sandbox::faults::subject::Act;

const HEALTH: &[Act] = &[Act::Health];

/// The kinds, in the order in which they are listed.
pub(super) const KINDS: &[FaultKind] = &[
    FaultKind::new(
        "health-stuck",
        "health stays `starting`, with `for` only so long",
        HEALTH,
        Effect::Rewritten(answers::starting),
    )
    .always()
    .lasting(Span::SinceStarted(None)),
    FaultKind::new(
        "health-failed",
        "health says `failed` and the log says why",
        &[Act::Health, Act::Logs],
        Effect::Failed,
    )
    .always()
    .lasting(Span::SinceStarted(None)),
    FaultKind::new(
        "health-unknown",
        "health says `unknown`",
        HEALTH,
        Effect::Rewritten(answers::unknown),
    )
    .always()
    .lasting(Span::SinceStarted(Some(Duration::from_secs(30)))),
    FaultKind::new(
        "health-job-condition",
        "health says `SuccessCriteriaMet`, a condition of Kubernetes",
        HEALTH,
        Effect::Rewritten(answers::job_condition),
    ),
    FaultKind::new(
        "health-404",
        "health is answered by 404 `{reason}`",
        HEALTH,
        Effect::Instead(answers::no_health),
    ),
];

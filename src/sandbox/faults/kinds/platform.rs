//! The platform as a whole (API notes 13.4, 13.5).

use std::time::Duration;

use crate::sandbox::answer::Cut;
use crate::sandbox::faults::answers;
use crate::sandbox::faults::kind::{Effect, FaultKind, Span};
use crate::sandbox::faults::subject::Act;

const EVERYTHING: &[Act] = &[
    Act::List,
    Act::Read,
    Act::Health,
    Act::Logs,
    Act::Ports,
    Act::Create,
    Act::Patch,
    Act::Delete,
    Act::Restart,
    Act::Scale,
    Act::RoleRead,
    Act::RoleChange,
    Act::IssueToken,
    Act::AppRead,
    Act::AppChange,
    Act::Exchange,
    Act::Refresh,
    Act::Visit,
];

/// The kinds, in the order in which they are listed.
pub(super) const KINDS: &[FaultKind] = &[
    FaultKind::new(
        "rate-limit",
        "a request is answered by 429, with `retry-after` seconds if given",
        EVERYTHING,
        Effect::Instead(answers::too_many),
    )
    .with("retry-after"),
    FaultKind::new(
        "slow",
        "an answer comes `for` later",
        EVERYTHING,
        Effect::Late,
    )
    .lasting(Span::Measure(Duration::from_secs(10))),
    FaultKind::new(
        "hang",
        "a request takes no effect and is never answered",
        EVERYTHING,
        Effect::InsteadCut(Cut::Silent),
    ),
    FaultKind::new(
        "maintenance",
        "everything is answered by a 503 page for `for`",
        EVERYTHING,
        Effect::Instead(answers::page::<503>),
    )
    .always()
    .lasting(Span::SinceMet(Duration::from_secs(30))),
];

//! Creating (API notes 6.2, 6.5, 13.3, 13.4).

use std::time::Duration;

use crate::sandbox::answer::Cut;
use crate::sandbox::faults::answers;
use crate::sandbox::faults::kind::{Effect, FaultKind, Span};
use crate::sandbox::faults::subject::Act;

const CREATES: &[Act] = &[Act::Create];

/// The kinds, in the order in which they are listed.
pub(super) const KINDS: &[FaultKind] = &[
    FaultKind::new(
        "create-504",
        "a create takes effect, is answered by the gateway's 504 page, and shows only after `for`",
        CREATES,
        Effect::Hidden,
    )
    .lasting(Span::Measure(Duration::from_secs(60))),
    FaultKind::new(
        "create-lost-before",
        "the connection drops before a create took effect",
        CREATES,
        Effect::InsteadCut(Cut::Dropped),
    ),
    FaultKind::new(
        "create-lost-after",
        "the connection drops after a create took effect",
        CREATES,
        Effect::AfterwardsCut(Cut::Dropped),
    ),
    FaultKind::new(
        "create-500",
        "a create is refused by 500 `context deadline exceeded`",
        CREATES,
        Effect::Instead(answers::deadline_exceeded),
    ),
    FaultKind::new(
        "create-unavailable",
        "a create is refused by 503 `ORCHESTRATOR_UNAVAILABLE`",
        CREATES,
        Effect::Instead(answers::orchestrator_unavailable),
    ),
    FaultKind::new(
        "create-auth-transient",
        "a create is refused by 500 `ORCHESTRATOR_AUTH_TRANSIENT`",
        CREATES,
        Effect::Instead(answers::orchestrator_auth_transient),
    ),
    FaultKind::new(
        "name-taken",
        "a name that is taken is refused with `status` (409, 400 or 500)",
        CREATES,
        Effect::Rewritten(answers::taken_as),
    )
    .always()
    .with("status"),
    FaultKind::new(
        "name-taken-falsely",
        "a create is refused because of its name, which is free; with `status`",
        CREATES,
        Effect::Instead(answers::name_taken),
    )
    .with("status"),
    FaultKind::new(
        "limit",
        "a create is refused by 403 and the plan's limit",
        CREATES,
        Effect::Instead(answers::limit),
    )
    .always(),
];

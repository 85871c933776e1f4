//! Reads that flap (API notes 6.2, 13.4).

use crate::sandbox::faults::answers;
use crate::sandbox::faults::kind::{Effect, FaultKind};
use crate::sandbox::faults::subject::Act;

const READS: &[Act] = &[
    Act::List,
    Act::Read,
    Act::Health,
    Act::Logs,
    Act::Ports,
    Act::RoleRead,
    Act::AppRead,
];
const SERVICE_READS: &[Act] = &[Act::List, Act::Read, Act::Health, Act::Logs, Act::Ports];

/// The kinds, in the order in which they are listed.
pub(super) const KINDS: &[FaultKind] = &[
    FaultKind::new(
        "read-401",
        "a read is answered by nginx's 401 page",
        SERVICE_READS,
        Effect::Instead(answers::page::<401>),
    ),
    FaultKind::new(
        "read-502",
        "a read is answered by a 502 page",
        READS,
        Effect::Instead(answers::page::<502>),
    ),
    FaultKind::new(
        "read-503",
        "a read is answered by a 503 page",
        READS,
        Effect::Instead(answers::page::<503>),
    ),
    FaultKind::new(
        "read-504",
        "a read is answered by a 504 page",
        READS,
        Effect::Instead(answers::page::<504>),
    ),
    FaultKind::new(
        "read-html-404",
        "a read is answered by a 404 page",
        SERVICE_READS,
        Effect::Instead(answers::page::<404>),
    ),
    FaultKind::new(
        "read-route-404",
        "a read is answered by `Route … not found`",
        SERVICE_READS,
        Effect::Instead(answers::route_not_found),
    ),
    FaultKind::new(
        "read-absent",
        "an instance that is there is read as 404 `{reason}`",
        &[Act::Read],
        Effect::Rewritten(answers::absent),
    ),
    FaultKind::new(
        "read-truncated",
        "a read's JSON is cut in the middle",
        READS,
        Effect::Rewritten(answers::truncated),
    ),
    FaultKind::new(
        "read-garbled",
        "a read's JSON is none, though its content type says so",
        READS,
        Effect::Rewritten(answers::garbled),
    ),
    FaultKind::new(
        "read-reason",
        "a read is answered by 200 and nothing but `{reason}`",
        READS,
        Effect::Instead(answers::reason_in_success),
    ),
    FaultKind::new(
        "read-empty",
        "a read is answered by 200 and nothing",
        READS,
        Effect::Rewritten(answers::empty),
    ),
];

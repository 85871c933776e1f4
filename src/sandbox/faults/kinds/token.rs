//! Tokens (API notes 3, 5).

use std::time::Duration;

use crate::sandbox::faults::answers;
use crate::sandbox::faults::kind::{Effect, FaultKind, Span};
use crate::sandbox::faults::subject::Act;

const SERVICE: &[Act] = &[
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
];
const ROLES: &[Act] = &[Act::RoleRead, Act::RoleChange, Act::IssueToken];
const TOKENS: &[Act] = &[Act::IssueToken];

/// The kinds, in the order in which they are listed.
pub(super) const KINDS: &[FaultKind] = &[
    FaultKind::new(
        "token-short",
        "service tokens are good for `for` only, and say so",
        TOKENS,
        Effect::ShortLived { admitted: true },
    )
    .always()
    .lasting(Span::Measure(Duration::from_secs(30))),
    FaultKind::new(
        "token-expired",
        "service tokens end after `for`, long before they say",
        TOKENS,
        Effect::ShortLived { admitted: false },
    )
    .always()
    .lasting(Span::Measure(Duration::from_secs(30))),
    FaultKind::new(
        "token-refused",
        "a good service token is refused by nginx's 401 page",
        SERVICE,
        Effect::Unauthorised,
    ),
    FaultKind::new(
        "token-refused-json",
        "a good service token is refused by 401 `{reason}`",
        SERVICE,
        Effect::Instead(answers::unauthorized),
    ),
    FaultKind::new(
        "pat-refused",
        "a good access token is refused: by 500 `FST_ERR_FAILED_ERROR_SERIALIZATION` at the catalog",
        ROLES,
        Effect::Unauthorised,
    ),
];

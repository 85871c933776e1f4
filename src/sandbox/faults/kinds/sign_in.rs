//! Signing in, and staying signed in (API notes 2.3).

use crate::sandbox::answer::Cut;
use crate::sandbox::faults::answers;
use crate::sandbox::faults::kind::{Effect, FaultKind};
use crate::sandbox::faults::subject::Act;

const GRANTS: &[Act] = &[Act::Exchange, Act::Refresh];

/// The kinds, in the order in which they are listed.
pub(super) const KINDS: &[FaultKind] = &[
    FaultKind::new(
        "grant-lost-after",
        "the connection drops after a code or refresh token was spent",
        GRANTS,
        Effect::AfterwardsCut(Cut::Dropped),
    ),
    FaultKind::new(
        "grant-503",
        "a code or refresh token is answered by a 503 page, and not spent",
        GRANTS,
        Effect::Instead(answers::page::<503>),
    ),
    FaultKind::new(
        "refresh-refused",
        "a good refresh token is refused by `invalid_grant`",
        &[Act::Refresh],
        Effect::Instead(answers::invalid_grant),
    ),
    FaultKind::new(
        "refresh-withheld",
        "a sign-in comes without a refresh token",
        &[Act::Exchange],
        Effect::Rewritten(answers::without_refresh_token),
    ),
    FaultKind::new(
        "refresh-kept",
        "a refresh brings no new refresh token, and the old one stays good",
        &[Act::Refresh],
        Effect::Quirky(|quirks| quirks.refresh_keeps_token = true),
    )
    .always(),
];

//! The first seconds of an endpoint (API notes 13.2).

use std::time::Duration;

use crate::sandbox::answer::Cut;
use crate::sandbox::faults::answers;
use crate::sandbox::faults::kind::{Effect, FaultKind, Span};
use crate::sandbox::faults::subject::Act;

const CONNECT: &[Act] = &[Act::Connect];

/// The kinds, in the order in which they are listed.
pub(super) const KINDS: &[FaultKind] = &[
    FaultKind::new(
        "endpoint-unreachable",
        "no connection to a new instance's host for `for`",
        CONNECT,
        Effect::InsteadCut(Cut::Refused),
    )
    .always()
    .lasting(Span::SinceCreated(Some(Duration::from_secs(60)))),
    FaultKind::new(
        "endpoint-untrusted",
        "a new instance's host shows a certificate nobody trusts for `for`",
        CONNECT,
        Effect::InsteadCut(Cut::Untrusted),
    )
    .always()
    .lasting(Span::SinceCreated(Some(Duration::from_secs(60)))),
    FaultKind::new(
        "endpoint-401",
        "a new instance's host refuses good tokens by nginx's 401 page for `for`",
        &[Act::Visit],
        Effect::Instead(answers::page::<401>),
    )
    .always()
    .lasting(Span::SinceCreated(Some(Duration::from_secs(60)))),
];

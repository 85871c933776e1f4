//! Ports (API notes 6.8).

use std::time::Duration;

use crate::sandbox::faults::answers;
use crate::sandbox::faults::kind::{Effect, FaultKind, Span};
use crate::sandbox::faults::subject::Act;

const PORTS: &[Act] = &[Act::Ports];

/// The kinds, in the order in which they are listed.
pub(super) const KINDS: &[FaultKind] = &[
    FaultKind::new(
        "ports-late",
        "the ports of an instance are not listed for `for`",
        PORTS,
        Effect::Rewritten(answers::no_ports),
    )
    .always()
    .lasting(Span::SinceCreated(Some(Duration::from_secs(60)))),
    FaultKind::new(
        "ports-change",
        "an instance has moved to another address when its ports are read",
        PORTS,
        Effect::Moved,
    ),
];

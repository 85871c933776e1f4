//! Any change (API notes 13.3, 13.4, 6.6).

use std::time::Duration;

use crate::sandbox::answer::Cut;
use crate::sandbox::faults::answers;
use crate::sandbox::faults::kind::{Effect, FaultKind, Span};
use crate::sandbox::faults::subject::Act;

const CHANGES: &[Act] = &[
    Act::Create,
    Act::Patch,
    Act::Delete,
    Act::Restart,
    Act::Scale,
    Act::RoleChange,
    Act::AppChange,
    Act::Exchange,
    Act::Refresh,
];

/// The kinds, in the order in which they are listed.
pub(super) const KINDS: &[FaultKind] = &[
    FaultKind::new(
        "drop-before",
        "the connection drops before a change took effect",
        CHANGES,
        Effect::InsteadCut(Cut::Dropped),
    ),
    FaultKind::new(
        "drop-after",
        "the connection drops after a change took effect",
        CHANGES,
        Effect::AfterwardsCut(Cut::Dropped),
    ),
    FaultKind::new(
        "hang-after",
        "a change takes effect and is never answered",
        CHANGES,
        Effect::AfterwardsCut(Cut::Silent),
    ),
    FaultKind::new(
        "gateway-timeout",
        "a change takes effect and is answered by the gateway's 504 page",
        CHANGES,
        Effect::Afterwards(answers::page::<504>),
    ),
    FaultKind::new(
        "change-echo",
        "a change is refused by 400 and a reason that quotes what was sent",
        CHANGES,
        Effect::Quoted,
    ),
    FaultKind::new(
        "patch-ignored",
        "a PATCH is answered as if it were kept, and is not",
        &[Act::Patch],
        Effect::Forgotten,
    ),
    FaultKind::new(
        "restart-ignored",
        "a restart is answered as if it were done, and is not",
        &[Act::Restart],
        Effect::Forgotten,
    ),
    FaultKind::new(
        "delete-lingers",
        "a deleted instance is shown for `for` longer",
        &[Act::Delete],
        Effect::Lingering,
    )
    .lasting(Span::Measure(Duration::from_secs(60))),
    FaultKind::new(
        "resume-leaves-record",
        "a resumed instance stays listed as suspended",
        &[Act::RoleChange],
        Effect::Quirky(|quirks| quirks.resume_leaves_record = true),
    )
    .always(),
    FaultKind::new(
        "overlaps-lose-records",
        "creating, deleting or resuming while another such call is under way loses a suspended \
         instance",
        &[Act::RoleChange, Act::Create, Act::Delete],
        Effect::Quirky(|quirks| quirks.overlaps_lose_records = true),
    )
    .always(),
];

//! Every kind of fault.

use std::time::Duration;

use super::answers;
use super::kind::{Effect, FaultKind, Span};
use super::subject::Act;
use crate::sandbox::answer::Cut;

const CREATES: &[Act] = &[Act::Create];
const CHANGES: &[Act] = &[
    Act::Create,
    Act::Patch,
    Act::Delete,
    Act::Restart,
    Act::Scale,
    Act::RoleChange,
];
const READS: &[Act] = &[
    Act::List,
    Act::Read,
    Act::Health,
    Act::Logs,
    Act::Ports,
    Act::RoleRead,
];
const SERVICE_READS: &[Act] = &[Act::List, Act::Read, Act::Health, Act::Logs, Act::Ports];
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
const CATALOG: &[Act] = &[Act::RoleRead, Act::RoleChange];
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
    Act::Visit,
];
const TOKENS: &[Act] = &[Act::IssueToken];
const HEALTH: &[Act] = &[Act::Health];
const PORTS: &[Act] = &[Act::Ports];
const CONNECT: &[Act] = &[Act::Connect];

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

use Effect::{Afterwards, AfterwardsCut, Instead, InsteadCut, Rewritten};
use FaultKind as K;

/// Every kind, by what it is about.
pub(super) const TABLE: &[FaultKind] = &[
    // Creating (API notes 6.2, 6.5, 13.3, 13.4).
    K::new(
        "create-504",
        "a create takes effect, is answered by the gateway's 504 page, and shows only after `for`",
        CREATES,
        Effect::Hidden,
    )
    .lasting(Span::Measure(seconds(60))),
    K::new(
        "create-lost-before",
        "the connection drops before a create took effect",
        CREATES,
        InsteadCut(Cut::Dropped),
    ),
    K::new(
        "create-lost-after",
        "the connection drops after a create took effect",
        CREATES,
        AfterwardsCut(Cut::Dropped),
    ),
    K::new(
        "create-500",
        "a create is refused by 500 `context deadline exceeded`",
        CREATES,
        Instead(answers::deadline_exceeded),
    ),
    K::new(
        "create-unavailable",
        "a create is refused by 503 `ORCHESTRATOR_UNAVAILABLE`",
        CREATES,
        Instead(answers::orchestrator_unavailable),
    ),
    K::new(
        "create-auth-transient",
        "a create is refused by 500 `ORCHESTRATOR_AUTH_TRANSIENT`",
        CREATES,
        Instead(answers::orchestrator_auth_transient),
    ),
    K::new(
        "name-taken",
        "a name that is taken is refused with `status` (409, 400 or 500)",
        CREATES,
        Rewritten(answers::taken_as),
    )
    .always()
    .with("status"),
    K::new(
        "name-taken-falsely",
        "a create is refused because of its name, which is free; with `status`",
        CREATES,
        Instead(answers::name_taken),
    )
    .with("status"),
    K::new(
        "limit",
        "a create is refused by 403 and the plan's limit",
        CREATES,
        Instead(answers::limit),
    )
    .always(),
    // Any change (API notes 13.3, 13.4, 6.6).
    K::new(
        "drop-before",
        "the connection drops before a change took effect",
        CHANGES,
        InsteadCut(Cut::Dropped),
    ),
    K::new(
        "drop-after",
        "the connection drops after a change took effect",
        CHANGES,
        AfterwardsCut(Cut::Dropped),
    ),
    K::new(
        "gateway-timeout",
        "a change takes effect and is answered by the gateway's 504 page",
        CHANGES,
        Afterwards(answers::page::<504>),
    ),
    K::new(
        "patch-ignored",
        "a PATCH is answered as if it were kept, and is not",
        &[Act::Patch],
        Effect::Forgotten,
    ),
    K::new(
        "restart-ignored",
        "a restart is answered as if it were done, and is not",
        &[Act::Restart],
        Effect::Forgotten,
    ),
    K::new(
        "delete-lingers",
        "a deleted instance is shown for `for` longer",
        &[Act::Delete],
        Effect::Lingering,
    )
    .lasting(Span::Measure(seconds(60))),
    // Reads that flap (API notes 6.2, 13.4).
    K::new(
        "read-401",
        "a read is answered by nginx's 401 page",
        SERVICE_READS,
        Instead(answers::page::<401>),
    ),
    K::new(
        "read-502",
        "a read is answered by a 502 page",
        READS,
        Instead(answers::page::<502>),
    ),
    K::new(
        "read-503",
        "a read is answered by a 503 page",
        READS,
        Instead(answers::page::<503>),
    ),
    K::new(
        "read-504",
        "a read is answered by a 504 page",
        READS,
        Instead(answers::page::<504>),
    ),
    K::new(
        "read-html-404",
        "a read is answered by a 404 page",
        SERVICE_READS,
        Instead(answers::page::<404>),
    ),
    K::new(
        "read-route-404",
        "a read is answered by `Route … not found`",
        SERVICE_READS,
        Instead(answers::route_not_found),
    ),
    K::new(
        "read-absent",
        "an instance that is there is read as 404 `{reason}`",
        &[Act::Read],
        Rewritten(answers::absent),
    ),
    K::new(
        "read-truncated",
        "a read's JSON is cut in the middle",
        READS,
        Rewritten(answers::truncated),
    ),
    K::new(
        "read-garbled",
        "a read's JSON is none, though its content type says so",
        READS,
        Rewritten(answers::garbled),
    ),
    K::new(
        "read-reason",
        "a read is answered by 200 and nothing but `{reason}`",
        READS,
        Instead(answers::reason_in_success),
    ),
    K::new(
        "read-empty",
        "a read is answered by 200 and nothing",
        READS,
        Rewritten(answers::empty),
    ),
    // Tokens (API notes 3, 5).
    K::new(
        "token-short",
        "service tokens are good for `for` only, and say so",
        TOKENS,
        Effect::ShortLived { admitted: true },
    )
    .always()
    .lasting(Span::Measure(seconds(30))),
    K::new(
        "token-expired",
        "service tokens end after `for`, long before they say",
        TOKENS,
        Effect::ShortLived { admitted: false },
    )
    .always()
    .lasting(Span::Measure(seconds(30))),
    K::new(
        "token-refused",
        "a good service token is refused by nginx's 401 page",
        SERVICE,
        Instead(answers::page::<401>),
    ),
    K::new(
        "token-refused-json",
        "a good service token is refused by 401 `{reason}`",
        SERVICE,
        Instead(answers::unauthorized),
    ),
    K::new(
        "pat-refused",
        "the catalog refuses a good access token with 500 `FST_ERR_FAILED_ERROR_SERIALIZATION`",
        CATALOG,
        Instead(answers::access_token_refused),
    ),
    // Health (API notes 6.7, 7).
    K::new(
        "health-stuck",
        "health stays `starting`, with `for` only so long",
        HEALTH,
        Rewritten(answers::starting),
    )
    .always()
    .lasting(Span::SinceStarted(None)),
    K::new(
        "health-failed",
        "health says `failed` and the log says why",
        &[Act::Health, Act::Logs],
        Effect::Failed,
    )
    .always()
    .lasting(Span::SinceStarted(None)),
    K::new(
        "health-unknown",
        "health says `unknown`",
        HEALTH,
        Rewritten(answers::unknown),
    )
    .always()
    .lasting(Span::SinceStarted(Some(seconds(30)))),
    K::new(
        "health-job-condition",
        "health says `SuccessCriteriaMet`, a condition of Kubernetes",
        HEALTH,
        Rewritten(answers::job_condition),
    ),
    K::new(
        "health-404",
        "health is answered by 404 `{reason}`",
        HEALTH,
        Instead(answers::no_health),
    ),
    // The first seconds of an endpoint (API notes 13.2).
    K::new(
        "endpoint-unreachable",
        "no connection to a new instance's host for `for`",
        CONNECT,
        InsteadCut(Cut::Refused),
    )
    .always()
    .lasting(Span::SinceCreated(Some(seconds(60)))),
    K::new(
        "endpoint-untrusted",
        "a new instance's host shows a certificate nobody trusts for `for`",
        CONNECT,
        InsteadCut(Cut::Untrusted),
    )
    .always()
    .lasting(Span::SinceCreated(Some(seconds(60)))),
    K::new(
        "endpoint-401",
        "a new instance's host refuses good tokens by nginx's 401 page for `for`",
        &[Act::Visit],
        Instead(answers::page::<401>),
    )
    .always()
    .lasting(Span::SinceCreated(Some(seconds(60)))),
    // Ports (API notes 6.8).
    K::new(
        "ports-late",
        "the ports of an instance are not listed for `for`",
        PORTS,
        Rewritten(answers::no_ports),
    )
    .always()
    .lasting(Span::SinceCreated(Some(seconds(120)))),
    K::new(
        "ports-change",
        "an instance has moved to another address when its ports are read",
        PORTS,
        Effect::Moved,
    ),
    // The platform as a whole (API notes 13.4, 13.5).
    K::new(
        "rate-limit",
        "a request is answered by 429, with `retry-after` seconds if given",
        EVERYTHING,
        Instead(answers::too_many),
    )
    .with("retry-after"),
    K::new(
        "slow",
        "an answer comes `for` later",
        EVERYTHING,
        Effect::Late,
    )
    .lasting(Span::Measure(seconds(10))),
    K::new(
        "hang",
        "a request takes no effect and is never answered",
        EVERYTHING,
        InsteadCut(Cut::Silent),
    ),
    K::new(
        "maintenance",
        "everything is answered by a 503 page for `for`",
        EVERYTHING,
        Instead(answers::page::<503>),
    )
    .always()
    .lasting(Span::SinceMet(seconds(30))),
];

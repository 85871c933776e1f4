use std::time::Duration;

use super::draft::Draft;
use crate::manifest::Ready;
use crate::model::{Diagnostic, Diagnostics, Level, Readiness};
use crate::probe;

const DEFAULT_LIMIT: Duration = Duration::from_secs(600);

/// When an instance counts as ready; whoever says what usable means asks for it.
pub(super) fn readiness(written: Option<&Ready>) -> Readiness {
    let probe = written.and_then(|ready| ready.probe.clone());
    let level = written.and_then(|ready| Some(ready.level.as_ref()?.value));
    let timeout = written.and_then(|ready| Some(ready.timeout.as_ref()?.value));
    Readiness {
        level: level.or(probe.as_ref().map(|_| Level::Usable)),
        limit: timeout.unwrap_or(DEFAULT_LIMIT),
        probe,
    }
}

/// Reports a wish for `usable` where nobody can tell what that is.
pub(super) fn check(draft: &Draft<'_>, found: &mut Diagnostics) {
    let (Some(ready), Some(service)) = (&draft.written.ready, &draft.service) else {
        return;
    };
    if ready.probe.is_some() || probe::is_known(&service.id) {
        return;
    }
    if let Some(level) = ready
        .level
        .as_ref()
        .filter(|level| level.value == Level::Usable)
    {
        let message = format!(
            "osc-apply does not know what shows that {} works",
            service.id
        );
        let help = "say it beside the level, with `http: { path: /health }` or `tcp: true`, or \
                    write `level: reachable`";
        found.push(Diagnostic::error(level.span, message).help(help));
    }
}

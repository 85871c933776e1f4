use std::time::Duration;

use super::super::fields::Fields;
use super::super::{Node, Ready, Spanned};
use super::probe;
use super::words::{optional_text, word};
use crate::model::{Diagnostic, Diagnostics, Level, Probe};

pub(crate) const KEYS: &[&str] = &["level", "timeout", "http", "tcp"];

pub(super) fn ready(node: Node, found: &mut Diagnostics) -> Option<Ready> {
    let mut fields = Fields::of(node, "`ready`", KEYS, found)?;
    let level = optional_text(&mut fields, "level", found).and_then(|level| {
        let words = Level::ALL.map(|level| (level.word(), level));
        word(&level, "`level`", &words, found)
    });
    let timeout =
        optional_text(&mut fields, "timeout", found).and_then(|written| timeout(&written, found));
    let probe = probe(&mut fields, level.as_ref(), found);
    Some(Ready {
        level,
        timeout,
        probe,
    })
}

fn probe(
    fields: &mut Fields,
    level: Option<&Spanned<Level>>,
    found: &mut Diagnostics,
) -> Option<Probe> {
    let (http, tcp) = (fields.take("http"), fields.take("tcp"));
    if let (Some(http), Some(tcp)) = (&http, &tcp) {
        let finding = Diagnostic::error(tcp.span, "`ready` has both `http` and `tcp`");
        let finding = finding.help("one of them says what usable means");
        found.push(finding.related(http.span, "the other one"));
    }
    if let Some(level) = level.filter(|level| level.value < Level::Usable)
        && let Some(asked) = http.as_ref().or(tcp.as_ref())
    {
        let message = format!("nobody asks this at the level `{}`", level.value);
        let finding = Diagnostic::error(asked.span, message);
        let finding = finding.help("write `level: usable`, or leave `level` out");
        found.push(finding.related(level.span, "the level"));
    }
    match (http, tcp) {
        (Some(http), _) => probe::http(http, found).map(Probe::Http),
        (None, Some(tcp)) => probe::tcp(tcp, found),
        (None, None) => None,
    }
}

fn timeout(written: &Spanned<String>, found: &mut Diagnostics) -> Option<Spanned<Duration>> {
    let parsed = humantime::parse_duration(&written.value).ok();
    let Some(value) = parsed.filter(|limit| !limit.is_zero()) else {
        let message = "`timeout` is not a length of time";
        found.push(Diagnostic::error(written.span, message).help("write `90s` or `10m`"));
        return None;
    };
    Some(Spanned {
        value,
        span: written.span,
    })
}

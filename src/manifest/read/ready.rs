use std::time::Duration;

use super::super::fields::Fields;
use super::super::{Node, Ready, Spanned};
use super::words::{optional_text, word};
use crate::model::{Diagnostic, Diagnostics, Level};

pub(crate) const KEYS: &[&str] = &["level", "timeout"];

const LEVELS: [(&str, Level); 2] = [("accepted", Level::Accepted), ("healthy", Level::Healthy)];

pub(super) fn ready(node: Node, found: &mut Diagnostics) -> Option<Ready> {
    let mut fields = Fields::of(node, "`ready`", KEYS, found)?;
    let level = optional_text(&mut fields, "level", found)
        .and_then(|level| word(&level, "`level`", &LEVELS, found));
    let timeout =
        optional_text(&mut fields, "timeout", found).and_then(|written| timeout(&written, found));
    Some(Ready { level, timeout })
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

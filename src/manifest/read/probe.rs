use std::ops::RangeInclusive;

use http::{HeaderName, HeaderValue};

use super::super::fields::{Fields, mapping, text, wrong_type};
use super::super::{Node, NodeKind, Spanned};
use super::words::{optional_text, word};
use crate::model::{Diagnostic, Diagnostics, HttpProbe, OptionValue, Probe, Span, sensitive};

pub(crate) const HTTP_KEYS: &[&str] = &["path", "method", "status", "body", "headers"];
pub(crate) const TCP_KEYS: &[&str] = &["port"];

/// Methods that may be repeated; a probe is.
pub(crate) const METHODS: [&str; 4] = ["GET", "HEAD", "OPTIONS", "POST"];

/// Successes and redirects.
const USUAL: RangeInclusive<u16> = 200..=399;

/// Header lines that decide who is asked, and as whom.
const OWN_HEADERS: &[&str] = &[
    "x-jwt",
    "x-pat-jwt",
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
];

/// `ready.http`; nothing where it is no request.
pub(super) fn http(node: Node, found: &mut Diagnostics) -> Option<HttpProbe> {
    let mut fields = Fields::of(node, "`http`", HTTP_KEYS, found)?;
    let span = fields.span;
    let path = optional_text(&mut fields, "path", found);
    if path.is_none() {
        let finding = Diagnostic::error(span, "`http` has no `path`");
        found.push(finding.help("say what to ask for: `path: /health`"));
    }
    let method = optional_text(&mut fields, "method", found).and_then(|method| {
        let words = METHODS.map(|method| (method, method));
        word(&method, "`method`", &words, found)
    });
    let body = optional_text(&mut fields, "body", found);
    if let (Some("HEAD"), Some(body)) = (method.as_ref().map(|it| it.value), &body) {
        let message = "an answer to HEAD has no body to look into";
        found.push(Diagnostic::error(body.span, message));
    }
    let statuses = match fields.take("status") {
        Some(node) => statuses(node, found),
        None => vec![USUAL],
    };
    let headers = match fields.take("headers") {
        Some(node) => headers(node, found),
        None => Vec::new(),
    };
    let written = [path.as_ref(), body.as_ref()];
    for written in written.into_iter().flatten() {
        refuse_expression(&written.value, written.span, found);
    }
    Some(HttpProbe {
        path: path.and_then(|path| checked_path(path, found))?,
        method: method.map_or("GET", |it| it.value).to_owned(),
        statuses,
        body: body.map(|body| body.value),
        headers,
    })
}

/// `ready.tcp`: `true`, or a mapping with the port.
pub(super) fn tcp(node: Node, found: &mut Diagnostics) -> Option<Probe> {
    if let NodeKind::Boolean(true) = node.kind {
        return Some(Probe::Tcp { port: None });
    }
    if !matches!(node.kind, NodeKind::Map(_)) {
        let wanted = "true or a mapping with `port`";
        found.push(wrong_type(node.span, "`tcp`", wanted, &node.kind));
        return None;
    }
    let mut fields = Fields::of(node, "`tcp`", TCP_KEYS, found)?;
    let port = fields.take("port");
    let span = port.as_ref().map_or(fields.span, |port| port.span);
    let number = port.and_then(|port| number(&port)).filter(|port| *port > 0);
    if number.is_none() {
        let finding = Diagnostic::error(span, "`tcp` needs a `port` from 1 to 65535");
        let help = "the one the service listens on, such as `tcp: { port: 6379 }`; \
                    `tcp: true` is the first that is exposed";
        found.push(finding.help(help));
    }
    number.map(|port| Probe::Tcp { port: Some(port) })
}

fn checked_path(path: Spanned<String>, found: &mut Diagnostics) -> Option<String> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '#' | '\\');
    if path.value.starts_with('/') && !path.value.contains(odd) {
        return Some(path.value);
    }
    let finding = Diagnostic::error(path.span, "`path` is not a path on the instance's host");
    found.push(finding.help("it begins with `/`, as in `/health?full=1`, and has no spaces"));
    None
}

/// A status, a range of them, or a list of both.
fn statuses(node: Node, found: &mut Diagnostics) -> Vec<RangeInclusive<u16>> {
    let span = node.span;
    let nodes = match node.kind {
        NodeKind::List(items) => items,
        _ => vec![node],
    };
    let ranges: Option<Vec<_>> = nodes.iter().map(status).collect();
    ranges
        .filter(|ranges| !ranges.is_empty())
        .unwrap_or_else(|| {
            let finding = Diagnostic::error(span, "`status` is not a status of HTTP");
            found.push(finding.help("write `200`, `[200, 204]` or `200-299`"));
            Vec::new()
        })
}

fn status(node: &Node) -> Option<RangeInclusive<u16>> {
    let range = match &node.kind {
        NodeKind::Text(text) => {
            let (first, last) = text.split_once('-')?;
            digits(first)?..=digits(last)?
        }
        _ => {
            let status = number(node)?;
            status..=status
        }
    };
    (*range.start() >= 100 && range.end() <= &599 && !range.is_empty()).then_some(range)
}

fn number(node: &Node) -> Option<u16> {
    match &node.kind {
        NodeKind::Number(text) => digits(text),
        _ => None,
    }
}

fn digits(text: &str) -> Option<u16> {
    let only_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| only_digits)
}

fn headers(node: Node, found: &mut Diagnostics) -> Vec<(String, OptionValue)> {
    let lines = mapping(node, "`headers`", found).unwrap_or_default();
    lines
        .into_iter()
        .filter_map(|(name, value)| header(name, value, found))
        .collect()
}

fn header(
    name: Spanned<String>,
    value: Node,
    found: &mut Diagnostics,
) -> Option<(String, OptionValue)> {
    let value = text(value, "a header", found)?;
    if OWN_HEADERS.contains(&name.value.to_ascii_lowercase().as_str()) {
        let message = format!("the header `{}` is osc-apply's own", name.value);
        found.push(Diagnostic::error(name.span, message).help("leave it out"));
    } else if HeaderName::try_from(&name.value).is_err() {
        let finding = Diagnostic::error(name.span, "this cannot be the name of a header");
        found.push(finding.help("names are letters, digits and `-`"));
    } else if HeaderValue::try_from(&value.value).is_err() {
        let finding = Diagnostic::error(value.span, "this cannot be the value of a header");
        found.push(finding.help("it is one line without control characters"));
    }
    refuse_expression(&value.value, value.span, found);
    let secret = sensitive::name_is_sensitive(&name.value);
    Some((name.value, OptionValue::new(value.value, secret)))
}

/// What would be sent as it stands is better refused.
fn refuse_expression(text: &str, span: Span, found: &mut Diagnostics) {
    if text.contains("${") {
        let finding = Diagnostic::error(span, "there are no expressions within `ready`");
        found.push(finding.help("write the text itself"));
    }
}

use super::given::read;
use crate::model::{HttpProbe, Probe};

/// What `ready` says, and what is wrong with it; the columns are those behind `ready: `.
fn ready(ready: &str) -> (Option<Probe>, String) {
    let text =
        format!("version: 1\nstack: s\ninstances:\n  a: {{service: x,\nready: {{{ready}}}}}\n");
    let read = read(&[&text]);
    let found = read.findings();
    let ready = read
        .manifest
        .and_then(|manifest| manifest.instances["a"].ready.clone());
    (ready.and_then(|ready| ready.probe), found)
}

fn http(text: &str) -> HttpProbe {
    match ready(&format!("http: {{{text}}}")) {
        (Some(Probe::Http(probe)), found) if found.is_empty() => probe,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_has_defaults_for_all_but_its_path() {
    let probe = http("path: /health?a=b");
    assert_eq!(probe.path, "/health?a=b");
    assert_eq!(probe.method, "GET");
    assert_eq!(probe.statuses, [200..=399]);
    assert_eq!((probe.body, probe.headers.len()), (None, 0));
}

#[test]
fn statuses_are_numbers_and_ranges() {
    for (written, statuses) in [
        ("401", vec![401..=401]),
        ("200-299", vec![200..=299]),
        ("[200, 400-404]", vec![200..=200, 400..=404]),
    ] {
        let probe = http(&format!("path: /, status: {written}"));
        assert_eq!(probe.statuses, statuses, "{written}");
    }
}

#[test]
fn header_lines_with_credentials_are_secret() {
    let headers = "Authorization: a, X-Api-Key: b, COOKIE: c, Accept: d, Origin: 'http://u:p@h'";
    let probe = http(&format!("path: /, headers: {{{headers}}}"));
    let secret: Vec<bool> = probe
        .headers
        .iter()
        .map(|(_, it)| it.is_sensitive())
        .collect();
    assert_eq!(secret, [true, true, true, false, true]);
}

#[test]
fn a_port_is_the_first_or_the_one_that_is_named() {
    assert_eq!(ready("tcp: true").0, Some(Probe::Tcp { port: None }));
    let named = ready("tcp: {port: 6379}").0;
    assert_eq!(named, Some(Probe::Tcp { port: Some(6379) }));
}

#[test]
fn each_mistake_is_named_where_it_stands() {
    for (written, wanted) in [
        (
            "tcp: true, http: {path: /}",
            "5:14 `ready` has both `http` and `tcp` (one of them says what usable means)\n  \
             5:26 the other one",
        ),
        (
            "level: reachable, tcp: true",
            "5:32 nobody asks this at the level `reachable` (write `level: usable`, or leave \
             `level` out)\n  5:16 the level",
        ),
        ("http: x", "5:15 `http` must be a mapping, this is text"),
        (
            "http: {method: GET}",
            "5:15 `http` has no `path` (say what to ask for: `path: /health`)",
        ),
        (
            "http: {path: health}",
            "5:22 `path` is not a path on the instance's host (it begins with `/`, as in \
             `/health?full=1`, and has no spaces)",
        ),
        (
            "http: {paht: /}",
            "5:16 `http` has no key `paht` (did you mean `path`?)",
        ),
        (
            "http: {path: '/${stack}'}",
            "5:22 there are no expressions within `ready` (write the text itself)",
        ),
        (
            "http: {path: /, method: get}",
            "5:33 `method` cannot be `get` (did you mean `GET`?)",
        ),
        (
            "http: {path: /, method: HEAD, body: x}",
            "5:45 an answer to HEAD has no body to look into",
        ),
        (
            "http: {path: /, status: 299-200}",
            "5:33 `status` is not a status of HTTP (write `200`, `[200, 204]` or `200-299`)",
        ),
        (
            "http: {path: /, status: [200, ok]}",
            "5:33 `status` is not a status of HTTP (write `200`, `[200, 204]` or `200-299`)",
        ),
        (
            "http: {path: /, headers: {X-JWT: x}}",
            "5:35 the header `X-JWT` is osc-apply's own (leave it out)",
        ),
        (
            "http: {path: /, headers: {a b: x}}",
            "5:35 this cannot be the name of a header (names are letters, digits and `-`)",
        ),
        (
            "http: {path: /, headers: {a: \"x\\ny\"}}",
            "5:38 this cannot be the value of a header (it is one line without control characters)",
        ),
        (
            "http: {path: /, headers: {a: 1}}",
            "5:38 a header must be text, this is a number (write it in quotes)",
        ),
        (
            "tcp: false",
            "5:14 `tcp` must be true or a mapping with `port`, this is a boolean",
        ),
        (
            "tcp: {port: 0}",
            "5:21 `tcp` needs a `port` from 1 to 65535 (the one the service listens on, such as \
             `tcp: { port: 6379 }`; `tcp: true` is the first that is exposed)",
        ),
    ] {
        assert_eq!(ready(written).1.trim_end(), wanted, "{written}");
    }
}

use serde_json::Value;
use url::Url;

use super::stack::{SERVICE_SECRET, in_vault};
use crate::recorder::Exchanged;
use crate::sign_in::parameter;

/// Fields of forms, queries and documents that nobody else may see.
const FIELDS: [&str; 7] = [
    "code",
    "code_verifier",
    "client_secret",
    "access_token",
    "refresh_token",
    "token",
    "id_token",
];
const HEADERS: [&str; 3] = ["x-pat-jwt", "x-jwt", "authorization"];

/// The secrets that a request and its answer carried, with what each is.
pub(super) fn secrets_of(exchanged: &Exchanged) -> Vec<(String, String)> {
    let mut found = secrets_in_request(&exchanged.request);
    let (head, body) = exchanged.answer.split_once("\r\n\r\n").unwrap();
    if let Some(location) = header(head, "location") {
        found.extend(fields_of_query(location));
    }
    if let Ok(document) = serde_json::from_str::<Value>(body) {
        for name in FIELDS {
            if let Some(text) = document.get(name).and_then(Value::as_str) {
                found.push((name.to_owned(), text.to_owned()));
            }
        }
    }
    found
}

/// What a request entrusts to the platform: secrets of services, what was generated, and the key
/// of the stack's digests.
pub(super) fn entrusted(request: &str) -> Vec<(&'static str, String)> {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let document: Value = serde_json::from_str(body).unwrap_or_default();
    if is_to(head, "mysecrets") {
        let batch = document["secrets"].as_array().into_iter().flatten();
        let secrets = batch.chain([&document]);
        let values = secrets.filter_map(|secret| secret["secretData"].as_str());
        return values.map(|it| (SERVICE_SECRET, it.to_owned())).collect();
    }
    match is_to(head, "mytenantsecrets") {
        // Who holds the lease, and until when, is for everybody to know, and has no secret in it.
        true => in_vault(document["value"].as_str().unwrap()),
        false => Vec::new(),
    }
}

/// Whether this is a request that may carry what is entrusted to the platform.
pub(super) fn may_carry_secrets(request: &str) -> bool {
    ["mysecrets", "mytenantsecrets"]
        .iter()
        .any(|kind| is_to(request, kind))
}

fn is_to(head: &str, kind: &str) -> bool {
    let written = ["PUT", "POST"];
    let mut lines = written
        .iter()
        .map(|method| format!("{method} /deploy/{kind}/"));
    lines.any(|line| head.starts_with(&line))
}

/// A request without the headers that say who asks.
pub(super) fn without_credentials(request: &str) -> String {
    let is_credential = |line: &&str| {
        let name = line.split(':').next().unwrap().to_ascii_lowercase();
        HEADERS.contains(&name.as_str())
    };
    let lines: Vec<&str> = request
        .lines()
        .filter(|line| !is_credential(line))
        .collect();
    lines.join("\n")
}

/// Those of the request alone.
pub(super) fn secrets_in_request(request: &str) -> Vec<(String, String)> {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut found = Vec::new();
    for name in HEADERS {
        if let Some(token) = header(head, name) {
            let token = token.strip_prefix("Bearer ").unwrap_or(token);
            found.push((name.to_owned(), token.to_owned()));
        }
    }
    if head.contains("application/x-www-form-urlencoded") {
        found.extend(fields_of_query(&format!("form:?{body}")));
    }
    found
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut values = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    values.next().map(|(_, value)| value)
}

fn fields_of_query(url: &str) -> Vec<(String, String)> {
    let Ok(url) = Url::parse(url) else {
        return Vec::new();
    };
    let given = |name: &&str| url.query_pairs().any(|(key, _)| key == *name);
    let names = FIELDS.into_iter().filter(given);
    names
        .map(|name| (name.to_owned(), parameter(&url, name)))
        .collect()
}

use serde_json::Value;

use super::super::Health;
use super::super::body::Body;
use super::{Malformed, malformed};
use crate::model::{Port, printable};

/// `GET /health/{name}`: `{status}`, or `{health, status}` of a channel (API notes 6.7).
pub(in crate::osc) fn health(answer: &Value) -> Result<Health, Malformed> {
    let words: Vec<&str> = ["status", "health"]
        .into_iter()
        .filter_map(|field| answer.get(field)?.as_str())
        .collect();
    match words.iter().find_map(|word| known_health(word)) {
        Some(health) => Ok(health),
        None => match words.first() {
            Some(word) => Ok(Health::Other(printable(word).into_owned())),
            None => malformed("a health answer has no `status`"),
        },
    }
}

fn known_health(word: &str) -> Option<Health> {
    match word.to_ascii_lowercase().as_str() {
        "starting" => Some(Health::Starting),
        "running" => Some(Health::Running),
        "stopped" => Some(Health::Stopped),
        "failed" => Some(Health::Failed),
        "unknown" => Some(Health::Unknown),
        _ => None,
    }
}

/// `GET /ports/{name}`: an array, empty where nothing is exposed (API notes 6.8).
pub(in crate::osc) fn ports(answer: &Value) -> Result<Vec<Port>, Malformed> {
    match answer.as_array() {
        Some(ports) => ports.iter().map(port).collect(),
        None => malformed("the list of ports is not a JSON array"),
    }
}

fn port(record: &Value) -> Result<Port, Malformed> {
    let ip = record.get("externalIp").and_then(Value::as_str);
    let number = |field: &str| match record.get(field)? {
        Value::String(digits) => digits.trim().parse().ok(),
        number => number.as_u64().and_then(|n| u16::try_from(n).ok()),
    };
    match (ip, number("externalPort"), number("internalPort")) {
        (Some(ip), Some(port), Some(internal)) if !ip.trim().is_empty() => Ok(Port {
            ip: printable(ip.trim()).into_owned(),
            port,
            internal,
        }),
        _ => malformed("a port lacks `externalIp`, `externalPort` or `internalPort`"),
    }
}

/// `GET /logs/{name}`: text, a JSON string, or an array of strings (API notes 6.8); made
/// printable.
pub(in crate::osc) fn log_lines(body: &Body, bytes: &[u8]) -> Vec<String> {
    let split = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| printable(line).into_owned())
            .collect()
    };
    match body {
        Body::Json(Value::String(text)) => split(text),
        Body::Json(Value::Array(items)) if items.iter().all(Value::is_string) => items
            .iter()
            .filter_map(Value::as_str)
            .flat_map(split)
            .collect(),
        // A log may happen to be JSON; its own text is what was logged.
        _ => split(&String::from_utf8_lossy(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn health_is_one_of_the_platforms_words_or_another() {
        assert_eq!(health(&json!({"status": "running"})), Ok(Health::Running));
        assert_eq!(
            health(&json!({"status": "SuccessCriteriaMet"})),
            Ok(Health::Other("SuccessCriteriaMet".into()))
        );
        assert_eq!(
            health(&json!({"health": "running", "status": "OK"})),
            Ok(Health::Running)
        );
        assert_eq!(
            health(&json!({"status": "\x1b[2J"})),
            Ok(Health::Other("\u{fffd}[2J".into()))
        );
        assert!(health(&json!({"ok": true})).is_err());
    }

    #[test]
    fn ports_are_numbers_or_digits() {
        let answer = json!([
            {"externalIp": "198.51.100.7", "externalPort": 10512, "internalPort": "6379"}]);
        assert_eq!(
            ports(&answer).unwrap(),
            [Port {
                ip: "198.51.100.7".into(),
                port: 10512,
                internal: 6379
            }]
        );
        assert_eq!(ports(&json!([])), Ok(vec![]));
        for wrong in [
            json!({}),
            json!([{"externalIp": "h", "externalPort": 70000, "internalPort": 1}]),
            json!([{"externalPort": 1, "internalPort": 1}]),
        ] {
            assert!(ports(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn logs_come_in_three_forms() {
        for bytes in ["one\ntwo\n", r#""one\ntwo""#, r#"["one","two\n"]"#] {
            let body = Body::of(None, bytes.as_bytes());
            assert_eq!(log_lines(&body, bytes.as_bytes()), ["one", "two"]);
        }
        let json = r#"{"level":"info"}"#;
        let body = Body::of(None, json.as_bytes());
        assert_eq!(log_lines(&body, json.as_bytes()), [json]);
        assert!(log_lines(&Body::Empty, b"").is_empty());
    }
}

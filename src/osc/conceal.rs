use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

const CONCEALED: &str = "(sensitive)";

/// Far more than is ever shown of a text.
const LONGEST_TEXT: usize = 16 * 1024;

/// `text` without the secrets, in whatever common form they are echoed: raw, JSON-escaped,
/// URL-encoded or base64. A very long text loses its end.
///
/// A reference to a service secret (`{{secrets.x}}`) is no secret and stays readable.
pub fn conceal(text: &str, secrets: &[&str]) -> String {
    let mut forms: Vec<String> = secrets
        .iter()
        .filter(|secret| !is_reference(secret))
        .flat_map(|secret| forms_of(secret))
        .filter(|form| !form.is_empty())
        .collect();
    // A secret may be part of another one, whose rest must not stay.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    let mut shown = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next().filter(|_| shown.len() < LONGEST_TEXT) {
        let found = forms.iter().find(|form| rest.starts_with(form.as_str()));
        match found {
            Some(_) => shown.push_str(CONCEALED),
            None => shown.push(next),
        }
        rest = &rest[found.map_or(next.len_utf8(), String::len)..];
    }
    shown
}

fn forms_of(secret: &str) -> Vec<String> {
    let json = serde_json::Value::from(secret).to_string();
    let form_encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let path_encoded = form_encoded.replace('+', "%20");
    let mut forms = vec![
        secret.to_owned(),
        json.get(1..json.len() - 1).unwrap_or_default().to_owned(),
        with_lower_case_escapes(&form_encoded),
        with_lower_case_escapes(&path_encoded),
        form_encoded,
        path_encoded,
        // Whoever trims a value before complaining about it echoes this.
        secret.trim().to_owned(),
    ];
    for engine in [STANDARD, URL_SAFE] {
        forms.push(engine.encode(secret).trim_end_matches('=').to_owned());
    }
    forms
}

fn with_lower_case_escapes(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (code, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        text + "%" + &code.to_lowercase() + rest
    })
}

fn is_reference(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("{{secrets.") && text.ends_with("}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_secret_is_taken_out() {
        let secret = "P\"w ö?&>";
        let json = serde_json::to_string(secret).unwrap();
        for echo in [
            secret.to_owned(),
            json,
            "P%22w+%C3%B6%3F%26%3E".to_owned(),
            "P%22w%20%C3%B6%3F%26%3E".to_owned(),
            "P%22w%20%c3%b6%3f%26%3e".to_owned(),
            STANDARD.encode(secret),
            URL_SAFE.encode(secret),
        ] {
            let shown = conceal(&format!("bad value <{echo}>!"), &[secret]);
            let around = shown.replace(CONCEALED, "");
            assert!(shown.contains(CONCEALED), "{echo}: {shown}");
            assert!(around.trim_end_matches("=>!").len() <= "bad value <\"\">!".len());
        }
    }

    #[test]
    fn a_secret_within_another_leaves_nothing_of_either() {
        assert_eq!(
            conceal("redis://u:hunter2@h", &["hunter2", "redis://u:hunter2@h"]),
            "(sensitive)"
        );
    }

    #[test]
    fn a_reference_stays_readable_and_an_empty_value_changes_nothing() {
        let text = "no secret {{secrets.db}}";
        assert_eq!(conceal(text, &["{{secrets.db}}", ""]), text);
    }
}

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A text that must not be seen, in every form in which it could be.
pub(crate) struct Secret {
    what: String,
    forms: Vec<String>,
}

/// Shorter texts are found by accident.
const SHORTEST: usize = 12;

impl Secret {
    pub(crate) fn new(what: &str, text: &str) -> Self {
        assert!(text.len() >= SHORTEST, "{what} is too short to look for");
        let mut forms: Vec<String> = [text, telling_part(text)]
            .into_iter()
            .flat_map(forms_of)
            .collect();
        forms.sort();
        forms.dedup();
        Self {
            what: what.to_owned(),
            forms,
        }
    }

    /// What was found of it in a text, in words that do not repeat it.
    pub(crate) fn found_in(&self, text: &str) -> Option<&str> {
        let found = self.forms.iter().any(|form| text.contains(form.as_str()));
        found.then_some(self.what.as_str())
    }
}

/// The beginning of what nobody could guess: of a token its signature, of a code or a client's
/// secret the digits at its end.
fn telling_part(text: &str) -> &str {
    const ENOUGH: usize = 16;
    let digits = |end: &&str| end.bytes().all(|byte| byte.is_ascii_hexdigit());
    let end = match text.rsplit_once('.') {
        Some((_, signature)) => signature,
        None => text.rsplit('_').next().filter(digits).unwrap_or(text),
    };
    let part = if end.len() >= SHORTEST { end } else { text };
    part.get(..ENOUGH).unwrap_or(part)
}

fn forms_of(text: &str) -> Vec<String> {
    let json = serde_json::Value::from(text).to_string();
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let every_byte: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        text.to_owned(),
        json[1..json.len() - 1].to_owned(),
        encoded,
        every_byte.to_lowercase(),
        every_byte,
        hex.to_uppercase(),
        hex,
    ];
    // What stands before a text decides how its bytes meet the groups of three.
    for before in 0..3 {
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let shifted = format!("{}{text}", &"xx"[..before]);
            let encoded = engine.encode(shifted);
            let start = [0, 2, 3][before];
            // The last character may depend on what comes after.
            forms.push(encoded[start..encoded.len() - 1].to_owned());
        }
    }
    forms
}

#[test]
fn a_secret_is_found_in_whatever_form_it_is() {
    let token = "e30.eyJ0ZW5hbnRJZCI6InMifQ.Sxd-jj_TMLtOn7ysbHhOALuDxCgHbDLlmnkK6BBgYpo";
    let awkward = "p\"w ö?&>\\canary";
    for text in [token, awkward, "code_1_0_5f0c2a1b9e8d7c6b5a40"] {
        let secret = Secret::new("it", text);
        let json = serde_json::json!({ "told": text }).to_string();
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("told", text)
            .finish();
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut planted = vec![text.to_owned(), json, query, hex];
        for before in ["", "B", "Be", "Bearer ", "{\"token\":\""] {
            let around = format!("{before}{text}\"}} and more");
            planted.push(base64::engine::general_purpose::STANDARD.encode(&around));
            planted.push(base64::engine::general_purpose::URL_SAFE.encode(&around));
        }
        for planted in planted {
            let output = format!("error: it said {planted}, and no more\n");
            assert_eq!(secret.found_in(&output), Some("it"), "{output}");
        }
        assert_eq!(secret.found_in("error: it said (sensitive)\n"), None);
    }
}

#[test]
fn the_half_of_a_token_is_found() {
    let token = "e30.eyJ0ZW5hbnRJZCI6InMifQ.Sxd-jj_TMLtOn7ysbHhOALuDxCgHbDLlmnkK6BBgYpo";
    let secret = Secret::new("it", token);
    assert_eq!(secret.found_in("Sxd-jj_TMLtOn7ysbHhOALuD…"), Some("it"));
    assert_eq!(secret.found_in("e30.eyJ0ZW5hbnRJZCI6InMifQ"), None);
}

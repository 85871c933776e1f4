use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A text that must not be seen, in every form in which it could be.
pub(crate) struct Secret {
    what: String,
    forms: Vec<String>,
}

/// Shorter texts are found by accident.
const SHORTEST: usize = 12;

/// Many of them, looked for at once.
pub(super) struct Secrets {
    secrets: Vec<Secret>,
    /// Which forms begin with these bytes.
    starts: HashMap<[u8; SHORTEST], Vec<(usize, usize)>>,
    /// Whether a form begins with these three bytes, which is all that most places are asked.
    may_start: Vec<bool>,
}

impl Secrets {
    pub(super) fn new(secrets: Vec<Secret>) -> Self {
        let mut starts: HashMap<_, Vec<_>> = HashMap::new();
        let mut may_start = vec![false; 1 << 24];
        for (of, secret) in secrets.iter().enumerate() {
            for (at, form) in secret.forms.iter().enumerate() {
                let start = form.as_bytes().first_chunk().unwrap();
                starts.entry(*start).or_default().push((of, at));
                may_start[first_three(start)] = true;
            }
        }
        Self {
            secrets,
            starts,
            may_start,
        }
    }

    /// What was found first, as it is or broken up into lines.
    pub(super) fn found_in(&self, text: &str) -> Option<&str> {
        let whole: String = text.split_whitespace().collect();
        self.found_in_bytes(text.as_bytes())
            .or_else(|| self.found_in_bytes(whole.as_bytes()))
    }

    fn found_in_bytes(&self, text: &[u8]) -> Option<&str> {
        let places = (0..text.len()).filter_map(|at| Some((at, text[at..].first_chunk()?)));
        let likely = places.filter(|(_, start)| self.may_start[first_three(start)]);
        let known = likely.filter_map(|(at, start)| Some((at, self.starts.get(start)?)));
        let mut all = known.flat_map(|(at, forms)| forms.iter().map(move |form| (at, form)));
        let found = all.find(|(at, (of, form))| {
            let form = &self.secrets[*of].forms[*form];
            text[*at..].starts_with(form.as_bytes())
        });
        found.map(|(_, (of, _))| self.secrets[*of].what.as_str())
    }
}

fn first_three(start: &[u8; SHORTEST]) -> usize {
    let [first, second, third] = [start[0], start[1], start[2]].map(usize::from);
    first << 16 | second << 8 | third
}

impl Secret {
    /// One of which the beginning tells nothing, such as a URL.
    pub(super) fn whole(what: &str, text: &str) -> Self {
        Self::with_forms(what, &[text])
    }

    pub(crate) fn new(what: &str, text: &str) -> Self {
        Self::with_forms(what, &[text, telling_part(text)])
    }

    fn with_forms(what: &str, texts: &[&str]) -> Self {
        let fits = |text: &&str| text.len() >= SHORTEST;
        assert!(texts.iter().all(fits), "{what} is too short to look for");
        let mut forms: Vec<String> = texts.iter().copied().flat_map(forms_of).collect();
        // Without what a line may be broken at.
        let joined: Vec<String> = forms
            .iter()
            .map(|form| form.split_whitespace().collect())
            .filter(|form: &String| form.len() >= SHORTEST)
            .collect();
        forms.extend(joined);
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
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let every_byte: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        encoded.replace('+', "%20"),
        encoded,
        every_byte.to_lowercase(),
        every_byte,
        hex.to_uppercase(),
        hex,
    ];
    // As it is, in a document, and in a document that is a text of another one.
    let in_json = in_json(text);
    for text in [text, &in_json, &self::in_json(&in_json)] {
        forms.push(text.to_owned());
        forms.extend(within_base64(text));
    }
    forms
}

/// What stands before a text decides how its bytes meet the groups of three.
fn within_base64(text: &str) -> Vec<String> {
    let mut forms = Vec::new();
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

fn in_json(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json[1..json.len() - 1].to_owned()
}

const OTHER: &str = "quite-another-secret";

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
        let twice = serde_json::json!({ "value": json }).to_string();
        let mut planted = vec![text.to_owned(), json, twice, query, hex];
        for before in ["", "B", "Be", "Bearer ", "{\"token\":\""] {
            let around = format!("{before}{text}\"}} and more");
            planted.push(base64::engine::general_purpose::STANDARD.encode(&around));
            planted.push(base64::engine::general_purpose::URL_SAFE.encode(&around));
        }
        for planted in planted {
            let output = format!("error: it said {planted}, and no more\n");
            assert_eq!(secret.found_in(&output), Some("it"), "{output}");
            let among = || vec![Secret::new("other", OTHER), Secret::new("it", text)];
            let all = Secrets::new(among());
            assert_eq!(all.found_in(&output), Some("it"), "{output}");
            // As on a narrow terminal.
            let (head, tail) = output.split_at(output.floor_char_boundary(output.len() / 2));
            let broken = format!("{head}\n    {tail}");
            assert_eq!(all.found_in(&broken), Some("it"), "{broken}");
        }
        let clean = "error: it said (sensitive)\n";
        assert_eq!(secret.found_in(clean), None);
        let both = vec![Secret::new("other", OTHER), secret];
        assert_eq!(Secrets::new(both).found_in(clean), None);
    }
}

#[test]
fn the_half_of_a_token_is_found() {
    let token = "e30.eyJ0ZW5hbnRJZCI6InMifQ.Sxd-jj_TMLtOn7ysbHhOALuDxCgHbDLlmnkK6BBgYpo";
    let secret = Secret::new("it", token);
    assert_eq!(secret.found_in("Sxd-jj_TMLtOn7ysbHhOALuD…"), Some("it"));
    assert_eq!(secret.found_in("e30.eyJ0ZW5hbnRJZCI6InMifQ"), None);
}

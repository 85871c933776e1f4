use std::borrow::Cow;

use zeroize::Zeroizing;

use super::user_part::{decoded, passwords};
use crate::model::sensitive;
use crate::osc::conceal;

/// A shorter text is found by chance, and is no password.
pub(super) const SHORTEST: usize = 4;

/// What is longer is not looked through for every form of a secret.
const LONGEST_TEXT: usize = 8 * 1024;

/// Texts that tell a secret wherever they stand.
pub(super) struct Telling<'s> {
    /// Secrets that are told in whatever form they stand.
    words: Vec<Zeroizing<String>>,
    /// Secrets that are told by being repeated: too short for the other kind, or URLs, whose
    /// passwords are words.
    whole: Vec<&'s str>,
}

impl<'s> Telling<'s> {
    pub(super) fn new(secrets: impl Iterator<Item = &'s str>) -> Self {
        let (mut words, mut whole) = (Vec::new(), Vec::new());
        for secret in secrets {
            if sensitive::holds_url_with_user(secret) {
                words.extend(passwords(secret));
                whole.push(secret);
            } else if secret.len() < SHORTEST {
                whole.push(secret);
            } else {
                words.push(Zeroizing::new(secret.to_owned()));
            }
        }
        words.retain(|word| word.len() >= SHORTEST && !sensitive::holds_url_with_user(word));
        Self { words, whole }
    }

    /// The same but for the secrets that stand in one of these texts.
    pub(super) fn but_for(&self, texts: &[Cow<'_, str>]) -> Self {
        let others = |secret: &str| !texts.iter().any(|text| text.contains(secret));
        let words = self.words.iter().filter(|word| others(word));
        let whole = self.whole.iter().filter(|secret| others(secret));
        Self {
            words: words.cloned().collect(),
            whole: whole.copied().collect(),
        }
    }

    /// Whether a text tells any of the secrets.
    pub(super) fn is_told_by(&self, text: &str) -> bool {
        if text.is_empty() {
            return false;
        }
        // What is too long to be looked through tells, to be on the safe side.
        let is_long = text.len() > LONGEST_TEXT && !self.words.is_empty();
        // There are many ways to encode a text for a URL, and one to decode it.
        is_long || self.is_said_by(text) || self.is_said_by(&decoded(text))
    }

    fn is_said_by(&self, text: &str) -> bool {
        let is_repeated = |secret: &&str| match secret.len() < SHORTEST {
            true => text == *secret,
            false => text.contains(*secret),
        };
        self.whole.iter().any(is_repeated) || self.concealed(text) != text
    }

    /// The text without the secrets.
    pub(super) fn concealed(&self, text: &str) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.as_str()).collect();
        conceal(text, &words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_told_raw_encoded_and_as_the_password_of_a_url() {
        let secrets = ["redis://u:hunter%40two@h", "pa55word!", "abc"];
        let telling = Telling::new(secrets.into_iter());
        for told in [
            "x pa55word! y",
            "https://h/?k=pa55word%21",
            "%70a%355word%21",
            "hunter@two",
            "cGE1NXdvcmQh",
            "abc",
        ] {
            assert!(telling.is_told_by(told), "{told}");
        }
        for untold in ["", "abcd", "redis://u@h", "pa55"] {
            assert!(!telling.is_told_by(untold), "{untold}");
        }
    }
}

/// How a generated value is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// How many characters it has.
    pub length: u16,
    /// Which characters it may have.
    pub characters: Characters,
}

/// The characters of a generated value; none of them needs escaping in a URL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Characters {
    /// Letters, digits, `-` and `_`.
    #[default]
    UrlSafe,
    /// Letters and digits.
    Alphanumeric,
    /// Lower-case letters and digits.
    Lower,
    /// Lower-case hexadecimal digits.
    Hex,
    /// Decimal digits.
    Digits,
}

impl Characters {
    /// Each of the characters once; all are ASCII.
    pub fn alphabet(self) -> &'static str {
        match self {
            Self::UrlSafe => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
            Self::Alphanumeric => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            Self::Lower => "abcdefghijklmnopqrstuvwxyz0123456789",
            Self::Hex => "0123456789abcdef",
            Self::Digits => "0123456789",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_character_is_as_likely_as_any_other_and_safe_in_a_url() {
        for (characters, size) in [
            (Characters::UrlSafe, 64),
            (Characters::Alphanumeric, 62),
            (Characters::Lower, 36),
            (Characters::Hex, 16),
            (Characters::Digits, 10),
        ] {
            let alphabet = characters.alphabet();
            let different: BTreeSet<char> = alphabet.chars().collect();
            assert_eq!((alphabet.len(), different.len()), (size, size));
            let safe = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
            assert!(alphabet.chars().all(safe));
        }
    }
}

/// How a generated value is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// How many characters it has.
    pub length: u16,
    /// What they are drawn from.
    pub characters: Characters,
}

/// What the characters of a generated value are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Characters {
    /// Letters, digits, `-` and `_`: what a URL takes as it is.
    #[default]
    UrlSafe,
    /// Letters and digits.
    Alphanumeric,
    /// Lower-case letters and digits.
    Lower,
    /// `0` to `9` and `a` to `f`.
    Hex,
    /// `0` to `9`.
    Digits,
}

impl Characters {
    /// Every character there is to draw, each once.
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

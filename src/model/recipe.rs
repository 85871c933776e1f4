/// How a generated value is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// How many characters it has.
    pub length: u16,
    /// Which characters those are.
    pub characters: Characters,
}

/// The characters that a generated value may consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Characters {
    /// Letters, digits, `-` and `_`: nothing that a URL escapes.
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
    /// Each of the characters once.
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

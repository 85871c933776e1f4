use std::sync::OnceLock;

use fancy_regex::Regex;

/// A pattern of the catalog, compiled when first used.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Result<Regex, String>>,
}

/// A pattern that could not be applied; the value is then unchecked and must not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the pattern `{pattern}` cannot be applied: {why}")]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub why: String,
}

impl Pattern {
    /// A pattern in the catalog's syntax, that of JavaScript; look-ahead is understood.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            compiled: OnceLock::new(),
        }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern is found in `value`; it anchors itself where it means the whole.
    ///
    /// # Errors
    /// When the pattern cannot be compiled or gives up on this value.
    pub fn matches(&self, value: &str) -> Result<bool, PatternError> {
        let failed = |why: String| PatternError {
            pattern: self.text.clone(),
            why,
        };
        let compiled = self
            .compiled
            .get_or_init(|| Regex::new(&self.text).map_err(|why| why.to_string()));
        match compiled {
            Ok(regex) => regex.is_match(value).map_err(|why| failed(why.to_string())),
            Err(why) => Err(failed(why.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_ahead_is_applied() {
        let pattern = Pattern::new(r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{10,}$");
        assert_eq!(pattern.matches("Abcdefgh12"), Ok(true));
        assert_eq!(pattern.matches("abcdefgh12"), Ok(false));
    }

    #[test]
    fn a_pattern_that_cannot_be_compiled_is_an_error_and_no_match() {
        let error = Pattern::new("(").matches("x").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the pattern `(` cannot be applied")
        );
    }
}

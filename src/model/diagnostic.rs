use super::Span;

/// Whether a finding stops the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The run cannot go on.
    Error,
    /// The run goes on; the user should know.
    Warning,
}

/// Another place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What this place has to do with it.
    pub label: String,
}

/// A finding about a place in a file: what is wrong, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The offending place; absent only for findings that no file holds.
    pub span: Option<Span>,
    /// A few words printed at the place.
    pub label: String,
    /// Other places, in the order to be shown.
    pub related: Vec<Related>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            span: Some(span),
            label: String::new(),
            related: Vec::new(),
            help: None,
        }
    }

    /// An error that no file holds, such as a flag's.
    pub fn error_without_place(message: impl Into<String>) -> Self {
        Self {
            span: None,
            ..Self::error(Span::default(), message)
        }
    }

    /// A warning at a place.
    pub fn warning(span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(span, message)
        }
    }

    /// Adds the words printed at the place.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean" where a near name is known, else `otherwise`.
    pub fn did_you_mean(self, near: Option<&str>, otherwise: impl Into<String>) -> Self {
        match near {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => match otherwise.into() {
                nothing if nothing.is_empty() => self,
                text => self.help(text),
            },
        }
    }

    /// Adds another place.
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push(Related {
            span,
            label: label.into(),
        });
        self
    }
}

/// How many errors are kept; whoever makes more than that made one mistake many times.
const MAX_ERRORS: usize = 1_000;

/// All findings of a run, collected and shown together.
///
/// Keeps a thousand errors, and then one more that says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    all: Vec<Diagnostic>,
    errors: usize,
}

impl Diagnostics {
    /// Takes one in.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.severity != Severity::Error {
            self.all.push(diagnostic);
            return;
        }
        self.errors += 1;
        if self.errors <= MAX_ERRORS {
            self.all.push(diagnostic);
        } else if self.errors == MAX_ERRORS + 1 {
            let message = format!("there are more errors than the {MAX_ERRORS} shown");
            self.all.push(Diagnostic::error_without_place(message));
        }
    }

    /// Takes an error in that is made only where it is kept: looking for a near name or a place
    /// costs more than everything else about it.
    pub fn push_error(&mut self, make: impl FnOnce() -> Diagnostic) {
        if self.errors <= MAX_ERRORS {
            self.push(make());
        } else {
            self.errors += 1;
        }
    }

    /// Takes all of another collection in.
    pub fn extend(&mut self, others: Diagnostics) {
        others.all.into_iter().for_each(|found| self.push(found));
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether any of them stops the run.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many errors there are, shown or not.
    pub fn error_count(&self) -> usize {
        self.errors
    }

    /// How many warnings there are.
    pub fn warning_count(&self) -> usize {
        let warnings = self.all.iter();
        warnings
            .filter(|found| found.severity == Severity::Warning)
            .count()
    }

    /// In the order of the files, then of the places in them; those without a place first.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<_> = self.all.iter().collect();
        all.sort_by_key(|found| (found.span, found.severity));
        all
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        let mut found = Self::default();
        found.push(diagnostic);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_errors_are_kept_and_the_rest_is_counted() {
        let mut found = Diagnostics::default();
        for _ in 0..5_000 {
            found.push_error(|| Diagnostic::error(Span::default(), "again"));
        }
        found.push(Diagnostic::warning(Span::default(), "a warning"));
        let first = &found.sorted()[0].message;
        assert_eq!(first, "there are more errors than the 1000 shown");
        assert_eq!((found.sorted().len(), found.error_count()), (1_002, 5_000));
        assert_eq!(found.warning_count(), 1);
    }
}

use crate::osc::{Class, Error};

/// Why a run did not begin, or did not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barred {
    /// What kind of reason that is.
    pub kind: BarredKind,
    /// What is the matter.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// What kind of reason keeps a run from going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarredKind {
    /// Another run has the stack, or its vault cannot be relied on.
    Held,
    /// The plan was made of what is no longer so.
    Stale,
    /// A question about it failed.
    Failed,
    /// Nobody is signed in any more.
    SignedOut,
    /// It was interrupted.
    Interrupted,
}

impl Barred {
    pub(super) fn held(message: impl Into<String>, hint: &str) -> Self {
        Self {
            kind: BarredKind::Held,
            message: message.into(),
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
        }
    }

    pub(super) fn stale(message: &str) -> Self {
        Self {
            kind: BarredKind::Stale,
            message: message.to_owned(),
            hint: Some("run plan again".to_owned()),
        }
    }

    pub(super) fn interrupted() -> Self {
        Self {
            kind: BarredKind::Interrupted,
            message: "interrupted before anything was changed".to_owned(),
            hint: None,
        }
    }

    pub(super) fn failed(error: Error) -> Self {
        Self {
            kind: match error.class {
                Class::SignedOut => BarredKind::SignedOut,
                _ => BarredKind::Failed,
            },
            hint: error.hint().map(str::to_owned),
            message: error.to_string(),
        }
    }
}

use std::fmt;

use super::{TransportError, TransportKind};
use crate::model::printable;

const LONGEST_TEXT: usize = 300;

/// What a failure means for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The platform does not accept the token.
    SignedOut,
    /// The platform does not want this request, now or later.
    Refused,
    /// The workspace's plan does not allow it.
    Limit,
    /// The name is taken.
    Conflict,
    /// The platform says that there is no such thing.
    Absent,
    /// The service has no such operation.
    Unsupported,
    /// Nothing usable came back; asking again later may help. Says nothing about whether a
    /// change was made; [`Error::leaves_open`] does.
    Transient,
    /// An answer of a kind that was never described.
    Unexpected,
}

impl Class {
    /// The class as one word, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Refused => "refused",
            Self::Limit => "limit",
            Self::Conflict => "conflict",
            Self::Absent => "absent",
            Self::Unsupported => "unsupported",
            Self::Transient => "transient",
            Self::Unexpected => "unexpected",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::SignedOut => "the platform does not accept the token",
            Self::Refused => "the platform refused",
            Self::Limit => "the workspace's plan does not allow it",
            Self::Conflict => "the name is taken",
            Self::Absent => "there is no such thing",
            Self::Unsupported => "the service has no such operation",
            Self::Transient => "no usable answer",
            Self::Unexpected => "the answer makes no sense",
        }
    }
}

/// An operation that did not succeed.
///
/// Holds no credentials and none of the secrets that the request carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What the failure means.
    pub class: Class,
    /// What was being done: "reading instances of valkey-io-valkey".
    pub operation: String,
    /// The status of the answer, where one came.
    pub status: Option<u16>,
    /// The platform's own words, or the network's: printable, one line, at most 300 characters.
    pub text: String,
    /// Why no answer came, where none did.
    pub transport: Option<TransportKind>,
    /// Whether the framework said that it has no such route.
    pub(super) no_such_route: bool,
    /// Whether it was something else that failed, before the request in question was sent.
    pub(super) not_sent: bool,
    /// Whether an earlier attempt at the same change may have been taken.
    pub(super) earlier_left_open: bool,
}

impl Error {
    /// An error without an answer's status; `text` is made printable, one line and short.
    pub fn new(class: Class, operation: impl Into<String>, text: &str) -> Self {
        Self {
            class,
            operation: operation.into(),
            status: None,
            text: one_short_line(text),
            transport: None,
            no_such_route: false,
            not_sent: false,
            earlier_left_open: false,
        }
    }

    /// An error for want of an answer.
    pub fn of_transport(operation: &str, error: &TransportError) -> Self {
        let class = match error.kind {
            TransportKind::TooLarge | TransportKind::NoAuthorities => Class::Unexpected,
            _ => Class::Transient,
        };
        Self {
            transport: Some(error.kind),
            ..Self::new(class, operation, &error.message)
        }
    }

    /// Whether the framework said that it has no such route: who was asked is starting, or has
    /// no such operation.
    pub fn is_of_a_missing_route(&self) -> bool {
        self.no_such_route
    }

    /// The same, of what had to be done before the request in question.
    pub(super) fn before_sending(self) -> Self {
        Self {
            not_sent: true,
            ..self
        }
    }

    /// Whether the request certainly did not reach the platform.
    pub fn was_not_sent(&self) -> bool {
        let on_the_way = matches!(
            self.transport,
            Some(
                TransportKind::Dns
                    | TransportKind::Connect
                    | TransportKind::Tls
                    | TransportKind::NoAuthorities
            )
        );
        let never_tried = self.status.is_none() && self.transport.is_none();
        !self.earlier_left_open && (self.not_sent || on_the_way || never_tried)
    }

    /// Whether a change may have been made although its answer is this error (API notes 13.3).
    pub fn leaves_open(&self) -> bool {
        if self.earlier_left_open {
            return true;
        }
        match self.class {
            Class::Transient => {
                self.status != Some(429) && !self.no_such_route && !self.was_not_sent()
            }
            Class::Unexpected => !self.was_not_sent(),
            _ => false,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        if self.transport == Some(TransportKind::NoAuthorities) {
            return Some(
                "install the package `ca-certificates`, or set SSL_CERT_FILE to a file of \
                 certificates",
            );
        }
        match self.class {
            Class::SignedOut => Some(
                "run `osc-apply login`, or set OSC_ACCESS_TOKEN to a token that is still valid; the \
                 console makes them under Settings > API",
            ),
            Class::Limit => Some("see the workspace's plan and balance in the console"),
            Class::Transient => Some("run the same command again in a minute"),
            Class::Unexpected => Some("run the command again with -v to see each request"),
            Class::Refused | Class::Conflict | Class::Absent | Class::Unsupported => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: ", self.operation)?;
        // A transport error says what is wrong better than its class does.
        if self.transport.is_none() {
            write!(f, "{}", self.class.words())?;
            if !self.text.is_empty() {
                f.write_str(": ")?;
            }
        }
        f.write_str(&self.text)?;
        match self.status {
            Some(status) => write!(f, " (HTTP {status})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

fn one_short_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = printable(&line);
    match line.char_indices().nth(LONGEST_TEXT) {
        None => line.into_owned(),
        Some(_) => {
            let mut short: String = line.chars().take(LONGEST_TEXT - 1).collect();
            short.push('…');
            short
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_was_done_and_why_it_failed() {
        let error = Error {
            status: Some(403),
            ..Error::new(
                Class::Limit,
                "creating `a` of minio-minio",
                "Too\nmany  instances",
            )
        };
        assert_eq!(
            error.to_string(),
            "creating `a` of minio-minio failed: the workspace's plan does not allow it: \
             Too many instances (HTTP 403)"
        );
    }

    #[test]
    fn a_long_text_is_cut_and_an_escape_sequence_disarmed() {
        let text = Error::new(Class::Refused, "x", &format!("\x1b[31m{}", "ö".repeat(400))).text;
        assert_eq!(text.chars().count(), 300);
        assert!(text.starts_with("\u{fffd}[31m"));
        assert!(text.ends_with('…'));
    }

    #[test]
    fn a_machine_without_certificates_is_told_what_to_install() {
        let error = Error::of_transport(
            "reading subscriptions",
            &TransportError {
                kind: TransportKind::NoAuthorities,
                message: "no certificates".into(),
            },
        );
        assert!(error.hint().unwrap().contains("ca-certificates"));
        assert_eq!(
            error.to_string(),
            "reading subscriptions failed: no certificates"
        );
    }
}

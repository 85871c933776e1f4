use std::error::Error as StdError;
use std::io;

use super::{TransportError, TransportKind};
use crate::model::printable;

/// What a failed request says about the way there; the URL is left out.
pub(super) fn diagnose(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let cause = in_plain_words(&error);
    // Once connected, a failure of TLS leaves open what was sent.
    let (kind, what) = if is_tls(&error) && error.is_connect() {
        (TransportKind::Tls, "no trusted connection to the host")
    } else if error.is_timeout() {
        (TransportKind::Timeout, "no answer in time")
    } else if error.is_dns() {
        (TransportKind::Dns, "the host's name leads nowhere")
    } else if error.is_connect() {
        (TransportKind::Connect, "no connection to the host")
    } else {
        (TransportKind::Broken, "the connection broke")
    };
    TransportError {
        kind,
        message: format!("{what}: {}", printable(&cause)),
    }
}

/// A client that could not be made: in practice, one without certificate authorities.
pub(super) fn diagnose_setup(error: &reqwest::Error) -> TransportError {
    TransportError {
        kind: TransportKind::NoAuthorities,
        message: format!(
            "nothing can be sent over https from this machine: {}",
            printable(&innermost(error).to_string())
        ),
    }
}

/// The innermost cause; of a connection that ended early, TLS libraries tell programmers.
fn in_plain_words(error: &(dyn StdError + 'static)) -> String {
    let mut io = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>());
    if io.any(|cause| cause.kind() == io::ErrorKind::UnexpectedEof) {
        return "the other side closed it".to_owned();
    }
    innermost(error).to_string()
}

fn is_tls(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.is::<rustls::Error>())
}

fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    causes(error).last().unwrap_or(error)
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |cause| cause_of(*cause))
}

fn cause_of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    // `io::Error::source` skips the error it wraps, which is the one that tells TLS from the rest.
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_ends_early_is_told_without_a_word_about_the_library() {
        let library = "peer closed connection without sending TLS close_notify: https://docs.rs/x";
        let early = io::Error::new(io::ErrorKind::UnexpectedEof, library);
        let wrapped = io::Error::other(early);
        assert_eq!(in_plain_words(&wrapped), "the other side closed it");
        let reset = io::Error::other("connection reset");
        assert_eq!(in_plain_words(&reset), "connection reset");
    }
}

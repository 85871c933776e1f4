use bytes::Bytes;
use http::{Request, header};
use url::form_urlencoded;

use super::refusal::{self, Code};
use crate::sandbox::reply::Reply;
use crate::sandbox::request_body;

const FORM: &str = "application/x-www-form-urlencoded";

/// The parameters of a query or form; one without a value counts as not given (RFC 6749, 3.1).
// Without `Debug`: there are codes and secrets among them.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of the query.
    pub(super) fn of_query(request: &Request<Bytes>) -> Parameters {
        Parameters::parse(request.uri().query().unwrap_or_default().as_bytes())
    }

    /// Those of the body; a body that is no form is refused as the framework does that, which has
    /// no parser for it.
    pub(super) fn of_form(request: &Request<Bytes>) -> Result<Parameters, Reply> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.map_or(&b""[..], |value| value.as_bytes());
        let content_type = String::from_utf8_lossy(content_type);
        let essence = content_type.split(';').next().unwrap_or_default();
        if !essence.trim().eq_ignore_ascii_case(FORM) {
            return Err(request_body::unsupported(&content_type));
        }
        Ok(Parameters::parse(request.body()))
    }

    /// The first value that was given.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        values.next().map(|(_, value)| value.as_str())
    }

    /// The value of one that is needed at the token endpoint.
    pub(super) fn require(&self, name: &str) -> Result<&str, Reply> {
        self.get(name)
            .ok_or_else(|| refusal::token(Code::InvalidRequest, format!("{name} is missing")))
    }

    /// One of these names that was given more than once, which is against RFC 6749, 3.1.
    pub(super) fn repeated<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        let count = |name: &str| self.0.iter().filter(|(key, _)| key == name).count();
        names.iter().copied().find(|name| count(name) > 1)
    }

    fn parse(text: &[u8]) -> Parameters {
        let pairs = form_urlencoded::parse(text).into_owned();
        Parameters(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }
}

/// Pairs as a query or form has them.
pub(super) fn encode<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let mut encoder = form_urlencoded::Serializer::new(String::new());
    encoder.extend_pairs(pairs);
    encoder.finish()
}

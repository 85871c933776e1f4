use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::body::Body;
use super::classify::Place;
use super::retry::Effect;
use super::wire::Malformed;
use super::{Class, Error};

/// A request before it has a credential.
pub(super) struct Call<'a> {
    /// What is being done, for errors: "reading subscriptions".
    pub(super) operation: String,
    pub(super) effect: Effect,
    pub(super) place: Place,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) body: Option<Value>,
    /// Texts of the body that must not come back in an error.
    pub(super) secrets: Vec<&'a str>,
}

/// A good answer.
pub(super) struct Received {
    pub(super) operation: String,
    pub(super) status: u16,
    pub(super) body: Body,
    pub(super) bytes: Bytes,
}

/// A credential as it travels.
pub(super) struct Credential<'a> {
    pub(super) header: HeaderName,
    pub(super) value: HeaderValue,
    /// The token itself, for taking it out of texts.
    pub(super) secret: &'a SecretString,
}

impl Call<'_> {
    /// The request on the wire. Without a body it has no content type, which the platform refuses
    /// (API notes 3).
    pub(super) fn request(
        &self,
        credential: &Credential<'_>,
    ) -> Result<http::Request<Bytes>, Error> {
        let mut builder = http::Request::builder()
            .method(self.method.clone())
            .uri(self.url.as_str())
            .header(&credential.header, &credential.value);
        let body = match &self.body {
            Some(body) => {
                builder = builder.header(CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        builder.body(body).map_err(|_| {
            Error::new(
                Class::Unexpected,
                &*self.operation,
                "its URL cannot be sent",
            )
        })
    }

    /// The URL as it may be logged.
    pub(super) fn shown_url(&self) -> Url {
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url
    }
}

impl Received {
    /// The answer in our words.
    ///
    /// # Errors
    /// Where it is no JSON or of another shape; never taken for an empty or absent thing.
    pub(super) fn decoded<T>(
        &self,
        decode: impl FnOnce(&Value) -> Result<T, Malformed>,
    ) -> Result<T, Error> {
        let result = match &self.body {
            Body::Json(value) => decode(value),
            _ => Err(Malformed("it is not JSON".to_owned())),
        };
        result.map_err(|Malformed(why)| Error {
            status: Some(self.status),
            ..Error::new(Class::Unexpected, &*self.operation, &why)
        })
    }
}

/// The value of a header that carries a token; nothing where the token is no text for one.
pub(super) fn bearer(token: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

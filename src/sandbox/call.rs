//! A request that has reached its destination.

use bytes::Bytes;
use http::{Method, Request};

use super::moment::Moment;
use super::reply::Reply;
use super::rules::Rules;
use super::world::World;

/// What a handler comes to: an answer, or a refusal (also an answer).
pub(crate) type Outcome = Result<Reply, Reply>;

/// One request at its destination, with the world it acts on.
pub(crate) struct Call<'a> {
    /// The state.
    pub(crate) world: &'a mut World,
    /// The behaviour.
    pub(crate) rules: &'a Rules,
    /// The moment the request takes effect.
    pub(crate) now: Moment,
    /// The request as it came in.
    pub(crate) request: &'a Request<Bytes>,
    /// The path at the destination, prefixes removed.
    pub(crate) path: &'a str,
}

impl<'a> Call<'a> {
    /// The method.
    pub(crate) fn method(&self) -> &'a Method {
        self.request.method()
    }

    /// The parts of the path between its slashes.
    pub(crate) fn segments(&self) -> Vec<&'a str> {
        self.path.trim_start_matches('/').split('/').collect()
    }

    /// The value of a query parameter, as it stands in the URL.
    pub(crate) fn query(&self, name: &str) -> Option<&'a str> {
        let pairs = self.request.uri().query()?.split('&');
        pairs
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, v)| v)
    }

    /// A header, if it is there once or more and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    /// The refusal for a route this destination does not have.
    pub(crate) fn route_not_found(&self) -> Reply {
        let url = match self.request.uri().query() {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.to_owned(),
        };
        Reply::route_not_found(self.method().as_str(), &url)
    }
}

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::time::timeout;
use url::Url;

use super::{SAT_HEADER, Session};
use crate::osc::{Class, Error, Instance, Stream, TransportError, TransportKind};

/// What an instance has for answering; whoever asks comes again.
const VISIT_LIMIT: Duration = Duration::from_secs(10);

/// What it has for taking a bare connection.
const DIAL_LIMIT: Duration = Duration::from_secs(5);

/// How old a service token must be before a refusal is taken for its fault: young endpoints
/// refuse good ones for a while (API notes 13.2).
const YOUNG_TOKEN: Duration = Duration::from_secs(60);

/// A request to an instance itself, not to its service's API.
#[derive(Debug, Clone, Default)]
pub struct Visit<'a> {
    /// The method.
    pub method: Method,
    /// What follows the instance's URL: nothing, or a path that begins with `/`.
    pub path: &'a str,
    /// Header lines beside those of every request.
    pub headers: HeaderMap,
}

impl Visit<'_> {
    fn request(self, url: &Url) -> Option<http::Request<Bytes>> {
        let mut request = http::Request::new(Bytes::new());
        *request.method_mut() = self.method;
        *request.uri_mut() = url.as_str().parse().ok()?;
        *request.headers_mut() = self.headers;
        Some(request)
    }
}

impl Session {
    /// One attempt; see `ReadApi::visit`.
    pub(in crate::osc) async fn visit(
        &self,
        service: &str,
        instance: &Instance,
        visit: Visit<'_>,
    ) -> Result<http::Response<Bytes>, Error> {
        let operation = format!("visiting `{}` of {service}", instance.name);
        let wrong = |why: &str| Error::new(Class::Unexpected, &*operation, why);
        let url = self
            .address(instance, visit.path)
            .map_err(|why| wrong(&why))?;
        let token = self.service_token(service).await.map_err(|error| Error {
            // Says nothing about the way to the instance.
            transport: None,
            ..error
        })?;
        let mut request = visit
            .request(&url)
            .ok_or_else(|| wrong("its URL cannot be sent"))?;
        request
            .headers_mut()
            .insert(SAT_HEADER, token.header.clone());
        let answer = {
            let _turn = self.reads.acquire().await.ok();
            within(VISIT_LIMIT, self.exchange.exchange(request)).await
        };
        let host = url.host_str().unwrap_or_default();
        match &answer {
            Ok(answer) => tracing::debug!("visit to {host} -> {}", answer.status().as_u16()),
            Err(error) => tracing::debug!("visit to {host} -> {:?}", error.kind),
        }
        let answer = answer.map_err(|error| Error::of_transport(&operation, &error))?;
        if answer.status() == 401 && token.since.elapsed() >= YOUNG_TOKEN {
            self.tokens.forget(service, &token).await;
        }
        Ok(answer)
    }

    /// A bare connection; see `ReadApi::dial`.
    pub(in crate::osc) async fn dial(
        &self,
        host: &str,
        port: u16,
    ) -> Result<Box<dyn Stream>, TransportError> {
        let _turn = self.reads.acquire().await.ok();
        let connected = within(DIAL_LIMIT, self.exchange.dial(host, port)).await;
        let outcome = connected.as_ref().err().map(|error| error.kind);
        tracing::debug!("connecting to {host}:{port} -> {outcome:?}");
        connected
    }

    /// The one gate that a service token passes on its way to an instance.
    fn address(&self, instance: &Instance, path: &str) -> Result<Url, String> {
        let Some(base) = &instance.url else {
            return Err("it has no URL".to_owned());
        };
        let own = Url::parse(base).map_err(|_| "its URL is none".to_owned())?;
        if !self.hosts.trusts_instance_url(&own) {
            let host = own.host_str().unwrap_or_default();
            return Err(format!(
                "its URL is on `{host}`, which is no host of the platform"
            ));
        }
        let url = Url::parse(&format!("{base}{path}")).ok();
        url.filter(|url| url.origin() == own.origin() && url.username().is_empty())
            .ok_or_else(|| "the path leads away from its URL".to_owned())
    }
}

async fn within<T>(
    limit: Duration,
    sending: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    timeout(limit, sending).await.unwrap_or_else(|_| {
        Err(TransportError {
            kind: TransportKind::Timeout,
            message: format!("no answer within {} s", limit.as_secs()),
        })
    })
}

#[cfg(test)]
mod tests;

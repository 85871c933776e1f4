use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, ClientBuilder};
use url::Url;

use super::diagnosis::{diagnose, diagnose_setup};
use super::hosts::is_loopback;
use super::{Dialer, Dialing, Exchange, Exchanging, TransportError, TransportKind};

mod bare;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const SILENCE_LIMIT: Duration = Duration::from_secs(75);
const CALL_LIMIT: Duration = Duration::from_secs(90);
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// The real network, over HTTP and TLS.
///
/// Costs nothing until first used. Connecting ends after 10 s, waiting for the next byte after
/// 75 s (a gateway takes a minute to give up, API notes 13.3), a call after 90 s, an answer at
/// 64 MiB. Redirects are
/// not followed. Proxy settings of the environment hold except for this machine.
#[derive(Debug)]
pub struct Network {
    dialer: Dialer,
    user_agent: String,
    clients: [OnceLock<Result<Client, TransportError>>; 4],
}

/// The kinds of client, told apart by what a request needs.
#[derive(Clone, Copy)]
enum Lane {
    /// Everything leads to the dialer's own server.
    Dialed,
    /// Clear text: needs no certificates, which a bare container does not have.
    Plain,
    /// TLS to this machine: never through a proxy.
    Loopback,
    /// TLS to the world.
    Public,
}

impl Network {
    /// The network as seen through `dialer`; `version` becomes part of the user agent.
    pub fn new(dialer: Dialer, version: &str) -> Self {
        Self {
            dialer,
            user_agent: format!("osc-apply/{version}"),
            clients: Default::default(),
        }
    }

    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let request = outgoing(request)?;
        let client = self.client_for(request.url())?;
        let answer = client.execute(request).await.map_err(diagnose)?;
        collected(answer).await
    }

    fn client_for(&self, url: &Url) -> Result<&Client, TransportError> {
        let lane = match self.dialer {
            Dialer::Local { .. } => Lane::Dialed,
            Dialer::System if url.scheme() == "http" => Lane::Plain,
            Dialer::System if is_loopback(url) => Lane::Loopback,
            Dialer::System => Lane::Public,
        };
        self.clients[lane as usize]
            .get_or_init(|| {
                // Fails when a provider is there already, which is as good.
                let _ = rustls::crypto::ring::default_provider().install_default();
                self.builder(lane)
                    .and_then(ClientBuilder::build)
                    .map_err(|error| diagnose_setup(&error))
            })
            .as_ref()
            .map_err(TransportError::clone)
    }

    fn builder(&self, lane: Lane) -> Result<ClientBuilder, reqwest::Error> {
        let builder = Client::builder()
            .user_agent(&self.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_LIMIT)
            .read_timeout(SILENCE_LIMIT)
            .timeout(CALL_LIMIT);
        Ok(match (lane, &self.dialer) {
            (
                _,
                Dialer::Local {
                    address,
                    authority_der,
                    ..
                },
            ) => builder
                .no_proxy()
                .dns_resolver(Arc::new(EveryHost(*address)))
                .tls_certs_only([Certificate::from_der(authority_der)?]),
            (Lane::Plain, _) => builder.no_proxy().tls_certs_only([]),
            (Lane::Loopback, _) => builder.no_proxy(),
            _ => builder,
        })
    }
}

impl Exchange for Network {
    fn exchange(&self, request: http::Request<Bytes>) -> Exchanging<'_> {
        Box::pin(self.send(request))
    }

    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        Box::pin(bare::dial(&self.dialer, host, port))
    }
}

/// A resolver that knows one address.
struct EveryHost(SocketAddr);

impl Resolve for EveryHost {
    fn resolve(&self, _: Name) -> Resolving {
        let only: Addrs = Box::new(std::iter::once(self.0));
        Box::pin(std::future::ready(Ok(only)))
    }
}

fn outgoing(request: http::Request<Bytes>) -> Result<reqwest::Request, TransportError> {
    let (head, body) = request.into_parts();
    let url = Url::parse(&head.uri.to_string()).map_err(|_| TransportError {
        kind: TransportKind::Broken,
        message: "the request's address is not an absolute URL".to_owned(),
    })?;
    let mut outgoing = reqwest::Request::new(head.method, url);
    *outgoing.headers_mut() = head.headers;
    if !body.is_empty() {
        *outgoing.body_mut() = Some(body.into());
    }
    Ok(outgoing)
}

async fn collected(mut answer: reqwest::Response) -> Result<http::Response<Bytes>, TransportError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(diagnose)? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(TransportError {
                kind: TransportKind::TooLarge,
                message: format!("the answer is larger than {} MiB", BODY_LIMIT >> 20),
            });
        }
        body.extend_from_slice(&chunk);
    }
    let mut collected = http::Response::new(body.freeze());
    *collected.status_mut() = answer.status();
    *collected.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(collected)
}

#[cfg(test)]
mod tests;

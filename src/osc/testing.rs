//! A platform in memory that answers from a closure and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::{
    Claims, Clock, Dialing, Exchange, Exchanging, HostOverrides, Hosts, ReadApi, Session,
    Subscription, TransportError, TransportKind, WriteApi,
};
use crate::catalog::{Catalog, Service};

/// What an exchange ends with.
pub(super) type Reply = Result<http::Response<Bytes>, TransportError>;

/// How long every exchange takes, so that concurrent ones overlap.
pub(super) const LATENCY: Duration = Duration::from_millis(10);

pub(super) struct Fake {
    latency: Duration,
    answer: Box<dyn Fn(&Asked) -> Reply + Send + Sync>,
    asked: Mutex<Vec<Asked>>,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) query: Option<String>,
    pub(super) headers: http::HeaderMap,
    pub(super) body: String,
    /// Which of all requests with this line it is, from 0.
    pub(super) turn: usize,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Fake {
    /// Answers service tokens `sat-1`, `sat-2`, … that last ten minutes, and asks the closure
    /// for the rest.
    pub(super) fn with(
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> (Arc<Self>, Arc<Session>) {
        Self::bare(move |asked| match asked.line.ends_with("/servicetoken") {
            true => service_token(asked.turn, 600 * (asked.turn as u64 + 1)),
            false => answer(asked),
        })
    }

    /// Takes requests and never answers.
    pub(super) fn silent() -> (Arc<Self>, Arc<Session>) {
        Self::bare_after(Duration::from_secs(3600), |_| reply(200, "[]"))
    }

    /// Asks the closure for everything.
    pub(super) fn bare(
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> (Arc<Self>, Arc<Session>) {
        Self::bare_after(LATENCY, answer)
    }

    fn bare_after(
        latency: Duration,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> (Arc<Self>, Arc<Session>) {
        let fake = Arc::new(Self {
            latency,
            answer: Box::new(answer),
            asked: Mutex::default(),
        });
        let pat = token(r#"{"tenantId":"acme"}"#);
        let session = Session::new(
            Hosts::new("prod", &HostOverrides::default()).unwrap(),
            pat.clone(),
            Claims::of(&pat).unwrap(),
            Arc::clone(&fake) as Arc<dyn Exchange>,
            Clock::starting_at(SystemTime::UNIX_EPOCH),
        );
        (fake, Arc::new(session))
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Method and path of every request but those for service tokens.
    pub(super) fn lines(&self) -> Vec<String> {
        let asked = self.asked().into_iter().map(|asked| asked.line);
        asked
            .filter(|line| !line.ends_with("/servicetoken"))
            .collect()
    }

    pub(super) fn token_requests(&self) -> usize {
        self.asked().len() - self.lines().len()
    }
}

impl Exchange for Fake {
    fn exchange(&self, request: http::Request<Bytes>) -> Exchanging<'_> {
        let (head, body) = request.into_parts();
        let line = format!("{} {}", head.method, head.uri.path());
        let mut all = self.asked.lock().unwrap();
        let asked = Asked {
            turn: all.iter().filter(|earlier| earlier.line == line).count(),
            line,
            query: head.uri.query().map(str::to_owned),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        };
        all.push(asked.clone());
        drop(all);
        Box::pin(async move {
            tokio::time::sleep(self.latency).await;
            (self.answer)(&asked)
        })
    }

    fn dial<'a>(&'a self, _: &'a str, _: u16) -> Dialing<'a> {
        Box::pin(async {
            Err(TransportError {
                kind: TransportKind::Connect,
                message: "nothing listens here".to_owned(),
            })
        })
    }
}

pub(super) fn reply(status: u16, body: &str) -> Reply {
    let mut response = http::Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    Ok(response)
}

pub(super) fn service_token(turn: usize, expiry: u64) -> Reply {
    let number = turn + 1;
    let body = format!(r#"{{"serviceId":"x","token":"sat-{number}","expiry":{expiry}}}"#);
    reply(200, &body)
}

/// A JWT with this payload and a signature that is a canary.
pub(super) fn token(payload: &str) -> SecretString {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.canarypat", part(r#"{"alg":"HS256"}"#), part(payload)).into()
}

pub(super) fn service(id: &str) -> Service {
    Catalog::bundled()
        .unwrap()
        .service(id)
        .unwrap()
        .as_ref()
        .clone()
}

pub(super) fn valkey() -> (Subscription, Service) {
    let api = "https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance";
    let subscription = Subscription {
        service: "valkey-io-valkey".into(),
        api_url: Url::parse(api).unwrap(),
    };
    (subscription, service("valkey-io-valkey"))
}

pub(super) fn reads(session: &Arc<Session>) -> ReadApi {
    ReadApi::new(Arc::clone(session))
}

pub(super) fn writes(session: &Arc<Session>) -> WriteApi {
    WriteApi::new(Arc::clone(session))
}

//! A server of sign-ins in memory that answers from a closure and remembers what it was asked.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::{Client, SignIn, Site};
use crate::osc::{
    Claims, Dialing, Exchange, Exchanging, HostOverrides, Hosts, TransportError, TransportKind,
};

pub(super) type Reply = Result<http::Response<Bytes>, TransportError>;

pub(super) struct Server {
    answer: Box<dyn Fn(&Asked) -> Reply + Send + Sync>,
    asked: Mutex<Vec<Asked>>,
}

#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) headers: http::HeaderMap,
    pub(super) body: String,
}

impl Server {
    pub(super) fn answering(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self {
            answer: Box::new(answer),
            asked: Mutex::default(),
        }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Exchange for Server {
    fn exchange(&self, request: http::Request<Bytes>) -> Exchanging<'_> {
        let (head, body) = request.into_parts();
        let asked = Asked {
            line: format!("{} {}", head.method, head.uri),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        };
        self.asked.lock().unwrap().push(asked.clone());
        Box::pin(async move { (self.answer)(&asked) })
    }

    fn dial<'a>(&'a self, _: &'a str, _: u16) -> Dialing<'a> {
        Box::pin(async { Err(lost(TransportKind::Connect)) })
    }
}

pub(super) fn reply(status: u16, body: &Value) -> Reply {
    let mut response = http::Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    Ok(response)
}

pub(super) fn lost(kind: TransportKind) -> TransportError {
    TransportError {
        kind,
        message: "gone".to_owned(),
    }
}

/// A token for a workspace, with a signature that is a canary; without an end.
pub(super) fn pat(workspace: &str) -> String {
    let payload = format!(r#"{{"tenantId":"{workspace}","userId":"u1"}}"#);
    format!("e30.{}.canarypat", URL_SAFE_NO_PAD.encode(payload))
}

/// A renewable sign-in to a workspace that ends at this second, all of its secrets canaries.
pub(super) fn sign_in(workspace: &str, end: u64) -> SignIn {
    let access = SecretString::from(pat(workspace));
    SignIn {
        claims: Claims::of(&access).unwrap(),
        access,
        refresh: Some("canaryrefresh".into()),
        expires: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(end)),
        client: Client {
            id: "osc_1".to_owned(),
            secret: Some("canarysecret".into()),
        },
        registered_port: None,
        token_endpoint: Url::parse("https://app.osaas.io/api/connect/token").unwrap(),
        revocation_endpoint: None,
        renewing_since: None,
    }
}

/// The site of the environment `prod`.
pub(super) fn site() -> Site {
    Site::of(&Hosts::new("prod", &HostOverrides::default()).unwrap())
}

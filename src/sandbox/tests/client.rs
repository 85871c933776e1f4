//! A client with a world and a clock of its own.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::sandbox::catalog::{self, Service};
use crate::sandbox::{Addressing, Cut, Faults, Rules, World, answer_with};

pub(super) const VALKEY: &str = "valkey-io-valkey";
pub(super) const POSTGRES: &str = "birme-osc-postgresql";

/// The moment every test begins at.
pub(super) fn dawn() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_790_000_000)
}

pub(super) struct Client {
    pub(super) world: World,
    pub(super) rules: Rules,
    pub(super) faults: Faults,
    pub(super) now: SystemTime,
    pub(super) pat: String,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) status: StatusCode,
    pub(super) content_type: String,
    pub(super) headers: http::HeaderMap,
    pub(super) text: String,
    pub(super) after: Duration,
}

impl Said {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(super) fn reason(&self) -> String {
        self.json()["reason"]
            .as_str()
            .unwrap_or_else(|| panic!("no reason: {self:?}"))
            .to_owned()
    }

    pub(super) fn message(&self) -> String {
        self.json()["message"]
            .as_str()
            .unwrap_or_else(|| panic!("no message: {self:?}"))
            .to_owned()
    }

    pub(super) fn is_nginx(&self, status: u16) -> bool {
        self.status == status && self.content_type == "text/html" && self.text.contains("nginx")
    }
}

impl Client {
    /// A client of a new world that is subscribed to nothing.
    pub(super) fn new() -> Client {
        let mut world = World::new([42; 32]);
        let pat = world.personal_access_token(dawn(), None);
        Client {
            world,
            rules: Rules::default(),
            faults: Faults::default(),
            now: dawn(),
            pat,
        }
    }

    /// A client subscribed to these services.
    pub(super) fn subscribed(services: &[&str]) -> Client {
        let mut client = Client::new();
        let body = json!({ "services": services });
        client.platform("catalog", "POST", "/mysubscriptions", Some(body));
        client
    }

    pub(super) fn prefixed(mut self) -> Client {
        self.rules.addressing = Addressing::Prefixed {
            base: "http://127.0.0.1:7".to_owned(),
        };
        self
    }

    pub(super) fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    /// Misbehaves in these ways from now on, and in no other.
    pub(super) fn suffer<'f>(&mut self, faults: impl IntoIterator<Item = &'f str>) {
        let faults = faults.into_iter().map(|fault| fault.parse().unwrap());
        self.faults = Faults::new(faults, 0);
    }

    pub(super) fn send(&mut self, request: Request<Bytes>) -> Said {
        self.try_send(request).unwrap()
    }

    /// Sends a request that may find no answer.
    pub(super) fn try_send(&mut self, request: Request<Bytes>) -> Result<Said, Cut> {
        let (world, faults) = (&mut self.world, &mut self.faults);
        let answer = answer_with(world, &self.rules, faults, self.now, &request);
        let response = answer.response?;
        let content_type = response.headers().get("content-type");
        Ok(Said {
            status: response.status(),
            content_type: content_type
                .map_or("", |value| value.to_str().unwrap())
                .to_owned(),
            headers: response.headers().clone(),
            text: String::from_utf8_lossy(response.body()).into_owned(),
            after: answer.after,
        })
    }

    /// Asks a platform role, with the PAT.
    pub(super) fn platform(
        &mut self,
        role: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Said {
        let uri = format!("https://{role}.svc.prod.osaas.io{path}");
        let pat = self.pat.clone();
        self.send(request(method, &uri, "x-pat-jwt", &pat, body))
    }

    /// Asks the deploy manager, with the PAT.
    pub(super) fn deploy(&mut self, method: &str, path: &str, body: Option<Value>) -> Said {
        self.platform("deploy", method, path, body)
    }

    /// Keeps a secret of a service.
    pub(super) fn put_secret(&mut self, service: &str, name: &str, value: &str) {
        let body = json!({ "secretData": value });
        let said = self.deploy("PUT", &format!("/mysecrets/{service}/{name}"), Some(body));
        assert_eq!(said.status, 200, "{said:?}");
    }

    /// A token for a service, which no fault has to do with.
    pub(super) fn token(&mut self, service: &str) -> String {
        let faults = std::mem::take(&mut self.faults);
        let document = self.issue_token(service).json();
        self.faults = faults;
        document["token"].as_str().unwrap().to_owned()
    }

    /// Asks for a token for a service.
    pub(super) fn issue_token(&mut self, service: &str) -> Said {
        let body = json!({ "serviceId": service });
        self.platform("token", "POST", "/servicetoken", Some(body))
    }

    /// Asks a service's API, with a token for it.
    pub(super) fn service(
        &mut self,
        service: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Said {
        self.try_service(service, method, path, body).unwrap()
    }

    /// The same where there may be no answer.
    pub(super) fn try_service(
        &mut self,
        service: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Said, Cut> {
        let uri = format!("https://{}{path}", spec(service).api_host);
        let token = self.token(service);
        self.try_send(request(method, &uri, "x-jwt", &token, body))
    }

    /// Asks an instance at its own host, with a token of its service.
    pub(super) fn host(&mut self, service: &str, name: &str, path: &str) -> Result<Said, Cut> {
        let token = self.token(service);
        let uri = format!("https://sandbox-{name}.{service}.auto.prod-se.osaas.io{path}");
        self.try_send(request("GET", &uri, "x-jwt", &token, None))
    }

    pub(super) fn create(&mut self, service: &str, body: Value) -> Said {
        self.service(service, "POST", &spec(service).collection, Some(body))
    }

    pub(super) fn list(&mut self, service: &str) -> Value {
        self.service(service, "GET", &spec(service).collection, None)
            .json()
    }

    pub(super) fn get(&mut self, service: &str, id: &str) -> Said {
        self.on(service, "GET", id, None)
    }

    pub(super) fn patch(&mut self, service: &str, id: &str, body: Value) -> Said {
        self.on(service, "PATCH", id, Some(body))
    }

    pub(super) fn delete(&mut self, service: &str, id: &str) -> Said {
        self.on(service, "DELETE", id, None)
    }

    pub(super) fn health(&mut self, service: &str, id: &str) -> String {
        let said = self.service(service, "GET", &format!("/health/{id}"), None);
        said.json()["status"].as_str().unwrap().to_owned()
    }

    fn on(&mut self, service: &str, method: &str, id: &str, body: Option<Value>) -> Said {
        let path = format!("{}/{id}", spec(service).collection);
        self.service(service, method, &path, body)
    }
}

pub(super) fn spec(service: &str) -> &'static Service {
    catalog::find(service).unwrap()
}

pub(super) fn request(
    method: &str,
    uri: &str,
    header: &str,
    token: &str,
    body: Option<Value>,
) -> Request<Bytes> {
    let builder = Request::builder().method(method).uri(uri);
    let builder = builder.header(header, format!("Bearer {token}"));
    match body {
        Some(body) => builder
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap(),
        None => builder.body(Bytes::new()).unwrap(),
    }
}

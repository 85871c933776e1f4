use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use osc_apply::osc::{Clock, Dialing, Exchange, Exchanging, TransportError, TransportKind};
use osc_apply::sandbox::{Cut, Rules, World, answer};
use tokio::time::Instant;

/// A workspace on an emulated platform.
pub(crate) struct Platform {
    world: Mutex<World>,
    rules: Rules,
    clock: Clock,
    began: Instant,
    seen: Mutex<Vec<Seen>>,
    faults: Mutex<Vec<Fault>>,
}

/// A request as it was seen, such as `GET valkey-io-valkey /health/cache`.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) body: String,
    pub(crate) from: Duration,
    /// When it was answered.
    pub(crate) to: Option<Duration>,
}

/// What happens instead of, or before, an ordinary answer.
#[derive(Clone)]
pub(crate) enum Then {
    /// This answer; nothing takes effect.
    Answer(u16, &'static str, String),
    /// The request takes effect, the answer is another one.
    TakenButAnswer(u16, &'static str, String),
    /// No answer.
    Broken,
    /// Somebody else sends these requests to a service first: method, service, path, body.
    SomebodyElse(Vec<(&'static str, String)>),
    /// A bug.
    Panic,
    /// The status and JSON that this comes to.
    Call(Arc<dyn Fn() -> (u16, String) + Send + Sync>),
    /// This is done first.
    Do(Arc<dyn Fn() + Send + Sync>),
}

impl Then {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::Answer(status, "application/json", body.to_owned())
    }

    pub(crate) fn reason(status: u16, reason: &str) -> Self {
        Self::json(status, &format!(r#"{{"reason":"{reason}"}}"#))
    }

    pub(crate) fn html(status: u16) -> Self {
        Self::Answer(status, "text/html", PAGE.to_owned())
    }

    pub(crate) fn lost(status: u16) -> Self {
        Self::TakenButAnswer(status, "text/html", PAGE.to_owned())
    }

    pub(crate) fn health(status: &str) -> Self {
        Self::json(200, &format!(r#"{{"status":"{status}"}}"#))
    }
}

const PAGE: &str = "<html><head><title>nginx</title></head><body>nginx</body></html>";

struct Fault {
    /// A part of the line.
    line: String,
    /// Which of the matching requests, from 0.
    turns: Range<usize>,
    met: usize,
    then: Then,
}

impl Platform {
    pub(crate) fn new(rules: Rules) -> Arc<Self> {
        Arc::new(Self {
            world: Mutex::new(World::new([7; 32])),
            rules,
            clock: Clock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)),
            began: Instant::now(),
            seen: Mutex::default(),
            faults: Mutex::default(),
        })
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    pub(crate) fn new_token(&self) -> String {
        let now = self.clock.now();
        self.world.lock().unwrap().personal_access_token(now, None)
    }

    /// Misbehaves at every request whose line contains this.
    pub(crate) fn always(&self, line: &str, then: Then) {
        self.at(line, 0..usize::MAX, then);
    }

    /// Misbehaves at some of the requests from now on whose lines contain this.
    pub(crate) fn at(&self, line: &str, turns: Range<usize>, then: Then) {
        self.faults.lock().unwrap().push(Fault {
            line: line.to_owned(),
            turns,
            met: 0,
            then,
        });
    }

    /// Behaves again.
    pub(crate) fn behave(&self) {
        self.faults.lock().unwrap().clear();
    }

    /// Everything that was asked since the last time this was called.
    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter().map(|seen| seen.line.clone()).collect()
    }

    pub(crate) fn count(&self, part: &str) -> usize {
        self.lines()
            .iter()
            .filter(|line| line.contains(part))
            .count()
    }

    /// The first request whose line contains this.
    pub(crate) fn first(&self, part: &str) -> Seen {
        let seen = self.seen.lock().unwrap();
        let found = seen.iter().find(|seen| seen.line.contains(part));
        found
            .unwrap_or_else(|| panic!("nobody asked {part}"))
            .clone()
    }

    /// Somebody else's request to a service of the same workspace; nothing of it is counted.
    ///
    /// `what` is a method and an address: `DELETE https://api-….osaas.io/valkeyinstance/a`.
    pub(crate) fn somebody_else(&self, what: &str, body: &str) {
        let (method, url) = what.split_once(' ').unwrap();
        let pat = self.new_token();
        let service = service_of(url);
        let token = self.ask(
            "POST",
            "https://token.svc.prod.osaas.io/servicetoken",
            ("x-pat-jwt", &pat),
            &format!(r#"{{"serviceId":"{service}"}}"#),
        );
        let token: serde_json::Value = serde_json::from_slice(token.body()).unwrap();
        let token = token["token"].as_str().expect("a service token");
        let done = self.ask(method, url, ("x-jwt", token), body);
        assert!(done.status().is_success(), "{what}: {:?}", done.body());
    }

    /// Subscribes the workspace to services.
    pub(crate) fn subscribe(&self, services: &[&str]) {
        let pat = self.new_token();
        let body = serde_json::json!({ "services": services }).to_string();
        let url = "https://catalog.svc.prod.osaas.io/mysubscriptions";
        let done = self.ask("POST", url, ("x-pat-jwt", &pat), &body);
        assert!(done.status().is_success());
    }

    fn ask(
        &self,
        method: &str,
        url: &str,
        (header, token): (&str, &str),
        body: &str,
    ) -> http::Response<Bytes> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(url)
            .header(header, format!("Bearer {token}"));
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let request = request
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap();
        let mut world = self.world.lock().unwrap();
        answer(&mut world, &self.rules, self.clock.now(), &request)
            .response
            .unwrap()
    }

    fn fault_at(&self, line: &str) -> Option<Then> {
        let mut faults = self.faults.lock().unwrap();
        let mut then = None;
        for fault in faults.iter_mut().filter(|fault| line.contains(&fault.line)) {
            if fault.turns.contains(&fault.met) && then.is_none() {
                then = Some(fault.then.clone());
            }
            fault.met += 1;
        }
        then
    }
}

impl Exchange for Platform {
    fn exchange(&self, request: http::Request<Bytes>) -> Exchanging<'_> {
        Box::pin(async move {
            let line = line_of(&request);
            let number = {
                let mut seen = self.seen.lock().unwrap();
                seen.push(Seen {
                    line: line.clone(),
                    body: String::from_utf8(request.body().to_vec()).unwrap(),
                    from: self.began.elapsed(),
                    to: None,
                });
                seen.len() - 1
            };
            let then = self.fault_at(&line);
            let instead = match then {
                Some(Then::Panic) => panic!("a bug"),
                Some(Then::Broken) => {
                    tokio::time::sleep(Duration::from_secs(30)).await;
                    return Err(TransportError {
                        kind: TransportKind::Timeout,
                        message: "no answer in time".to_owned(),
                    });
                }
                Some(Then::Answer(status, kind, body)) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    return Ok(reply(status, kind, &body));
                }
                Some(Then::Call(answer)) => {
                    let (status, body) = answer();
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    self.seen.lock().unwrap()[number].to = Some(self.began.elapsed());
                    return Ok(reply(status, "application/json", &body));
                }
                Some(Then::TakenButAnswer(status, kind, body)) => Some(reply(status, kind, &body)),
                Some(Then::SomebodyElse(requests)) => {
                    for (what, body) in requests {
                        self.somebody_else(what, &body);
                    }
                    None
                }
                Some(Then::Do(act)) => {
                    act();
                    None
                }
                None => None,
            };
            let answer = {
                let mut world = self.world.lock().unwrap();
                answer(&mut world, &self.rules, self.clock.now(), &request)
            };
            // No answer takes no time at all.
            tokio::time::sleep(answer.after.max(Duration::from_millis(20))).await;
            if let Some(seen) = self.seen.lock().unwrap().get_mut(number) {
                seen.to = Some(self.began.elapsed());
            }
            match (instead, answer.response) {
                (Some(instead), _) => Ok(instead),
                (None, Ok(response)) => Ok(response),
                (None, Err(cut)) => Err(cut_off(cut).await),
            }
        })
    }

    fn dial<'a>(&'a self, _: &'a str, _: u16) -> Dialing<'a> {
        Box::pin(async { Err(cut_off(Cut::Refused).await) })
    }
}

/// What a client with the limits of the real one makes of a connection without an answer.
async fn cut_off(cut: Cut) -> TransportError {
    let (kind, message) = match cut {
        Cut::Refused => (TransportKind::Connect, "connection refused"),
        Cut::Untrusted => (TransportKind::Tls, "invalid peer certificate"),
        Cut::Dropped => (TransportKind::Broken, "the connection broke"),
        Cut::Silent => {
            tokio::time::sleep(Duration::from_secs(90)).await;
            (TransportKind::Timeout, "no answer in time")
        }
    };
    TransportError {
        kind,
        message: message.to_owned(),
    }
}

fn reply(status: u16, kind: &str, body: &str) -> http::Response<Bytes> {
    http::Response::builder()
        .status(status)
        .header("content-type", kind)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

fn line_of(request: &http::Request<Bytes>) -> String {
    let uri = request.uri();
    let place = service_of(&uri.to_string());
    format!("{} {place} {}", request.method(), uri.path())
}

/// The role or service behind an address.
fn service_of(url: &str) -> String {
    let host = url
        .strip_prefix("https://")
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let first = host.split('.').next().unwrap();
    match first.strip_prefix("api-").unwrap_or(first) {
        "ce" => "channel-engine".to_owned(),
        other => other.to_owned(),
    }
}

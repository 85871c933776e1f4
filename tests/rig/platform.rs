use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use osc_apply::osc::{Clock, Dialing, Exchange, Exchanging, Stream, TransportError};
use osc_apply::sandbox::{
    Answer, Cut, Dialed, Faults, Rules, Timing, World, answer, answer_with, converse, dial,
};
use tokio::time::Instant;

use super::seen::{Change, Seen, Snapshot, is_bookkeeping};
use super::then::{Course, End, Taken, Then, cut_off};

/// A workspace on an emulated platform.
pub(crate) struct Platform {
    world: Mutex<World>,
    rules: Rules,
    clock: Clock,
    began: Instant,
    seen: Mutex<Vec<Seen>>,
    /// How many of those that were seen were taken out.
    forgotten: AtomicUsize,
    forgetful: AtomicBool,
    /// How many runs have begun.
    runs: AtomicU8,
    faults: Mutex<Vec<Fault>>,
    /// The sandbox's own ways to misbehave.
    named: Mutex<Faults>,
    weather: Mutex<Option<Weather>>,
    /// Requests that take effect after their answers, and when.
    late: Mutex<Vec<(Instant, http::Request<Bytes>)>>,
}

/// What happens to each request that no named fault is about.
type Weather = Box<dyn FnMut(&Seen) -> Option<Then> + Send>;

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
            forgotten: AtomicUsize::new(0),
            forgetful: AtomicBool::new(false),
            runs: AtomicU8::new(0),
            faults: Mutex::default(),
            named: Mutex::default(),
            weather: Mutex::default(),
            late: Mutex::default(),
        })
    }

    /// The number of another run, which no run before has had.
    pub(crate) fn next_run(&self) -> u8 {
        self.runs.fetch_add(1, Ordering::Relaxed)
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

    /// Misbehaves in these ways of the sandbox's own from now on, in place of any before.
    pub(crate) fn suffer(&self, faults: Faults) {
        *self.named.lock().unwrap() = faults;
    }

    /// How many requests those ways have struck since then.
    pub(crate) fn struck(&self) -> u32 {
        self.named.lock().unwrap().struck()
    }

    /// Suspends an instance that runs, as the platform does with idle ones.
    pub(crate) fn suspend(&self, service: &str, name: &str) {
        let (mut world, now) = (self.world.lock().unwrap(), self.clock.now());
        assert!(world.suspend(&self.rules, now, service, name, Some("idle")));
    }

    /// Moves an instance to another address and port, as happens when a node is replaced.
    pub(crate) fn move_away(&self, service: &str, name: &str) {
        let mut world = self.world.lock().unwrap();
        let mut kept = serde_json::to_value(&*world).unwrap();
        let instance = &mut kept["instances"][service][name];
        let moves = instance["moves"].as_u64().unwrap_or_default();
        instance["moves"] = (moves + 1).into();
        *world = serde_json::from_value(kept).unwrap();
    }

    /// Deletes an instance at somebody else's request.
    pub(crate) fn delete(&self, service: &str, name: &str) {
        let what = format!("DELETE {}/{name}", self.collection(service));
        self.somebody_else(&what, "");
    }

    /// Takes no connections at the host of an instance.
    pub(crate) fn unreachable(&self, name: &str) {
        self.always(
            &format!("sandbox-{name} /"),
            Then::Cut(Cut::Refused, Taken::No),
        );
    }

    /// Asks this at every request that no named fault is about.
    pub(crate) fn weather(&self, weather: impl FnMut(&Seen) -> Option<Then> + Send + 'static) {
        *self.weather.lock().unwrap() = Some(Box::new(weather));
    }

    /// Behaves again.
    pub(crate) fn behave(&self) {
        self.faults.lock().unwrap().clear();
        self.suffer(Faults::default());
        *self.weather.lock().unwrap() = None;
    }

    /// Everything that was asked since the last time this was called.
    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        let taken = std::mem::take(&mut *self.seen.lock().unwrap());
        self.forgotten.fetch_add(taken.len(), Ordering::Relaxed);
        taken
    }

    /// Keeps a record of the last request only, for measuring memory.
    pub(crate) fn remember_nothing(&self) {
        self.forgetful.store(true, Ordering::Relaxed);
    }

    /// The workspace as it is now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.land();
        let since = self.clock.now().duration_since(SystemTime::UNIX_EPOCH);
        let now = since.unwrap().as_millis() as u64;
        Snapshot::of(&self.world.lock().unwrap(), now)
    }

    /// How long it has been there.
    pub(crate) fn age(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn timing(&self) -> &Timing {
        &self.rules.timing
    }

    /// The address of a service's collection, which the workspace is subscribed to.
    pub(crate) fn collection(&self, service: &str) -> String {
        let pat = self.new_token();
        let url = "https://catalog.svc.prod.osaas.io/mysubscriptions";
        let all = self.ask("GET", url, ("x-pat-jwt", &pat), "");
        let all: serde_json::Value = serde_json::from_slice(all.body()).unwrap();
        let mut all = all.as_array().unwrap().iter();
        let found = all.find(|it| it["serviceId"] == service).unwrap();
        found["apiUrl"].as_str().unwrap().to_owned()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter().map(|seen| seen.line.clone()).collect()
    }

    /// The same without tags, lease and vault.
    pub(crate) fn lines_of_instances(&self) -> Vec<String> {
        let mut lines = self.lines();
        lines.retain(|line| !is_bookkeeping(line));
        lines
    }

    pub(crate) fn count(&self, part: &str) -> usize {
        let lines = self.lines();
        lines.iter().filter(|line| line.contains(part)).count()
    }

    /// The same without tags, lease and vault.
    pub(crate) fn count_of_instances(&self, part: &str) -> usize {
        let lines = self.lines_of_instances();
        lines.iter().filter(|line| line.contains(part)).count()
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

    /// Keeps a secret of a service, which options can refer to.
    pub(crate) fn keep_secret(&self, service: &str, name: &str, value: &str) {
        let pat = self.new_token();
        let body = serde_json::json!({ "secretData": value }).to_string();
        let url = format!("https://deploy.svc.prod.osaas.io/mysecrets/{service}/{name}");
        let done = self.ask("PUT", &url, ("x-pat-jwt", &pat), &body);
        assert!(done.status().is_success());
    }

    /// What is kept under a key of the workspace.
    pub(crate) fn tenant_secret(&self, key: &str) -> Option<String> {
        let found = self.ask_deploy("GET", &format!("/mytenantsecrets/{key}"), "");
        match found.status().as_u16() {
            404 => None,
            _ => Some(json(&found)["value"].as_str().unwrap().to_owned()),
        }
    }

    /// Keeps something under a key of the workspace.
    pub(crate) fn keep_tenant_secret(&self, key: &str, value: &str) {
        let body = serde_json::json!({ "value": value }).to_string();
        let done = self.ask_deploy("PUT", &format!("/mytenantsecrets/{key}"), &body);
        assert!(done.status().is_success());
    }

    /// Removes what is kept under a key of the workspace.
    pub(crate) fn remove_tenant_secret(&self, key: &str) {
        let done = self.ask_deploy("DELETE", &format!("/mytenantsecrets/{key}"), "");
        assert!(done.status().is_success());
    }

    /// The names of the secrets of a service.
    pub(crate) fn service_secrets(&self, service: &str) -> Vec<String> {
        let all = json(&self.ask_deploy("GET", &format!("/mysecrets/{service}"), ""));
        let all = all.as_array().unwrap().iter();
        all.map(|it| it["secretName"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The tags of an instance.
    pub(crate) fn tags_of(&self, service: &str, name: &str) -> Vec<String> {
        let all = json(&self.ask_deploy("GET", "/resourcetags?resourceType=instance", ""));
        let all = all["resources"].as_array().unwrap().iter();
        let mut of_it = all.filter(|it| it["serviceId"] == service && it["resourceId"] == name);
        let tags = of_it.next().map(|it| it["tags"].clone());
        tags.map(|tags| serde_json::from_value(tags).unwrap())
            .unwrap_or_default()
    }

    /// Sets the tags of an instance, in place of those it has.
    pub(crate) fn tag(&self, service: &str, name: &str, tags: &[&str]) {
        let body = serde_json::json!({ "tags": tags }).to_string();
        let path = format!("/resourcetags/instance/{service}/{name}");
        let done = self.ask_deploy("PUT", &path, &body);
        assert!(done.status().is_success());
    }

    /// Replaces them, as somebody else would.
    pub(crate) fn set_tags(&self, service: &str, name: &str, tags: &[&str]) {
        self.tag(service, name, tags);
    }

    /// What an instance read for an option when it was last started.
    pub(crate) fn value_in_force(&self, service: &str, name: &str, option: &str) -> Option<String> {
        self.world
            .lock()
            .unwrap()
            .value_at_start(service, name, option)
    }

    fn ask_deploy(&self, method: &str, path: &str, body: &str) -> http::Response<Bytes> {
        let pat = self.new_token();
        let url = format!("https://deploy.svc.prod.osaas.io{path}");
        self.ask(method, &url, ("x-pat-jwt", &pat), body)
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

    /// Lets a request take effect; its answer, unless it comes to that later or never.
    fn take_effect(
        &self,
        taken: &Taken,
        request: http::Request<Bytes>,
        number: usize,
    ) -> Option<Answer> {
        match taken {
            Taken::No => None,
            Taken::Later(later) => {
                let due = Instant::now() + *later;
                self.late.lock().unwrap().push((due, request));
                self.note_effect(number, |_| true);
                None
            }
            Taken::Yes => {
                let answer = {
                    let mut world = self.world.lock().unwrap();
                    let mut faults = self.named.lock().unwrap();
                    let now = self.clock.now();
                    answer_with(&mut world, &self.rules, &mut faults, now, &request)
                };
                self.note_effect(number, |before| *before != self.snapshot());
                Some(answer)
            }
        }
    }

    fn note_effect(&self, number: usize, is_effective: impl FnOnce(&Snapshot) -> bool) {
        let mut change = None;
        self.with_seen(number, |seen| change.clone_from(&seen.change));
        if let Some(change) = change {
            let effective = is_effective(&change.before);
            let change = Some(Change {
                effective,
                ..change
            });
            self.with_seen(number, |seen| seen.change = change);
        }
    }

    /// Lets those late requests take effect whose time has come.
    fn land(&self) {
        let now = Instant::now();
        let mut due = Vec::new();
        self.late.lock().unwrap().retain(|(at, request)| {
            if *at <= now {
                due.push((*at, request.clone()));
            }
            *at > now
        });
        for (at, request) in due {
            let then = self.clock.now() - (now - at);
            let _ = answer(&mut self.world.lock().unwrap(), &self.rules, then, &request);
        }
    }

    fn with_seen(&self, number: usize, act: impl FnOnce(&mut Seen)) {
        let place = number.checked_sub(self.forgotten.load(Ordering::Relaxed));
        let mut all = self.seen.lock().unwrap();
        if let Some(seen) = place.and_then(|place| all.get_mut(place)) {
            act(seen);
        }
    }

    fn weather_at(&self, number: usize) -> Option<Then> {
        let mut weather = self.weather.lock().unwrap();
        let mut then = None;
        self.with_seen(number, |seen| {
            then = weather.as_mut().and_then(|weather| weather(seen));
        });
        then
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
            let mut passing = Passing::begin(self, &request);
            let line = passing.line();
            let then = self
                .fault_at(&line)
                .or_else(|| self.weather_at(passing.number));
            match &then {
                Some(Then::Panic) => panic!("a bug"),
                Some(Then::SomebodyElse(requests)) => {
                    for (what, body) in requests {
                        self.somebody_else(what, body);
                    }
                }
                Some(Then::Do(act)) => act(),
                _ => {}
            }
            let course = then.map_or_else(Course::undisturbed, |then| then.course(&request));
            let honest = self.take_effect(&course.taken, request, passing.number);
            // No answer takes no time at all.
            let after = honest.as_ref().map_or(Duration::ZERO, |it| it.after);
            let silent = matches!(
                &honest,
                Some(Answer {
                    response: Err(Cut::Silent),
                    ..
                })
            );
            let after = if silent {
                Duration::from_secs(90)
            } else {
                after
            };
            tokio::time::sleep(after.max(course.after)).await;
            let honest = honest.map(|answer| answer.response.map_err(cut_off));
            let answer = match (course.end, honest) {
                (End::With(answer), _) => Ok(answer),
                (End::Error(error), _) => Err(error),
                (End::Half, Some(Ok(answer))) => Ok(answer.map(|it| it.slice(..it.len() / 2))),
                (End::Honest | End::Half, Some(answer)) => answer,
                (End::Honest | End::Half, None) => panic!("nothing to answer with"),
            };
            passing.end(&answer);
            answer
        })
    }

    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        Box::pin(async move {
            let dialed = {
                let world = self.world.lock().unwrap();
                dial(&world, &self.rules, self.clock.now(), host, port)
            };
            tokio::time::sleep(Duration::from_millis(20)).await;
            match dialed {
                Dialed::Refused => Err(cut_off(Cut::Refused)),
                Dialed::Silent => Err(cut_off(Cut::Silent)),
                Dialed::Open(conversation) => {
                    let (ours, theirs) = tokio::io::duplex(4096);
                    tokio::spawn(converse(theirs, conversation));
                    Ok(Box::new(ours) as Box<dyn Stream>)
                }
            }
        })
    }
}

fn json(answer: &http::Response<Bytes>) -> serde_json::Value {
    serde_json::from_slice(answer.body()).unwrap()
}

/// A request under way; noted as over when it is answered or nobody waits for it any more.
struct Passing<'p> {
    platform: &'p Platform,
    number: usize,
}

impl<'p> Passing<'p> {
    fn begin(platform: &'p Platform, request: &http::Request<Bytes>) -> Self {
        platform.land();
        let forgetful = platform.forgetful.load(Ordering::Relaxed);
        if forgetful {
            platform.take_seen();
        }
        let line = line_of(request);
        let reads = line.starts_with("GET ") || line.starts_with("POST token ");
        let seen = Seen {
            body: String::from_utf8(request.body().to_vec()).unwrap(),
            from: platform.began.elapsed(),
            to: None,
            answer: "no answer".to_owned(),
            change: (!reads && !forgetful).then(|| Change {
                before: Arc::new(platform.snapshot()),
                effective: false,
            }),
            line,
        };
        let mut all = platform.seen.lock().unwrap();
        all.push(seen);
        let number = all.len() - 1 + platform.forgotten.load(Ordering::Relaxed);
        Self { platform, number }
    }

    fn line(&self) -> String {
        let mut line = String::new();
        self.platform
            .with_seen(self.number, |seen| line.clone_from(&seen.line));
        line
    }

    fn end(&mut self, answer: &Result<http::Response<Bytes>, TransportError>) {
        let words = match answer {
            Ok(answer) => {
                let body = String::from_utf8_lossy(answer.body());
                let beginning: String = body.chars().take(60).collect();
                format!("{} {beginning}", answer.status().as_u16())
            }
            Err(error) => error.message.clone(),
        };
        self.platform
            .with_seen(self.number, |seen| seen.answer = words);
    }
}

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        let now = self.platform.began.elapsed();
        self.platform
            .with_seen(self.number, |seen| seen.to = Some(now));
    }
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

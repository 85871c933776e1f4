use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::http;

/// A server that remembers what it was asked: one of its own, or one in front of a sandbox.
pub(crate) struct Recorder {
    shared: Arc<Shared>,
}

struct Shared {
    own: SocketAddr,
    upstream: Option<SocketAddr>,
    reaction: Mutex<Arc<Reaction>>,
    talk: Mutex<Vec<Exchanged>>,
}

/// What is answered in place of the sandbox's own answer.
type Reaction = dyn Fn(&str) -> Option<Reply> + Send + Sync;

/// A status and a JSON document.
pub(crate) type Reply = (u16, String);

/// A request and its answer, each with head and body.
#[derive(Debug, Clone)]
pub(crate) struct Exchanged {
    pub(crate) request: String,
    pub(crate) answer: String,
}

impl Recorder {
    /// Answers nothing but this.
    pub(crate) fn answering(
        reaction: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let recorder = Self::start(None);
        recorder.react(reaction);
        recorder
    }

    /// Passes everything on to the sandbox at this endpoint.
    pub(crate) fn before(endpoint: &str) -> Self {
        let upstream = endpoint.strip_prefix("http://").unwrap();
        Self::start(Some(upstream.parse().unwrap()))
    }

    fn start(upstream: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let shared = Arc::new(Shared {
            own: listener.local_addr().unwrap(),
            upstream,
            reaction: Mutex::new(Arc::new(|_| None)),
            talk: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, shared) = (client.unwrap(), Arc::clone(&serving));
                std::thread::spawn(move || shared.answer(client));
            }
        });
        Self { shared }
    }

    /// From now on gives these answers to the requests, head and body, that it has one for.
    pub(crate) fn react(&self, reaction: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static) {
        *self.shared.reaction.lock().unwrap() = Arc::new(reaction);
    }

    /// Its address, for `OSC_ENDPOINT`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.shared.own)
    }

    /// Everything so far.
    pub(crate) fn talk(&self) -> Vec<Exchanged> {
        self.shared.talk.lock().unwrap().clone()
    }

    /// The requests so far whose first lines contain this.
    pub(crate) fn requests(&self, line: &str) -> Vec<String> {
        let talk = self.talk().into_iter().map(|it| it.request);
        talk.filter(|request| request.lines().next().unwrap().contains(line))
            .collect()
    }
}

impl Shared {
    fn answer(&self, mut client: TcpStream) {
        // Browsers and tests connect to look whether somebody is there.
        let Some(request) = request(&client) else {
            return;
        };
        let reaction = Arc::clone(&self.reaction.lock().unwrap());
        let (status, headers, body) = match (reaction(&request), self.upstream) {
            (Some((status, body)), _) => (status, JSON.to_owned(), body),
            (None, Some(upstream)) => self.pass_on(upstream, &request),
            (None, None) => (404, JSON.to_owned(), "{}".to_owned()),
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status} \r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n\
             {body}"
        );
        self.talk.lock().unwrap().push(Exchanged {
            request,
            answer: answer.clone(),
        });
        // Whoever asked may be gone.
        let _ = client.write_all(answer.as_bytes());
    }

    /// The sandbox's answer, with our own address in place of its.
    fn pass_on(&self, upstream: SocketAddr, request: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(upstream).unwrap();
        let closing = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        stream.write_all(closing.as_bytes()).unwrap();
        let answer = http::answer(stream);
        let kept = |name: &str| !["connection", "content-length"].contains(&name);
        let headers = answer.headers().filter(|(name, _)| kept(name));
        let headers: String = headers
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let named = |text: &str| {
            let (own, theirs) = (self.own.to_string(), upstream.to_string());
            let in_query = |address: &str| address.replace(':', "%3A");
            text.replace(&theirs, &own)
                .replace(&in_query(&theirs), &in_query(&own))
        };
        (answer.status, named(&headers), named(&answer.body))
    }
}

const JSON: &str = "content-type: application/json\r\n";

fn request(client: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(client);
    let (mut text, mut length) = (String::new(), 0);
    loop {
        let start = text.len();
        if reader.read_line(&mut text).ok()? == 0 {
            return None;
        }
        let line = text[start..].trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    reader.take(length).read_to_string(&mut text).ok()?;
    Some(text)
}

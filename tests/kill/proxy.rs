use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// When somebody is to be killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before this request is passed on.
    Before(usize),
    /// After this request took effect, before its answer is passed on.
    After(usize),
}

/// A proxy in front of a sandbox that keeps requests in mind and stops at one of them.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    watch: Arc<Watch>,
    stopped: Receiver<Held>,
}

/// What all connections share.
struct Watch {
    ours: String,
    theirs: String,
    moment: Mutex<Option<Moment>>,
    requests: Mutex<Vec<String>>,
}

/// A connection that goes no further; for ever, where this is dropped.
pub(crate) struct Held(Sender<()>);

impl Held {
    pub(crate) fn go_on(self) {
        self.0.send(()).unwrap();
    }
}

impl Proxy {
    pub(crate) fn to(upstream: SocketAddr, moment: Option<Moment>) -> Self {
        let listener = as_long_as(upstream);
        let address = listener.local_addr().unwrap();
        let watch = Arc::new(Watch {
            ours: address.to_string(),
            theirs: upstream.to_string(),
            moment: Mutex::new(moment),
            requests: Mutex::default(),
        });
        let (stop, stopped) = channel();
        let watched = Arc::clone(&watch);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let link = Link {
                    watch: Arc::clone(&watched),
                    stop: stop.clone(),
                };
                let (stream, server) = (stream.unwrap(), TcpStream::connect(upstream).unwrap());
                thread::spawn(move || link.pass(&stream, &server));
            }
        });
        Self {
            address,
            watch,
            stopped,
        }
    }

    /// The requests that have come.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.watch.requests.lock().unwrap().clone()
    }

    /// Stops at another moment.
    pub(crate) fn stop_at(&self, moment: Moment) {
        *self.watch.moment.lock().unwrap() = Some(moment);
    }

    /// Waits for the moment.
    pub(crate) fn until_stopped(&self) -> Held {
        self.stopped.recv().unwrap()
    }
}

/// A listener whose address takes as many characters: bodies are passed on with the other
/// address in them, and must keep their length.
fn as_long_as(upstream: SocketAddr) -> TcpListener {
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        if listener.local_addr().unwrap().to_string().len() == upstream.to_string().len() {
            return listener;
        }
    }
}

/// One connection.
struct Link {
    watch: Arc<Watch>,
    stop: Sender<Held>,
}

impl Link {
    fn pass(&self, client: &TcpStream, server: &TcpStream) {
        let (mut requests, mut answers) = (BufReader::new(client), BufReader::new(server));
        let (mut to_client, mut to_server) = (client, server);
        let Watch { ours, theirs, .. } = &*self.watch;
        while let Some(request) = message(&mut requests) {
            let number = self.watch.note(&request);
            self.stop_at(Moment::Before(number));
            let request = request.replace(ours, theirs);
            to_server.write_all(request.as_bytes()).unwrap();
            let Some(answer) = message(&mut answers) else {
                return;
            };
            self.stop_at(Moment::After(number));
            let answer = answer.replace(theirs, ours);
            // Whoever was killed does not take it.
            let _ = to_client.write_all(answer.as_bytes());
        }
    }

    fn stop_at(&self, moment: Moment) {
        if *self.watch.moment.lock().unwrap() != Some(moment) {
            return;
        }
        let (go_on, told) = channel();
        let _ = self.stop.send(Held(go_on));
        while told.recv().is_err() {
            thread::park();
        }
    }
}

impl Watch {
    /// Keeps a request in mind; its number.
    fn note(&self, request: &str) -> usize {
        let mut requests = self.requests.lock().unwrap();
        requests.push(request.to_owned());
        requests.len() - 1
    }
}

/// A request or an answer; nothing at the end of the connection.
fn message(from: &mut impl BufRead) -> Option<String> {
    let mut text = String::new();
    let mut length = 0;
    loop {
        let start = text.len();
        if from.read_line(&mut text).ok()? == 0 {
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
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    text.push_str(&String::from_utf8(body).unwrap());
    Some(text)
}

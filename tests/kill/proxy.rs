use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// When somebody is to be killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before this request is passed on.
    Before(usize),
    /// After this request took effect, before its answer is passed on.
    After(usize),
}

/// A proxy in front of a sandbox that counts requests and stops at one of them for ever.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    counted: Arc<AtomicUsize>,
    stopped: Receiver<()>,
}

impl Proxy {
    pub(crate) fn to(upstream: SocketAddr, moment: Option<Moment>) -> Self {
        let listener = as_long_as(upstream);
        let address = listener.local_addr().unwrap();
        let counted = Arc::new(AtomicUsize::new(0));
        let (stop, stopped) = channel();
        let count = Arc::clone(&counted);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let link = Link {
                    ours: address.to_string(),
                    theirs: upstream.to_string(),
                    moment,
                    count: Arc::clone(&count),
                    stop: stop.clone(),
                };
                let (stream, server) = (stream.unwrap(), TcpStream::connect(upstream).unwrap());
                thread::spawn(move || link.pass(&stream, &server));
            }
        });
        Self {
            address,
            counted,
            stopped,
        }
    }

    /// How many requests have come.
    pub(crate) fn counted(&self) -> usize {
        self.counted.load(Ordering::SeqCst)
    }

    /// Waits for the moment.
    pub(crate) fn until_stopped(&self) {
        self.stopped.recv().unwrap();
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
    ours: String,
    theirs: String,
    moment: Option<Moment>,
    count: Arc<AtomicUsize>,
    stop: Sender<()>,
}

impl Link {
    fn pass(&self, client: &TcpStream, server: &TcpStream) {
        let (mut requests, mut answers) = (BufReader::new(client), BufReader::new(server));
        let (mut to_client, mut to_server) = (client, server);
        while let Some(request) = message(&mut requests) {
            let number = self.count.fetch_add(1, Ordering::SeqCst);
            if self.moment == Some(Moment::Before(number)) {
                return self.stop_for_ever();
            }
            let request = request.replace(&self.ours, &self.theirs);
            to_server.write_all(request.as_bytes()).unwrap();
            let Some(answer) = message(&mut answers) else {
                return;
            };
            if self.moment == Some(Moment::After(number)) {
                return self.stop_for_ever();
            }
            let answer = answer.replace(&self.theirs, &self.ours);
            // Whoever was killed does not take it.
            let _ = to_client.write_all(answer.as_bytes());
        }
    }

    fn stop_for_ever(&self) {
        let _ = self.stop.send(());
        thread::park();
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

mod known;
mod manifest;
mod reach;
mod talk;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Url;

use super::{Subject, Verdict, look};
use crate::model::{Level, Port, Probe};
use crate::osc::{
    Claims, Clock, Dialing, Exchange, Exchanging, HostOverrides, Hosts, Instance, ReadApi, Session,
    Subscription, TransportError, TransportKind,
};

type Reply = Result<http::Response<Bytes>, TransportError>;
type Request = http::Request<Bytes>;

/// An instance that answers from a closure over HTTP and with fixed bytes at its port.
struct Far {
    answer: Box<dyn Fn(&Request) -> Reply + Send + Sync>,
    port: AtPort,
    asked: Mutex<Vec<String>>,
    /// What was sent to the port until the connection ended, if it says its words.
    heard: Arc<Mutex<Vec<u8>>>,
}

/// What happens at the port.
#[derive(Clone, Copy)]
enum AtPort {
    Refuses,
    /// Says this byte by byte and stays silent then.
    Says(&'static [u8]),
    /// Says this and hangs up.
    HangsUpAfter(&'static [u8]),
    /// Never stops to say this.
    Repeats(&'static [u8]),
}

impl Exchange for Far {
    fn exchange(&self, request: Request) -> Exchanging<'_> {
        let answer = match request.uri().path() {
            "/servicetoken" => reply(200, r#"{"token":"sat","expiry":4000000000}"#),
            _ => {
                let line = format!("{} {}", request.method(), request.uri());
                self.asked.lock().unwrap().push(line);
                (self.answer)(&request)
            }
        };
        Box::pin(std::future::ready(answer))
    }

    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        let address = format!("{host}:{port}");
        self.asked.lock().unwrap().push(address);
        let (at_port, heard) = (self.port, Arc::clone(&self.heard));
        Box::pin(async move {
            if let AtPort::Refuses = at_port {
                return failed(TransportKind::Connect);
            }
            let (near, mut far) = tokio::io::duplex(64);
            tokio::spawn(async move {
                match at_port {
                    AtPort::Refuses => {}
                    AtPort::HangsUpAfter(bytes) => drop(far.write_all(bytes).await),
                    AtPort::Says(bytes) => {
                        for byte in bytes {
                            let _ = far.write_u8(*byte).await;
                            tokio::time::sleep(Duration::from_millis(1)).await;
                        }
                        let mut sent = Vec::new();
                        let _ = far.read_to_end(&mut sent).await;
                        heard.lock().unwrap().extend(sent);
                    }
                    AtPort::Repeats(bytes) => while far.write_all(bytes).await.is_ok() {},
                }
            });
            Ok(Box::new(near) as Box<dyn crate::osc::Stream>)
        })
    }
}

/// A look at an instance of a service that answers like this, and what it was asked.
async fn looked(
    service: &str,
    level: Level,
    probe: Option<&Probe>,
    far: Far,
) -> (Verdict, Vec<String>) {
    let far = Arc::new(far);
    let parts = [r#"{"alg":"x"}"#, r#"{"tenantId":"acme"}"#, "x"];
    let pat = SecretString::from(parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join("."));
    let session = Session::new(
        Hosts::new("prod", &HostOverrides::default()).unwrap(),
        pat.clone(),
        Claims::of(&pat).unwrap(),
        Arc::clone(&far) as Arc<dyn Exchange>,
        Clock::starting_at(SystemTime::UNIX_EPOCH),
    );
    let subscription = Subscription {
        service: service.to_owned(),
        api_url: Url::parse("https://api-a.osaas.io/a").unwrap(),
    };
    let subject = Subject {
        api: &ReadApi::new(Arc::new(session)),
        subscription: &subscription,
        instance: &instance(),
        ports: Some(&[port(9000), port(6379)]),
        probe,
    };
    let verdict = look(&subject, level).await;
    let asked = far.asked.lock().unwrap().clone();
    (verdict, asked)
}

fn instance() -> Instance {
    Instance {
        name: "a".into(),
        id: None,
        url: Some("https://acme-a.x.auto.prod-se.osaas.io".into()),
        has_page: false,
        options: Default::default(),
        can_update: false,
        can_restart: false,
        links: None,
    }
}

fn port(internal: u16) -> Port {
    Port {
        ip: "198.51.100.7".into(),
        port: internal + 1,
        internal,
    }
}

fn answering(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Far {
    Far {
        answer: Box::new(answer),
        port: AtPort::Refuses,
        asked: Mutex::default(),
        heard: Arc::default(),
    }
}

fn saying(port: AtPort) -> Far {
    Far {
        port,
        ..answering(|_| failed(TransportKind::Connect))
    }
}

fn reply(status: u16, body: &str) -> Reply {
    let mut response = http::Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    Ok(response)
}

fn failed<T>(kind: TransportKind) -> Result<T, TransportError> {
    Err(TransportError {
        kind,
        message: "no way".into(),
    })
}

fn nginx(title: &str) -> String {
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1>\
         </center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
}

/// The words of a verdict that was expected to be `Wrong`.
fn wrong(verdict: Verdict) -> String {
    match verdict {
        Verdict::Wrong(words) => words,
        other => panic!("{other:?}"),
    }
}

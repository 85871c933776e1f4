use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::{Subject, Verdict};
use crate::model::{Port, printable};
use crate::osc::{Stream, TransportKind};

/// The most that is read of what a server says first.
const LONGEST: usize = 64 * 1024;

/// How long a server that has taken the connection may be silent.
const SILENCE_LIMIT: Duration = Duration::from_secs(5);

/// How a kind of server is asked whether it works, without any password.
pub(super) struct Protocol {
    /// What such servers are called.
    pub(super) name: &'static str,
    /// The port it listens on inside of the instance.
    pub(super) port: u16,
    /// What is sent first.
    pub(super) hello: &'static [u8],
    /// What it has said so far shows; nothing where more has to be heard.
    pub(super) judge: fn(&[u8]) -> Option<Heard>,
}

/// What a server's first words show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// It works.
    Good,
    /// It says itself that it does not.
    Refusal(String),
    /// It is a server of another kind.
    Foreign,
}

/// Whether an exposed port takes connections.
pub(super) async fn connects(subject: &Subject<'_>, inside: Option<u16>) -> Verdict {
    let ports = subject.ports.unwrap_or_default();
    let port = match inside {
        Some(inside) => ports.iter().find(|port| port.internal == inside),
        None => ports.first(),
    };
    match (port, inside) {
        (Some(port), _) => dial(subject, port)
            .await
            .map_or_else(|no| no, |_| Verdict::Passed),
        (None, Some(inside)) => Verdict::Unreachable(format!("it does not expose port {inside}")),
        (None, None) => Verdict::Unreachable("it exposes no port".to_owned()),
    }
}

/// Whether the server at the protocol's port, else at the first, says that it works.
pub(super) async fn speaks(subject: &Subject<'_>, protocol: &Protocol) -> Verdict {
    let ports = subject.ports.unwrap_or_default();
    let own = ports.iter().find(|port| port.internal == protocol.port);
    let Some(port) = own.or(ports.first()) else {
        return Verdict::Unreachable("it exposes no port".to_owned());
    };
    match dial(subject, port).await {
        Ok(stream) => converse(stream, protocol).await,
        Err(verdict) => verdict,
    }
}

async fn dial(subject: &Subject<'_>, port: &Port) -> Result<Box<dyn Stream>, Verdict> {
    let connected = subject.api.dial(&port.ip, port.port).await;
    connected.map_err(|error| match error.kind {
        TransportKind::Broken => Verdict::Wrong(error.message),
        _ => Verdict::Unreachable(error.message),
    })
}

/// Says hello and listens until it is clear who is there.
async fn converse(mut stream: Box<dyn Stream>, protocol: &Protocol) -> Verdict {
    let name = protocol.name;
    let wrong = match timeout(SILENCE_LIMIT, hear(&mut *stream, protocol)).await {
        Ok(Ok(Some(Heard::Good))) => return Verdict::Passed,
        Ok(Ok(Some(Heard::Refusal(words)))) => format!("{name} says: {}", one_line(&words)),
        Ok(Ok(Some(Heard::Foreign))) => format!("what answers at its port is not {name}"),
        Ok(Ok(None)) => format!("{name} hangs up before it has said anything of use"),
        Ok(Err(error)) => format!("{name} breaks the connection: {error}"),
        Err(_) => format!("{name} takes the connection and stays silent"),
    };
    Verdict::Wrong(wrong)
}

async fn hear(
    stream: &mut dyn Stream,
    protocol: &Protocol,
) -> Result<Option<Heard>, std::io::Error> {
    stream.write_all(protocol.hello).await?;
    let mut said = Vec::new();
    while said.len() < LONGEST {
        let mut part = [0; 4096];
        let length = stream.read(&mut part).await?;
        if length == 0 {
            return Ok(None);
        }
        said.extend_from_slice(&part[..length]);
        if let Some(heard) = (protocol.judge)(&said) {
            return Ok(Some(heard));
        }
    }
    Ok(Some(Heard::Foreign))
}

fn one_line(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    printable(&line).chars().take(200).collect()
}

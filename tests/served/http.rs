use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use url::Url;

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header, named in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Sends a request to this machine, and follows nothing.
pub(crate) fn ask(method: &str, url: &Url, headers: &[(&str, &str)], body: &str) -> Answer {
    let (host, port) = (url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect((host, port)).unwrap();
    let query = url.query().map(|query| format!("?{query}"));
    let target = format!("{}{}", url.path(), query.unwrap_or_default());
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = body.len();
    request.push_str(&format!(
        "Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ));
    stream.write_all(request.as_bytes()).unwrap();
    read(BufReader::new(stream))
}

fn read(mut from: impl BufRead) -> Answer {
    let mut line = || {
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let status = line().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = std::iter::from_fn(|| {
        let line = line();
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    let mut answer = Answer {
        status,
        headers: headers.collect(),
        body: String::new(),
    };
    let length = answer.header("content-length");
    let length = length.map_or(u64::MAX, |length| length.parse().unwrap());
    from.take(length).read_to_string(&mut answer.body).unwrap();
    answer
}

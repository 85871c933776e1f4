use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use url::Url;

/// An answer over plain HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header, by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(known, _)| known == name)?;
        Some(value)
    }

    /// All headers, with lower-case names.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.headers.iter();
        headers.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

pub(crate) fn get(url: &Url) -> Answer {
    ask("GET", url, &[], "")
}

/// Sends a form.
pub(crate) fn post(url: &Url, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    ask("POST", url, &[("content-type", FORM)], &body)
}

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// One request on a connection of its own.
pub(crate) fn ask(method: &str, url: &Url, headers: &[(&str, &str)], body: &str) -> Answer {
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut request =
        format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = body.len();
    request.push_str(&format!("content-length: {length}\r\n\r\n{body}"));
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    answer(stream)
}

/// What comes on a connection, as long as it says or until it ends.
pub(crate) fn answer(stream: TcpStream) -> Answer {
    let mut stream = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let status = line().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = std::iter::from_fn(|| {
        let line = line();
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_owned()))
    });
    let mut answer = Answer {
        status,
        headers: headers.collect(),
        body: String::new(),
    };
    let length = answer.header("content-length");
    let length = length.map_or(u64::MAX, |length| length.parse().unwrap());
    let mut body = stream.take(length);
    body.read_to_string(&mut answer.body).unwrap();
    answer
}

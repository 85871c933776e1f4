use bytes::Bytes;
use serde_json::Value;

use super::Verdict;

/// The longest part of an answer that is looked at.
const LONGEST: usize = 64 * 1024;

/// What came back over HTTP.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: http::HeaderMap,
    body: Bytes,
}

impl Answer {
    pub(super) fn of(response: http::Response<Bytes>) -> Self {
        let (head, mut body) = response.into_parts();
        body.truncate(LONGEST);
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Why this is not the instance's own answer, where it is that of something in front of it
    /// (API notes 13.2).
    pub(super) fn in_front(&self) -> Option<Verdict> {
        let text = self.text().to_ascii_lowercase();
        let page = text.trim_start().starts_with('<');
        // The platform's own nginx hides its version; one within an instance seldom does.
        let nginx = page && text.contains("<center>nginx</center>");
        let why = match self.status {
            401 if nginx => "the access rules of its host are not set up yet",
            502..=504 if page => "the gateway has nobody to ask yet",
            404 if nginx || text.starts_with("default backend") => {
                "the gateway does not know its host yet"
            }
            _ => return None,
        };
        Some(Verdict::Wrong(format!("it answers {}: {why}", self.status)))
    }

    /// What it is, in words; nothing of its text, which may repeat a secret.
    pub(super) fn words(&self) -> String {
        let text = self.text();
        let kind = match text.trim_start() {
            "" => "nothing else",
            text if text.starts_with(['{', '[']) => "JSON",
            text if text.starts_with("<?xml") => "XML",
            text if text.starts_with('<') => "a web page",
            _ => "text",
        };
        format!("{} and {kind}", self.status)
    }
}

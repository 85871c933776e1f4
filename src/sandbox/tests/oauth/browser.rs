//! A person's browser: it keeps a cookie, follows redirects within the console and fills forms.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use url::{Url, form_urlencoded};

use super::AUTHORIZE;
use crate::sandbox::tests::client::{Client, Said};

#[derive(Default)]
pub(super) struct Browser {
    pub(super) cookie: Option<String>,
}

/// A form as a page has it: its hidden fields.
pub(super) type Fields = BTreeMap<String, String>;

impl Browser {
    /// Opens the authorization endpoint with this query.
    pub(super) fn open(&mut self, client: &mut Client, query: &str) -> Said {
        self.send(client, "GET", &format!("{AUTHORIZE}?{query}"), None)
    }

    /// Sends a form to the authorization endpoint.
    pub(super) fn submit(&mut self, client: &mut Client, fields: &Fields) -> Said {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send(client, "POST", AUTHORIZE, Some(body))
    }

    /// Goes from a link to the page that asks for consent; its form.
    pub(super) fn sign_in(&mut self, client: &mut Client, query: &str) -> Fields {
        let mut form = fields(&self.open(client, query));
        form.insert("user".to_owned(), "ada".to_owned());
        let said = self.submit(client, &form);
        assert_eq!(said.status, 303, "{said:?}");
        let location = said.headers["location"].to_str().unwrap();
        let (_, query) = location.split_once('?').unwrap();
        fields(&self.open(client, query))
    }

    /// Goes from a link all the way back to the app; the query it is sent back with.
    pub(super) fn decide(&mut self, client: &mut Client, query: &str, decision: &str) -> Fields {
        let mut form = self.sign_in(client, query);
        form.insert("workspace".to_owned(), "sandbox".to_owned());
        form.insert("decision".to_owned(), decision.to_owned());
        returned(&self.submit(client, &form)).1
    }

    fn send(&mut self, client: &mut Client, method: &str, uri: &str, body: Option<String>) -> Said {
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("theme=dark; {cookie}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let said = client.send(request.body(Bytes::from(body.unwrap_or_default())).unwrap());
        if let Some(set) = said.headers.get("set-cookie") {
            let set = set.to_str().unwrap();
            self.cookie = set.split_once(';').map(|(pair, _)| pair.to_owned());
        }
        said
    }
}

/// The hidden fields of the form of a page.
pub(super) fn fields(page: &Said) -> Fields {
    let inputs = page.text.split("<input type=\"hidden\" name=\"").skip(1);
    let read = |input: &str| {
        let (name, rest) = input.split_once("\" value=\"").unwrap();
        let (value, _) = rest.split_once('"').unwrap();
        (name.to_owned(), unescaped(value))
    };
    let fields: Fields = inputs.map(read).collect();
    assert!(!fields.is_empty(), "no form: {page:?}");
    fields
}

/// Where a redirect leads, without the query, and the query.
pub(super) fn returned(said: &Said) -> (String, Fields) {
    assert_eq!(said.status, 303, "{said:?}");
    let location = said.headers["location"].to_str().unwrap();
    let url = Url::parse(location).unwrap();
    let query = url.query_pairs().into_owned().collect();
    (location.split('?').next().unwrap().to_owned(), query)
}

fn unescaped(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

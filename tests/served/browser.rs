use std::collections::BTreeMap;

use url::{Origin, Url};

use super::http::{self, Answer};

/// A browser without a screen: it follows redirects, keeps cookies and fills in forms.
#[derive(Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<(String, String), String>,
}

/// Where a browser has come to.
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Browser {
    /// Goes through the server's pages, choosing this workspace and pressing this button; the
    /// address that it is sent back to, which it does not go to.
    pub(crate) fn decide(&mut self, start: &Url, workspace: &str, button: &str) -> Url {
        let page = self.visit(start).unwrap();
        let page = self.submit(&page, &[("user", "ada")]).unwrap();
        let choices = [("workspace", workspace), ("decision", button)];
        match self.submit(&page, &choices) {
            Ok(page) => panic!("not sent back: {} {}", page.status, page.text),
            Err(callback) => callback,
        }
    }

    /// Allows access to this workspace and comes back.
    pub(crate) fn allow(&mut self, start: &Url, workspace: &str) -> Page {
        let callback = self.decide(start, workspace, "allow");
        self.visit(&callback).unwrap()
    }

    /// Opens an address.
    ///
    /// # Errors
    /// The address at another origin to which a redirect leads.
    pub(crate) fn visit(&mut self, url: &Url) -> Result<Page, Url> {
        let answer = http::ask("GET", url, &[("cookie", &self.cookies_for(url))], "");
        self.follow(url, &answer)
    }

    /// Fills in the page's only form and sends it.
    fn submit(&mut self, page: &Page, choices: &[(&str, &str)]) -> Result<Page, Url> {
        let form = Form::on(page);
        let url = page.url.join(&form.action).unwrap();
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form.filled(choices))
            .finish();
        let cookies = self.cookies_for(&url);
        let headers = [("content-type", http::FORM), ("cookie", cookies.as_str())];
        let answer = http::ask("POST", &url, &headers, &body);
        self.follow(&url, &answer)
    }

    fn follow(&mut self, url: &Url, answer: &Answer) -> Result<Page, Url> {
        for (_, cookie) in answer.headers().filter(|(name, _)| *name == "set-cookie") {
            let pair = cookie.split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let key = (url.origin().ascii_serialization(), name.to_owned());
            self.cookies.insert(key, value.to_owned());
        }
        match answer.header("location") {
            Some(location) => {
                let next = url.join(location).unwrap();
                match next.origin() == url.origin() {
                    true => self.visit(&next),
                    false => Err(next),
                }
            }
            None => Ok(Page {
                url: url.clone(),
                status: answer.status,
                text: answer.body.clone(),
            }),
        }
    }

    fn cookies_for(&self, url: &Url) -> String {
        let origin = Origin::ascii_serialization(&url.origin());
        let own = self.cookies.iter().filter(|((of, _), _)| *of == origin);
        let pairs: Vec<String> = own
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }
}

/// A form as it is before anybody touches it.
struct Form {
    action: String,
    /// Hidden fields and texts.
    fields: Vec<(String, String)>,
    /// What radio buttons and submit buttons offer.
    offers: Vec<(String, String)>,
}

impl Form {
    fn on(page: &Page) -> Self {
        let text = &page.text;
        assert_eq!(text.matches("<form").count(), 1, "{text}");
        let mut form = Self {
            action: String::new(),
            fields: Vec::new(),
            offers: Vec::new(),
        };
        for tag in text.split('<').map(|rest| rest.split('>').next().unwrap()) {
            let attribute = |name| attribute(tag, name);
            let pair = || Some((attribute("name")?, attribute("value")?));
            match tag.split_whitespace().next() {
                Some("form") => form.action = attribute("action").unwrap(),
                Some("button") => form.offers.extend(pair()),
                Some("input") if attribute("type").as_deref() == Some("radio") => {
                    form.offers.extend(pair());
                }
                Some("input") => form.fields.extend(pair()),
                _ => {}
            }
        }
        form
    }

    /// The fields with these choices, each of which the form must offer.
    fn filled(mut self, choices: &[(&str, &str)]) -> Vec<(String, String)> {
        for (name, value) in choices {
            let chosen = ((*name).to_owned(), (*value).to_owned());
            let mut fields = self.fields.iter_mut();
            match fields.find(|(known, _)| known == name) {
                Some((_, written)) => *written = chosen.1,
                None if self.offers.contains(&chosen) => self.fields.push(chosen),
                None => panic!("the form does not offer {name}={value}"),
            }
        }
        self.fields
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = tag[start..].split('"').next()?;
    let plain = value
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#x2f;", "/")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    Some(plain.replace("&amp;", "&"))
}

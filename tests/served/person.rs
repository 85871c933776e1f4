use url::{Url, form_urlencoded};

use super::http::{Answer, ask};

/// Signs in, allows it in a workspace and follows the way back; the closing page.
pub(crate) fn allow(url: &Url, workspace: &str) -> Answer {
    answer(url, &[("workspace", workspace), ("decision", "allow")])
}

/// Signs in, denies it and follows the way back; the closing page.
pub(crate) fn deny(url: &Url) -> Answer {
    answer(url, &[("workspace", "sandbox"), ("decision", "deny")])
}

fn answer(url: &Url, decision: &[(&str, &str)]) -> Answer {
    let page = ask("GET", url, &[], "");
    let page = submit(url, &page, &cookie(&page), &[("user", "ada")]);
    let cookie = cookie(&page);
    let page = ask("GET", &next(url, &page), &[("Cookie", &cookie)], "");
    let page = submit(url, &page, &cookie, decision);
    ask("GET", &next(url, &page), &[], "")
}

/// Sends the form of a page to where it says, with what it carries along.
fn submit(url: &Url, page: &Answer, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let action = attribute(&page.body, "action").unwrap();
    let hidden = page.body.split("<input type=\"hidden\"").skip(1);
    let hidden = hidden.map(|input| {
        let value = |name| attribute(input, name).unwrap();
        (value("name"), value("value"))
    });
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(hidden).extend_pairs(fields);
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Cookie", cookie),
    ];
    let body = body.finish();
    ask("POST", &url.join(&action).unwrap(), &headers, &body)
}

/// The value of the first attribute of this name.
fn attribute(html: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!(" {name}=\""))?;
    let value = rest.split('"').next()?;
    let value = value.replace("&quot;", "\"").replace("&#x27;", "'");
    let value = value.replace("&#x2f;", "/").replace("&lt;", "<");
    Some(value.replace("&gt;", ">").replace("&amp;", "&"))
}

fn cookie(page: &Answer) -> String {
    let cookie = page.header("set-cookie").unwrap_or_default();
    cookie.split(';').next().unwrap_or_default().to_owned()
}

fn next(url: &Url, page: &Answer) -> Url {
    let location = page.header("location");
    let location = location.unwrap_or_else(|| panic!("{} {}", page.status, page.body));
    url.join(location).unwrap()
}

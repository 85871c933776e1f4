use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};

/// What the browser shows when it comes back.
#[derive(Debug, Clone)]
pub(super) struct Page {
    status: StatusCode,
    title: String,
    text: String,
}

const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
        ),
    ),
    // The page's address holds the code.
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::CONNECTION, HeaderValue::from_static("close")),
];

/// The look of the pages that lead here, so that the way through the browser is one.
const STYLE: &str = include_str!("page.css");

impl Page {
    /// Signed in.
    pub(super) fn done(workspace: &str, environment: &str) -> Self {
        Self::new(
            StatusCode::OK,
            "Signed in",
            format!("osc-apply may now work in the workspace {workspace} ({environment})."),
        )
    }

    /// Not signed in, for a reason. The browser itself did as it should: to it all is well.
    pub(super) fn failed(why: &str) -> Self {
        let mut why = why.to_owned();
        if let Some(first) = why.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let text = format!("{why}. Nothing was kept; the terminal says what to do.");
        Self::new(StatusCode::OK, "Not signed in", text)
    }

    /// For a callback that is not the one that was waited for.
    pub(super) fn wrong_state() -> Self {
        let text = "This answer belongs to no sign-in that is under way here. Go back to the page \
                    that osc-apply opened last.";
        Self::new(StatusCode::BAD_REQUEST, "Not this one", text.to_owned())
    }

    /// For a second callback.
    pub(super) fn second() -> Self {
        let text = "This sign-in has been answered already, and an answer counts once.";
        Self::new(StatusCode::CONFLICT, "Answered already", text.to_owned())
    }

    fn new(status: StatusCode, title: &str, text: String) -> Self {
        Self {
            status,
            title: title.to_owned(),
            text,
        }
    }

    pub(super) fn response(&self) -> Response<Bytes> {
        let (title, text) = (escaped(&self.title), escaped(&self.text));
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} · osc-apply</title>\n<style>\n{STYLE}</style>\n\
             <header>osc-apply</header>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n\
             <p class=\"hint\">You can close this page.</p>\n</main>\n</html>\n"
        );
        let mut response = Response::new(Bytes::from(html));
        *response.status_mut() = self.status;
        response.headers_mut().extend(HEADERS);
        response
    }
}

/// What whoever asks for anything else is told: nothing.
pub(super) fn nothing() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_is_text_and_no_markup() {
        let page = Page::failed("<script>alert('x')</script> & \"y\"").response();
        let html = String::from_utf8(page.body().to_vec()).unwrap();
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)"), "{html}");
    }

    #[test]
    fn the_page_loads_nothing_and_leaks_nothing() {
        let page = Page::done("acme", "prod").response();
        let header = |name: &str| page.headers()[name].to_str().unwrap();
        assert!(header("content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cache-control"), "no-store");
    }
}

use serde_json::Value;

/// The body of an answer, by what kind of text it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    /// Nothing.
    Empty,
    /// A page of the ingress in front of the platform; only its title is of interest.
    Html {
        /// The text of `<title>`.
        title: String,
    },
    /// JSON of any shape.
    Json(Value),
    /// Something else.
    Text(String),
}

impl Body {
    /// Tells the kind by the text itself; the content type decides only between HTML and logs
    /// that begin like HTML.
    pub(super) fn of(content_type: Option<&str>, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        if text.trim().is_empty() {
            return Self::Empty;
        }
        let content_type = content_type.unwrap_or_default().to_ascii_lowercase();
        let declared = content_type.contains("html");
        if declared || (!content_type.starts_with("text/plain") && begins_like_html(&text)) {
            return Self::Html {
                title: title_of(&text),
            };
        }
        match serde_json::from_str(&text) {
            Ok(value) => Self::Json(value),
            Err(_) => Self::Text(text.into_owned()),
        }
    }

    /// What it says, for a person: `reason`, `message` or `error` of an object (API notes 6.2),
    /// the title of a page, else the text. Never other JSON, which may hold passwords in clear.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Html { title } if title.is_empty() => "a web page without a title".to_owned(),
            Self::Html { title } => title.clone(),
            // Half a document.
            Self::Text(text) if text.trim_start().starts_with(['{', '[']) => {
                "it is not JSON".to_owned()
            }
            Self::Json(Value::String(text)) | Self::Text(text) => text.clone(),
            Self::Json(value) => ["reason", "message", "error"]
                .into_iter()
                .find_map(|field| value.get(field)?.as_str())
                .unwrap_or("JSON without an explanation")
                .to_owned(),
        }
    }

    /// Whether it is an HTML page.
    pub(super) fn is_html(&self) -> bool {
        matches!(self, Self::Html { .. })
    }

    /// A field of a JSON object, where it holds a string.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        match self {
            Self::Json(value) => value.get(name)?.as_str(),
            _ => None,
        }
    }
}

fn begins_like_html(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(14).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

fn title_of(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    lower
        .find("<title>")
        .map(|at| at + "<title>".len())
        .and_then(|start| {
            let length = lower.get(start..)?.find("</title>")?;
            page.get(start..start + length)
        })
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_page_only_the_title_is_kept() {
        let page = b"<html>\r\n<head><title>502 Bad Gateway</title></head><body>x</body></html>";
        assert_eq!(Body::of(Some("text/html"), page).words(), "502 Bad Gateway");
        assert_eq!(Body::of(None, page).words(), "502 Bad Gateway");
        assert_eq!(
            Body::of(Some("text/html"), b"<p>").words(),
            "a web page without a title"
        );
    }

    #[test]
    fn logs_that_begin_like_a_page_are_text() {
        let body = Body::of(Some("text/plain; charset=utf-8"), b"<html> requested");
        assert!(!body.is_html());
    }

    #[test]
    fn the_reason_is_what_an_object_says() {
        let body = Body::of(None, br#"{"error":"e","message":"m","reason":"r"}"#);
        assert_eq!(body.words(), "r");
        assert_eq!(
            Body::of(None, br#"{"error":"e","message":"m"}"#).words(),
            "m"
        );
        assert_eq!(Body::of(None, br#""gone""#).words(), "gone");
    }

    #[test]
    fn an_object_without_an_explanation_is_not_repeated() {
        let words = Body::of(None, br#"{"name":"a","RootPassword":"hunter2"}"#).words();
        assert!(!words.contains("hunter2"));
        let cut = Body::of(None, br#" {"key":"user.a","value":"hunter2"#).words();
        assert_eq!(cut, "it is not JSON");
    }
}

use http::{Method, Request};
use secrecy::SecretString;
use url::form_urlencoded;

use super::client::CALLBACK;
use super::pkce::State;
use super::transport::said;

/// What a request to the listener is.
#[derive(Debug)]
pub(super) enum Callback {
    /// The answer to our own request: a code.
    Code(SecretString),
    /// The answer to our own request: no.
    Refused {
        /// The code of RFC 6749, such as `access_denied`.
        error: String,
        /// The server's own words, printable.
        words: Option<String>,
    },
    /// The answer to our own request, and of no use.
    Unusable(&'static str),
    /// The answer to a request that is not ours.
    WrongState,
    /// Anything else.
    Elsewhere,
}

/// What the callbacks of our own request look like.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) port: u16,
    pub(super) state: State,
    pub(super) issuer: Option<String>,
    pub(super) needs_issuer: bool,
}

impl Expected {
    /// Tells a request for what it is. A name other than this machine's comes from a page that
    /// has its own name lead here, and is told nothing.
    pub(super) fn read<B>(&self, request: &Request<B>) -> Callback {
        if !self.is_callback(request) {
            return Callback::Elsewhere;
        }
        let query = request.uri().query().unwrap_or_default();
        let field = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        if !field("state").is_some_and(|state| self.state.is(&state)) {
            return Callback::WrongState;
        }
        let issuer = field("iss");
        let foreign = match (&issuer, &self.issuer) {
            (Some(given), Some(own)) => given.trim_end_matches('/') != own.trim_end_matches('/'),
            (None, Some(_)) => self.needs_issuer,
            (_, None) => false,
        };
        if foreign {
            return Callback::Unusable("it comes from another issuer than the one that was asked");
        }
        let code = field("code").filter(|code| !code.is_empty());
        if let Some(error) = field("error").filter(|error| !error.is_empty()) {
            // Whoever sends a code beside an error may quote it, too.
            let said = |text: &str| said(text, &[code.as_deref().unwrap_or_default()]);
            return Callback::Refused {
                error: said(&error),
                words: field("error_description").map(|words| said(&words)),
            };
        }
        match code {
            Some(code) => Callback::Code(code.into()),
            None => Callback::Unusable("it holds neither a code nor an error"),
        }
    }

    fn is_callback<B>(&self, request: &Request<B>) -> bool {
        let host = request.headers().get(http::header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let ours = ["localhost", "127.0.0.1", "[::1]"].into_iter().any(|name| {
            host == format!("{name}:{}", self.port) || (self.port == 80 && host == name)
        });
        ours && request.method() == Method::GET && request.uri().path() == CALLBACK
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn expected(issuer: Option<&str>, needs_issuer: bool) -> Expected {
        Expected {
            port: 7,
            state: State::of([0; 32]),
            issuer: issuer.map(str::to_owned),
            needs_issuer,
        }
    }

    fn state() -> String {
        State::of([0; 32]).secret().expose_secret().to_owned()
    }

    fn request(method: &str, host: &str, target: &str) -> Request<()> {
        Request::builder()
            .method(method)
            .uri(target)
            .header("host", host)
            .body(())
            .unwrap()
    }

    fn get(target: &str) -> Request<()> {
        request("GET", "localhost:7", target)
    }

    #[test]
    fn a_callback_with_our_state_brings_the_code() {
        let target = format!("/callback?code=a%2Bb&state={}", state());
        let Callback::Code(code) = expected(None, false).read(&get(&target)) else {
            panic!("no code");
        };
        assert_eq!(code.expose_secret(), "a+b");
    }

    #[test]
    fn a_refusal_brings_the_servers_words_made_printable() {
        let target = format!(
            "/callback?error=access_denied&error_description=no%1b%5B31m&state={}",
            state()
        );
        let Callback::Refused { error, words } = expected(None, false).read(&get(&target)) else {
            panic!("no refusal");
        };
        assert_eq!(error, "access_denied");
        assert!(!words.unwrap().contains('\u{1b}'));
    }

    #[test]
    fn a_refusal_that_quotes_a_code_is_told_without_it() {
        let target = format!(
            "/callback?code=canary1&error=no_canary1&error_description=bad+canary1&state={}",
            state()
        );
        let read = expected(None, false).read(&get(&target));
        assert!(matches!(read, Callback::Refused { .. }));
        assert!(!format!("{read:?}").contains("canary1"));
    }

    #[test]
    fn another_state_or_none_is_not_ours_whatever_else_it_says() {
        for query in ["", "?code=a", "?state=x&error=access_denied", "?state="] {
            let read = expected(None, false).read(&get(&format!("/callback{query}")));
            assert!(matches!(read, Callback::WrongState), "{query}");
        }
    }

    #[test]
    fn every_other_path_method_and_host_is_elsewhere() {
        let right = format!("/callback?code=a&state={}", state());
        for request in [
            get("/"),
            get("/favicon.ico"),
            get(&right.replace("callback", "callback/")),
            request("POST", "localhost:7", &right),
            request("HEAD", "localhost:7", &right),
            request("GET", "evil.example:7", &right),
            request("GET", "localhost:8", &right),
            request("GET", "localhost", &right),
        ] {
            let read = expected(None, false).read(&request);
            assert!(matches!(read, Callback::Elsewhere), "{request:?}");
        }
        let by_address = request("GET", "127.0.0.1:7", &right);
        let read = expected(None, false).read(&by_address);
        assert!(matches!(read, Callback::Code(_)));
    }

    #[test]
    fn the_issuer_is_checked_where_it_is_known() {
        let own = Some("https://app.osaas.io");
        for (known, needs, given, good) in [
            (None, false, "&iss=x", true),
            (own, false, "", true),
            (own, true, "", false),
            (own, true, "&iss=https://app.osaas.io", true),
            (own, false, "&iss=https://evil.example", false),
        ] {
            let target = format!("/callback?code=a&state={}{given}", state());
            let read = expected(known, needs).read(&get(&target));
            assert_eq!(matches!(read, Callback::Code(_)), good, "{given}");
        }
    }

    #[test]
    fn neither_a_code_nor_an_error_is_of_no_use() {
        for query in ["", "code=&", "error=&"] {
            let target = format!("/callback?{query}state={}", state());
            let read = expected(None, false).read(&get(&target));
            assert!(matches!(read, Callback::Unusable(_)), "{query}");
        }
    }
}

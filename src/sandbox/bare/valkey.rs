//! Valkey, without a single key.

use super::{Spoken, resp};

const LOADING: &str = "-LOADING Valkey is loading the dataset in memory\r\n";
const NOAUTH: &str = "-NOAUTH Authentication required.\r\n";
const WRONGPASS: &str = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
const NO_PASSWORD: &str = "-ERR AUTH <password> called without any password configured for the \
                           default user. Are you sure your configuration is correct?\r\n";
const NOAUTH_HELLO: &str = "-NOAUTH HELLO must be called with the client already authenticated, \
                            otherwise the HELLO <proto> AUTH <user> <pass> option can be used to \
                            authenticate the client and select the RESP protocol version at the \
                            same time\r\n";
const NOPROTO: &str = "-NOPROTO unsupported protocol version\r\n";

/// One connection.
pub(super) struct Session {
    password: Option<String>,
    authenticated: bool,
    ready: bool,
    unread: Vec<u8>,
}

impl Session {
    /// A connection to a server with this password; one that is not ready loads its data set.
    pub(super) fn new(password: Option<String>, ready: bool) -> Session {
        Session {
            authenticated: password.is_none(),
            password,
            ready,
            unread: Vec::new(),
        }
    }

    /// Answers the commands that are complete with this.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Spoken {
        self.unread.extend_from_slice(bytes);
        let mut said = String::new();
        loop {
            let command = match resp::take(&mut self.unread) {
                Ok(Some(command)) => command,
                Ok(None) => break,
                Err(error) => return Spoken::last(said + error),
            };
            let words: Vec<_> = command
                .iter()
                .map(|word| String::from_utf8_lossy(word))
                .collect();
            let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
            let Some((name, arguments)) = words.split_first() else {
                continue;
            };
            let name = name.to_ascii_uppercase();
            if name == "QUIT" {
                return Spoken::last(said + "+OK\r\n");
            }
            said.push_str(&self.answer(&name, arguments));
        }
        Spoken {
            bytes: said.into(),
            close: false,
        }
    }

    fn answer(&mut self, name: &str, arguments: &[&str]) -> String {
        match (name, arguments) {
            ("AUTH", [password]) if self.password.is_some() => self.sign_in("default", password),
            ("AUTH", [_]) => NO_PASSWORD.to_owned(),
            ("AUTH", [user, password]) => self.sign_in(user, password),
            ("HELLO", _) => self.hello(arguments),
            _ if !self.authenticated => NOAUTH.to_owned(),
            _ if !self.ready => LOADING.to_owned(),
            ("PING", []) => "+PONG\r\n".to_owned(),
            ("PING" | "ECHO", [text]) => bulk(text),
            ("SELECT" | "CLIENT", _) => "+OK\r\n".to_owned(),
            _ => format!("-ERR unknown command '{}'\r\n", printable(name)),
        }
    }

    fn sign_in(&mut self, user: &str, password: &str) -> String {
        let good = self
            .password
            .as_deref()
            .is_none_or(|expected| expected == password);
        if user != "default" || !good {
            return WRONGPASS.to_owned();
        }
        self.authenticated = true;
        "+OK\r\n".to_owned()
    }

    fn hello(&mut self, arguments: &[&str]) -> String {
        let (version, rest) = match arguments.split_first() {
            None => (2, arguments),
            Some((&"2", rest)) => (2, rest),
            Some((&"3", rest)) => (3, rest),
            Some(_) => return NOPROTO.to_owned(),
        };
        if let [auth, user, password, ..] = rest
            && auth.eq_ignore_ascii_case("AUTH")
            && self.sign_in(user, password) == WRONGPASS
        {
            return WRONGPASS.to_owned();
        }
        if !self.authenticated {
            return NOAUTH_HELLO.to_owned();
        }
        let head = if version == 3 { "%4" } else { "*8" };
        format!(
            "{head}\r\n{}{}{}{}{}:{version}\r\n{}{}",
            bulk("server"),
            bulk("valkey"),
            bulk("version"),
            bulk("8.0.1"),
            bulk("proto"),
            bulk("role"),
            bulk("master"),
        )
    }
}

fn bulk(text: &str) -> String {
    format!("${}\r\n{text}\r\n", text.len())
}

/// What can stand in an error, which is a line.
fn printable(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_graphic)
        .take(128)
        .collect()
}

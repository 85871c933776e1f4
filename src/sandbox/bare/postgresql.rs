//! PostgreSQL until the password, which it never accepts.

use bytes::Bytes;

use super::Spoken;

const PROTOCOL_3: u32 = 196_608;
const CANCEL: u32 = 80_877_102;
const SSL: u32 = 80_877_103;
const GSS: u32 = 80_877_104;

/// The longest first message the server reads.
const LONGEST: usize = 10_000;

/// One connection.
pub(super) struct Session {
    ready: bool,
    /// The user, once one has been named.
    user: Option<String>,
    unread: Vec<u8>,
}

impl Session {
    /// A connection to a server; one that is not ready says so when asked to sign in.
    pub(super) fn new(ready: bool) -> Session {
        Session {
            ready,
            user: None,
            unread: Vec::new(),
        }
    }

    /// Answers the messages that are complete with this.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Spoken {
        if let Some(user) = &self.user {
            let message = format!("password authentication failed for user \"{user}\"");
            return Spoken::last(fatal("28P01", &message));
        }
        self.unread.extend_from_slice(bytes);
        let mut said = Vec::new();
        while let Some(length) = self.first_length() {
            if !(8..=LONGEST).contains(&length) {
                return Spoken::last(said);
            }
            if self.unread.len() < length {
                break;
            }
            let message: Vec<u8> = self.unread.drain(..length).collect();
            match number(&message[4..]) {
                // No encryption: the client may go on without.
                Some(SSL | GSS) => said.push(b'N'),
                Some(PROTOCOL_3) => return self.start(said, &message[8..]),
                Some(CANCEL) | None => return Spoken::last(said),
                Some(_) => {
                    said.extend(fatal("0A000", "unsupported frontend protocol"));
                    return Spoken::last(said);
                }
            }
        }
        Spoken {
            bytes: said.into(),
            close: false,
        }
    }

    fn first_length(&self) -> Option<usize> {
        number(&self.unread)?.try_into().ok()
    }

    /// Answers a startup message with these parameters, after what was said already.
    fn start(&mut self, mut said: Vec<u8>, parameters: &[u8]) -> Spoken {
        if !self.ready {
            said.extend(fatal("57P03", "the database system is starting up"));
            return Spoken::last(said);
        }
        let mut texts = parameters.split(|byte| *byte == 0);
        let user = texts.position(|text| text == b"user");
        let Some(user) = user.and_then(|_| texts.next()) else {
            said.extend(fatal(
                "28000",
                "no PostgreSQL user name specified in startup packet",
            ));
            return Spoken::last(said);
        };
        self.user = Some(String::from_utf8_lossy(user).into_owned());
        said.extend(message(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0"));
        Spoken {
            bytes: said.into(),
            close: false,
        }
    }
}

/// An ErrorResponse after which the server hangs up.
fn fatal(code: &str, text: &str) -> Bytes {
    let fields = format!("SFATAL\0VFATAL\0C{code}\0M{text}\0\0");
    message(b'E', fields.as_bytes())
}

fn message(kind: u8, body: &[u8]) -> Bytes {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&[kind], length.to_be_bytes().as_slice(), body]
        .concat()
        .into()
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.first_chunk()?))
}

use super::talk::{Heard, Protocol};

/// PostgreSQL: a StartupMessage, as one that only asks for TLS is answered before the database
/// takes connections. Being asked for a password, or refused one, shows that it does.
pub(super) const POSTGRES: Protocol = Protocol {
    name: "PostgreSQL",
    port: 5432,
    hello: b"\0\0\0\x29\0\x03\0\0user\0postgres\0database\0postgres\0\0",
    judge,
};

/// An error's fields fit in here many times.
const LONGEST_ERROR: usize = 32 * 1024;

fn judge(said: &[u8]) -> Option<Heard> {
    let kind = *said.first()?;
    if !matches!(kind, b'R' | b'E') {
        return Some(Heard::Foreign);
    }
    let length = u32::from_be_bytes(*said.get(1..)?.first_chunk()?);
    // The length counts itself.
    let length = usize::try_from(length)
        .ok()
        .filter(|it| (8..=LONGEST_ERROR).contains(it));
    let Some(length) = length else {
        return Some(Heard::Foreign);
    };
    let body = said.get(5..=length)?;
    match kind {
        b'R' => Some(Heard::Good),
        _ => Some(judge_error(body)),
    }
}

/// The fields of an ErrorResponse: a letter and a text that ends with a zero, each.
fn judge_error(body: &[u8]) -> Heard {
    let field = |letter: u8| {
        let mut fields = body.split(|byte| *byte == 0);
        let text = fields.find_map(|field| field.strip_prefix(&[letter]))?;
        Some(String::from_utf8_lossy(text).into_owned())
    };
    match (field(b'C'), field(b'M')) {
        // Who may come in, and that the database `postgres` has been dropped, is decided after
        // the start.
        (Some(code), _) if code.starts_with("28") || code == "3D000" => Heard::Good,
        (Some(code), message) => {
            Heard::Refusal(format!("{} ({code})", message.unwrap_or_default()))
        }
        (None, _) => Heard::Foreign,
    }
}

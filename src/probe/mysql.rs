use super::talk::{Heard, Protocol};

/// MariaDB and MySQL: they speak first.
pub(super) const MYSQL: Protocol = Protocol {
    name: "MariaDB",
    port: 3306,
    hello: b"",
    judge,
};

/// Greetings are some 100 bytes long.
const LONGEST_GREETING: usize = 4 * 1024;

/// Who may connect from where is decided by a server that works.
const HOST_NOT_PRIVILEGED: u16 = 1130;

fn judge(said: &[u8]) -> Option<Heard> {
    let [low, middle, high, number, packet @ ..] = said else {
        return None;
    };
    let length = usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16;
    if *number != 0 || !(3..=LONGEST_GREETING).contains(&length) {
        return Some(Heard::Foreign);
    }
    match packet.get(..length)? {
        [10, version @ ..] if is_version(version) => Some(Heard::Good),
        [0xff, low, high, words @ ..] => {
            let code = u16::from_le_bytes([*low, *high]);
            let words = String::from_utf8_lossy(words);
            Some(match code {
                HOST_NOT_PRIVILEGED => Heard::Good,
                _ => Heard::Refusal(format!("{words} ({code})")),
            })
        }
        _ => Some(Heard::Foreign),
    }
}

/// Whether a text with a digit in front ends with a zero: `11.4.2-MariaDB`.
fn is_version(packet: &[u8]) -> bool {
    let text = packet.split(|byte| *byte == 0).next().unwrap_or_default();
    text.len() < packet.len()
        && text.first().is_some_and(u8::is_ascii_digit)
        && text.iter().all(u8::is_ascii_graphic)
}

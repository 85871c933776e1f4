use super::talk::{Heard, Protocol};

/// Redis and Valkey: `PING`. One that wants a password first works, too.
pub(super) const REDIS: Protocol = Protocol {
    name: "Redis",
    port: 6379,
    hello: b"*1\r\n$4\r\nPING\r\n",
    judge,
};

fn judge(said: &[u8]) -> Option<Heard> {
    if !matches!(said.first()?, b'+' | b'-') {
        return Some(Heard::Foreign);
    }
    let end = said.windows(2).position(|two| two == b"\r\n")?;
    let line = String::from_utf8_lossy(&said[1..end]);
    Some(match line.split(' ').next().unwrap_or_default() {
        "PONG" | "NOAUTH" | "NOPERM" => Heard::Good,
        // `LOADING`, `MASTERDOWN`, `DENIED` and the like.
        _ => Heard::Refusal(line.into_owned()),
    })
}

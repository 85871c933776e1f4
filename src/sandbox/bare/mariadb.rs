//! MariaDB until the password, which it never accepts.

use bytes::Bytes;

use super::Spoken;

/// The first packet of the server: protocol 10, its version, a challenge.
pub(super) fn handshake() -> Bytes {
    let parts: [&[u8]; 11] = [
        b"\x0a",
        b"11.4.5-MariaDB-log\0",
        // The connection's number, and the first part of the challenge.
        &[7, 0, 0, 0],
        b"sandboxS\0",
        // What it is able to, lower half; the character set, the state; the upper half.
        &[0xfe, 0xf7],
        &[45, 2, 0],
        &[0xff, 0x81],
        // How long the challenge is, and ten bytes of no meaning here.
        &[21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        b"andboxSandbo",
        b"\0",
        b"mysql_native_password\0",
    ];
    packet(0, &parts.concat())
}

/// Whoever signs in is refused.
pub(super) fn refusal() -> Spoken {
    let error = [
        b"\xff",
        1045u16.to_le_bytes().as_slice(),
        b"#28000Access denied",
    ]
    .concat();
    Spoken::last(packet(2, &error))
}

fn packet(number: u8, body: &[u8]) -> Bytes {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes();
    [&length[..3], &[number], body].concat().into()
}

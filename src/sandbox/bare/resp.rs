//! Reading commands in the protocol of Redis and Valkey, RESP.

/// The most bytes a command may have.
const LONGEST: usize = 64 * 1024;

/// The most parts a command may have.
const MOST_PARTS: usize = 1024;

/// A command and its arguments.
pub(super) type Command = Vec<Vec<u8>>;

/// Takes a whole command from the beginning of the buffer; `None` while there is none.
///
/// A command is an array of bulk strings, or a line of words. An error is what the server says
/// before it hangs up.
pub(super) fn take(buffer: &mut Vec<u8>) -> Result<Option<Command>, &'static str> {
    let Some((command, length)) = read(buffer)? else {
        return match buffer.len() {
            0..LONGEST => Ok(None),
            _ => Err("-ERR Protocol error: too big request\r\n"),
        };
    };
    buffer.drain(..length);
    Ok(Some(command))
}

/// The command, and how many bytes of the buffer it has.
fn read(buffer: &[u8]) -> Result<Option<(Command, usize)>, &'static str> {
    let Some((line, mut at)) = line(buffer, 0) else {
        return Ok(None);
    };
    let Some(count) = line.strip_prefix(b"*") else {
        let words = line.split(u8::is_ascii_whitespace);
        let words = words.filter(|word| !word.is_empty()).map(<[u8]>::to_vec);
        return Ok(Some((words.collect(), at)));
    };
    let count = number(count).filter(|count| *count <= MOST_PARTS);
    let count = count.ok_or("-ERR Protocol error: invalid multibulk length\r\n")?;
    let mut command = Command::new();
    for _ in 0..count {
        let Some((head, begin)) = self::line(buffer, at) else {
            return Ok(None);
        };
        let length = head.strip_prefix(b"$").and_then(number);
        let length = length.filter(|length| *length <= LONGEST);
        let end = begin + length.ok_or("-ERR Protocol error: invalid bulk length\r\n")?;
        let Some(part) = buffer.get(begin..end + 2) else {
            return Ok(None);
        };
        command.push(part[..part.len() - 2].to_vec());
        at = end + 2;
    }
    Ok(Some((command, at)))
}

/// The line that begins here, and where the next one does.
fn line(buffer: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let rest = buffer.get(from..)?;
    let length = rest.iter().position(|byte| *byte == b'\n')?;
    let line = &rest[..length];
    Some((line.strip_suffix(b"\r").unwrap_or(line), from + length + 1))
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

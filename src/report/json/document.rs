use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use crate::model::printable;

/// What every document begins with.
#[derive(Serialize)]
struct Document<T> {
    format: &'static str,
    version: u32,
    #[serde(flatten)]
    body: T,
}

/// Writes a document and a line end.
pub(super) fn write(
    out: &mut dyn Write,
    format: &'static str,
    body: impl Serialize,
) -> io::Result<()> {
    write_value(
        out,
        &Document {
            format,
            version: 1,
            body,
        },
    )
}

/// Writes any value and a line end.
pub(super) fn write_value(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut line = Vec::new();
    let mut to = serde_json::Serializer::with_formatter(&mut line, Escaping);
    value.serialize(&mut to)?;
    line.push(b'\n');
    out.write_all(&line)
}

/// Escapes what could steer a terminal and is not escaped by the rules of JSON.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if matches!(printable(fragment), std::borrow::Cow::Borrowed(_)) {
            return writer.write_all(fragment.as_bytes());
        }
        for c in fragment.chars() {
            let mut buffer = [0; 4];
            let one: &str = c.encode_utf8(&mut buffer);
            if printable(one) == one {
                writer.write_all(one.as_bytes())?;
            } else {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

/// A time in seconds, to the millisecond.
pub(super) fn seconds(duration: std::time::Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).floor() / 1000.0
}

//! Which places of the files hold literal secrets, so that no message quotes them.

mod literals;
mod unread;

pub(super) use literals::mask_secrets;
pub(super) use unread::mask_unread;

/// The variables that a text refers to, by name.
fn variables_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("variables.").skip(1).map(|rest| {
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
        &rest[..end.unwrap_or(rest.len())]
    })
}

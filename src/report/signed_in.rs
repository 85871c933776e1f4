use std::io::{self, Write};
use std::time::SystemTime;

use super::Look;
use super::ink::Ink;
use super::page::Page;
use crate::model::printable;

/// A sign-in that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The workspace that was chosen.
    pub workspace: String,
    /// The environment.
    pub environment: String,
    /// Who signed in, where the token says so.
    pub user: Option<String>,
    /// When the access token ends.
    pub expires: Option<SystemTime>,
    /// Whether it is replaced by itself.
    pub renewable: bool,
    /// Where it is kept.
    pub kept: String,
    /// Why not in the system's keyring, where it is not there.
    pub why_no_keyring: Option<String>,
}

/// Writes what a sign-in is to, how long it lasts and where it is kept.
///
/// # Errors
/// When the writer fails.
pub fn signed_in(out: &mut dyn Write, it: &SignedIn, look: Look) -> io::Result<()> {
    let SignedIn {
        workspace,
        environment,
        user,
        expires,
        renewable,
        kept,
        why_no_keyring,
    } = it;
    let user = user.as_deref().map(|user| format!(" as {user}"));
    let user = user.unwrap_or_default();
    let title = format!("Signed in to the workspace {workspace} ({environment}){user}.");
    let end = expires.map(|end| humantime::format_rfc3339_seconds(end).to_string());
    let lasts = match (end, renewable) {
        (None, _) => "The access token does not expire.".to_owned(),
        (Some(end), true) => {
            format!("The access token lasts until {end} and is renewed by itself.")
        }
        (Some(end), false) => format!(
            "The access token lasts until {end}, and the server gave no means to renew it: sign \
             in again then."
        ),
    };
    let place = match why_no_keyring {
        None => format!("It is kept in {kept}."),
        Some(why) => format!(
            "It is kept in {kept}, which only you can read; the system's keyring is not used: \
             {why}."
        ),
    };
    let mut page = Page::new(out, look);
    page.text(0, Ink::Strong, &printable(&title))?;
    page.text(0, Ink::Plain, &printable(&lasts))?;
    page.text(0, Ink::Plain, &printable(&place))
}

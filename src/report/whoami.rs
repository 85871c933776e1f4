use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use super::Look;
use super::duration::short;
use super::ink::Ink;
use super::page::{Columns, Page};
use crate::model::printable;

/// Who is signed in, with what, and what that allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoAmI {
    /// The workspace that the token is for.
    pub workspace: String,
    /// The OSC environment.
    pub environment: String,
    /// The user, where the token names one.
    pub user: Option<String>,
    /// The name of the workspace's OSC plan, or why it could not be read.
    pub tenant_plan: Result<String, String>,
    /// How many OSC tokens are left, where the platform says it.
    pub remaining_tokens: Option<u64>,
    /// How many services the token allows, where it says so.
    pub service_limits: Option<u64>,
    /// Where the token was found; never the token.
    pub source: String,
    /// When the token ends. One from a sign-in does, one made in the console does not (API notes
    /// 2.5).
    pub expires: Option<Expiry>,
}

/// The end of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// When it is.
    pub at: SystemTime,
    /// How long that is from now.
    pub left: Duration,
    /// Whether it is replaced by itself before that.
    pub renewable: bool,
}

impl Expiry {
    /// The moment in UTC, to the second.
    pub(super) fn utc(self) -> String {
        // The last second of the year 9999, after which there is no such text.
        const LAST: Duration = Duration::from_secs(253_402_300_799);
        let last = SystemTime::UNIX_EPOCH + LAST;
        humantime::format_rfc3339_seconds(self.at.min(last)).to_string()
    }
}

/// Writes who is signed in as aligned rows; those of which nothing is known are left out.
///
/// # Errors
/// When the writer fails.
pub fn whoami(out: &mut dyn Write, who: &WhoAmI, look: Look) -> io::Result<()> {
    let mut page = Page::new(out, look);
    let rows = rows(who);
    let columns = Columns::fit(0, rows.iter().map(|(label, ..)| *label), look);
    for (label, ink, text) in rows {
        page.said(columns, label, ink, &printable(&text))?;
    }
    Ok(())
}

fn rows(who: &WhoAmI) -> Vec<(&'static str, Ink, String)> {
    let (plan_ink, plan) = match &who.tenant_plan {
        Ok(name) => (Ink::Plain, name.clone()),
        Err(why) => (Ink::Remove, format!("could not be read: {why}")),
    };
    let (kind, end) = match who.expires {
        None => (
            "personal access token",
            "never, unless it is revoked".to_owned(),
        ),
        Some(end) => (
            "from a sign-in",
            format!(
                "{}, in {}{}",
                end.utc(),
                short(end.left),
                if end.renewable {
                    "; renewed by itself"
                } else {
                    ""
                }
            ),
        ),
    };
    let plain = |label, text: Option<String>| text.map(|text| (label, Ink::Plain, text));
    let all = [
        Some(("workspace", Ink::Strong, who.workspace.clone())),
        plain("environment", Some(who.environment.clone())),
        plain("user", who.user.clone()),
        Some(("plan", plan_ink, plan)),
        plain("balance", who.remaining_tokens.map(tokens)),
        plain(
            "service limits",
            who.service_limits.map(|it| it.to_string()),
        ),
        plain("token", Some(kind.to_owned())),
        plain("source", Some(who.source.clone())),
        plain("expires", Some(end)),
    ];
    all.into_iter().flatten().collect()
}

fn tokens(left: u64) -> String {
    match left {
        1 => "1 token".to_owned(),
        _ => format!("{left} tokens"),
    }
}

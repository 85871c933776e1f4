use std::io::{self, Write};

use serde::Serialize;

use super::document::write;
use crate::report::SignedIn;

/// Writes the end of a sign-in, to a workspace in an environment or to all of them:
/// `osc-apply/signed-out`.
///
/// # Errors
/// When the writer fails.
pub fn signed_out(out: &mut dyn Write, of: Option<(&str, &str)>) -> io::Result<()> {
    #[derive(Serialize)]
    struct Body<'a> {
        workspace: Option<&'a str>,
        environment: Option<&'a str>,
    }
    let (workspace, environment) = of.unzip();
    let body = Body {
        workspace,
        environment,
    };
    write(out, "osc-apply/signed-out", body)
}

/// Writes a sign-in: `osc-apply/signed-in`.
///
/// # Errors
/// When the writer fails.
pub fn signed_in(out: &mut dyn Write, it: &SignedIn) -> io::Result<()> {
    #[derive(Serialize)]
    struct Body<'a> {
        workspace: &'a str,
        environment: &'a str,
        user: Option<&'a str>,
        expires: Option<String>,
        renewable: bool,
        kept: &'a str,
    }
    let expires = it.expires.map(humantime::format_rfc3339_seconds);
    let body = Body {
        workspace: &it.workspace,
        environment: &it.environment,
        user: it.user.as_deref(),
        expires: expires.map(|end| end.to_string()),
        renewable: it.renewable,
        kept: &it.kept,
    };
    write(out, "osc-apply/signed-in", body)
}

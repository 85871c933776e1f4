use std::io::{self, Write};

use serde::Serialize;

use super::document::write;
use crate::report::WhoAmI;

#[derive(Serialize)]
struct Body<'a> {
    workspace: &'a str,
    environment: &'a str,
    user: Option<&'a str>,
    tenant_plan: Option<&'a str>,
    /// Why there is none.
    tenant_plan_unreadable: Option<&'a str>,
    remaining_tokens: Option<u64>,
    service_limits: Option<u64>,
    token: Token<'a>,
}

#[derive(Serialize)]
struct Token<'a> {
    kind: &'static str,
    source: &'a str,
    expires: Option<String>,
    seconds_left: Option<u64>,
    renewable: bool,
}

/// Writes who is signed in: `osc-apply/whoami`.
///
/// # Errors
/// When the writer fails.
pub fn whoami(out: &mut dyn Write, who: &WhoAmI) -> io::Result<()> {
    let body = Body {
        workspace: &who.workspace,
        environment: &who.environment,
        user: who.user.as_deref(),
        tenant_plan: who.tenant_plan.as_deref().ok(),
        tenant_plan_unreadable: who.tenant_plan.as_ref().err().map(String::as_str),
        remaining_tokens: who.remaining_tokens,
        service_limits: who.service_limits,
        token: Token {
            kind: match who.expires {
                None => "personal_access_token",
                Some(_) => "sign_in",
            },
            source: &who.source,
            expires: who.expires.map(|end| end.utc()),
            seconds_left: who.expires.map(|end| end.left.as_secs()),
            renewable: who.expires.is_some_and(|end| end.renewable),
        },
    };
    write(out, "osc-apply/whoami", body)
}

//! The deploy manager: what the platform keeps for a workspace besides its instances.
//!
//! | file | what is in it |
//! |---|---|
//! | `suspended` | the instances that are suspended |
//! | `tags` | tags on resources |
//! | `service_secrets` | secrets that options refer to |
//! | `tenant_secrets` | secrets of the workspace |

mod service_secrets;
mod suspended;
mod tags;
mod tenant_secrets;

use http::StatusCode;

use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::reply::Reply;
use crate::sandbox::{catalog, credentials};

/// Answers at the deploy manager's host.
pub(crate) fn answer(call: &mut Call<'_>) -> Outcome {
    credentials::personal_access_token(call)?;
    let quirks = &call.rules.quirks;
    match call.segments().as_slice() {
        ["mysuspended", rest @ ..] => suspended::answer(call, rest),
        ["resourcetags", rest @ ..] if !quirks.no_tags => tags::answer(call, rest),
        ["mysecrets", service, rest @ ..] => service_secrets::answer(call, service, rest),
        ["mytenantsecrets", rest @ ..] if !quirks.no_tenant_secrets => {
            tenant_secrets::answer(call, rest)
        }
        _ => Err(call.route_not_found()),
    }
}

/// Refuses the id of no service; what OSC says to one is unknown.
fn require_service(id: &str) -> Result<(), Reply> {
    if catalog::find(id).is_some() {
        return Ok(());
    }
    Err(absent(format!("No such service: {id}")))
}

fn absent(reason: String) -> Reply {
    Reply::reason(StatusCode::NOT_FOUND, reason)
}

fn refused(reason: impl Into<String>) -> Reply {
    Reply::reason(StatusCode::BAD_REQUEST, reason)
}

//! The deploy manager.
//!
//! | file | what is in it |
//! |---|---|
//! | `suspended` | the instances that are suspended |

mod suspended;

use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::credentials;

/// Answers at the deploy manager's host.
pub(crate) fn answer(call: &mut Call<'_>) -> Outcome {
    credentials::personal_access_token(call)?;
    match call.segments().as_slice() {
        ["mysuspended", rest @ ..] => suspended::answer(call, rest),
        _ => Err(call.route_not_found()),
    }
}

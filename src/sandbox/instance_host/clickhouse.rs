//! ClickHouse's HTTP interface as somebody without its credentials meets it.

use http::StatusCode;

use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;

/// Answers as ClickHouse does: it is fine, but nobody may ask it anything else.
pub(super) fn answer(call: &Call<'_>) -> Reply {
    match (call.path, call.query("query")) {
        ("/ping", _) | ("/", None) => Reply::text(StatusCode::OK, "Ok.\n"),
        ("/", Some(_)) => Reply::text(
            StatusCode::FORBIDDEN,
            "Code: 516. DB::Exception: default: Authentication failed: password is incorrect, or \
             there is no user with such name. (AUTHENTICATION_FAILED)\n",
        ),
        (path, _) => Reply::text(
            StatusCode::NOT_FOUND,
            format!("There is no handle {path}\n\nUse / or /ping for health checks.\n"),
        ),
    }
}

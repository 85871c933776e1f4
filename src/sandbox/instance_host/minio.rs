//! MinIO as somebody without its credentials meets it.

use http::StatusCode;

use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;

/// Answers as MinIO does.
///
/// Its health routes are good from the first moment and tell in a header that the server is
/// offline; S3 itself says so with 503 while it starts, and refuses strangers then.
pub(super) fn answer(call: &Call<'_>, ready: bool) -> Reply {
    match (call.path, ready) {
        ("/minio/health/live" | "/minio/health/ready", true) => {
            Reply::typed(StatusCode::OK, "", "")
        }
        ("/minio/health/live" | "/minio/health/ready", false) => {
            Reply::typed(StatusCode::OK, "", "").with("x-minio-server-status", "offline")
        }
        (path, false) => error(
            StatusCode::SERVICE_UNAVAILABLE,
            "XMinioServerNotInitialized",
            "Server not initialized yet, please try again.",
            path,
        ),
        (path, true) => error(
            StatusCode::FORBIDDEN,
            "AccessDenied",
            "Access Denied.",
            path,
        ),
    }
}

/// The error document of S3.
fn error(status: StatusCode, code: &str, message: &str, path: &str) -> Reply {
    let resource = path.replace('&', "&amp;");
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
         <Message>{message}</Message><Resource>{resource}</Resource>\
         <RequestId>17F0000000000000</RequestId><HostId>sandbox</HostId></Error>"
    );
    Reply::typed(status, "application/xml", document)
}

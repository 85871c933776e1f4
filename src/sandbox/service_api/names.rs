//! What the platform makes of a name it is sent (API notes 6.9).

use http::StatusCode;

use crate::sandbox::catalog::Service;
use crate::sandbox::reply::Reply;

/// A DNS label, which `{tenant}-{serviceId}-{name}` becomes.
const LONGEST_LABEL: usize = 63;

/// The name an instance gets: lower case, nothing but letters and digits, cut to length.
///
/// It can so differ from what was sent. Refused with 400 `{reason}` when nothing is left, or when
/// tenant, service and name together are too long.
pub(super) fn settle(tenant: &str, service: &Service, sent: &str) -> Result<String, Reply> {
    // Job names of up to 40 characters were seen to work.
    let longest = if service.is_job() { 40 } else { 20 };
    let lowered = sent.chars().flat_map(char::to_lowercase);
    let allowed = lowered.filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let name: String = allowed.take(longest).collect();
    let refuse = |reason: &str| Err(Reply::reason(StatusCode::BAD_REQUEST, reason));
    if name.is_empty() {
        return refuse("Invalid name: only lower case letters and digits are allowed");
    }
    if format!("{tenant}-{}-{name}", service.id).len() > LONGEST_LABEL {
        return refuse("Invalid name: tenant, service and name are longer than 63 characters");
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::catalog;

    fn settled(service: &str, sent: &str) -> Option<String> {
        settle("sandbox", catalog::find(service).unwrap(), sent).ok()
    }

    #[test]
    fn names_are_lowered_stripped_and_cut() {
        let valkey = "valkey-io-valkey";
        assert_eq!(settled(valkey, "My-Cache_1").as_deref(), Some("mycache1"));
        assert_eq!(settled(valkey, &"a".repeat(25)), Some("a".repeat(20)));
        assert_eq!(settled("eyevinn-ffmpeg-s3", &"a".repeat(45)), None);
        assert_eq!(
            settled("eyevinn-mp4ff", &"a".repeat(45)),
            Some("a".repeat(40))
        );
        assert_eq!(settled(valkey, "-_- åäö"), None);
    }

    #[test]
    fn tenant_service_and_name_fit_a_dns_label() {
        let longest = "itzg-docker-minecraft-bedrock-server";
        assert_eq!(settled(longest, &"a".repeat(18)), Some("a".repeat(18)));
        assert_eq!(settled(longest, &"a".repeat(19)), None);
    }
}

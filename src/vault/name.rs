use sha2::{Digest, Sha256};

/// What the platform's names may have (API notes 14, row 16).
const LONGEST: usize = 40;
/// How many bytes of the digest are in a name: 64 bits.
const DIGEST: usize = 8;
const READABLE: usize = LONGEST - 2 * DIGEST;

/// What the service secret of an instance's option is called: the same every time, and in the
/// whole tenant by no two different options.
///
/// Two services may not have secrets of one name, since the platform stores them under the name
/// without the service; lower-case letters and digits, at most 40 (API notes 8.1). Begins with
/// what can be read of the instance and the option, and holds nothing of the value.
pub fn service_secret_name(
    workspace: &str,
    stack: &str,
    service: &str,
    instance: &str,
    option: &str,
) -> String {
    let mut digest = Sha256::new();
    for part in [workspace, stack, service, instance, option] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let mut name = readable(instance, option);
    for byte in digest.finalize().iter().take(DIGEST) {
        name.push_str(&format!("{byte:02x}"));
    }
    name
}

/// Each has its half, and what the other leaves of its own.
fn readable(instance: &str, option: &str) -> String {
    let (instance, option) = (simple(instance), simple(option));
    let half = READABLE / 2;
    let for_instance = READABLE - option.len().min(half);
    let for_option = READABLE - instance.len().min(for_instance);
    let instance = instance.chars().take(for_instance);
    instance.chain(option.chars().take(for_option)).collect()
}

fn simple(text: &str) -> String {
    let text = text.chars().filter(char::is_ascii_alphanumeric);
    text.map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_readable_and_the_same_every_time() {
        assert_eq!(
            service_secret_name("acme", "vod", "minio-minio", "myvod", "RootPassword"),
            "myvodrootpassword194a76fd544b569f"
        );
        assert_eq!(
            service_secret_name("acme", "vod", "encore", "myvod", "opts.webhook.apikey"),
            "myvodoptswebhookapikeydb8b325b75fa99ab"
        );
    }

    #[test]
    fn a_long_instance_leaves_room_for_the_option() {
        let name = readable(&"a".repeat(20), "DatabasePasswordOfTheAdministrator");
        assert_eq!(name, "aaaaaaaaaaaadatabasepass");
        assert_eq!(readable(&"a".repeat(20), "Url"), "aaaaaaaaaaaaaaaaaaaaurl");
    }

    #[test]
    fn parts_that_only_read_the_same_when_joined_have_names_of_their_own() {
        let mut all = HashMap::new();
        for parts in [
            ["acme", "vod", "redis", "a", "bc"],
            ["acme", "vod", "redis", "ab", "c"],
            ["acme", "vod", "redisa", "", "bc"],
            ["acmevod", "", "redis", "a", "bc"],
            ["acme", "vod", "redis", "a", "BC"],
            ["acme", "vod", "redis", "a", "b.c"],
        ] {
            let [workspace, stack, service, instance, option] = parts;
            let name = service_secret_name(workspace, stack, service, instance, option);
            assert_eq!(all.insert(name, parts), None, "{parts:?}");
        }
    }

    proptest! {
        #[test]
        fn different_options_have_different_names_that_the_platform_takes(
            one in proptest::array::uniform5("[a-zA-Z0-9.-]{0,3}"),
            other in proptest::array::uniform5("[a-zA-Z0-9.-]{0,3}"),
            long in ".{0,60}",
        ) {
            let name = |parts: &[String; 5]| {
                let [workspace, stack, service, instance, option] = parts;
                service_secret_name(workspace, stack, service, instance, option)
            };
            prop_assert_eq!(name(&one) == name(&other), one == other);
            for name in [name(&one), service_secret_name("", "", "", &long, &long)] {
                prop_assert!(name.len() <= LONGEST);
                prop_assert!(name.chars().all(|c| matches!(c, '0'..='9' | 'a'..='z')));
            }
        }
    }
}

//! Secrets that stand in the manifest as they are.

use super::given::stack;

fn warnings(service: &str, options: &str) -> String {
    let given = stack(&format!(
        "variables: {{v: {{default: x}}}}\ninstances:\n  a:\n    service: {service}\n    options: \
         {options}\n"
    ));
    let warnings = given.warnings();
    assert!(!warnings.contains("hunter2"), "{warnings}");
    warnings
}

#[test]
fn a_literal_in_a_sensitive_option_is_shown_the_way_into_secrets() {
    assert_eq!(
        warnings("valkey-io-valkey", "{Password: hunter2}"),
        "osc.yaml:7:25 `Password` is a secret that stands here as it is (move it into \
         `secrets:`, and refer to it here\n\nsecrets:\n  a_password: { env: A_PASSWORD }\n\n\
         Password: ${secrets.a_password})"
    );
    for option in [
        "{Password: 123}",
        "{Password: 'a b'}",
        "{Password: '${''hunter2''}'}",
        "{Password: 'x${''hunter2''}'}",
    ] {
        assert!(
            warnings("valkey-io-valkey", option).contains("`Password`"),
            "{option}"
        );
    }
}

#[test]
fn a_literal_password_in_a_url_is_shown_the_way_into_secrets() {
    let wanted = "osc.yaml:7:25 the password of this URL stands here as it is (move it into \
                  `secrets:`, and refer to it here\n\nsecrets:\n  a_redis_url_password: { env: \
                  A_REDIS_URL_PASSWORD }\n\n…:${secrets.a_redis_url_password}@…)";
    for url in [
        "redis://u:hunter2@h",
        "redis://:hunter2@${variables.v}",
        "redis://${variables.v}:hunter2@h",
        "x://u:${variables.v}@h jdbc:y://u:hunter2@h",
    ] {
        let found = warnings("eyevinn-app-config-svc", &format!("{{RedisUrl: '{url}'}}"));
        assert_eq!(found, wanted, "{url}");
    }
    let listed = warnings("encore", "{s3Region: 'x://u:hunter2@h', s3Endpoint: h}");
    assert!(listed.contains("a_s3_region_password"), "{listed}");
}

#[test]
fn what_is_no_literal_secret_is_not_warned_about() {
    for (service, options) in [
        ("valkey-io-valkey", "{Password: '{{secrets.x}}'}"),
        ("valkey-io-valkey", "{Password: '${variables.v}'}"),
        ("valkey-io-valkey", "{Password: 'a${variables.v}'}"),
        ("valkey-io-valkey", "{Password: ''}"),
        ("valkey-io-valkey", "{Password: null}"),
        ("encore", "{s3Region: text}"),
        (
            "eyevinn-app-config-svc",
            "{RedisUrl: 'redis://${instances.a.name}:6379/@x'}",
        ),
        ("eyevinn-app-config-svc", "{RedisUrl: 'redis://user@host'}"),
        (
            "eyevinn-app-config-svc",
            "{RedisUrl: 'redis://u:${variables.v}@host'}",
        ),
        (
            "eyevinn-app-config-svc",
            "{RedisUrl: 'redis://u:x${variables.v}@host'}",
        ),
        (
            "eyevinn-app-config-svc",
            "{RedisUrl: 'redis://u:{{secrets.x}}@host'}",
        ),
    ] {
        assert_eq!(warnings(service, options), "", "{options}");
    }
}

#[test]
fn a_literal_value_of_a_secret_is_shown_better_sources() {
    let given = stack(
        "secrets:\n  a: {value: hunter2}\n  b: {value: 'x://u:hunter2@${secrets.c}'}\n  c: {value: \
         'x${secrets.d}'}\n  d: {generate: {}}\n",
    );
    let found = given.warnings();
    assert!(!found.contains("hunter2"), "{found}");
    assert_eq!(
        found,
        "osc.yaml:4:14 the secret `a` stands here as it is (take it from the environment: `a: { \
         env: A }`; or let it be made: `a: { generate: {} }`)\n\
         osc.yaml:5:14 the password of this URL stands here as it is (move it into `secrets:`, \
         and refer to it here\n\nsecrets:\n  b_password: { env: B_PASSWORD }\n\n\
         …:${secrets.b_password}@…)"
    );
}

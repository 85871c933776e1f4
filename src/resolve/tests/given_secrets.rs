//! Secrets from outside, and where no secret may be.

use super::given::stack;
use crate::resolve::{SecretSource, Setting};

const MINIO: &str = "\
secrets: { pw: { env: MINIO_PW }, token: { access_token: true }, f: { file: a/b }, c: { command: [sops, -d] } }
instances:
  m:
    service: minio-minio
    options: { RootUser: admin, RootPassword: '${secrets.pw}' }
  e:
    service: encore
    options: { s3SessionToken: '${secrets.token}' }
";

#[test]
fn a_given_value_is_known_at_once_and_stays_out_of_the_options() {
    let given = stack(MINIO).secret("pw", "Abcdefgh12").resolve();
    let desired = given.desired();
    assert!(desired.scope.has_secret("pw"));
    let option = &desired.instances["m"].options[1];
    assert!(matches!(option.setting, Setting::Deferred(_)) && option.sensitive);
    assert!(option.secrets.contains("pw"));
}

#[test]
fn a_value_that_is_not_at_hand_is_no_mistake_and_says_why() {
    let given = stack(MINIO).missing("pw", "MINIO_PW is not set").resolve();
    let desired = given.desired();
    assert!(!desired.scope.has_secret("pw"));
    let told = |name: &str| match &desired.secrets[name].source {
        SecretSource::Given { what, missing } => format!("{what}: {missing:?}"),
        SecretSource::AccessToken { missing } => format!("{missing:?}"),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        told("pw"),
        "the environment variable MINIO_PW: Some(\"MINIO_PW is not set\")"
    );
    let unasked = "Some(\"its value has not been looked up\")";
    assert_eq!(told("token"), unasked);
    assert_eq!(told("f"), format!("the file a/b: {unasked}"));
    assert_eq!(told("c"), format!("the command `sops`: {unasked}"));
    assert_eq!(desired.instances["e"].secrets().len(), 1);
}

#[test]
fn a_wrong_value_is_found_early_and_not_quoted() {
    let found = stack(MINIO).secret("pw", "hunter2").findings();
    assert_eq!(
        found,
        "osc.yaml:7:47 the value of `RootPassword` does not match its pattern (the service wants \
         ^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d).{10,}$)\n  \
         osc.yaml:3:12 its value comes from the environment variable MINIO_PW"
    );
    for option in [
        "s3Region: '${secrets.pw | int}'",
        "s3Region: '${secrets.pw.x}'",
    ] {
        let found = stack(&format!(
            "secrets: {{pw: {{env: A}}}}\ninstances:\n  e:\n    service: encore\n    options: \
             {{{option}}}\n"
        ))
        .secret("pw", "hunter2")
        .findings();
        assert!(!found.is_empty() && !found.contains("hunter2"), "{found}");
    }
}

#[test]
fn a_value_from_outside_is_only_taken_for_what_comes_from_outside() {
    let given = stack("secrets: {g: {generate: {}}, v: {value: 'x${secrets.g}'}}\n")
        .secret("g", "hunter2")
        .secret("v", "hunter2")
        .secret("unheard_of", "hunter2")
        .resolve();
    let scope = &given.desired().scope;
    assert!(!scope.has_secret("g") && !scope.has_secret("v"));
}

#[test]
fn a_secret_cannot_stand_where_its_value_would_be_shown() {
    for (line, wanted) in [
        (
            "    name: ${secrets.pw}\n",
            "`name` cannot hold a secret: it is shown (use a variable)",
        ),
        (
            "    when: ${secrets.pw == 'x'}\n",
            "`when` cannot hold a secret",
        ),
        (
            "    name: ${secrets.url | host}\n",
            "`name` cannot hold a secret",
        ),
        (
            "outputs: {o: '${secrets.pw}'}\n",
            "the output `o` would print a secret",
        ),
        (
            "outputs: {o: 'x${secrets.url}'}\n",
            "the output `o` would print a secret",
        ),
        (
            "outputs: {o: '${instances.v.options.Password}'}\n",
            "the output `o` would print a secret",
        ),
        (
            "removed: {r: {service: encore, name: '${secrets.pw}'}}\n",
            "`name` cannot hold a secret",
        ),
    ] {
        let found = stack(&format!(
            "secrets: {{pw: {{env: A}}, url: {{value: 'https://u:${{secrets.pw}}@h'}}}}\n\
             instances:\n  v:\n    service: valkey-io-valkey\n    options: {{Password: \
             '${{secrets.pw}}'}}\n{line}"
        ))
        .secret("pw", "Hunter2")
        .findings();
        assert!(found.contains(wanted), "{line}: {found}");
        assert_eq!(found.lines().count(), 1, "{found}");
        assert!(!found.contains("Hunter2"), "{found}");
    }
    let found =
        super::given::manifest("version: 1\nstack: 's-${secrets.pw}'\nsecrets: {pw: {env: A}}\n")
            .secret("pw", "x");
    assert!(found.findings().contains("`stack` cannot hold a secret"));
    let service = "secrets: {pw: {env: A}}\ninstances: {v: {service: '${secrets.pw}'}}\n";
    assert!(
        stack(service)
            .findings()
            .contains("`service` cannot hold an expression")
    );
}

#[test]
fn an_output_that_is_sensitive_may_be_a_secret() {
    let given = stack(
        "secrets: {pw: {env: A}}\noutputs: {o: {value: 'x${secrets.pw}', sensitive: true}}\n",
    );
    assert_eq!(given.secret("pw", "a").findings(), "");
}

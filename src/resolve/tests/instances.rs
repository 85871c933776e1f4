use std::time::Duration;

use super::given::{manifest, stack};
use crate::model::{Level, Probe};

/// Findings of one valkey with this name.
fn named(name: &str) -> String {
    stack(&format!(
        "instances:\n  a:\n    service: valkey-io-valkey\n    name: {name}\n"
    ))
    .findings()
}

#[test]
fn names_follow_the_platform() {
    for good in ["a", "'0'", "abcdefghij0123456789", "${stack}"] {
        assert_eq!(named(good), "", "{good}");
    }
    for (wrong, wanted) in [
        (
            "my-db",
            "`my-db` cannot be the name of an instance (names are 1 to 20 lower-case letters and digits: `mydb` would do)",
        ),
        (
            "''",
            "`` cannot be the name of an instance (names are 1 to 20 lower-case letters and digits)",
        ),
        (
            "abcdefghij01234567890",
            "`abcdefghij01234567890` cannot be the name of an instance (names are 1 to 20 lower-case letters and digits: `abcdefghij0123456789` would do)",
        ),
        ("${[1]}", "`name` must be text, this is a list"),
    ] {
        assert_eq!(named(wrong), format!("osc.yaml:6:11 {wanted}"), "{wrong}");
    }
    assert_eq!(
        stack("instances:\n  my_Db: {service: valkey-io-valkey}\n").findings(),
        "osc.yaml:4:3 `my_Db` cannot be the name of an instance (names are 1 to 20 lower-case \
         letters and digits; the key is the default: add `name: mydb`)"
    );
}

#[test]
fn a_name_must_leave_room_for_the_workspace_and_the_service() {
    let text = "instances:\n  a: {service: encore, name: abcdefghijklmnop}\n";
    assert_eq!(stack(text).workspace(&"w".repeat(39)).findings(), "");
    let long = "w".repeat(40);
    assert_eq!(
        stack(text).workspace(&long).findings(),
        format!(
            "osc.yaml:4:30 `abcdefghijklmnop` is too long: `{long}-encore-NAME` comes to 64 \
             characters, the platform allows 63 (at most 15 characters are left for the name)"
        )
    );
    let guard = format!("workspace: {}\n{text}", "a".repeat(60));
    assert!(stack(&guard).findings().contains("no name is short enough"));
}

#[test]
fn two_instances_cannot_be_the_same_one() {
    let text = "instances:\n  a: {service: encore, name: x}\n  b: {service: encore, name: \
                \"${'x'}\"}\n  c: {service: valkey-io-valkey, name: x}\n  x: {service: encore, \
                when: false}\n";
    assert_eq!(
        stack(text).findings(),
        "osc.yaml:5:30 two instances are encore `x`\n  osc.yaml:4:30 `a` is the other one"
    );
}

#[test]
fn a_stack_has_a_name_that_may_use_variables() {
    let with = |name: &str| {
        manifest(format!(
            "version: 1\nstack: {name}\nvariables: {{n: {{default: vod}}}}\n"
        ))
    };
    let given = with("${variables.n}-2").resolve();
    assert_eq!(given.desired().stack, "vod-2");
    for (wrong, wanted) in [
        (
            "Vod",
            "8 `Vod` cannot be the name of a stack (1 to 24 lower-case letters, digits and `-`, beginning with a letter)",
        ),
        (
            "''",
            "8 `` cannot be the name of a stack (1 to 24 lower-case letters, digits and `-`, beginning with a letter)",
        ),
        (
            "a${variables.m}",
            "11 there is no variable `m` (declare it under `variables:`)",
        ),
        (
            "${instances.x.url}",
            "8 `stack` cannot depend on an instance (it is needed before anything is read: use variables)",
        ),
        (
            "${workspace}",
            "8 `stack` needs the workspace, and nobody is signed in (add `workspace: NAME` to the manifest)",
        ),
    ] {
        let found = with(wrong).findings();
        let first = found.lines().next().unwrap();
        assert_eq!(first, format!("osc.yaml:2:{wanted}"), "{wrong}");
    }
}

#[test]
fn whoever_says_what_usable_means_asks_for_it() {
    let given = stack(
        "instances:\n  a: {service: encore, ready: {tcp: {port: 80}}}\n  \
         b: {service: encore, ready: {level: usable}}\n",
    )
    .resolve();
    let instances = &given.desired().instances;
    let (a, b) = (&instances["a"].ready, &instances["b"].ready);
    assert_eq!(a.probe, Some(Probe::Tcp { port: Some(80) }));
    assert_eq!(
        (a.level, b.level),
        (Some(Level::Usable), Some(Level::Usable))
    );
    assert_eq!(b.probe, None);
}

#[test]
fn usable_needs_to_be_explained_where_nothing_is_known_about_the_service() {
    let ready = |ready: &str| {
        let instance = format!("{{service: eyevinn-ad-normalizer, ready: {{{ready}}}}}");
        stack(&format!("instances:\n  a: {instance}\n")).findings()
    };
    assert!(
        ready("level: usable").contains(
            "4:54 osc-apply does not know what shows that eyevinn-ad-normalizer works (say it"
        ),
        "{}",
        ready("level: usable")
    );
    assert!(!ready("level: usable, tcp: true").contains("know what shows"));
    assert!(!ready("level: reachable").contains("know what shows"));
}

#[test]
fn what_the_manifest_says_about_an_instance_is_kept() {
    let given = stack(
        "instances:\n  a:\n    service: minio-minio\n    protect: true\n    data: none\n    suspended: leave\n    ready: \
         {level: accepted, timeout: 90s}\n  b: {service: minio-minio}\n",
    )
    .resolve();
    let instances = &given.desired().instances;
    let (a, b) = (&instances["a"], &instances["b"]);
    assert_eq!(a.ready.level, Some(Level::Accepted));
    assert_eq!(a.ready.limit, Duration::from_secs(90));
    assert_eq!(b.ready.level, None);
    assert_eq!(b.ready.limit, Duration::from_secs(600));
    assert_eq!(b.ready.probe, None);
    assert!(a.protect && !b.protect);
    assert!(a.leave_suspended && !b.leave_suspended);
    assert!(!a.keeps_data && b.keeps_data);
    assert_eq!((a.address.as_str(), a.name.as_str()), ("instances.a", "a"));
}

#[test]
fn when_decides_before_anything_is_read() {
    let with = |when: &str| {
        stack(&format!(
            "variables: {{x: {{default: true}}}}\ninstances:\n  a: {{service: encore, when: \
             {when}}}\n  b: {{service: encore}}\n"
        ))
    };
    for (when, kept) in [
        ("true", true),
        ("false", false),
        ("'${variables.x}'", true),
        ("'${not variables.x}'", false),
        ("\"${environment == 'prod'}\"", true),
    ] {
        let given = with(when).resolve();
        assert_eq!(given.desired().instances.contains_key("a"), kept, "{when}");
    }
    for (when, wanted) in [
        ("'yes'", "5:30 `when` must be true or false, this is text"),
        (
            "'x ${variables.x}'",
            "5:30 `when` must be true or false, this is text",
        ),
        (
            "'${instances.b.url}'",
            "5:30 `when` cannot depend on an instance (it is needed before anything is read: use variables)",
        ),
        (
            "'${variables.y}'",
            "5:33 there is no variable `y` (declare it under `variables:`)",
        ),
    ] {
        assert_eq!(
            with(when).findings(),
            format!("osc.yaml:{wanted}"),
            "{when}"
        );
    }
}

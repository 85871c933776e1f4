use std::time::Duration;

use super::given::{findings, read};
use crate::manifest::{Data, NodeKind, VariableType, WhileSuspended};
use crate::model::Level;

/// Findings of a manifest whose `version` and `stack` are right.
fn rest(text: &str) -> String {
    findings(&format!("version: 1\nstack: shop\n{text}"))
}

#[test]
fn everything_a_manifest_may_say_is_read() {
    let read = read(&[
        "version: 1\nstack: vod\nworkspace: acme\nenvironment: prod\nvariables:\n  \
         a: {type: number, default: 1, description: x}\n  b:\ninstances:\n  s:\n    \
         service: encore\n    name: x1\n    options: {A: 1}\n    when: true\n    \
         depends_on: [instances.t]\n    ready: {level: accepted, timeout: 90s}\n    \
         protect: true\n    data: none\n    suspended: leave\noutputs:\n  o: ${instances.s.url}\n  \
         p: {value: x, sensitive: true}\n",
    ]);
    assert_eq!(read.findings(), "");
    let manifest = read.manifest.unwrap();
    let instance = &manifest.instances["s"];
    let ready = instance.ready.as_ref().unwrap();
    assert_eq!(manifest.workspace.unwrap().value, "acme");
    assert_eq!(manifest.environment.unwrap().value, "prod");
    assert_eq!(
        manifest.variables["a"].kind.as_ref().unwrap().value,
        VariableType::Number
    );
    assert!(manifest.variables["b"].default.is_none());
    assert_eq!(ready.level.as_ref().unwrap().value, Level::Accepted);
    assert_eq!(
        ready.timeout.as_ref().unwrap().value,
        Duration::from_secs(90)
    );
    assert!(instance.protect.as_ref().unwrap().value);
    assert_eq!(instance.data.as_ref().unwrap().value, Data::None);
    let suspended = instance.suspended.as_ref().unwrap().value;
    assert_eq!(suspended, WhileSuspended::Leave);
    assert_eq!(instance.depends_on[0].value, "instances.t");
    assert_eq!(
        instance.when.as_ref().unwrap().kind,
        NodeKind::Boolean(true)
    );
    assert!(manifest.outputs["p"].sensitive && !manifest.outputs["o"].sensitive);
}

#[test]
fn each_mistake_has_its_place_and_what_to_do() {
    for (text, wanted) in [
        (
            "stack: a\n",
            "1:1 `version` is missing (begin the file with `version: 1`)",
        ),
        (
            "version: 1\n",
            "1:1 `stack` is missing (give the stack a name: `stack: myshop`)",
        ),
        (
            "version: 2\nstack: a\n",
            "1:10 `version` must be 1, the only version there is",
        ),
        (
            "version: \"1\"\nstack: a\n",
            "1:10 `version` must be 1, the only version there is",
        ),
        (
            "version: 1\nstack: [a]\n",
            "2:8 `stack` must be text, this is a list",
        ),
        (
            "version: 1\nstack: 12\n",
            "2:8 `stack` must be text, this is a number (write it in quotes)",
        ),
    ] {
        assert_eq!(findings(text), wanted, "{text}");
    }
    for (text, wanted) in [
        (
            "instanses: {}\n",
            "3:1 a manifest has no key `instanses` (did you mean `instances`?)",
        ),
        (
            "workspace:\n",
            "3:10 `workspace` must be text, this is null",
        ),
        (
            "instances: [a]\n",
            "3:12 `instances` must be a mapping, this is a list",
        ),
        (
            "instances:\n  a-b: {service: encore}\n",
            "4:3 `a-b` cannot be used as a name here (names are letters, digits and `_`, beginning with a letter, so that expressions can refer to them)",
        ),
        (
            "instances:\n  a:\n",
            "4:3 instance `a` has no `service` (say which: `service: minio-minio`)",
        ),
        (
            "instances:\n  a: {service: encore, options: x}\n",
            "4:33 `options` must be a mapping, this is text",
        ),
        (
            "instances:\n  a: {service: encore, protect: yes}\n",
            "4:33 `protect` must be true or false, this is text",
        ),
        (
            "instances:\n  a: {service: encore, data: all}\n",
            "4:30 `data` cannot be `all` (none)",
        ),
        (
            "instances:\n  a: {service: encore, suspended: wait}\n",
            "4:35 `suspended` cannot be `wait` (leave)",
        ),
        (
            "instances:\n  a: {service: encore, depends_on: b}\n",
            "4:36 `depends_on` must be a list, this is text",
        ),
        (
            "instances:\n  a: {service: encore, depends_on: [1]}\n",
            "4:37 `depends_on` must be text, this is a number (write it in quotes)",
        ),
        (
            "instances:\n  a: {service: encore, ready: {level: helthy}}\n",
            "4:39 `level` cannot be `helthy` (did you mean `healthy`?)",
        ),
        (
            "instances:\n  a: {service: encore, ready: {timeout: soon}}\n",
            "4:41 `timeout` is not a length of time (write `90s` or `10m`)",
        ),
        (
            "instances:\n  a: {service: encore, ready: {timeout: 0s}}\n",
            "4:41 `timeout` is not a length of time (write `90s` or `10m`)",
        ),
        (
            "variables:\n  v: {type: integer}\n",
            "4:13 a variable's type cannot be `integer` (string or boolean or number or list)",
        ),
        (
            "variables:\n  v: {defualt: 1}\n",
            "4:7 a variable has no key `defualt` (did you mean `default`?)",
        ),
        (
            "variables:\n  v: 1\n",
            "4:6 a variable must be a mapping, this is a number (write `v: {default: …}`)",
        ),
        (
            "variables:\n  v: {default: [a, [b]]}\n",
            "4:20 an item of a `default` must be a single value, this is a list",
        ),
        (
            "variables:\n  v: {default: }\n",
            "4:14 a `default` must be a value or a list of values, this is null",
        ),
        (
            "instances:\n  a: {service: encore, when: 1}\n",
            "4:30 `when` must be true, false or an expression, this is a number",
        ),
        (
            "outputs:\n  o: [a]\n",
            "4:6 an output must be text, this is a list",
        ),
        (
            "outputs:\n  o: {sensitive: true}\n",
            "4:6 output `o` has no `value`",
        ),
        (
            "instances:\n  a: {service: !x encore}\n",
            "4:19 tags (`!name`) mean nothing in a manifest",
        ),
    ] {
        assert_eq!(rest(text), wanted, "{text}");
    }
}

#[test]
fn all_mistakes_of_a_file_are_found_at_once() {
    insta::assert_snapshot!(
        findings(
            "version: 3\nstack: 7\nworkspace: [a]\nvariables:\n  a: {type: text}\n  1x: {}\n\
             instances:\n  b: {service: encore, service: encore}\n  c: {name: x}\n  \
             d: {service: encore, ready: {level: up, timeout: x}}\noutputs:\n  e: {}\nextra: 1\n"
        ),
        @r"
        1:10 `version` must be 1, the only version there is
        2:8 `stack` must be text, this is a number (write it in quotes)
        3:12 `workspace` must be text, this is a list
        5:13 a variable's type cannot be `text` (string or boolean or number or list)
        6:3 `1x` cannot be used as a name here (names are letters, digits and `_`, beginning with a letter, so that expressions can refer to them)
        8:24 the key `service` stands here twice
          8:7 first here
        9:3 instance `c` has no `service` (say which: `service: minio-minio`)
        10:39 `level` cannot be `up` (accepted or healthy or reachable or usable)
        10:52 `timeout` is not a length of time (write `90s` or `10m`)
        12:6 output `e` has no `value`
        13:1 a manifest has no key `extra` (known keys: version, stack, workspace, environment, prune, variables, secrets, instances, removed, outputs)
        "
    );
}

use super::given::{Given, stack};
use crate::model::{Endpoint, Port};
use crate::resolve::{Literal, Setting, Value};

/// An encore `e` whose region is `text`, beside a valkey `v` and a left-out valkey `off`.
fn region(text: &str) -> Given {
    stack(&format!(
        "instances:\n  v:\n    service: valkey-io-valkey\n    name: cache\n  off:\n    service: \
         valkey-io-valkey\n    when: false\n  e:\n    service: encore\n    options:\n      \
         s3Endpoint: a\n      s3Region: {text}\n"
    ))
}

fn value(text: &str) -> String {
    let resolved = region(text).resolve();
    match &resolved.desired {
        Some(_) => resolved.options("e")["s3Region"].clone(),
        None => resolved.findings(),
    }
}

#[test]
fn what_the_manifest_knows_of_an_instance_is_filled_in_at_once() {
    assert_eq!(value("${instances.v.name}"), "cache");
    assert_eq!(value("${instances.v.service}/x"), "valkey-io-valkey/x");
    assert_eq!(value("${instances.e.name}"), "e");
    let text = "instances:\n  b: {service: encore, options: {s3Region: \
                '${instances.a.options.s3Region}'}}\n  a: {service: encore, options: {s3Region: \
                x}}\n  c: {service: channel-engine, options: {url: \
                'http://${instances.c2.options.type}', opts: {preset: '${instances.c2.options.opts.preset}'}}}\n  \
                c2: {service: channel-engine, options: {url: 'http://x', opts: {preset: DD}}}\n";
    let given = stack(text).resolve();
    assert_eq!(given.options("b")["s3Region"], "x");
    assert_eq!(given.options("c")["url"], "http://Loop");
    assert_eq!(given.options("c")["opts.preset"], "DD");
}

#[test]
fn what_only_exists_later_is_left_for_later_and_filled_in_then() {
    for (text, wanted) in [
        ("${instances.v.url}", "https://v.example"),
        ("${instances.v.host}", "v.example"),
        ("${instances.v.url | host}", "v.example"),
        ("${instances.v.address}", "203.0.113.9:6379"),
        (
            "redis://${instances.v.ports[0].ip}:${instances.v.ports[0].port}/",
            "redis://203.0.113.9:6379/",
        ),
        ("${instances.v.ports[0].internal}", "6380"),
        ("${instances.v.url[:5]}", "https"),
        ("${instances.v.url | default('x')}", "https://v.example"),
    ] {
        let given = region(text).resolve();
        assert_eq!(given.options("e")["s3Region"], "later", "{text}");
        let instance = &given.desired().instances["e"];
        let setting = &instance.options[1].setting;
        let Setting::Deferred(formula) = setting else {
            panic!("{text}")
        };
        let mut scope = given.desired().scope.clone();
        let port = Port {
            ip: "203.0.113.9".into(),
            port: 6379,
            internal: 6380,
        };
        scope.set_endpoint(
            "v",
            Endpoint {
                url: Some("https://v.example".into()),
                ports: Some(vec![port]),
                address: Some("203.0.113.9:6379".into()),
            },
        );
        let value = formula.evaluate(&scope).unwrap();
        let Value::Known(literal) = value else {
            panic!("{text}")
        };
        assert_eq!(literal.as_text(), Some(wanted), "{text}");
    }
}

#[test]
fn a_port_that_is_not_there_is_an_error_when_it_is_needed() {
    let given = region("${instances.v.ports[1].ip}").resolve();
    let Setting::Deferred(formula) = &given.desired().instances["e"].options[1].setting else {
        panic!()
    };
    let mut scope = given.desired().scope.clone();
    let endpoint = Endpoint {
        ports: Some(Vec::new()),
        ..Endpoint::default()
    };
    scope.set_endpoint("v", endpoint);
    let error = formula
        .evaluate(&scope)
        .err()
        .unwrap()
        .diagnostic(&given.sources);
    assert!(error.message.contains("has no value"), "{}", error.message);
}

#[test]
fn the_value_of_an_option_that_is_set_later_reaches_others() {
    let text = "instances:\n  a: {service: encore, options: {s3Endpoint: \
                '${instances.v.url}'}}\n  b: {service: encore, options: {s3Endpoint: \
                '${instances.a.options.s3Endpoint}'}}\n  v: {service: encore}\n";
    let given = stack(text).resolve();
    assert_eq!(given.options("b")["s3Endpoint"], "later");
    let Setting::Deferred(formula) = &given.desired().instances["b"].options[0].setting else {
        panic!()
    };
    let mut scope = given.desired().scope.clone();
    scope.set_option("a", "s3Endpoint", Some(Literal::Text("u".into())));
    assert!(formula.evaluate(&scope) == Ok(Value::Known(Literal::Text("u".into()))));
}

#[test]
fn a_reference_to_what_is_left_out_needs_a_default() {
    for (text, wanted) in [
        ("${instances.off.url | default('none')}", "none"),
        ("x-${instances.off.url | default('none')}", "x-none"),
        ("${instances.off.ports[0].ip | default('0')}:1", "0:1"),
        ("${instances.off.name | default('n')}", "n"),
        (
            "${instances.off.address | default(instances.v.name)}",
            "cache",
        ),
        ("${instances.off.url | default(none)}", "unset"),
    ] {
        let found = value(text);
        assert_eq!(found, wanted, "{text}");
    }
    for text in [
        "${instances.off.url}",
        "x ${instances.off.host}",
        "${instances.off.ports[0].ip}",
        "${instances.off.ports[0].ip}:${instances.off.ports[0].port}",
        "${instances.off.url | host}",
        "${instances.off.url | trim_slash}",
        "${instances.off.url | upper}",
        "${instances.off.url ~ 'x'}",
        "${instances.off.name}",
    ] {
        let found = value(text);
        let wanted = "`instances.off` is left out by its `when`; say what to use instead with \
                      `| default(…)`";
        assert!(found.ends_with(wanted), "{text}: {found}");
        assert_eq!(found.lines().count(), 1, "{text}: {found}");
    }
}

#[test]
fn only_the_expression_without_a_default_is_blamed() {
    let found = value("${instances.off.url | default('a')}-${instances.off.host}");
    assert!(found.starts_with("osc.yaml:14:55 "), "{found}");
}

#[test]
fn references_to_what_does_not_exist_are_said_once_each() {
    for (text, wanted) in [
        (
            "${instances.w.url}",
            "14:19 there is no instance `w` (declare it under `instances:`)",
        ),
        (
            "${instances.v.options.Passwort}",
            "14:19 valkey-io-valkey has no option `Passwort` (did you mean `Password`?)",
        ),
        (
            "${instances.v.options.Password}",
            "14:19 `v` does not say what its option `Password` is (declare it in the `options` of `v` to refer to it)",
        ),
    ] {
        assert_eq!(value(text), format!("osc.yaml:{wanted}"), "{text}");
    }
    let group = stack(
        "instances:\n  a: {service: channel-engine, options: {url: \
         '${instances.b.options.opts}'}}\n  b: {service: channel-engine, options: {url: 'http://x'}}\n",
    );
    let found = group.findings();
    assert!(
        found.starts_with("osc.yaml:4:50 `opts` is a group of options (name one of: opts."),
        "{found}"
    );
    let depends = "instances:\n  aaaa: {service: encore}\n  b: {service: encore, depends_on: \
                   [instances.aaab, zz]}\n";
    assert_eq!(
        stack(depends).findings(),
        "osc.yaml:5:37 there is no instance `aaab` (did you mean `aaaa`?)\nosc.yaml:5:53 there is \
         no instance `zz` (write `instances.KEY`)"
    );
}

#[test]
fn instances_come_after_what_they_depend_on() {
    let text = "instances:\n  c: {service: encore, depends_on: [b]}\n  b: {service: encore, \
                options: {s3Endpoint: '${instances.a.url}'}}\n  a: {service: encore}\n  d: \
                {service: encore, depends_on: [instances.off], when: true}\n  off: {service: \
                encore, when: false}\n";
    let given = stack(text).resolve();
    let instances = &given.desired().instances;
    assert_eq!(instances.keys().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    assert_eq!(instances["b"].edges["a"], "s3Endpoint");
    assert_eq!(instances["c"].edges["b"], "depends_on");
    assert!(
        instances["d"].edges.is_empty(),
        "what is left out is waited for by nobody"
    );
}

#[test]
fn a_cycle_is_shown_whole_with_the_place_of_every_step() {
    let text = "instances:\n  a:\n    service: encore\n    options: {s3Endpoint: \
                '${instances.b.url}'}\n  b:\n    service: encore\n    depends_on: [c]\n  c:\n    \
                service: encore\n    options: {s3Region: 'x ${instances.a.url}'}\n  d:\n    service: \
                encore\n    options: {s3Region: '${instances.a.url}', s3Endpoint: true}\n";
    insta::assert_snapshot!(stack(text).findings(), @r"
    osc.yaml:6:27 these instances wait for each other: a → b → c → a (take one of the references or `depends_on` entries away)
      osc.yaml:6:27 `a` needs `b` for `s3Endpoint`
      osc.yaml:9:18 `b` names `c` in `depends_on`
      osc.yaml:12:25 `c` needs `a` for `s3Region`
    osc.yaml:15:59 `s3Endpoint` must be text, this is a boolean (write it in quotes)
    ");
    let alone = "instances:\n  a:\n    service: encore\n    options: {s3Endpoint: \
                 '${instances.a.url}'}\n";
    insta::assert_snapshot!(stack(alone).findings(), @r"
    osc.yaml:6:27 the instance `a` waits for itself (take one of the references or `depends_on` entries away)
      osc.yaml:6:27 `a` needs `a` for `s3Endpoint`
    ");
}

#[test]
fn ports_are_wanted_only_of_those_whose_ports_somebody_refers_to() {
    let text = "instances:\n  a: {service: encore}\n  b: {service: encore, options: {s3Endpoint: \
                '${instances.a.address}'}}\n  c: {service: encore, options: {s3Endpoint: \
                '${instances.b.url}'}}\noutputs:\n  o: ${instances.c.ports[0].ip}\n";
    let given = stack(text).resolve();
    let wanted: Vec<&str> = given.desired().ports_wanted().into_iter().collect();
    assert_eq!(wanted, ["a", "c"]);
}

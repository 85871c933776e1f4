//! Secrets made of other secrets and of what instances are.

use crate::model::{Endpoint, Port};
use crate::resolve::{Literal, SecretSource, Setting, Value};

use super::given::stack;

const VOD: &str = "\
secrets:
  redis_url: { value: 'redis://default:${secrets.valkey}@${instances.cache.address}' }
  valkey: { generate: { length: 24 } }
  other: { generate: {} }
instances:
  reader:
    service: eyevinn-app-config-svc
    options:
      RedisUrl: ${secrets.redis_url}
  cache:
    service: valkey-io-valkey
    options: { Password: '${secrets.valkey}' }
  copy:
    service: encore
    options:
      s3Region: x-${instances.reader.options.RedisUrl}
      s3Endpoint: ${instances.cache.host}
";

fn address(text: &str) -> Endpoint {
    Endpoint {
        address: Some(text.into()),
        ..Endpoint::default()
    }
}

#[test]
fn an_option_is_made_of_a_secret_directly_through_another_secret_and_through_an_option() {
    let given = stack(VOD).resolve();
    let desired = given.desired();
    let secrets = |key: &str, option: usize| {
        let option = &desired.instances[key].options[option];
        let secrets: Vec<&str> = option.secrets.iter().map(String::as_str).collect();
        let is_deferred = matches!(option.setting, Setting::Deferred(_));
        assert!(is_deferred && option.sensitive != secrets.is_empty());
        secrets.join(" ")
    };
    assert_eq!(secrets("cache", 0), "valkey");
    assert_eq!(secrets("reader", 0), "redis_url valkey");
    assert_eq!(secrets("copy", 0), "redis_url valkey");
    assert_eq!(secrets("copy", 1), "");
    let all: Vec<&str> = desired.instances["reader"].secrets().into_iter().collect();
    assert_eq!(all, ["redis_url", "valkey"]);
    let names: Vec<&str> = desired.secrets.keys().map(String::as_str).collect();
    assert_eq!(names, ["redis_url", "valkey", "other"]);
    assert!(matches!(
        &desired.secrets["valkey"].source,
        SecretSource::Generate(recipe) if recipe.length == 24
    ));
}

#[test]
fn whoever_uses_a_secret_waits_for_what_it_is_made_of() {
    let given = stack(VOD).resolve();
    let desired = given.desired();
    let order: Vec<&str> = desired.instances.keys().map(String::as_str).collect();
    assert_eq!(order, ["cache", "reader", "copy"]);
    assert_eq!(desired.instances["reader"].edges["cache"], "RedisUrl");
    assert!(desired.ports_wanted().contains("cache"));
    assert_eq!(desired.ports_wanted().len(), 1);
}

#[test]
fn a_secret_is_known_once_everything_that_it_is_made_of_is() {
    let given = stack(VOD).resolve();
    let desired = given.desired();
    let mut scope = desired.scope.clone();
    let url = &desired.instances["reader"].options[0];
    let Setting::Deferred(formula) = &url.setting else {
        panic!()
    };
    let value = |scope: &crate::resolve::Scope| match formula.evaluate(scope).unwrap() {
        Value::Known(Literal::Text(text)) => text,
        Value::Known(_) => panic!(),
        Value::Unknown => "unknown".to_owned(),
    };
    assert!(!scope.has_secret("valkey") && !scope.has_secret("redis_url"));
    scope.set_endpoint("cache", address("203.0.113.9:6379"));
    assert_eq!(value(&scope), "unknown");
    scope.set_secret("valkey", "a/b@c".into());
    assert!(scope.has_secret("redis_url"));
    assert_eq!(value(&scope), "redis://default:a%2Fb%40c@203.0.113.9:6379");
    scope.set_endpoint("cache", address("203.0.113.7:1"));
    scope.set_secret("valkey", "second".into());
    assert_eq!(value(&scope), "redis://default:second@203.0.113.7:1");
    let later = scope.clone();
    scope.forget_endpoint("cache");
    assert_eq!(value(&scope), "unknown");
    assert!(!scope.has_secret("redis_url"));
    // A copy keeps what it knew.
    assert_eq!(value(&later), "redis://default:second@203.0.113.7:1");
}

#[test]
fn what_an_option_was_made_of_a_secret_is_forgotten_with_it() {
    let given = stack(
        "secrets: {a: {generate: {}}, b: {value: 'x${instances.v.options.Password}'}}\n\
         instances:\n  v:\n    service: valkey-io-valkey\n    options: {Password: '${secrets.a}'}\n",
    )
    .resolve();
    let mut scope = given.desired().scope.clone();
    scope.set_secret("a", "one".into());
    assert!(!scope.has_secret("b"));
    scope.set_option("v", "Password", Some(Literal::Text("one".into())));
    assert!(scope.has_secret("b"));
    scope.set_secret("a", "two".into());
    assert!(!scope.has_secret("b"));
    scope.set_option("v", "Password", Some(Literal::Text("two".into())));
    scope.forget_secret("a");
    assert!(!scope.has_secret("a") && !scope.has_secret("b"));
}

#[test]
fn secrets_that_are_made_of_each_other_are_shown_with_every_step() {
    let found = stack(
        "secrets:\n  a: {value: 'x${secrets.b}'}\n  b: {value: '${secrets.c | upper}'}\n  \
         c: {value: '${secrets.d}${secrets.a}'}\n  d: {value: '${secrets.d}'}\n  e: {value: \
         '${secrets.a}'}\ninstances:\n  v:\n    service: valkey-io-valkey\n    options: \
         {Password: '${secrets.e}'}\n",
    )
    .findings();
    assert_eq!(
        found,
        "osc.yaml:4:18 these secrets are made of each other: a → b → c → a (take one of the \
         references away)\n  \
         osc.yaml:4:18 `a` is made of `b`\n  \
         osc.yaml:5:17 `b` is made of `c`\n  \
         osc.yaml:6:29 `c` is made of `a`\n\
         osc.yaml:7:17 the secret `d` is made of itself (take one of the references away)\n  \
         osc.yaml:7:17 `d` is made of `d`"
    );
}

#[test]
fn an_instance_that_waits_for_itself_through_a_secret_is_a_cycle() {
    let found = stack(
        "secrets: {a: {value: '${instances.v.url}'}, b: {value: '${secrets.a}'}}\ninstances:\n  \
         v:\n    service: valkey-io-valkey\n    options: {Password: '${secrets.b}'}\n",
    )
    .findings();
    assert!(
        found.starts_with("osc.yaml:7:25 the instance `v` waits for itself"),
        "{found}"
    );
    // Its own name is known before it is there.
    let named = stack(
        "secrets: {a: {value: '${instances.v.name}-x'}}\ninstances:\n  v:\n    service: \
         valkey-io-valkey\n    options: {Password: '${secrets.a}'}\n",
    );
    assert_eq!(named.findings(), "");
}

#[test]
fn what_a_secret_refers_to_must_exist() {
    let found = stack(
        "variables: {user: {default: a}}\nsecrets:\n  pass: {generate: {}}\n  url: {value: \
         '${secrets.pas} ${variables.usr} ${instances.x.url}'}\ninstances:\n  v:\n    service: \
         valkey-io-valkey\n    options: {Password: '${secrets.passs}'}\n",
    )
    .findings();
    assert_eq!(
        found,
        "osc.yaml:6:19 there is no secret `pas` (did you mean `pass`?)\n\
         osc.yaml:6:34 there is no variable `usr` (did you mean `user`?)\n\
         osc.yaml:6:51 there is no instance `x` (declare it under `instances:`)\n\
         osc.yaml:10:28 there is no secret `passs` (did you mean `pass`?)"
    );
}

#[test]
fn a_secret_that_cannot_have_a_value_is_told_once_where_somebody_uses_it() {
    let manifest = |when: &str| {
        stack(&format!(
            "secrets:\n  a: {{value: '${{instances.gone.url}}'}}\n  b: {{value: \
             '${{secrets.a}}'}}\ninstances:\n  gone: {{service: encore, when: false}}\n  v:\n    \
             service: valkey-io-valkey\n    when: {when}\n    options: {{Password: \
             '${{secrets.b}}'}}\noutputs:\n  o: {{value: '${{secrets.a if {when} else 1}}', \
             sensitive: true}}\n"
        ))
    };
    let found = manifest("true").findings();
    assert_eq!(
        found,
        "osc.yaml:4:17 `instances.gone` is left out by its `when`; say what to use instead with \
         `| default(…)`"
    );
    let unused = "secrets:\n  a: {value: '${instances.gone.url}'}\ninstances:\n  gone: {service: \
                  encore, when: false}\n  v:\n    service: valkey-io-valkey\n    when: false\n    \
                  options: {Password: '${secrets.a}'}\n";
    assert_eq!(stack(unused).findings(), "");
}

#[test]
fn a_secret_must_be_text() {
    let found = stack(
        "variables: {l: {default: [hunter2]}}\nsecrets: {a: {value: '${variables.l}'}, b: {value: \
         '${1 + 1}'}}\ninstances:\n  v: {service: valkey-io-valkey, options: {Password: \
         '${secrets.a}'}}\n  w: {service: valkey-io-valkey, name: w2, options: {Password: \
         '${secrets.b}'}}\n",
    )
    .findings();
    assert_eq!(found, "osc.yaml:4:25 a secret must be text, this is a list");
}

#[test]
fn ports_that_only_a_secret_refers_to_are_seen_through_it() {
    let given = stack(VOD).resolve();
    let desired = given.desired();
    let mut scope = desired.scope.clone();
    let ports = vec![Port {
        ip: "203.0.113.9".into(),
        port: 1,
        internal: 6379,
    }];
    scope.set_endpoint(
        "cache",
        Endpoint {
            ports: Some(ports),
            ..Endpoint::default()
        },
    );
    let Setting::Deferred(formula) = &desired.instances["reader"].options[0].setting else {
        panic!()
    };
    let paths: Vec<String> = scope
        .references(formula)
        .map(|reference| reference.path().join("."))
        .collect();
    assert_eq!(paths, ["secrets.redis_url", "instances.cache.address"]);
}

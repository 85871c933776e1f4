use super::given::{manifest, stack};

#[test]
fn ten_mistakes_in_one_file_are_ten_findings_at_their_places() {
    let text = r#"version: 1
stack: Shop
variables:
  user: { default: admin, pattern: '^x' }
  region: {}
instances:
  db:
    service: linuxserver-docker-maria
    options: { RootPassword: x }
  web:
    service: wordpress-wordpress
    name: my-web
    options:
      DbHost: ${instances.db.ports[0].ip}:${instances.db.ports[0].port}
      DbUser: ${variables.usr}
      DbPassword: |
        first
        ${instances.dbb.url}
      DbNaem: x
  engine:
    service: channel-engine
    when: maybe
    options:
      url: "a \" ${variables.region | uper}"
      type: Loops
outputs:
  db: ${instances.db.uri}
"#;
    insta::assert_snapshot!(manifest(text).findings(), @r"
    osc.yaml:2:8 `Shop` cannot be the name of a stack (1 to 24 lower-case letters, digits and `-`, beginning with a letter)
    osc.yaml:4:20 the value of `user` does not match its pattern
      osc.yaml:4:36 the pattern
    osc.yaml:5:3 the variable `region` has no value (give it one: `--var region=VALUE`, OSC_VAR_region, a `--var-file`, or a `default`)
    osc.yaml:8:14 there is no service `linuxserver-docker-maria` in the catalog (did you mean `linuxserver-docker-mariadb`?)
    osc.yaml:12:11 `my-web` cannot be the name of an instance (names are 1 to 20 lower-case letters and digits: `myweb` would do)
    osc.yaml:15:17 there is no variable `usr` (did you mean `user`?)
    osc.yaml:18:11 there is no instance `dbb` (declare it under `instances:`)
    osc.yaml:19:7 wordpress-wordpress has no option `DbNaem` (did you mean `DbName`?)
    osc.yaml:22:11 `when` must be true or false, this is text
    osc.yaml:24:39 there is no filter `uper`
    osc.yaml:25:13 `type` cannot be `Loops` (did you mean `Loop`?)
    osc.yaml:27:9 an instance has no `uri` (known: url, host, address, ports, name, service, options)
    ");
}

#[test]
fn a_mistake_in_one_place_makes_no_noise_in_another() {
    for (text, wanted) in [
        // A variable without a value, used everywhere.
        (
            "variables: {x: {}}\ninstances:\n  a: {service: encore, name: '${variables.x}', when: \
             '${variables.x}', options: {s3Region: '${variables.x}'}}\n  b: {service: encore, \
             options: {s3Region: '${instances.a.name}', s3Endpoint: \
             '${instances.a.options.s3Region}'}}\noutputs: {o: '${instances.a.name}'}\n",
            "the variable `x` has no value",
        ),
        // An unknown service, referred to.
        (
            "instances:\n  a: {service: nope, options: {x: y}}\n  b: {service: encore, options: \
             {s3Region: '${instances.a.options.z}', s3Endpoint: '${instances.a.service}'}}\n",
            "there is no service `nope`",
        ),
        // A wrong value, referred to.
        (
            "instances:\n  a: {service: encore, options: {s3Region: [a]}}\n  b: {service: encore, \
             options: {s3Region: '${instances.a.options.s3Region}'}}\n",
            "`s3Region` must be text, this is a list",
        ),
        // A wrong name, referred to.
        (
            "instances:\n  a: {service: encore, name: A_}\n  b: {service: encore, options: \
             {s3Region: '${instances.a.name}'}}\n",
            "`A_` cannot be the name",
        ),
        // Options that are no mapping leave mandatory ones unsaid.
        (
            "instances:\n  a: {service: wordpress-wordpress, options: x}\n",
            "`options` must be a mapping",
        ),
        // A default that is no value.
        (
            "variables: {x: {default: {a: b}}}\noutputs: {o: '${variables.x}'}\n",
            "a `default` must be a value",
        ),
    ] {
        let found = stack(text).findings();
        assert!(
            found.contains(wanted) && found.lines().count() == 1,
            "{found}"
        );
    }
    let found = manifest("version: 1\nstack: 7\noutputs: {o: '${stack}'}\n").findings();
    assert_eq!(found.lines().count(), 1, "{found}");
}

#[test]
fn the_platforms_own_texts_pass_untouched() {
    let given = stack(
        "instances:\n  a:\n    service: encore\n    options:\n      s3Region: '{{secrets.x}}'\n      \
         s3Endpoint: '[template.x]'\n      profilesUrl: '{{ x }} {% y %} {# z #}'\n",
    )
    .resolve();
    let options = given.options("a");
    assert_eq!(options["s3Region"], "{{secrets.x}}");
    assert_eq!(options["s3Endpoint"], "[template.x]");
    assert_eq!(options["profilesUrl"], "{{ x }} {% y %} {# z #}");
}

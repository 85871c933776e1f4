use super::super::HostOverrides;
use super::*;

fn defaults(environment: &str) -> Hosts {
    Hosts::new(environment, &HostOverrides::default()).unwrap()
}

fn with_endpoint(text: &str) -> Result<Hosts, HostError> {
    let overrides = HostOverrides {
        endpoint: Some(text.to_owned()),
        ..HostOverrides::default()
    };
    Hosts::new("prod", &overrides)
}

fn trusts(hosts: &Hosts, url: &str) -> bool {
    hosts.check_api_url(&Url::parse(url).unwrap()).is_ok()
}

#[test]
fn every_role_has_its_host_in_an_environment() {
    let hosts = defaults("stage");
    assert_eq!(
        hosts.base(Role::Catalog).as_str(),
        "https://catalog.svc.stage.osaas.io/"
    );
    assert_eq!(
        hosts.base(Role::App).as_str(),
        "https://app.stage.osaas.io/"
    );
    assert_eq!(
        defaults("prod").base(Role::App).as_str(),
        "https://app.osaas.io/"
    );
}

#[test]
fn the_second_site_is_served_by_the_hosts_of_the_first() {
    let hosts = defaults("prod-se");
    assert_eq!(hosts.environment(), "prod-se");
    assert_eq!(
        hosts.base(Role::Token).as_str(),
        "https://token.svc.prod.osaas.io/"
    );
    assert_eq!(hosts.base(Role::App).as_str(), "https://app.osaas.io/");
}

#[test]
fn an_environment_is_one_label_of_a_host_name() {
    for wrong in ["", "Prod", "a.b", "a/b", "a@b", "-a", "a-", "xn--"] {
        let error = Hosts::new(wrong, &HostOverrides::default()).unwrap_err();
        assert_eq!(error, HostError::Environment, "{wrong}");
    }
}

#[test]
fn one_endpoint_serves_every_role_below_its_prefix() {
    let hosts = with_endpoint("http://127.0.0.1:7878/base/").unwrap();
    for (role, path) in [
        (Role::App, "/base/app"),
        (Role::Catalog, "/base/catalog"),
        (Role::Token, "/base/token"),
        (Role::Deploy, "/base/deploy"),
        (Role::Money, "/base/money"),
    ] {
        assert_eq!(hosts.base(role).path(), path);
    }
}

#[test]
fn an_override_of_a_role_beats_the_common_endpoint() {
    let overrides = HostOverrides {
        endpoint: Some("http://127.0.0.1:1".into()),
        token: Some("https://tokens.example.com/x".into()),
        money: Some(" ".into()),
        ..HostOverrides::default()
    };
    let hosts = Hosts::new("prod", &overrides).unwrap();
    assert_eq!(
        hosts.base(Role::Token).as_str(),
        "https://tokens.example.com/x"
    );
    assert_eq!(hosts.base(Role::Money).as_str(), "http://127.0.0.1:1/money");
}

#[test]
fn credentials_travel_in_clear_text_to_this_machine_only() {
    for here in ["http://127.9.9.9:1", "http://[::1]:1", "http://localhost"] {
        assert!(with_endpoint(here).is_ok(), "{here}");
    }
    for elsewhere in ["http://osc.example.com", "http://localhost.example.com"] {
        let setting = "OSC_ENDPOINT";
        assert_eq!(
            with_endpoint(elsewhere).unwrap_err(),
            HostError::NotEncrypted { setting }
        );
    }
}

#[test]
fn a_base_is_a_plain_url() {
    for wrong in [
        "127.0.0.1:1",
        "ftp://127.0.0.1",
        "https://u:p@h",
        "https://h/?q",
    ] {
        let setting = "OSC_ENDPOINT";
        assert_eq!(
            with_endpoint(wrong).unwrap_err(),
            HostError::NotAUrl { setting },
            "{wrong}"
        );
    }
}

#[test]
fn an_api_url_is_trusted_on_the_platforms_api_hosts_only() {
    let hosts = defaults("prod");
    assert!(trusts(
        &hosts,
        "https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance"
    ));
    assert!(trusts(&hosts, "https://api-ce.prod.osaas.io/channel"));
    for wrong in [
        "http://api-x.auto.prod.osaas.io/x",
        "https://api-x.auto.prod.osaas.io:8443/x",
        "https://x.auto.prod.osaas.io/x",
        "https://api-x.osaas.io.example.com/x",
        "https://api-x.evilosaas.io/x",
        "https://u@api-x.auto.prod.osaas.io/x",
        "http://127.0.0.1:7878/x",
    ] {
        assert!(!trusts(&hosts, wrong), "{wrong}");
    }
}

#[test]
fn an_api_url_on_the_origin_of_an_override_is_trusted() {
    let hosts = with_endpoint("http://127.0.0.1:7878").unwrap();
    assert!(trusts(&hosts, "http://127.0.0.1:7878/svc/x/xinstance"));
    assert!(!trusts(&hosts, "http://127.0.0.1:7879/svc/x/xinstance"));
}

#[test]
fn path_segments_are_encoded() {
    let base = Url::parse("https://h/a/").unwrap();
    assert_eq!(below(&base, &["b/c", "d e%"]).path(), "/a/b%2Fc/d%20e%25");
}

#[test]
fn instances_are_on_hosts_of_the_platform_or_behind_an_override() {
    let url = |text: &str| Url::parse(text).unwrap();
    let hosts = with_endpoint("http://127.0.0.1:7878").unwrap();
    for trusted in [
        "https://acme-a.encore.auto.prod-se.osaas.io",
        "https://acme.ce.prod-se.osaas.io/channels/a/master.m3u8",
        "http://127.0.0.1:7878/at/encore/a",
    ] {
        assert!(hosts.trusts_instance_url(&url(trusted)), "{trusted}");
    }
    let behind = url("http://127.0.0.1:7878/at/encore/a");
    assert!(!defaults("prod").trusts_instance_url(&behind));
}

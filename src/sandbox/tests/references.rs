use serde_json::{Value, json};

use super::client::{Client, POSTGRES, VALKEY};
use crate::sandbox::World;

const PLAYER: &str = "eyevinn-chaos-stream-proxy";
const JOB: &str = "eyevinn-mp4ff";

/// A cache whose password refers to a secret that is there.
fn cache() -> Client {
    let mut client = Client::subscribed(&[VALKEY, POSTGRES]);
    client.put_secret(VALKEY, "pw", "first");
    let body = json!({ "name": "a", "Password": "{{secrets.pw}}" });
    assert_eq!(client.create(VALKEY, body).status, 200);
    client.wait(60);
    client
}

fn password(client: &Client) -> Option<String> {
    client.world.value_at_start(VALKEY, "a", "Password")
}

fn logs(client: &mut Client, service: &str) -> String {
    client.service(service, "GET", "/logs/a", None).text
}

#[test]
fn reads_show_the_reference_and_the_instance_has_the_value() {
    let mut client = cache();
    let document = client.get(VALKEY, "a");
    assert_eq!(document.json()["Password"], "{{secrets.pw}}");
    assert!(!document.text.contains("first"));
    assert_eq!(password(&client).as_deref(), Some("first"));
    assert_eq!(client.health(VALKEY, "a"), "running");
}

#[test]
fn a_value_stays_until_the_next_start_whatever_becomes_of_the_secret() {
    let mut client = cache();
    client.put_secret(VALKEY, "pw", "second");
    client.wait(3600);
    assert_eq!(password(&client).as_deref(), Some("first"));
    client.deploy("DELETE", &format!("/mysecrets/{VALKEY}/pw"), None);
    assert_eq!(password(&client).as_deref(), Some("first"));
    assert_eq!(client.health(VALKEY, "a"), "running");
}

#[test]
fn a_restart_and_a_change_read_the_secret_anew() {
    let mut client = cache();
    client.put_secret(VALKEY, "pw", "second");
    client.service(VALKEY, "POST", "/restart/a", None);
    assert_eq!(password(&client).as_deref(), Some("second"));
    client.put_secret(VALKEY, "pw", "third");
    client.patch(VALKEY, "a", json!({}));
    assert_eq!(password(&client).as_deref(), Some("third"));
    client.patch(VALKEY, "a", json!({ "Password": "plain" }));
    assert_eq!(password(&client).as_deref(), Some("plain"));
}

#[test]
fn a_resume_reads_the_secret_anew() {
    let mut client = cache();
    let (rules, now) = (&client.rules, client.now);
    assert!(client.world.suspend(rules, now, VALKEY, "a", None));
    client.put_secret(VALKEY, "pw", "second");
    assert_eq!(password(&client).as_deref(), Some("first"));
    let path = format!("/mysuspended/{VALKEY}/a/resume");
    assert_eq!(client.deploy("POST", &path, None).status, 200);
    assert_eq!(password(&client).as_deref(), Some("second"));
    client.put_secret(VALKEY, "pw", "third");
    client.rules.quirks.resume_leaves_record = true;
    client.wait(10);
    assert_eq!(client.deploy("POST", &path, None).status, 200);
    assert_eq!(password(&client).as_deref(), Some("second"));
}

#[test]
fn kept_parameters_written_again_still_have_their_secret() {
    let mut client = cache();
    let (rules, now) = (&client.rules, client.now);
    client.world.suspend(rules, now, VALKEY, "a", None);
    let path = format!("/mysuspended/{VALKEY}/a/resume");
    client.deploy("POST", &path, None);
    client.wait(70);
    let body = json!({ "services": [VALKEY] });
    client.platform("catalog", "POST", "/mysubscriptions", Some(body));
    let body = json!({ "Password": "{{secrets.nobody}}" });
    client.patch(VALKEY, "a", body);
    client.wait(60);
    assert_eq!(client.health(VALKEY, "a"), "running");
    client.service(VALKEY, "POST", "/restart/a", None);
    assert_eq!(password(&client).as_deref(), Some("first"));
}

#[test]
fn an_instance_without_its_secret_fails_when_it_would_run_and_says_which() {
    let mut client = Client::subscribed(&[VALKEY]);
    let body = json!({ "name": "a", "Password": "{{secrets.pw}}" });
    let said = client.create(VALKEY, body);
    assert_eq!(said.status, 200);
    assert_eq!(said.json()["Password"], "{{secrets.pw}}");
    client.wait(19);
    assert_eq!(client.health(VALKEY, "a"), "starting");
    assert!(!logs(&mut client, VALKEY).contains("not found"));
    client.wait(1);
    assert_eq!(client.health(VALKEY, "a"), "failed");
    let log: Value = serde_json::from_str(&logs(&mut client, VALKEY)).unwrap();
    let expected = json!([
        "valkey-io-valkey a: created",
        "valkey-io-valkey a: secret \"pw\" not found",
        "valkey-io-valkey a: cannot start",
    ]);
    assert_eq!(log, expected);
    assert_eq!(password(&client), None);
    client.wait(60);
    assert!(client.host(VALKEY, "a", "/").unwrap().is_nginx(503));
    let scale = client.service(VALKEY, "GET", "/valkeyinstance/a/scale", None);
    assert_eq!(scale.json()["actualReplicas"], 0);
}

#[test]
fn a_secret_that_comes_later_helps_at_the_next_start() {
    let mut client = Client::subscribed(&[VALKEY]);
    let body = json!({ "name": "a", "Password": "{{secrets.pw}}" });
    client.create(VALKEY, body);
    client.put_secret(VALKEY, "pw", "late");
    client.wait(60);
    assert_eq!(client.health(VALKEY, "a"), "failed");
    client.service(VALKEY, "POST", "/restart/a", None);
    assert_eq!(client.health(VALKEY, "a"), "starting");
    client.wait(20);
    assert_eq!(client.health(VALKEY, "a"), "running");
    assert_eq!(password(&client).as_deref(), Some("late"));
    assert!(!logs(&mut client, VALKEY).contains("late"));
}

#[test]
fn a_deleted_secret_is_missed_at_the_next_start() {
    let mut client = cache();
    client.deploy("DELETE", &format!("/mysecrets/{VALKEY}/pw"), None);
    client.service(VALKEY, "POST", "/restart/a", None);
    client.wait(60);
    assert_eq!(client.health(VALKEY, "a"), "failed");
    assert!(logs(&mut client, VALKEY).contains("secret \\\"pw\\\" not found"));
}

#[test]
fn a_secret_of_another_service_is_not_there() {
    let mut client = cache();
    let body = json!({ "name": "a", "PostgresPassword": "{{secrets.pw}}" });
    client.create(POSTGRES, body);
    client.wait(60);
    assert_eq!(client.health(POSTGRES, "a"), "failed");
}

#[test]
fn a_job_without_its_secret_has_failed() {
    let mut client = Client::subscribed(&[JOB]);
    let body = json!({ "name": "a", "cmdLineArgs": "{{secrets.args}}" });
    let said = client.create(JOB, body);
    assert_eq!(said.json()["status"], "Running", "{said:?}");
    client.wait(60);
    assert_eq!(client.get(JOB, "a").json()["status"], "Failed");
    assert_eq!(client.health(JOB, "a"), "failed");
}

#[test]
fn blanks_around_a_reference_do_not_matter_and_a_part_of_a_text_is_no_reference() {
    let mut client = Client::subscribed(&[PLAYER, VALKEY]);
    client.put_secret(VALKEY, "pw", "first");
    for (text, value) in [
        (" {{secrets.pw}}\n", "first"),
        ("x{{secrets.pw}}", "x{{secrets.pw}}"),
        (
            "redis://{{secrets.nobody}}@host",
            "redis://{{secrets.nobody}}@host",
        ),
        ("{{secrets.}}", "{{secrets.}}"),
    ] {
        client.create(VALKEY, json!({ "name": "a", "Password": text }));
        assert_eq!(password(&client).as_deref(), Some(value));
        assert_eq!(client.get(VALKEY, "a").json()["Password"], text);
        client.wait(60);
        assert_eq!(client.health(VALKEY, "a"), "running");
        client.world.remove(VALKEY, "a");
    }
}

#[test]
fn a_value_at_start_is_asked_for_an_option_that_is_set() {
    let mut client = Client::subscribed(&[PLAYER]);
    client.create(PLAYER, json!({ "name": "a", "statefulmode": true }));
    let value = |name: &str, option: &str| client.world.value_at_start(PLAYER, name, option);
    assert_eq!(value("a", "statefulmode").as_deref(), Some("true"));
    assert_eq!(value("a", "other"), None);
    assert_eq!(value("b", "statefulmode"), None);
}

#[test]
fn an_instance_started_before_there_were_secrets_runs_on() {
    let mut client = cache();
    let mut kept = serde_json::to_value(&client.world).unwrap();
    let instance = kept["instances"][VALKEY]["a"].as_object_mut().unwrap();
    assert!(instance.remove("secrets").is_some());
    client.world = serde_json::from_value::<World>(kept).unwrap();
    assert_eq!(client.health(VALKEY, "a"), "running");
    assert_eq!(password(&client).as_deref(), Some("{{secrets.pw}}"));
}

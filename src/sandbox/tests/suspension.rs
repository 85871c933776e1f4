use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use super::client::{Client, POSTGRES, Said, VALKEY};

const ENCORE: &str = "encore";

/// A database that runs and is suspended a minute after its creation.
fn with_suspended() -> Client {
    let mut client = Client::subscribed(&[POSTGRES]);
    create(&mut client, "db");
    client.wait(60);
    assert!(suspend(&mut client, "db"));
    client
}

fn create(client: &mut Client, name: &str) {
    client.put_secret(POSTGRES, "db", "a-password");
    let body = json!({ "name": name, "PostgresPassword": "{{secrets.db}}", "PostgresUser": "ada" });
    assert_eq!(client.create(POSTGRES, body).status, 200);
}

fn suspend(client: &mut Client, name: &str) -> bool {
    let (rules, now) = (&client.rules, client.now);
    client
        .world
        .suspend(rules, now, POSTGRES, name, Some("idle"))
}

fn listed(client: &mut Client) -> Value {
    client
        .platform("deploy", "GET", "/mysuspended", None)
        .json()
}

fn resume(client: &mut Client, name: &str) -> Said {
    let path = format!("/mysuspended/{POSTGRES}/{name}/resume");
    client.platform("deploy", "POST", &path, None)
}

fn discard(client: &mut Client, name: &str) -> Said {
    let path = format!("/mysuspended/{POSTGRES}/{name}");
    client.platform("deploy", "DELETE", &path, None)
}

fn subscribe(client: &mut Client) {
    let body = json!({ "services": [POSTGRES] });
    client.platform("catalog", "POST", "/mysubscriptions", Some(body));
}

fn ports(client: &mut Client) -> Value {
    client.service(POSTGRES, "GET", "/ports/db", None).json()
}

#[test]
fn nothing_is_suspended_at_first_and_the_listing_wants_a_token() {
    let mut client = Client::new();
    assert_eq!(listed(&mut client), json!([]));
    client.pat = "no token".to_owned();
    let said = client.platform("deploy", "GET", "/mysuspended", None);
    assert_eq!(said.status, 401);
}

#[test]
fn a_suspended_instance_is_listed_with_its_parameters() {
    let mut client = with_suspended();
    let expected = json!([{
        "serviceId": POSTGRES,
        "instanceName": "db",
        "suspendedAt": "2026-09-21T14:14:20.000Z",
        "reason": "idle",
        "parameters": {
            "name": "db", "PostgresPassword": "{{secrets.db}}", "PostgresUser": "ada",
        },
    }]);
    assert_eq!(listed(&mut client), expected);
}

#[test]
fn parameters_with_dots_are_nested_as_in_a_create_request() {
    let mut client = Client::subscribed(&["channel-engine"]);
    let body =
        json!({ "name": "tv", "type": "Loop", "url": "https://x", "opts": { "preset": "HEVC" } });
    client.create("channel-engine", body.clone());
    let (rules, now) = (&client.rules, client.now);
    assert!(
        client
            .world
            .suspend(rules, now, "channel-engine", "tv", None)
    );
    let listed = listed(&mut client);
    assert_eq!(listed[0]["parameters"], body);
    assert!(listed[0].get("reason").is_none());
}

#[test]
fn a_suspended_instance_is_gone_from_the_service_and_keeps_its_name() {
    let mut client = with_suspended();
    subscribe(&mut client);
    assert_eq!(client.list(POSTGRES), json!([]));
    let said = client.get(POSTGRES, "db");
    assert_eq!(
        (said.status.as_u16(), said.reason()),
        (404, "Instance not found".to_owned())
    );
    assert_eq!(client.delete(POSTGRES, "db").status, 404);
    client.wait(3600);
    let body = json!({ "name": "db", "PostgresPassword": "x" });
    let said = client.create(POSTGRES, body);
    assert_eq!(
        (said.status.as_u16(), said.reason()),
        (409, "Name is already taken".to_owned())
    );
}

#[test]
fn the_last_instance_that_is_suspended_takes_the_subscription_with_it() {
    let mut client = Client::subscribed(&[POSTGRES, VALKEY]);
    create(&mut client, "db");
    create(&mut client, "other");
    assert!(suspend(&mut client, "db"));
    client.token(POSTGRES);
    assert!(suspend(&mut client, "other"));
    let body = json!({ "serviceId": POSTGRES });
    let said = client.platform("token", "POST", "/servicetoken", Some(body));
    assert_eq!(said.status, 403);
    let subscribed = client.platform("catalog", "GET", "/mysubscriptions", None);
    assert_eq!(subscribed.json().as_array().unwrap().len(), 1);
}

#[test]
fn only_what_runs_can_be_suspended() {
    let mut client = with_suspended();
    assert!(!suspend(&mut client, "db"));
    assert!(!suspend(&mut client, "nobody"));
    subscribe(&mut client);
    create(&mut client, "other");
    client.delete(POSTGRES, "other");
    assert!(!suspend(&mut client, "other"));
}

#[test]
fn a_resume_takes_a_while_and_then_the_service_refuses_denies_and_shows_the_instance() {
    let mut client = with_suspended();
    let said = resume(&mut client, "db");
    let expected = json!({
        "serviceId": POSTGRES,
        "instanceName": "db",
        "tenantId": "sandbox",
        "resumedAt": "2026-09-21T14:14:50.000Z",
    });
    assert_eq!(
        (said.json(), said.after),
        (expected, Duration::from_secs(30))
    );
    client.wait(29);
    assert_eq!(listed(&mut client)[0]["instanceName"], "db");
    assert_eq!(client.get(POSTGRES, "db").status, 404);
    client.wait(1);
    assert_eq!(listed(&mut client), json!([]));
    assert!(client.get(POSTGRES, "db").is_nginx(401));
    client.wait(19);
    assert!(client.get(POSTGRES, "db").is_nginx(401));
    assert_eq!(client.list(POSTGRES), json!([]));
    client.wait(1);
    let said = client.get(POSTGRES, "db");
    assert!(said.message().starts_with("Route GET:"), "{said:?}");
    client.wait(8);
    assert_eq!(client.get(POSTGRES, "db").reason(), "Instance not found");
    client.wait(7);
    let document = client.get(POSTGRES, "db").json();
    assert_eq!(document["PostgresUser"], "ada");
    assert_eq!(client.list(POSTGRES), json!([document]));
    assert_eq!(client.health(POSTGRES, "db"), "running");
}

#[test]
fn a_resumed_database_has_lost_its_data_and_its_address() {
    let mut client = Client::subscribed(&[POSTGRES]);
    create(&mut client, "db");
    client.wait(60);
    let before = ports(&mut client);
    let created = client.world.data_since(POSTGRES, "db").unwrap();
    suspend(&mut client, "db");
    resume(&mut client, "db");
    client.wait(120);
    assert_ne!(
        ports(&mut client)[0]["externalPort"],
        before[0]["externalPort"]
    );
    let now = client.world.data_since(POSTGRES, "db").unwrap();
    assert_eq!(
        now.duration_since(created).unwrap(),
        Duration::from_secs(90)
    );
}

#[test]
fn what_has_no_storage_has_nothing_to_lose() {
    let mut client = Client::subscribed(&[ENCORE]);
    client.create(ENCORE, json!({ "name": "a" }));
    let created = client.world.data_since(ENCORE, "a");
    assert!(created > Some(UNIX_EPOCH));
    client
        .world
        .suspend(&client.rules, client.now, ENCORE, "a", None);
    let path = format!("/mysuspended/{ENCORE}/a/resume");
    assert_eq!(client.platform("deploy", "POST", &path, None).status, 200);
    client.wait(120);
    assert_eq!(client.world.data_since(ENCORE, "a"), created);
}

#[test]
fn what_is_changed_soon_after_a_resume_is_undone_twice() {
    let mut client = with_suspended();
    resume(&mut client, "db");
    let user = |client: &mut Client| client.get(POSTGRES, "db").json()["PostgresUser"].clone();
    // It is back after 30 s, shown after 65 s, and written again 60 s and 90 s after it is back.
    client.wait(70);
    let body = json!({ "PostgresUser": "bob", "PostgresDb": "shop" });
    client.patch(POSTGRES, "db", body);
    assert_eq!(user(&mut client), "bob");
    client.wait(20);
    assert_eq!(user(&mut client), "ada");
    let document = client
        .patch(POSTGRES, "db", json!({ "PostgresUser": "eve" }))
        .json();
    assert_eq!(document["PostgresUser"], "eve");
    assert_eq!(document["PostgresDb"], "undefined");
    client.wait(30);
    assert_eq!(user(&mut client), "ada");
    client.patch(POSTGRES, "db", json!({ "PostgresUser": "bob" }));
    client.wait(3600);
    assert_eq!(user(&mut client), "bob");
}

#[test]
fn an_instance_can_be_suspended_again_with_the_options_it_has_then() {
    let mut client = with_suspended();
    resume(&mut client, "db");
    client.wait(70);
    client.patch(POSTGRES, "db", json!({ "PostgresUser": "undone" }));
    client.wait(600);
    assert!(suspend(&mut client, "db"));
    assert_eq!(listed(&mut client)[0]["parameters"]["PostgresUser"], "ada");
}

#[test]
fn discarding_frees_the_name() {
    let mut client = with_suspended();
    let said = discard(&mut client, "db");
    assert_eq!(said.status, 200);
    assert!(said.json()["message"].is_string());
    assert_eq!(listed(&mut client), json!([]));
    subscribe(&mut client);
    create(&mut client, "db");
}

#[test]
fn what_is_not_suspended_cannot_be_resumed_or_discarded() {
    let mut client = Client::subscribed(&[POSTGRES]);
    create(&mut client, "db");
    for name in ["db", "nobody"] {
        for said in [resume(&mut client, name), discard(&mut client, name)] {
            assert_eq!(said.status, 404);
            assert!(said.reason().contains(name));
        }
    }
    assert_eq!(client.get(POSTGRES, "db").status, 200);
}

#[test]
fn a_record_left_behind_is_removed_by_another_resume_or_a_discard_and_the_instance_stays() {
    for remove in [resume, discard] {
        let mut client = with_suspended();
        client.rules.quirks.resume_leaves_record = true;
        resume(&mut client, "db");
        client.wait(3600);
        assert_eq!(client.get(POSTGRES, "db").status, 200);
        assert_eq!(listed(&mut client)[0]["instanceName"], "db");
        assert_eq!(remove(&mut client, "db").status, 200);
        assert_eq!(listed(&mut client), json!([]));
        assert_eq!(client.get(POSTGRES, "db").status, 200);
    }
}

/// Two databases suspended, with overlapping calls losing records or not.
fn with_two_suspended(lossy: bool) -> Client {
    let mut client = with_suspended();
    subscribe(&mut client);
    create(&mut client, "second");
    client.wait(60);
    suspend(&mut client, "second");
    client.rules.quirks.overlaps_lose_records = lossy;
    client
}

#[test]
fn overlapping_resumes_lose_an_instance_only_where_told_to() {
    for lossy in [false, true] {
        let mut client = with_two_suspended(lossy);
        resume(&mut client, "db");
        client.wait(29);
        resume(&mut client, "second");
        client.wait(120);
        let found = client.get(POSTGRES, "db").status;
        assert_eq!(found, if lossy { 404 } else { 200 });
        assert_eq!(client.get(POSTGRES, "second").status, 200);
    }
}

#[test]
fn one_call_after_the_other_loses_nothing() {
    let mut client = with_two_suspended(true);
    for name in ["db", "second"] {
        let said = resume(&mut client, name);
        client.wait(said.after.as_secs());
    }
    client.wait(120);
    assert_eq!(client.list(POSTGRES).as_array().unwrap().len(), 2);
}

#[test]
fn creating_while_deleting_loses_a_record_too() {
    let mut client = with_two_suspended(true);
    subscribe(&mut client);
    create(&mut client, "third");
    client.wait(1);
    client.delete(POSTGRES, "third");
    assert_eq!(listed(&mut client).as_array().unwrap().len(), 1);
}

#[test]
fn even_the_slowest_sandbox_answers() {
    let mut client = with_suspended();
    resume(&mut client, "db");
    client.wait(3600);
    client.rules.timing = client.rules.timing.scaled(f64::MIN_POSITIVE);
    assert!(client.get(POSTGRES, "db").is_nginx(401));
    client.rules.timing.resume_401_for = Duration::ZERO;
    client.rules.timing.resume_404_for = Duration::ZERO;
    assert_eq!(client.get(POSTGRES, "db").status, 200);
}

//! What holds for tags and for secrets of both kinds.

use serde_json::json;
use tempfile::tempdir;

use super::client::{Client, VALKEY, dawn};
use crate::sandbox::{Folder, World};

const CANARY: &str = "canary-79";

const LISTINGS: [&str; 3] = [
    "/resourcetags",
    "/mysecrets/valkey-io-valkey",
    "/mytenantsecrets",
];

/// A workspace in which something is tagged, and secrets are kept and read.
fn with_all() -> Client {
    let mut client = Client::subscribed(&[VALKEY]);
    client.put_secret(VALKEY, "pw", CANARY);
    let body = json!({ "value": CANARY });
    client.deploy("PUT", "/mytenantsecrets/user.a", Some(body));
    let body = json!({ "tags": ["mine"] });
    client.deploy("PUT", "/resourcetags/myapp/a1", Some(body));
    let body = json!({ "name": "a", "Password": "{{secrets.pw}}" });
    client.create(VALKEY, body);
    client.wait(60);
    client
}

/// What the listings say, all in one.
fn listed(client: &mut Client) -> String {
    let said = LISTINGS.map(|path| client.deploy("GET", path, None).text);
    said.join("\n")
}

#[test]
fn nothing_of_one_workspace_is_seen_in_the_other() {
    let mut client = with_all();
    let first = (client.pat.clone(), listed(&mut client));
    client.pat = client.world.act_in(Some("sandbox-two"), |world| {
        world.personal_access_token(dawn(), None)
    });
    assert_eq!(listed(&mut client), "{\"resources\":[]}\n[]\n[]");
    let path = "/mytenantsecrets/user.a";
    assert_eq!(client.deploy("GET", path, None).status, 404);
    client.put_secret(VALKEY, "pw", "of the second");
    let body = json!({ "tags": ["theirs"] });
    client.deploy("PUT", "/resourcetags/myapp/a1", Some(body));
    client.deploy("DELETE", path, None);
    client.pat = first.0;
    assert_eq!(listed(&mut client), first.1);
    client.service(VALKEY, "POST", "/restart/a", None);
    let value = client.world.value_at_start(VALKEY, "a", "Password");
    assert_eq!(value.as_deref(), Some(CANARY));
}

#[test]
fn a_secret_is_in_the_world_file_and_not_in_what_is_printed_of_the_world() {
    let client = with_all();
    let kept = serde_json::to_string(&client.world).unwrap();
    // The service's, what the instance read of it, and the workspace's.
    assert_eq!(kept.matches(CANARY).count(), 3);
    let again: World = serde_json::from_str(&kept).unwrap();
    assert!(again == client.world);
    assert!(!format!("{:?}", client.world).contains(CANARY));
    assert!(!format!("{:#?}", client.world).contains(CANARY));
}

#[test]
fn a_world_in_which_nothing_was_entrusted_is_kept_as_it_always_was() {
    let mut client = Client::subscribed(&[VALKEY]);
    client.create(VALKEY, json!({ "name": "a", "Password": "plain" }));
    let kept = serde_json::to_string(&client.world).unwrap();
    for word in ["tag", "secret"] {
        assert!(!kept.contains(word), "{kept}");
    }
}

#[test]
fn reads_leave_the_world_as_it_was() {
    let mut client = with_all();
    let before = client.world.clone();
    listed(&mut client);
    client.deploy("GET", "/resourcetags/tags", None);
    client.deploy("GET", "/mytenantsecrets/user.a", None);
    client.health(VALKEY, "a");
    assert!(client.world == before);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_world_with_secrets() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempdir().unwrap();
    let folder = Folder::open(directory.path(), || [5; 32]).unwrap();
    let keep = |world: &mut World| world.keep_system_secret(dawn(), "smtp", CANARY);
    folder.with(keep).unwrap();
    let file = directory.path().join("world.json");
    assert!(std::fs::read_to_string(&file).unwrap().contains(CANARY));
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn faults_aimed_at_the_deploy_manager_strike_all_of_it() {
    for path in LISTINGS {
        let mut client = with_all();
        client.suffer(["read-502:target=deploy"]);
        assert!(client.deploy("GET", path, None).is_nginx(502), "{path}");
        assert_eq!(client.deploy("GET", path, None).status, 200);
    }
    let mut client = Client::new();
    client.suffer(["gateway-timeout:target=deploy"]);
    let path = format!("/mysecrets/{VALKEY}/pw");
    let body = json!({ "secretData": CANARY });
    let said = client.deploy("PUT", &path, Some(body));
    assert!(said.is_nginx(504));
    assert!(
        client
            .deploy("GET", "/mysecrets/valkey-io-valkey", None)
            .text
            .contains("pw")
    );
}

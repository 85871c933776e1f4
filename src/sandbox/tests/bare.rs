use proptest::prelude::*;
use serde_json::json;

use super::client::{Client, POSTGRES, VALKEY};
use crate::sandbox::{Conversation, Dialed, dial};

const MARIADB: &str = "linuxserver-docker-mariadb";
const REFUSED: &str = "refused";
const SILENT: &str = "silent";

/// An instance that has been up for long, and whose application is ready or not.
fn with(service: &str, options: serde_json::Value, ready: bool) -> Client {
    let mut client = Client::subscribed(&[service]);
    let mut body = json!({ "name": "a", "PostgresPassword": "x", "RootPassword": "x" });
    for (option, value) in options.as_object().unwrap() {
        body[option] = value.clone();
    }
    if service == "atmoz-sftp" {
        body["Username"] = json!("ada");
        body["Password"] = json!("x");
    }
    assert_eq!(client.create(service, body).status, 200);
    client.wait(60);
    if !ready {
        client.rules.timing.application_after = std::time::Duration::from_secs(60);
    }
    client
}

fn address(client: &mut Client, service: &str) -> (String, u16) {
    let ports = client.service(service, "GET", "/ports/a", None).json();
    let port = ports[0]["externalPort"].as_u64().unwrap();
    let ip = ports[0]["externalIp"].as_str().unwrap();
    (ip.to_owned(), port.try_into().unwrap())
}

fn connect(client: &Client, (ip, port): &(String, u16)) -> Result<Conversation, &'static str> {
    match dial(&client.world, &client.rules, client.now, ip, *port) {
        Dialed::Open(conversation) => Ok(conversation),
        Dialed::Refused => Err(REFUSED),
        Dialed::Silent => Err(SILENT),
    }
}

fn open(service: &str, options: serde_json::Value, ready: bool) -> Conversation {
    let mut client = with(service, options, ready);
    let address = address(&mut client, service);
    connect(&client, &address).unwrap()
}

/// Says this and hears what comes back; a `!` at its end stands for hanging up.
fn say(conversation: &mut Conversation, what: impl AsRef<[u8]>) -> String {
    let spoken = conversation.receive(what.as_ref());
    let text = String::from_utf8_lossy(&spoken.bytes).into_owned();
    if spoken.close { text + "!" } else { text }
}

/// A message that begins a conversation with PostgreSQL.
fn startup(code: u32, rest: &[u8]) -> Vec<u8> {
    let length = u32::try_from(8 + rest.len()).unwrap();
    [&length.to_be_bytes(), &code.to_be_bytes(), rest].concat()
}

#[test]
fn an_address_is_refused_until_its_port_is_listed_and_while_the_instance_does_not_run() {
    let mut client = with(VALKEY, json!({}), true);
    let address = address(&mut client, VALKEY);
    let created = super::client::dawn();
    let at = |client: &mut Client, seconds: u64| {
        client.now = created + std::time::Duration::from_secs(seconds);
        connect(client, &address).err()
    };
    assert_eq!(at(&mut client, 24), Some(REFUSED));
    assert_eq!(at(&mut client, 25), None);
    client.service(VALKEY, "POST", "/restart/a", None);
    assert_eq!(at(&mut client, 44), Some(REFUSED));
    assert_eq!(at(&mut client, 45), None);
    client.delete(VALKEY, "a");
    assert_eq!(at(&mut client, 46), Some(REFUSED));
    assert_eq!(at(&mut client, 75), Some(SILENT));
}

#[test]
fn an_address_that_is_nobodys_is_silent_and_so_is_the_one_before_a_resume() {
    let mut client = with(POSTGRES, json!({}), true);
    let before = address(&mut client, POSTGRES);
    assert!(connect(&client, &before).is_ok());
    let other = (before.0.clone(), before.1 + 1);
    assert_eq!(connect(&client, &other).err(), Some(SILENT));
    client
        .world
        .suspend(&client.rules, client.now, POSTGRES, "a", None);
    assert_eq!(connect(&client, &before).err(), Some(SILENT));
    let path = format!("/mysuspended/{POSTGRES}/a/resume");
    client.platform("deploy", "POST", &path, None);
    client.wait(120);
    assert_eq!(connect(&client, &before).err(), Some(SILENT));
    let after = address(&mut client, POSTGRES);
    assert!(connect(&client, &after).is_ok());
}

#[test]
fn valkey_answers_commands_in_both_forms_and_in_pieces() {
    let mut valkey = open(VALKEY, json!({}), true);
    assert!(valkey.greeting().is_empty());
    assert_eq!(say(&mut valkey, "PING\r\n"), "+PONG\r\n");
    assert_eq!(
        say(&mut valkey, "*2\r\n$4\r\nping\r\n$2\r\nhi\r\n"),
        "$2\r\nhi\r\n"
    );
    assert_eq!(say(&mut valkey, "*1\r\n$4\r\nPI"), "");
    assert_eq!(say(&mut valkey, "NG\r\nPING\n"), "+PONG\r\n+PONG\r\n");
    assert_eq!(
        say(&mut valkey, "FLY me\r\n"),
        "-ERR unknown command 'FLY'\r\n"
    );
    assert!(say(&mut valkey, "AUTH x\r\n").starts_with("-ERR AUTH"));
    assert!(say(&mut valkey, "HELLO 3\r\n").starts_with("%4\r\n$6\r\nserver\r\n$6\r\nvalkey\r\n"));
    assert!(say(&mut valkey, "HELLO 4\r\n").starts_with("-NOPROTO"));
    assert_eq!(say(&mut valkey, "QUIT\r\nPING\r\n"), "+OK\r\n!");
}

#[test]
fn valkey_with_a_password_wants_it_first() {
    let mut valkey = open(VALKEY, json!({ "Password": "hunter2" }), true);
    assert_eq!(
        say(&mut valkey, "PING\r\n"),
        "-NOAUTH Authentication required.\r\n"
    );
    assert!(say(&mut valkey, "HELLO\r\n").starts_with("-NOAUTH HELLO"));
    for wrong in [
        "AUTH guess\r\n",
        "AUTH ada hunter2\r\n",
        "HELLO 3 AUTH default x\r\n",
    ] {
        assert!(say(&mut valkey, wrong).starts_with("-WRONGPASS"), "{wrong}");
    }
    assert_eq!(
        say(&mut valkey, "PING\r\n"),
        "-NOAUTH Authentication required.\r\n"
    );
    assert_eq!(say(&mut valkey, "AUTH default hunter2\r\n"), "+OK\r\n");
    assert_eq!(say(&mut valkey, "PING\r\n"), "+PONG\r\n");
}

#[test]
fn valkey_wants_the_secret_its_password_refers_to_as_it_was_at_the_last_start() {
    let mut client = with(VALKEY, json!({}), true);
    let address = address(&mut client, VALKEY);
    let answer = |client: &Client, password: &str| {
        let mut valkey = connect(client, &address).unwrap();
        say(&mut valkey, format!("AUTH {password}\r\n"))
    };
    client.put_secret(VALKEY, "pw", "first");
    client.patch(VALKEY, "a", json!({ "Password": "{{secrets.pw}}" }));
    client.wait(60);
    assert_eq!(answer(&client, "first"), "+OK\r\n");
    assert!(answer(&client, "{{secrets.pw}}").starts_with("-WRONGPASS"));
    client.put_secret(VALKEY, "pw", "second");
    assert_eq!(answer(&client, "first"), "+OK\r\n");
    client.service(VALKEY, "POST", "/restart/a", None);
    client.wait(60);
    assert!(answer(&client, "first").starts_with("-WRONGPASS"));
    assert_eq!(answer(&client, "second"), "+OK\r\n");
}

#[test]
fn nothing_listens_where_a_secret_is_missing() {
    let mut client = with(VALKEY, json!({}), true);
    let address = address(&mut client, VALKEY);
    client.patch(VALKEY, "a", json!({ "Password": "{{secrets.pw}}" }));
    client.wait(60);
    assert_eq!(connect(&client, &address).err(), Some(REFUSED));
}

#[test]
fn valkey_loads_before_it_serves() {
    let mut valkey = open(VALKEY, json!({ "Password": "pw" }), false);
    assert_eq!(say(&mut valkey, "AUTH pw\r\n"), "+OK\r\n");
    assert!(say(&mut valkey, "PING\r\n").starts_with("-LOADING "));
}

#[test]
fn valkey_hangs_up_on_what_is_no_command() {
    for nonsense in [
        "*x\r\n",
        "*99999\r\n",
        "*1\r\nPING\r\n",
        "*1\r\n$99999999\r\n",
    ] {
        let mut valkey = open(VALKEY, json!({}), true);
        let said = say(&mut valkey, nonsense);
        assert!(
            said.starts_with("-ERR Protocol error") && said.ends_with('!'),
            "{said}"
        );
    }
    let mut valkey = open(VALKEY, json!({}), true);
    assert!(say(&mut valkey, [b'x'; 70_000]).ends_with('!'));
}

#[test]
fn postgresql_asks_for_a_password_and_takes_none() {
    let mut postgres = open(POSTGRES, json!({}), true);
    assert_eq!(say(&mut postgres, startup(80_877_103, b"")), "N");
    let said = say(&mut postgres, startup(196_608, b"user\0ada\0\0"));
    assert_eq!(said, "R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0");
    let said = say(&mut postgres, "p\0\0\0\x08abcd");
    assert!(said.contains("C28P01\0Mpassword authentication failed for user \"ada\""));
    assert!(said.ends_with('!'));
}

#[test]
fn postgresql_says_that_it_is_starting_up() {
    let mut postgres = open(POSTGRES, json!({}), false);
    let both = [startup(80_877_103, b""), startup(196_608, b"user\0ada\0\0")].concat();
    let said = say(&mut postgres, both);
    assert!(said.starts_with("NE"), "{said:?}");
    assert!(said.contains("SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0"));
    assert!(said.ends_with('!'));
}

#[test]
fn postgresql_hangs_up_on_what_is_no_beginning() {
    for nonsense in [
        b"GET / HTTP/1.1\r\n".to_vec(),
        startup(80_877_102, b"12345678"),
        vec![0; 8],
    ] {
        let mut postgres = open(POSTGRES, json!({}), true);
        assert_eq!(say(&mut postgres, nonsense), "!");
    }
    let mut postgres = open(POSTGRES, json!({}), true);
    assert!(say(&mut postgres, startup(131_072, b"")).contains("C0A000"));
    let mut postgres = open(POSTGRES, json!({}), true);
    assert!(say(&mut postgres, startup(196_608, b"\0")).contains("C28000"));
}

#[test]
fn mariadb_listens_last_and_then_greets() {
    let mut client = with(MARIADB, json!({}), false);
    let address = address(&mut client, MARIADB);
    assert_eq!(connect(&client, &address).err(), Some(REFUSED));
    let mut mariadb = open(MARIADB, json!({}), true);
    let greeting = mariadb.greeting();
    assert_eq!(usize::from(greeting[0]) + 4, greeting.len());
    assert_eq!((greeting[3], greeting[4]), (0, 10));
    assert!(greeting[5..].starts_with(b"11.4.5-MariaDB"));
    assert!(say(&mut mariadb, "x").contains("#28000Access denied"));
}

#[test]
fn sftp_greets_and_the_others_keep_quiet() {
    let sftp = open("atmoz-sftp", json!({}), true);
    assert!(sftp.greeting().starts_with(b"SSH-2.0-"));
    let mut clickhouse = open("clickhouse-clickhouse", json!({}), true);
    assert!(clickhouse.greeting().is_empty());
    assert_eq!(say(&mut clickhouse, "hello"), "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_said_nothing_panics(
        pieces in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "[*$]?-?[0-9]{0,20}\r?\n".prop_map(String::into_bytes),
            (any::<u32>(), prop::collection::vec(any::<u8>(), 0..20))
                .prop_map(|(code, rest)| startup(code, &rest)),
        ], 0..20),
    ) {
        for service in [VALKEY, POSTGRES, MARIADB] {
            let mut conversation = open(service, json!({ "Password": "x" }), true);
            for piece in &pieces {
                conversation.receive(piece);
            }
        }
    }
}

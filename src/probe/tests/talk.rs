use proptest::prelude::*;

use super::*;
use crate::probe::talk::{Heard, Protocol};
use crate::probe::{mysql, postgres, redis};

const VALKEY: &str = "valkey-io-valkey";
const POSTGRESQL: &str = "birme-osc-postgresql";
const MARIADB: &str = "linuxserver-docker-mariadb";

const PASSWORD_WANTED: &[u8] = b"R\0\0\0\x08\0\0\0\x03";
const NO_SUCH_ROLE: &[u8] = b"E\0\0\0\x1bSFATAL\0C28P01\0Mnobody\0\0";
const STARTING: &[u8] = b"E\0\0\0\x26SFATAL\0C57P03\0Mis starting up now\0\0";
const GREETING: &[u8] = b"\x14\0\0\0\x0a11.4.2-MariaDB\0abcd";
const FULL: &[u8] = b"\x0b\0\0\0\xff\x10\x04Too many";
const OTHER_HOST: &[u8] = b"\x09\0\0\0\xff\x6a\x04Host x";

async fn used(service: &str, port: AtPort) -> Verdict {
    looked(service, Level::Usable, None, saying(port)).await.0
}

#[tokio::test(start_paused = true)]
async fn a_server_that_works_is_understood_however_its_words_are_cut() {
    for (service, said) in [
        (VALKEY, &b"+PONG\r\n"[..]),
        (VALKEY, b"-NOAUTH Authentication required.\r\n"),
        (POSTGRESQL, PASSWORD_WANTED),
        (POSTGRESQL, NO_SUCH_ROLE),
        (MARIADB, GREETING),
        (MARIADB, OTHER_HOST),
    ] {
        for port in [AtPort::Says(said), AtPort::HangsUpAfter(said)] {
            assert_eq!(used(service, port).await, Verdict::Passed, "{said:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_not_ready_is_quoted() {
    for (service, said, words) in [
        (
            VALKEY,
            &b"-LOADING the dataset\x1b[2J\r\n"[..],
            "Redis says: LOADING the dataset\u{fffd}[2J",
        ),
        (
            POSTGRESQL,
            STARTING,
            "PostgreSQL says: is starting up now (57P03)",
        ),
        (MARIADB, FULL, "MariaDB says: Too many (1040)"),
    ] {
        assert_eq!(wrong(used(service, AtPort::Says(said)).await), words);
    }
}

#[tokio::test(start_paused = true)]
async fn silence_and_hanging_up_are_wrong_and_end() {
    for service in [VALKEY, POSTGRESQL, MARIADB] {
        let started = tokio::time::Instant::now();
        let words = wrong(used(service, AtPort::Says(b"")).await);
        assert!(words.contains("stays silent"), "{words}");
        assert!(started.elapsed() <= Duration::from_secs(10));
        let words = wrong(used(service, AtPort::HangsUpAfter(b"")).await);
        assert!(
            words.contains("hangs up") || words.contains("breaks"),
            "{words}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn over_a_bare_connection_nothing_is_sent_but_a_greeting() {
    let startup = b"\0\0\0\x29\0\x03\0\0user\0postgres\0database\0postgres\0\0";
    for (service, probe, said, sent) in [
        (
            VALKEY,
            None,
            &b"-NOAUTH\r\n"[..],
            &b"*1\r\n$4\r\nPING\r\n"[..],
        ),
        (POSTGRESQL, None, PASSWORD_WANTED, startup),
        (MARIADB, None, GREETING, b""),
        (VALKEY, Some(Probe::Tcp { port: None }), b"", b""),
    ] {
        let far = saying(AtPort::Says(said));
        let heard = Arc::clone(&far.heard);
        let (verdict, _) = looked(service, Level::Usable, probe.as_ref(), far).await;
        assert_eq!(verdict, Verdict::Passed);
        // The other side takes notice of the end.
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(*heard.lock().unwrap(), sent, "{service}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_of_another_kind_is_recognised() {
    let page = b"HTTP/1.1 400 Bad Request\r\n\r\n";
    for (service, said) in [
        (VALKEY, &page[..]),
        (VALKEY, GREETING),
        (POSTGRESQL, page),
        (POSTGRESQL, b"-ERR unknown command\r\n"),
        (POSTGRESQL, b"R\xff\xff\xff\xff"),
        (MARIADB, page),
        (MARIADB, b"+PONG\r\n"),
        (MARIADB, b"\x05\0\0\0\x0a\xff\xff\0\0"),
    ] {
        let words = wrong(used(service, AtPort::Says(said)).await);
        assert!(words.contains("is not"), "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_comes_to_an_end_is_left() {
    let words = wrong(used(VALKEY, AtPort::Repeats(b"+PONGPONG")).await);
    assert!(words.contains("is not Redis"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn the_port_of_the_service_is_asked_or_else_the_first() {
    for (service, address) in [
        (VALKEY, "198.51.100.7:6380"),
        (POSTGRESQL, "198.51.100.7:9001"),
    ] {
        let far = saying(AtPort::Refuses);
        let (verdict, asked) = looked(service, Level::Usable, None, far).await;
        assert_eq!(verdict, Verdict::Unreachable("no way".into()));
        assert_eq!(asked, [address]);
    }
}

#[test]
fn the_startup_message_says_how_long_it_is() {
    let hello = postgres::POSTGRES.hello;
    assert_eq!(
        hello[..4],
        u32::try_from(hello.len()).unwrap().to_be_bytes()
    );
}

proptest! {
    #[test]
    fn no_words_are_fatal_and_more_of_them_never_change_a_judgement(
        said in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            mangled(PASSWORD_WANTED),
            mangled(NO_SUCH_ROLE),
            mangled(GREETING),
            mangled(FULL),
            mangled(b"+PONG\r\n"),
        ],
    ) {
        for Protocol { judge, .. } in [&redis::REDIS, &postgres::POSTGRES, &mysql::MYSQL] {
            let mut judged: Option<Heard> = None;
            for end in 0..=said.len() {
                let heard = judge(&said[..end]);
                if judged.is_some() {
                    prop_assert_eq!(&heard, &judged);
                }
                judged = heard;
            }
        }
    }
}

/// Real words with a few bytes changed and some more behind them.
fn mangled(words: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let changes = proptest::collection::vec((0..words.len(), any::<u8>()), 0..4);
    let more = proptest::collection::vec(any::<u8>(), 0..40);
    (changes, more).prop_map(|(changes, more)| {
        let mut words = words.to_vec();
        for (at, byte) in changes {
            words[at] = byte;
        }
        words.extend(more);
        words
    })
}

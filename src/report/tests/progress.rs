use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::builder::{WIDE, coloured, failure, plain};
use crate::apply::{Event, EventKind, Failure, Fate, Waiting};
use crate::model::{Address, Level};
use crate::plan::Action;
use crate::report::{Look, Progress, interrupted};

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn event(millis: u64, key: &str, kind: EventKind) -> Event {
    Event {
        at: Duration::from_millis(millis),
        address: Address::instance(key),
        kind,
    }
}

fn ready(reached: Level, last: Option<&str>) -> EventKind {
    EventKind::Waiting(Waiting::Ready {
        level: Level::Usable,
        reached,
        last: last.map(str::to_owned),
    })
}

fn a_run() -> Vec<Event> {
    use EventKind::{Accepted, Failed, Finished, Skipped, Started};
    let half = Failure {
        deleted_not_recreated: true,
        ..failure("refused\x1b[0m\n(400)")
    };
    vec![
        event(0, "database", Started(Action::Create)),
        event(900, "database", Accepted(Action::Create)),
        event(900, "database", ready(Level::Accepted, None)),
        event(1_900, "database", ready(Level::Accepted, Some("starting"))),
        event(2_900, "database", ready(Level::Accepted, Some("starting"))),
        event(3_000, "storage", Started(Action::Replace)),
        event(3_100, "storage", Accepted(Action::Delete)),
        event(3_100, "storage", EventKind::Waiting(Waiting::Gone)),
        event(23_000, "database", ready(Level::Healthy, None)),
        event(25_000, "database", ready(Level::Healthy, Some("LOADING"))),
        event(65_000, "database", EventKind::Waiting(Waiting::Ports)),
        event(66_000, "database", Finished(Fate::Applied)),
        event(67_000, "storage", Failed(half)),
        event(67_000, "site", Skipped(Address::instance("storage"))),
        event(68_000, "shop", Started(Action::Keep)),
        event(69_000, "shop", Finished(Fate::Kept)),
        event(70_000, "docs", Started(Action::Update)),
        event(75_000, "docs", Failed(failure("its health is `failed`"))),
    ]
}

fn lines(events: &[Event], look: Look) -> String {
    let shared = Shared::default();
    let mut progress = Progress::lines(Box::new(shared.clone()), look);
    events.iter().for_each(|event| progress.take(event));
    progress.finish();
    String::from_utf8(shared.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn without_a_terminal_each_change_of_state_is_one_plain_line() {
    let text = lines(&a_run(), WIDE);
    assert!(
        !text.contains(|c: char| c.is_control() && c != '\n'),
        "{text:?}"
    );
    insta::assert_snapshot!(text, @r"
     0s  instances.database  creating
     0s  instances.database  created
     0s  instances.database  waiting until usable
     1s  instances.database  waiting since 0.9s until usable; last answer: starting
     3s  instances.storage  replacing
     3s  instances.storage  deletion accepted
     3s  instances.storage  waiting until it is gone
    23s  instances.database  waiting since 0.9s until usable; healthy at 23s
    25s  instances.database  waiting since 0.9s until usable; healthy at 23s; last answer: LOADING
    65s  instances.database  waiting since 0.9s for its ports
    66s  instances.database  created and ready after 1m 06s
    67s  instances.storage  DELETED, NOT RECREATED: refused�[0m (400)
    67s  instances.site  skipped because of instances.storage
    68s  instances.shop  checking
    69s  instances.shop  ready, unchanged, after 1s
    70s  instances.docs  updating
    75s  instances.docs  failed after 5s: its health is `failed`
    ");
}

#[test]
fn lines_are_coloured_where_that_is_asked_for() {
    let text = lines(&a_run(), coloured(100));
    assert!(
        text.contains("\x1b[1minstances.database\x1b[0m"),
        "{text:?}"
    );
    assert!(
        text.contains("\x1b[31mskipped because of instances.storage\x1b[0m"),
        "{text:?}"
    );
}

#[test]
fn a_writer_that_fails_does_not_end_the_run() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut progress = Progress::lines(Box::new(Closed), WIDE);
    a_run().iter().for_each(|event| progress.take(event));
    progress.finish();
}

#[test]
fn live_and_quiet_progress_take_every_event() {
    for mut progress in [Progress::live(plain(80)), Progress::quiet()] {
        a_run().iter().for_each(|event| progress.take(event));
        progress.finish();
    }
}

#[test]
fn the_first_interruption_says_what_happens_and_what_a_second_does() {
    let mut out = Vec::new();
    interrupted(&mut out);
    let said =
        "Interrupted: nothing new is started, calls in flight are finished. Again: exit at once.";
    assert_eq!(String::from_utf8(out).unwrap(), format!("\n{said}\n"));
}

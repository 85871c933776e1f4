use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const START: SystemTime = SystemTime::UNIX_EPOCH;

/// Gives `pat-1`, `pat-2`, … each good for an hour, or fails.
struct Counting {
    asked: AtomicUsize,
    clock: Clock,
    fails: Option<Class>,
}

impl Renew for Counting {
    fn renew<'a>(&'a self, _: &'a SecretString) -> Renewing<'a> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let turn = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
            match self.fails {
                Some(class) => Err(Error::new(class, "renewing the sign-in", "no")),
                None => Ok(Renewed {
                    token: format!("pat-{turn}").into(),
                    expires: Some(self.clock.now() + Duration::from_secs(3600)),
                }),
            }
        })
    }
}

fn access(seconds: u64, fails: Option<Class>) -> (Access, Arc<Counting>, Clock) {
    let clock = Clock::starting_at(START);
    let counting = Arc::new(Counting {
        asked: AtomicUsize::new(0),
        clock,
        fails,
    });
    let access = Access::new("pat-0".into(), Some(START + Duration::from_secs(seconds)));
    let renewal = Arc::clone(&counting) as Arc<dyn Renew>;
    (access.renewed_by(renewal), counting, clock)
}

async fn text(access: &Access, clock: &Clock) -> Result<String, Class> {
    let token = access.token(clock).await;
    token
        .map(|token| token.expose_secret().to_owned())
        .map_err(|error| error.class)
}

#[tokio::test(start_paused = true)]
async fn a_token_is_replaced_from_a_minute_before_its_end_on() {
    let (access, counting, clock) = access(3600, None);
    tokio::time::advance(Duration::from_secs(3539)).await;
    assert_eq!(text(&access, &clock).await, Ok("pat-0".into()));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(text(&access, &clock).await, Ok("pat-1".into()));
    assert_eq!(text(&access, &clock).await, Ok("pat-1".into()));
    assert_eq!(counting.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_at_once_waits_for_one_renewal() {
    let (access, counting, clock) = access(0, None);
    let (one, other) = tokio::join!(text(&access, &clock), text(&access, &clock));
    assert_eq!((one, other), (Ok("pat-1".into()), Ok("pat-1".into())));
    assert_eq!(counting.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_by_hours_costs_one_renewal() {
    let (access, counting, clock) = access(3600, None);
    tokio::time::advance(Duration::from_secs(9 * 3600)).await;
    assert_eq!(text(&access, &clock).await, Ok("pat-1".into()));
    assert_eq!(counting.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_replaced_is_used_up_to_its_end_and_not_beyond() {
    for class in [Class::Transient, Class::SignedOut] {
        let (access, counting, clock) = access(60, Some(class));
        for _ in 0..5 {
            assert_eq!(text(&access, &clock).await, Ok("pat-0".into()));
            tokio::time::advance(Duration::from_secs(2)).await;
        }
        assert_eq!(counting.asked.load(Ordering::Relaxed), 1, "{class:?}");
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(text(&access, &clock).await, Err(class));
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_renewal_an_expired_token_is_not_sent() {
    let clock = Clock::starting_at(START);
    let access = Access::new("pat-0".into(), Some(START + Duration::from_secs(10)));
    assert_eq!(text(&access, &clock).await, Ok("pat-0".into()));
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(text(&access, &clock).await, Err(Class::SignedOut));
}

#[tokio::test(start_paused = true)]
async fn a_token_without_an_end_is_used_as_it_is() {
    let clock = Clock::starting_at(START);
    let access = Access::new("pat-0".into(), None);
    tokio::time::advance(Duration::from_secs(1_000_000)).await;
    assert_eq!(text(&access, &clock).await, Ok("pat-0".into()));
    let instead = access.instead_of(&"pat-0".into()).await;
    assert!(instead.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_but_not_one_that_has_just_come() {
    let (access, counting, _) = access(3600, None);
    let text = |token: Result<Option<SecretString>, Error>| {
        let token = token.unwrap();
        token.map(|token| token.expose_secret().to_owned())
    };
    let refused = SecretString::from("pat-0");
    let first = text(access.instead_of(&refused).await);
    assert_eq!(first.as_deref(), Some("pat-1"));
    // Somebody else's request met the same refusal.
    let other = text(access.instead_of(&refused).await);
    assert_eq!(other.as_deref(), Some("pat-1"));
    assert_eq!(text(access.instead_of(&"pat-1".into()).await), None);
    tokio::time::advance(PROVEN).await;
    let third = text(access.instead_of(&"pat-1".into()).await);
    assert_eq!(third.as_deref(), Some("pat-2"));
    assert_eq!(counting.asked.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_without_a_successor_tells_why_there_is_none() {
    for (class, told) in [(Class::SignedOut, true), (Class::Transient, false)] {
        let (access, counting, _) = access(3600, Some(class));
        for _ in 0..3 {
            let instead = access.instead_of(&"pat-0".into()).await;
            let why = instead.err().map(|error| error.class);
            assert_eq!(why, told.then_some(Class::SignedOut));
        }
        // Many requests meet the refusal, and one asks for another token.
        assert_eq!(counting.asked.load(Ordering::Relaxed), 1);
    }
}

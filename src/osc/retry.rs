use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::RETRY_AFTER;

use super::{Class, Error, Pacing};

/// The pauses before the second attempt and each after it; there is no seventh. Reads of healthy
/// instances flap for seconds (API notes 13.4).
const PAUSES: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// So many answers in a row that there is no such route mean that the platform does without what
/// is optional. One is not enough, as answers flap (API notes 13.4); with more of them every plan
/// on such a platform would be slow.
const MISSING_ROUTES: usize = 3;

/// Whether asking twice could do something twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It changes nothing; any transient failure is worth another attempt.
    Read,
    /// It changes nothing, and whoever asks will ask again anyway: never repeated.
    Poll,
    /// It changes something, and twice is as good as once; repeated like a read.
    Repeatable,
    /// It changes something; repeated only where the platform says that it was not taken, or
    /// where it was certainly not sent.
    Mutation,
}

/// A failed attempt and what it says about the next one.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) retry_after: Option<Duration>,
}

/// The attempts of one call.
#[derive(Debug)]
pub(super) struct Attempts {
    effect: Effect,
    seed: u64,
    speed: f64,
    optional: bool,
    missing_routes: usize,
    failed: usize,
    left_open: bool,
}

impl Attempts {
    /// None made yet; `what` only spreads the pauses of different calls.
    pub(super) fn of(effect: Effect, pacing: Pacing, what: impl Hash) -> Self {
        Self {
            effect,
            seed: hash((pacing.seed, what)),
            speed: pacing.speed.max(1.0),
            optional: false,
            missing_routes: 0,
            failed: 0,
            left_open: false,
        }
    }

    /// The same at a route that the platform may do without.
    pub(super) fn at_optional_route(self) -> Self {
        Self {
            optional: true,
            ..self
        }
    }

    /// Whether it is a change that is attempted.
    pub(super) fn are_of_a_change(&self) -> bool {
        matches!(self.effect, Effect::Repeatable | Effect::Mutation)
    }

    /// What the last attempt failed with, seen together with those before.
    pub(super) fn conclude(&self, error: Error) -> Error {
        let class = match self.route_is_missing() {
            true => Class::Unsupported,
            false => error.class,
        };
        Error {
            class,
            earlier_left_open: self.left_open,
            ..error
        }
    }

    fn route_is_missing(&self) -> bool {
        self.missing_routes >= MISSING_ROUTES
    }

    /// How long to wait before another attempt, or nothing when that was the last.
    pub(super) fn pause_after(&mut self, failure: &Failure) -> Option<Duration> {
        self.missing_routes = match self.optional && failure.error.is_of_a_missing_route() {
            true => self.missing_routes + 1,
            false => 0,
        };
        if self.route_is_missing() {
            return None;
        }
        let may_repeat = match self.effect {
            Effect::Read | Effect::Repeatable => failure.error.class == Class::Transient,
            Effect::Poll => false,
            Effect::Mutation => {
                let error = &failure.error;
                let transient = error.class == Class::Transient;
                error.status == Some(429) || (transient && error.was_not_sent())
            }
        };
        let pause = PAUSES.get(self.failed).filter(|_| may_repeat)?;
        self.failed += 1;
        self.left_open |= self.are_of_a_change() && failure.error.leaves_open();
        // Between three and five quarters, so that calls that failed together part ways.
        let eighths = 6 + hash((self.seed, self.failed)) % 5;
        let spread = *pause * u32::try_from(eighths).unwrap_or(8) / 8;
        let spread = Duration::from_secs_f64(spread.as_secs_f64() / self.speed);
        let asked_for = failure.retry_after.unwrap_or_default();
        Some(spread.max(asked_for.min(LONGEST_PAUSE)))
    }
}

/// How long the answer wants us to wait: seconds, or the time until a date.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text)
            .ok()
            .map(|date| date.duration_since(now).unwrap_or_default()),
    }
}

fn hash(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::super::{TransportError, TransportKind};
    use super::*;

    fn failure(class: Class, status: Option<u16>, retry_after: Option<u64>) -> Failure {
        Failure {
            error: Error {
                status,
                ..Error::new(class, "x", "")
            },
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    fn lost(kind: TransportKind) -> Failure {
        let message = "x".to_owned();
        Failure {
            error: Error::of_transport("x", &TransportError { kind, message }),
            retry_after: None,
        }
    }

    #[test]
    fn a_read_is_repeated_a_few_times_with_growing_pauses_and_a_poll_never() {
        let mut attempts = Attempts::of(Effect::Read, Pacing::default(), "a");
        let failure = failure(Class::Transient, Some(502), None);
        for pause in PAUSES {
            let waited = attempts.pause_after(&failure).unwrap();
            assert!(waited >= pause * 3 / 4 && waited <= pause * 5 / 4);
        }
        assert_eq!(attempts.pause_after(&failure), None);
        let mut poll = Attempts::of(Effect::Poll, Pacing::default(), "a");
        assert_eq!(poll.pause_after(&failure), None);
    }

    #[test]
    fn different_runs_part_ways() {
        let busy = failure(Class::Transient, Some(503), None);
        let pause = |run: u64| {
            let pacing = Pacing {
                seed: run,
                ..Pacing::default()
            };
            Attempts::of(Effect::Read, pacing, "a").pause_after(&busy)
        };
        assert!((1..20).any(|run| pause(run) != pause(0)));
    }

    #[test]
    fn a_change_is_repeated_only_when_it_was_not_taken() {
        let mut attempts = Attempts::of(Effect::Mutation, Pacing::default(), "a");
        for (class, status) in [
            (Class::Transient, Some(504)),
            (Class::Unexpected, Some(500)),
        ] {
            assert_eq!(attempts.pause_after(&failure(class, status, None)), None);
        }
        assert_eq!(attempts.pause_after(&lost(TransportKind::Timeout)), None);
        assert_eq!(attempts.pause_after(&lost(TransportKind::Broken)), None);
        let busy = failure(Class::Transient, Some(429), None);
        assert!(attempts.pause_after(&busy).is_some());
    }

    #[test]
    fn a_change_that_was_not_sent_is_repeated_within_the_same_limits() {
        for kind in [
            TransportKind::Dns,
            TransportKind::Connect,
            TransportKind::Tls,
        ] {
            let mut attempts = Attempts::of(Effect::Mutation, Pacing::default(), "a");
            for _ in PAUSES {
                assert!(attempts.pause_after(&lost(kind)).is_some());
            }
            assert_eq!(attempts.pause_after(&lost(kind)), None);
        }
    }

    #[test]
    fn an_optional_route_is_missing_after_three_answers_in_a_row_that_say_so() {
        let missing = || Failure {
            error: Error {
                no_such_route: true,
                ..failure(Class::Transient, Some(404), None).error
            },
            retry_after: None,
        };
        let busy = failure(Class::Transient, Some(502), None);
        let attempts = || Attempts::of(Effect::Read, Pacing::default(), "a").at_optional_route();
        let class = |attempts: &Attempts| attempts.conclude(missing().error).class;

        let mut steady = attempts();
        assert!(steady.pause_after(&missing()).is_some());
        assert!(steady.pause_after(&missing()).is_some());
        assert_eq!(class(&steady), Class::Transient);
        assert_eq!(steady.pause_after(&missing()), None);
        assert_eq!(class(&steady), Class::Unsupported);

        let mut flapping = attempts();
        for failure in [&missing(), &missing(), &busy, &missing(), &missing()] {
            assert!(flapping.pause_after(failure).is_some());
        }
        assert_eq!(flapping.pause_after(&busy), None);
        assert_eq!(class(&flapping), Class::Transient);
    }

    #[test]
    fn what_is_not_transient_is_not_repeated() {
        for class in [
            Class::SignedOut,
            Class::Refused,
            Class::Absent,
            Class::Unexpected,
        ] {
            let mut attempts = Attempts::of(Effect::Read, Pacing::default(), "a");
            assert_eq!(
                attempts.pause_after(&failure(class, Some(500), Some(1))),
                None
            );
        }
    }

    #[test]
    fn the_answers_own_wish_is_honoured_up_to_a_minute() {
        let mut attempts = Attempts::of(Effect::Read, Pacing::default(), "a");
        for (wish, pause) in [(7, 7), (60, 60), (3600, 60)] {
            let failure = failure(Class::Transient, Some(429), Some(wish));
            assert_eq!(
                attempts.pause_after(&failure),
                Some(Duration::from_secs(pause))
            );
        }
    }

    #[test]
    fn the_wish_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Fri, 09 Oct 2026 12:00:00 GMT").unwrap();
        for (text, seconds) in [
            ("5", Some(5)),
            ("Fri, 09 Oct 2026 12:00:30 GMT", Some(30)),
            ("Fri, 09 Oct 2026 11:00:00 GMT", Some(0)),
            ("soon", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            let wish = retry_after(&headers, now);
            assert_eq!(wish, seconds.map(Duration::from_secs), "{text}");
        }
    }
}

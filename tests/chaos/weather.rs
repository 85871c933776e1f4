//! Random faults, within what the platform was seen to do.

use std::collections::HashMap;
use std::time::Duration;

use osc_apply::sandbox::Cut;

use crate::dice::Dice;
use crate::rig::{Seen, Taken, Then};

/// How many not-founds in a row of something that exists (API notes 13.4).
const ABSENCES: u32 = 3;

/// What happens to which share of the requests, per mille.
#[derive(Debug, Clone)]
pub(crate) struct Weather {
    dice: Dice,
    reads: usize,
    changes: usize,
    absences: usize,
    sickness: usize,
    tokens: usize,
    /// Not-founds in a row, by name.
    absent: HashMap<String, u32>,
    /// What the health of an instance is said to be, and until when.
    sick: HashMap<String, (Duration, &'static str)>,
}

impl Weather {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        let mut share = |shares: &[usize]| *dice.pick(shares);
        Self {
            reads: share(&[0, 20, 100, 250]),
            changes: share(&[0, 100, 300, 500]),
            absences: share(&[0, 0, 50, 300]),
            sickness: share(&[0, 0, 20, 100]),
            tokens: share(&[0, 0, 0, 10, 50]),
            absent: HashMap::new(),
            sick: HashMap::new(),
            dice: dice.fork(),
        }
    }

    /// What happens to a request, if not what should.
    pub(crate) fn meet(&mut self, seen: &Seen) -> Option<Then> {
        let mut words = seen.line.split(' ');
        let (method, place, path) = (words.next()?, words.next()?, words.next()?);
        let name = path.split('/').nth(2);
        match (method, place, name) {
            (_, "token", _) => self.at_a_token(),
            ("GET", "catalog", _) => self.at_a_read(),
            // The host of an instance knows nothing of instances.
            ("GET", host, _) if host.starts_with("sandbox-") => self.at_a_visit(),
            ("GET", _, None) => self.at_a_read().or_else(|| self.at_a_service_token()),
            ("GET", _, Some(name)) => {
                let health = path.starts_with("/health/").then_some(seen.from);
                let then = self.at_an_instance(name, health);
                if then.is_none() {
                    self.absent.remove(name);
                }
                then
            }
            (method, place, _) => self
                .at_a_change(method == "POST" && place != "catalog")
                .or_else(|| self.at_a_service_token()),
        }
    }

    fn at_a_token(&mut self) -> Option<Then> {
        if !self.dice.per_mille(self.tokens) {
            return self.at_a_read();
        }
        let expired = r#"{"code":"FST_ERR_FAILED_ERROR_SERIALIZATION","message":"Bearer expired"}"#;
        let all = [Then::reason(401, "expired"), Then::json(500, expired)];
        Some(self.dice.pick(&all).clone())
    }

    /// A service API does not accept its token.
    fn at_a_service_token(&mut self) -> Option<Then> {
        let all = [Then::reason(401, "expired"), Then::html(401)];
        let refused = self.dice.per_mille(self.tokens);
        refused.then(|| self.dice.pick(&all).clone())
    }

    fn at_an_instance(&mut self, name: &str, health: Option<Duration>) -> Option<Then> {
        let ill = health.and_then(|now| self.at_health(name, now));
        if ill.is_some() {
            return ill;
        }
        if self.dice.per_mille(self.absences) {
            let absent = self.absent.entry(name.to_owned()).or_default();
            if *absent < ABSENCES {
                *absent += 1;
                return Some(Then::reason(404, "Instance not found"));
            }
        }
        self.at_a_read().or_else(|| self.at_a_service_token())
    }

    /// One that was said to be ill stays so for a while.
    fn at_health(&mut self, name: &str, now: Duration) -> Option<Then> {
        let words = ["starting", "starting", "failed", "stopped", "unknown"];
        if let Some((until, word)) = self.sick.get(name)
            && now < *until
        {
            return Some(Then::health(word));
        }
        if !self.dice.per_mille(self.sickness) {
            return None;
        }
        let word = *self.dice.pick(&words);
        let until = now + self.dice.seconds(1, 150);
        self.sick.insert(name.to_owned(), (until, word));
        Some(Then::health(word))
    }

    fn at_a_read(&mut self) -> Option<Then> {
        if !self.dice.per_mille(self.reads) {
            return None;
        }
        let route = r#"{"message":"Route GET:/x not found","error":"Not Found","statusCode":404}"#;
        let both = [Taken::Yes, Taken::No];
        Some(match self.dice.below(12) {
            0 => Then::html(*self.dice.pick(&[401, 403, 404])),
            1 | 2 => Then::html(*self.dice.pick(&[500, 502, 503, 504])),
            3 => Then::json(404, route),
            4 => Then::Garbled,
            5 => Then::Cut(Cut::Dropped, *self.dice.pick(&both)),
            6 => Then::Cut(Cut::Refused, Taken::No),
            7 => Then::Cut(Cut::Untrusted, Taken::No),
            8 => Then::Cut(Cut::Silent, Taken::No),
            9 => Then::Slow(self.dice.seconds(1, 80)),
            10 => self.busy(),
            _ => Then::Echo(*self.dice.pick(&[400, 500, 503])),
        })
    }

    /// Whatever an instance says itself counts: only what stands before it misbehaves.
    fn at_a_visit(&mut self) -> Option<Then> {
        Some(match self.at_a_read()? {
            then @ (Then::Cut(..) | Then::Slow(_)) => then,
            _ => Then::html(*self.dice.pick(&[401, 502, 503, 504])),
        })
    }

    fn at_a_change(&mut self, creates: bool) -> Option<Then> {
        if !self.dice.per_mille(self.changes) {
            return None;
        }
        let both = [Taken::Yes, Taken::No];
        let page = *self.dice.pick(&[502, 503, 504]);
        let deadline = "context deadline exceeded";
        Some(match self.dice.below(13) {
            0 => Then::html(page),
            1 => Then::lost(page),
            2 if creates => Then::Later(self.dice.seconds(1, 170)),
            3 | 4 => Then::Cut(Cut::Dropped, *self.dice.pick(&both)),
            5 => Then::Cut(Cut::Silent, *self.dice.pick(&both)),
            6 => Then::Cut(Cut::Refused, Taken::No),
            7 => Then::Slow(self.dice.seconds(1, 80)),
            8 => self.busy(),
            9 => Then::reason(500, deadline),
            10 => Then::Garbled,
            11 => Then::reason(400, "not today"),
            _ => Then::Echo(*self.dice.pick(&[400, 500, 503])),
        })
    }

    fn busy(&mut self) -> Then {
        Then::Busy(*self.dice.pick(&[None, Some(0), Some(7), Some(400)]))
    }
}

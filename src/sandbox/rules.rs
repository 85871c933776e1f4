//! How the emulated platform behaves: what is chosen per run and is no part of the world.

use std::time::Duration;

use super::addressing::Addressing;

/// The behaviour of the sandbox: durations, addresses and quirks.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// How long things take.
    pub timing: Timing,
    /// Where requests come in, and so which addresses documents carry.
    pub addressing: Addressing,
    /// Which of the platform's rarer faults it has.
    pub quirks: Quirks,
}

/// Faults that were seen on OSC and are off unless asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    /// A resumed instance is listed as suspended for ever, until its record is removed or it is
    /// resumed again (API notes 6.12).
    pub resume_leaves_record: bool,
    /// Creating, deleting or resuming while another such call has no answer yet loses a record,
    /// and with it a suspended instance (API notes 6.12).
    pub overlaps_lose_records: bool,
    /// The public client `cli` gets no refresh token (API notes 14, row 25).
    pub cli_gets_no_refresh_token: bool,
    /// A refresh brings no new refresh token, and the one it was asked with stays good
    /// (API notes 2.3).
    pub refresh_keeps_token: bool,
    /// There is no API for tags: its routes are unknown (API notes 6.13).
    pub no_tags: bool,
    /// An instance that is not there cannot be tagged (API notes 6.13).
    pub tags_need_instance: bool,
    /// A new secret cannot have the name of one there is (API notes 14, row 17).
    pub secret_post_refuses_existing: bool,
    /// A secret that is not there cannot be updated, but in a batch (API notes 14, row 17).
    pub secret_put_needs_existing: bool,
    /// Secrets of one name have one value, whichever service they are of (API notes 8.1).
    pub secret_names_collide: bool,
    /// There are no tenant secrets: their routes are unknown (API notes 8.2).
    pub no_tenant_secrets: bool,
    /// The platform's own secrets cannot be read (API notes 14, row 29).
    pub system_secrets_hidden: bool,
    /// How many bytes the value of a tenant secret can have, where that is limited.
    pub tenant_secret_limit: Option<usize>,
}

/// How long things take; the default follows what was measured on OSC (API notes 13.1, 13.2).
///
/// The `*_takes` durations are how long a request waits for its answer, the others are counted
/// from the moment the request took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// From start, restart or PATCH until health says `running`; a job runs for as long.
    pub healthy_after: Duration,
    /// From creation until the external ports are listed.
    pub ports_after: Duration,
    /// How long a create request waits for its answer.
    pub create_takes: Duration,
    /// How long a delete request waits for its answer.
    pub delete_takes: Duration,
    /// How long a deleted instance is still shown after the delete request was answered.
    pub delete_visible_for: Duration,
    /// How long a restart or PATCH request waits for its answer.
    pub restart_takes: Duration,
    /// How long a resume request waits for its answer; the instance is back by then.
    pub resume_takes: Duration,
    /// How long a service's API answers 401 for an instance that is just back.
    pub resume_401_for: Duration,
    /// How long it then answers 404, first for the route and then for the instance.
    pub resume_404_for: Duration,
    /// How long after a resumption the platform may undo changes of options.
    pub parameters_replayed_for: Duration,
    /// From placing an instance until its host takes connections.
    pub endpoint_unreachable_for: Duration,
    /// How long its host then shows a certificate nobody trusts.
    pub endpoint_untrusted_for: Duration,
    /// How long its host then answers 401 to everything but its root.
    pub endpoint_401_for: Duration,
    /// From running until the application in it answers.
    pub application_after: Duration,
    /// How long a service access token is good for.
    pub service_token_lifetime: Duration,
    /// How long an access token from OAuth is good for.
    pub access_token_lifetime: Duration,
    /// How long an authorization code can be exchanged for tokens.
    pub authorization_code_lifetime: Duration,
    /// How long a refresh token can be used after it was issued.
    pub refresh_token_lifetime: Duration,
    /// How long somebody stays signed in to the console with a browser.
    pub session_lifetime: Duration,
}

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            healthy_after: Duration::from_secs(20),
            ports_after: Duration::from_secs(25),
            create_takes: Duration::from_secs(2),
            delete_takes: Duration::from_secs(10),
            delete_visible_for: Duration::from_secs(20),
            restart_takes: Duration::from_secs(1),
            resume_takes: Duration::from_secs(30),
            resume_401_for: Duration::from_secs(20),
            resume_404_for: Duration::from_secs(15),
            parameters_replayed_for: Duration::from_secs(90),
            endpoint_unreachable_for: Duration::from_secs(22),
            endpoint_untrusted_for: Duration::from_secs(6),
            endpoint_401_for: Duration::from_secs(14),
            application_after: Duration::from_secs(8),
            service_token_lifetime: HOUR,
            access_token_lifetime: HOUR,
            authorization_code_lifetime: Duration::from_secs(60),
            refresh_token_lifetime: DAY.saturating_mul(30),
            session_lifetime: DAY,
        }
    }
}

impl Timing {
    /// The same timing, everything `factor` times faster; infinity makes all immediate.
    ///
    /// Lifetimes of tokens, codes and sessions stay as they are. A factor that is not a positive number changes nothing.
    pub fn scaled(self, factor: f64) -> Timing {
        if factor.is_nan() || factor <= 0.0 {
            return self;
        }
        let faster = |span: Duration| {
            Duration::try_from_secs_f64(span.as_secs_f64() / factor).unwrap_or(Duration::MAX)
        };
        Timing {
            healthy_after: faster(self.healthy_after),
            ports_after: faster(self.ports_after),
            create_takes: faster(self.create_takes),
            delete_takes: faster(self.delete_takes),
            delete_visible_for: faster(self.delete_visible_for),
            restart_takes: faster(self.restart_takes),
            resume_takes: faster(self.resume_takes),
            resume_401_for: faster(self.resume_401_for),
            resume_404_for: faster(self.resume_404_for),
            parameters_replayed_for: faster(self.parameters_replayed_for),
            endpoint_unreachable_for: faster(self.endpoint_unreachable_for),
            endpoint_untrusted_for: faster(self.endpoint_untrusted_for),
            endpoint_401_for: faster(self.endpoint_401_for),
            application_after: faster(self.application_after),
            ..self
        }
    }

    /// From the moment a delete takes effect until the instance is no longer shown.
    pub(crate) fn gone_after(&self) -> Duration {
        self.delete_takes.saturating_add(self.delete_visible_for)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_speeds_everything_up_but_token_lifetimes() {
        let fast = Timing::default().scaled(10.0);
        assert_eq!(fast.healthy_after, Duration::from_secs(2));
        assert_eq!(fast.delete_takes, Duration::from_secs(1));
        assert_eq!(fast.service_token_lifetime, Duration::from_secs(3600));
        let immediate = Timing::default().scaled(f64::INFINITY);
        assert_eq!(immediate.gone_after(), Duration::ZERO);
    }

    #[test]
    fn a_factor_that_makes_no_sense_changes_nothing() {
        for factor in [0.0, -1.0, f64::NAN] {
            assert_eq!(Timing::default().scaled(factor), Timing::default());
        }
        let slowest = Timing::default().scaled(f64::MIN_POSITIVE);
        assert_eq!(slowest.healthy_after, Duration::MAX);
    }
}

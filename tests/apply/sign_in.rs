//! A sign-in that ends while a plan is carried out.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use osc_apply::apply::Fate;
use osc_apply::osc::{
    Claims, Class, Clock, Error, HostOverrides, Hosts, Renew, Renewed, Renewing, Session,
};

use crate::SECOND;
use crate::rig::{Rig, Then};

/// One after the other, each in half a minute.
const CHAIN: &str = "
instances:
  a: { service: eyevinn-test-adserver }
  b: { service: encore, depends_on: [instances.a] }
  c: { service: valkey-io-valkey, options: { Password: hunter2hunter2 }, depends_on: [instances.b] }
";

/// Gives tokens that last for so many seconds, so often.
struct Scripted {
    platform: Arc<crate::rig::Platform>,
    lasts: u32,
    left: AtomicUsize,
    asked: Mutex<Vec<String>>,
}

impl Renew for Scripted {
    fn renew<'a>(&'a self, held: &'a secrecy::SecretString) -> Renewing<'a> {
        use secrecy::ExposeSecret;
        self.asked
            .lock()
            .unwrap()
            .push(held.expose_secret().to_owned());
        let left = self.left.load(Ordering::Relaxed);
        self.left.store(left.saturating_sub(1), Ordering::Relaxed);
        let ended = Error::new(
            Class::SignedOut,
            "renewing the sign-in",
            "it was taken back",
        );
        let renewed = Renewed {
            token: self.platform.new_token().into(),
            expires: Some(self.platform.clock().now() + self.lasts * SECOND),
        };
        Box::pin(async move { if left > 0 { Ok(renewed) } else { Err(ended) } })
    }
}

/// A session whose token lasts for so long and can be renewed so often.
fn signed_in(rig: &Rig, lasts: u32, renewals: usize) -> (Rig, Arc<Scripted>) {
    let scripted = Arc::new(Scripted {
        platform: Arc::clone(&rig.platform),
        lasts,
        left: AtomicUsize::new(renewals),
        asked: Mutex::default(),
    });
    let mut rig = Rig::on(&rig.platform);
    let clock: Clock = rig.platform.clock();
    let token = rig.platform.new_token().into();
    let claims = Claims {
        expires: Some(clock.now() + lasts * SECOND),
        ..Claims::of(&token).unwrap()
    };
    let hosts = Hosts::new("prod", &HostOverrides::default()).unwrap();
    let session = Session::new(hosts, token, claims, rig.platform.clone(), clock);
    rig.session = Arc::new(session.renewed_by(scripted.clone()));
    (rig, scripted)
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_as_often_as_a_long_apply_needs_it() {
    let (rig, renewal) = signed_in(&Rig::new(), 70, usize::MAX);
    rig.apply(CHAIN).await.assert_good();
    let asked = renewal.asked.lock().unwrap();
    assert!(asked.len() >= 2, "{}", asked.len());
    let mut tokens = asked.clone();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), asked.len(), "each token is replaced once");
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_ends_for_good_ends_the_apply_and_leaves_what_was_done() {
    let first = Rig::new();
    let (rig, renewal) = signed_in(&first, 24, 0);
    // Its end comes while the second is announced.
    let (line, slow) = (
        "PUT deploy /resourcetags/instance/encore",
        Then::Slow(15 * SECOND),
    );
    first.platform.at(line, 0..1, slow);
    let run = rig.apply(CHAIN).await;
    assert!(run.outcome.signed_out());
    assert!(!run.outcome.interrupted);
    assert!(matches!(run.fate("a"), Fate::Applied));
    assert_eq!(run.failure("b").class, Some(Class::SignedOut));
    assert!(!run.failure("b").sent);
    assert!(!run.fate("c").lets_dependants_run());
    assert!(!renewal.asked.lock().unwrap().is_empty());
    let posts = rig.platform.count("POST encore");
    assert_eq!(posts, 0);

    let again = Rig::on(&first.platform);
    again.apply(CHAIN).await.assert_good();
    assert_eq!(
        rig.platform
            .count("POST eyevinn-test-adserver /test-adserverinstance"),
        1
    );
    assert!(!again.plan(CHAIN).await.has_changes());
}

#[tokio::test(start_paused = true)]
async fn a_token_without_an_end_is_used_as_it_is() {
    let rig = Rig::new();
    let (_, renewal) = signed_in(&rig, 0, 0);
    let hosts = Hosts::new("prod", &HostOverrides::default()).unwrap();
    let token = rig.platform.new_token().into();
    let claims = Claims::of(&token).unwrap();
    assert_eq!(claims.expires, None);
    let session = Session::new(
        hosts,
        token,
        claims,
        rig.platform.clone(),
        rig.platform.clock(),
    );
    let rig = Rig {
        session: Arc::new(session.renewed_by(renewal.clone())),
        ..rig
    };
    rig.apply(CHAIN).await.assert_good();
    assert!(renewal.asked.lock().unwrap().is_empty());
}

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use tokio_util::sync::CancellationToken;

use super::super::Limits;
use super::super::kept::read_certainly;
use super::{Claim, LeaseError};
use crate::osc::{Class, Clock, Error, WriteApi};
use crate::vault::{self, lease_key};

/// For how long a lease is good.
const TERM: Duration = Duration::from_secs(300);
/// How long before its end a lease is no longer counted upon: what has begun takes its time.
pub(super) const MARGIN: Duration = Duration::from_secs(30);

/// What a run knows about its lease, whether it has it yet or not.
pub(in super::super) struct Hold {
    api: WriteApi,
    clock: Clock,
    limits: Limits,
    stack: String,
    key: String,
    run: String,
    who: String,
    /// The end of the lease that is certainly written.
    until: Mutex<SystemTime>,
    may_be_written: AtomicBool,
    loss: OnceLock<LeaseError>,
    lost: CancellationToken,
}

impl Hold {
    pub(super) fn new(api: WriteApi, clock: Clock, limits: Limits, claim: Claim) -> Self {
        Self {
            api,
            clock,
            limits,
            key: lease_key(&claim.stack),
            stack: claim.stack,
            run: claim.run,
            who: claim.who,
            until: Mutex::new(SystemTime::UNIX_EPOCH),
            may_be_written: AtomicBool::new(false),
            loss: OnceLock::new(),
            lost: CancellationToken::new(),
        }
    }

    pub(in super::super) fn api(&self) -> &WriteApi {
        &self.api
    }

    pub(in super::super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(in super::super) fn stack(&self) -> &str {
        &self.stack
    }

    pub(super) fn lost(&self) -> &CancellationToken {
        &self.lost
    }

    pub(super) fn loss(&self) -> Option<&LeaseError> {
        self.loss.get()
    }

    pub(super) fn may_be_written(&self) -> bool {
        self.may_be_written.load(Ordering::Relaxed)
    }

    /// How long the lease is still good for.
    pub(super) fn left(&self) -> Duration {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.duration_since(self.clock.now()).unwrap_or_default()
    }

    /// Makes sure that no other run has the lease, or that it may be taken from it.
    pub(super) async fn find_free(&self, take_over: bool) -> Result<(), LeaseError> {
        match self.read().await {
            Err(LeaseError::NotUnderstood(_)) if take_over => Ok(()),
            Ok(Some(lease)) if lease.run != self.run && !take_over => self.must_have_ended(lease),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn must_have_ended(&self, lease: vault::Lease) -> Result<(), LeaseError> {
        match lease.until.duration_since(self.clock.now()) {
            Ok(left) if !left.is_zero() => Err(LeaseError::Held {
                who: lease.who,
                until: lease.until,
                left,
            }),
            _ => Ok(()),
        }
    }

    /// Writes the lease, good from now on; whether it was taken where that cannot be told shows
    /// later.
    pub(super) async fn write(&self) -> Result<(), LeaseError> {
        let lease = vault::Lease {
            run: self.run.clone(),
            who: self.who.clone(),
            until: self.clock.now() + TERM,
        };
        self.may_be_written.store(true, Ordering::Relaxed);
        let key = &self.key;
        match self.api.put_tenant_secret(key, &lease.to_secret()).await {
            Ok(()) => {
                self.is_good_until(lease.until);
                Ok(())
            }
            Err(error) if error.leaves_open() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether what was written is there; not where there is nothing.
    pub(super) async fn is_there(&self) -> Result<bool, LeaseError> {
        match self.read().await? {
            None => Ok(false),
            Some(lease) if lease.run == self.run => {
                self.is_good_until(lease.until);
                Ok(true)
            }
            Some(lease) => {
                let left = lease.until.duration_since(self.clock.now());
                Err(LeaseError::Held {
                    who: lease.who,
                    until: lease.until,
                    left: left.unwrap_or_default(),
                })
            }
        }
    }

    /// Makes sure that the lease is still this run's and good.
    ///
    /// # Errors
    /// Those that say that it is lost are the last word.
    pub(super) async fn confirm(&self) -> Result<(), LeaseError> {
        if let Some(loss) = self.loss() {
            return Err(loss.clone());
        }
        let read = read_certainly(self.api.reads(), &self.key, &self.limits).await?;
        let lease = match read.as_ref().map(vault::Lease::parse) {
            None => return Err(self.lose(LeaseError::Removed)),
            Some(Err(error)) => return Err(self.lose(error.into())),
            Some(Ok(lease)) if lease.run != self.run => {
                return Err(self.lose(LeaseError::Taken { who: lease.who }));
            }
            Some(Ok(lease)) => lease,
        };
        self.is_good_until(lease.until);
        match self.left() {
            Duration::ZERO => Err(self.lose(LeaseError::Ended(None))),
            _ => Ok(()),
        }
    }

    /// Removes the lease where it is this run's, and so far from its end that nobody is taking it.
    pub(super) async fn give_back(&self) -> Result<(), LeaseError> {
        let nobody_takes_it = self.clock.now() + MARGIN;
        match self.read().await? {
            Some(lease) if lease.run == self.run && lease.until > nobody_takes_it => {
                Ok(self.api.delete_tenant_secret(&self.key).await?)
            }
            _ => Ok(()),
        }
    }

    /// Notes why the lease is lost; the first reason stays.
    pub(super) fn lose(&self, loss: LeaseError) -> LeaseError {
        let loss = self.loss.get_or_init(|| loss).clone();
        self.lost.cancel();
        loss
    }

    async fn read(&self) -> Result<Option<vault::Lease>, LeaseError> {
        match self.api.reads().tenant_secret(&self.key).await {
            Ok(text) => Ok(Some(vault::Lease::parse(&text)?)),
            Err(Error {
                class: Class::Absent,
                ..
            }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn is_good_until(&self, until: SystemTime) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
}

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::grant::Grant;
use super::registration::Registration;
use crate::sandbox::moment::Moment;

/// The clients that are registered, and what people have allowed to which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    /// By client id.
    #[serde(default)]
    clients: BTreeMap<String, Registration>,
    /// By number.
    #[serde(default)]
    grants: BTreeMap<u64, Grant>,
    /// How many clients and grants there ever were, so that none gets the number of another.
    #[serde(default)]
    numbers: u64,
}

impl Ledger {
    /// Whether an access token was taken back.
    pub(crate) fn is_revoked(&self, pat_id: &str) -> bool {
        self.grants
            .values()
            .any(|grant| grant.is_revoked() && grant.has(pat_id))
    }

    /// A number nothing has yet.
    pub(super) fn next_number(&mut self) -> u64 {
        self.numbers = self.numbers.saturating_add(1);
        self.numbers
    }

    /// A registered client.
    pub(super) fn registration(&self, client_id: &str) -> Option<&Registration> {
        self.clients.get(client_id)
    }

    /// Keeps a client.
    pub(super) fn register(&mut self, client_id: &str, registration: Registration) {
        self.clients.insert(client_id.to_owned(), registration);
    }

    /// Keeps what was allowed, under a number of its own; drops what no token is left of.
    pub(super) fn allow(&mut self, grant: Grant, now: Moment) -> u64 {
        self.grants.retain(|_, grant| !grant.is_over(now));
        let number = self.next_number();
        self.grants.insert(number, grant);
        number
    }

    /// What was allowed under this number.
    pub(super) fn grant_mut(&mut self, number: u64) -> Option<&mut Grant> {
        self.grants.get_mut(&number)
    }

    /// What an access token came of.
    pub(super) fn grant_of_mut(&mut self, pat_id: &str) -> Option<&mut Grant> {
        self.grants.values_mut().find(|grant| grant.has(pat_id))
    }
}

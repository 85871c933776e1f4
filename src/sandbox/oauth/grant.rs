use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::sandbox::jwt::SigningKey;
use crate::sandbox::moment::Moment;

/// What one person allowed one client: first a code, then all tokens that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grant {
    /// The id of the client.
    pub(super) client: String,
    /// The workspace chosen.
    pub(super) workspace: String,
    /// Who allowed it.
    pub(super) user: String,
    redirect_uri: String,
    challenge: String,
    code_until: Moment,
    #[serde(default)]
    redeemed: bool,
    /// Which refresh token is the good one: how many came before it.
    #[serde(default)]
    turn: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_until: Option<Moment>,
    /// The `patId` of each access token, with its end.
    #[serde(default)]
    access: BTreeMap<String, Moment>,
    #[serde(default)]
    revoked: bool,
}

/// Why a code or refresh token is refused, in a sentence for the developer of the app.
pub(super) type Reason = &'static str;

impl Grant {
    /// One whose code can be exchanged until then, for the redirect and challenge it was asked
    /// with.
    pub(super) fn new(
        client: &str,
        (workspace, user): (&str, &str),
        (redirect_uri, challenge): (&str, &str),
        code_until: Moment,
    ) -> Grant {
        Grant {
            client: client.to_owned(),
            workspace: workspace.to_owned(),
            user: user.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            challenge: challenge.to_owned(),
            code_until,
            redeemed: false,
            turn: 0,
            refresh_until: None,
            access: BTreeMap::new(),
            revoked: false,
        }
    }

    /// Spends the code.
    ///
    /// A code that was spent before has fallen into other hands: everything that came of it is
    /// taken back (RFC 6749, 4.1.2). One that does not fit stays as it was.
    pub(super) fn redeem(
        &mut self,
        key: &SigningKey,
        now: Moment,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<(), Reason> {
        if self.redeemed {
            self.revoked = true;
            return Err("The code was used before; the tokens that came of it are revoked");
        }
        if now >= self.code_until {
            return Err("The code has expired");
        }
        if redirect_uri != self.redirect_uri {
            return Err("redirect_uri is not the one the code was asked for with");
        }
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        if !key.equal(&challenge, &self.challenge) {
            return Err("code_verifier does not fit code_challenge");
        }
        self.redeemed = true;
        Ok(())
    }

    /// Spends the refresh token of this turn, or keeps it good.
    ///
    /// One that was spent before has fallen into other hands: everything is taken back
    /// (RFC 9700, 4.14.2).
    pub(super) fn refresh(&mut self, now: Moment, turn: u64, keep: bool) -> Result<(), Reason> {
        if self.revoked {
            return Err("The refresh token is revoked");
        }
        if turn != self.turn {
            self.revoked = true;
            return Err(
                "The refresh token was used before; all tokens of this sign-in are revoked",
            );
        }
        if self.refresh_until.is_none_or(|until| now >= until) {
            return Err("The refresh token has expired");
        }
        if !keep {
            self.turn = self.turn.saturating_add(1);
        }
        Ok(())
    }

    /// Makes the refresh token of the next turn good until then; which turn that is.
    pub(super) fn extend(&mut self, until: Moment) -> u64 {
        self.refresh_until = Some(until);
        self.turn
    }

    /// Notes an access token and its end; forgets those that have ended.
    pub(super) fn note(&mut self, pat_id: &str, until: Moment, now: Moment) {
        self.access.retain(|_, until| now < *until);
        self.access.insert(pat_id.to_owned(), until);
    }

    /// Takes everything back.
    pub(super) fn revoke(&mut self) {
        self.revoked = true;
    }

    /// Whether everything was taken back.
    pub(super) fn is_revoked(&self) -> bool {
        self.revoked
    }

    /// Whether an access token came of it.
    pub(super) fn has(&self, pat_id: &str) -> bool {
        self.access.contains_key(pat_id)
    }

    /// Whether nothing that came of it could be good still.
    pub(super) fn is_over(&self, now: Moment) -> bool {
        let refreshed = self.refresh_until.filter(|_| !self.revoked);
        let ends = self.access.values().copied().chain(refreshed);
        ends.chain([self.code_until]).all(|end| end <= now)
    }
}

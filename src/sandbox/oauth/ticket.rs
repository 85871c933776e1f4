use crate::sandbox::jwt::SigningKey;

/// What a ticket is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An authorization code.
    Code,
    /// A refresh token.
    Refresh,
}

/// A code or a refresh token: it tells the grant it belongs to, and only the world can write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    /// What it is good for.
    pub(super) kind: Kind,
    /// The number of the grant.
    pub(super) grant: u64,
    /// How many of the kind came before it.
    pub(super) turn: u64,
}

impl Ticket {
    /// The text of it, which is a secret.
    pub(super) fn text(self, key: &SigningKey) -> String {
        let kind = match self.kind {
            Kind::Code => "code",
            Kind::Refresh => "refresh",
        };
        let open = format!("{kind}_{}_{}", self.grant, self.turn);
        format!("{open}_{}", key.derive_hex(&open))
    }

    /// The ticket of this kind that a text is; compared in constant time.
    pub(super) fn read(key: &SigningKey, kind: Kind, text: &str) -> Option<Ticket> {
        let mut parts = text.split('_').skip(1);
        let ticket = Ticket {
            kind,
            grant: parts.next()?.parse().ok()?,
            turn: parts.next()?.parse().ok()?,
        };
        key.equal(&ticket.text(key), text).then_some(ticket)
    }
}

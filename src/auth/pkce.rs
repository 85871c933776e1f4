use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The secret of one authorization request, whose hash goes ahead of it (RFC 7636, S256).
#[derive(Debug)]
pub(super) struct Verifier(SecretString);

impl Verifier {
    /// A verifier of 43 characters, as the platform's own client makes them (API notes 2.2).
    pub(super) fn of(random: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random).into())
    }

    /// What the authorization request carries.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.expose_secret()))
    }

    /// What the token request carries.
    pub(super) fn secret(&self) -> &SecretString {
        &self.0
    }
}

/// The word by which a callback proves that it answers our own request.
#[derive(Debug)]
pub(super) struct State(SecretString);

impl State {
    pub(super) fn of(random: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random).into())
    }

    pub(super) fn secret(&self) -> &SecretString {
        &self.0
    }

    /// Compared in constant time.
    pub(super) fn is(&self, given: &str) -> bool {
        let own = self.0.expose_secret().as_bytes();
        own.ct_eq(given.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standards_example() {
        // RFC 7636, appendix B.
        let octets = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212,
            37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = Verifier::of(octets);
        assert_eq!(
            verifier.secret().expose_secret(),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
        assert_eq!(
            verifier.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn only_the_whole_state_is_right() {
        let state = State::of([7; 32]);
        let own = state.secret().expose_secret().to_owned();
        assert!(state.is(&own));
        for wrong in ["", &own[1..], &format!("{own}A"), &own.to_lowercase()] {
            assert!(!state.is(wrong));
        }
    }

    #[test]
    fn neither_shows_itself() {
        let shown = format!("{:?} {:?}", Verifier::of([7; 32]), State::of([7; 32]));
        assert!(!shown.contains(&URL_SAFE_NO_PAD.encode([7; 32])));
    }
}

use http::header;
use serde_json::{Value, json};

use super::AUTHORIZE;
use super::inquiry::Inquiry;
use crate::sandbox::addressing::Addressing;
use crate::sandbox::call::Call;
use crate::sandbox::jwt::SigningKey;

const COOKIE: &str = "osc_session";

/// A browser that has been here, and who is signed in with it.
///
/// It is kept in the browser alone, in a signed cookie.
pub(super) struct Session {
    /// What forms of it are bound to.
    id: String,
    /// Who is signed in; nobody yet on the page that asks who it is.
    pub(super) user: Option<String>,
}

impl Session {
    /// The one of the browser that sent a request, if it has not ended.
    pub(super) fn of(call: &Call<'_>) -> Option<Session> {
        let headers = call.request.headers().get_all(header::COOKIE);
        let lines = headers.iter().filter_map(|value| value.to_str().ok());
        let mut cookies = lines.flat_map(|line| line.split(';'));
        cookies.find_map(|cookie| {
            let (name, value) = cookie.trim().split_once('=')?;
            let claims = call.world.key().verify(value).filter(|_| name == COOKIE)?;
            let ends = claims["exp"].as_u64()?;
            (call.now.seconds() < ends).then_some(())?;
            Some(Session {
                id: claims["session"].as_str()?.to_owned(),
                user: claims["user"].as_str().map(str::to_owned),
            })
        })
    }

    /// A new one of somebody, or of nobody yet.
    ///
    /// Its id follows from what it begins with: two browsers that send the same in the same
    /// millisecond share one.
    pub(super) fn begin(call: &Call<'_>, inquiry: &Inquiry, user: Option<&str>) -> Session {
        let user = user.map(str::to_owned);
        let (now, query) = (call.now.rfc3339(), inquiry.query());
        let id = call
            .world
            .key()
            .derive_hex(&format!("session {now} {user:?} {query}"));
        Session { id, user }
    }

    /// The header that has the browser keep it.
    pub(super) fn cookie(&self, call: &Call<'_>) -> String {
        let lifetime = call.rules.timing.session_lifetime;
        let claims = json!({
            "session": self.id,
            "user": self.user.as_deref().map_or(Value::Null, Value::from),
            "exp": call.now.plus(lifetime).seconds(),
        });
        let addressing = &call.rules.addressing;
        let secure = match addressing {
            Addressing::Osc => "; Secure",
            Addressing::Prefixed { .. } => "",
        };
        format!(
            "{COOKIE}={}; Path={}{AUTHORIZE}; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            call.world.key().sign(&claims),
            addressing.app_path(),
            lifetime.as_secs(),
        )
    }

    /// What shows that a form comes from a page that this browser was given for this inquiry.
    pub(super) fn form_token(&self, key: &SigningKey, inquiry: &Inquiry) -> String {
        key.derive_hex(&format!("form {} {}", self.id, inquiry.query()))
    }

    /// Whether a form comes from such a page; compared in constant time.
    pub(super) fn vouches_for(&self, key: &SigningKey, inquiry: &Inquiry, token: &str) -> bool {
        key.equal(&self.form_token(key, inquiry), token)
    }
}

use std::time::Duration;

use secrecy::ExposeSecret;
use url::Url;

use super::AuthError;
use super::callback::{Callback, Expected};
use super::client::{Client, Registration, redirect};
use super::grant::{GrantError, TokenEndpoint};
use super::listener::{Heard, Listener, Reception};
use super::page::Page;
use super::pkce::{State, Verifier};
use super::registration::register;
use super::server::Server;
use super::sign_in::SignIn;
use crate::osc::{Clock, Exchange, Hosts};

/// How long a person may take in the browser.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// A sign-in to ask for.
pub struct Login<'a> {
    /// Where.
    pub hosts: &'a Hosts,
    /// Who publishes where its endpoints are; without one they are the platform's known ones.
    pub issuer: Option<&'a Url>,
    /// As whom.
    pub identity: Identity,
    /// What sends requests.
    pub exchange: &'a dyn Exchange,
    /// What tells the time.
    pub clock: Clock,
    /// What the verifier and the state are made of.
    pub random: [[u8; 32]; 2],
}

/// As whom a sign-in is asked for.
#[derive(Debug, Clone)]
pub enum Identity {
    /// The public client, with its callback at this port or any.
    Public(Option<u16>),
    /// A client that was registered with its callback at this port.
    Registered(Client, u16),
    /// A client that registers itself: the one of the last time where it is known to the same
    /// server and its port is still free, else a new one at this port or any.
    Dynamic(Option<Registration>, Option<u16>),
}

/// A sign-in that somebody has agreed to, and the browser that still waits to hear of it.
pub struct Agreed {
    /// The sign-in.
    pub sign_in: SignIn,
    reception: Reception,
    heard: Heard,
}

/// A request under way.
struct Request {
    server: Server,
    client: Client,
    registered_port: Option<u16>,
    verifier: Verifier,
    redirect: String,
}

impl Login<'_> {
    /// Asks: begins to listen, has `open` bring the browser to a URL, and waits for it to come
    /// back (RFC 6749, 7636, 8252).
    ///
    /// # Errors
    /// Each way in which it does not end with tokens has words of its own. None holds a code, a
    /// token or a secret. The port is closed then.
    pub async fn ask(self, open: impl FnOnce(&Url)) -> Result<Agreed, AuthError> {
        let server = match self.issuer {
            Some(issuer) => Server::discover(issuer, self.hosts, self.exchange).await?,
            None => Server::fixed(self.hosts),
        };
        server.reach(self.exchange).await?;
        let (client, listener, registered) = self.client(&server).await?;
        let [verifier, state] = self.random;
        let (verifier, state) = (Verifier::of(verifier), State::of(state));
        let port = listener.port();
        let url = authorization(&server, &client, &verifier, &state, port);
        let mut reception = listener.serve(Expected {
            port,
            state,
            issuer: server.issuer.clone(),
            needs_issuer: server.sends_issuer,
        });
        let request = Request {
            server,
            client,
            registered_port: registered.then_some(port),
            verifier,
            redirect: redirect(port),
        };
        open(&url);
        let mut heard = reception.hear(PATIENCE).await?;
        match self.redeem(request, &mut heard).await {
            Ok(sign_in) => Ok(Agreed {
                sign_in,
                reception,
                heard,
            }),
            Err(error) => {
                reception
                    .close(heard, Page::failed(&error.to_string()))
                    .await;
                Err(error)
            }
        }
    }

    /// The client and where its callback is; whether it is registered there.
    async fn client(&self, server: &Server) -> Result<(Client, Listener, bool), AuthError> {
        match &self.identity {
            Identity::Public(port) => {
                let listener = Listener::bind(*port).await?;
                Ok((Client::public(), listener, false))
            }
            Identity::Registered(client, port) => {
                let listener = Listener::bind(Some(*port)).await?;
                Ok((client.clone(), listener, false))
            }
            Identity::Dynamic(known, wanted) => {
                // Its secret is for the server it is registered with, and no other.
                let known = known.as_ref().filter(|known| {
                    known.token_endpoint == server.token
                        && wanted.is_none_or(|wanted| wanted == known.port)
                });
                if let Some(known) = known
                    && let Ok(listener) = Listener::bind(Some(known.port)).await
                {
                    return Ok((known.client.clone(), listener, true));
                }
                let listener = Listener::bind(*wanted).await?;
                let url = server.register.as_ref().ok_or(AuthError::NotRegistered {
                    why: "the issuer registers no clients".to_owned(),
                })?;
                let client = register(url, listener.port(), self.exchange).await?;
                Ok((client, listener, true))
            }
        }
    }

    async fn redeem(&self, request: Request, heard: &mut Heard) -> Result<SignIn, AuthError> {
        let answer = std::mem::replace(&mut heard.callback, Callback::Elsewhere);
        let code = match answer {
            Callback::Code(code) => code,
            Callback::Refused { error, words } => return Err(AuthError::denied(error, words)),
            Callback::Unusable(why) => return Err(AuthError::UnusableCallback { why }),
            Callback::WrongState | Callback::Elsewhere => {
                return Err(AuthError::UnusableCallback {
                    why: "it is not the answer that was waited for",
                });
            }
        };
        let endpoint = TokenEndpoint {
            url: &request.server.token,
            client: &request.client,
            exchange: self.exchange,
        };
        let grant = endpoint
            .redeem(
                &code,
                &request.verifier,
                &request.redirect,
                self.clock.now(),
            )
            .await
            .map_err(|failure| match failure {
                GrantError::Unanswered(error) => {
                    AuthError::unreachable(&request.server.token, error)
                }
                other => AuthError::NotGranted(other),
            })?;
        Ok(SignIn {
            access: grant.access,
            claims: grant.claims,
            refresh: grant.refresh,
            expires: grant.expires,
            client: request.client,
            registered_port: request.registered_port,
            token_endpoint: request.server.token,
            revocation_endpoint: request.server.revoke,
            renewing_since: None,
        })
    }
}

impl Agreed {
    /// Tells the browser that all is well, and closes the port.
    pub async fn done(self, environment: &str) {
        let page = Page::done(&self.sign_in.claims.workspace, environment);
        self.reception.close(self.heard, page).await;
    }

    /// Tells the browser that it came to nothing, and closes the port.
    pub async fn failed(self, why: &str) {
        self.reception.close(self.heard, Page::failed(why)).await;
    }
}

/// The URL that a browser is sent to (API notes 2.2).
fn authorization(
    server: &Server,
    client: &Client,
    verifier: &Verifier,
    state: &State,
    port: u16,
) -> Url {
    let mut url = server.authorize.clone();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &client.id)
        .append_pair("redirect_uri", &redirect(port))
        .append_pair("code_challenge", &verifier.challenge())
        .append_pair("code_challenge_method", "S256")
        .append_pair("state", state.secret().expose_secret());
    url
}

#[cfg(test)]
mod tests;

use super::grant;
use super::sign_in::{SignIn, Site};
use super::store::{Store, StoreError};
use crate::osc::Exchange;

/// What became of the tokens of a sign-in that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// The server takes them no more.
    Yes,
    /// The server is not known to offer a way to tell it: the tokens stay good there.
    NotOffered,
    /// The server was told and did not agree, with why.
    No(String),
}

/// Forgets the sign-in to a workspace, and tells the server where that is possible; `None` where
/// there is no such sign-in.
///
/// It is forgotten here also where the server cannot be told.
///
/// # Errors
/// Where it cannot be removed.
pub async fn logout(
    store: &Store,
    site: &Site,
    workspace: &str,
    exchange: &dyn Exchange,
) -> Result<Option<Revoked>, StoreError> {
    let lock = store.lock().await?;
    let listed = store.workspaces(site)?;
    if !listed.iter().any(|known| known == workspace) {
        return Ok(None);
    }
    // What cannot be read can still be removed.
    let sign_in = store.read(site, workspace).ok().flatten();
    store.remove(&lock, site, workspace)?;
    Ok(Some(match sign_in {
        Some((sign_in, _)) => revoke(&sign_in, exchange).await,
        None => Revoked::No("it could not be read any more".to_owned()),
    }))
}

/// Forgets every sign-in, at every site, also those that cannot be read, and tells their servers
/// where that is possible; how many servers were not told.
///
/// # Errors
/// Where something cannot be removed; it is still listed then, and everything else is gone.
pub async fn forget_all(store: &Store, exchange: &dyn Exchange) -> Result<usize, StoreError> {
    let lock = store.lock().await?;
    let mut untold = 0;
    for sign_in in store.read_all() {
        if revoke(&sign_in, exchange).await != Revoked::Yes {
            untold += 1;
        }
    }
    store.remove_all(&lock)?;
    Ok(untold)
}

/// Tells the server that a sign-in is no longer wanted.
pub async fn revoke(sign_in: &SignIn, exchange: &dyn Exchange) -> Revoked {
    let Some(url) = &sign_in.revocation_endpoint else {
        return Revoked::NotOffered;
    };
    // With a refresh token goes everything that came of it (RFC 7009, 2.1).
    let token = sign_in.refresh.as_ref().unwrap_or(&sign_in.access);
    match grant::revoke(url, &sign_in.client, token, exchange).await {
        Ok(()) => Revoked::Yes,
        Err(error) => Revoked::No(error.to_string()),
    }
}

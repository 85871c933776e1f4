//! Taking connections without letting one stop another.

use std::future::Future;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long to wait after accepting failed, as it does while all file descriptors are in use.
const PAUSE: Duration = Duration::from_millis(50);

/// How long connections are waited for when told to stop.
const GRACE: Duration = Duration::from_secs(1);

/// Serves each connection in a task of its own until told to stop; those that are open then have
/// a second to end.
pub(super) async fn each<Serving>(
    listener: TcpListener,
    stop: &CancellationToken,
    serve: impl Fn(TcpStream) -> Serving,
) where
    Serving: Future<Output = ()> + Send + 'static,
{
    let mut open = JoinSet::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => drop(open.spawn(serve(stream))),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    // Whatever is still open is cut off with the set.
    let _ = tokio::time::timeout(GRACE, async { while open.join_next().await.is_some() {} }).await;
}

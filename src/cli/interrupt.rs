use tokio_util::sync::CancellationToken;

use super::exit::Exit;

/// Watches for Ctrl-C and, where there is such a thing, SIGTERM.
///
/// The first cancels `stop`; `told` is called to say what happens now. The second ends the
/// process at once.
pub(super) fn watch(stop: CancellationToken, told: impl Fn() + Send + 'static) {
    tokio::spawn(async move {
        if signal().await {
            stop.cancel();
            told();
        }
        if signal().await {
            std::process::exit(Exit::Interrupted as i32);
        }
    });
}

#[cfg(unix)]
async fn signal() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.is_ok(),
            ended = terminate.recv() => ended.is_some(),
        },
        Err(_) => tokio::signal::ctrl_c().await.is_ok(),
    }
}

#[cfg(not(unix))]
async fn signal() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}

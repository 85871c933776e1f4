use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::exit::Exit;

/// Watches for Ctrl-C and, where there is such a thing, SIGTERM.
///
/// The first cancels `stop`; `told` is called to say what happens now. The second ends the
/// process at once, also while `told` is still at it.
pub(super) fn watch(stop: CancellationToken, told: impl FnOnce() + Send + 'static) {
    let (pressed, mut heard) = mpsc::unbounded_channel();
    tokio::spawn(listen(pressed));
    tokio::spawn(async move {
        if heard.recv().await.is_some() {
            stop.cancel();
            tokio::task::spawn_blocking(told);
        }
        if heard.recv().await.is_some() {
            std::process::exit(Exit::Interrupted as i32);
        }
    });
}

/// Listens without a gap, so that no signal is lost between two of them.
#[cfg(unix)]
async fn listen(pressed: mpsc::UnboundedSender<()>) {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = signal(SignalKind::interrupt()).and_then(|interrupt| {
        let terminate = signal(SignalKind::terminate())?;
        Ok((interrupt, terminate))
    });
    // Where signals cannot be listened to, the system's own reaction to them is left as it is.
    let Ok((mut interrupt, mut terminate)) = signals else {
        return;
    };
    loop {
        let heard = tokio::select! {
            heard = interrupt.recv() => heard,
            heard = terminate.recv() => heard,
        };
        if heard.is_none() || pressed.send(()).is_err() {
            return;
        }
    }
}

#[cfg(not(unix))]
async fn listen(pressed: mpsc::UnboundedSender<()>) {
    while tokio::signal::ctrl_c().await.is_ok() && pressed.send(()).is_ok() {}
}

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::sandbox::bare::Conversation;

/// How long a connection may be idle, or take no answer.
const PATIENCE: Duration = Duration::from_secs(300);

/// Holds a conversation over a connection, until either side ends it.
///
/// # Errors
///
/// When the connection breaks, or nothing happens on it for five minutes.
pub async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    mut conversation: Conversation,
) -> io::Result<()> {
    timeout(PATIENCE, stream.write_all(&conversation.greeting())).await??;
    let mut buffer = [0; 4096];
    loop {
        let read = timeout(PATIENCE, stream.read(&mut buffer)).await??;
        if read == 0 {
            return Ok(());
        }
        let spoken = conversation.receive(&buffer[..read]);
        timeout(PATIENCE, stream.write_all(&spoken.bytes)).await??;
        if spoken.close {
            return stream.shutdown().await;
        }
    }
}

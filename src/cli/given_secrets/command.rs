use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use secrecy::SecretString;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use zeroize::Zeroizing;

use super::{LARGEST, secret};
use crate::cli::environment;
use crate::model::excerpt;

/// How long a program may take.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// Why a program was not run.
pub(super) fn refusal(words: &[&str]) -> String {
    let shown = shown(words);
    format!("{shown} was not run: `--allow-commands` lets the manifest's commands run")
}

/// The secret that a program prints. It runs without a shell, in the manifest's folder, without
/// our credentials in its environment, and with nothing to read; what it says on standard error
/// is shown to nobody, because it may hold the secret.
///
/// Whatever a program that takes too long has started itself is left running.
///
/// # Errors
/// Why there is none, and what to do.
pub(super) async fn run(
    words: &[&str],
    folder: &Path,
    limit: Duration,
) -> Result<SecretString, String> {
    let shown = shown(words);
    let mut child = start(words, folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("{shown} was not found"),
        _ => format!("{shown} cannot be run: {error}"),
    })?;
    let ended = tokio::time::timeout(limit, listen(&mut child)).await;
    // It may still be running where it took too long, or said too much.
    let _ = child.start_kill();
    match ended {
        Err(_) => Err(format!(
            "{shown} did not end within {}: it must not wait for anybody",
            humantime::format_duration(limit)
        )),
        Ok(Err(error)) => Err(format!("{shown} cannot be listened to: {error}")),
        Ok(Ok((printed, Some(status)))) if !status.success() => {
            drop(printed);
            Err(format!(
                "{shown} failed ({status}): run it yourself to see why"
            ))
        }
        Ok(Ok((printed, _))) => secret(&printed, &format!("what {shown} prints")),
    }
}

fn start(words: &[&str], folder: &Path) -> io::Result<Child> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = std::process::Command::new(located(program, folder)?);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    environment::withhold_credentials(&mut command);
    Command::from(command).kill_on_drop(true).spawn()
}

/// A program that is given by a path is looked for from the manifest's folder on.
fn located(program: &str, folder: &Path) -> io::Result<PathBuf> {
    let path = Path::new(program);
    if path.is_relative() && path.components().count() > 1 || program.starts_with('.') {
        return Ok(folder.canonicalize()?.join(path));
    }
    Ok(path.to_owned())
}

/// What it prints, and how it ended; that it ended is not waited for once it has said too much.
async fn listen(child: &mut Child) -> io::Result<(Zeroizing<Vec<u8>>, Option<ExitStatus>)> {
    // With room for all of it, none is left behind in memory by growing.
    let mut printed = Zeroizing::new(Vec::with_capacity(LARGEST + 1));
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = stdout.take(LARGEST as u64 + 1);
        stdout.read_to_end(&mut printed).await?;
    }
    if printed.len() > LARGEST {
        return Ok((printed, None));
    }
    Ok((printed, Some(child.wait().await?)))
}

fn shown(words: &[&str]) -> String {
    let program = words.first().copied().unwrap_or_default();
    format!("the command `{}`", excerpt(program))
}

#[cfg(all(test, unix))]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    async fn sh(script: &str) -> Result<String, String> {
        let printed = run(&["/bin/sh", "-c", script], Path::new("."), LIMIT).await;
        printed.map(|it| it.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn what_a_program_prints_is_the_secret() {
        assert_eq!(sh("printf 'a b\\n'").await.unwrap(), "a b");
        // Nothing to read, and words are not put together to a line for a shell.
        assert_eq!(sh("cat; printf x").await.unwrap(), "x");
        let words = ["/bin/sh", "-c", "printf %s \"$1\"", "x", "$HOME; a"];
        let printed = run(&words, Path::new("."), LIMIT).await.unwrap();
        assert_eq!(printed.expose_secret(), "$HOME; a");
    }

    #[tokio::test]
    async fn it_runs_in_the_manifests_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pw"), "inside").unwrap();
        let script = folder.path().join("print");
        std::fs::write(&script, "#!/bin/sh\ncat pw\n").unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(&script, executable).unwrap();
        for words in [["cat", "pw"].as_slice(), &["./print"]] {
            let printed = run(words, folder.path(), LIMIT).await.unwrap();
            assert_eq!(printed.expose_secret(), "inside");
        }
    }

    #[tokio::test]
    async fn what_goes_wrong_is_said_without_what_was_printed() {
        for (script, wanted) in [
            (
                "echo hunter2; echo hunter2 >&2; exit 3",
                "the command `/bin/sh` failed (exit status: 3): run it yourself to see why",
            ),
            (
                "printf 'hunter2\\377'",
                "what the command `/bin/sh` prints is not UTF-8",
            ),
            (
                "echo hunter2 >&2",
                "what the command `/bin/sh` prints is empty",
            ),
            (
                "while :; do echo hunter2; done",
                "what the command `/bin/sh` prints is larger than 64 KiB",
            ),
        ] {
            assert_eq!(sh(script).await.unwrap_err(), wanted);
        }
        let none = run(&["./no/such", "hunter2"], Path::new("."), LIMIT).await;
        assert_eq!(none.unwrap_err(), "the command `./no/such` was not found");
        assert_eq!(
            refusal(&["sops", "hunter2"]),
            "the command `sops` was not run: `--allow-commands` lets the manifest's commands run"
        );
    }

    #[tokio::test]
    async fn one_that_takes_too_long_is_ended() {
        let words = ["/bin/sh", "-c", "exec sleep 600"];
        let why = run(&words, Path::new("."), Duration::ZERO).await;
        assert_eq!(
            why.unwrap_err(),
            "the command `/bin/sh` did not end within 0s: it must not wait for anybody"
        );
    }
}

use std::process::{Command, Stdio};

use url::Url;

use super::environment;

/// Opens a page: with the program that `$BROWSER` names, or the system's own way.
///
/// The address is one argument of the program, never part of a command line that a shell reads,
/// and the program sees none of the credentials in our own environment. Says whether something
/// could be started; what comes of it, nobody can tell.
pub(super) fn open(url: &Url, browser: Option<&str>) -> bool {
    let programs = match browser {
        // A list in the manner of PATH; each entry may go on with arguments.
        Some(list) => list.split(':').map(words).collect(),
        None => system(),
    };
    programs.into_iter().any(|words| {
        let Some((program, arguments)) = words.split_first() else {
            return false;
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .arg(url.as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        environment::withhold_credentials(&mut command);
        command.spawn().is_ok()
    })
}

fn words(text: &str) -> Vec<&str> {
    // Placeholders would make the address part of another argument.
    text.split_whitespace()
        .filter(|word| !word.contains('%'))
        .collect()
}

#[cfg(target_os = "macos")]
fn system() -> Vec<Vec<&'static str>> {
    vec![vec!["open"]]
}

#[cfg(windows)]
fn system() -> Vec<Vec<&'static str>> {
    vec![vec!["rundll32", "url.dll,FileProtocolHandler"]]
}

#[cfg(not(any(target_os = "macos", windows)))]
fn system() -> Vec<Vec<&'static str>> {
    vec![vec!["xdg-open"]]
}

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Login;

const PATIENCE: Duration = Duration::from_secs(20);

/// A home folder that knows one platform, and no keyring unless it is given one.
pub(crate) struct Home {
    folder: TempDir,
    endpoint: String,
    keyring: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    pub(crate) fn at(endpoint: impl Into<String>) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            endpoint: endpoint.into(),
            keyring: vec![("OSC_NO_KEYRING".to_owned(), "1".to_owned())],
        }
    }

    /// From now on with the keyring that these variables lead to.
    pub(crate) fn set_keyring(&mut self, variables: Vec<(String, String)>) {
        self.keyring = variables;
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The command, with nothing else in its environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_osc-apply"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("OSC_ENDPOINT", &self.endpoint)
            .env("OSC_SANDBOX_SPEED", "inf")
            .envs(self.keyring.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Begins to sign in, with the address printed.
    pub(crate) fn login(&self) -> Login {
        Login::begin(self.command(&["login", "--no-browser"]))
    }

    /// Begins to sign in through a program that `BROWSER` names, with a canary in each of these
    /// variables; what the program says of its arguments and, after an empty line, its variables.
    pub(crate) fn login_through_browser(&self, canaries: &[&str]) -> (Login, String) {
        let program = self.path().join("browser");
        let text = "#!/bin/sh\n{ echo \"$# $1\"; echo; export -p; } >draft && mv draft said\n";
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, PermissionsExt::from_mode(0o700)).unwrap();
        let mut command = self.command(&["login"]);
        command
            .envs(canaries.iter().map(|name| (name, "canary")))
            .env("BROWSER", &program)
            .env("PATH", "/usr/bin:/bin");
        let login = Login::begin(command);
        let said = self.path().join("said");
        let deadline = Instant::now() + PATIENCE;
        while !said.exists() {
            assert!(Instant::now() < deadline, "the program was not started");
            thread::sleep(Duration::from_millis(10));
        }
        (login, fs::read_to_string(said).unwrap())
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with a manifest and a sandbox of its own.
pub(crate) struct Workspace {
    folder: TempDir,
}

/// How a command ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Two instances, the second of which refers to the first.
pub(crate) const PAIR: &str = "\
version: 1
stack: pair
instances:
  queue:
    service: valkey-io-valkey
    options: { Password: '${variables.pw}' }
  store:
    service: eyevinn-app-config-svc
    options:
      RedisUrl: redis://${instances.queue.address}
outputs:
  store: ${instances.store.url}
variables:
  pw: { default: hunter2hunter2 }
";

impl Workspace {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A workspace whose `osc.yaml` is this text.
    pub(crate) fn with(manifest: &str) -> Self {
        let workspace = Self::new();
        workspace.write("osc.yaml", manifest);
        workspace
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The command in this folder, with nothing in its environment but a home, and without the
    /// keyring of whoever runs the tests.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_osc-apply"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("OSC_NO_KEYRING", "1")
            .stdin(Stdio::null());
        command
    }

    /// The command against the sandbox, in which everything happens at once.
    pub(crate) fn in_sandbox(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        command
            .env("OSC_SANDBOX_DIR", self.path().join("world"))
            .args(["--sandbox"])
            .env("OSC_SANDBOX_SPEED", "inf");
        command
    }

    /// The command against a platform on this machine, in which everything happens at once.
    pub(crate) fn at(&self, endpoint: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        command
            .env("OSC_ENDPOINT", endpoint)
            .env("OSC_SANDBOX_SPEED", "inf");
        command
    }

    pub(crate) fn run_at(&self, endpoint: &str, arguments: &[&str]) -> Run {
        Run::of(self.at(endpoint, arguments).output().unwrap())
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.in_sandbox(arguments).output().unwrap())
    }

    pub(crate) fn run_outside(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs with a text on standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        Run::with_input(self.in_sandbox(arguments), input)
    }

    /// Applies and expects that to work.
    pub(crate) fn applied(self) -> Self {
        self.run(&["apply", "--yes"]).ok();
        self
    }
}

impl Run {
    /// Of a command that is given a text on standard input.
    pub(crate) fn with_input(mut command: Command, input: &str) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        Self::of(child.wait_with_output().unwrap())
    }

    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// A token for the workspace `acme` that nobody signed: enough for what is checked offline.
pub(crate) fn token() -> String {
    token_saying(r#"{"tenantId":"acme","userId":"u","iat":1}"#)
}

/// The same with other claims.
pub(crate) fn token_saying(claims: &str) -> String {
    use base64::Engine;
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
    format!("e30.{payload}.c2ln")
}

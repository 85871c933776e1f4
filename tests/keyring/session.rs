use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

/// A desktop session without a desktop: a bus, and the keyring on it. Ends when dropped.
pub(crate) struct Session {
    processes: Vec<Child>,
    variables: Vec<(String, String)>,
    _runtime: TempDir,
}

impl Session {
    /// One whose keyring is below this home and open.
    pub(crate) fn unlocked(home: &Path) -> Self {
        let mut session = Self::locked(home);
        let mut keyring = session
            .command("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut password = keyring.stdin.take().unwrap();
        password.write_all(b"correct horse").unwrap();
        drop(password);
        session.processes.push(keyring);
        let deadline = Instant::now() + PATIENCE;
        while !session.has_keyring() {
            assert!(Instant::now() < deadline, "the keyring does not come");
            thread::sleep(Duration::from_millis(10));
        }
        session
    }

    /// One whose keyring nobody has opened, and which has nowhere to ask for its password.
    pub(crate) fn locked(home: &Path) -> Self {
        let runtime = tempfile::tempdir().unwrap();
        let path = std::env::var("PATH").unwrap();
        let variables = [
            ("HOME", home.display().to_string()),
            ("PATH", path),
            ("XDG_RUNTIME_DIR", runtime.path().display().to_string()),
        ];
        let mut session = Self {
            processes: Vec::new(),
            variables: variables
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            _runtime: runtime,
        };
        let mut bus = session
            .command("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        let mut said = BufReader::new(bus.stdout.take().unwrap());
        said.read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        session.processes.push(bus);
        session
            .variables
            .push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), address));
        session
    }

    /// The variables that lead to it.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        self.variables.clone()
    }

    /// The secrets of `osc-apply` in the keyring.
    pub(crate) fn secrets(&self) -> Vec<serde_json::Value> {
        let mut search = self.command("secret-tool");
        search.args(["search", "--all", "service", "osc-apply"]);
        let said = String::from_utf8(search.output().unwrap().stdout).unwrap();
        let secrets = said
            .lines()
            .filter_map(|line| line.strip_prefix("secret = "));
        secrets
            .map(|text| serde_json::from_str(text).unwrap())
            .collect()
    }

    fn has_keyring(&self) -> bool {
        let mut question = self.command("dbus-send");
        question.args(["--print-reply", "--dest=org.freedesktop.DBus", "/"]);
        question.args([
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.secrets",
        ]);
        let said = String::from_utf8(question.output().unwrap().stdout).unwrap();
        said.contains("boolean true")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        command.env_clear().envs(variables);
        command
    }
}

impl Drop for Session {
    /// The bus comes last: what it has started itself ends with it.
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

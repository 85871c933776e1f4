use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to start, on a machine that is busy with other tests.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A server that ends with the trial.
pub(crate) struct Server {
    pub(crate) port: u16,
    process: Child,
    _folder: TempDir,
}

impl Server {
    /// Starts it, again at another port where somebody else was faster, and waits until what
    /// listens at the port is as it should be.
    pub(crate) fn started(
        command: impl Fn(u16, &Path) -> Command,
        is_right: impl Fn(u16) -> bool,
    ) -> Self {
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            let folder = tempfile::tempdir().unwrap();
            run(Command::new("chown").arg(owner()).arg(folder.path()));
            let port = free_port();
            let log = folder.path().join("log");
            let mut command = command(port, folder.path());
            command.stdin(Stdio::null()).stdout(Stdio::null());
            command.stderr(std::fs::File::create(&log).unwrap());
            let mut server = Self {
                port,
                process: command.spawn().unwrap(),
                _folder: folder,
            };
            if server.becomes_right(&is_right, deadline) {
                return server;
            }
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            let _ = writeln!(std::io::stderr(), "it did not start: {said}");
        }
        panic!("it did not start in time");
    }

    fn becomes_right(&mut self, is_right: impl Fn(u16) -> bool, deadline: Instant) -> bool {
        while Instant::now() < deadline && self.process.try_wait().unwrap().is_none() {
            if is_right(self.port) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        false
    }
}

impl Drop for Server {
    /// Asks it to end, which also ends what it has started; insists after five seconds.
    fn drop(&mut self) {
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        for _ in 0..50 {
            if let Ok(Some(_)) = self.process.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A command as somebody who is not root: PostgreSQL and MariaDB do not run as root.
pub(crate) fn unprivileged(binary: &Path) -> Command {
    if !is_root() {
        return Command::new(binary);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    command.arg(binary);
    command
}

const NOBODY: &str = "65534";

fn owner() -> String {
    match is_root() {
        true => NOBODY.to_owned(),
        false => id(),
    }
}

fn is_root() -> bool {
    id() == "0"
}

fn id() -> String {
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    String::from_utf8(id).unwrap().trim().to_owned()
}

pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

/// A program on the search path or where Debian keeps servers.
pub(crate) fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    std::env::split_paths(&path)
        .chain(versions.map(|version| version.unwrap().path().join("bin")))
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// A port that nobody listens at, for now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::proxy::{Moment, Proxy};

/// `sandbox serve` with a world of its own, in which everything happens at once.
struct Served {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
    token: String,
}

impl Served {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_osc-apply"))
            .args(["sandbox", "serve", "--listen", "127.0.0.1:0"])
            .env_clear()
            .env("OSC_SANDBOX_DIR", folder.path().join("world"))
            .env("OSC_SANDBOX_SPEED", "inf")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut export = || {
            lines
                .next()
                .unwrap()
                .unwrap()
                .split_once('=')
                .unwrap()
                .1
                .to_owned()
        };
        let (endpoint, token) = (export(), export());
        Self {
            address: endpoint.strip_prefix("http://").unwrap().parse().unwrap(),
            child,
            folder,
            token,
        }
    }

    /// A command against the platform at an address.
    fn command(&self, at: SocketAddr, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_osc-apply"));
        command
            .args(arguments)
            .arg("--file")
            .arg(manifest())
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("OSC_ENDPOINT", format!("http://{at}"))
            .env("OSC_ACCESS_TOKEN", &self.token)
            .env("OSC_SANDBOX_SPEED", "inf")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, at: SocketAddr, arguments: &[&str]) -> String {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(at, arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&stderr);
        assert_eq!(status.code(), Some(0), "{arguments:?}: {stderr}");
        String::from_utf8(stdout).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn manifest() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/wordpress.yaml")
}

/// Kills an apply at this moment; the next one finishes, and each instance is there once.
fn survives(moment: Moment) {
    let served = Served::start();
    let proxy = Proxy::to(served.address, Some(moment));
    let mut apply = served
        .command(proxy.address, &["apply", "--yes"])
        .spawn()
        .unwrap();
    proxy.until_stopped();
    apply.kill().unwrap();
    apply.wait().unwrap();
    served.run(served.address, &["apply", "--yes"]);
    served.run(served.address, &["plan", "--detailed-exitcode"]);
    let status = served.run(served.address, &["status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let all = status["instances"].as_array().unwrap();
    let running = all.iter().filter(|it| it["state"] == "running").count();
    assert_eq!((all.len(), running), (2, 2), "{moment:?}: {status}");
}

#[test]
fn the_command_killed_at_any_request_is_finished_by_the_next() {
    let served = Served::start();
    let proxy = Proxy::to(served.address, None);
    served.run(proxy.address, &["apply", "--yes"]);
    let requests = proxy.counted();
    assert!(requests > 10, "{requests}");
    for request in 0..requests {
        survives(Moment::Before(request));
        survives(Moment::After(request));
    }
}

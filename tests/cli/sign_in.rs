//! Signing in with the real command and a browser that is none.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;
use url::Url;

use crate::browser::{Browser, Page};
use crate::workspace::{Run, Workspace};

/// A `login` that waits for its browser; ended when dropped.
pub(crate) struct Waiting {
    child: Child,
    stderr: BufReader<ChildStderr>,
    told: String,
    /// The address that it wants opened.
    pub(crate) url: Url,
}

/// The two workspaces of a sandbox.
pub(crate) const FIRST: &str = "sandbox";
pub(crate) const SECOND: &str = "sandbox-two";

impl Waiting {
    /// `login` at this endpoint, with these arguments.
    pub(crate) fn login(workspace: &Workspace, endpoint: &str, arguments: &[&str]) -> Self {
        let mut command = workspace.at(endpoint, &["login", "--no-browser"]);
        command.args(arguments);
        Self::of(command)
    }

    /// A command that signs in, once it waits.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut waiting = Self {
            stderr: BufReader::new(child.stderr.take().unwrap()),
            child,
            told: String::new(),
            url: Url::parse("about:blank").unwrap(),
        };
        waiting.url = waiting.address();
        waiting
    }

    /// Reads on until the address is told.
    fn address(&mut self) -> Url {
        loop {
            let start = self.told.len();
            let length = self.stderr.read_line(&mut self.told).unwrap();
            assert!(length > 0, "it does not wait: {}", self.told);
            let line = &self.told[start..];
            if let Some(url) = line
                .strip_prefix("  ")
                .filter(|url| url.starts_with("http"))
            {
                return Url::parse(url.trim_end()).unwrap();
            }
        }
    }

    /// A parameter of the address.
    pub(crate) fn parameter(&self, name: &str) -> String {
        parameter(&self.url, name)
    }

    /// The port that it waits at.
    pub(crate) fn port(&self) -> u16 {
        let redirect = Url::parse(&self.parameter("redirect_uri")).unwrap();
        redirect.port().unwrap()
    }

    /// The address of its callback with this in its query.
    pub(crate) fn callback(&self, query: &str) -> Url {
        let redirect = self.parameter("redirect_uri");
        Url::parse(&format!("{redirect}?{query}")).unwrap()
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Allows access to this workspace in a browser of its own.
    pub(crate) fn allow(&self, workspace: &str) -> Page {
        Browser::default().allow(&self.url, workspace)
    }

    /// How it ends.
    pub(crate) fn end(mut self) -> Run {
        let (mut stdout, mut stderr) = (String::new(), std::mem::take(&mut self.told));
        self.stderr.read_to_string(&mut stderr).unwrap();
        let mut out = self.child.stdout.take().unwrap();
        out.read_to_string(&mut stdout).unwrap();
        let status = self.child.wait().unwrap();
        Run {
            code: status.code().unwrap_or(-1),
            stdout,
            stderr,
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A parameter of an address's query.
pub(crate) fn parameter(url: &Url, name: &str) -> String {
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(key, _)| key == name);
    found.unwrap().1.into_owned()
}

/// Signs in to a workspace of the sandbox and expects that to work.
pub(crate) fn sign_in(workspace: &Workspace, endpoint: &str, to: &str) -> Run {
    sign_in_with(workspace, endpoint, to, &[])
}

/// The same with more arguments.
pub(crate) fn sign_in_with(
    workspace: &Workspace,
    endpoint: &str,
    to: &str,
    arguments: &[&str],
) -> Run {
    let waiting = Waiting::login(workspace, endpoint, arguments);
    let page = waiting.allow(to);
    assert_eq!(page.status, 200, "{}", page.text);
    waiting.end().ok()
}

/// The folder of the sign-ins of somebody whose home is this workspace.
pub(crate) fn store(workspace: &Workspace) -> PathBuf {
    workspace.path().join(".local/share/osc-apply/sign-ins")
}

/// The files that hold a sign-in.
pub(crate) fn kept_files(workspace: &Workspace) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(store(workspace)) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| !path.ends_with("lock") && !path.ends_with("index.json"))
        .collect()
}

/// What is kept of the only sign-in.
pub(crate) fn kept(workspace: &Workspace) -> Value {
    let files = kept_files(workspace);
    assert_eq!(files.len(), 1, "{files:?}");
    serde_json::from_str(&std::fs::read_to_string(&files[0]).unwrap()).unwrap()
}

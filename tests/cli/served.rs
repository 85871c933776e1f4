use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::workspace::{Run, Workspace};

/// `sandbox serve` on a port of the system's choice; stopped when dropped.
pub(crate) struct Served {
    child: Child,
    /// For `OSC_ENDPOINT`.
    pub(crate) endpoint: String,
    /// For `OSC_ACCESS_TOKEN`.
    pub(crate) token: String,
}

/// The folder in a workspace in which its served sandbox keeps its world.
pub(crate) const WORLD: &str = "served";

/// The file in a workspace in which its served sandbox says what it has to say.
pub(crate) const LOG: &str = "served.log";

impl Served {
    /// One in which everything happens at once.
    pub(crate) fn start(workspace: &Workspace) -> Self {
        Self::with(workspace, &[])
    }

    /// The same with more arguments.
    pub(crate) fn with(workspace: &Workspace, arguments: &[&str]) -> Self {
        Self::at_speed(workspace, "inf", arguments)
    }

    pub(crate) fn at_speed(workspace: &Workspace, speed: &str, arguments: &[&str]) -> Self {
        let mut command = Self::command(workspace, speed, arguments);
        command.stderr(File::create(workspace.path().join(LOG)).unwrap());
        Self::of(command)
    }

    /// The command that serves one.
    pub(crate) fn command(workspace: &Workspace, speed: &str, arguments: &[&str]) -> Command {
        let mut command = workspace.command(&["sandbox", "serve", "--listen", "127.0.0.1:0"]);
        command
            .args(["--sandbox-speed", speed])
            .args(arguments)
            .env("OSC_SANDBOX_DIR", workspace.path().join(WORLD));
        command
    }

    /// What this command serves.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            endpoint: export(&mut lines, "OSC_ENDPOINT"),
            token: export(&mut lines, "OSC_ACCESS_TOKEN"),
            child,
        }
    }

    /// A command of somebody who is given the token.
    pub(crate) fn run(&self, workspace: &Workspace, arguments: &[&str]) -> Run {
        let mut command = workspace.at(&self.endpoint, arguments);
        command.env("OSC_ACCESS_TOKEN", &self.token);
        Run::of(command.output().unwrap())
    }
}

fn export(lines: &mut Lines<BufReader<ChildStdout>>, name: &str) -> String {
    let line = lines.next().unwrap().unwrap();
    let value = line.strip_prefix(&format!("export {name}="));
    value.unwrap().to_owned()
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

use std::path::Path;
use std::process::Command;

use super::server::{installed, run, unprivileged};

pub(crate) fn redis(binary: &Path, port: u16, more: &[&str]) -> Command {
    let mut command = unprivileged(binary);
    command.args(["--port", &port.to_string(), "--save", ""]);
    command.args(["--bind", "127.0.0.1"]).args(more);
    command
}

pub(crate) fn postgresql(binary: &Path, port: u16, folder: &Path) -> Command {
    let data = folder.join("data");
    let initdb = binary.canonicalize().unwrap().with_file_name("initdb");
    let mut initialize = unprivileged(&initdb);
    initialize.arg("-D").arg(&data);
    run(initialize.args([
        "-N",
        "-U",
        "acme",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
    ]));
    let mut command = unprivileged(binary);
    command.arg("-D").arg(data).arg("-k").arg(folder);
    command.args(["-p", &port.to_string(), "-h", "127.0.0.1", "-F"]);
    command
}

/// One that is being restored and lets nobody in meanwhile.
pub(crate) fn postgresql_without_connections(binary: &Path, port: u16, folder: &Path) -> Command {
    let mut command = postgresql(binary, port, folder);
    std::fs::write(folder.join("data/standby.signal"), "").unwrap();
    command.args(["-c", "hot_standby=off"]);
    command
}

pub(crate) fn mariadb(binary: &Path, port: u16, folder: &Path) -> Command {
    let data = format!("--datadir={}", folder.join("data").display());
    let install = installed("mariadb-install-db").expect("it comes with the server");
    run(unprivileged(&install).args(["--no-defaults", "--skip-test-db", &data]));
    let mut command = unprivileged(binary);
    command.args(["--no-defaults", &data, "--bind-address=127.0.0.1"]);
    command.arg(format!("--port={port}"));
    command.arg(format!("--socket={}", folder.join("socket").display()));
    command.arg(format!("--pid-file={}", folder.join("pid").display()));
    command
}

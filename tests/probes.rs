//! The questions asked at bare ports, put to real servers.
//!
//! Each trial starts its server itself, in a folder and at a port of its own, and is reported as
//! ignored where the server is not installed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::Future;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libtest_mimic::{Arguments, Completion, Trial};
use osc_apply::model::{Level, Port};
use osc_apply::osc::{
    Claims, Clock, Dialer, HostOverrides, Hosts, Instance, Network, ReadApi, Session, Subscription,
};
use osc_apply::probe::{Subject, Verdict, look};
use secrecy::SecretString;
use tempfile::TempDir;

const REDIS: &str = "valkey-io-valkey";
const POSTGRESQL: &str = "birme-osc-postgresql";
const MARIADB: &str = "linuxserver-docker-mariadb";
const ALL: [&str; 3] = [REDIS, POSTGRESQL, MARIADB];

/// How long a server may take to start, on a machine that is busy with other tests.
const START_LIMIT: Duration = Duration::from_secs(60);

fn main() {
    let trials = vec![
        needing("redis-server", "redis_is_usable", |binary| {
            is_usable(REDIS, |port, _| redis(binary, port, &[]));
        }),
        needing(
            "redis-server",
            "redis_with_a_password_is_usable",
            |binary| {
                let password = ["--requirepass", "hunter2"];
                is_usable(REDIS, |port, _| redis(binary, port, &password));
            },
        ),
        needing("postgres", "postgresql_is_usable", |binary| {
            is_usable(POSTGRESQL, |port, folder| postgresql(binary, port, folder));
        }),
        needing("mariadbd", "mariadb_is_usable", |binary| {
            is_usable(MARIADB, |port, folder| mariadb(binary, port, folder));
        }),
        trial("a_port_that_nobody_listens_at_is_unreachable", || {
            for service in ALL {
                let verdict = wait_for(looked(service, free_port()));
                assert!(matches!(verdict, Verdict::Unreachable(_)), "{verdict:?}");
            }
        }),
        trial("a_web_server_is_nothing_else", || {
            let page = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
            none_of(&ALL, listener(page));
        }),
        trial("whoever_hangs_up_is_not_usable", || {
            none_of(&ALL, listener(b""))
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A trial that is ignored where `server` is not installed.
fn needing(server: &'static str, name: &str, run: fn(&Path)) -> Trial {
    Trial::ignorable_test(name, move || match installed(server) {
        Some(binary) => {
            run(&binary);
            Ok(Completion::Completed)
        }
        None => Ok(Completion::ignored_with(format!(
            "{server} is not installed"
        ))),
    })
}

fn trial(name: &str, run: fn()) -> Trial {
    Trial::test(name, move || {
        run();
        Ok(())
    })
}

/// Starts a server, which must become usable as `service` and as nothing else.
fn is_usable(service: &str, command: impl Fn(u16, &Path) -> Command) {
    let server = Server::started(service, command);
    let others: Vec<&str> = ALL.into_iter().filter(|it| *it != service).collect();
    none_of(&others, server.port);
}

/// What listens at the port is none of these services.
fn none_of(services: &[&str], port: u16) {
    std::thread::scope(|threads| {
        for service in services {
            threads.spawn(move || {
                let verdict = wait_for(looked(service, port));
                assert!(
                    matches!(verdict, Verdict::Wrong(_)),
                    "{service}: {verdict:?}"
                );
            });
        }
    });
}

async fn looked(service: &str, port: u16) -> Verdict {
    let pat = [r#"{"alg":"x"}"#, r#"{"tenantId":"acme"}"#, "x"];
    let pat = SecretString::from(pat.map(|part| URL_SAFE_NO_PAD.encode(part)).join("."));
    let session = Session::new(
        Hosts::new("prod", &HostOverrides::default()).unwrap(),
        pat.clone(),
        Claims::of(&pat).unwrap(),
        Arc::new(Network::new(Dialer::System, "0")),
        Clock::starting_at(SystemTime::now()),
    );
    let subject = Subject {
        api: &ReadApi::new(Arc::new(session)),
        subscription: &Subscription {
            service: service.to_owned(),
            api_url: "https://api-a.osaas.io/a".parse().unwrap(),
        },
        instance: &Instance {
            name: "a".into(),
            id: None,
            url: None,
            has_page: false,
            options: Default::default(),
            can_update: false,
            links: None,
        },
        ports: Some(&[Port {
            ip: "127.0.0.1".into(),
            port,
            internal: 1,
        }]),
        probe: None,
    };
    look(&subject, Level::Usable).await
}

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// A server that ends with the trial.
struct Server {
    port: u16,
    process: Child,
    _folder: TempDir,
}

impl Server {
    /// Starts it, again at another port where somebody else was faster, and waits until it is
    /// usable.
    fn started(service: &str, command: impl Fn(u16, &Path) -> Command) -> Self {
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
            if server.becomes_usable(service, deadline) {
                return server;
            }
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            let _ = writeln!(std::io::stderr(), "{service} did not start: {said}");
        }
        panic!("{service} did not start in time");
    }

    fn becomes_usable(&mut self, service: &str, deadline: Instant) -> bool {
        while Instant::now() < deadline && self.process.try_wait().unwrap().is_none() {
            if wait_for(looked(service, self.port)) == Verdict::Passed {
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

fn redis(binary: &Path, port: u16, more: &[&str]) -> Command {
    let mut command = unprivileged(binary);
    command.args(["--port", &port.to_string(), "--save", ""]);
    command.args(["--bind", "127.0.0.1"]).args(more);
    command
}

fn postgresql(binary: &Path, port: u16, folder: &Path) -> Command {
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

fn mariadb(binary: &Path, port: u16, folder: &Path) -> Command {
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

/// A command as somebody who is not root: PostgreSQL and MariaDB do not run as root.
fn unprivileged(binary: &Path) -> Command {
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

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

/// A program on the search path or where Debian keeps servers.
fn installed(name: &str) -> Option<PathBuf> {
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

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The port of somebody who says this to whoever connects, and hangs up.
fn listener(says: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let _ = connection.unwrap().write_all(says);
        }
    });
    port
}

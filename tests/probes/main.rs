//! The questions asked at bare ports, put to real servers.
//!
//! Each trial starts its server itself, in a folder and at a port of its own, and is reported as
//! ignored where the server is not installed.
//!
//! - `server`: a process that is waited for and ended, `programs`: how each server is started
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::Future;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libtest_mimic::{Arguments, Completion, Trial};
use osc_apply::model::{Level, Port};
use osc_apply::osc::{
    Claims, Clock, Dialer, HostOverrides, Hosts, Instance, Network, ReadApi, Session, Subscription,
};
use osc_apply::probe::{Subject, Verdict, look};
use secrecy::SecretString;

mod programs;
mod server;

use programs::{mariadb, postgresql, postgresql_without_connections, redis};
use server::{Server, free_port, installed};

const REDIS: &str = "valkey-io-valkey";
const POSTGRESQL: &str = "birme-osc-postgresql";
const MARIADB: &str = "linuxserver-docker-mariadb";
const ALL: [&str; 3] = [REDIS, POSTGRESQL, MARIADB];

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
        needing(
            "postgres",
            "postgresql_that_takes_no_connections_yet_is_quoted",
            |binary| {
                let command =
                    |port, folder: &Path| postgresql_without_connections(binary, port, folder);
                Server::started(command, |port| match wait_for(looked(POSTGRESQL, port)) {
                    Verdict::Passed => panic!("it takes no connections"),
                    Verdict::Wrong(words) => words.contains("57P03"),
                    Verdict::Unreachable(_) => false,
                });
            },
        ),
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
    let server = Server::started(command, |port| {
        wait_for(looked(service, port)) == Verdict::Passed
    });
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
            can_restart: false,
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

use std::collections::BTreeSet;
use std::process::Child;

use crate::proxy::{Moment, Proxy};
use crate::served::{Browser, Home, Run, Served};

/// A sign-in that every command renews, behind a proxy.
struct Bench {
    served: Served,
    proxy: Proxy,
    home: Home,
}

impl Bench {
    fn new() -> Self {
        let served = Served::with_tokens_for("30s");
        let proxy = Proxy::to(served.address, None);
        let home = Home::at(format!("http://{}", proxy.address));
        let bench = Self {
            served,
            proxy,
            home,
        };
        bench.sign_in();
        bench
    }

    fn sign_in(&self) {
        let login = self.home.login();
        Browser::default().allow(&login.url, "sandbox");
        login.end().exits(0);
    }

    fn whoami(&self) -> Child {
        self.home.command(&["whoami"]).spawn().unwrap()
    }

    /// The requests for new tokens that have come.
    fn renewals(&self) -> Vec<String> {
        let mut requests = self.proxy.requests();
        requests.retain(|request| request.contains("grant_type=refresh_token"));
        requests
    }

    /// Has the proxy stop at the next request, before it is passed on or before its answer is.
    fn stop_at_next(&self, moment: fn(usize) -> Moment) {
        self.proxy.stop_at(moment(self.proxy.requests().len()));
    }

    /// Kills a command at that moment of its renewal.
    fn kill_at_next(&self, moment: fn(usize) -> Moment) {
        self.stop_at_next(moment);
        let before = self.renewals().len();
        let mut command = self.whoami();
        self.proxy.until_stopped();
        command.kill().unwrap();
        command.wait().unwrap();
        assert_eq!(self.renewals().len(), before + 1);
    }
}

fn end(command: Child) -> Run {
    Run::of(command.wait_with_output().unwrap())
}

#[test]
fn commands_at_once_renew_one_after_the_other() {
    let bench = Bench::new();
    let commands: Vec<Child> = (0..4).map(|_| bench.whoami()).collect();
    for command in commands {
        end(command).exits(0);
    }
    let renewals = bench.renewals();
    let bodies = renewals
        .iter()
        .map(|it| it.split_once("\r\n\r\n").unwrap().1);
    let different: BTreeSet<&str> = bodies.collect();
    assert_eq!((renewals.len(), different.len()), (4, 4));
    end(bench.whoami()).exits(0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_command_that_waits_for_the_renewal_of_another_asks_for_none() {
    let mut bench = Bench::new();
    bench.served.change_lifetime("1h");
    bench.stop_at_next(Moment::After);
    let first = bench.whoami();
    let answer = bench.proxy.until_stopped();
    let second = bench.whoami();
    until_it_waits_for_the_lock(&second);
    answer.go_on();
    end(first).exits(0);
    end(second).exits(0);
    assert_eq!(bench.renewals().len(), 1);
    end(bench.whoami()).exits(0);
}

#[cfg(target_os = "linux")]
fn until_it_waits_for_the_lock(command: &Child) {
    let files = format!("/proc/{}/fd", command.id());
    let has_lock = || {
        let files = std::fs::read_dir(&files).unwrap();
        let mut targets = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
        targets.any(|target| target.ends_with("sign-ins/lock"))
    };
    while !has_lock() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn killed_before_the_server_is_asked_nothing_is_lost() {
    let bench = Bench::new();
    bench.kill_at_next(Moment::Before);
    end(bench.whoami()).exits(0);
}

#[test]
fn killed_before_the_answer_is_kept_the_next_command_says_so() {
    let bench = Bench::new();
    bench.kill_at_next(Moment::After);
    let said = end(bench.whoami()).exits(4).stderr;
    assert!(
        said.contains("was interrupted before its answer was kept"),
        "{said}"
    );
    assert!(said.contains("run `osc-apply login`"), "{said}");
    bench.sign_in();
    end(bench.whoami()).exits(0);
}

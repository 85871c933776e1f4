//! How long an apply takes against the critical path of its instances' readiness times, how many
//! requests it sends, and how much memory it takes.
//!
//! Times are virtual, so they are exact and the same on every machine. As a test, the ratios and
//! the memory are held against their limits; as a benchmark, they are printed, too.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

#[path = "../tests/rig/mod.rs"]
mod rig;

#[path = "../tests/chaos/dice.rs"]
#[allow(dead_code, reason = "the chaos tests use all of it")]
mod dice;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use dice::Dice;
use osc_apply::sandbox::{Rules, Timing};
use rig::{Platform, Rig, Seen, Then};

const MEMORY: u64 = 100;

fn main() {
    let shows = std::env::args().any(|argument| argument == "--bench");
    // First, because what is measured is the peak of the whole process.
    let memory = on_a_paused_clock(peak_of_a_thousand());
    let mut table = String::new();
    for (creates, limit) in [(0, true), (2, false)] {
        let one = Row::of(1, 40, creates);
        let many = Row::of(50, 8, creates);
        writeln!(table, "{one}\n{many}").unwrap();
        if limit {
            assert!(one.worst() <= 1.05, "{one}");
            assert!(many.worst() <= 1.10, "{many}");
        }
    }
    if shows {
        println!("stacks  of  create   worst    mean   health polls/instance  requests/instance");
        println!("{table}");
    }
    match memory {
        Some(peak) if shows => println!("peak memory of 1000 instances: {peak} MB"),
        Some(peak) => assert!(peak < MEMORY, "{peak} MB"),
        None => {}
    }
}

/// A stack as a graph: what each instance needs, and how long it takes until it is healthy.
struct Graph(Vec<(Vec<usize>, Duration)>);

impl Graph {
    fn random(dice: &mut Dice, size: usize, from: u64, to: u64) -> Self {
        let one = |number: usize| {
            let needs = (0..dice.below(3)).filter(|_| number > 0);
            let needs = needs.map(|_| 0).collect::<Vec<usize>>();
            let needs = needs.iter().map(|_| dice.below(number)).collect();
            (needs, dice.seconds(from, to))
        };
        Self((0..size).map(one).collect())
    }

    fn yaml(&self) -> String {
        let mut yaml = "instances:\n".to_owned();
        for (number, (needs, _)) in self.0.iter().enumerate() {
            let needs: Vec<String> = needs.iter().map(|on| format!("instances.k{on}")).collect();
            let needs = needs.join(", ");
            writeln!(
                yaml,
                "  k{number}: {{ service: eyevinn-live-encoding, depends_on: [{needs}], ready: \
                 {{ level: healthy }} }}"
            )
            .unwrap();
        }
        yaml
    }

    /// The longest time that any chain of needs takes.
    fn critical_path(&self) -> Duration {
        let mut ends: Vec<Duration> = Vec::new();
        for (needs, takes) in &self.0 {
            let begins = needs.iter().map(|on| ends[*on]).max().unwrap_or_default();
            ends.push(begins + *takes);
        }
        ends.into_iter().max().unwrap()
    }

    /// Makes each instance healthy when its time has come.
    fn weather(self) -> impl FnMut(&Seen) -> Option<Then> + Send + 'static {
        let mut created: HashMap<String, Duration> = HashMap::new();
        move |seen| {
            if let Some(name) = seen.line.split("/health/").nth(1) {
                let number: usize = name[1..].parse().unwrap();
                let healthy = created[name] + self.0[number].1;
                return (seen.from < healthy).then(|| Then::health("starting"));
            }
            if let Some(rest) = seen.body.strip_prefix(r#"{"name":""#) {
                let name = rest.split('"').next().unwrap();
                created.insert(name.to_owned(), seen.from);
            }
            None
        }
    }
}

fn platform(creates: u64) -> Arc<Platform> {
    Platform::new(Rules {
        timing: Timing {
            create_takes: Duration::from_secs(creates),
            healthy_after: Duration::ZERO,
            ..Timing::default()
        },
        ..Rules::default()
    })
}

/// What stacks of one size took.
struct Row {
    size: usize,
    creates: u64,
    ratios: Vec<f64>,
    polls: usize,
    requests: usize,
}

impl Row {
    fn of(stacks: u64, size: usize, creates: u64) -> Self {
        let mut row = Self {
            size,
            creates,
            ratios: Vec::new(),
            polls: 0,
            requests: 0,
        };
        for seed in 0..stacks {
            on_a_paused_clock(row.add(seed));
        }
        row
    }

    async fn add(&mut self, seed: u64) {
        let graph = Graph::random(&mut Dice::of(seed), self.size, 20, 60);
        let rig = Rig::on(&platform(self.creates));
        let (yaml, path) = (graph.yaml(), graph.critical_path());
        rig.platform.weather(graph.weather());
        let plan = rig.plan(&yaml).await;
        rig.platform.take_seen();
        let run = rig.apply_plan(plan).await;
        run.assert_good();
        self.ratios
            .push(run.outcome.took.as_secs_f64() / path.as_secs_f64());
        self.polls += rig.platform.count("/health/");
        self.requests += rig.platform.lines().len();
        assert_no_two_pollers(&rig.platform.take_seen());
    }

    fn worst(&self) -> f64 {
        self.ratios.iter().copied().fold(0.0, f64::max)
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let stacks = self.ratios.len();
        let mean = self.ratios.iter().sum::<f64>() / stacks as f64;
        let each = |total: usize| total as f64 / (stacks * self.size) as f64;
        write!(
            f,
            "{stacks:6} {:3} {:5} s {:7.4} {mean:7.4} {:23.1} {:18.1}",
            self.size,
            self.creates,
            self.worst(),
            each(self.polls),
            each(self.requests),
        )
    }
}

/// Between two health checks of one instance there is at least the shortest pause, less the fifth
/// by which waits part ways.
fn assert_no_two_pollers(all: &[Seen]) {
    let mut last: HashMap<&str, Duration> = HashMap::new();
    for seen in all.iter().filter(|seen| seen.line.contains("/health/")) {
        if let Some(before) = last.insert(&seen.line, seen.to.unwrap()) {
            assert!(seen.from >= before + Duration::from_millis(800), "{seen}");
        }
    }
}

/// The most memory, in MB, that this process took for an apply of a thousand instances, the
/// emulator's own among it; nothing where the system does not tell.
async fn peak_of_a_thousand() -> Option<u64> {
    let graph = Graph::random(&mut Dice::of(1000), 1000, 5, 15);
    let rig = Rig::on(&platform(0));
    rig.platform.remember_nothing();
    let yaml = graph.yaml();
    rig.platform.weather(graph.weather());
    rig.apply(&yaml).await.assert_good();
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = peak.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes / 1024)
}

fn on_a_paused_clock<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(test)
}

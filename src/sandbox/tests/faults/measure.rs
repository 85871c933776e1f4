use super::cache_under;
use crate::sandbox::tests::client::{Client, VALKEY};
use crate::sandbox::{Fault, FaultKind, Faults};

/// Which of so many reads are answered badly.
fn bad_reads(client: &mut Client, reads: usize) -> Vec<bool> {
    (0..reads)
        .map(|_| client.get(VALKEY, "a").status != 200)
        .collect()
}

#[test]
fn a_fault_strikes_once_unless_told_otherwise() {
    assert_eq!(
        bad_reads(&mut cache_under("read-502"), 3),
        [true, false, false]
    );
    assert_eq!(
        bad_reads(&mut cache_under("read-502:count=2,after=1"), 4),
        [false, true, true, false]
    );
    assert_eq!(
        bad_reads(&mut cache_under("read-502:count=0"), 2),
        [false, false]
    );
}

#[test]
fn what_makes_no_difference_has_not_struck() {
    let mut client = cache_under("read-absent");
    assert_eq!(client.get(VALKEY, "b").status, 404);
    assert_eq!(client.faults.struck(), 0);
    assert_eq!(client.get(VALKEY, "a").status, 404);
    assert_eq!(client.faults.struck(), 1);
    assert_eq!(client.get(VALKEY, "a").status, 200);
    assert_eq!(client.faults.struck(), 1);
}

#[test]
fn a_probability_strikes_about_as_often_and_the_same_every_time() {
    let strikes = |fault: &str| bad_reads(&mut cache_under(fault), 400);
    let quarter = strikes("read-502:probability=0.25,seed=7");
    let struck = quarter.iter().filter(|struck| **struck).count();
    assert!((70..130).contains(&struck), "{struck}");
    assert_eq!(strikes("read-502:probability=0.25,seed=7"), quarter);
    assert_ne!(strikes("read-502:probability=0.25,seed=8"), quarter);
    assert_eq!(strikes("read-502:probability=0"), [false; 400]);
    assert_eq!(strikes("read-502:probability=1"), [true; 400]);
}

#[test]
fn faults_without_a_seed_draw_on_the_common_one_and_each_its_own_numbers() {
    let strikes = |seed: u64| {
        let mut client = cache_under("slow:count=0");
        let fault: Fault = "read-502:probability=0.5,target=valkey-io-valkey/a"
            .parse()
            .unwrap();
        client.faults = Faults::new([fault.clone()], seed);
        let first = bad_reads(&mut client, 100);
        let unused: Fault = "limit".parse().unwrap();
        client.faults = Faults::new([unused, fault], seed);
        (first, bad_reads(&mut client, 100))
    };
    assert_eq!(strikes(1), strikes(1));
    assert_ne!(strikes(1), strikes(2));
    assert_ne!(strikes(1).0, strikes(1).1);
}

#[test]
fn a_fault_strikes_only_what_it_is_aimed_at() {
    for (target, bad) in [
        ("valkey-io-valkey", true),
        ("valkey-io-valkey/a", true),
        ("valkey-io-valkey/b", false),
        ("minio-minio", false),
        ("catalog", false),
    ] {
        let fault = format!("read-502:target={target}");
        assert_eq!(bad_reads(&mut cache_under(&fault), 1), [bad], "{target}");
    }
}

#[test]
fn the_first_fault_of_the_list_that_strikes_is_the_only_one() {
    let mut client = cache_under("limit");
    client.suffer(["read-502", "read-503:count=2"]);
    let statuses: Vec<u16> = (0..4)
        .map(|_| client.get(VALKEY, "a").status.as_u16())
        .collect();
    assert_eq!(statuses, [502, 503, 503, 200]);
}

#[test]
fn every_fault_is_listed_with_what_it_takes() {
    for kind in FaultKind::all() {
        assert!(kind.name.parse::<Fault>().is_ok(), "{}", kind.name);
        let kebab = |it: u8| it == b'-' || it.is_ascii_lowercase() || it.is_ascii_digit();
        assert!(kind.name.bytes().all(kebab), "{}", kind.name);
        assert!(!kind.summary.is_empty() && !kind.summary.contains('\n'));
        let takes_a_time = kind.keys().any(|key| key == "for");
        assert!(
            takes_a_time || kind.default_duration().is_none(),
            "{}",
            kind.name
        );
        let same = FaultKind::all().filter(|other| other.name == kind.name);
        assert_eq!(same.count(), 1, "{}", kind.name);
    }
}

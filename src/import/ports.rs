use std::net::Ipv4Addr;

use super::Subject;
use crate::model::OptionValue;

/// Which of the instances others may refer to by ip and port, so that their ports have to be
/// read: all that run, where some other instance's option holds an ip, and otherwise those whose
/// name inside the cluster stands in one.
pub fn ports_wanted(subjects: &[Subject]) -> Vec<bool> {
    let hold_ip: Vec<bool> = subjects
        .iter()
        .map(|subject| texts(subject).any(holds_ip))
        .collect();
    let wanted = subjects.iter().enumerate().map(|(at, subject)| {
        let others = || {
            let all = subjects.iter().enumerate();
            all.filter(move |(other, _)| *other != at)
        };
        let internal = format!("-{}.{}.svc.cluster.local", subject.name, subject.service.id);
        let runs = subject.suspended.is_none();
        runs && others()
            .any(|(other, it)| hold_ip[other] || texts(it).any(|text| text.contains(&internal)))
    });
    wanted.collect()
}

fn texts(subject: &Subject) -> impl Iterator<Item = &str> {
    subject.options.values().map(OptionValue::expose)
}

fn holds_ip(text: &str) -> bool {
    let numbers = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    numbers
        .map(|it| it.trim_matches('.'))
        .any(|number| number.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::tests::subject;
    use super::*;

    fn wanted(url: &str) -> Vec<bool> {
        ports_wanted(&[
            subject("eyevinn-app-config-svc", "store", &[("RedisUrl", url)]),
            subject("minio-minio", "files", &[]),
            subject("valkey-io-valkey", "queue", &[]),
        ])
    }

    #[test]
    fn nobody_is_asked_for_ports_where_no_option_holds_an_address() {
        assert_eq!(wanted("redis://queue.example:6379"), [false; 3]);
        assert_eq!(wanted("1.2.3"), [false; 3]);
    }

    #[test]
    fn an_ip_may_be_that_of_any_other_instance() {
        assert_eq!(wanted("redis://u:p@203.0.113.9:6379"), [false, true, true]);
    }

    #[test]
    fn a_name_inside_the_cluster_is_that_of_one() {
        let url = "redis://acme-queue.valkey-io-valkey.svc.cluster.local:6379";
        assert_eq!(wanted(url), [false, false, true]);
    }
}

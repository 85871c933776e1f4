use std::collections::{BTreeSet, HashMap};

use super::Subject;

/// The longest name that expressions can use.
const MAX_KEY: usize = 64;

/// Words of a service's id that say little about it.
const VAGUE: &[&str] = &[
    "api", "app", "docker", "io", "osc", "server", "service", "svc", "web",
];

/// A key for each instance: its name where no other has that, else with a word for its service.
pub(super) fn instance_keys(subjects: &[Subject]) -> Vec<String> {
    let mut holders: HashMap<&str, usize> = HashMap::new();
    for subject in subjects {
        *holders.entry(subject.name.as_str()).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    let keys = subjects.iter().map(|subject| {
        let (name, id) = (subject.name.as_str(), subject.service.id.as_str());
        let alone = holders.get(name) == Some(&1);
        let candidates = [
            alone.then(|| name.to_owned()),
            Some(format!("{}_{name}", short_word(id))),
            Some(format!("{}_{name}", id.replace('-', "_"))),
        ];
        let fitting = candidates.into_iter().flatten();
        let fitting = fitting.filter(|key| is_key(key));
        first_free(fitting, "instance", &mut taken)
    });
    keys.collect()
}

/// A key for a secret, after the first option that has it.
pub(super) fn secret_key(instance: &str, option: &str, taken: &mut BTreeSet<String>) -> String {
    let letters = option.chars().map(|c| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() => c,
        _ => '_',
    });
    let option: String = letters.collect();
    let key = Some(format!("{instance}_{option}")).filter(|key| is_key(key));
    first_free(key.into_iter(), "secret", taken)
}

/// The environment variable for a secret; none of those that osc-apply itself reads.
pub(super) fn variable(key: &str) -> String {
    let upper = key.to_ascii_uppercase();
    match upper.starts_with("OSC_") || upper.starts_with("CLIENT_") {
        true => format!("SECRET_{upper}"),
        false => upper,
    }
}

/// The first that is not taken, else the last with a number.
fn first_free(
    candidates: impl Iterator<Item = String>,
    otherwise: &str,
    taken: &mut BTreeSet<String>,
) -> String {
    let mut last = otherwise.to_owned();
    for candidate in candidates {
        if taken.insert(candidate.clone()) {
            return candidate;
        }
        last = candidate;
    }
    last.truncate(MAX_KEY - 8);
    let mut number = 2_usize;
    loop {
        let key = format!("{last}_{number}");
        if taken.insert(key.clone()) {
            return key;
        }
        number += 1;
    }
}

/// The last word of a service's id that says what it is: `valkey` of `valkey-io-valkey`.
fn short_word(id: &str) -> String {
    let mut words = id.rsplit('-').filter(|word| !VAGUE.contains(word));
    words.next().unwrap_or(id).replace('-', "_")
}

fn is_key(name: &str) -> bool {
    name.len() <= MAX_KEY
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::super::tests::subject;
    use super::*;

    fn keys(subjects: &[(&str, &str)]) -> Vec<String> {
        let subjects: Vec<Subject> = subjects
            .iter()
            .map(|(service, name)| subject(service, name, &[]))
            .collect();
        instance_keys(&subjects)
    }

    #[test]
    fn a_name_that_only_one_instance_has_is_its_key() {
        let all = [("minio-minio", "files"), ("valkey-io-valkey", "queue")];
        assert_eq!(keys(&all), ["files", "queue"]);
    }

    #[test]
    fn a_name_that_several_have_comes_with_a_word_for_the_service() {
        let all = [
            ("eyevinn-app-config-svc", "vod"),
            ("minio-minio", "vod"),
            ("valkey-io-valkey", "vod"),
        ];
        assert_eq!(keys(&all), ["config_vod", "minio_vod", "valkey_vod"]);
    }

    #[test]
    fn a_name_that_begins_with_a_digit_is_no_key_by_itself() {
        assert_eq!(keys(&[("minio-minio", "1st")]), ["minio_1st"]);
    }

    #[test]
    fn a_secret_is_called_after_instance_and_option_and_never_twice() {
        let mut taken = BTreeSet::new();
        let mut key = |option| secret_key("queue", option, &mut taken);
        assert_eq!(key("Password"), "queue_password");
        assert_eq!(key("password"), "queue_password_2");
        assert_eq!(key("opts.webhook.apikey"), "queue_opts_webhook_apikey");
        assert_eq!(key(&"x".repeat(90)), "secret_2");
    }

    #[test]
    fn no_secret_is_asked_for_in_a_variable_that_means_something_else() {
        assert_eq!(variable("queue_password"), "QUEUE_PASSWORD");
        assert_eq!(variable("client_secret"), "SECRET_CLIENT_SECRET");
        assert_eq!(variable("osc_access_token"), "SECRET_OSC_ACCESS_TOKEN");
    }
}

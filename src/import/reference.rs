use std::collections::BTreeMap;

use super::Subject;
use super::piece::{Attribute, Piece, push_text};

/// What the instances are known by.
pub(super) struct References {
    /// The longest first; what several instances are known by is not among them.
    known: Vec<Known>,
    ports: Vec<ExposedPort>,
}

struct Known {
    text: String,
    of: usize,
    attribute: Attribute,
}

struct ExposedPort {
    of: usize,
    at: usize,
    ip: String,
    port: String,
}

/// A text in which references were looked for.
pub(super) struct Searched {
    pub(super) pieces: Vec<Piece>,
    /// References that fit and may not be made.
    pub(super) refused: Vec<(usize, Attribute)>,
}

impl References {
    pub(super) fn to(subjects: &[Subject]) -> Self {
        let mut by_text: BTreeMap<String, Vec<(usize, Attribute)>> = BTreeMap::new();
        let mut ports = Vec::new();
        for (of, subject) in subjects.iter().enumerate() {
            for (text, attribute) in names_of(subject) {
                by_text.entry(text).or_default().push((of, attribute));
            }
            for (at, port) in subject.endpoint.ports.iter().flatten().enumerate() {
                ports.push(ExposedPort {
                    of,
                    at,
                    ip: port.ip.clone(),
                    port: port.port.to_string(),
                });
            }
        }
        let unique = by_text.into_iter().filter_map(|(text, holders)| {
            let (of, attribute) = *holders.first()?;
            let is_unique = holders.iter().all(|(other, _)| *other == of);
            is_unique.then_some(Known {
                text,
                of,
                attribute,
            })
        });
        let mut known: Vec<Known> = unique.collect();
        known.sort_by(|one, other| {
            let longest = other.text.len().cmp(&one.text.len());
            longest.then_with(|| one.text.cmp(&other.text))
        });
        Self { known, ports }
    }

    /// Puts references where a text holds what an instance is known by, the longest first, as far
    /// as they `may` be made.
    pub(super) fn search(&self, text: &str, may: &mut dyn FnMut(usize) -> bool) -> Searched {
        let mut pieces = Vec::new();
        let mut refused: Vec<(usize, Attribute)> = Vec::new();
        let held = self.known.iter().filter(|known| text.contains(&known.text));
        let held: Vec<&Known> = held.collect();
        let (mut at, mut done) = (0, 0);
        while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
            let standing = held.iter().filter(|known| known.stands_at(text, at));
            let mut taken = None;
            for known in standing {
                if may(known.of) {
                    taken = Some(*known);
                    break;
                }
                if !refused.iter().any(|(of, _)| *of == known.of) {
                    refused.push((known.of, known.attribute));
                }
            }
            match taken {
                Some(known) => {
                    push_text(&mut pieces, &text[done..at]);
                    pieces.push(Piece::Instance(known.of, known.attribute));
                    at += known.text.len();
                    done = at;
                }
                None => at += next.len_utf8(),
            }
        }
        push_text(&mut pieces, &text[done..]);
        Searched { pieces, refused }
    }

    /// References for an ip and a port that stand in options of their own: those of one exposed
    /// port where both are there, else the ip where only one instance has it. By the place of the
    /// option's value.
    pub(super) fn apart(&self, values: &[&str]) -> BTreeMap<usize, (usize, Attribute)> {
        let mut found = BTreeMap::new();
        for (ip_at, ip) in values.iter().enumerate() {
            let mut exposed = self.ports.iter().filter(|port| port.ip == *ip);
            let both: Vec<(&ExposedPort, usize)> = exposed
                .clone()
                .filter_map(|port| {
                    let port_at = values.iter().position(|value| *value == port.port)?;
                    Some((port, port_at))
                })
                .collect();
            if let [(port, port_at)] = both.as_slice() {
                found.insert(ip_at, (port.of, Attribute::Ip(port.at)));
                found.insert(*port_at, (port.of, Attribute::Port(port.at)));
            } else if let (true, Some(first)) = (both.is_empty(), exposed.next())
                && exposed.all(|other| other.of == first.of)
            {
                found.insert(ip_at, (first.of, Attribute::Ip(first.at)));
            }
        }
        found
    }
}

/// The texts by which others refer to an instance; an address only with its port, since several
/// instances may share an ip.
fn names_of(subject: &Subject) -> Vec<(String, Attribute)> {
    let endpoint = &subject.endpoint;
    let mut names = Vec::new();
    if let Some(url) = endpoint.url.as_ref().filter(|url| url.contains("://")) {
        names.push((url.clone(), Attribute::Url));
    }
    if let Some(host) = endpoint.host().filter(|host| host.contains('.')) {
        names.push((host.to_owned(), Attribute::Host));
    }
    if let Some(address) = endpoint.address.as_ref().filter(|it| it.contains(':')) {
        names.push((address.clone(), Attribute::Address));
    }
    names
}

impl Known {
    /// Whether it stands there and is not a part of something longer.
    fn stands_at(&self, text: &str, at: usize) -> bool {
        let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        let (before, rest) = text.split_at(at);
        let Some(after) = rest.strip_prefix(self.text.as_str()) else {
            return false;
        };
        !before.ends_with(is_host) && !after.starts_with(is_host)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{reached, subject};
    use super::*;

    fn references() -> References {
        References::to(&[
            reached(
                subject("minio-minio", "a", &[]),
                "https://a.example",
                &[("203.0.113.9", 1001), ("203.0.113.9", 1002)],
            ),
            reached(
                subject("valkey-io-valkey", "b", &[]),
                "https://b.a.example",
                &[("203.0.113.9", 1003)],
            ),
        ])
    }

    fn found(text: &str) -> Vec<Piece> {
        references().search(text, &mut |_| true).pieces
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    #[test]
    fn urls_hosts_and_addresses_are_found_within_longer_texts() {
        assert_eq!(
            found("https://a.example/"),
            [Piece::Instance(0, Attribute::Url), text("/")]
        );
        assert_eq!(
            found("wss://a.example:443, 203.0.113.9:1003"),
            [
                text("wss://"),
                Piece::Instance(0, Attribute::Host),
                text(":443, "),
                Piece::Instance(1, Attribute::Address)
            ]
        );
    }

    #[test]
    fn the_longest_that_fits_is_taken() {
        assert_eq!(
            found("https://b.a.example"),
            [Piece::Instance(1, Attribute::Url)]
        );
    }

    #[test]
    fn a_part_of_something_longer_is_not_a_reference() {
        for longer in [
            "https://a.example.org",
            "https://a.examples",
            "https://xa.example",
            "203.0.113.9:10011",
            "1203.0.113.9:1001",
            "203.0.113.9",
        ] {
            assert_eq!(found(longer), [text(longer)], "{longer}");
        }
    }

    #[test]
    fn what_two_instances_are_known_by_is_no_reference() {
        let twice = |name| {
            reached(
                subject("minio-minio", name, &[]),
                "https://same.example",
                &[("192.0.2.1", 5)],
            )
        };
        let references = References::to(&[twice("a"), twice("b")]);
        let searched = references.search("https://same.example", &mut |_| true);
        assert_eq!(searched.pieces, [text("https://same.example")]);
        assert_eq!(references.apart(&["192.0.2.1", "5"]), BTreeMap::new());
    }

    #[test]
    fn what_may_not_be_referred_to_stays_as_it_is_and_is_told() {
        let searched = references().search("https://a.example/x", &mut |_| false);
        assert_eq!(searched.pieces, [text("https://a.example/x")]);
        assert_eq!(searched.refused, [(0, Attribute::Url)]);
    }

    #[test]
    fn an_ip_that_several_share_is_told_by_the_port_beside_it() {
        let apart = references().apart(&["x", "1003", "203.0.113.9"]);
        let expected = [(1, (1, Attribute::Port(0))), (2, (1, Attribute::Ip(0)))];
        assert_eq!(apart, BTreeMap::from(expected));
        let second = references().apart(&["203.0.113.9", "1002"]);
        assert_eq!(second[&1], (0, Attribute::Port(1)));
        assert_eq!(references().apart(&["203.0.113.9", "9"]), BTreeMap::new());
    }
}

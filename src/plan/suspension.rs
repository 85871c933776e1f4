use std::collections::BTreeSet;

use crate::live::{Live, State};
use crate::osc::Suspended;
use crate::resolve::{Formula, Reference, Scope};

/// Instances that are suspended and stay so: what is made of their unknown attributes cannot
/// change in this run.
#[derive(Default)]
pub(super) struct Left(BTreeSet<String>);

impl Left {
    pub(super) fn note(&mut self, key: &str) {
        self.0.insert(key.to_owned());
    }

    /// Whether a formula is made of one of them.
    pub(super) fn concern(&self, formula: &Formula, scope: &Scope) -> bool {
        scope.references(formula).any(|reference| match reference {
            Reference::Instance(key, _) => self.0.contains(key),
            _ => false,
        })
    }
}

/// The URL of a suspended instance, which its record lacks, as other instances have it among
/// their options. It is made of workspace, name and service (API notes 1), and stays.
pub(super) fn url_known_to_others(live: &Live, suspended: &Suspended) -> Option<String> {
    let Suspended { service, name, .. } = suspended;
    let start = format!("{}-{name}.{service}.", live.workspace);
    let others = live.instances.values().filter_map(|state| match state {
        State::Present(found) => Some(&found.instance.options),
        _ => None,
    });
    let hosts = others
        .flat_map(|options| options.values())
        .filter_map(|value| host_in(value.expose(), &start));
    hosts.min().map(|host| format!("https://{host}"))
}

/// The host in a text that begins like this.
fn host_in<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let of_a_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let at = text.find(start)?;
    let from = &text[at..];
    let end = from.find(|c| !of_a_host(c)).unwrap_or(from.len());
    (!text[..at].ends_with(of_a_host)).then(|| from[..end].trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_found_wherever_it_stands_and_never_within_another() {
        let host = "acme-a.encore.auto.prod.osaas.io";
        for text in [
            format!("https://{host}"),
            format!("https://{host}/x?y"),
            format!("redis://u:p@{host}:6379"),
            format!("see {host}."),
        ] {
            assert_eq!(host_in(&text, "acme-a.encore."), Some(host), "{text}");
        }
        for text in [format!("x-{host}"), format!("x.{host}"), "acme-a".into()] {
            assert_eq!(host_in(&text, "acme-a.encore."), None, "{text}");
        }
    }
}

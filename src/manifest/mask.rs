use std::collections::HashSet;

use super::{Node, NodeKind};
use crate::model::{Sources, Span, sensitive};

/// Marks every place of the tree that holds a literal secret, so that no message quotes it.
///
/// A literal is a secret by the name above it, by being a URL with a user part, or by being the
/// default of a variable that flows into such a place.
pub(super) fn mask_secrets(tree: &Node, sources: &mut Sources) {
    let mut walk = Walk::default();
    walk.node(tree, false);
    walk.variables_of_secrets(tree);
    for span in walk.masked {
        sources.mask(span);
    }
}

#[derive(Default)]
struct Walk {
    masked: Vec<Span>,
    secret_variables: HashSet<String>,
}

impl Walk {
    fn node(&mut self, node: &Node, secret: bool) {
        match &node.kind {
            NodeKind::Map(entries) => {
                for (key, value) in entries {
                    self.node(value, secret || sensitive::name_is_sensitive(&key.value));
                }
            }
            NodeKind::List(items) => items.iter().for_each(|item| self.node(item, secret)),
            NodeKind::Text(text) => {
                let secret = secret || sensitive::holds_url_with_user(text);
                if secret {
                    self.secret_variables
                        .extend(variables_in(text).map(str::to_owned));
                }
                if secret && !is_reference(text) {
                    self.masked.push(node.span);
                }
            }
            NodeKind::Number(_) if secret => self.masked.push(node.span),
            NodeKind::Number(_) | NodeKind::Null | NodeKind::Boolean(_) => {}
        }
    }

    fn variables_of_secrets(&mut self, tree: &Node) {
        let variables = entry(tree, "variables").map(|node| &node.kind);
        let Some(NodeKind::Map(variables)) = variables else {
            return;
        };
        for (name, variable) in variables {
            if self.secret_variables.contains(&name.value)
                && let Some(default) = entry(variable, "default")
            {
                self.masked.push(default.span);
            }
        }
    }
}

fn entry<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    match &node.kind {
        NodeKind::Map(entries) => entries
            .iter()
            .find(|(key, _)| key.value == name)
            .map(|(_, value)| value),
        _ => None,
    }
}

/// Whether a text only points at a value that is kept elsewhere.
fn is_reference(text: &str) -> bool {
    let inner = |open: &str, close: &str| {
        let inner = text.trim().strip_prefix(open)?.strip_suffix(close)?;
        (!inner.contains(['\'', '"', '}'])).then_some(())
    };
    inner("${", "}").is_some() || inner("{{", "}}").is_some()
}

fn variables_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("variables.").skip(1).map(|rest| {
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
        &rest[..end.unwrap_or(rest.len())]
    })
}

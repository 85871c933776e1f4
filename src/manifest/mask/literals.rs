use std::collections::{HashMap, HashSet};

use super::super::{Node, NodeKind, Spanned};
use super::variables_in;
use crate::model::{Sources, Span, sensitive};

/// Marks every place of the trees that holds a literal secret.
///
/// A literal is a secret by the name above it, by being a URL with a user part, or by being the
/// default of a variable that flows into such a place.
pub(in crate::manifest) fn mask_secrets(trees: &[Node], sources: &mut Sources) {
    let mut walk = Walk::default();
    for tree in trees {
        walk.manifest(tree);
    }
    for tree in trees {
        walk.variables_of_secrets(tree);
    }
    for span in walk.masked {
        sources.mask(span);
    }
}

#[derive(Default)]
struct Walk<'t> {
    /// Which keys are names of secrets; the same few keys stand in every instance.
    keys: HashMap<&'t str, bool>,
    masked: Vec<Span>,
    secret_variables: HashSet<String>,
}

impl<'t> Walk<'t> {
    /// Names of sections and of what they hold are no option names: an instance may well be
    /// called `token_service`.
    fn manifest(&mut self, tree: &'t Node) {
        for (section, node) in entries(tree) {
            match section.value.as_str() {
                "variables" => self.named(node, "default"),
                "outputs" => self.named(node, "value"),
                "instances" | "removed" => entries(node)
                    .iter()
                    .for_each(|(_, instance)| self.node(instance, false)),
                "secrets" => self.secrets(node),
                _ => self.node(node, false),
            }
        }
    }

    /// Entries whose name says whether what stands under `field` is a secret.
    fn named(&mut self, section: &'t Node, field: &str) {
        for (name, entry) in entries(section) {
            let secret = sensitive::name_is_sensitive(&name.value);
            match &entry.kind {
                NodeKind::Map(fields) => {
                    for (key, value) in fields {
                        self.node(value, secret && key.value == field);
                    }
                }
                _ => self.node(entry, secret),
            }
        }
    }

    /// Everything but what a secret comes from may be the secret itself.
    fn secrets(&mut self, section: &'t Node) {
        let NodeKind::Map(secrets) = &section.kind else {
            return self.node(section, true);
        };
        for (_, secret) in secrets {
            let NodeKind::Map(fields) = &secret.kind else {
                self.node(secret, true);
                continue;
            };
            for (key, value) in fields {
                match (key.value.as_str(), &value.kind) {
                    ("generate", NodeKind::Map(_)) | ("file", _) => self.node(value, false),
                    ("env", NodeKind::Text(name)) if is_variable_name(name) => {}
                    ("command", NodeKind::List(words)) => {
                        let arguments = words.iter().skip(1);
                        arguments.for_each(|argument| self.node(argument, true));
                    }
                    _ => self.node(value, true),
                }
            }
        }
    }

    fn node(&mut self, node: &'t Node, secret: bool) {
        match &node.kind {
            NodeKind::Map(_) if secret => self.masked.push(node.span),
            NodeKind::Map(entries) => {
                for (key, value) in entries {
                    let secret = self.names_secret(&key.value);
                    self.node(value, secret);
                }
            }
            NodeKind::List(items) => items.iter().for_each(|item| self.node(item, secret)),
            NodeKind::Text(text) => self.text(text, node.span, secret),
            NodeKind::Number(_) if secret => self.masked.push(node.span),
            NodeKind::Number(_) | NodeKind::Null | NodeKind::Boolean(_) => {}
        }
    }

    fn names_secret(&mut self, key: &'t str) -> bool {
        let judge = || sensitive::name_is_sensitive(key);
        *self.keys.entry(key).or_insert_with(judge)
    }

    fn text(&mut self, text: &str, span: Span, secret: bool) {
        if secret || sensitive::holds_url_with_user(text) || names_a_secret(text) {
            let variables = variables_in(text).map(str::to_owned);
            self.secret_variables.extend(variables);
            if !is_reference(text) {
                self.masked.push(span);
            }
        }
    }

    fn variables_of_secrets(&mut self, tree: &Node) {
        let Some(variables) = entry(tree, "variables") else {
            return;
        };
        for (name, variable) in entries(variables) {
            if self.secret_variables.contains(&name.value) {
                let default = entry(variable, "default").unwrap_or(variable);
                self.masked.push(default.span);
            }
        }
    }
}

/// Anything else under `env` is a value that somebody has put there.
fn is_variable_name(text: &str) -> bool {
    text.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

fn entries(node: &Node) -> &[(Spanned<String>, Node)] {
    match &node.kind {
        NodeKind::Map(entries) => entries,
        _ => &[],
    }
}

fn entry<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    let found = entries(node).iter().find(|(key, _)| key.value == name);
    found.map(|(_, value)| value)
}

/// Whether a text begins with a secret's name, as JSON does and `Password:x` without its space.
fn names_a_secret(text: &str) -> bool {
    text.split_once([':', '='])
        .is_some_and(|(name, _)| sensitive::name_is_sensitive(name))
}

/// Whether a text only points at a value that is kept elsewhere.
fn is_reference(text: &str) -> bool {
    let inner = |open: &str, close: &str| {
        let inner = text.trim().strip_prefix(open)?.strip_suffix(close)?;
        (!inner.contains(['\'', '"', '}'])).then_some(())
    };
    inner("${", "}").is_some() || inner("{{", "}}").is_some()
}

use indexmap::IndexMap;

use super::fields::{Fields, boolean, mapping, text, texts, wrong_type};
use super::{
    Data, Instance, Manifest, Node, NodeKind, Output, Ready, Spanned, Variable, VariableType,
};
use crate::model::{Diagnostic, Diagnostics, Level, Span, nearest};

const MANIFEST: &[&str] = &[
    "version",
    "stack",
    "workspace",
    "environment",
    "variables",
    "instances",
    "outputs",
    "secrets",
];
const VARIABLE: &[&str] = &["type", "default", "pattern", "description"];
const INSTANCE: &[&str] = &[
    "service",
    "name",
    "options",
    "when",
    "depends_on",
    "ready",
    "protect",
    "data",
];
const READY: &[&str] = &["level", "timeout"];
const OUTPUT: &[&str] = &["value", "sensitive"];

/// Reads the whole manifest; what cannot be read is reported and left out.
pub(super) fn manifest(tree: Node, found: &mut Diagnostics) -> Option<Manifest> {
    let span = Span {
        end: tree.span.start,
        ..tree.span
    };
    let mut fields = Fields::of(tree, "a manifest", MANIFEST, found)?;
    if let Some(secrets) = fields.take("secrets") {
        let message = "`secrets:` is not supported by this version of osc-apply";
        let help = "until it is, hand secrets in as variables: `--var`, OSC_VAR_name or --var-file";
        found.push(Diagnostic::error(secrets.span, message).help(help));
    }
    let version = fields
        .take("version")
        .and_then(|node| version(&node, found));
    let stack = fields
        .take("stack")
        .map(|node| text(node, "`stack`", found));
    if stack.is_none() {
        let message = "`stack` is missing";
        let help = "give the stack a name: `stack: myshop`";
        found.push(Diagnostic::error(span, message).help(help));
    }
    Some(Manifest {
        version: version.unwrap_or(Spanned { value: 1, span }),
        stack: stack.flatten().unwrap_or(Spanned {
            value: String::new(),
            span,
        }),
        workspace: optional_text(&mut fields, "workspace", found),
        environment: optional_text(&mut fields, "environment", found),
        variables: section(&mut fields, "variables", variable, found),
        instances: section(&mut fields, "instances", instance, found),
        outputs: section(&mut fields, "outputs", output, found),
    })
}

fn version(node: &Node, found: &mut Diagnostics) -> Option<Spanned<u32>> {
    match &node.kind {
        NodeKind::Number(digits) if digits == "1" => Some(Spanned {
            value: 1,
            span: node.span,
        }),
        _ => {
            let message = "`version` must be 1, the only version there is";
            found.push(Diagnostic::error(node.span, message));
            None
        }
    }
}

/// A mapping of names to entries, each read by `read`.
fn section<T>(
    fields: &mut Fields,
    section: &str,
    read: fn(Spanned<String>, Node, &mut Diagnostics) -> Option<T>,
    found: &mut Diagnostics,
) -> IndexMap<String, T> {
    let Some(node) = fields.take(section) else {
        return IndexMap::new();
    };
    let entries = mapping(node, &format!("`{section}`"), found).unwrap_or_default();
    let mut all = IndexMap::with_capacity(entries.len());
    for (key, node) in entries {
        if is_word(&key.value) {
            let name = key.value.clone();
            all.extend(read(key, node, found).map(|entry| (name, entry)));
        } else {
            let message = format!("`{}` cannot be used as a name here", key.value);
            let help = "names are letters, digits and `_`, beginning with a letter, so that \
                        expressions can refer to them";
            found.push(Diagnostic::error(key.span, message).help(help));
        }
    }
    all
}

/// Whether an expression can refer to the name: `a-b` would be a subtraction there.
fn is_word(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

fn variable(key: Spanned<String>, node: Node, found: &mut Diagnostics) -> Option<Variable> {
    let mut fields = Fields::of(node, "a variable", VARIABLE, found)?;
    let kind = optional_text(&mut fields, "type", found)
        .and_then(|kind| word(&kind, "a variable's type", &VARIABLE_TYPES, found));
    Some(Variable {
        span: key.span,
        kind,
        default: fields.take("default"),
        pattern: optional_text(&mut fields, "pattern", found),
        description: optional_text(&mut fields, "description", found),
    })
}

fn instance(key: Spanned<String>, node: Node, found: &mut Diagnostics) -> Option<Instance> {
    let mut fields = Fields::of(node, "an instance", INSTANCE, found)?;
    let service = fields.take("service");
    if service.is_none() {
        let message = format!("instance `{}` has no `service`", key.value);
        found.push(Diagnostic::error(key.span, message).help("say which: `service: minio-minio`"));
    }
    let options = fields.take("options");
    let broken = options
        .as_ref()
        .is_some_and(|node| !matches!(node.kind, NodeKind::Map(_) | NodeKind::Null));
    if let Some(options) = options.as_ref().filter(|_| broken) {
        found.push(wrong_type(
            options.span,
            "`options`",
            "a mapping",
            &options.kind,
        ));
    }
    Some(Instance {
        span: key.span,
        service: service.and_then(|node| text(node, "`service`", found)),
        name: optional_text(&mut fields, "name", found),
        options: options.filter(|_| !broken),
        when: fields.take("when"),
        depends_on: fields
            .take("depends_on")
            .map_or_else(Vec::new, |node| texts(node, "`depends_on`", found)),
        ready: fields.take("ready").and_then(|node| ready(node, found)),
        protect: fields
            .take("protect")
            .and_then(|node| boolean(&node, "`protect`", found)),
        data: optional_text(&mut fields, "data", found)
            .and_then(|data| word(&data, "`data`", &[("none", Data::None)], found)),
        options_unreadable: broken,
    })
}

fn ready(node: Node, found: &mut Diagnostics) -> Option<Ready> {
    let mut fields = Fields::of(node, "`ready`", READY, found)?;
    let level = optional_text(&mut fields, "level", found)
        .and_then(|level| word(&level, "`level`", &LEVELS, found));
    let timeout = optional_text(&mut fields, "timeout", found).and_then(|timeout| {
        let parsed = humantime::parse_duration(&timeout.value).ok();
        if parsed.is_none_or(|limit| limit.is_zero()) {
            let message = "`timeout` is not a length of time";
            found.push(Diagnostic::error(timeout.span, message).help("write `90s` or `10m`"));
        }
        parsed.map(|value| Spanned {
            value,
            span: timeout.span,
        })
    });
    Some(Ready { level, timeout })
}

fn output(key: Spanned<String>, node: Node, found: &mut Diagnostics) -> Option<Output> {
    if !matches!(node.kind, NodeKind::Map(_)) {
        return scalar_output(key.span, node, false, found);
    }
    let mut fields = Fields::of(node, "an output", OUTPUT, found)?;
    let sensitive = fields
        .take("sensitive")
        .and_then(|node| boolean(&node, "`sensitive`", found));
    let Some(value) = fields.take("value") else {
        found.push(Diagnostic::error(
            fields.span,
            format!("output `{}` has no `value`", key.value),
        ));
        return None;
    };
    scalar_output(
        key.span,
        value,
        sensitive.is_some_and(|flag| flag.value),
        found,
    )
}

fn scalar_output(
    span: Span,
    value: Node,
    sensitive: bool,
    found: &mut Diagnostics,
) -> Option<Output> {
    match value.kind {
        NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) => {
            found.push(wrong_type(value.span, "an output", "text", &value.kind));
            None
        }
        _ => Some(Output {
            span,
            value,
            sensitive,
        }),
    }
}

fn optional_text(
    fields: &mut Fields,
    name: &str,
    found: &mut Diagnostics,
) -> Option<Spanned<String>> {
    fields
        .take(name)
        .and_then(|node| text(node, &format!("`{name}`"), found))
}

const VARIABLE_TYPES: [(&str, VariableType); 4] = [
    ("string", VariableType::String),
    ("boolean", VariableType::Boolean),
    ("number", VariableType::Number),
    ("list", VariableType::List),
];

const LEVELS: [(&str, Level); 2] = [("accepted", Level::Accepted), ("healthy", Level::Healthy)];

/// One of a few fixed words.
fn word<T: Copy>(
    written: &Spanned<String>,
    what: &str,
    words: &[(&str, T)],
    found: &mut Diagnostics,
) -> Option<Spanned<T>> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == written.value) {
        return Some(Spanned {
            value: *value,
            span: written.span,
        });
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let message = format!("{what} cannot be `{}`", written.value);
    found.push(Diagnostic::error(written.span, message).did_you_mean(
        nearest(&written.value, known.iter().copied()),
        known.join(" or "),
    ));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_and_the_schema_know_the_same_keys() {
        let schema: serde_json::Value =
            serde_json::from_str(&super::super::schema().unwrap()).unwrap();
        let keys = |at: &str| -> Vec<String> {
            let properties = schema.pointer(at).and_then(|found| found.as_object());
            let mut keys: Vec<_> = properties.unwrap().keys().cloned().collect();
            keys.sort();
            keys
        };
        let sorted = |known: &[&str]| {
            let mut known: Vec<_> = known.iter().map(|key| (*key).to_owned()).collect();
            known.retain(|key| key != "secrets");
            known.sort();
            known
        };
        assert_eq!(keys("/properties"), sorted(MANIFEST));
        assert_eq!(keys("/definitions/Variable/properties"), sorted(VARIABLE));
        assert_eq!(keys("/definitions/Instance/properties"), sorted(INSTANCE));
        assert_eq!(keys("/definitions/Ready/properties"), sorted(READY));
        assert_eq!(
            keys("/definitions/Output/anyOf/1/properties"),
            sorted(OUTPUT)
        );
    }
}

use crate::catalog::Service;
use crate::manifest::{Node, NodeKind, Spanned};
use crate::model::{Diagnostic, Diagnostics, Span, nearest};

/// One option as it stands in the manifest.
pub(super) struct Written<'m> {
    /// Its full name, with dots.
    pub(super) name: String,
    pub(super) key: Span,
    pub(super) value: &'m Node,
}

/// The options of an instance, nested ones under their dotted names (API notes 6.4).
///
/// Names the service does not have are reported, as is what stands twice. What a wrong name most
/// likely means counts as written, so that its value is checked and nothing is called missing.
pub(super) fn written<'m>(
    node: &'m Node,
    service: &Service,
    found: &mut Diagnostics,
) -> Vec<Written<'m>> {
    let mut all: Vec<Written<'m>> = Vec::new();
    let mut meant: Vec<Written<'m>> = Vec::new();
    let is_group = |name: &str| is_group(name, service);
    flatten(node, "", &is_group, &mut |written: Written<'m>| {
        if service.option(&written.name).is_none() {
            found.push_error(|| unknown(&written, service));
            let names = service.options.keys().map(String::as_str);
            let near = nearest(&written.name, names).filter(|_| !is_group(&written.name));
            meant.extend(near.map(|near| Written {
                name: near.to_owned(),
                ..written
            }));
        } else if let Some(first) = all.iter().find(|known| known.name == written.name) {
            let message = format!("the option `{}` stands here twice", written.name);
            found.push(Diagnostic::error(written.key, message).related(first.key, "first here"));
        } else {
            all.push(written);
        }
    });
    for written in meant {
        if !all.iter().any(|known| known.name == written.name) {
            all.push(written);
        }
    }
    all
}

/// The same where the service is not known: every mapping counts as nested options.
pub(super) fn unchecked(node: &Node) -> Vec<Written<'_>> {
    let mut all = Vec::new();
    flatten(node, "", &|_| true, &mut |written| all.push(written));
    all
}

fn flatten<'m>(
    node: &'m Node,
    prefix: &str,
    is_group: &dyn Fn(&str) -> bool,
    take: &mut dyn FnMut(Written<'m>),
) {
    let NodeKind::Map(entries) = &node.kind else {
        return;
    };
    for (Spanned { value: key, span }, value) in entries {
        let name = match prefix {
            "" => key.clone(),
            prefix => format!("{prefix}.{key}"),
        };
        if matches!(value.kind, NodeKind::Map(_)) && is_group(&name) {
            flatten(value, &name, is_group, take);
        } else {
            take(Written {
                name,
                key: *span,
                value,
            });
        }
    }
}

/// Whether the service has options below this name.
fn is_group(name: &str, service: &Service) -> bool {
    service.options.keys().any(|option| {
        option
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

fn unknown(written: &Written<'_>, service: &Service) -> Diagnostic {
    let name = &written.name;
    if name == "name" {
        return Diagnostic::error(written.key, "the name is not an option here")
            .help("write `name:` beside `options:`");
    }
    if is_group(name, service) {
        let message = format!("`{name}` is a group of options, not one");
        let help = format!("write its options below it, as in `{name}:` and an indented line each");
        return Diagnostic::error(written.value.span, message).help(help);
    }
    let names = || service.options.keys().map(String::as_str);
    let otherwise = match names().collect::<Vec<_>>().as_slice() {
        [] => "it has no options".to_owned(),
        options => format!("it has: {}", options.join(", ")),
    };
    let message = format!("{} has no option `{name}`", service.id);
    Diagnostic::error(written.key, message).did_you_mean(nearest(name, names()), otherwise)
}

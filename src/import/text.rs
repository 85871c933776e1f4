use indexmap::IndexMap;

use super::draft::{Draft, DraftInstance, DraftOption, Written, draft};
use super::key::variable;
use super::page::Page;
use super::piece::{Names, formula};
use super::scalar::scalar;
use super::secret::Secret;
use super::{Heading, Imported, Omitted, Subject};
use crate::model::{Address, OptionValue, printable};

/// Writes a manifest that declares these instances as they are, in the order of service and
/// name. No option in it tells a sensitive one of the values of `others` either.
pub fn manifest(
    heading: Heading<'_>,
    mut subjects: Vec<Subject>,
    others: &[&OptionValue],
    mut omitted: Vec<Omitted>,
) -> Imported {
    subjects.retain(|subject| match subject.undeclarable(heading.workspace) {
        None => true,
        Some(why) => {
            omitted.push(Omitted {
                what: format!("{}/{}", subject.service.id, subject.name),
                why: why.to_owned(),
            });
            false
        }
    });
    subjects.sort_by(|one, other| {
        let service = one.service.id.cmp(&other.service.id);
        service.then_with(|| one.name.cmp(&other.name))
    });
    let draft = draft(&subjects, others);
    let conceal = |omitted: Omitted| Omitted {
        what: printable(&omitted.what).into_owned(),
        why: printable(&draft.telling.concealed(&omitted.why)).into_owned(),
    };
    let omitted: Vec<Omitted> = omitted.into_iter().map(conceal).collect();
    let secrets: Vec<String> = draft.secrets.iter().map(|it| it.key.clone()).collect();
    let names = Names {
        instances: &draft.keys,
        secrets: &secrets,
    };
    let addresses = draft.keys.iter().map(|key| Address::instance(key));
    let addresses: Vec<String> = addresses.map(|it| it.to_string()).collect();
    let writer = Writer {
        heading,
        subjects: &subjects,
        draft: &draft,
        names,
    };
    let mut page = Page::default();
    writer.head(&mut page, &addresses, &omitted);
    writer.secrets(&mut page);
    writer.instances(&mut page);
    let given = draft.secrets.iter().filter(|it| it.composed.is_none());
    Imported {
        text: page.into_text(),
        variables: given.map(|it| variable(&it.key)).collect(),
        addresses,
        omitted,
    }
}

struct Writer<'a> {
    heading: Heading<'a>,
    subjects: &'a [Subject],
    draft: &'a Draft<'a>,
    names: Names<'a>,
}

impl Writer<'_> {
    fn head(&self, page: &mut Page, addresses: &[String], omitted: &[Omitted]) {
        let workspace = self.heading.workspace;
        let found =
            format!("What `osc-apply import` found in the workspace {workspace}. To go on:");
        page.comment(0, &found);
        for (at, (step, command)) in self.next_steps(addresses).iter().enumerate() {
            page.comment_item(&format!("{}.", at + 1), step);
            if let Some(command) = command {
                page.line(0, &format!("#      {command}"));
            }
        }
        if !omitted.is_empty() {
            page.line(0, "#");
            page.comment(0, "Not in here:");
        }
        for Omitted { what, why } in omitted {
            page.comment_item("-", &format!("{what}: {why}"));
        }
        page.line(0, "version: 1");
        page.line(0, &format!("stack: {}", scalar(self.heading.stack)));
        page.line(0, &format!("workspace: {}", scalar(workspace)));
        if let Some(environment) = self.heading.environment {
            page.line(0, &format!("environment: {}", scalar(environment)));
        }
    }

    /// What is left to do, and the command for it.
    fn next_steps(&self, addresses: &[String]) -> Vec<(&'static str, Option<String>)> {
        let file = self.heading.file.map(|file| format!(" -f {file}"));
        let file = file.unwrap_or_default();
        let addresses = addresses.join(" ");
        let mut steps = Vec::new();
        if self.draft.secrets.iter().any(|it| it.composed.is_none()) {
            let supply = "Set the environment variables under `secrets:` to what the instances have \
                          now, or say where else it comes from.";
            steps.push((supply, None));
        }
        steps.extend([
            ("Check it:", Some(format!("osc-apply validate{file}"))),
            (
                "Make the instances this stack's:",
                Some(format!("osc-apply adopt{file} {addresses}")),
            ),
            (
                "See that nothing is left to do:",
                Some(format!("osc-apply plan{file}")),
            ),
        ]);
        steps
    }

    fn secrets(&self, page: &mut Page) {
        if self.draft.secrets.is_empty() {
            return;
        }
        page.blank();
        page.line(0, "secrets:");
        for secret in &self.draft.secrets {
            page.comment(2, &self.described(secret));
            let (source, value) = match &secret.composed {
                None => ("env", variable(&secret.key)),
                Some(pieces) => ("value", formula(pieces, &self.names)),
            };
            page.line(2, &format!("{}:", scalar(&secret.key)));
            page.line(4, &format!("{source}: {}", scalar(&value)));
        }
    }

    /// What a secret is, without what it is.
    fn described(&self, secret: &Secret<'_>) -> String {
        let mut holders = secret.holders.iter().map(|(of, option)| {
            let Subject { service, name, .. } = &self.subjects[*of];
            (option, format!("{} {name}", service.id))
        });
        let Some((option, holder)) = holders.next() else {
            return String::new();
        };
        let mut described = match (secret.value, &secret.composed) {
            (Some(_), None) => format!("the {option} that {holder} has now"),
            (Some(_), Some(_)) => format!("the {option} of {holder}"),
            (None, _) => format!("the {option} of {holder}, which its service does not show"),
        };
        for (at, (option, holder)) in holders.enumerate() {
            let also = if at == 0 { "; also" } else { "," };
            described.push_str(&format!("{also} the {option} of {holder}"));
        }
        described
    }

    fn instances(&self, page: &mut Page) {
        page.blank();
        page.line(0, "instances:");
        let all = self.subjects.iter().zip(&self.draft.instances);
        for (at, ((subject, instance), key)) in all.zip(&self.draft.keys).enumerate() {
            if at > 0 {
                page.blank();
            }
            self.instance(page, key, subject, instance);
        }
    }

    fn instance(&self, page: &mut Page, key: &str, subject: &Subject, draft: &DraftInstance<'_>) {
        if let Some(suspended) = &subject.suspended {
            let words = self.draft.telling.concealed(&suspended.to_string());
            page.comment(
                2,
                &format!("{words}; an apply without `suspended: leave` resumes it"),
            );
        }
        page.line(2, &format!("{}:", scalar(key)));
        page.line(4, &format!("service: {}", scalar(&subject.service.id)));
        if key != subject.name {
            page.line(4, &format!("name: {}", scalar(&subject.name)));
        }
        if subject.suspended.is_some() {
            page.line(4, "suspended: leave");
        }
        for (option, why) in &draft.left_out {
            page.comment(4, &format!("{option} is left out: {why}"));
        }
        if !draft.options.is_empty() {
            page.line(4, "options:");
            let options = draft.options.iter().map(|option| (option.name, option));
            self.options(page, 6, options.collect());
        }
    }

    /// Options of one level; names with dots are nested (API notes 6.4).
    fn options(&self, page: &mut Page, indent: usize, options: Vec<(&str, &DraftOption<'_>)>) {
        let mut groups: IndexMap<&str, Vec<(&str, &DraftOption<'_>)>> = IndexMap::new();
        for (name, option) in options {
            let (outer, inner) = name.split_once('.').unwrap_or((name, ""));
            groups.entry(outer).or_default().push((inner, option));
        }
        for (name, options) in groups {
            match options.as_slice() {
                [("", option)] => self.option(page, indent, name, option),
                _ => {
                    page.line(indent, &format!("{}:", scalar(name)));
                    self.options(page, indent + 2, options);
                }
            }
        }
    }

    fn option(&self, page: &mut Page, indent: usize, name: &str, option: &DraftOption<'_>) {
        for (of, attribute) in &option.refused {
            let key = &self.draft.keys[*of];
            page.comment(
                indent,
                &format!(
                    "holds `instances.{key}.{attribute}`; referring to it would be a cycle, since \
                     {key} needs this instance"
                ),
            );
        }
        let name = scalar(name);
        match &option.value {
            Written::Boolean(value) => page.line(indent, &format!("{name}: {value}")),
            Written::Text(pieces) => {
                let value = scalar(&formula(pieces, &self.names));
                page.line(indent, &format!("{name}: {value}"));
            }
            Written::List(items) => {
                page.line(indent, &format!("{name}:"));
                for item in items {
                    let value = scalar(&formula(item, &self.names));
                    page.line(indent + 2, &format!("- {value}"));
                }
            }
        }
    }
}

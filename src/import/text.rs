use super::draft::{Draft, draft};
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
    let odd = subjects.extract_if(.., |it| it.undeclarable(heading.workspace).is_some());
    let odd: Vec<Subject> = odd.collect();
    omitted.extend(odd.iter().filter_map(|subject| {
        Some(Omitted {
            what: format!("{}/{}", subject.service.id, subject.name),
            why: subject.undeclarable(heading.workspace)?.to_owned(),
        })
    }));
    let hidden = odd.iter().flat_map(|subject| subject.options.values());
    let others: Vec<&OptionValue> = others.iter().copied().chain(hidden).collect();
    subjects.sort_by(|one, other| {
        let service = one.service.id.cmp(&other.service.id);
        service.then_with(|| one.name.cmp(&other.name))
    });
    let draft = draft(&subjects, &others);
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

/// Writes the sections of a manifest.
pub(super) struct Writer<'a> {
    heading: Heading<'a>,
    pub(super) subjects: &'a [Subject],
    pub(super) draft: &'a Draft<'a>,
    pub(super) names: Names<'a>,
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
}

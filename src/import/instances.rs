use indexmap::IndexMap;

use super::Subject;
use super::draft::{DraftInstance, DraftOption, Written};
use super::page::Page;
use super::piece::formula;
use super::scalar::scalar;
use super::text::Writer;

impl Writer<'_> {
    /// The section of the instances.
    pub(super) fn instances(&self, page: &mut Page) {
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

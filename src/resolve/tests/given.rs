//! A manifest as text, resolved, with its findings as lines of text.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::manifest;
use crate::model::{Diagnostics, FileId, Severity, Sources};
use crate::resolve::{Desired, GivenSecret, Inputs, Setting, VariableFile, resolve};

/// What came of resolving a manifest.
pub(super) struct Resolved {
    pub(super) desired: Option<Desired>,
    pub(super) found: Diagnostics,
    pub(super) sources: Sources,
}

/// A manifest on its way to being resolved.
#[derive(Default)]
pub(super) struct Given {
    text: String,
    inputs: Inputs,
    file: Option<String>,
}

/// Begins with the whole text of a manifest.
pub(super) fn manifest(text: impl Into<String>) -> Given {
    Given {
        text: text.into(),
        inputs: Inputs {
            environment: "prod".into(),
            ..Inputs::default()
        },
        file: None,
    }
}

/// Begins with the part of a manifest after `version` and `stack`.
pub(super) fn stack(rest: &str) -> Given {
    manifest(format!("version: 1\nstack: shop\n{rest}"))
}

impl Given {
    pub(super) fn flag(mut self, name: &str, value: &str) -> Self {
        self.inputs.flags.push((name.into(), value.into()));
        self
    }

    pub(super) fn process(mut self, name: &str, value: &str) -> Self {
        self.inputs.process.insert(name.into(), value.into());
        self
    }

    /// The value of a secret from outside.
    pub(super) fn secret(mut self, name: &str, value: &str) -> Self {
        let value = GivenSecret::Value(value.into());
        self.inputs.secrets.insert(name.into(), value);
        self
    }

    pub(super) fn missing(mut self, name: &str, why: &str) -> Self {
        let missing = GivenSecret::Missing(why.into());
        self.inputs.secrets.insert(name.into(), missing);
        self
    }

    pub(super) fn stack_flag(mut self, name: &str) -> Self {
        self.inputs.stack = Some(name.into());
        self
    }

    pub(super) fn workspace(mut self, name: &str) -> Self {
        self.inputs.workspace = Some(name.into());
        self
    }

    pub(super) fn variable_file(mut self, text: &str) -> Self {
        self.file = Some(text.into());
        self
    }

    pub(super) fn resolve(mut self) -> Resolved {
        let mut sources = Sources::default();
        let mut found = Diagnostics::default();
        let id = sources.add("osc.yaml", self.text.as_str());
        if let Some(text) = &self.file {
            let id = sources.add("vars.yaml", text.as_str());
            match VariableFile::read(id, &mut sources) {
                Ok(file) => self.inputs.files.push(file),
                Err(error) => found.push(*error.0),
            }
        }
        let manifest = manifest::load(&[id], &mut sources, &mut found);
        let desired = manifest.and_then(|manifest| {
            let catalog = Catalog::bundled().unwrap();
            resolve(&manifest, &self.inputs, &catalog, &sources, &mut found)
        });
        Resolved {
            desired,
            found,
            sources,
        }
    }

    /// The errors, one a line: `file:line:column message (help)`, then related places.
    pub(super) fn findings(self) -> String {
        self.resolve().findings()
    }

    /// The warnings in the same way.
    pub(super) fn warnings(self) -> String {
        self.resolve().told(Severity::Warning)
    }
}

impl Resolved {
    pub(super) fn findings(&self) -> String {
        self.told(Severity::Error)
    }

    fn told(&self, severity: Severity) -> String {
        let place = |span| {
            let (name, at) = self.sources.locate(span).unwrap();
            format!("{name}:{}:{}", at.line, at.column)
        };
        let mut lines = Vec::new();
        let all = self.found.sorted().into_iter();
        for finding in all.filter(|finding| finding.severity == severity) {
            let at = finding.span.map_or("-".to_owned(), place);
            let help = finding.help.as_ref();
            let help = help.map_or(String::new(), |help| format!(" ({help})"));
            lines.push(format!("{at} {}{help}", finding.message));
            for related in &finding.related {
                lines.push(format!("  {} {}", place(related.span), related.label));
            }
        }
        lines.join("\n")
    }

    /// The desired state; fails the test with the findings where there is none.
    pub(super) fn desired(&self) -> &Desired {
        let desired = self.desired.as_ref();
        desired.unwrap_or_else(|| panic!("{}", self.findings()))
    }

    /// The options of an instance: their values, `unset` or `later`.
    pub(super) fn options(&self, key: &str) -> BTreeMap<&str, String> {
        let instance = &self.desired().instances[key];
        instance
            .options
            .iter()
            .map(|option| {
                let value = match &option.setting {
                    Setting::Unset => "unset".to_owned(),
                    Setting::Known(value) => value.expose().to_owned(),
                    Setting::Deferred(_) => "later".to_owned(),
                };
                (option.name.as_str(), value)
            })
            .collect()
    }

    /// The manifest with literal secrets hidden.
    pub(super) fn masked(&self) -> String {
        self.sources.get(FileId(0)).unwrap().masked_text()
    }
}

/// The value that an expression or text comes to, as the region of an encore.
pub(super) fn value(text: &str) -> String {
    let yaml = format!(
        "variables:\n  n: {{default: shop}}\n  u: {{default: 'https://a.example/x/'}}\n  \
         yes: {{default: true}}\n  v: {{default: 1.10}}\n  l: {{default: [a, b]}}\n\
         instances:\n  e:\n    service: encore\n    options:\n      s3Region: {text}\n"
    );
    let resolved = stack(&yaml).resolve();
    match &resolved.desired {
        Some(_) => resolved.options("e")["s3Region"].clone(),
        None => resolved.findings(),
    }
}

//! Texts read as manifests, with their findings as lines of text.

use crate::manifest::{Manifest, load};
use crate::model::{Diagnostics, FileId, Sources};

/// What came of reading files.
pub(super) struct Read {
    pub(super) manifest: Option<Manifest>,
    pub(super) found: Diagnostics,
    pub(super) sources: Sources,
}

/// Reads files called `a.yaml`, `b.yaml` and so on as one manifest.
pub(super) fn read(texts: &[&str]) -> Read {
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let files: Vec<FileId> = ('a'..='z')
        .zip(texts)
        .map(|(name, text)| sources.add(format!("{name}.yaml"), *text))
        .collect();
    Read {
        manifest: load(&files, &mut sources, &mut found),
        found,
        sources,
    }
}

/// The findings of one file, as `line:column message (help)`.
pub(super) fn findings(text: &str) -> String {
    read(&[text]).findings()
}

impl Read {
    pub(super) fn findings(&self) -> String {
        let place = |span| {
            let (name, at) = self.sources.locate(span).unwrap();
            match name {
                "a.yaml" => format!("{}:{}", at.line, at.column),
                other => format!("{other}:{}:{}", at.line, at.column),
            }
        };
        let mut lines = Vec::new();
        for finding in self.found.sorted() {
            let help = finding.help.as_ref();
            let help = help.map_or(String::new(), |help| format!(" ({help})"));
            let at = place(finding.span.unwrap());
            lines.push(format!("{at} {}{help}", finding.message));
            for related in &finding.related {
                lines.push(format!("  {} {}", place(related.span), related.label));
            }
        }
        lines.join("\n")
    }

    /// The first file with literal secrets hidden.
    pub(super) fn masked(&self) -> String {
        self.sources.get(FileId(0)).unwrap().masked_text()
    }
}

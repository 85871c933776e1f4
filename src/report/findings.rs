use std::collections::BTreeMap;
use std::io::{self, Write};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet,
};
use anstyle::{AnsiColor, Effects};

use super::Look;
use super::ink::Ink;
use super::page::Page;
use crate::model::{Diagnostic, Diagnostics, FileId, Severity, Sources, Span, printable};

/// The longest text that is quoted around a place, in bytes. A file may be one line of megabytes.
const LONGEST_QUOTE: usize = 4_096;

/// Writes every finding with the lines it is about, in the order of files and places, and how
/// many there are. Secrets in those lines are masked.
///
/// # Errors
/// When the writer fails.
pub fn findings(
    out: &mut dyn Write,
    found: &Diagnostics,
    sources: &Sources,
    look: Look,
) -> io::Result<()> {
    let all = found.sorted();
    if all.is_empty() {
        return Ok(());
    }
    let renderer = renderer(look);
    let mut texts = Texts {
        sources,
        shown: BTreeMap::new(),
    };
    for finding in &all {
        texts.read(finding);
    }
    for finding in &all {
        let rendered = renderer.render(&[group(finding, &texts)]);
        // Lines without text after their bar would otherwise end in a space.
        for line in rendered.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        if let Some(help) = finding.help.as_ref().filter(|_| !texts.has(finding)) {
            // Without lines of a file the renderer would still draw their margin.
            let text = format!("help: {}", printable(help));
            Page::new(out, look).text(2, Ink::Plain, &text)?;
        }
        writeln!(out)?;
    }
    let errors = found.error_count();
    let ink = if errors > 0 { Ink::Alarm } else { Ink::Change };
    Page::new(out, look).text(0, ink, &summary(errors, found.warning_count()))
}

fn summary(errors: usize, warnings: usize) -> String {
    let count = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        several => Some(format!("{several} {what}s")),
    };
    let counts = [count(errors, "error"), count(warnings, "warning")];
    counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn renderer(look: Look) -> Renderer {
    let renderer = if look.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer
        .term_width(look.width)
        .decor_style(DecorStyle::Ascii);
    if !look.color {
        return renderer;
    }
    // The defaults use blue and bright colours that vanish on some backgrounds.
    renderer
        .error(Ink::Alarm.style())
        .warning(AnsiColor::Yellow.on_default().effects(Effects::BOLD))
        .note(AnsiColor::Cyan.on_default())
        .help(AnsiColor::Cyan.on_default())
        .context(AnsiColor::Cyan.on_default())
        .line_num(Ink::Faint.style())
        .emphasis(Ink::Strong.style())
}

/// What may be shown of the files that findings are about, made once a run: files can be large.
struct Texts<'s> {
    sources: &'s Sources,
    shown: BTreeMap<FileId, String>,
}

impl<'s> Texts<'s> {
    fn read(&mut self, finding: &Diagnostic) {
        for (span, _, _) in places(finding) {
            if let Some(source) = self.sources.get(span.file) {
                self.shown
                    .entry(span.file)
                    .or_insert_with(|| steady(source.masked_text()));
            }
        }
    }

    /// Whether any place of a finding can be shown.
    fn has(&self, finding: &Diagnostic) -> bool {
        places(finding).any(|(span, _, _)| self.shown.contains_key(&span.file))
    }

    /// The lines around these places of one file; only where the first is when the lines are too
    /// long to be quoted.
    fn quote<'a>(
        &'a self,
        file: FileId,
        places: &[(Span, AnnotationKind, &'a str)],
    ) -> Option<Element<'a>> {
        let (text, source) = (self.shown.get(&file)?, self.sources.get(file)?);
        let spans = || places.iter().map(|(span, ..)| within(*span, text));
        let first = spans().map(|span| span.start).min()?;
        let last = spans().map(|span| span.end).max()?;
        let start = text[..first].rfind('\n').map_or(0, |at| at + 1);
        let end = text[last..].find('\n').map_or(text.len(), |at| last + at);
        if end - start > LONGEST_QUOTE {
            let position = source.position(places.first()?.0.start);
            let origin = Origin::path(printable(&source.name)).line(position.line);
            return Some(origin.char_column(position.column).into());
        }
        let line = source
            .position(u32::try_from(start).unwrap_or(u32::MAX))
            .line;
        let annotations = places.iter().zip(spans()).map(|((_, kind, label), span)| {
            let label = (!label.is_empty()).then(|| printable(label));
            kind.span(span.start - start..span.end - start).label(label)
        });
        let snippet = Snippet::source(&text[start..end]).line_start(line);
        let snippet: Snippet<'a, Annotation<'a>> = snippet
            .path(printable(&source.name))
            .annotations(annotations);
        Some(snippet.into())
    }
}

/// Every place of a finding, its own first.
fn places(finding: &Diagnostic) -> impl Iterator<Item = (Span, AnnotationKind, &str)> {
    let own = finding
        .span
        .map(|span| (span, AnnotationKind::Primary, finding.label.as_str()));
    let related = finding.related.iter();
    own.into_iter()
        .chain(related.map(|it| (it.span, AnnotationKind::Context, it.label.as_str())))
}

fn group<'a>(finding: &'a Diagnostic, texts: &'a Texts<'_>) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(printable(&finding.message)));
    let mut files: Vec<(FileId, Vec<_>)> = Vec::new();
    for place in places(finding) {
        match files.iter_mut().find(|(file, _)| *file == place.0.file) {
            Some((_, known)) => known.push(place),
            None => files.push((place.0.file, vec![place])),
        }
    }
    let quotes = files
        .iter()
        .filter_map(|(file, places)| texts.quote(*file, places));
    group = group.elements(quotes);
    if let Some(help) = finding.help.as_ref().filter(|_| texts.has(finding)) {
        group = group.element(Level::HELP.message(printable(help)));
    }
    group
}

/// A span moved to where the text can be cut.
fn within(span: Span, text: &str) -> std::ops::Range<usize> {
    let boundary = |at: u32| {
        let at = (at as usize).min(text.len());
        (0..=at)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0)
    };
    let (start, end) = (boundary(span.start), boundary(span.end));
    start..end.max(start)
}

/// Control characters overwritten byte by byte, so that places stay where they are.
fn steady(text: String) -> String {
    if matches!(printable(&text), std::borrow::Cow::Borrowed(_)) {
        return text;
    }
    let mut steady = String::with_capacity(text.len());
    for c in text.chars() {
        let mut buffer = [0; 4];
        let one = c.encode_utf8(&mut buffer);
        if c == '\r' || printable(one) == *one {
            steady.push(c);
        } else {
            steady.extend(std::iter::repeat_n('?', c.len_utf8()));
        }
    }
    steady
}

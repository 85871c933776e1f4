use std::sync::Arc;

/// Which of the files of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// A range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The part of this span that begins `offset` bytes in and is `length` bytes long.
    pub fn part(self, offset: usize, length: usize) -> Self {
        let start = self
            .start
            .saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        let end = start.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
        Self {
            file: self.file,
            start: start.min(self.end),
            end: end.min(self.end),
        }
    }
}

/// A place as people read it: line and column, both from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One file's name and text. Its `Debug` shows the name: the text may hold secrets.
#[derive(Clone)]
pub struct Source {
    /// The name as the user gave it.
    pub name: String,
    /// The text as read.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
    masked: Vec<Span>,
}

/// The files that a run has read, for showing places in them.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Takes a file in and says how to refer to it.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let text = text.into();
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0)
            .chain(ends.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)))
            .collect();
        self.files.push(Source {
            name: name.into(),
            text,
            line_starts,
            masked: Vec::new(),
        });
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// Marks a place whose text must not be shown.
    pub fn mask(&mut self, span: Span) {
        if let Some(file) = self.files.get_mut(span.file.0 as usize) {
            file.masked.push(span);
        }
    }

    /// The file, where there is one of that number.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.0 as usize)
    }

    /// The text under a span; empty where there is none.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file)
            .and_then(|file| file.text.get(span.start as usize..span.end as usize))
            .unwrap_or_default()
    }

    /// The name of the file and the position of the first byte of a span.
    pub fn locate(&self, span: Span) -> Option<(&str, Position)> {
        self.get(span.file)
            .map(|file| (file.name.as_str(), file.position(span.start)))
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Source").field(&self.name).finish()
    }
}

impl Source {
    /// Line and column of a byte.
    pub fn position(&self, byte: u32) -> Position {
        let line = self
            .line_starts
            .partition_point(|start| *start <= byte)
            .max(1);
        let start = self.line_starts[line - 1] as usize;
        let before = self.text.get(start..byte as usize).unwrap_or_default();
        Position {
            line,
            column: before.chars().count() + 1,
        }
    }

    /// The text with every masked place overwritten by `*`, byte for byte as long as before.
    pub fn masked_text(&self) -> String {
        let mut bytes = self.text.as_bytes().to_vec();
        for span in &self.masked {
            let (start, end) = (span.start as usize, (span.end as usize).min(bytes.len()));
            for byte in bytes.get_mut(start..end).unwrap_or_default() {
                if *byte != b'\n' {
                    *byte = b'*';
                }
            }
        }
        String::from_utf8(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "ä: 1\nbö: 2\n");
        let source = sources.get(file).unwrap();
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(4), Position { line: 1, column: 4 });
        assert_eq!(source.position(11), Position { line: 2, column: 5 });
    }

    #[test]
    fn a_masked_place_keeps_its_lines_and_loses_its_text() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "p: ab\n  cö\nq: 1\n");
        sources.mask(Span {
            file,
            start: 3,
            end: 11,
        });
        assert_eq!(
            sources.get(file).unwrap().masked_text(),
            "p: **\n*****\nq: 1\n"
        );
    }
}

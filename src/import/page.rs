use std::fmt::Write;

use crate::model::printable;

/// How wide a comment gets; what has no space in it is never cut.
const WIDTH: usize = 98;

/// Indented lines of YAML with comments between them.
#[derive(Default)]
pub(super) struct Page {
    text: String,
}

impl Page {
    pub(super) fn line(&mut self, indent: usize, line: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "{:indent$}{line}", "");
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A comment, wrapped between words; whatever it says, it stays one.
    pub(super) fn comment(&mut self, indent: usize, comment: &str) {
        self.wrapped(indent, "# ", "# ", comment);
    }

    /// An entry of a list within a comment.
    pub(super) fn comment_item(&mut self, mark: &str, comment: &str) {
        let first = format!("#   {mark} ");
        let others = format!("#{}", " ".repeat(first.chars().count() - 1));
        self.wrapped(0, &first, &others, comment);
    }

    fn wrapped(&mut self, indent: usize, first: &str, others: &str, comment: &str) {
        let comment = printable(comment);
        let mut line = first.to_owned();
        let mut begun = false;
        for word in comment.split_whitespace() {
            let width = indent + line.chars().count() + 1 + word.chars().count();
            if begun && width > WIDTH {
                self.line(indent, &line);
                line = others.to_owned();
                begun = false;
            }
            if begun {
                line.push(' ');
            }
            line.push_str(word);
            begun = true;
        }
        self.line(indent, &line);
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_stays_one_whatever_it_says() {
        let mut page = Page::default();
        page.comment(2, "a\nversion: 2\r\u{1b}[2J\u{2028}b");
        let expected = "  # a version: 2\u{fffd}\u{fffd}[2J\u{fffd}b\n";
        assert_eq!(page.into_text(), expected);
    }

    #[test]
    fn a_long_comment_is_wrapped_between_words() {
        let mut page = Page::default();
        page.comment_item("-", &"word ".repeat(30));
        let text = page.into_text();
        assert_eq!(text.lines().count(), 2);
        assert!(text.lines().all(|line| line.len() <= WIDTH));
        assert!(text.lines().nth(1).unwrap().starts_with("#     word"));
    }
}

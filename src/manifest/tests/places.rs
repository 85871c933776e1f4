use crate::manifest::{Node, NodeKind, parse};
use crate::model::{FileId, Sources};

/// Every scalar of a text with what its span covers.
fn scalars(text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let file = sources.add("a.yaml", text);
    let tree = parse(FileId(0), text).unwrap();
    let mut all = Vec::new();
    collect(&tree, &mut |node| {
        all.push(sources.text(node.span).to_owned())
    });
    assert_eq!(file, FileId(0));
    all
}

fn collect(node: &Node, take: &mut impl FnMut(&Node)) {
    match &node.kind {
        NodeKind::Map(entries) => entries.iter().for_each(|(_, value)| collect(value, take)),
        NodeKind::List(items) => items.iter().for_each(|item| collect(item, take)),
        _ => take(node),
    }
}

#[test]
fn a_value_covers_exactly_what_is_written_for_it() {
    assert_eq!(
        scalars(
            "a: ä b \nc: 'x y' # no\nd: \"q\\n\"\ne: [1, two]\nf: {g: h}\ni: |\n  one\n  two\n\
             j: >-\n  three\n\nk: ~\nl: plain\n  goes on\n"
        ),
        [
            "ä b",
            "'x y'",
            "\"q\\n\"",
            "1",
            "two",
            "h",
            "one\n  two\n",
            "three\n\n",
            "~",
            "plain\n  goes on"
        ]
    );
}

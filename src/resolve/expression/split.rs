/// A piece of a text.
pub(in crate::resolve) enum Piece<'a> {
    Text(String),
    Expression(&'a str),
}

/// The rest of a text from a `${` on that has no end.
pub(in crate::resolve) struct Unclosed<'a>(pub(in crate::resolve) &'a str);

/// Cuts a text at its expressions. `$${` is a literal `${`; braces and quotes inside an
/// expression are matched, so that `${ {"a": "}"} }` is one.
pub(in crate::resolve) fn split(text: &str) -> Result<Vec<Piece<'_>>, Unclosed<'_>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            literal.push_str(&rest[..at - 1]);
            literal.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        literal.push_str(&rest[..at]);
        let inner = &rest[at + 2..];
        let end = expression_end(inner).ok_or(Unclosed(&rest[at..]))?;
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        pieces.push(Piece::Expression(&inner[..end]));
        rest = &inner[end + 1..];
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

fn expression_end(inner: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at),
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}

use std::borrow::Cow;

use super::NodeKind;

/// What a plain scalar means by the core schema of YAML 1.2.
///
/// `yes`, `no`, `on` and `off` are text, as are numbers with underscores. Numbers keep the
/// digits they were written with.
pub(super) fn plain(text: Cow<'_, str>) -> NodeKind {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => NodeKind::Null,
        "true" | "True" | "TRUE" => NodeKind::Boolean(true),
        "false" | "False" | "FALSE" => NodeKind::Boolean(false),
        number if is_number(number) => NodeKind::Number(text.into_owned()),
        _ => NodeKind::Text(text.into_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |part: &str, radix: u32| {
        !part.is_empty() && part.chars().all(|digit| digit.is_digit(radix))
    };
    if let Some(octal) = text.strip_prefix("0o") {
        return digits(octal, 8);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return digits(hex, 16);
    }
    // `parse` also takes words such as "inf" and "nan", which YAML writes with a dot.
    unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for number in ["0", "-7", "1.10", "6e3", "0o17", "0x1F", ".5", "014"] {
            assert_eq!(
                plain(number.into()),
                NodeKind::Number(number.into()),
                "{number}"
            );
        }
    }

    #[test]
    fn words_that_older_yaml_took_for_booleans_are_text() {
        for word in [
            "yes", "no", "on", "off", "y", "1_000", "12:30", "inf", "1.2.3", "-", "+",
        ] {
            assert_eq!(plain(word.into()), NodeKind::Text(word.into()), "{word}");
        }
    }
}

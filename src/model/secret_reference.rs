/// The name in a reference to one of OSC's service secrets, `{{secrets.NAME}}`; only a whole value
/// is one (API notes 8.1).
pub fn secret_reference(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("{{secrets.")?.strip_suffix("}}")?;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_value_is_a_reference() {
        assert_eq!(secret_reference(" {{secrets.a.b}}\n"), Some("a.b"));
        for text in [
            "",
            "{{secrets.}}",
            "x{{secrets.a}}",
            "{{secrets.a}}x",
            "{{a}}",
        ] {
            assert_eq!(secret_reference(text), None, "{text}");
        }
    }
}

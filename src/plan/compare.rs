use crate::catalog::{OptionKind, OptionSpec};
use crate::model::OptionValue;

/// Whether a live option is as wanted, after normalising what OSC is known to do to values.
///
/// An unset option is in force with the catalog's default, so both are the same. Trailing
/// slashes of URLs do not count (API notes 1, 6.3), nor does the case of a boolean. The order
/// of a list does. An empty text is no value, nor is `undefined` or `null`: the platform keeps
/// none of them (API notes 6.3).
pub(super) fn same(
    spec: Option<&OptionSpec>,
    live: Option<&OptionValue>,
    wanted: Option<&OptionValue>,
) -> bool {
    in_force(spec, live) == in_force(spec, wanted)
}

/// The normalised text that is in force for an option, the catalog's default where it is unset.
pub(super) fn in_force(spec: Option<&OptionSpec>, value: Option<&OptionValue>) -> String {
    let default = spec.and_then(|spec| spec.default.as_deref());
    let is_boolean = spec.is_some_and(|spec| spec.kind == OptionKind::Boolean);
    let text = value
        .map(OptionValue::expose)
        .filter(|text| !matches!(text.trim(), "" | "undefined" | "null"))
        .or(default)
        .unwrap_or_default();
    normalised(text, is_boolean)
}

fn normalised(text: &str, is_boolean: bool) -> String {
    let text = text.trim();
    if is_boolean {
        text.to_lowercase()
    } else if text.contains("://") {
        text.trim_end_matches('/').to_owned()
    } else {
        text.to_owned()
    }
}

/// Whether an option is set to something other than the catalog's default.
pub(super) fn is_set(spec: &OptionSpec, live: &OptionValue) -> bool {
    let is_boolean = spec.kind == OptionKind::Boolean;
    let default = spec.default.as_deref().unwrap_or_default();
    normalised(live.expose(), is_boolean) != normalised(default, is_boolean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn plain(text: &str) -> OptionValue {
        OptionValue::new(text.into(), false)
    }

    #[test]
    fn a_trailing_slash_of_a_url_is_no_difference() {
        assert!(same(
            None,
            Some(&plain("https://a.example/")),
            Some(&plain("https://a.example"))
        ));
        assert!(!same(None, Some(&plain("a/")), Some(&plain("a"))));
    }

    #[test]
    fn an_unset_option_is_in_force_with_its_default() {
        let catalog = Catalog::bundled().unwrap();
        let spec = catalog
            .service("eyevinn-live-encoding")
            .unwrap()
            .option("HlsOnly");
        assert!(same(spec, None, Some(&plain("true"))));
        assert!(same(spec, Some(&plain("True")), None));
        assert!(!same(spec, None, Some(&plain("false"))));
    }

    #[test]
    fn what_the_platform_cannot_keep_is_no_value() {
        for nothing in ["", " ", "undefined", "null"] {
            assert!(same(None, None, Some(&plain(nothing))), "{nothing:?}");
            assert!(!same(None, Some(&plain("x")), Some(&plain(nothing))));
        }
    }

    #[test]
    fn space_around_a_value_is_no_difference() {
        assert!(same(
            None,
            Some(&plain("{{secrets.a}}")),
            Some(&plain(" {{secrets.a}}\n"))
        ));
    }

    #[test]
    fn the_order_of_a_list_is_a_difference() {
        assert!(!same(None, Some(&plain("a,b")), Some(&plain("b,a"))));
    }
}

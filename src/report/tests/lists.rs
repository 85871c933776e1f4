use super::builder::{WIDE, coloured, plain, secret, shown, text};
use crate::model::Address;
use crate::plan::OutputValue;
use crate::report::{self, Look, StatusRow};

fn outputs(outputs: &[(&str, OutputValue)]) -> String {
    let outputs: Vec<_> = outputs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    let mut out = Vec::new();
    report::outputs(&mut out, &outputs, plain(40)).unwrap();
    text(out)
}

fn row(key: &str, name: &str, state: &str, url: Option<&str>) -> StatusRow {
    StatusRow {
        address: Address::instance(key),
        service: "wordpress-wordpress".to_owned(),
        name: name.to_owned(),
        state: state.to_owned(),
        url: url.map(str::to_owned),
    }
}

fn rows() -> Vec<StatusRow> {
    vec![
        row(
            "site",
            "myblog",
            "running",
            Some("https://acme-myblog.example.com"),
        ),
        row(
            "shop",
            "myshop",
            "unreadable: reading health: no usable answer (502)",
            None,
        ),
        row("docs", "mydocs", "absent", None),
    ]
}

fn status(rows: &[StatusRow], look: Look) -> String {
    let mut out = Vec::new();
    report::status(&mut out, rows, look).unwrap();
    text(out)
}

#[test]
fn outputs_are_aligned_never_cut_and_hide_what_is_sensitive() {
    let known = |value| OutputValue::Known(shown(value));
    let long = "https://a-very-long-name.example.com/path/to/something";
    let text = outputs(&[
        ("url", known(long)),
        ("password", OutputValue::Known(secret("x"))),
        ("address", OutputValue::Unknown),
        ("none", known("")),
        ("lines", known("a\nb\x1b\n")),
    ]);
    insta::assert_snapshot!(text, @r#"
    url      = https://a-very-long-name.example.com/path/to/something
    password = (sensitive)
    address  = (known after apply)
    none     = ""
    lines    = a
               b�
    "#);
}

#[test]
fn no_outputs_are_nothing() {
    assert_eq!(outputs(&[]), "");
}

#[test]
fn status_is_a_table_where_it_fits() {
    insta::assert_snapshot!(status(&rows(), WIDE), @r"
    ADDRESS         SERVICE              NAME    HEALTH      URL
    instances.site  wordpress-wordpress  myblog  running     https://acme-myblog.example.com
    instances.shop  wordpress-wordpress  myshop  unreadable
      reading health: no usable answer (502)
    instances.docs  wordpress-wordpress  mydocs  absent
    ");
}

#[test]
fn status_is_blocks_where_a_table_does_not_fit() {
    insta::assert_snapshot!(status(&rows(), plain(40)), @r"
    instances.site  running
      wordpress-wordpress  myblog
      https://acme-myblog.example.com
    instances.shop  unreadable
      wordpress-wordpress  myshop
      reading health: no usable answer (502)
    instances.docs  absent
      wordpress-wordpress  mydocs
    ");
}

#[test]
fn states_are_coloured_by_what_they_mean() {
    let text = status(&rows(), coloured(100));
    assert!(text.contains("\x1b[32mrunning\x1b[0m"), "{text:?}");
    assert!(text.contains("\x1b[31munreadable\x1b[0m"), "{text:?}");
}

#[test]
fn words_and_urls_of_the_platform_cannot_steer_the_terminal() {
    let odd = [row("site", "x", "run\x1b[0m", Some("https://x\u{9b}"))];
    for look in [WIDE, plain(20)] {
        let text = status(&odd, look);
        assert!(
            !text.contains(|c: char| c.is_control() && c != '\n'),
            "{text:?}"
        );
    }
}

#[test]
fn a_manifest_without_instances_says_so() {
    assert_eq!(status(&[], WIDE), "The manifest declares no instances.\n");
}

use super::builder::{WIDE, coloured, plain, text};
use crate::model::{Diagnostic, Diagnostics, FileId, Sources, Span};
use crate::report::{self, Look};

fn rendered(found: &Diagnostics, sources: &Sources, look: Look) -> String {
    let mut out = Vec::new();
    report::findings(&mut out, found, sources, look).unwrap();
    text(out)
}

/// Where `word` first stands in a file.
fn find(sources: &Sources, file: FileId, word: &str) -> Span {
    let start = sources.get(file).unwrap().text.find(word).unwrap();
    let start = u32::try_from(start).unwrap();
    let end = start + u32::try_from(word.len()).unwrap();
    Span { file, start, end }
}

fn two_files() -> (Sources, FileId, FileId) {
    let mut sources = Sources::default();
    let manifest = "version: 1\nstack: blog\ninstances:\n  db:\n    options:\n      \
                    RootPassword: hunter2\n      RootPasword: hunter2\n  site: {}\n";
    let first = sources.add("osc.yaml", manifest);
    let second = sources.add("more.yaml", "instances:\n  db: {}\n");
    for (at, _) in manifest.match_indices("hunter2") {
        let start = u32::try_from(at).unwrap();
        sources.mask(Span {
            file: first,
            start,
            end: start + 7,
        });
    }
    (sources, first, second)
}

#[test]
fn findings_of_several_files_are_sorted_with_their_lines_and_no_secret() {
    let (sources, first, second) = two_files();
    let mut found = Diagnostics::default();
    found.push(
        Diagnostic::error(
            find(&sources, second, "db"),
            "the instance `db` stands here twice",
        )
        .related(find(&sources, first, "db"), "first here"),
    );
    found.push(
        Diagnostic::error(
            find(&sources, first, "RootPasword"),
            "linuxserver-docker-mariadb has no option `RootPasword`",
        )
        .label("unknown option")
        .help("did you mean `RootPassword`?"),
    );
    found.push(Diagnostic::warning(
        find(&sources, first, "hunter2"),
        "a literal secret",
    ));
    let text = rendered(&found, &sources, WIDE);
    assert!(!text.contains("hunter2"));
    insta::assert_snapshot!(text, @r"
    warning: a literal secret
     --> osc.yaml:6:21
      |
    6 |       RootPassword: *******
      |                     ^^^^^^^

    error: linuxserver-docker-mariadb has no option `RootPasword`
     --> osc.yaml:7:7
      |
    7 |       RootPasword: *******
      |       ^^^^^^^^^^^ unknown option
      |
      = help: did you mean `RootPassword`?

    error: the instance `db` stands here twice
     --> more.yaml:2:3
      |
    2 |   db: {}
      |   ^^
      |
     ::: osc.yaml:4:3
      |
    4 |   db:
      |   -- first here

    2 errors, 1 warning
    ");
}

#[test]
fn a_finding_without_a_place_is_its_message_and_help() {
    let found = Diagnostic::error_without_place("`--var` names no variable `regoin`")
        .help("did you mean `region`?");
    insta::assert_snapshot!(rendered(&found.into(), &Sources::default(), WIDE), @r"
    error: `--var` names no variable `regoin`
      help: did you mean `region`?

    1 error
    ");
}

#[test]
fn a_cycle_shows_every_place_of_one_file_together() {
    let mut sources = Sources::default();
    let file = sources.add("osc.yaml", "a: ${b}\n\n\n\n\nb: ${c}\nc: ${a}\n");
    let found = Diagnostic::error(find(&sources, file, "${b}"), "a needs b needs c needs a")
        .label("a needs b")
        .related(find(&sources, file, "${c}"), "b needs c")
        .related(find(&sources, file, "${a}"), "c needs a");
    insta::assert_snapshot!(rendered(&found.into(), &sources, WIDE), @r"
    error: a needs b needs c needs a
     --> osc.yaml:1:4
      |
    1 | a: ${b}
      |    ^^^^ a needs b
    ...
    6 | b: ${c}
      |    ---- b needs c
    7 | c: ${a}
      |    ---- c needs a

    1 error
    ");
}

#[test]
fn places_outside_the_text_or_inside_a_character_do_not_matter() {
    let mut sources = Sources::default();
    let file = sources.add("osc.yaml", "ä: ö");
    let strange = [(0, 1), (1, 1), (1, 5), (6, 9), (90, 99), (5, 2)];
    for (start, end) in strange {
        let found = Diagnostic::error(Span { file, start, end }, "odd");
        assert!(rendered(&found.into(), &sources, plain(40)).contains("osc.yaml"));
    }
    let nowhere = Diagnostic::error(
        Span {
            file: FileId(7),
            start: 0,
            end: 1,
        },
        "odd",
    );
    assert!(rendered(&nowhere.into(), &sources, WIDE).starts_with("error: odd"));
}

#[test]
fn control_characters_of_files_and_messages_are_not_printed() {
    let mut sources = Sources::default();
    let file = sources.add("a\x1b.yaml", "k\u{9b}: \x1b[31m\u{202e}\tv\r\n");
    let found = Diagnostic::error(find(&sources, file, "v"), "odd \x1b[0m")
        .label("\x07")
        .help("\u{9b}2J");
    let text = rendered(&found.into(), &sources, WIDE);
    let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(steers), "{text:?}");
}

#[test]
fn colours_come_only_where_they_are_asked_for_and_are_never_blue() {
    let (sources, first, _) = two_files();
    let found = || Diagnostics::from(Diagnostic::error(find(&sources, first, "site"), "odd"));
    assert!(!rendered(&found(), &sources, WIDE).contains('\x1b'));
    let text = rendered(&found(), &sources, coloured(100));
    assert!(text.contains("\x1b[1m\x1b[31m"), "{text:?}");
    for code in ["34m", "94m", "30m", "37m", "97m"] {
        assert!(!text.contains(code), "{text:?}");
    }
}

#[test]
fn nothing_found_is_nothing_printed() {
    assert_eq!(
        rendered(&Diagnostics::default(), &Sources::default(), WIDE),
        ""
    );
}

#[test]
fn hundreds_of_findings_in_a_large_file_are_rendered_soon() {
    let mut sources = Sources::default();
    let file = sources.add("osc.yaml", "key: value\n".repeat(200_000));
    let mut found = Diagnostics::default();
    for line in 0..500 {
        let start = line * 11 * 400;
        found.push(Diagnostic::error(
            Span {
                file,
                start,
                end: start + 3,
            },
            "odd",
        ));
    }
    let begun = std::time::Instant::now();
    assert!(rendered(&found, &sources, WIDE).ends_with("500 errors\n"));
    assert!(begun.elapsed() < std::time::Duration::from_secs(10));
}

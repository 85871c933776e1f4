//! Where sign-ins are kept, when they are used, and what is not trusted.

use std::path::Path;

use crate::recorder::Recorder;
use crate::served::Served;
use crate::sign_in::{FIRST, Waiting, kept_files, sign_in, store};
use crate::workspace::{PAIR, Run, Workspace};

/// A command refuses the store, in these words, and asks the server nothing.
#[track_caller]
fn refuses(workspace: &Workspace, server: &Recorder, words: &str) -> Run {
    let before = server.talk().len();
    let run = workspace.run_at(&server.endpoint(), &["whoami", "-vv"]);
    let run = run.exits(4);
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert_eq!(server.talk().len(), before);
    run
}

#[test]
fn a_sign_in_is_never_sent_to_hosts_it_was_not_made_with() {
    let workspace = Workspace::with(PAIR);
    let served = Served::start(&workspace);
    sign_in(&workspace, &served.endpoint, FIRST);
    let stranger = Recorder::answering(|_| Some((200, "[]".to_owned())));
    let other = stranger.endpoint();
    let mut commands = vec![workspace.at(&other, &["plan"])];
    for role in ["APP", "CATALOG", "TOKEN", "DEPLOY", "MONEY"] {
        let mut command = workspace.at(&served.endpoint, &["plan"]);
        command.env(format!("OSC_{role}_URL"), &other);
        commands.push(command);
    }
    let mut alone = workspace.command(&["plan"]);
    alone.env("OSC_CATALOG_URL", &other);
    commands.push(alone);
    let mut environment = workspace.at(&other, &["plan", "--env", "stage"]);
    environment.env("OSC_WORKSPACE", FIRST);
    commands.push(environment);
    for mut command in commands {
        let run = Run::of(command.output().unwrap()).exits(4);
        assert!(run.stderr.contains("not signed in"), "{}", run.stderr);
    }
    assert!(stranger.talk().is_empty(), "{:?}", stranger.talk());
    workspace.run_at(&served.endpoint, &["plan"]).ok();
}

#[cfg(unix)]
#[test]
fn a_file_or_folder_that_others_can_read_is_refused() {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let server = Recorder::before(&served.endpoint);
    sign_in(&workspace, &server.endpoint(), FIRST);
    let mode = |path: &Path| metadata(path).unwrap().permissions().mode() & 0o7777;
    let change = |path: &Path, mode| set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let folder = store(&workspace);
    let file = kept_files(&workspace).remove(0);
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    for (path, good, bad) in [
        (&file, 0o600, 0o644),
        (&file, 0o600, 0o620),
        (&folder.join("index.json"), 0o600, 0o604),
        (&folder, 0o700, 0o755),
        (&folder, 0o700, 0o710),
    ] {
        change(path, bad);
        refuses(
            &workspace,
            &server,
            &format!("can be read by others (mode {bad:o})"),
        );
        change(path, good);
    }
    change(&folder, 0o750);
    // Nobody is sent to a browser for a sign-in that cannot be kept.
    for arguments in [["login", "--no-browser"], ["logout", "--all"]] {
        let run = workspace.run_at(&server.endpoint(), &arguments).exits(4);
        assert!(run.stderr.contains("mode 750"), "{}", run.stderr);
        assert!(run.stderr.contains("chmod"), "{}", run.stderr);
    }
    change(&folder, 0o700);
    workspace.run_at(&server.endpoint(), &["whoami"]).ok();
}

#[test]
fn an_index_that_is_garbled_is_not_shown_and_can_be_forgotten() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let server = Recorder::before(&served.endpoint);
    for text in [
        "c4n4ry",
        "",
        "[]",
        "{\"version\":1,\"sign_ins\":\"c4n4ry\"}",
    ] {
        sign_in(&workspace, &server.endpoint(), FIRST);
        std::fs::write(store(&workspace).join("index.json"), text).unwrap();
        let run = refuses(&workspace, &server, "index.json cannot be used");
        assert!(run.stderr.contains("logout --all"), "{}", run.stderr);
        assert!(!run.stderr.contains("c4n4ry"), "{}", run.stderr);
        let forget = ["logout", "--all"];
        workspace.run_at(&server.endpoint(), &forget).ok();
        assert!(kept_files(&workspace).is_empty());
    }
}

#[test]
fn a_sign_in_that_is_garbled_or_gone_is_not_shown_and_mended_by_the_next() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let server = Recorder::before(&served.endpoint);
    for text in ["c4n4ry", "", "{\"version\":2,\"access_token\":\"c4n4ry\"}"] {
        sign_in(&workspace, &server.endpoint(), FIRST);
        std::fs::write(&kept_files(&workspace)[0], text).unwrap();
        let run = refuses(&workspace, &server, "cannot be used: it ");
        assert!(!run.stderr.contains("c4n4ry"), "{}", run.stderr);
    }
    sign_in(&workspace, &server.endpoint(), FIRST);
    workspace.run_at(&server.endpoint(), &["whoami"]).ok();
    std::fs::remove_file(&kept_files(&workspace)[0]).unwrap();
    refuses(&workspace, &server, "is no longer in /");
}

#[test]
fn where_nothing_can_be_kept_the_sign_in_fails_in_both_places() {
    let workspace = Workspace::new();
    let served = Served::start(&workspace);
    let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
    workspace.write(".local", "in the way");
    let page = waiting.allow(FIRST);
    assert!(page.text.contains("could not be kept"), "{}", page.text);
    let run = waiting.end().exits(4);
    assert!(
        run.stderr.contains("cannot make the folder"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("disk is not full"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
}

#[test]
fn without_a_home_there_is_nowhere_to_keep_it() {
    let workspace = Workspace::new();
    let mut command = workspace.command(&["login", "--no-browser"]);
    command.env("HOME", "");
    let run = Run::of(command.output().unwrap());
    assert_ne!(run.code, 0);
    assert_eq!(run.stdout, "");
}

use std::fs;
use std::path::{Path, PathBuf};

use crate::served::{Home, Served};
use crate::{MANIFEST, sign_in, with_keyring};

pub(crate) const TRIALS: [(&str, fn()); 4] = [
    ("tokens_are_in_the_keyring_and_in_no_file", kept),
    ("sign_ins_to_two_workspaces_are_kept_side_by_side", two),
    ("a_renewal_replaces_both_tokens_in_the_keyring", renewed),
    ("logging_out_leaves_nothing_behind", logged_out),
];

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let all = entries.flat_map(|path| match path.is_dir() {
        true => files(&path),
        false => vec![path],
    });
    all.collect()
}

/// No file holds one of the tokens of these secrets.
fn in_no_file(home: &Home, secrets: &[serde_json::Value]) {
    let files = files(home.path());
    assert!(files.iter().any(|file| file.ends_with("index.json")));
    for secret in secrets {
        for name in ["access_token", "refresh_token"] {
            let token = secret[name].as_str().unwrap();
            assert!(token.len() > 20);
            for file in &files {
                let bytes = fs::read(file).unwrap();
                let holds = bytes
                    .windows(token.len())
                    .any(|part| part == token.as_bytes());
                assert!(!holds, "{} holds the {name}", file.display());
            }
        }
    }
}

fn kept() {
    let served = Served::start();
    let (home, session) = with_keyring(&served);
    let said = sign_in(&home, "sandbox").stdout;
    assert!(
        said.contains("It is kept in the system's keyring."),
        "{said}"
    );
    let secrets = session.secrets();
    assert_eq!(secrets.len(), 1);
    in_no_file(&home, &secrets);
    let who = home.run(&["whoami", "--json"]).exits(0).json();
    assert_eq!(
        who["token"]["source"],
        "the sign-in in the system's keyring"
    );
    home.run(&["plan", "--file", MANIFEST]).exits(0);
    in_no_file(&home, &secrets);
}

fn two() {
    let served = Served::start();
    let (home, session) = with_keyring(&served);
    for workspace in ["sandbox", "sandbox-two"] {
        sign_in(&home, workspace);
    }
    assert_eq!(session.secrets().len(), 2);
    for workspace in ["sandbox", "sandbox-two"] {
        let who = home.run(&["whoami", "--json", "--workspace", workspace]);
        assert_eq!(who.exits(0).json()["workspace"], workspace);
    }
    sign_in(&home, "sandbox");
    assert_eq!(session.secrets().len(), 2);
}

fn renewed() {
    let served = Served::with_tokens_for("30s");
    let (home, session) = with_keyring(&served);
    sign_in(&home, "sandbox");
    let before = session.secrets();
    home.run(&["whoami"]).exits(0);
    let after = session.secrets();
    assert_eq!(after.len(), 1);
    for name in ["access_token", "refresh_token"] {
        assert_ne!(before[0][name], after[0][name]);
    }
    in_no_file(&home, &[before, after].concat());
}

fn logged_out() {
    let served = Served::start();
    let (home, session) = with_keyring(&served);
    for workspace in ["sandbox", "sandbox-two"] {
        sign_in(&home, workspace);
    }
    home.run(&["logout", "--workspace", "sandbox"]).exits(0);
    assert_eq!(session.secrets().len(), 1);
    home.run(&["logout"]).exits(0);
    assert_eq!(session.secrets().len(), 0);
    home.run(&["whoami"]).exits(4);
    sign_in(&home, "sandbox");
    assert_eq!(session.secrets().len(), 1);
    home.run(&["logout", "--all"]).exits(0);
    assert_eq!(session.secrets().len(), 0);
}

use std::path::Path;

use super::super::sign_in::SignIn;
use super::super::testing::{sign_in, site};
use super::*;
use crate::osc::{HostOverrides, Hosts};

fn store(folder: &tempfile::TempDir) -> Store {
    Store::new(folder.path().join("a/b"), false)
}

async fn keep(store: &Store, site: &Site, sign_in: &SignIn) -> Kept {
    let lock = store.lock().await.unwrap();
    store.keep(&lock, site, sign_in).unwrap()
}

fn end(store: &Store, workspace: &str) -> Option<u64> {
    let (sign_in, _) = store.read(&site(), workspace).unwrap()?;
    let since = sign_in.expires?.duration_since(std::time::UNIX_EPOCH);
    Some(since.unwrap().as_secs())
}

#[tokio::test]
async fn one_sign_in_a_workspace_is_kept_and_the_latest_is_last() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    assert!(store.workspaces(&site()).unwrap().is_empty());
    for (workspace, seconds) in [("acme", 1), ("beta", 2), ("acme", 3)] {
        keep(&store, &site(), &sign_in(workspace, seconds)).await;
    }
    assert_eq!(store.workspaces(&site()).unwrap(), ["beta", "acme"]);
    assert_eq!(
        (end(&store, "acme"), end(&store, "beta")),
        (Some(3), Some(2))
    );
    assert_eq!(end(&store, "other"), None);
}

#[tokio::test]
async fn a_sign_in_is_found_only_with_the_hosts_it_was_made_with() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let site_of = |environment: &str, catalog: Option<&str>| {
        let overrides = HostOverrides {
            catalog: catalog.map(str::to_owned),
            ..HostOverrides::default()
        };
        Site::of(&Hosts::new(environment, &overrides).unwrap())
    };
    keep(&store, &site(), &sign_in("acme", 1)).await;
    for other in [
        site_of("stage", None),
        // The same hosts under another name (API notes 1).
        site_of("prod-se", None),
        site_of("prod", Some("https://evil.example")),
        site_of("prod", Some("http://127.0.0.1:1")),
    ] {
        assert!(store.workspaces(&other).unwrap().is_empty());
        assert!(store.read(&other, "acme").unwrap().is_none());
    }
}

#[tokio::test]
async fn without_a_keyring_tokens_are_in_a_file_and_the_index_holds_none() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let kept = keep(&store, &site(), &sign_in("acme", 1)).await;
    assert!(kept.why_no_keyring.is_some());
    let Place::File(path) = kept.place else {
        panic!("{:?}", kept.place);
    };
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .contains("canarypat")
    );
    let index = std::fs::read_to_string(path.with_file_name("index.json")).unwrap();
    assert!(!index.contains("canary"), "{index}");
    let names = std::fs::read_dir(path.parent().unwrap()).unwrap();
    assert_eq!(names.count(), 3, "a draft was left behind");
}

#[tokio::test]
async fn what_is_removed_is_gone_and_the_rest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    for workspace in ["acme", "beta"] {
        keep(&store, &site(), &sign_in(workspace, 1)).await;
    }
    let lock = store.lock().await.unwrap();
    store.remove(&lock, &site(), "acme").unwrap();
    store.remove(&lock, &site(), "acme").unwrap();
    assert_eq!(store.workspaces(&site()).unwrap(), ["beta"]);
    store.remove_all(&lock).unwrap();
    assert!(store.workspaces(&site()).unwrap().is_empty());
    let left = std::fs::read_dir(&store.folder).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"]);
}

#[tokio::test]
async fn everything_can_be_forgotten_when_nothing_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let kept = keep(&store, &site(), &sign_in("acme", 1)).await;
    let Place::File(path) = kept.place else {
        panic!("{:?}", kept.place);
    };
    file::write(&path, "canary").unwrap();
    let error = store.read(&site(), "acme").unwrap_err();
    assert!(matches!(error, StoreError::Garbled { .. }));
    assert!(!format!("{error} {error:?}").contains("canary"));
    file::write(&path.with_file_name("index.json"), "{").unwrap();
    assert!(store.workspaces(&site()).is_err());
    let lock = store.lock().await.unwrap();
    store.remove_all(&lock).unwrap();
    assert!(store.workspaces(&site()).unwrap().is_empty());
}

#[tokio::test]
async fn a_sign_in_whose_file_is_gone_is_missing_and_not_absent() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let kept = keep(&store, &site(), &sign_in("acme", 1)).await;
    let Place::File(path) = kept.place else {
        panic!("{:?}", kept.place);
    };
    std::fs::remove_file(path).unwrap();
    let error = store.read(&site(), "acme").unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_their_owner_can_read_them_and_nothing_else_is_trusted() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let kept = keep(&store, &site(), &sign_in("acme", 1)).await;
    let Place::File(path) = kept.place else {
        panic!("{:?}", kept.place);
    };
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&store.folder), mode(&path)), (0o700, 0o600));
    set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let error = store.read(&site(), "acme").unwrap_err();
    assert!(error.to_string().contains("640"), "{error}");
    set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    set_permissions(&store.folder, Permissions::from_mode(0o750)).unwrap();
    for error in [
        store.lock().await.unwrap_err(),
        store.read(&site(), "acme").unwrap_err(),
        store.workspaces(&site()).unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Exposed { .. }), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_second_waits_for_the_first_and_not_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let first = store.lock().await.unwrap();
    let error = store.lock().await.unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error}");
    let begun = tokio::time::Instant::now();
    let other = store.clone();
    let second = tokio::spawn(async move { other.lock().await.map(drop) });
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    drop(first);
    second.await.unwrap().unwrap();
    assert!(begun.elapsed() < std::time::Duration::from_secs(6));
}

#[tokio::test]
async fn what_cannot_be_forgotten_stays_listed_and_the_rest_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    for workspace in ["acme", "beta"] {
        keep(&store, &site(), &sign_in(workspace, 1)).await;
    }
    // As if it had been kept before the keyring was switched off.
    let mut index = Index::read(&store.folder).unwrap();
    index.sign_ins[0].in_keyring = true;
    index.write(&store.folder).unwrap();
    let lock = store.lock().await.unwrap();
    let error = store.remove_all(&lock).unwrap_err();
    assert!(matches!(error, StoreError::Keyring(_)), "{error}");
    assert_eq!(store.workspaces(&site()).unwrap(), ["acme"]);
    assert!(!store.file(&site().account("beta")).exists());
}

#[tokio::test]
async fn an_index_of_another_version_is_not_guessed_at() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    keep(&store, &site(), &sign_in("acme", 1)).await;
    let path = store.folder.join("index.json");
    let text = std::fs::read_to_string(&path).unwrap();
    file::write(&path, &text.replace("\"version\": 1", "\"version\": 99")).unwrap();
    let error = store.workspaces(&site()).unwrap_err();
    assert!(
        error.to_string().contains("another version (99)"),
        "{error}"
    );
}

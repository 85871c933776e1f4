use std::fs;
use std::path::Path;

use tempfile::tempdir;

use crate::sandbox::{Folder, FolderError};

fn open(path: &Path) -> Folder {
    Folder::open(path, || [5; 32]).unwrap()
}

fn names(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn two_handles_see_each_others_changes() {
    let directory = tempdir().unwrap();
    let (one, other) = (open(directory.path()), open(directory.path()));
    one.with(|world| world.subscribe("encore")).unwrap();
    assert!(
        other
            .with(|world| world.subscriptions().contains("encore"))
            .unwrap()
    );
}

#[test]
fn a_world_is_made_once_and_keeps_its_key() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("a").join("b");
    let first = open(&path).with(|world| world.clone()).unwrap();
    let again = Folder::open(&path, || panic!("there is a world already")).unwrap();
    assert!(again.with(|world| world.clone()).unwrap() == first);
}

#[test]
fn handles_used_at_once_lose_nothing() {
    let directory = tempdir().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let folder = open(directory.path());
            scope.spawn(move || {
                for turn in 0..10 {
                    folder
                        .with(|world| world.subscribe(&format!("{thread}-{turn}")))
                        .unwrap();
                }
            });
        }
    });
    let count = open(directory.path())
        .with(|world| world.subscriptions().len())
        .unwrap();
    assert_eq!(count, 40);
}

#[test]
fn reading_does_not_write() {
    let directory = tempdir().unwrap();
    let folder = open(directory.path());
    let file = directory.path().join("world.json");
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).unwrap();
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    folder.with(|world| world.tenant().to_owned()).unwrap();
    let metadata = fs::metadata(&file).unwrap();
    assert_eq!(
        (
            metadata.modified().unwrap(),
            metadata.permissions().readonly()
        ),
        (before, true)
    );
}

#[test]
fn a_file_of_an_older_version_is_left_as_it_is_until_something_changes() {
    let directory = tempdir().unwrap();
    let folder = open(directory.path());
    let file = directory.path().join("world.json");
    let key = "KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio=";
    let old = format!(
        r#"{{"format":1,"key":"{key}","tenant":"sandbox","user":"sandbox","plan":"FREE"}}"#
    );
    fs::write(&file, &old).unwrap();
    assert_eq!(folder.with(|world| world.workspaces().count()).unwrap(), 2);
    assert_eq!(fs::read_to_string(&file).unwrap(), old);
    folder.with(|world| world.subscribe("encore")).unwrap();
    assert!(fs::read_to_string(&file).unwrap().contains("sandbox-two"));
}

#[test]
fn a_garbled_file_is_refused_and_left_alone() {
    let directory = tempdir().unwrap();
    let folder = open(directory.path());
    let file = directory.path().join("world.json");
    for garbled in [
        "",
        "{",
        "[]",
        r#"{"format":1}"#,
        r#"{"format":1,"key":"abc","tenant":"a"}"#,
    ] {
        fs::write(&file, garbled).unwrap();
        let error = folder.with(|_| ()).unwrap_err();
        assert!(matches!(error, FolderError::Garbled { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains("world.json") && text.contains("osc-apply sandbox reset"),
            "{text}"
        );
        assert!(Folder::open(directory.path(), || [5; 32]).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), garbled);
    }
}

#[test]
fn a_file_of_another_version_is_refused_with_its_format() {
    let directory = tempdir().unwrap();
    let folder = open(directory.path());
    fs::write(
        directory.path().join("world.json"),
        r#"{"format":7,"new":true}"#,
    )
    .unwrap();
    let error = folder.with(|_| ()).unwrap_err();
    assert!(
        matches!(error, FolderError::OtherFormat { found: 7, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("osc-apply sandbox reset"));
}

#[test]
fn reset_removes_the_world_and_nothing_else() {
    let directory = tempdir().unwrap();
    let folder = open(directory.path());
    fs::write(directory.path().join(".world-half"), "{").unwrap();
    fs::write(directory.path().join("mine.txt"), "mine").unwrap();
    Folder::reset(directory.path()).unwrap();
    assert_eq!(names(directory.path()), ["lock", "mine.txt"]);
    assert!(matches!(
        folder.with(|_| ()).unwrap_err(),
        FolderError::Gone { .. }
    ));
    let fresh = Folder::open(directory.path(), || [6; 32]).unwrap();
    fresh.with(|_| ()).unwrap();
}

#[test]
fn resetting_what_is_not_there_is_fine_and_makes_nothing() {
    let directory = tempdir().unwrap();
    Folder::reset(directory.path()).unwrap();
    assert!(names(directory.path()).is_empty());
    let absent = directory.path().join("absent");
    Folder::reset(&absent).unwrap();
    assert!(!absent.exists());
}

#[test]
fn a_garbled_world_can_be_reset() {
    let directory = tempdir().unwrap();
    drop(open(directory.path()));
    fs::write(directory.path().join("world.json"), "{").unwrap();
    Folder::reset(directory.path()).unwrap();
    open(directory.path()).with(|_| ()).unwrap();
}

#[test]
fn a_file_in_place_of_the_directory_is_named() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, "").unwrap();
    for error in [
        Folder::open(&path, || [5; 32]).unwrap_err(),
        Folder::reset(&path).unwrap_err(),
    ] {
        assert!(matches!(error, FolderError::Unusable { .. }));
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
    }
}

#[test]
fn what_a_killed_process_left_is_swept_up() {
    let directory = tempdir().unwrap();
    drop(open(directory.path()));
    fs::write(directory.path().join(".world-abc123"), "{").unwrap();
    open(directory.path());
    assert_eq!(names(directory.path()), ["lock", "world.json"]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_world() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempdir().unwrap();
    let path = directory.path().join("world");
    open(&path);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&path.join("world.json")), 0o600);
}

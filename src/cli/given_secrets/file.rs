use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{LARGEST, secret};

/// The secret in a file below `folder`, or below one of the others that are allowed, wherever
/// links lead.
///
/// # Errors
/// Why there is none, and what to do.
pub(super) fn read(path: &str, folder: &Path, allowed: &[PathBuf]) -> Result<SecretString, String> {
    let whose = format!("the file {path}");
    let unreadable = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => {
            format!("there is no file {path} in the manifest's folder: put the secret there")
        }
        _ => format!("{whose} cannot be read: {error}"),
    };
    let real = folder.join(path).canonicalize().map_err(unreadable)?;
    let folders = std::iter::once(folder).chain(allowed.iter().map(PathBuf::as_path));
    let is_below = |folder: &Path| {
        let folder = folder.canonicalize();
        folder.is_ok_and(|folder| real.starts_with(folder))
    };
    if !folders.into_iter().any(is_below) {
        return Err(format!(
            "{whose} lies outside of the manifest's folder: `--allow-files DIR` allows files below \
             another one"
        ));
    }
    // Opening something else, such as a pipe, could wait for ever.
    if !real.metadata().map_err(unreadable)?.is_file() {
        return Err(format!("{whose} is no file to read from"));
    }
    // With room for all of it, none is left behind in memory by growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST + 1));
    let opened = File::open(&real).map_err(unreadable)?;
    opened
        .take(LARGEST as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    secret(&bytes, &whose)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret;
    use tempfile::TempDir;

    use super::*;

    /// A folder for the manifest, and one beside it; each with a file.
    fn folders() -> (TempDir, PathBuf, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let (own, other) = (root.path().join("own"), root.path().join("other"));
        fs::create_dir_all(own.join("below")).unwrap();
        fs::create_dir(&other).unwrap();
        fs::write(own.join("below/pw"), "inside\n").unwrap();
        fs::write(other.join("pw"), "hunter2\n").unwrap();
        (root, own, other)
    }

    fn text(read: Result<SecretString, String>) -> Result<String, String> {
        read.map(|it| it.expose_secret().to_owned())
    }

    #[test]
    fn a_file_below_the_manifests_folder_is_read() {
        let (_root, own, _) = folders();
        assert_eq!(text(read("below/pw", &own, &[])).unwrap(), "inside");
        assert_eq!(
            text(read("./below/../below/pw", &own, &[])).unwrap(),
            "inside"
        );
    }

    #[test]
    fn a_file_elsewhere_is_read_only_where_its_folder_is_allowed() {
        let (_root, own, other) = folders();
        let absolute = other.join("pw").display().to_string();
        for path in ["../other/pw", "below/../../other/pw", &absolute] {
            let why = text(read(path, &own, &[])).unwrap_err();
            assert!(
                why.contains("lies outside of the manifest's folder"),
                "{why}"
            );
            let allowed = [own.join("nowhere"), other.clone()];
            assert_eq!(text(read(path, &own, &allowed)).unwrap(), "hunter2");
        }
        // A name that merely begins alike is another folder.
        let why = read("../other/pw", &own, &[own.join("../oth")]);
        assert!(text(why).unwrap_err().contains("outside"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_counts_as_what_it_leads_to() {
        let (_root, own, other) = folders();
        std::os::unix::fs::symlink(&other, own.join("link")).unwrap();
        std::os::unix::fs::symlink(other.join("pw"), own.join("pw")).unwrap();
        for path in ["link/pw", "pw"] {
            let why = text(read(path, &own, &[])).unwrap_err();
            assert!(why.contains("outside"), "{why}");
            assert!(!why.contains("hunter2"));
            assert_eq!(
                text(read(path, &own, std::slice::from_ref(&other))).unwrap(),
                "hunter2"
            );
        }
        std::os::unix::fs::symlink(own.join("below/pw"), own.join("inside")).unwrap();
        assert_eq!(text(read("inside", &own, &[])).unwrap(), "inside");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let (_root, own, _) = folders();
        fs::write(own.join("large"), vec![b'x'; LARGEST + 1]).unwrap();
        for (path, why) in [
            (
                "none",
                "there is no file none in the manifest's folder: put the secret there",
            ),
            ("below", "the file below is no file to read from"),
            ("large", "the file large is larger than 64 KiB"),
        ] {
            assert_eq!(text(read(path, &own, &[])).unwrap_err(), why);
        }
    }
}

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use super::{StoreError, Text, unusable};

const LARGEST: u64 = 1024 * 1024;
const DRAFT: &str = ".draft-";

/// Makes the folder, for its owner alone.
///
/// # Errors
/// Also where it is there and others can look into it.
pub(super) fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(unusable("make the folder", folder))?;
    check_folder(folder)
}

/// Makes sure that others cannot look into a folder, or that there is none.
pub(super) fn check_folder(folder: &Path) -> Result<(), StoreError> {
    match fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        found => check_permissions(folder, &found.map_err(unusable("look at", folder))?),
    }
}

/// A file's text; nothing where there is none.
///
/// # Errors
/// Also where others can read it.
pub(super) fn read(path: &Path) -> Result<Option<Text>, StoreError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(unusable("read", path))?,
    };
    let found = file.metadata().map_err(unusable("look at", path))?;
    check_permissions(path, &found)?;
    if found.len() > LARGEST {
        return Err(StoreError::Garbled {
            what: path.display().to_string(),
            why: "it is too large".to_owned(),
        });
    }
    // Large enough from the beginning: growing would leave copies behind.
    let length = usize::try_from(found.len()).unwrap_or_default();
    let mut text = Text::new(String::with_capacity(length + 1));
    file.take(LARGEST)
        .read_to_string(&mut text)
        .map_err(unusable("read", path))?;
    Ok(Some(text))
}

/// Replaces a file in one step: it has the old text or the new one, never half of either. Only
/// its owner can read it.
pub(super) fn write(path: &Path, text: &str) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Made with mode 0600.
    let draft = tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder);
    let mut draft = draft.map_err(unusable("make a file in", folder))?;
    draft
        .write_all(text.as_bytes())
        .and_then(|()| draft.as_file().sync_all())
        .map_err(unusable("write", path))?;
    draft
        .persist(path)
        .map_err(|error| unusable("replace", path)(error.error))?;
    Ok(())
}

/// Removes a file; that there is none is fine.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(unusable("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes everything in the folder that this program writes, but for the lock.
pub(super) fn remove_documents(folder: &Path) -> Result<(), StoreError> {
    let entries = fs::read_dir(folder).map_err(unusable("list", folder))?;
    for entry in entries {
        let path = entry.map_err(unusable("list", folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| name.ends_with(".json") || name.starts_with(DRAFT)) {
            remove(&path)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn check_permissions(path: &Path, found: &fs::Metadata) -> Result<(), StoreError> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(StoreError::Exposed {
            path: path.to_owned(),
            mode,
        }),
    }
}

#[cfg(not(unix))]
fn check_permissions(_: &Path, _: &fs::Metadata) -> Result<(), StoreError> {
    Ok(())
}

//! A world kept in a directory, so that commands that follow one another, or run at once, act on
//! the same workspace.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::world::{FORMAT, World};

const WORLD: &str = "world.json";
const LOCK: &str = "lock";
const DRAFT: &str = ".world-";

/// A directory that holds a world.
///
/// Every access takes an exclusive lock, and the world is replaced as a whole, so that a process
/// killed at any instant leaves a whole world behind. On Unix only the owner can read it.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

/// Why a world could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The directory or a file in it cannot be used.
    #[error(
        "cannot {doing} {}: {source}; the sandbox keeps its world in this directory, which must \
         be writable and have space left", .path.display()
    )]
    Unusable {
        /// What was tried, such as `write`.
        doing: &'static str,
        /// The directory or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not a world.
    #[error(
        "{} is not a sandbox world: {source}; start over with `osc-apply sandbox reset`",
        .path.display()
    )]
    Garbled {
        /// The file.
        path: PathBuf,
        /// Where reading it stopped.
        source: serde_json::Error,
    },
    /// The file was written by a version with another format.
    #[error(
        "{} has format {found} and this version of osc-apply knows format {FORMAT}; use the \
         version that wrote it, or start over with `osc-apply sandbox reset`", .path.display()
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: u64,
    },
    /// The world was removed while this process was using it.
    #[error(
        "the sandbox world {} is gone, perhaps by `osc-apply sandbox reset` in another process; \
         run the command again to start with a new one", .path.display()
    )]
    Gone {
        /// The file that was there before.
        path: PathBuf,
    },
}

impl Folder {
    /// Opens the world in a directory; makes directory and world when there are none, the latter
    /// with a signing key from `new_key`.
    ///
    /// # Errors
    ///
    /// When the directory cannot be used, or holds something that is not a world of this version.
    pub fn open(
        path: impl Into<PathBuf>,
        new_key: impl FnOnce() -> [u8; 32],
    ) -> Result<Folder, FolderError> {
        let folder = Folder { path: path.into() };
        folder.make_directory()?;
        let _lock = folder.lock()?;
        folder.remove_drafts()?;
        match folder.load() {
            Err(FolderError::Gone { .. }) => folder.save(&encode(&World::new(new_key()))?)?,
            found => drop(found?),
        }
        Ok(folder)
    }

    /// Acts on the world, alone among all processes, and keeps what became of it.
    ///
    /// # Errors
    ///
    /// When the world cannot be read, or its change cannot be kept; the change is lost then.
    pub fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> Result<T, FolderError> {
        let _lock = self.lock()?;
        let mut world = self.load()?;
        let before = world.clone();
        let outcome = act(&mut world);
        if world != before {
            self.save(&encode(&world)?)?;
        }
        Ok(outcome)
    }

    /// Removes the world in a directory; that there is none is fine.
    ///
    /// Touches only files the sandbox made. The empty lock file and the directory stay, because
    /// another process may be waiting for its turn.
    ///
    /// # Errors
    ///
    /// When a file cannot be removed.
    pub fn reset(path: impl Into<PathBuf>) -> Result<(), FolderError> {
        let folder = Folder { path: path.into() };
        let world = folder.path.join(WORLD);
        match folder.path.join(LOCK).try_exists() {
            Ok(true) => {}
            Ok(false) => return remove(&world),
            Err(source) if source.kind() == io::ErrorKind::NotADirectory => {}
            Err(source) => return Err(unusable("look into", &folder.path)(source)),
        }
        let _lock = folder.lock()?;
        remove(&world)?;
        folder.remove_drafts()
    }

    fn make_directory(&self) -> Result<(), FolderError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.path)
            .map_err(unusable("make the directory", &self.path))
    }

    /// Waits for the exclusive lock, which lasts until the file is dropped.
    fn lock(&self) -> Result<File, FolderError> {
        let path = self.path.join(LOCK);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(unusable("open", &path))?;
        file.lock().map_err(unusable("lock", &path))?;
        Ok(file)
    }

    fn load(&self) -> Result<World, FolderError> {
        let path = self.path.join(WORLD);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(FolderError::Gone { path });
            }
            Err(source) => return Err(unusable("read", &path)(source)),
        };
        match decode(&bytes) {
            Ok(Ok(world)) => Ok(world),
            Ok(Err(found)) => Err(FolderError::OtherFormat { path, found }),
            Err(source) => Err(FolderError::Garbled { path, source }),
        }
    }

    /// Replaces the file in one step: it is the old world or the new one, never half of either.
    fn save(&self, bytes: &[u8]) -> Result<(), FolderError> {
        let path = self.path.join(WORLD);
        let draft = tempfile::Builder::new()
            .prefix(DRAFT)
            .tempfile_in(&self.path);
        let mut draft = draft.map_err(unusable("make a file in", &self.path))?;
        draft.write_all(bytes).map_err(unusable("write", &path))?;
        draft
            .persist(&path)
            .map_err(|error| unusable("replace", &path)(error.error))?;
        Ok(())
    }

    /// Removes what a killed process left half written; only while holding the lock.
    fn remove_drafts(&self) -> Result<(), FolderError> {
        let entries = fs::read_dir(&self.path).map_err(unusable("list", &self.path))?;
        for entry in entries {
            let name = entry.map_err(unusable("list", &self.path))?.file_name();
            if is_draft(&name) {
                remove(&self.path.join(name))?;
            }
        }
        Ok(())
    }
}

fn is_draft(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(DRAFT))
}

fn remove(path: &Path) -> Result<(), FolderError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(unusable("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// The world, or the other format the file has.
fn decode(bytes: &[u8]) -> Result<Result<World, u64>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Head {
        format: u64,
    }
    let Head { format } = serde_json::from_slice(bytes)?;
    if format != u64::from(FORMAT) {
        return Ok(Err(format));
    }
    serde_json::from_slice(bytes).map(Ok)
}

fn encode(world: &World) -> Result<Vec<u8>, FolderError> {
    let failed = |source| FolderError::Garbled {
        path: PathBuf::from(WORLD),
        source,
    };
    let mut bytes = serde_json::to_vec_pretty(world).map_err(failed)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn unusable(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    move |source| FolderError::Unusable {
        doing,
        path: path.to_owned(),
        source,
    }
}

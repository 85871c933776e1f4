//! Where the world is kept.

use std::sync::{Mutex, PoisonError};

use crate::sandbox::folder::{Folder, FolderError};
use crate::sandbox::world::World;

/// Where the world is kept while it is served.
#[derive(Debug)]
pub enum State {
    /// In memory, and gone with the process.
    Memory(Box<Mutex<World>>),
    /// In a folder, shared with other processes.
    Folder(Folder),
}

impl State {
    /// Acts on the world, alone; waits for whoever is at it.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> Result<T, FolderError> {
        match self {
            State::Memory(world) => Ok(act(&mut world
                .lock()
                .unwrap_or_else(PoisonError::into_inner))),
            State::Folder(folder) => folder.with(act),
        }
    }

    /// Whether access may wait for the disk or for another process.
    pub(super) fn may_block(&self) -> bool {
        matches!(self, State::Folder(_))
    }
}

impl From<World> for State {
    fn from(world: World) -> State {
        State::Memory(Box::new(Mutex::new(world)))
    }
}

impl From<Folder> for State {
    fn from(folder: Folder) -> State {
        State::Folder(folder)
    }
}

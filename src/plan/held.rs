use crate::model::Address;

/// Why a step is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// It would lose data, and nobody consented.
    LosesData,
    /// The manifest protects the instance, or did when it was last declared.
    Protected,
    /// It is suspended, and the manifest wants it left alone, or does not declare it.
    LeftSuspended,
    /// The instance could not be read.
    Unreadable,
    /// It needs something that could not be read or is itself held back.
    Needs(Address),
    /// Something that could not be read may still need it.
    NeededBy(Address),
    /// It exists, and nothing says that it is the stack's.
    NotOurs,
    /// It is part of another stack.
    OfStack(String),
    /// Nobody can tell whose it is.
    Unclaimed(Unclaimed),
    /// It is the stack's, and not as this tool left it.
    Modified,
    /// `prune: never`: what is not declared any longer is kept.
    NotPruned,
    /// Something speaks against deleting anything in this run.
    Fenced(Fence),
    /// A secret that it is to be given has no value here.
    NoSecret {
        /// The secret.
        secret: String,
        /// Why there is none, and what to do.
        why: String,
    },
    /// It reads its secrets at its very first start only.
    FirstStart,
    /// Nothing makes it read its secrets again.
    NoRestart,
    /// It shares a secret with an instance that cannot be given the new value.
    SharesSecret(Address),
    /// It is not about the secret that is rotated.
    NotRotated,
}

/// Why nobody can tell whose an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclaimed {
    /// The platform has no tags.
    NoTags,
    /// The tags could not be read.
    UnreadTags,
}

/// What speaks against deleting anything in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fence {
    /// Something could not be read: what, and why.
    Unread(String),
    /// A service that had instances of the stack lists none at all.
    ListsNone(String),
    /// The manifest declares no instances.
    EmptyManifest,
    /// More deletions than a run may make unasked.
    TooMany {
        /// How many would be deleted, those that are replaced included.
        deletes: usize,
        /// How many the stack has.
        owned: usize,
    },
    /// None of the stack's instances is declared any more.
    NoneLeft {
        /// How many would be deleted.
        deletes: usize,
    },
    /// Nobody looks on, and no workspace is named.
    Unattended,
}

impl Hold {
    /// What is the matter with an instance that is not taken for the stack's, in words.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::OfStack(_) => "it is part of another stack",
            Self::Unclaimed(Unclaimed::NoTags) => "it exists, and this platform has no tags",
            Self::Unclaimed(Unclaimed::UnreadTags) => "it exists, and its tags cannot be read",
            _ => "it exists, and nothing says that it is part of this stack",
        }
    }

    /// Whether it is about whose the instance is: what is there may not be what is wanted.
    pub fn is_about_whose_it_is(&self) -> bool {
        matches!(self, Self::NotOurs | Self::OfStack(_) | Self::Unclaimed(_))
    }
}

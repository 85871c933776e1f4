use std::fmt;

/// How ready an instance has to be before its dependants start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The platform has answered the create.
    Accepted,
    /// The platform's health check says `running`.
    Healthy,
}

impl Level {
    /// The word used in manifests and output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Healthy => "healthy",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

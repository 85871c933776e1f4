use std::fmt;

/// How ready an instance has to be before its dependants start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The platform has answered the create.
    Accepted,
    /// The platform's health check says `running`.
    Healthy,
    /// Its URL leads to it: the name resolves, the certificate is valid, and the auth wall lets
    /// the service's token through (API notes 13.2).
    Reachable,
    /// Its own probe answers: what it is for works.
    Usable,
}

impl Level {
    /// Every level, the lowest first.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Healthy, Self::Reachable, Self::Usable];

    /// The word used in manifests and output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Healthy => "healthy",
            Self::Reachable => "reachable",
            Self::Usable => "usable",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

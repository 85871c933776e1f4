/// The tags of an instance, which may be there no more: tags outlive it, and a namesake inherits
/// them (API notes 6.13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    /// The id of its service.
    pub service: String,
    /// Its name.
    pub name: String,
    /// The tags as the platform holds them, anybody's: not made printable.
    pub tags: Vec<String>,
}

impl Tagged {
    /// Whether it has a tag; the platform compares them without case.
    pub fn has(&self, tag: &str) -> bool {
        let wanted = tag.trim().to_lowercase();
        self.tags.iter().any(|tag| tag.to_lowercase() == wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_whichever_case() {
        let tagged = Tagged {
            service: "valkey-io-valkey".to_owned(),
            name: "a".to_owned(),
            tags: vec!["Team:Video".to_owned()],
        };
        assert!(tagged.has("team:video") && tagged.has("Team:Video"));
        assert!(!tagged.has("team"));
    }
}

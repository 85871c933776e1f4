use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::compare::in_force;
use crate::catalog::Service;
use crate::live::Live;
use crate::osc::Options;
use crate::resolve::{Desired, DesiredInstance};

/// What all tags of ours begin with. A stack's name holds no colon, so that none of them can be
/// taken for another.
const OURS: &str = "osc-apply:";
const PROOF: &str = "osc-apply:own1:";
const PENDING: &str = "pending";
const SECRETS: &str = "osc-apply:sec1:";
const PROTECTED: &str = "osc-apply:protect:1";

/// How many hex digits a truncated SHA-256 has in a tag.
const DIGITS: usize = 32;

/// The most tags a resource can have (API notes 6.13).
const MOST: usize = 20;

/// What the tags of ours say about an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Every stack that it is marked as part of.
    pub stacks: Vec<String>,
    /// Whether it is as this tool last left it.
    pub proof: Proof,
    /// The keyed digest of the secret values it was last given.
    pub secrets: Option<String>,
    /// Whether the manifest protected it when it was last seen there.
    pub protected: bool,
}

/// What a tag says about the document of an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proof {
    /// Nothing.
    #[default]
    Missing,
    /// That it was about to be made.
    Pending,
    /// That it was exactly this when it was last looked at after a change.
    Of(String),
}

/// More tags than a resource can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyTags;

impl Marks {
    /// What these tags say; others than ours are passed over. The platform compares tags without
    /// their case (API notes 6.13).
    pub fn of(tags: &[String]) -> Self {
        let mut marks = Self::default();
        for tag in tags {
            let tag = tag.trim().to_lowercase();
            if let Some(proof) = tag.strip_prefix(PROOF) {
                marks.proof = match proof {
                    PENDING => Proof::Pending,
                    digest => Proof::Of(digest.to_owned()),
                };
            } else if let Some(digest) = tag.strip_prefix(SECRETS) {
                marks.secrets = Some(digest.to_owned());
            } else if tag == PROTECTED {
                marks.protected = true;
            } else if let Some(stack) = tag.strip_prefix(OURS).filter(|it| !it.contains(':')) {
                marks.stacks.push(stack.to_owned());
            }
        }
        marks
    }

    /// Whether they are those of an instance of this stack and of no other.
    pub fn are_of(&self, stack: &str) -> bool {
        self.stacks.iter().any(|it| it == stack) && self.other_than(stack).is_none()
    }

    /// Another stack that it is marked as part of.
    pub fn other_than(&self, stack: &str) -> Option<&str> {
        let mut stacks = self.stacks.iter();
        stacks.find(|it| *it != stack).map(String::as_str)
    }

    /// These marks among the other tags that a resource has.
    ///
    /// # Errors
    /// When that would be more than it can have.
    pub fn among(&self, tags: &[String]) -> Result<Vec<String>, TooManyTags> {
        let mut all = without_marks(tags);
        all.extend(self.stacks.iter().map(|stack| format!("{OURS}{stack}")));
        match &self.proof {
            Proof::Missing => {}
            Proof::Pending => all.push(format!("{PROOF}{PENDING}")),
            Proof::Of(digest) => all.push(format!("{PROOF}{digest}")),
        }
        all.extend(self.secrets.iter().map(|it| format!("{SECRETS}{it}")));
        if self.protected {
            all.push(PROTECTED.to_owned());
        }
        match all.len() > MOST {
            true => Err(TooManyTags),
            false => Ok(all),
        }
    }
}

/// The tags that are not ours, of whichever stack.
pub fn without_marks(tags: &[String]) -> Vec<String> {
    let foreign = |tag: &&String| !tag.trim().to_lowercase().starts_with(OURS);
    tags.iter().filter(foreign).cloned().collect()
}

/// Whether two lists hold the same tags, in whichever order and case.
pub fn same_tags(one: &[String], other: &[String]) -> bool {
    let folded = |tags: &[String]| {
        let mut tags: Vec<String> = tags.iter().map(|it| it.trim().to_lowercase()).collect();
        tags.sort();
        tags
    };
    folded(one) == folded(other)
}

/// Whose proof it is.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The workspace.
    pub workspace: &'a str,
    /// The stack.
    pub stack: &'a str,
    /// The service.
    pub service: &'a Service,
    /// The instance's name.
    pub name: &'a str,
}

impl<'a> Subject<'a> {
    /// A declared instance of the stack.
    pub(super) fn declared(
        instance: &'a DesiredInstance,
        desired: &'a Desired,
        live: &'a Live,
    ) -> Subject<'a> {
        Subject {
            workspace: &live.workspace,
            stack: &desired.stack,
            service: &instance.service,
            name: &instance.name,
        }
    }

    /// What the proof says of an instance with these options: nobody else has touched it since.
    ///
    /// The truncated SHA-256 over workspace, stack, service, name and every option that is in
    /// force with something other than the catalog's default, so that a default that is shown one
    /// day and left out on another makes no difference (API notes 6.3).
    pub fn proof(&self, options: &Options) -> String {
        let mut hash = Sha256::new();
        let mut add = |part: &str| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        };
        for part in [self.workspace, self.stack, &self.service.id, self.name] {
            add(part);
        }
        for (name, value) in options {
            let spec = self.service.option(name);
            let now = in_force(spec, Some(value));
            if now != in_force(spec, None) {
                add(name);
                add(&now);
            }
        }
        let digest = hash.finalize();
        let mut text = String::with_capacity(DIGITS);
        for byte in digest.iter().take(DIGITS / 2) {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Whether these marks prove that the instance with these options is as we left it.
    pub fn is_proved(&self, marks: &Marks, options: &Options) -> bool {
        marks.are_of(self.stack) && marks.proof == Proof::Of(self.proof(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::model::OptionValue;

    fn tags(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|tag| (*tag).to_owned()).collect()
    }

    fn options(pairs: &[(&str, &str)]) -> Options {
        let pair = |(name, text): &(&str, &str)| {
            let value = OptionValue::new((*text).to_owned(), false);
            ((*name).to_owned(), value)
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn marks_come_back_from_the_tags_they_make_and_leave_the_others_alone() {
        let marks = Marks {
            stacks: vec!["vod".into()],
            proof: Proof::Of("0123456789abcdef0123456789abcdef".into()),
            secrets: Some("f".repeat(32)),
            protected: true,
        };
        let before = tags(&["team:video", "osc-apply:own1:pending", "osc-apply:old", "X"]);
        let after = marks.among(&before).unwrap();
        assert_eq!(Marks::of(&after), marks);
        assert_eq!(without_marks(&after), tags(&["team:video", "X"]));
        assert!(after.iter().all(|tag| tag.len() <= 64));
    }

    #[test]
    fn a_stack_of_whichever_name_is_not_taken_for_another_mark() {
        for stack in ["own1", "protect", "sec1", "pending"] {
            let marks = Marks {
                stacks: vec![stack.into()],
                ..Marks::default()
            };
            let made = marks.among(&[]).unwrap();
            assert_eq!(Marks::of(&made), marks, "{stack}");
        }
    }

    #[test]
    fn case_makes_no_other_tag() {
        let marks = Marks::of(&tags(&["OSC-Apply:VOD", "osc-apply:OWN1:Pending"]));
        assert!(marks.are_of("vod"));
        assert_eq!(marks.proof, Proof::Pending);
        assert!(same_tags(&tags(&["A", "b"]), &tags(&["B", "a"])));
        assert!(!same_tags(&tags(&["a"]), &tags(&["a", "b"])));
    }

    #[test]
    fn what_carries_two_stacks_is_of_neither() {
        let marks = Marks::of(&tags(&["osc-apply:vod", "osc-apply:shop"]));
        assert!(!marks.are_of("vod") && !marks.are_of("shop"));
        assert_eq!(marks.other_than("vod"), Some("shop"));
    }

    #[test]
    fn more_tags_than_fit_are_refused_and_not_cut() {
        let marks = Marks {
            stacks: vec!["vod".into()],
            proof: Proof::Pending,
            ..Marks::default()
        };
        let full: Vec<String> = (0..19).map(|at| format!("t{at}")).collect();
        assert_eq!(marks.among(&full), Err(TooManyTags));
        assert_eq!(marks.among(&full[..18]).unwrap().len(), 20);
    }

    #[test]
    fn a_proof_changes_with_everything_it_is_of_and_not_with_how_it_is_shown() {
        let catalog = Catalog::bundled().unwrap();
        let service = catalog.service("valkey-io-valkey").unwrap();
        let other = catalog.service("minio-minio").unwrap();
        let subject = Subject {
            workspace: "acme",
            stack: "vod",
            service,
            name: "cache",
        };
        let with = options(&[("Password", "a")]);
        let proof = subject.proof(&with);
        assert_eq!(proof.len(), 32);
        let others = [
            Subject {
                workspace: "acme2",
                ..subject
            }
            .proof(&with),
            Subject {
                stack: "vo",
                ..subject
            }
            .proof(&with),
            Subject {
                service: other,
                ..subject
            }
            .proof(&with),
            Subject {
                name: "cach",
                ..subject
            }
            .proof(&with),
            subject.proof(&options(&[("Password", "b")])),
            subject.proof(&options(&[])),
        ];
        assert!(others.iter().all(|other| *other != proof));
        for same in ["a", " a "] {
            assert_eq!(subject.proof(&options(&[("Password", same)])), proof);
        }
        assert_eq!(
            subject.proof(&options(&[("Password", "undefined")])),
            subject.proof(&options(&[]))
        );
    }
}

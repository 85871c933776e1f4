use std::collections::BTreeSet;
use std::sync::Arc;

use super::safe::Safe;
use super::turn::Ended;
use super::{Failure, Fate};
use crate::osc::{Class, Error, Options, WriteApi};
use crate::plan::{InstanceTarget, Marks, Proof, Subject, TooManyTags, same_tags, without_marks};
use crate::vault::{DigestKey, Intent, Vault};

/// How often tags are written that somebody else writes at the same time.
const TIMES: u32 = 3;

/// Marks instances as the stack's: with tags or, where there are none, in the vault.
#[derive(Clone)]
pub(super) struct Marker {
    pub(super) api: WriteApi,
    pub(super) workspace: Arc<str>,
    pub(super) stack: Arc<str>,
    /// Whether the platform has tags.
    pub(super) has_tags: bool,
    /// The vault, where one can be kept.
    pub(super) safe: Option<Arc<Safe>>,
    /// The key of the digests, where the vault has been opened for one.
    pub(super) key: Option<DigestKey>,
    /// The services and names that the vault knew when the plan was made.
    pub(super) intended: Arc<BTreeSet<(String, String)>>,
}

/// Why an instance is not marked.
pub(super) enum Unmarked {
    /// The platform tags only what is there.
    NoSuchInstance,
    Failed(Failure),
}

impl Marker {
    /// An instance as its marks name it.
    pub(super) fn subject<'s>(&'s self, target: &'s InstanceTarget) -> Subject<'s> {
        Subject {
            workspace: &self.workspace,
            stack: &self.stack,
            service: &target.service,
            name: &target.name,
        }
    }

    /// The tags of an instance, read now.
    pub(super) async fn tags(&self, service: &str, name: &str) -> Result<Vec<String>, Error> {
        let all = self.api.reads().tags().await?;
        let mut all = all.into_iter();
        let found = all.find(|it| it.service == service && it.name == name);
        Ok(found.map(|it| it.tags).unwrap_or_default())
    }

    /// Says before a create that what will appear under this name is the stack's: with tags, or in
    /// the vault where tags need an instance (API notes 6.13 leaves that open).
    ///
    /// `secrets` is the digest of the values that are stored for it.
    pub(super) async fn announce(
        &self,
        subject: Subject<'_>,
        sent: &Options,
        protect: bool,
        secrets: Option<String>,
    ) -> Result<(), Failure> {
        let pending = Marks {
            stacks: vec![self.stack.to_string()],
            proof: Proof::Pending,
            secrets: secrets.clone(),
            protected: protect,
        };
        if self.has_tags {
            let set = |before: &Marks| self.unless_of_another(before, pending.clone());
            match self.set(subject, set).await {
                Ok(()) => return Ok(()),
                Err(Unmarked::Failed(failure)) => return Err(failure),
                Err(Unmarked::NoSuchInstance) => {}
            }
        }
        self.intend(subject, sent, |_| secrets).await
    }

    /// Takes an announcement back: the marks are again what they were before.
    pub(super) async fn withdraw(
        &self,
        subject: Subject<'_>,
        before: &[String],
    ) -> Result<(), Failure> {
        if let Some(keeper) = self.safe.as_ref().and_then(|safe| safe.opened()) {
            let (service, name) = (&subject.service.id, subject.name);
            let forget = |vault: &mut Vault| vault.forget_intent(service, name);
            keeper.write(forget).await?;
        }
        if !self.has_tags {
            return Ok(());
        }
        let set = |now: &Marks| self.unless_of_another(now, Marks::of(before));
        match self.set(subject, set).await {
            Ok(()) | Err(Unmarked::NoSuchInstance) => Ok(()),
            Err(Unmarked::Failed(failure)) => Err(failure),
        }
    }

    /// Says that an instance of the stack is exactly this now.
    ///
    /// `secrets` is the digest of the values that it was given; without one the digest stays that
    /// it has.
    pub(super) async fn prove(
        &self,
        subject: Subject<'_>,
        now: &Options,
        protect: bool,
        secrets: Option<String>,
    ) -> Result<(), Failure> {
        if !self.has_tags {
            let keep = |before: Option<String>| secrets.or(before);
            return self.intend(subject, now, keep).await;
        }
        let proved = self.proved(subject, now, protect);
        let marks = |before: &Marks| {
            let proved = Marks {
                secrets: secrets.clone().or(before.secrets.clone()),
                ..proved.clone()
            };
            self.unless_of_another(before, proved)
        };
        self.set_on_it(subject, marks).await
    }

    /// The same of one that the stack takes over, whosever it was.
    pub(super) async fn take_over(
        &self,
        subject: Subject<'_>,
        now: &Options,
        protect: bool,
    ) -> Result<(), Failure> {
        if !self.has_tags {
            return self.intend(subject, now, |_| None).await;
        }
        // A digest under the key of another stack says nothing.
        let proved = self.proved(subject, now, protect);
        self.set_on_it(subject, |_| Ok(proved.clone())).await
    }

    fn proved(&self, subject: Subject<'_>, now: &Options, protect: bool) -> Marks {
        Marks {
            stacks: vec![self.stack.to_string()],
            proof: Proof::Of(subject.proof(now)),
            secrets: None,
            protected: protect,
        }
    }

    /// These marks, unless another stack has set its own meanwhile: it is not overruled.
    fn unless_of_another(&self, now: &Marks, marks: Marks) -> Result<Marks, Failure> {
        match now.other_than(&self.stack) {
            None => Ok(marks),
            Some(other) => Err(Failure::new(format!(
                "it is marked as part of the stack `{other}` by now"
            ))
            .hint("run plan to see whose it is")),
        }
    }

    /// Says which values an instance of the stack was given, and that it is still as the stack left
    /// it if it was before.
    pub(super) async fn note_values(
        &self,
        subject: Subject<'_>,
        (before, now): (&Options, &Options),
        secrets: Option<String>,
    ) -> Result<(), Failure> {
        if !self.has_tags {
            let keep = |noted: Option<String>| secrets.or(noted);
            return self.intend(subject, now, keep).await;
        }
        let marks = |marks: &Marks| {
            Ok(Marks {
                proof: match subject.is_proved(marks, before) {
                    true => Proof::Of(subject.proof(now)),
                    false => marks.proof.clone(),
                },
                secrets: secrets.clone().or(marks.secrets.clone()),
                ..marks.clone()
            })
        };
        self.set_on_it(subject, marks).await
    }

    /// Takes the marks of this stack off a name that has no instance any more.
    pub(super) async fn unmark(&self, subject: Subject<'_>) -> Result<(), Failure> {
        if !self.has_tags {
            let (service, name) = (subject.service.id.clone(), subject.name.to_owned());
            return match &self.safe {
                Some(safe) => {
                    let forget = |vault: &mut Vault| vault.forget_intent(&service, &name);
                    Ok(safe.open().await?.write(forget).await?)
                }
                None => Ok(()),
            };
        }
        let ours_off = |tags: &[String]| match Marks::of(tags).other_than(&self.stack) {
            // Whoever has marked the name meanwhile is about to use it.
            Some(_) => Ok(tags.to_vec()),
            None => Ok(without_marks(tags)),
        };
        match self.change(subject, ours_off).await {
            Ok(()) => Ok(()),
            // Tags that need an instance mean nothing without one, whoever set them.
            Err(Unmarked::NoSuchInstance) => {
                let (service, name) = (&subject.service.id, subject.name);
                Ok(self.api.remove_tags(service, name).await?)
            }
            Err(Unmarked::Failed(failure)) => Err(failure),
        }
    }

    /// The same as a whole step.
    pub(super) async fn unmark_target(&self, target: &InstanceTarget) -> Ended {
        match self.unmark(self.subject(target)).await {
            Ok(()) => (Fate::Applied, None),
            Err(failure) => (failure.into(), None),
        }
    }

    /// Whether the tags of an instance are still those that a plan has seen.
    pub(super) async fn check_unmoved(
        &self,
        subject: Subject<'_>,
        planned: &[String],
    ) -> Result<(), Fate> {
        if !self.has_tags {
            return Ok(());
        }
        let now = self.tags(&subject.service.id, subject.name).await?;
        match same_tags(&now, planned) {
            true => Ok(()),
            false => Err(Fate::Stale(
                "somebody changed its tags after the plan was made".to_owned(),
            )),
        }
    }

    /// `secrets` comes to the digest of its values by the one that was noted before.
    async fn intend(
        &self,
        subject: Subject<'_>,
        options: &Options,
        secrets: impl FnOnce(Option<String>) -> Option<String>,
    ) -> Result<(), Failure> {
        let Some(safe) = &self.safe else {
            // Nothing on this platform can remember it; the plan has said so.
            return Ok(());
        };
        let (service, name) = (subject.service.id.clone(), subject.name.to_owned());
        let digest = subject.proof(options);
        let add = |vault: &mut Vault| {
            let before = vault.intent(&service, &name);
            let secrets = secrets(before.and_then(|it| it.secrets.clone()));
            vault.add_intent(Intent {
                service,
                name,
                digest,
                secrets,
            });
        };
        Ok(safe.open().await?.write(add).await?)
    }

    /// Sets marks on something that is certainly there.
    async fn set_on_it(
        &self,
        subject: Subject<'_>,
        marks: impl Fn(&Marks) -> Result<Marks, Failure>,
    ) -> Result<(), Failure> {
        match self.set(subject, marks).await {
            Ok(()) => Ok(()),
            Err(Unmarked::Failed(failure)) => Err(failure),
            Err(Unmarked::NoSuchInstance) => Err(Failure::new(
                "the platform says that there is no such instance to tag",
            )),
        }
    }

    async fn set(
        &self,
        subject: Subject<'_>,
        marks: impl Fn(&Marks) -> Result<Marks, Failure>,
    ) -> Result<(), Unmarked> {
        let among = |tags: &[String]| {
            let marks = marks(&Marks::of(tags))?;
            marks.among(tags).map_err(|TooManyTags| too_many())
        };
        self.change(subject, among).await
    }

    /// Reads, changes, writes and reads again: a write replaces all tags, and others may write
    /// theirs (API notes 6.13).
    async fn change(
        &self,
        subject: Subject<'_>,
        change: impl Fn(&[String]) -> Result<Vec<String>, Failure>,
    ) -> Result<(), Unmarked> {
        let (service, name) = (subject.service.id.as_str(), subject.name);
        let mut now = self.tags(service, name).await?;
        for _ in 0..TIMES {
            let wanted = change(&now).map_err(Unmarked::Failed)?;
            if same_tags(&now, &wanted) {
                return Ok(());
            }
            match self.api.set_tags(service, name, &wanted).await {
                Ok(()) => {}
                Err(error) if error.class == Class::Absent => {
                    return Err(Unmarked::NoSuchInstance);
                }
                Err(error) => return Err(error.into()),
            }
            now = self.tags(service, name).await?;
        }
        let wanted = change(&now).map_err(Unmarked::Failed)?;
        match same_tags(&now, &wanted) {
            true => Ok(()),
            false => Err(Unmarked::Failed(Failure::new(
                "its tags cannot be set: each time they are other ones when read again",
            ))),
        }
    }
}

fn too_many() -> Failure {
    Failure::new("it has so many tags that those of this stack do not fit beside them")
        .hint("a resource has at most 20 tags, and osc-apply needs 4: remove some")
}

impl From<Error> for Unmarked {
    fn from(error: Error) -> Self {
        Self::Failed(error.into())
    }
}

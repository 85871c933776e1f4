use super::held::Hold;
use super::marks::{Marks, Proof, Subject};
use super::standing::{Standing, is_reserved, options_of, standing};
use super::target::Targets;
use super::{Action, Consent, Explanation, Step, Target, asked};
use crate::live::{Live, State, Wanted};
use crate::model::{Address, Span};
use crate::resolve::Desired;

/// Adds what is to happen to instances of the stack that are not declared any longer: deletions,
/// after everything else and never where anything before has failed.
pub(super) fn add(steps: &mut Vec<Step>, desired: &Desired, live: &Live, consent: &Consent) {
    let before: Vec<Address> = steps.iter().map(|step| step.address.clone()).collect();
    let mut added = undeclared(desired, live, consent);
    order(&mut added);
    for step in added.iter_mut().filter(|step| step.deletes()) {
        step.needs.extend(before.iter().cloned());
    }
    steps.append(&mut added);
}

/// The steps about what is marked as the stack's, or named in `removed:`, and not declared.
pub(super) fn undeclared(desired: &Desired, live: &Live, consent: &Consent) -> Vec<Step> {
    let targets = Targets::new(desired, live);
    let marked = live.marked.iter().map(|want| (want, None));
    let removed = desired
        .removed
        .values()
        .map(|removed| (asked::removed(removed), Some(removed)));
    let removed: Vec<_> = removed.collect();
    let removed = removed.iter().map(|(want, removed)| (want, *removed));
    let mut all: Vec<_> = marked.chain(removed).collect();
    all.sort_by(|(one, _), (other, _)| one.key.cmp(&other.key));
    let steps = all.into_iter().filter_map(|(want, removed)| {
        Undeclared {
            desired,
            live,
            consent,
            targets: &targets,
            want,
            discards_data: removed.is_some_and(|it| it.discards_data),
            span: removed.map(|it| it.span),
        }
        .step()
    });
    steps.collect()
}

/// An instance that is not declared.
struct Undeclared<'a> {
    desired: &'a Desired,
    live: &'a Live,
    consent: &'a Consent,
    targets: &'a Targets<'a>,
    want: &'a Wanted,
    discards_data: bool,
    /// Its place in `removed:`.
    span: Option<Span>,
}

impl Undeclared<'_> {
    fn step(&self) -> Option<Step> {
        let state = self.live.instances.get(&self.want.key)?;
        let subject = self.subject();
        let marks = Marks::of(self.live.tags_of(subject.service.id.as_str(), subject.name));
        let (action, held, proof) = match options_of(state) {
            Some(options) => {
                match standing(subject, options, self.live, &self.address(), self.consent) {
                    // Another stack's, or nobody's: nothing to this one, unless `removed:` names it.
                    Standing::NotOurs(hold) => {
                        self.span?;
                        (Action::Delete, Some(hold), None)
                    }
                    Standing::Ours { proved } => {
                        let held = self.hold(&marks, proved, state);
                        (Action::Delete, held, Some(self.proof(&marks, proved)))
                    }
                }
            }
            None => match state {
                State::Absent if is_reserved(subject, self.live) => (Action::Unmark, None, None),
                State::Absent => return None,
                _ => (Action::Unknown, Some(Hold::Unreadable), None),
            },
        };
        Some(Step {
            address: self.address(),
            action,
            held,
            needs: Vec::new(),
            explanation: Explanation {
                reason: self.reason(state, action),
                loses_data: action == Action::Delete && self.want.service.keeps_data,
                proof,
                span: self.span,
                ..Explanation::default()
            },
            target: Target::Instance(Box::new(self.targets.undeclared(self.want, state))),
        })
    }

    fn address(&self) -> Address {
        Address::undeclared(&self.want.service.id, &self.want.name)
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            workspace: &self.live.workspace,
            stack: &self.desired.stack,
            service: &self.want.service,
            name: &self.want.name,
        }
    }

    fn hold(&self, marks: &Marks, proved: bool, state: &State) -> Option<Hold> {
        let is_named = self.span.is_some();
        let loses_data = self.want.service.keeps_data && !self.discards_data;
        if marks.protected {
            Some(Hold::Protected)
        } else if !self.desired.prune && !is_named {
            Some(Hold::NotPruned)
        } else if !proved && !is_named {
            Some(Hold::Modified)
        } else if matches!(state, State::Suspended(_)) && !is_named {
            Some(Hold::LeftSuspended)
        } else if loses_data && !self.consent.allows(&self.address()) {
            Some(Hold::LosesData)
        } else {
            None
        }
    }

    fn reason(&self, state: &State, action: Action) -> String {
        match (state, action) {
            (State::Unreadable(error), _) => format!("could not be read: {error}"),
            (_, Action::Unmark) => {
                "nothing has the name, and it is still kept for this stack".to_owned()
            }
            (State::Suspended(suspended), _) => format!("{}; it is {suspended}", self.why()),
            _ => self.why().to_owned(),
        }
    }

    fn why(&self) -> &'static str {
        match self.span {
            Some(_) => "the manifest removes it",
            None => "not declared any longer",
        }
    }

    fn proof(&self, marks: &Marks, proved: bool) -> String {
        shown_proof(&self.desired.stack, marks, proved)
    }
}

/// What shows that an instance is the stack's, for whoever has to believe it.
pub(super) fn shown_proof(stack: &str, marks: &Marks, proved: bool) -> String {
    match &marks.proof {
        Proof::Of(digest) if proved => format!(
            "it carries osc-apply:{stack}, and osc-apply:own1:{digest} is the digest of what \
                 it is now"
        ),
        _ if proved && marks.stacks.is_empty() => {
            "the vault says that this stack was about to make exactly this".to_owned()
        }
        _ if proved => format!("it carries osc-apply:{stack}, and `--include-modified` names it"),
        _ => format!("it carries osc-apply:{stack}, and it is not as this stack left it"),
    }
}

/// Lets each deletion wait for those of its dependants, as far as their options show them, and puts
/// them in that order. Of some that refer to each other the first by name goes first.
fn order(steps: &mut Vec<Step>) {
    let mut left: Vec<(Step, Vec<Address>)> = {
        let hosts: Vec<Option<String>> = steps.iter().map(host).collect();
        let needs = hosts.iter().enumerate();
        let needs: Vec<_> = needs
            .map(|(at, host)| dependants(steps, at, host.as_deref()))
            .collect();
        steps.drain(..).zip(needs).collect()
    };
    while !left.is_empty() {
        let waits = |needs: &[Address]| {
            let mut still = left.iter().map(|(step, _)| &step.address);
            still.any(|address| needs.contains(address))
        };
        let next = left.iter().position(|(_, needs)| !waits(needs));
        let (mut step, mut needs) = left.remove(next.unwrap_or_default());
        needs.retain(|need| steps.iter().any(|done| done.address == *need));
        step.needs = needs;
        steps.push(step);
    }
}

fn host(step: &Step) -> Option<String> {
    let url = step.instance()?.live.as_ref()?.url.as_deref()?;
    let url = url::Url::parse(url).ok()?;
    url.host_str().map(str::to_owned)
}

fn dependants(steps: &[Step], at: usize, host: Option<&str>) -> Vec<Address> {
    let Some(host) = host.filter(|_| steps[at].deletes()) else {
        return Vec::new();
    };
    let others = steps.iter().enumerate().filter(|(other, _)| *other != at);
    others
        .filter(|(_, other)| {
            let live = other.instance().and_then(|it| it.live.as_ref());
            live.is_some_and(|live| {
                let mut values = live.options.values();
                values.any(|value| value.expose().contains(host))
            })
        })
        .map(|(_, other)| other.address.clone())
        .collect()
}

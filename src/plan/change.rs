use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Explanation, Hold, PlannedSecrets, SecretOption};
use crate::catalog::Service;
use crate::model::{Address, OptionValue, Readiness};
use crate::osc::{Instance, Subscription, Suspended};
use crate::resolve::{DesiredOutput, OptionSetting, Scope};

/// What would change: an ordered graph of steps.
#[derive(Clone)]
pub struct Plan {
    /// What it is for.
    pub purpose: Purpose,
    /// The stack's name.
    pub stack: String,
    /// The workspace it was made for.
    pub workspace: String,
    /// The environment it was made for.
    pub environment: String,
    /// The name of the OSC plan that the workspace is on, where it could be read. For people only.
    pub tenant_plan: Option<String>,
    /// Every step, each after everything it needs.
    pub steps: Vec<Step>,
    /// The outputs as far as they are known.
    pub outputs: Vec<PlannedOutput>,
    /// What is known for filling in what is not.
    pub scope: Scope,
    /// The subscriptions the workspace has.
    pub subscriptions: Vec<Subscription>,
    /// Every suspended instance of the workspace; nothing where they could not be read.
    pub suspended: Option<Vec<Suspended>>,
    /// Whether the platform has tags.
    pub has_tags: bool,
    /// What is made of secrets and kept in the vault.
    pub secrets: PlannedSecrets,
    /// What else a person should know about it as a whole.
    pub notes: Vec<String>,
}

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Make the workspace as the manifest says.
    Apply,
    /// Remove what is the stack's.
    Destroy,
    /// Take instances over as they are.
    Adopt,
    /// Give secrets new values.
    Rotate,
}

/// One step of a plan.
#[derive(Clone)]
pub struct Step {
    /// What it is about.
    pub address: Address,
    /// What is done.
    pub action: Action,
    /// Why it is not done after all.
    pub held: Option<Hold>,
    /// Steps that must be finished, and ready, before.
    pub needs: Vec<Address>,
    /// What it is done to.
    pub target: Target,
    /// For people only: nothing is decided by it.
    pub explanation: Explanation,
}

/// What a step does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Subscribe the workspace to services; free.
    Subscribe,
    /// Make an instance.
    Create,
    /// Let a suspended instance run again, and change it in place where it differs.
    Resume,
    /// Change an instance in place, which restarts it.
    Update,
    /// Give an instance's secrets new values and restart it, which makes them count.
    Restart,
    /// Take an instance over as it is, which changes its tags only.
    Adopt,
    /// Mark an instance of the stack as it is now, which changes its tags only.
    Mark,
    /// Take the stack's marks off what is not there any longer.
    Unmark,
    /// Delete an instance and make it again.
    Replace,
    /// Delete an instance.
    Delete,
    /// Nothing: it is as it should be.
    #[default]
    Keep,
    /// Nothing: it could not be read.
    Unknown,
}

impl Action {
    /// Whether it changes anything.
    pub fn changes(self) -> bool {
        !matches!(self, Self::Keep | Self::Unknown)
    }
}

/// What a step is done to.
#[derive(Clone)]
pub enum Target {
    /// The workspace's subscriptions to these services.
    Subscriptions(Vec<String>),
    /// An instance.
    Instance(Box<InstanceTarget>),
}

/// An instance as the manifest wants it and as it was read.
#[derive(Clone)]
pub struct InstanceTarget {
    /// Its key in the manifest.
    pub key: String,
    /// Its service.
    pub service: Arc<Service>,
    /// Its name in the workspace.
    pub name: String,
    /// What the manifest says about its options.
    pub options: Vec<OptionSetting>,
    /// When it is ready.
    pub ready: Readiness,
    /// Whether somebody refers to its ports.
    pub wants_ports: bool,
    /// Whether the manifest protects it.
    pub protect: bool,
    /// The service secrets that its options become, by option.
    pub secrets: BTreeMap<String, SecretOption>,
    /// Whether it is given secret values that it did not have, or may not have had.
    pub gives_secrets: bool,
    /// Whether its secrets are written and it is restarted although no digest differs.
    pub rewrites: bool,
    /// Its tags as they were read.
    pub tags: Vec<String>,
    /// The digest of the secret values it was last given, where the vault and no tag says it.
    pub given: Option<String>,
    /// What was read, where it exists and runs.
    pub live: Option<Instance>,
    /// Its record, where it is suspended.
    pub suspended: Option<Suspended>,
}

/// An output as far as it is known.
#[derive(Clone)]
pub struct PlannedOutput {
    /// Its name.
    pub name: String,
    /// How it is computed.
    pub output: DesiredOutput,
    /// Its value.
    pub value: OutputValue,
}

/// The value of an output.
#[derive(Debug, Clone, PartialEq)]
pub enum OutputValue {
    /// This.
    Known(OptionValue),
    /// One that is known only after an apply.
    Unknown,
}

impl Step {
    /// Whether an apply would carry it out.
    pub fn runs(&self) -> bool {
        self.action.changes() && self.held.is_none()
    }

    /// The instance it is about.
    pub fn instance(&self) -> Option<&InstanceTarget> {
        match &self.target {
            Target::Instance(target) => Some(target),
            Target::Subscriptions(_) => None,
        }
    }

    /// Whether nothing but tags changes.
    pub fn only_marks(&self) -> bool {
        matches!(self.action, Action::Adopt | Action::Mark | Action::Unmark)
    }

    /// Whether its instance is deleted.
    pub fn deletes(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Replace)
    }
}

impl Plan {
    /// Whether an apply would change anything.
    pub fn has_changes(&self) -> bool {
        let tidies_up = self.secrets.removes_vault || !self.secrets.leftovers.is_empty();
        tidies_up || self.steps.iter().any(Step::runs)
    }

    /// The services of its steps, by id.
    pub fn services(&self) -> BTreeMap<String, Arc<Service>> {
        let targets = self.steps.iter().filter_map(Step::instance);
        let services = targets.map(|it| (it.service.id.clone(), it.service.clone()));
        services.collect()
    }

    /// Steps that would change something and are held back.
    pub fn held(&self) -> impl Iterator<Item = (&Step, &Hold)> {
        self.steps
            .iter()
            .filter_map(|step| Some((step, step.held.as_ref()?)))
    }
}

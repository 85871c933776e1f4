use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::draft::Draft;
use super::ready::readiness;
use super::{Attribute, Formula, Reference, Scope};
use crate::catalog::Service;
use crate::model::{Address, OptionValue, Readiness, Recipe, Span};

/// What the manifest asks for, with everything filled in that can be known offline.
#[derive(Clone)]
pub struct Desired {
    /// The stack's name.
    pub stack: String,
    /// The environment of the run.
    pub environment: String,
    /// The only workspace the manifest may be used in.
    pub workspace: Option<String>,
    /// The instances that are not left out, by key, each after everything it depends on; the
    /// manifest's order wherever that leaves a choice.
    pub instances: IndexMap<String, DesiredInstance>,
    /// The secrets by name, in the manifest's order.
    pub secrets: IndexMap<String, DesiredSecret>,
    /// Instances of the stack to delete although they may be kept otherwise, by key.
    pub removed: IndexMap<String, Removed>,
    /// Whether instances of the stack that are no longer declared are deleted.
    pub prune: bool,
    /// The outputs by name, in the manifest's order.
    pub outputs: IndexMap<String, DesiredOutput>,
    /// What is known for filling in formulas.
    pub scope: Scope,
}

/// One declared instance.
#[derive(Clone)]
pub struct DesiredInstance {
    /// `instances.KEY`
    pub address: Address,
    /// Its service.
    pub service: Arc<Service>,
    /// Its name in the workspace.
    pub name: String,
    /// Its options in the manifest's order; mandatory ones it does not name come last, with the
    /// catalog's defaults.
    pub options: Vec<OptionSetting>,
    /// What it depends on and is not left out; for each the reason, an option's name or
    /// `depends_on`.
    pub edges: BTreeMap<String, String>,
    /// When it counts as ready.
    pub ready: Readiness,
    /// Whether it must never be deleted or replaced.
    pub protect: bool,
    /// Whether data is lost with it.
    pub keeps_data: bool,
    /// Whether it is left alone while it is suspended.
    pub leave_suspended: bool,
    /// The place of its key.
    pub span: Span,
}

/// A password, key or token.
#[derive(Debug, Clone)]
pub struct DesiredSecret {
    /// Where its value comes from.
    pub source: SecretSource,
    /// The place of its name.
    pub span: Span,
}

/// Where the value of a secret comes from. Values that the run was given are in the scope.
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// Drawn once, and kept.
    Generate(Recipe),
    /// From outside.
    Given {
        /// What holds it, in words: `the environment variable SMTP_PASSWORD`.
        what: String,
        /// Why there is no value here and what to do, where there is none.
        missing: Option<String>,
    },
    /// Made of other secrets, and of what instances are.
    Value(Formula),
    /// The access token of the run.
    AccessToken {
        /// Why it cannot be used and what to do, where it cannot.
        missing: Option<String>,
    },
}

/// An instance of the stack to delete.
#[derive(Debug, Clone)]
pub struct Removed {
    /// Its service.
    pub service: Arc<Service>,
    /// Its name in the workspace.
    pub name: String,
    /// Whether the data that it holds may be lost.
    pub discards_data: bool,
    /// The place of its key.
    pub span: Span,
}

/// What the manifest says about one option.
#[derive(Clone)]
pub struct OptionSetting {
    /// The option's full name.
    pub name: String,
    /// Its value.
    pub setting: Setting,
    /// Whether the manifest says so, or only the catalog.
    pub origin: Origin,
    /// Whether its value must not be shown.
    pub sensitive: bool,
    /// The secrets of the manifest that its value is made of: those that it names, and what
    /// those are made of. Where there are any, the setting is [`Setting::Deferred`] and sensitive.
    pub secrets: BTreeSet<String>,
    /// The place of its value.
    pub span: Span,
}

/// The value of an option.
#[derive(Clone)]
pub enum Setting {
    /// `null`: not set.
    Unset,
    /// This value, already checked.
    Known(OptionValue),
    /// A value that depends on something live, or on a secret; to be checked when it is known.
    Deferred(Formula),
}

/// Who gave an option its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The manifest: the option is managed.
    Declared,
    /// The catalog's default of a mandatory option: sent at a create, otherwise unmanaged.
    CatalogDefault,
}

/// A value to print at the end.
#[derive(Clone)]
pub struct DesiredOutput {
    /// The value.
    pub formula: Formula,
    /// Whether it is printed only when asked for by name.
    pub sensitive: bool,
}

impl Desired {
    /// Keys of the instances whose ports somebody refers to.
    pub fn ports_wanted(&self) -> BTreeSet<&str> {
        let options = self
            .instances
            .values()
            .flat_map(|instance| &instance.options);
        let deferred = options.filter_map(|option| match &option.setting {
            Setting::Deferred(formula) => Some(formula),
            Setting::Unset | Setting::Known(_) => None,
        });
        deferred
            .chain(self.outputs.values().map(|output| &output.formula))
            .flat_map(|formula| self.scope.references(formula))
            .filter_map(|reference| match reference {
                Reference::Instance(key, attribute) if Attribute::needs_ports(attribute) => {
                    Some(key.as_str())
                }
                _ => None,
            })
            .collect()
    }
}

impl DesiredInstance {
    /// The secrets of the manifest that any of its options is made of.
    pub fn secrets(&self) -> BTreeSet<&str> {
        let options = self.options.iter();
        options
            .flat_map(|option| option.secrets.iter().map(String::as_str))
            .collect()
    }
}

/// The finished instance; nothing where its name has been reported.
pub(super) fn instance(
    draft: &Draft<'_>,
    service: &Arc<Service>,
    options: Vec<OptionSetting>,
    scope: &Scope,
) -> Option<DesiredInstance> {
    let written = draft.written;
    let edges = draft
        .edges
        .iter()
        .filter(|(key, _)| !scope.is_left_out(key));
    Some(DesiredInstance {
        address: Address::instance(draft.key),
        keeps_data: service.keeps_data && written.data.is_none(),
        service: service.clone(),
        name: scope.instances.get(draft.key)?.name.clone()?,
        options,
        edges: edges.map(|(key, why)| (key.clone(), why.clone())).collect(),
        ready: readiness(written.ready.as_ref()),
        protect: written.protect.as_ref().is_some_and(|it| it.value),
        leave_suspended: written.suspended.is_some(),
        span: written.span,
    })
}

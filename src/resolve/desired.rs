use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::draft::Draft;
use super::ready::readiness;
use super::{Attribute, Formula, Reference, Scope};
use crate::catalog::Service;
use crate::model::{Address, OptionValue, Readiness, Span};

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
    /// The outputs by name, in the manifest's order.
    pub outputs: IndexMap<String, DesiredOutput>,
    /// x
    pub secrets: IndexMap<String, DesiredSecret>,
    /// x
    pub removed: IndexMap<String, Removed>,
    /// x
    pub prune: bool,
    /// What is known for filling in formulas.
    pub scope: Scope,
}
/// x
#[derive(Clone)]
pub struct DesiredSecret {
    /// x
    pub source: SecretSource,
    /// x
    pub span: Span,
}
/// x
#[derive(Clone)]
pub enum SecretSource {
    /// x
    Generate(crate::model::Recipe),
    /// x
    Given {
        /// x
        what: String,
        /// x
        missing: Option<String>,
    },
    /// x
    Value(Formula),
    /// x
    AccessToken {
        /// x
        missing: Option<String>,
    },
}
/// x
#[derive(Clone)]
pub struct Removed {
    /// x
    pub service: Arc<Service>,
    /// x
    pub name: String,
    /// x
    pub discards_data: bool,
    /// x
    pub span: Span,
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
    /// x
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
    /// A value that depends on something live; to be checked when it is known.
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
            .flat_map(Formula::references)
            .filter_map(|reference| match reference {
                Reference::Instance(key, attribute) if Attribute::needs_ports(attribute) => {
                    Some(key.as_str())
                }
                _ => None,
            })
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

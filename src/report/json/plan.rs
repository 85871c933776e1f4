use std::io::{self, Write};

use serde::Serialize;

use super::document::write;
use super::findings::Place;
use super::lists::Output;
use super::value::{self, Value};
use crate::model::{Address, Sources};
use crate::plan::{Action, FieldChange, Hold, Plan, PlannedSecrets, Purpose, Step, Target};
use crate::report::plan::Counts;
use crate::report::{hold, value::sides};

#[derive(Serialize)]
struct Body<'a> {
    purpose: &'static str,
    stack: &'a str,
    workspace: &'a str,
    environment: &'a str,
    tenant_plan: Option<&'a str>,
    has_changes: bool,
    summary: Summary,
    steps: Vec<StepWire<'a>>,
    secrets: Secrets<'a>,
    notes: &'a [String],
    outputs: Vec<Output<'a>>,
}

/// Names only.
#[derive(Serialize)]
struct Secrets<'a> {
    generate: Vec<&'a str>,
    remove: Vec<ServiceSecret<'a>>,
    remove_vault: bool,
}

#[derive(Serialize)]
struct ServiceSecret<'a> {
    service: &'a str,
    name: &'a str,
}

/// Steps by what would be done; `subscribe` counts services.
#[derive(Serialize)]
struct Summary {
    subscribe: usize,
    create: usize,
    resume: usize,
    update: usize,
    restart: usize,
    replace: usize,
    delete: usize,
    /// Only their tags change.
    adopt: usize,
    mark: usize,
    unmark: usize,
    unchanged: usize,
    held_back: usize,
    unreadable: usize,
    data_lost: usize,
}

#[derive(Serialize)]
struct StepWire<'a> {
    address: &'a str,
    action: &'static str,
    /// Whether an apply would carry it out.
    runs: bool,
    held_back: Option<HeldBack<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    services: Option<&'a [String]>,
    needs: Vec<&'a str>,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<&'a str>,
    restarts: bool,
    loses_data: bool,
    options: Vec<Change<'a>>,
    unchanged_options: usize,
    unmanaged_options: &'a [String],
    place: Option<Place<'a>>,
}

#[derive(Serialize)]
pub(super) struct HeldBack<'a> {
    reason: &'static str,
    because_of: Option<&'a str>,
}

#[derive(Serialize)]
struct Change<'a> {
    option: &'a str,
    before: Option<Value<'a>>,
    after: Option<Value<'a>>,
}

/// Writes a plan: `osc-apply/plan`.
///
/// # Errors
/// When the writer fails.
pub fn plan(out: &mut dyn Write, plan: &Plan, sources: &Sources) -> io::Result<()> {
    let outputs = plan
        .outputs
        .iter()
        .map(|output| Output::of(&output.name, &output.value));
    let body = Body {
        purpose: purpose(plan.purpose),
        stack: &plan.stack,
        workspace: &plan.workspace,
        environment: &plan.environment,
        tenant_plan: plan.tenant_plan.as_deref(),
        has_changes: plan.has_changes(),
        summary: Counts::of(plan).into(),
        steps: plan.steps.iter().map(|step| wire(step, sources)).collect(),
        secrets: secrets(&plan.secrets),
        notes: &plan.notes,
        outputs: outputs.collect(),
    };
    write(out, "osc-apply/plan", body)
}

fn secrets(secrets: &PlannedSecrets) -> Secrets<'_> {
    let leftovers = secrets.leftovers.iter().map(|secret| ServiceSecret {
        service: &secret.service,
        name: &secret.name,
    });
    Secrets {
        generate: secrets.draws.iter().map(|it| it.secret.as_str()).collect(),
        remove: leftovers.collect(),
        remove_vault: secrets.removes_vault,
    }
}

pub(super) fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Apply => "apply",
        Purpose::Destroy => "destroy",
        Purpose::Adopt => "adopt",
        Purpose::Rotate => "rotate",
    }
}

pub(super) fn action(action: Action) -> &'static str {
    match action {
        Action::Subscribe => "subscribe",
        Action::Create => "create",
        Action::Resume => "resume",
        Action::Update => "update",
        Action::Restart => "restart",
        Action::Adopt => "adopt",
        Action::Mark => "mark",
        Action::Unmark => "unmark",
        Action::Replace => "replace",
        Action::Delete => "delete",
        Action::Keep => "keep",
        Action::Unknown => "unknown",
    }
}

pub(super) fn held_back(held: &Hold) -> HeldBack<'_> {
    HeldBack {
        reason: hold::word(held),
        because_of: hold::cause(held).map(Address::as_str),
    }
}

fn wire<'a>(step: &'a Step, sources: &'a Sources) -> StepWire<'a> {
    let why = &step.explanation;
    let (service, name, services) = match &step.target {
        Target::Subscriptions(services) => (None, None, Some(services.as_slice())),
        Target::Instance(target) => (
            Some(target.service.id.as_str()),
            Some(target.name.as_str()),
            None,
        ),
    };
    StepWire {
        address: step.address.as_str(),
        action: action(step.action),
        runs: step.runs(),
        held_back: step.held.as_ref().map(held_back),
        service,
        name,
        services,
        needs: step.needs.iter().map(Address::as_str).collect(),
        reason: &why.reason,
        note: why.note.as_deref(),
        proof: why.proof.as_deref(),
        restarts: why.restarts,
        loses_data: why.loses_data,
        options: why.fields.iter().map(change).collect(),
        unchanged_options: why.equal,
        unmanaged_options: &why.unmanaged,
        place: why.span.and_then(|span| Place::of(span, sources)),
    }
}

fn change(change: &FieldChange) -> Change<'_> {
    let (before, after) = sides(change);
    Change {
        option: &change.option,
        before: value::of(before),
        after: value::of(after),
    }
}

impl From<Counts> for Summary {
    fn from(counts: Counts) -> Self {
        let Counts {
            subscribe,
            create,
            resume,
            update,
            restart,
            replace,
            delete,
            adopt,
            mark,
            unmark,
            unchanged,
            held,
            unreadable,
            data_lost,
        } = counts;
        Self {
            subscribe,
            create,
            resume,
            update,
            restart,
            replace,
            delete,
            adopt,
            mark,
            unmark,
            unchanged,
            held_back: held,
            unreadable,
            data_lost,
        }
    }
}

use std::collections::BTreeSet;
use std::time::Duration;

use super::args::{AdoptArgs, ConsentArgs};
use super::consent::{self, Bearing};
use super::error::CliError;
use super::platform::{Platform, SignIn};
use super::settings::Settings;
use super::stack::{self, Stack, Values};
use super::ui::Ui;
use super::{adoption, rotation};
use crate::live::{Live, with_tenant_plan};
use crate::plan::{self, Adoption, Consent, Plan, VaultTrouble};
use crate::report::{self, json};

/// A plan that has been shown, and the platform it was made for.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) platform: Platform,
    /// Who runs it and where, for whoever is kept waiting.
    pub(super) who: String,
}

/// What a plan is made for.
pub(super) enum Aim<'a> {
    /// To have the workspace as the manifest says.
    Apply(&'a ConsentArgs),
    /// To have nothing of the stack left.
    Destroy(&'a ConsentArgs),
    /// To give these secrets new values.
    Rotate(&'a ConsentArgs, &'a [String]),
    /// To take instances over.
    Adopt(&'a AdoptArgs),
}

/// Reads the manifest and the workspace, makes the plan and shows it.
pub(super) async fn plan(
    aim: Aim<'_>,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Planned, CliError> {
    let values = match aim {
        Aim::Destroy(_) => Values::Unread,
        _ => Values::Read,
    };
    let (stack, sign_in) = Stack::signed_in(settings, values, ui).await?;
    warn_of_the_end(&sign_in, ui);
    let bearing = Bearing {
        destroys: matches!(aim, Aim::Destroy(_)),
        unattended: is_unattended(&stack, &sign_in, settings),
    };
    let who = sign_in.who(settings);
    let prepared = Prepared::of(&aim, &stack, bearing)?;
    let platform = sign_in.connect().await?;
    let reads = platform.reads();
    let live = match aim {
        Aim::Destroy(_) => with_tenant_plan(&reads, stack.read_without_ports(&reads)).await?,
        _ => with_tenant_plan(&reads, stack.read(&reads)).await?,
    };
    if !matches!(aim, Aim::Destroy(_) | Aim::Adopt(_)) {
        check_vault(&stack, &live)?;
    }
    let plan = prepared.plan(&stack, &live)?;
    let as_json = ui.json;
    ui.print(|out, look| match as_json {
        true => json::plan(out, &plan, &stack.sources),
        false => report::plan(out, &plan, &stack.sources, look),
    });
    Ok(Planned {
        plan,
        platform,
        who,
    })
}

/// What is asked for, checked as far as the manifest tells.
enum Prepared {
    Apply(Consent),
    Destroy(Consent),
    Rotate(Consent, BTreeSet<String>),
    Adopt(Adoption),
}

impl Prepared {
    fn of(aim: &Aim<'_>, stack: &Stack, bearing: Bearing) -> Result<Self, CliError> {
        let consent = |args| consent::consent(args, stack, bearing);
        Ok(match aim {
            Aim::Apply(args) => Self::Apply(consent(args)?),
            Aim::Destroy(args) => Self::Destroy(consent(args)?),
            Aim::Rotate(args, secrets) => {
                Self::Rotate(consent(args)?, rotation::names(secrets, stack)?)
            }
            Aim::Adopt(args) => Self::Adopt(adoption::adoption(args, stack)?),
        })
    }

    fn plan(&self, stack: &Stack, live: &Live) -> Result<Plan, CliError> {
        let Stack {
            desired, sources, ..
        } = stack;
        let findings = |found| stack::findings(found, sources);
        Ok(match self {
            Self::Apply(consent) => {
                plan::plan(desired, live, consent, sources).map_err(findings)?
            }
            Self::Destroy(consent) => plan::destroy(desired, live, consent),
            Self::Rotate(consent, secrets) => {
                plan::rotate(desired, live, consent, secrets, sources).map_err(findings)?
            }
            Self::Adopt(adoption) => {
                let plan = plan::adopt(desired, live, adoption, sources).map_err(findings)?;
                plan.map_err(adoption::refused)?
            }
        })
    }
}

fn check_vault(stack: &Stack, live: &Live) -> Result<(), CliError> {
    match plan::vault_trouble(&stack.desired, live) {
        None => Ok(()),
        Some(VaultTrouble { message, hint }) => Err(CliError::Guard { message, hint }),
    }
}

/// Whether nobody looks on and nothing says which workspace is meant; the sandbox has only one, and
/// nothing in it is anybody's.
fn is_unattended(stack: &Stack, sign_in: &SignIn, settings: &Settings) -> bool {
    let named = stack.desired.workspace.is_some() || settings.workspace_guard.is_some();
    !settings.can_ask && !named && !sign_in.is_sandbox()
}

/// Says so where the token may not last for the run.
fn warn_of_the_end(sign_in: &SignIn, ui: &mut Ui) {
    /// Longer than most runs take.
    const SOON: Duration = Duration::from_secs(1800);
    let left = sign_in.ends_in().filter(|left| *left < SOON);
    if let Some(left) = left
        && !ui.quiet
    {
        let (err, look) = ui.err();
        // With standard error gone there is nobody to tell.
        let _ = report::ending(err, left, look);
    }
}

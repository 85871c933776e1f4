use std::time::{Duration, SystemTime};

use crate::auth::Pat;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::platform::SignIn;
use crate::cli::settings::Settings;
use crate::cli::stack::DEFAULT_ENVIRONMENT;
use crate::cli::ui::Ui;
use crate::osc::{Class, Error, TenantPlan};
use crate::report::{self, Expiry, WhoAmI, json};

/// What the token says is there at once; the plan is not worth more than this.
const LIMIT: Duration = Duration::from_secs(45);

/// Reads no manifest: the environment is that of `--env`.
pub(super) async fn run(settings: &Settings, ui: &mut Ui) -> Result<Exit, CliError> {
    let environment = settings.environment.as_deref();
    let environment = environment.unwrap_or(DEFAULT_ENVIRONMENT);
    let sign_in = SignIn::find(settings, environment, None)?;
    sign_in.check_guard(settings)?;
    let Pat {
        source,
        claims,
        renewable,
        ..
    } = sign_in.pat.clone();
    let platform = sign_in.connect().await?;
    let reads = platform.reads();
    let read = tokio::time::timeout(LIMIT, reads.tenant_plan()).await;
    let tenant_plan = match read {
        Ok(read) => unless_signed_out(read)?,
        Err(_) => Err(Error::new(
            Class::Transient,
            "reading the workspace's plan",
            &format!("no answer within {} s", LIMIT.as_secs()),
        )),
    };
    let now = SystemTime::now();
    let who = WhoAmI {
        workspace: claims.workspace,
        environment: environment.to_owned(),
        user: claims.user,
        remaining_tokens: tenant_plan
            .as_ref()
            .ok()
            .and_then(|plan| plan.remaining_tokens),
        tenant_plan: tenant_plan
            .map(|plan| plan.name)
            .map_err(|error| error.to_string()),
        service_limits: claims.service_limits,
        source: source.to_string(),
        // Asking may have renewed it.
        expires: reads.token_expires().map(|at| Expiry {
            at,
            left: at.duration_since(now).unwrap_or_default(),
            renewable,
        }),
    };
    let as_json = ui.json;
    ui.print(|out, look| match as_json {
        true => json::whoami(out, &who),
        false => report::whoami(out, &who, look),
    });
    Ok(Exit::Done)
}

/// Whom the platform does not know is nobody; with any other failure the token still says who.
fn unless_signed_out(
    read: Result<TenantPlan, Error>,
) -> Result<Result<TenantPlan, Error>, CliError> {
    match read {
        Err(error) if error.class == Class::SignedOut => Err(error.into()),
        other => Ok(other),
    }
}

use crate::auth::{self, AuthError, Revoked, Site, Store};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::stack::DEFAULT_ENVIRONMENT;
use crate::cli::ui::Ui;
use crate::osc::{Dialer, Hosts, Network};
use crate::report::json;

/// What a server that was not told still takes.
const STILL_GOOD: &str = "The tokens are forgotten here, but the server did not take them back: \
                          they stay good there until they end";

pub(super) async fn run(all: bool, settings: &Settings, ui: &mut Ui) -> Result<Exit, CliError> {
    settings.refuse_sandbox(
        "the sandbox inside a command keeps no sign-in",
        "leave `--sandbox` out to sign out of OSC",
    )?;
    let Some(store) = &settings.sign_ins else {
        return Err(CliError::failed(
            "there is no home folder, and so no sign-in",
        ));
    };
    let network = Network::new(Dialer::System, env!("CARGO_PKG_VERSION"));
    match all {
        true => forget_all(store, &network, ui).await?,
        false => forget_one(store, &network, settings, ui).await?,
    }
    Ok(Exit::Done)
}

async fn forget_all(store: &Store, network: &Network, ui: &mut Ui) -> Result<(), AuthError> {
    let untold = auth::forget_all(store, network).await?;
    let as_json = ui.json;
    ui.print(|out, _| match as_json {
        true => json::signed_out(out, None),
        false => writeln!(out, "Every sign-in is forgotten."),
    });
    if untold > 0 {
        tell(ui, &format!("{STILL_GOOD} (sign-ins: {untold})."));
    }
    Ok(())
}

async fn forget_one(
    store: &Store,
    network: &Network,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<(), CliError> {
    let environment = settings.environment.as_deref();
    let environment = environment.unwrap_or(DEFAULT_ENVIRONMENT);
    let hosts = Hosts::new(environment, &settings.overrides)?;
    let site = Site::of(&hosts);
    let workspace = workspace(store, &site, settings)?;
    let revoked = auth::logout(store, &site, &workspace, network)
        .await
        .map_err(AuthError::from)?
        .ok_or_else(|| not_signed_in(Some(&workspace), &site))?;
    let as_json = ui.json;
    ui.print(|out, _| match as_json {
        true => json::signed_out(out, Some((&workspace, environment))),
        false => writeln!(
            out,
            "Signed out of the workspace {workspace} ({environment})."
        ),
    });
    match revoked {
        Revoked::Yes => {}
        Revoked::NotOffered => tell(ui, &format!("{STILL_GOOD}.")),
        Revoked::No(why) => tell(ui, &format!("{STILL_GOOD} ({why}).")),
    }
    Ok(())
}

fn tell(ui: &mut Ui, text: &str) {
    let (err, _) = ui.err();
    // With standard error gone there is nobody to tell.
    let _ = writeln!(err, "{text}");
}

/// The workspace that is named, or the only one.
fn workspace(store: &Store, site: &Site, settings: &Settings) -> Result<String, CliError> {
    if let Some(guard) = &settings.workspace_guard {
        return Ok(guard.workspace.clone());
    }
    let mut known = store.workspaces(site).map_err(AuthError::from)?;
    match (known.pop(), known.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => Err(CliError::usage_with(
            format!(
                "signed in to several workspaces: {}, {last}",
                known.join(", ")
            ),
            "say which with `--workspace`, or `--all`",
        )),
        (None, _) => Err(not_signed_in(None, site)),
    }
}

fn not_signed_in(workspace: Option<&str>, site: &Site) -> CliError {
    let error = AuthError::NoSignIn {
        workspace: workspace.map(str::to_owned),
        environment: site.environment().to_owned(),
    };
    error.into()
}

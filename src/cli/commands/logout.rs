use crate::auth::{self, AuthError, Revoked, Site, Store};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::osc::{Dialer, Hosts, Network};

pub(super) async fn run(all: bool, settings: &Settings, ui: &mut Ui) -> Result<Exit, CliError> {
    let Some(store) = &settings.sign_ins else {
        return Err(CliError::failed(
            "there is no home folder, and so no sign-in",
        ));
    };
    if all {
        auth::forget_all(store).await.map_err(AuthError::from)?;
        ui.print(|out, _| writeln!(out, "Every sign-in is forgotten."));
        return Ok(Exit::Done);
    }
    let environment = settings.environment.as_deref().unwrap_or("prod");
    let hosts = Hosts::new(environment, &settings.overrides)?;
    let site = Site::of(&hosts);
    let workspace = workspace(store, &site, settings)?;
    let network = Network::new(Dialer::System, env!("CARGO_PKG_VERSION"));
    let revoked = auth::logout(store, &site, &workspace, &network)
        .await
        .map_err(AuthError::from)?
        .ok_or_else(|| not_signed_in(Some(&workspace), &site))?;
    ui.print(|out, _| {
        writeln!(
            out,
            "Signed out of the workspace {workspace} ({environment})."
        )
    });
    let (err, _) = ui.err();
    // With standard error gone there is nobody to tell.
    let _ = match revoked {
        Revoked::Yes => Ok(()),
        Revoked::NotOffered => writeln!(
            err,
            "The server offers no way to revoke tokens; the access token ends by itself."
        ),
        Revoked::No(why) => writeln!(
            err,
            "warning: the tokens are forgotten here, but the server did not revoke them: {why}"
        ),
    };
    Ok(Exit::Done)
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

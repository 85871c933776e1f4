use std::sync::Arc;
use std::time::SystemTime;

use url::Url;

use crate::auth::{
    self, Agreed, AuthError, Identity, Kept, Login, Registration, SignIn, Site, Store,
};
use crate::cli::args::LoginArgs;
use crate::cli::browser;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::ui::Ui;
use crate::osc::{Clock, Dialer, Exchange, Hosts, Network, base_url};
use crate::report::{self, SignedIn, json};

pub(super) async fn run(
    args: &LoginArgs,
    settings: &Settings,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    settings.refuse_sandbox(
        "the sandbox inside a command has nobody to sign in: it needs no token",
        "to try the sign-in, run `osc-apply sandbox serve`, set the OSC_ENDPOINT that it prints, \
         and run `osc-apply login` without `--sandbox`",
    )?;
    let environment = settings.environment.as_deref().unwrap_or("prod");
    let hosts = Hosts::new(environment, &settings.overrides)?;
    let site = Site::of(&hosts);
    let store = settings.sign_ins.as_ref().ok_or_else(|| {
        let hint = "set HOME, or use OSC_ACCESS_TOKEN";
        CliError::failed_with("there is no home folder to keep a sign-in in", hint)
    })?;
    // What cannot be kept had better not be asked for.
    store.workspaces(&site).map_err(AuthError::from)?;
    let issuer = args.issuer.as_deref().filter(|text| !text.is_empty());
    let issuer = issuer
        .map(|text| base_url("OSC_ISSUER", text))
        .transpose()?;
    let clock = Clock::starting_at(SystemTime::now());
    let network = Arc::new(Network::new(Dialer::System, env!("CARGO_PKG_VERSION")));
    let login = Login {
        hosts: &hosts,
        issuer: issuer.as_ref(),
        identity: identity(args, settings, store, &site)?,
        exchange: &*network,
        clock,
        random: rand::random(),
    };
    let agreed = login.ask(|url| show(url, args, settings, ui)).await?;
    let kept = finish(agreed, store, &site, settings, &*network).await?;
    tell(&kept, &site, ui);
    warn_of_others(settings, ui);
    Ok(Exit::Done)
}

/// As whom: the client that the environment names, one that registers itself, or the public one.
fn identity(
    args: &LoginArgs,
    settings: &Settings,
    store: &Store,
    site: &Site,
) -> Result<Identity, CliError> {
    let port = args.callback_port;
    if args.register {
        return Ok(Identity::Dynamic(registered_before(store, site)?, port));
    }
    match &settings.client {
        Some(client) if !client.is_public() => {
            let port = port.ok_or_else(|| {
                CliError::usage_with(
                    format!("the OAuth client {} has a fixed callback", client.id),
                    "say the port of its http://localhost:PORT/callback with `--callback-port` \
                     or OSC_CALLBACK_PORT",
                )
            })?;
            Ok(Identity::Registered(client.clone(), port))
        }
        _ => Ok(Identity::Public(port)),
    }
}

/// The client that registered itself for the latest sign-in that has one.
fn registered_before(store: &Store, site: &Site) -> Result<Option<Registration>, AuthError> {
    for workspace in store.workspaces(site)?.iter().rev() {
        // One that cannot be read is about to be replaced.
        if let Ok(Some((sign_in, _))) = store.read(site, workspace)
            && let Some(registration) = sign_in.registration()
        {
            return Ok(Some(registration));
        }
    }
    Ok(None)
}

fn show(url: &Url, args: &LoginArgs, settings: &Settings, ui: &mut Ui) {
    let opened = !args.no_browser && browser::open(url, settings.browser.as_deref());
    let (err, _) = ui.err();
    // With standard error gone there is nobody to tell.
    let _ = match opened {
        true => writeln!(
            err,
            "Waiting for you in the browser. If no page has opened:\n\n  {url}\n"
        ),
        false => writeln!(
            err,
            "Open this page in a browser on this machine:\n\n  {url}\n"
        ),
    }
    .and_then(|()| err.flush());
}

/// A sign-in that is kept, and where.
struct Finished {
    sign_in: SignIn,
    kept: Kept,
}

/// Keeps it, if it is to the workspace that is wanted, and tells the browser.
async fn finish(
    agreed: Agreed,
    store: &Store,
    site: &Site,
    settings: &Settings,
    exchange: &dyn Exchange,
) -> Result<Finished, CliError> {
    let workspace = agreed.sign_in.claims.workspace.clone();
    if let Some(guard) = &settings.workspace_guard
        && guard.workspace != workspace
    {
        let wanted = &guard.workspace;
        // As far as the server lets them be taken back.
        auth::revoke(&agreed.sign_in, exchange).await;
        agreed
            .failed(&format!(
                "You chose the workspace {workspace}, and not {wanted}"
            ))
            .await;
        return Err(CliError::Guard {
            message: format!(
                "{} is for the workspace `{wanted}`, and you chose `{workspace}` in the browser",
                guard.whose
            ),
            hint: format!("run it again and choose `{wanted}`; nothing was kept"),
        });
    }
    match auth::keep(store, site, &agreed.sign_in).await {
        Ok(kept) => {
            let sign_in = agreed.sign_in.clone();
            agreed.done(site.environment()).await;
            Ok(Finished { sign_in, kept })
        }
        Err(error) => {
            agreed.failed("The sign-in could not be kept").await;
            Err(AuthError::from(error).into())
        }
    }
}

/// A token from elsewhere that counts before any sign-in makes the new one idle.
fn warn_of_others(settings: &Settings, ui: &mut Ui) {
    let other = match (&settings.token_file, &settings.token) {
        (Some(_), _) => "--token-file",
        (None, Some(_)) => "OSC_ACCESS_TOKEN",
        (None, None) => return,
    };
    let (err, _) = ui.err();
    // With standard error gone there is nobody to tell.
    let _ = writeln!(
        err,
        "warning: {other} is set and counts first: this sign-in is not used while it is"
    );
}

fn tell(finished: &Finished, site: &Site, ui: &mut Ui) {
    let Finished { sign_in, kept } = finished;
    let signed_in = SignedIn {
        workspace: sign_in.claims.workspace.clone(),
        environment: site.environment().to_owned(),
        user: sign_in.claims.user.clone(),
        expires: sign_in.expires,
        renewable: sign_in.refresh.is_some(),
        kept: kept.place.to_string(),
        why_no_keyring: kept.why_no_keyring.clone(),
    };
    let as_json = ui.json;
    ui.print(|out, look| match as_json {
        true => json::signed_in(out, &signed_in),
        false => report::signed_in(out, &signed_in, look),
    });
}

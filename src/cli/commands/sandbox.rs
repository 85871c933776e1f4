use std::future::Future;
use std::net::SocketAddr;
use std::time::SystemTime;

use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::args::{Global, SandboxCommand};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::interrupt;
use crate::cli::sandbox::World;
use crate::cli::settings::{self, SandboxSettings};
use crate::cli::ui::Ui;
use crate::report::json::{self, FaultRow};
use crate::sandbox::{self, Addressing, FaultKind, Folder};

pub(super) async fn run(
    command: &SandboxCommand,
    global: &Global,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    let settings = settings::sandbox(global)?;
    match command {
        SandboxCommand::Reset => reset(&settings, ui),
        SandboxCommand::Suspend { instance, reason } => suspend(&settings, instance, reason, ui),
        SandboxCommand::Client { name, redirect_uri } => {
            register_client(&settings, name, redirect_uri, ui)
        }
        SandboxCommand::Faults => list_faults(ui),
        SandboxCommand::Serve { listen } => serve(&settings, *listen, ui).await,
    }
}

fn reset(settings: &SandboxSettings, ui: &mut Ui) -> Result<Exit, CliError> {
    Folder::reset(&settings.folder)?;
    let folder = settings.folder.display();
    ui.print(|out, _| writeln!(out, "The sandbox in {folder} is empty."));
    Ok(Exit::Done)
}

fn suspend(
    settings: &SandboxSettings,
    (service, name): &(String, String),
    reason: &str,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    if !World::open(settings)?.suspend(SystemTime::now(), service, name, reason)? {
        let folder = settings.folder.display();
        return Err(CliError::failed_with(
            format!("no instance {name} of {service} runs in the sandbox in {folder}"),
            "service and name are those of `osc-apply status --sandbox`",
        ));
    }
    ui.print(|out, _| writeln!(out, "{service}/{name} is suspended."));
    Ok(Exit::Done)
}

/// Registers an app. Its id and secret come as lines that a shell can read.
fn register_client(
    settings: &SandboxSettings,
    name: &str,
    redirect_uri: &str,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    let client = World::open(settings)?.register_client(name, redirect_uri)?;
    ui.print(|out, _| {
        writeln!(out, "export OSC_CLIENT_ID={}", client.id)?;
        writeln!(out, "export OSC_CLIENT_SECRET={}", client.secret)
    });
    Ok(Exit::Done)
}

fn list_faults(ui: &mut Ui) -> Result<Exit, CliError> {
    if ui.json {
        let rows = FaultKind::all().map(|kind| FaultRow {
            name: kind.name,
            summary: kind.summary,
            settings: kind.keys().collect(),
            count: kind.default_count(),
            duration: kind.default_duration(),
        });
        let rows: Vec<FaultRow> = rows.collect();
        ui.print(|out, _| json::faults(out, &rows));
        return Ok(Exit::Done);
    }
    let widest = FaultKind::all().map(|kind| kind.name.len()).max();
    let width = widest.unwrap_or_default();
    ui.print(|out, _| {
        for FaultKind { name, summary, .. } in FaultKind::all() {
            writeln!(out, "{name:width$}  {summary}")?;
        }
        Ok(())
    });
    Ok(Exit::Done)
}

/// Serves until interrupted. The endpoint and a token come as lines that a shell can read.
async fn serve(
    settings: &SandboxSettings,
    listen: SocketAddr,
    ui: &mut Ui,
) -> Result<Exit, CliError> {
    let world = World::open(settings)?;
    let token = world.personal_access_token(SystemTime::now())?;
    let unusable = |error: std::io::Error| {
        let hint = "another address can be given with `--listen 127.0.0.1:0`";
        CliError::failed_with(format!("cannot listen on {listen}: {error}"), hint)
    };
    let listener = TcpListener::bind(listen).await.map_err(unusable)?;
    let address = listener.local_addr().map_err(unusable)?;
    let base = format!("http://{address}");
    ui.print(|out, _| {
        writeln!(out, "export OSC_ENDPOINT={base}")?;
        writeln!(out, "export OSC_ACCESS_TOKEN={}", token.expose_secret())?;
        out.flush()
    });
    let shell = world.shell(Addressing::Prefixed { base });
    sandbox::serve(listener, shell, stopped()).await;
    Ok(Exit::Done)
}

fn stopped() -> impl Future<Output = ()> + Send + 'static {
    let stop = CancellationToken::new();
    interrupt::watch(stop.clone(), || {});
    async move { stop.cancelled().await }
}

use tokio::task::JoinSet;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::stack::Stack;
use crate::cli::ui::Ui;
use crate::live::{Live, State};
use crate::osc::{Class, ReadApi};
use crate::report::{self, StatusRow, json};

pub(super) async fn run(settings: &Settings, ui: &mut Ui) -> Result<Exit, CliError> {
    let (stack, sign_in) = Stack::signed_in(settings, ui).await?;
    let platform = sign_in.connect().await?;
    let reads = platform.reads();
    let live = stack.read_without_ports(&reads).await?;
    let rows = rows(&stack, &live, &reads).await?;
    let as_json = ui.json;
    ui.print(|out, look| {
        if as_json {
            json::status(out, &rows)
        } else {
            report::status(out, &rows, look)
        }
    });
    Ok(Exit::Done)
}

/// One row an instance, with one health request for each that exists.
async fn rows(stack: &Stack, live: &Live, reads: &ReadApi) -> Result<Vec<StatusRow>, CliError> {
    let mut healths = JoinSet::new();
    let mut rows = Vec::new();
    for (at, (key, instance)) in stack.desired.instances.iter().enumerate() {
        let state = live.instances.get(key).unwrap_or(&State::Absent);
        let (word, url) = match state {
            State::Absent => ("absent".to_owned(), None),
            State::Suspended(suspended) => (suspended.to_string(), None),
            State::Unreadable(error) => (format!("unreadable: {error}"), None),
            State::Present(found) => ("unknown".to_owned(), found.instance.url.clone()),
        };
        if let State::Present(found) = state
            && let Some(subscription) = live.subscriptions.get(&instance.service.id)
        {
            let (reads, subscription) = (reads.clone(), subscription.clone());
            let instance = found.instance.clone();
            healths.spawn(async move { (at, reads.health(&subscription, &instance).await) });
        }
        rows.push(StatusRow {
            address: instance.address.clone(),
            service: instance.service.id.clone(),
            name: instance.name.clone(),
            state: word,
            url,
        });
    }
    while let Some(joined) = healths.join_next().await {
        let Ok((at, health)) = joined else { continue };
        rows[at].state = match health {
            Ok(health) => health.to_string(),
            Err(error) if error.class == Class::SignedOut => return Err(error.into()),
            Err(error) if matches!(error.class, Class::Unsupported | Class::Absent) => {
                "no health check".to_owned()
            }
            Err(error) => format!("unreadable: {error}"),
        };
    }
    Ok(rows)
}

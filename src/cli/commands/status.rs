use std::collections::BTreeSet;

use tokio::task::JoinSet;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::stack::{Stack, Values};
use crate::cli::ui::Ui;
use crate::live::{Live, State, Wanted};
use crate::model::Address;
use crate::osc::{Class, ReadApi};
use crate::plan;
use crate::report::{self, StatusRow, json};

pub(super) async fn run(settings: &Settings, ui: &mut Ui) -> Result<Exit, CliError> {
    let (stack, sign_in) = Stack::signed_in(settings, Values::Unread, ui).await?;
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

/// One row an instance, declared or marked as the stack's, with one health request for each that exists.
async fn rows(stack: &Stack, live: &Live, reads: &ReadApi) -> Result<Vec<StatusRow>, CliError> {
    let mut healths = JoinSet::new();
    let mut rows = Vec::new();
    let wanted = plan::wanted(&stack.desired, &BTreeSet::new());
    for (at, want) in wanted.iter().chain(&live.marked).enumerate() {
        let state = live.instances.get(&want.key).unwrap_or(&State::Absent);
        let (word, url) = match state {
            State::Absent => ("absent".to_owned(), None),
            State::Suspended(suspended) => (suspended.to_string(), None),
            State::Unreadable(error) => (format!("unreadable: {error}"), None),
            State::Present(found) => ("unknown".to_owned(), found.instance.url.clone()),
        };
        if let State::Present(found) = state
            && let Some(subscription) = live.subscriptions.get(&want.service.id)
        {
            let (reads, subscription) = (reads.clone(), subscription.clone());
            let instance = found.instance.clone();
            healths.spawn(async move { (at, reads.health(&subscription, &instance).await) });
        }
        rows.push(StatusRow {
            address: address(stack, want),
            service: want.service.id.clone(),
            name: want.name.clone(),
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

/// What it is called: by its key where it is declared.
fn address(stack: &Stack, want: &Wanted) -> Address {
    match stack.desired.instances.get(&want.key) {
        Some(instance) => instance.address.clone(),
        None => Address::undeclared(&want.service.id, &want.name),
    }
}

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::gate::{Asked, Gate};
use super::{Fate, Limits};
use crate::model::Address;
use crate::osc::{Suspended, WriteApi};

/// How long looking after the other records may take.
const LIMIT: Duration = Duration::from_secs(30);

/// The suspended records of the workspace, and the right to call what may change them: calls
/// that overlap have lost records of others (API notes 6.12).
#[derive(Clone)]
pub(super) struct Records {
    book: Arc<Mutex<Book>>,
    /// Whether there is, or may be, anything to lose.
    any: bool,
}

#[derive(Default)]
struct Book {
    /// Those that were there when last looked.
    known: Vec<Suspended>,
    warnings: Vec<String>,
}

/// The right of one at a time, to be kept until it is known what became of the call.
pub(super) struct Alone(OwnedMutexGuard<Book>);

/// Whose call it was: what the platform knows of it, and what we call it.
pub(super) struct Caller<'a> {
    pub(super) service: &'a str,
    pub(super) name: &'a str,
    pub(super) address: &'a Address,
    pub(super) api: &'a WriteApi,
    pub(super) gate: &'a Gate,
    pub(super) limits: &'a Limits,
}

impl Records {
    /// Those that the plan has seen; nothing where they could not be read.
    pub(super) fn new(planned: Option<&[Suspended]>) -> Self {
        let book = Book {
            known: planned.unwrap_or_default().to_vec(),
            ..Book::default()
        };
        Self {
            book: Arc::new(Mutex::new(book)),
            any: planned.is_none_or(|all| !all.is_empty()),
        }
    }

    /// Waits until nobody else calls.
    pub(super) async fn alone(&self, gate: &Gate) -> Result<Alone, Fate> {
        let right = self.book.clone().lock_owned();
        let right = gate.unless_stopped(right).await.ok_or(Fate::NotBegun)?;
        Ok(Alone(right))
    }

    /// The same for a call that matters only where something is suspended.
    pub(super) async fn alone_if_any(&self, gate: &Gate) -> Result<Option<Alone>, Fate> {
        match self.any {
            true => self.alone(gate).await.map(Some),
            false => Ok(None),
        }
    }

    /// What to tell of records that were lost.
    pub(super) async fn into_warnings(self) -> Vec<String> {
        std::mem::take(&mut self.book.lock().await.warnings)
    }
}

impl Alone {
    /// Gives the right back, after a call that may have been taken once it is known whether all
    /// other records are still there.
    pub(super) async fn give_back<T>(mut self, came_to: &Result<T, Fate>, caller: &Caller<'_>) {
        if let Err(fate) = came_to
            && !fate.failure().is_some_and(|failure| failure.sent)
        {
            return;
        }
        let book = &mut *self.0;
        book.known
            .retain(|record| !record.is_of(caller.service, caller.name));
        if book.known.is_empty() {
            return;
        }
        let address = caller.address;
        book.warnings.extend(match lost(&book.known, caller).await {
            None => vec![format!(
                "it could not be read whether the other suspended instances are still there after \
                 the call for {address}"
            )],
            Some(lost) => {
                book.known.retain(|record| !lost.contains(record));
                let lost = lost.iter();
                lost.map(|record| missing(record, address)).collect()
            }
        });
    }
}

fn missing(record: &Suspended, address: &Address) -> String {
    let Suspended { service, name, .. } = record;
    format!(
        "`{name}` of {service} was suspended before the call for {address} and is not listed any \
         more: unless somebody resumed or deleted it meanwhile, the platform has lost it and its \
         options"
    )
}

/// The records that two reads in a row do not have; nothing where they cannot be read.
async fn lost(known: &[Suspended], caller: &Caller<'_>) -> Option<Vec<Suspended>> {
    let mut lost = known.to_vec();
    for _ in 0..2 {
        let question = caller.api.reads().suspended(&[]);
        let Asked::Answer(Ok(listed)) = caller.gate.ask(LIMIT, question).await else {
            return None;
        };
        lost.retain(|record| {
            let mut listed = listed.iter();
            !listed.any(|it| it.is_of(&record.service, &record.name))
        });
        let pause = caller.limits.longest_pause;
        if lost.is_empty() || caller.gate.rest(pause).await.is_interrupted() {
            break;
        }
    }
    Some(lost)
}

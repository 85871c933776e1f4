use super::ink::Ink;
use crate::plan::Action;

/// How an action is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    pub(super) symbol: &'static str,
    /// `create`
    pub(super) word: &'static str,
    /// `creating`
    pub(super) doing: &'static str,
    /// `created`
    pub(super) done: &'static str,
    pub(super) ink: Ink,
}

/// The symbol, words and colour of an action.
pub(super) const fn shown(action: Action) -> Shown {
    let (symbol, word, doing, done, ink) = match action {
        Action::Subscribe => ("+", "subscribe", "subscribing", "subscribed", Ink::Add),
        Action::Create => ("+", "create", "creating", "created", Ink::Add),
        Action::Resume => ("~", "resume", "resuming", "resumed", Ink::Change),
        Action::Update => ("~", "update", "updating", "updated", Ink::Change),
        Action::Restart => ("~", "restart", "restarting", "restarted", Ink::Change),
        Action::Adopt => ("~", "adopt", "adopting", "adopted", Ink::Change),
        Action::Mark => ("~", "mark", "marking", "marked", Ink::Change),
        Action::Unmark => ("~", "unmark", "unmarking", "unmarked", Ink::Change),
        Action::Replace => ("-/+", "replace", "replacing", "replaced", Ink::Remove),
        Action::Delete => ("-", "delete", "deleting", "deleted", Ink::Remove),
        Action::Keep => (" ", "unchanged", "checking", "unchanged", Ink::Faint),
        Action::Unknown => ("?", "unreadable", "checking", "left alone", Ink::Change),
    };
    Shown {
        symbol,
        word,
        doing,
        done,
        ink,
    }
}

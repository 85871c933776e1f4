//! What a kind of fault consists of.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::fault::Fault;
use super::kinds;
use super::subject::Act;
use crate::sandbox::answer::Cut;
use crate::sandbox::rules::Quirks;

/// A way to misbehave that has a name.
#[derive(Debug)]
pub struct FaultKind {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// What happens, in a line.
    pub summary: &'static str,
    /// The requests it can strike.
    pub(super) acts: &'static [Act],
    /// What it does to one.
    pub(super) effect: Effect,
    /// How many it strikes unless told otherwise; `None` is all.
    pub(super) count: Option<u32>,
    /// What `for` means, if anything.
    pub(super) span: Span,
    /// A setting that only this kind has.
    pub(super) own_key: Option<&'static str>,
}

/// What a fault does to a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    /// Nothing takes effect; this is said.
    Instead(fn(&Fault) -> Response<Bytes>),
    /// Nothing takes effect, and what was sent is quoted.
    Quoted,
    /// Nothing takes effect, and nothing is said.
    InsteadCut(Cut),
    /// It takes effect; this is said.
    Afterwards(fn(&Fault) -> Response<Bytes>),
    /// It takes effect, and nothing is said.
    AfterwardsCut(Cut),
    /// It takes effect, and the answer is made into another.
    Rewritten(fn(&Fault, Response<Bytes>) -> Response<Bytes>),
    /// It is answered as if it took effect, and forgotten.
    Forgotten,
    /// It takes effect, and the answer comes late.
    Late,
    /// It is answered as if it came without credentials.
    Unauthorised,
    /// It is answered by a platform with this quirk.
    Quirky(fn(&mut Quirks)),
    /// The instance made is not shown for a while, and a gateway page is said.
    Hidden,
    /// The instance deleted is shown for longer.
    Lingering,
    /// The instance moves to another port before it is answered.
    Moved,
    /// The instance is failed: its health says so, and its log why.
    Failed,
    /// The token given ends soon; whether its document says so.
    ShortLived {
        /// Whether `expiry` is the truth.
        admitted: bool,
    },
}

/// What the duration of a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// It has none.
    None,
    /// A measure of what it does, by default this.
    Measure(Duration),
    /// How long after the instance was created it strikes; without one, or with a count instead,
    /// always.
    SinceCreated(Option<Duration>),
    /// The same after it was last started.
    SinceStarted(Option<Duration>),
    /// How long after the first request it met it strikes.
    SinceMet(Duration),
}

impl FaultKind {
    /// Every kind, in the order in which they are listed.
    pub fn all() -> impl Iterator<Item = &'static FaultKind> {
        kinds::ALL.into_iter().flatten()
    }

    /// How many requests it strikes unless told otherwise; `None` is all.
    pub fn default_count(&self) -> Option<u32> {
        self.count
    }

    /// How long it lasts unless told otherwise; `None` is for ever, or not applicable.
    pub fn default_duration(&self) -> Option<Duration> {
        match self.span {
            Span::Measure(span) | Span::SinceMet(span) => Some(span),
            Span::SinceCreated(span) | Span::SinceStarted(span) => span,
            Span::None => None,
        }
    }

    /// The settings it takes, in the order in which they are told.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        let span = (self.span != Span::None).then_some("for");
        let common = ["target", "count", "after", "probability", "seed"];
        common.into_iter().chain(span).chain(self.own_key)
    }

    /// A kind that strikes once.
    pub(super) const fn new(
        name: &'static str,
        summary: &'static str,
        acts: &'static [Act],
        effect: Effect,
    ) -> FaultKind {
        FaultKind {
            name,
            summary,
            acts,
            effect,
            count: Some(1),
            span: Span::None,
            own_key: None,
        }
    }

    /// The same, striking every time.
    pub(super) const fn always(self) -> FaultKind {
        FaultKind {
            count: None,
            ..self
        }
    }

    /// The same with a duration.
    pub(super) const fn lasting(self, span: Span) -> FaultKind {
        FaultKind { span, ..self }
    }

    /// The same with a setting of its own.
    pub(super) const fn with(self, own_key: &'static str) -> FaultKind {
        FaultKind {
            own_key: Some(own_key),
            ..self
        }
    }
}

//! One fault as asked for, and its text form.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use http::StatusCode;

use super::kind::{Effect, FaultKind, Span};
use super::target::Target;

/// One way to misbehave: what, where and how often.
///
/// Its text form is `NAME[:KEY=VALUE[,KEY=VALUE…]]`.
#[derive(Clone, Debug)]
pub struct Fault {
    pub(super) kind: &'static FaultKind,
    pub(super) target: Option<Target>,
    count: Option<u32>,
    /// How many matching requests are spared first.
    pub(super) after: u32,
    pub(super) probability: Option<f64>,
    pub(super) seed: Option<u64>,
    pub(super) lasts: Option<Duration>,
    status: Option<StatusCode>,
    pub(super) retry_after: Option<u64>,
}

/// Why a text is no fault.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct FaultError {
    message: String,
    /// What is not known, if that is the trouble.
    pub unknown: Option<String>,
    /// What it could have been.
    pub known: Vec<&'static str>,
}

impl Fault {
    /// The fault of this name with these settings.
    ///
    /// # Errors
    ///
    /// When there is no such fault or setting, or a value is none for it.
    pub fn new<'t>(
        name: &str,
        settings: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Fault, FaultError> {
        let kind = FaultKind::all()
            .find(|kind| kind.name == name)
            .ok_or_else(|| {
                FaultError::unknown("fault", name, FaultKind::all().map(|it| it.name).collect())
            })?;
        let mut fault = Fault {
            kind,
            target: None,
            count: None,
            after: 0,
            probability: None,
            seed: None,
            lasts: None,
            status: None,
            retry_after: None,
        };
        for (key, value) in settings {
            fault.set(key, value)?;
        }
        // So many of them is a measure of its own for how long it goes on.
        let counted = fault.count.is_some()
            && matches!(kind.span, Span::SinceCreated(_) | Span::SinceStarted(_));
        let default = kind.default_duration().filter(|_| !counted);
        fault.lasts = fault.lasts.or(default);
        Ok(fault)
    }

    /// What it does.
    pub fn kind(&self) -> &'static FaultKind {
        self.kind
    }

    /// Whether it lasts for no time at all, and so strikes nothing, on a platform that is `factor`
    /// times faster. Times below a millisecond are none.
    pub fn never_strikes_at(&self, factor: f64) -> bool {
        let lasts = self.clone().scaled(factor).lasts;
        let is_brief = lasts.is_some_and(|lasts| lasts < Duration::from_millis(1));
        let needs_time = match self.kind.span {
            Span::SinceCreated(_) | Span::SinceStarted(_) => true,
            Span::Measure(_) => matches!(self.kind.effect, Effect::Late | Effect::Lingering),
            Span::None | Span::SinceMet(_) => false,
        };
        is_brief && needs_time
    }

    /// The same, on a platform that is `factor` times faster.
    ///
    /// A token lasts for two seconds at least, the shortest time for which it can be good.
    pub(super) fn scaled(mut self, factor: f64) -> Fault {
        let is_a_token = matches!(self.kind.effect, Effect::ShortLived { .. });
        let shortest = if is_a_token { 2 } else { 0 };
        self.lasts = self.lasts.map(|lasts| {
            let faster = Duration::try_from_secs_f64(lasts.as_secs_f64() / factor);
            faster
                .unwrap_or(Duration::MAX)
                .max(Duration::from_secs(shortest))
        });
        self
    }

    /// How many requests it strikes; `None` is all.
    pub(super) fn count(&self) -> Option<u32> {
        let default = self.kind.count.filter(|_| self.probability.is_none());
        self.count.or(default)
    }

    /// The status of the refusal of a name.
    pub(super) fn status(&self) -> StatusCode {
        self.status.unwrap_or(StatusCode::CONFLICT)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), FaultError> {
        if !self.kind.keys().any(|it| it == key) {
            let name = self.kind.name;
            let keys = self.kind.keys().collect();
            return Err(FaultError::unknown(
                &format!("setting of {name}"),
                key,
                keys,
            ));
        }
        match key {
            "target" => self.target = Some(Target::parse(value)?),
            "count" => self.count = Some(number(key, value)?),
            "after" => self.after = number(key, value)?,
            "seed" => self.seed = Some(number(key, value)?),
            "retry-after" => self.retry_after = Some(number(key, value)?),
            "probability" => self.probability = Some(probability(value)?),
            "for" => {
                let span = humantime::parse_duration(value)
                    .map_err(|_| FaultError::value(key, value, "a time such as 90s"))?;
                self.lasts = Some(span);
            }
            _ => self.status = Some(status(value)?),
        }
        Ok(())
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Fault, FaultError> {
        let (name, settings) = text.split_once(':').unwrap_or((text, ""));
        let mut pairs = Vec::new();
        for setting in settings.split(',').filter(|it| !it.is_empty()) {
            let pair = setting.split_once('=');
            pairs.push(pair.ok_or_else(|| FaultError::value(name, setting, "KEY=VALUE"))?);
        }
        Fault::new(name, pairs)
    }
}

impl FaultError {
    /// Something that is not known by this name.
    pub(super) fn unknown(what: &str, name: &str, known: Vec<&'static str>) -> FaultError {
        FaultError {
            message: format!("there is no {what} `{}`", name.escape_debug()),
            unknown: Some(name.to_owned()),
            known,
        }
    }

    /// A value that does not fit.
    pub(super) fn value(key: &str, value: &str, wanted: impl Display) -> FaultError {
        FaultError {
            message: format!("`{key}` takes {wanted}, not `{}`", value.escape_debug()),
            unknown: None,
            known: Vec::new(),
        }
    }
}

fn number<T: FromStr>(key: &str, value: &str) -> Result<T, FaultError> {
    let number = value.parse();
    number.map_err(|_| FaultError::value(key, value, "a whole number"))
}

fn probability(value: &str) -> Result<f64, FaultError> {
    let number = value.parse().ok();
    let within = number.filter(|number| (0.0..=1.0).contains(number));
    within.ok_or_else(|| FaultError::value("probability", value, "a number from 0 to 1"))
}

fn status(value: &str) -> Result<StatusCode, FaultError> {
    let known = ["409", "400", "500"].contains(&value);
    let status = value.parse().ok().filter(|_| known);
    status.ok_or_else(|| FaultError::value("status", value, "409, 400 or 500"))
}

//! What a fault is aimed at.

use super::fault::FaultError;
use super::subject::Subject;
use crate::sandbox::catalog;

const ROLES: [&str; 5] = ["app", "catalog", "token", "deploy", "money"];

/// What a fault is aimed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A role of the platform.
    Role(String),
    /// Everything about a service and its instances.
    Service(&'static str),
    /// One instance, be there one or not.
    Instance(&'static str, String),
}

impl Target {
    /// A role, a service id, or `SERVICE/NAME`.
    pub(super) fn parse(text: &str) -> Result<Target, FaultError> {
        if ROLES.contains(&text) {
            return Ok(Target::Role(text.to_owned()));
        }
        let (id, name) = match text.split_once('/') {
            Some((id, name)) => (id, Some(name)),
            None => (text, None),
        };
        let services = catalog::all().iter().map(|service| service.id.as_str());
        let service = catalog::find(id).ok_or_else(|| {
            FaultError::unknown(
                "role or service",
                id,
                ROLES.into_iter().chain(services).collect(),
            )
        })?;
        match name {
            None => Ok(Target::Service(&service.id)),
            Some("") => Err(FaultError::value("target", text, "a service and a name")),
            Some(name) => Ok(Target::Instance(&service.id, name.to_owned())),
        }
    }

    /// Whether a request is about this.
    pub(super) fn covers(&self, subject: &Subject) -> bool {
        match self {
            Target::Role(role) => subject.role.as_ref() == Some(role),
            Target::Service(id) => subject.service == Some(id),
            Target::Instance(id, name) => {
                subject.service == Some(id) && subject.name.as_ref() == Some(name)
            }
        }
    }
}

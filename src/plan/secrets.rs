use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use secrecy::SecretString;

use super::{Filled, InstanceTarget, Marks};
use crate::catalog::Service;
use crate::model::{Recipe, secret_reference};
use crate::osc::Options;
use crate::resolve::{Desired, Scope, SecretSource};
use crate::vault::{DigestKey, ServiceSecret, Vault};

/// An option whose value is kept as a secret of its service and referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretOption {
    /// The name of the service secret.
    pub name: String,
    /// The secrets of the manifest that its value is made of.
    pub of: BTreeSet<String>,
    /// Whether its value counts in the digest of the instance: not where it holds the token of a
    /// run, which is another one each time.
    pub digested: bool,
    /// Whether an instance that refers to it keeps the value it has, whatever it would come to now:
    /// the token of a run, unless that is to be renewed.
    pub lasting: bool,
}

impl SecretOption {
    /// What the option of the instance holds (API notes 8.1).
    pub fn reference(&self) -> String {
        format!("{{{{secrets.{}}}}}", self.name)
    }
}

/// What a plan does about secrets as a whole.
#[derive(Clone, Default)]
pub struct PlannedSecrets {
    /// The vault as it was read.
    pub vault: Option<Box<Vault>>,
    /// Values that do not exist yet, or are to be replaced.
    pub draws: Vec<Draw>,
    /// Service secrets that the vault names and nothing refers to any more once all is done.
    pub leftovers: Vec<ServiceSecret>,
    /// The service secrets that the declared instances refer to.
    pub wanted: BTreeSet<ServiceSecret>,
    /// The services that the vault names secrets of, as far as they are known.
    pub services: BTreeMap<String, Arc<Service>>,
    /// Whether nothing of the stack is left, so that the vault goes, too.
    pub removes_vault: bool,
    /// Whether the platform keeps secrets of workspaces.
    pub can_be_kept: bool,
}

/// A value to generate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// The secret.
    pub secret: String,
    /// How.
    pub recipe: Recipe,
}

/// The digest of the secret values of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Digest {
    /// It has none.
    Nothing,
    /// One of them is not known here.
    Unknown,
    /// This.
    Of(String),
}

impl InstanceTarget {
    /// The digest of the values that its options are to have.
    pub fn digest(&self, filled: &Filled, key: &DigestKey) -> Digest {
        let mut values = BTreeMap::new();
        for (option, value) in &filled.secrets {
            if !self.secrets.get(option).is_some_and(|it| it.digested) {
                continue;
            }
            match value {
                Some(value) => values.insert(option.clone(), value.clone()),
                None => return Digest::Unknown,
            };
        }
        match values.is_empty() {
            true => Digest::Nothing,
            false => Digest::Of(key.digest(&values)),
        }
    }

    /// The digest of the values that it was last given, where anything says so.
    pub fn given_digest(&self) -> Option<String> {
        let by_tag = Marks::of(&self.tags).secrets;
        by_tag.or_else(|| self.given.clone())
    }

    /// Whether every option that is made of a secret may have the value it comes to, as far as that
    /// is known.
    pub fn allows_secret(&self, secret: &str, scope: &Scope) -> bool {
        let mut options = self.options.iter().filter(|option| {
            let made_of = self.secrets.get(&option.name);
            made_of.is_some_and(|it| it.of.contains(secret))
        });
        options.all(|option| self.secret_value(option, scope).is_ok())
    }

    /// Whether an option of an instance with these options keeps the secret value that it has.
    pub fn keeps_secret(&self, option: &str, live: &Options) -> bool {
        let secret = self.secrets.get(option).filter(|secret| secret.lasting);
        let referred = live
            .get(option)
            .and_then(|it| secret_reference(it.expose()));
        secret.is_some_and(|secret| referred == Some(&secret.name))
    }

    /// The service secrets with their values, as far as these are known here; but for those that
    /// the instance which there is keeps.
    pub fn known_secrets(
        &self,
        filled: &Filled,
        live: Option<&Options>,
    ) -> Vec<(String, SecretString)> {
        let known = filled.secrets.iter();
        known
            .filter(|(option, _)| !live.is_some_and(|live| self.keeps_secret(option, live)))
            .filter_map(|(option, value)| {
                Some((self.secrets.get(option)?.name.clone(), value.clone()?))
            })
            .collect()
    }
}

/// The secrets among these that are to be generated and have no value.
pub(super) fn draws<'n>(
    desired: &Desired,
    scope: &Scope,
    names: impl Iterator<Item = &'n String>,
) -> Vec<Draw> {
    let names: BTreeSet<&String> = names.collect();
    let generated = |name: &String| match &desired.secrets.get(name)?.source {
        SecretSource::Generate(recipe) if !scope.has_secret(name) => Some(Draw {
            secret: name.clone(),
            recipe: *recipe,
        }),
        _ => None,
    };
    names.into_iter().filter_map(generated).collect()
}

/// Why one of these secrets has no value here, and will get none; with its name.
pub(super) fn missing<'n>(
    desired: &Desired,
    names: impl IntoIterator<Item = &'n String>,
) -> Option<(&'n str, &str)> {
    names.into_iter().find_map(|name| {
        let source = &desired.secrets.get(name)?.source;
        let why = match source {
            SecretSource::Given { missing, .. } | SecretSource::AccessToken { missing } => missing,
            SecretSource::Generate(_) | SecretSource::Value(_) => return None,
        };
        Some((name.as_str(), why.as_deref()?))
    })
}

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::marker::Marker;
use super::safe::Safe;
use super::{Barred, Claim, KeeperError, Lease, LeaseError, Leased, Limits, Runner};
use crate::osc::{Class, WriteApi};
use crate::plan::{Action, Draw, InstanceTarget, Plan, Purpose, Scope, Step};
use crate::vault::{ServiceSecret, Vault, draw};

/// What a run has before its first step.
pub(super) struct Begun {
    pub(super) lease: Option<Arc<Lease>>,
    pub(super) marker: Marker,
    /// What expressions can see, every generated value included.
    pub(super) scope: Scope,
    pub(super) warnings: Vec<String>,
}

const NO_LEASE: &str = "this platform keeps no tenant secrets: nothing keeps two runs from changing \
                        this stack at the same time";
const NO_LEASE_ALLOWED: &str = "this token may not use tenant secrets: nothing keeps two runs from \
                                changing this stack at the same time";
/// Takes the lease, opens the vault where the plan has to do with secrets, and puts into it what
/// the steps will use.
pub(super) async fn begin(
    plan: &Plan,
    api: &WriteApi,
    limits: Limits,
    runner: &Runner,
    stop: &CancellationToken,
) -> Result<Begun, Barred> {
    let mut random = StdRng::from_seed(runner.seed);
    let mut marker = Marker {
        api: api.clone(),
        workspace: plan.workspace.as_str().into(),
        stack: plan.stack.as_str().into(),
        has_tags: plan.has_tags,
        safe: None,
        key: None,
        intended: Arc::new(intended(plan)),
    };
    let mut warnings = Vec::new();
    if !plan.has_changes() {
        return Ok(Begun {
            lease: None,
            marker,
            scope: plan.scope.clone(),
            warnings,
        });
    }
    let claim = Claim {
        stack: plan.stack.clone(),
        run: format!("{:032x}", random.random::<u128>()),
        who: runner.who.clone(),
        take_over: runner.take_over,
    };
    let lease = match Lease::acquire(api, runner.clock, limits, claim, stop).await {
        Ok(Leased::Held(lease)) => Some(Arc::new(lease)),
        Ok(Leased::Unsupported) => {
            warnings.push(NO_LEASE.to_owned());
            None
        }
        // Secrets need a role that a token may lack (API notes 8.1); the rest does not.
        Err(LeaseError::Failed(error)) if error.class == Class::Refused => {
            warnings.push(format!("{NO_LEASE_ALLOWED}: {error}"));
            None
        }
        Err(error) => return Err(error.into()),
    };
    let mut new_key = Zeroizing::new([0; 32]);
    random.fill_bytes(&mut *new_key);
    if let Some(lease) = &lease {
        let safe = Safe::new(Arc::clone(lease), new_key, stop.clone());
        marker.safe = Some(Arc::new(safe));
    }
    let prepared = prepare(plan, &mut marker, lease.as_deref(), &mut random).await;
    match prepared {
        Ok(scope) => Ok(Begun {
            lease,
            marker,
            scope,
            warnings,
        }),
        Err(barred) => {
            if let Some(lease) = lease {
                // It ends by itself otherwise, and what barred the run is worth more words.
                let _ = lease.release().await;
            }
            Err(barred)
        }
    }
}

/// Generates what has no value yet, and has the vault name every service secret before there is
/// one. Only what was read back is used.
async fn prepare(
    plan: &Plan,
    marker: &mut Marker,
    lease: Option<&Lease>,
    random: &mut StdRng,
) -> Result<Scope, Barred> {
    let mut scope = plan.scope.clone();
    let named = named(plan);
    if named.is_empty() && plan.secrets.draws.is_empty() && plan.secrets.leftovers.is_empty() {
        return Ok(scope);
    }
    let (Some(safe), Some(lease)) = (&marker.safe, lease) else {
        return match plan.secrets.draws.is_empty() {
            true => Ok(scope),
            false => Err(KeeperError::Unsupported.into()),
        };
    };
    let keeper = safe.open().await?;
    let before = keeper.vault().await;
    check_unmoved(plan, before.as_ref())?;
    let mut drawn: Vec<(String, SecretString)> = Vec::new();
    for it in &plan.secrets.draws {
        let known = before.as_ref().and_then(|vault| vault.value(&it.secret));
        let value = match known.filter(|_| plan.purpose != Purpose::Rotate) {
            // Somebody else was faster.
            Some(value) => value.clone(),
            None => new_value(plan, it, &scope, random)?,
        };
        scope.set_secret(&it.secret, value.clone());
        drawn.push((it.secret.clone(), value));
    }
    let change = |vault: &mut Vault| {
        for (name, value) in drawn {
            vault.set_value(&name, value);
        }
        named
            .into_iter()
            .for_each(|secret| vault.add_secret(secret));
    };
    keeper.write(change).await?;
    lease.check().await?;
    if let Some(vault) = keeper.vault().await {
        for it in &plan.secrets.draws {
            let kept = vault.value(&it.secret).ok_or(KeeperError::NotKept)?;
            scope.set_secret(&it.secret, kept.clone());
        }
        marker.key = Some(vault.key().clone());
    }
    Ok(scope)
}

/// What the vault of the plan says that it was about to be made.
fn intended(plan: &Plan) -> BTreeSet<(String, String)> {
    let vault = plan.secrets.vault.iter();
    let intents = vault.flat_map(|vault| vault.intents());
    intents
        .map(|it| (it.service.clone(), it.name.clone()))
        .collect()
}

/// The service secrets that the steps of the plan may make.
fn named(plan: &Plan) -> Vec<ServiceSecret> {
    let running = plan.steps.iter().filter(|step| step.runs());
    let targets = running.filter_map(|step| Some((step, step.instance()?)));
    targets
        .filter(|(step, target)| match step.action {
            Action::Delete => false,
            _ => !step.only_marks() || target.gives_secrets,
        })
        .flat_map(|(_, target)| {
            target.secrets.values().map(|secret| ServiceSecret {
                service: target.service.id.clone(),
                name: secret.name.clone(),
            })
        })
        .collect()
}

/// A value or key that the plan has used and that is another one now makes its decisions worthless,
/// and a vault that has gone must not be made anew: instances have what was in it.
fn check_unmoved(plan: &Plan, now: Option<&Vault>) -> Result<(), Barred> {
    let Some(planned) = &plan.secrets.vault else {
        return Ok(());
    };
    let Some(now) = now else {
        return Err(Barred::stale(
            "the vault of this stack has gone after the plan was made",
        ));
    };
    let nothing = BTreeMap::new();
    let same_key = now.key().digest(&nothing) == planned.key().digest(&nothing);
    let mut names = planned.names();
    match same_key && names.all(|name| is_same(now.value(name), planned.value(name))) {
        true => Ok(()),
        false => Err(Barred::stale(
            "somebody changed the vault of this stack after the plan was made",
        )),
    }
}

fn is_same(one: Option<&SecretString>, other: Option<&SecretString>) -> bool {
    use secrecy::ExposeSecret;
    use subtle::ConstantTimeEq;
    match (one, other) {
        (Some(one), Some(other)) => {
            let (one, other) = (one.expose_secret(), other.expose_secret());
            one.as_bytes().ct_eq(other.as_bytes()).into()
        }
        (None, None) => true,
        _ => false,
    }
}

/// A value that every option which is made of it may have.
fn new_value(
    plan: &Plan,
    it: &Draw,
    scope: &Scope,
    random: &mut StdRng,
) -> Result<SecretString, Barred> {
    let users: Vec<&InstanceTarget> = plan
        .steps
        .iter()
        .filter_map(Step::instance)
        .filter(|target| {
            target
                .secrets
                .values()
                .any(|option| option.of.contains(&it.secret))
        })
        .collect();
    let fits = |value: &str| {
        let mut scope = scope.clone();
        scope.set_secret(&it.secret, value.to_owned().into());
        let mut users = users.iter();
        users.all(|target| target.allows_secret(&it.secret, &scope))
    };
    draw(&it.recipe, &fits, random).ok_or_else(|| {
        Barred::held(
            format!(
                "no value of the kind that `secrets.{}` asks for is one that every option which \
                 uses it may have",
                it.secret
            ),
            "change its `length:` or `characters:`, or give it a value with `env:`",
        )
    })
}

impl From<LeaseError> for Barred {
    fn from(error: LeaseError) -> Self {
        let hint = error.hint().unwrap_or_default().to_owned();
        match error {
            LeaseError::Interrupted => Self::interrupted(),
            LeaseError::Failed(error) => Self::failed(error),
            error => Self::held(error.to_string(), &hint),
        }
    }
}

impl From<KeeperError> for Barred {
    fn from(error: KeeperError) -> Self {
        let hint = error.hint().unwrap_or_default().to_owned();
        match error {
            KeeperError::Lease(error) => error.into(),
            KeeperError::Interrupted => Self::interrupted(),
            error => Self::held(error.to_string(), &hint),
        }
    }
}

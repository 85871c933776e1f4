use std::collections::{BTreeMap, BTreeSet};

use super::error::CliError;
use super::files::{self, Loaded};
use super::given_secrets::{self, Places};
use super::guard::{self, WorkspaceGuard};
use super::platform::SignIn;
use super::settings::Settings;
use super::ui::Ui;
use crate::catalog::Catalog;
use crate::live::{self, Live, Question};
use crate::manifest::Manifest;
use crate::model::{Diagnostics, Sources};
use crate::osc::ReadApi;
use crate::plan;
use crate::resolve::{Desired, GivenSecret, Inputs, resolve};

/// The environment where neither flag nor manifest names one.
pub(super) const DEFAULT_ENVIRONMENT: &str = "prod";

/// What a manifest is resolved with, beside flags and files.
struct Around {
    environment: String,
    workspace: Option<String>,
    secrets: BTreeMap<String, GivenSecret>,
}

/// Whether a command needs the values of secrets that are given from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    Read,
    Unread,
}

/// A manifest resolved.
pub(super) struct Stack {
    pub(super) desired: Desired,
    pub(super) sources: Sources,
    pub(super) catalog: Catalog,
}

impl Stack {
    /// Reads and resolves the manifest offline, knowing nothing of the workspace.
    pub(super) fn offline(settings: &Settings, ui: &mut Ui) -> Result<Self, CliError> {
        let (loaded, manifest) = load(settings)?;
        let environment = environment(settings, &manifest);
        let around = Around {
            environment,
            workspace: None,
            secrets: given_secrets::none(&manifest, "nothing is read offline"),
        };
        Self::resolve(settings, loaded, &manifest, around, ui)
    }

    /// The same for whoever is signed in, once every guard has agreed.
    ///
    /// Findings about the manifest come before anything about the sign-in: they can be mended
    /// without one.
    pub(super) async fn signed_in(
        settings: &Settings,
        values: Values,
        ui: &mut Ui,
    ) -> Result<(Self, SignIn), CliError> {
        let (loaded, manifest) = load(settings)?;
        let environment = environment(settings, &manifest);
        let declared = manifest.workspace.as_ref();
        let declared = declared.map(|guard| guard.value.as_str());
        let sign_in = SignIn::find(settings, &environment, declared);
        let workspace = sign_in.as_ref().ok().map(|it| it.workspace.clone());
        let guarded = sign_in.and_then(|sign_in| {
            check_guards(&sign_in, &manifest, &environment, settings)?;
            Ok(sign_in)
        });
        let secrets = match (&guarded, values) {
            (Ok(sign_in), Values::Read) => {
                let places = Places {
                    folders: &loaded.folders,
                    allowed: &settings.allowed,
                    pat: &sign_in.pat,
                };
                given_secrets::read(&manifest, places).await
            }
            // Nobody needs them, or the run ends before that.
            _ => given_secrets::none(&manifest, "this command reads none"),
        };
        let values = secrets.values().filter_map(|secret| match secret {
            GivenSecret::Value(value) => Some(value.clone()),
            GivenSecret::Missing(_) => None,
        });
        let given: Vec<_> = values.collect();
        let around = Around {
            environment,
            workspace,
            secrets,
        };
        let stack = Self::resolve(settings, loaded, &manifest, around, ui)?;
        let mut sign_in = guarded?;
        sign_in.given = given;
        Ok((stack, sign_in))
    }

    fn resolve(
        settings: &Settings,
        loaded: Loaded,
        manifest: &Manifest,
        around: Around,
        ui: &mut Ui,
    ) -> Result<Self, CliError> {
        let Loaded {
            variable_files,
            sources,
            mut found,
            ..
        } = loaded;
        let catalog = Catalog::bundled().map_err(|error| CliError::failed(error.to_string()))?;
        let inputs = Inputs {
            flags: settings.variables.clone(),
            files: variable_files,
            process: settings.process_variables.clone(),
            environment: around.environment,
            workspace: around.workspace,
            stack: settings.stack.clone(),
            secrets: around.secrets,
        };
        let desired = resolve(manifest, &inputs, &catalog, &sources, &mut found);
        super::check(found, &sources, ui)?;
        let desired = desired.ok_or_else(|| CliError::failed("the manifest was not resolved"))?;
        Ok(Self {
            desired,
            sources,
            catalog,
        })
    }

    /// Reads what the workspace holds of it.
    pub(super) async fn read(&self, reads: &ReadApi) -> Result<Live, CliError> {
        self.read_with(reads, &self.desired.ports_wanted()).await
    }

    /// The same without asking for ports.
    pub(super) async fn read_without_ports(&self, reads: &ReadApi) -> Result<Live, CliError> {
        self.read_with(reads, &BTreeSet::new()).await
    }

    async fn read_with(&self, reads: &ReadApi, ports: &BTreeSet<&str>) -> Result<Live, CliError> {
        let question = Question {
            stack: &self.desired.stack,
            wanted: plan::wanted(&self.desired, ports),
            catalog: &self.catalog,
        };
        Ok(live::read(reads, &question).await?)
    }
}

/// Every guard has to agree before a manifest's commands run, or anything is asked.
fn check_guards(
    sign_in: &SignIn,
    manifest: &Manifest,
    environment: &str,
    settings: &Settings,
) -> Result<(), CliError> {
    if sign_in.is_sandbox() {
        return Ok(());
    }
    if let Some(declared) = &manifest.workspace {
        let guard = WorkspaceGuard {
            workspace: declared.value.clone(),
            whose: "the manifest",
        };
        guard.check(&sign_in.workspace)?;
    }
    sign_in.check_guard(settings)?;
    match &manifest.environment {
        Some(declared) => guard::check_environment(&declared.value, environment),
        None => Ok(()),
    }
}

fn load(settings: &Settings) -> Result<(Loaded, Manifest), CliError> {
    let mut loaded = files::load(&settings.files, &settings.variable_files)?;
    match loaded.manifest.take() {
        Some(manifest) => Ok((loaded, manifest)),
        None => {
            let Loaded { found, sources, .. } = loaded;
            Err(CliError::Findings(found, Box::new(sources)))
        }
    }
}

fn environment(settings: &Settings, manifest: &Manifest) -> String {
    let declared = manifest.environment.as_ref();
    settings
        .environment
        .clone()
        .or_else(|| declared.map(|environment| environment.value.clone()))
        .unwrap_or_else(|| DEFAULT_ENVIRONMENT.to_owned())
}

/// The findings of a later stage as an error of the command.
pub(super) fn findings(found: Diagnostics, sources: &Sources) -> CliError {
    CliError::Findings(found, Box::new(sources.clone()))
}

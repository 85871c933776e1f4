use std::collections::BTreeSet;

use super::error::CliError;
use super::files::{self, Loaded};
use super::guard::{self, WorkspaceGuard};
use super::platform::SignIn;
use super::settings::Settings;
use super::ui::Ui;
use crate::catalog::Catalog;
use crate::live::{self, Live, Wanted};
use crate::manifest::Manifest;
use crate::model::{Diagnostics, Sources};
use crate::osc::ReadApi;
use crate::plan::Consent;
use crate::resolve::{Desired, Inputs, resolve};

/// The environment where neither flag nor manifest names one.
pub(super) const DEFAULT_ENVIRONMENT: &str = "prod";

/// A manifest resolved.
pub(super) struct Stack {
    pub(super) desired: Desired,
    pub(super) sources: Sources,
}

impl Stack {
    /// Reads and resolves the manifest offline, knowing nothing of the workspace.
    pub(super) fn offline(settings: &Settings, ui: &mut Ui) -> Result<Self, CliError> {
        let (loaded, manifest) = load(settings)?;
        let environment = environment(settings, &manifest);
        Self::resolve(settings, loaded, &manifest, environment, None, ui)
    }

    /// The same for whoever is signed in, once every guard has agreed.
    ///
    /// Findings about the manifest come before anything about the sign-in: they can be mended
    /// without one.
    pub(super) fn signed_in(settings: &Settings, ui: &mut Ui) -> Result<(Self, SignIn), CliError> {
        let (loaded, manifest) = load(settings)?;
        let environment = environment(settings, &manifest);
        let declared = manifest.workspace.as_ref();
        let declared = declared.map(|guard| guard.value.as_str());
        let sign_in = SignIn::find(settings, &environment, declared);
        let workspace = sign_in
            .as_ref()
            .ok()
            .map(|sign_in| sign_in.workspace.clone());
        let stack = Self::resolve(
            settings,
            loaded,
            &manifest,
            environment.clone(),
            workspace,
            ui,
        )?;
        let sign_in = sign_in?;
        if !sign_in.is_sandbox() {
            if let Some(workspace) = declared {
                let guard = WorkspaceGuard {
                    workspace: workspace.to_owned(),
                    whose: "the manifest",
                };
                guard.check(&sign_in.workspace)?;
            }
            sign_in.check_guard(settings)?;
            if let Some(declared) = &manifest.environment {
                guard::check_environment(&declared.value, &environment)?;
            }
        }
        Ok((stack, sign_in))
    }

    fn resolve(
        settings: &Settings,
        loaded: Loaded,
        manifest: &Manifest,
        environment: String,
        workspace: Option<String>,
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
            environment,
            workspace,
            ..Inputs::default()
        };
        let desired = resolve(manifest, &inputs, &catalog, &sources, &mut found);
        super::check(found, &sources, ui)?;
        let desired = desired.ok_or_else(|| CliError::failed("the manifest was not resolved"))?;
        Ok(Self { desired, sources })
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
        let wanted: Vec<Wanted> = self
            .desired
            .instances
            .iter()
            .map(|(key, instance)| Wanted {
                key: key.clone(),
                service: instance.service.clone(),
                name: instance.name.clone(),
                ports: ports.contains(key.as_str()),
            })
            .collect();
        Ok(live::read(reads, &wanted).await?)
    }

    /// What `--discard-data` consents to; addresses must be those of instances.
    pub(super) fn consent(
        &self,
        addresses: &[String],
        all_allowed: bool,
    ) -> Result<Consent, CliError> {
        let mut consent = Consent::default();
        for address in addresses {
            if address == "all" && all_allowed {
                consent.discard_all = true;
                continue;
            }
            let known = self
                .desired
                .instances
                .values()
                .map(|it| it.address.as_str());
            if !known.clone().any(|known| known == address) {
                let message = format!("`--discard-data {address}` names no instance of this stack");
                return Err(match crate::model::nearest(address, known) {
                    Some(near) => CliError::usage_with(message, format!("did you mean `{near}`?")),
                    None => CliError::usage_with(message, "write `instances.KEY`"),
                });
            }
            consent.discard.insert(address.clone());
        }
        Ok(consent)
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

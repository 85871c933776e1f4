use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use super::error::CliError;
use super::settings::Settings;
use crate::apply::Limits;
use crate::auth::{self, Pat, Places, Renewal, Site, Store};
use crate::osc::{Clock, Dialer, Exchange, Hosts, Network, Pacing, ReadApi, Session, WriteApi};
#[cfg(feature = "sandbox")]
use crate::{auth::Source, osc::Claims};

/// Somebody who is signed in: what is known before anything is asked.
pub(super) struct SignIn {
    pub(super) workspace: String,
    pub(super) pat: Pat,
    /// What is given to the stack, which nothing that the platform says may show.
    pub(super) given: Vec<SecretString>,
    hosts: Hosts,
    /// Where the sign-in is kept that can be renewed.
    kept: Option<Store>,
    now: SystemTime,
    /// How many times faster than OSC the platform is; above 1 only for one on this machine.
    speed: f64,
    #[cfg(feature = "sandbox")]
    sandbox: Option<super::sandbox::World>,
}

/// A connection to the platform, or to the sandbox that stands in for it.
pub(super) struct Platform {
    session: Arc<Session>,
    clock: Clock,
    limits: Limits,
    #[cfg(feature = "sandbox")]
    _sandbox: Option<crate::sandbox::Local>,
}

impl SignIn {
    /// Finds the token and reads what it says; asks nobody. Of several sign-ins that to the
    /// workspace counts which the settings name, or else the manifest declares.
    pub(super) fn find(
        settings: &Settings,
        environment: &str,
        declared: Option<&str>,
    ) -> Result<Self, CliError> {
        let now = SystemTime::now();
        #[cfg(feature = "sandbox")]
        if let Some(sandbox) = &settings.sandbox {
            return Self::in_sandbox(sandbox, now);
        }
        let hosts = Hosts::new(environment, &settings.overrides)?;
        let osc_folder = settings.osc_folder.as_deref();
        let places = Places {
            given: settings.token_file.as_deref(),
            environment: settings.token.clone(),
            store: settings.sign_ins.as_ref(),
            // Its tokens were issued by the real platform: they never go to an override.
            osc_folder: osc_folder.filter(|_| !hosts.are_overridden()),
        };
        let local_speed = settings.sandbox_speed.filter(|_| hosts.is_local());
        let guard = settings.workspace_guard.as_ref();
        let workspace = guard.map(|guard| guard.workspace.as_str()).or(declared);
        let pat = auth::locate(places, &Site::of(&hosts), workspace, now)?;
        tracing::debug!("using the access token from {}", pat.source);
        Ok(Self {
            workspace: pat.claims.workspace.clone(),
            hosts,
            kept: settings.sign_ins.clone().filter(|_| pat.renewable),
            pat,
            given: Vec::new(),
            now,
            speed: local_speed.unwrap_or(1.0),
            #[cfg(feature = "sandbox")]
            sandbox: None,
        })
    }

    #[cfg(feature = "sandbox")]
    fn in_sandbox(
        sandbox: &super::settings::SandboxSettings,
        now: SystemTime,
    ) -> Result<Self, CliError> {
        let world = super::sandbox::World::open(sandbox)?;
        let token = world.personal_access_token(now)?;
        let claims = Claims::of(&token).map_err(|error| CliError::failed(error.to_string()))?;
        Ok(Self {
            workspace: claims.workspace.clone(),
            hosts: Hosts::new("prod", &Default::default())?,
            pat: Pat {
                token,
                source: Source::Sandbox,
                claims,
                renewable: false,
            },
            given: Vec::new(),
            kept: None,
            now,
            speed: sandbox.speed,
            sandbox: Some(world),
        })
    }

    /// How long its token lasts, if that ends and it cannot be renewed.
    pub(super) fn ends_in(&self) -> Option<Duration> {
        let end = self.pat.claims.expires.filter(|_| !self.pat.renewable)?;
        end.duration_since(self.now).ok()
    }

    /// Makes sure that it is to the workspace that the settings name.
    pub(super) fn check_guard(&self, settings: &Settings) -> Result<(), CliError> {
        match &settings.workspace_guard {
            Some(guard) if !self.is_sandbox() => guard.check(&self.workspace),
            _ => Ok(()),
        }
    }

    /// Who it is and where, for whoever is kept waiting by a run.
    pub(super) fn who(&self, settings: &Settings) -> String {
        let user = self.pat.claims.user.as_ref().or(settings.user.as_ref());
        let user = user.map_or("somebody", String::as_str);
        format!("{user} on {}", settings.machine)
    }

    /// Whether this is the sandbox.
    pub(super) fn is_sandbox(&self) -> bool {
        #[cfg(feature = "sandbox")]
        return self.sandbox.is_some();
        #[cfg(not(feature = "sandbox"))]
        return false;
    }

    /// Gets ready to ask.
    pub(super) async fn connect(self) -> Result<Platform, CliError> {
        let clock = Clock::starting_at(self.now);
        let limits = Limits {
            spread: rand::random(),
            ..Limits::default().scaled(self.speed)
        };
        #[cfg(feature = "sandbox")]
        let local = match self.sandbox {
            Some(world) => Some(world.start().await?),
            None => None,
        };
        #[cfg(feature = "sandbox")]
        let dialer = local
            .as_ref()
            .map_or(Dialer::System, |local| Dialer::Local {
                address: local.address,
                tunnel: local.tunnel,
                authority_der: local.authority_der.clone(),
            });
        #[cfg(not(feature = "sandbox"))]
        let dialer = Dialer::System;
        let network = Arc::new(Network::new(dialer, env!("CARGO_PKG_VERSION")));
        let pacing = Pacing {
            seed: rand::random(),
            speed: self.speed,
        };
        let site = Site::of(&self.hosts);
        let Pat { token, claims, .. } = self.pat;
        let exchange = Arc::clone(&network) as Arc<dyn Exchange>;
        let mut session = Session::new(self.hosts, token, claims, exchange, clock).paced(pacing);
        session.be_discreet_about(self.given);
        if let Some(store) = self.kept {
            let renewal = Renewal::new(store, site, &self.workspace, network, clock);
            session = session.renewed_by(Arc::new(renewal));
        }
        Ok(Platform {
            session: Arc::new(session),
            clock,
            limits,
            #[cfg(feature = "sandbox")]
            _sandbox: local,
        })
    }
}

impl Platform {
    /// A client that can only ask.
    pub(super) fn reads(&self) -> ReadApi {
        ReadApi::new(Arc::clone(&self.session))
    }

    /// The wall clock of the run.
    pub(super) fn clock(&self) -> Clock {
        self.clock
    }

    /// How patiently a run waits: as much less as the platform is faster than OSC.
    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// A client that can change things.
    pub(super) fn writes(&self) -> WriteApi {
        WriteApi::new(Arc::clone(&self.session))
    }
}

use std::sync::Arc;
use std::time::SystemTime;

use super::error::CliError;
use super::settings::Settings;
use crate::apply::Limits;
use crate::auth;
use crate::osc::{Claims, Clock, Dialer, Hosts, Network, Pacing, ReadApi, Session, WriteApi};

/// Somebody who is signed in: what is known before anything is asked.
pub(super) struct SignIn {
    pub(super) workspace: String,
    /// What its token says about itself.
    pub(super) claims: Claims,
    /// Where its token was found, in words.
    pub(super) source: String,
    hosts: Hosts,
    pat: secrecy::SecretString,
    now: SystemTime,
    /// How many times faster than OSC the platform is; above 1 only for one on this machine.
    speed: f64,
    #[cfg(feature = "sandbox")]
    sandbox: Option<super::sandbox::World>,
}

/// A connection to the platform, or to the sandbox that stands in for it.
pub(super) struct Platform {
    session: Arc<Session>,
    limits: Limits,
    #[cfg(feature = "sandbox")]
    _sandbox: Option<crate::sandbox::Local>,
}

impl SignIn {
    /// Finds the token and reads what it says; asks nobody.
    pub(super) fn find(settings: &Settings, environment: &str) -> Result<Self, CliError> {
        let now = SystemTime::now();
        #[cfg(feature = "sandbox")]
        if let Some(sandbox) = &settings.sandbox {
            return Self::in_sandbox(sandbox, now);
        }
        let hosts = Hosts::new(environment, &settings.overrides)?;
        // A stored token was issued by the real platform: it never goes to an override.
        let stored = settings
            .osc_folder
            .as_deref()
            .filter(|_| !settings.has_overrides());
        let local_speed = settings.sandbox_speed.filter(|_| hosts.is_local());
        let pat = auth::locate(settings.token.clone(), stored, environment, now)?;
        tracing::debug!(source = %pat.source, "token found");
        Ok(Self {
            workspace: pat.claims.workspace.clone(),
            claims: pat.claims,
            source: pat.source.to_string(),
            hosts,
            pat: pat.token,
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
        let pat = world.personal_access_token(now)?;
        let claims = Claims::of(&pat).map_err(|error| CliError::failed(error.to_string()))?;
        Ok(Self {
            workspace: claims.workspace.clone(),
            claims,
            source: "the sandbox".to_owned(),
            hosts: Hosts::new("prod", &Default::default())?,
            pat,
            now,
            speed: sandbox.speed,
            sandbox: Some(world),
        })
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
        let network = Network::new(dialer, env!("CARGO_PKG_VERSION"));
        let pacing = Pacing {
            seed: rand::random(),
            speed: self.speed,
        };
        let session =
            Session::new(self.hosts, self.pat, self.claims, Arc::new(network), clock).paced(pacing);
        Ok(Platform {
            session: Arc::new(session),
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

    /// How patiently a run waits: as much less as the platform is faster than OSC.
    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// A client that can change things.
    pub(super) fn writes(&self) -> WriteApi {
        WriteApi::new(Arc::clone(&self.session))
    }
}

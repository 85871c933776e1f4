/// The parts of the platform that have a host of their own (API notes 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The console.
    App,
    /// The catalog and the workspace's subscriptions.
    Catalog,
    /// The service that hands out service tokens.
    Token,
    /// Secrets, tags and suspended instances.
    Deploy,
    /// The workspace's plan.
    Money,
}

impl Role {
    pub(super) const ALL: [Self; 5] = [
        Self::App,
        Self::Catalog,
        Self::Token,
        Self::Deploy,
        Self::Money,
    ];

    /// Its part of a host name, or its prefix below a common endpoint.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Catalog => "catalog",
            Self::Token => "token",
            Self::Deploy => "deploy",
            Self::Money => "money",
        }
    }

    /// The environment variable that overrides it.
    pub(super) fn setting(self) -> &'static str {
        match self {
            Self::App => "OSC_APP_URL",
            Self::Catalog => "OSC_CATALOG_URL",
            Self::Token => "OSC_TOKEN_URL",
            Self::Deploy => "OSC_DEPLOY_URL",
            Self::Money => "OSC_MONEY_URL",
        }
    }
}

/// Hosts that the user wants asked in place of the environment's; empty texts count as unset.
#[derive(Debug, Clone, Default)]
pub struct HostOverrides {
    /// `OSC_ENDPOINT`: one base below which every role has its prefix (`/app`, `/catalog`, …).
    pub endpoint: Option<String>,
    /// `OSC_APP_URL`
    pub app: Option<String>,
    /// `OSC_CATALOG_URL`
    pub catalog: Option<String>,
    /// `OSC_TOKEN_URL`
    pub token: Option<String>,
    /// `OSC_DEPLOY_URL`
    pub deploy: Option<String>,
    /// `OSC_MONEY_URL`
    pub money: Option<String>,
}

impl HostOverrides {
    /// The override of a role, where one is set.
    pub(super) fn of(&self, role: Role) -> Option<&str> {
        let value = match role {
            Role::App => &self.app,
            Role::Catalog => &self.catalog,
            Role::Token => &self.token,
            Role::Deploy => &self.deploy,
            Role::Money => &self.money,
        };
        set(value)
    }

    /// The common endpoint, where it is set.
    pub(super) fn common(&self) -> Option<&str> {
        set(&self.endpoint)
    }
}

fn set(value: &Option<String>) -> Option<&str> {
    value
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

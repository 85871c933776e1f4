/// Where an instance can be reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// Its URL without a trailing slash.
    pub url: Option<String>,
    /// Its exposed ports in the platform's order; absent where nobody has asked for them.
    pub ports: Option<Vec<Port>>,
    /// `ip:port` of the first exposed port, or the internal `host:port` where none is exposed.
    pub address: Option<String>,
}

/// One exposed port of an instance (API notes 6.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The address outside the cluster.
    pub ip: String,
    /// The port outside the cluster.
    pub port: u16,
    /// The port the instance itself listens on.
    pub internal: u16,
}

impl Endpoint {
    /// The host of the URL.
    pub fn host(&self) -> Option<&str> {
        let (_, rest) = self.url.as_deref()?.split_once("://")?;
        rest.split(['/', '?', '#']).next()?.rsplit('@').next()
    }
}

use crate::model::nearest;

/// What an expression refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// `variables.NAME`
    Variable(String),
    /// `secrets.NAME`
    Secret(String),
    /// `workspace`
    Workspace,
    /// `stack`
    Stack,
    /// `environment`
    Environment,
    /// `instances.KEY.ATTRIBUTE`
    Instance(String, Attribute),
}

/// What an expression can ask of an instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// Its name in the workspace.
    Name,
    /// The id of its service.
    Service,
    /// Its URL without a trailing slash.
    Url,
    /// The host of its URL.
    Host,
    /// `ip:port`, or the internal address where no port is exposed.
    Address,
    /// `ports[N].ip`, `ports[N].port`, `ports[N].internal`.
    Ports,
    /// The value this manifest gives one of its options.
    Option(String),
}

const ROOTS: [&str; 6] = [
    "variables",
    "secrets",
    "instances",
    "workspace",
    "stack",
    "environment",
];
const LATER: [&str; 4] = ["apps", "jobs", "domains", "parameter_stores"];
const ATTRIBUTES: [&str; 7] = [
    "url", "host", "address", "ports", "name", "service", "options",
];

impl Attribute {
    /// Whether the answer comes from the platform rather than from the manifest.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Url | Self::Host | Self::Address | Self::Ports)
    }

    /// Whether answering needs the instance's ports.
    pub fn needs_ports(&self) -> bool {
        matches!(self, Self::Address | Self::Ports)
    }
}

impl Attribute {
    fn path(&self) -> Vec<&str> {
        match self {
            Self::Name => vec!["name"],
            Self::Service => vec!["service"],
            Self::Url => vec!["url"],
            Self::Host => vec!["host"],
            Self::Address => vec!["address"],
            Self::Ports => vec!["ports"],
            Self::Option(name) => std::iter::once("options").chain(name.split('.')).collect(),
        }
    }
}

/// A path that means nothing: what is wrong, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadReference {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Reference {
    /// Whether its answer is a single value or a list, and not something to look into further.
    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::Instance(_, Attribute::Ports))
    }

    /// The words of its path, as an expression walks them.
    pub(super) fn path(&self) -> Vec<&str> {
        match self {
            Self::Workspace => vec!["workspace"],
            Self::Stack => vec!["stack"],
            Self::Environment => vec!["environment"],
            Self::Variable(name) => vec!["variables", name],
            Self::Secret(name) => vec!["secrets", name],
            Self::Instance(key, attribute) => {
                let mut path = vec!["instances", key];
                path.extend(attribute.path());
                path
            }
        }
    }

    /// Understands a dotted path as it stands in an expression.
    pub(super) fn parse(path: &str) -> Result<Self, BadReference> {
        let mut parts = path.split('.');
        let root = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        match (root, rest.as_slice()) {
            ("workspace", []) => Ok(Self::Workspace),
            ("stack", []) => Ok(Self::Stack),
            ("environment", []) => Ok(Self::Environment),
            ("variables", [name]) => Ok(Self::Variable((*name).to_owned())),
            ("secrets", [name]) => Ok(Self::Secret((*name).to_owned())),
            ("variables" | "secrets", [name, rest @ ..]) => Err(bad(
                format!("`{root}.{name}` has no `{}`", rest.join(".")),
                None,
            )),
            ("instances", [key, attribute, rest @ ..]) => Ok(Self::Instance(
                (*key).to_owned(),
                parse_attribute(path, attribute, rest)?,
            )),
            ("variables" | "secrets" | "instances", _) => Err(incomplete(root)),
            ("workspace" | "stack" | "environment", _) => Err(bad(
                format!("`{root}` is text and has no `{}`", rest.join(".")),
                None,
            )),
            _ => Err(unknown_root(root)),
        }
    }
}

fn parse_attribute(path: &str, attribute: &str, rest: &[&str]) -> Result<Attribute, BadReference> {
    Ok(match (attribute, rest) {
        ("url", []) => Attribute::Url,
        ("host", []) => Attribute::Host,
        ("address", []) => Attribute::Address,
        ("name", []) => Attribute::Name,
        ("service", []) => Attribute::Service,
        ("ports", []) => Attribute::Ports,
        ("ports", rest) => {
            let help = format!("say which port: `ports[0].{}`", rest.join("."));
            return Err(bad("`ports` is a list".to_owned(), Some(help)));
        }
        ("options", []) => {
            let help = "name one: `instances.KEY.options.OPTION`".to_owned();
            return Err(bad(
                format!("`{path}` does not say which option"),
                Some(help),
            ));
        }
        ("options", option) => Attribute::Option(option.join(".")),
        (known, _) if ATTRIBUTES.contains(&known) => {
            return Err(bad(
                format!("`{known}` is text and has no `{}`", rest.join(".")),
                None,
            ));
        }
        (unknown, _) => {
            return Err(bad(
                format!("an instance has no `{unknown}`"),
                Some(suggestion(unknown, &ATTRIBUTES)),
            ));
        }
    })
}

fn incomplete(root: &str) -> BadReference {
    let form = match root {
        "instances" => "instances.KEY.ATTRIBUTE".to_owned(),
        _ => format!("{root}.NAME"),
    };
    bad(
        format!("`{root}` alone refers to nothing"),
        Some(format!("write `{form}`")),
    )
}

fn unknown_root(root: &str) -> BadReference {
    if LATER.contains(&root) {
        return bad(
            format!("`{root}` is not supported by this version of osc-apply"),
            None,
        );
    }
    bad(
        format!("`{root}` is nothing an expression can refer to"),
        Some(suggestion(root, &ROOTS)),
    )
}

fn suggestion(wrong: &str, known: &[&str]) -> String {
    match nearest(wrong, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known: {}", known.join(", ")),
    }
}

fn bad(message: String, help: Option<String>) -> BadReference {
    BadReference { message, help }
}

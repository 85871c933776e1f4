use std::borrow::Cow;
use std::time::Duration;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::model::{Level, Span};

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// A YAML value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a YAML value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number with the digits it was written with.
    Number(String),
    /// Any other scalar.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order it was written.
    Map(Vec<(Spanned<String>, Node)>),
}

impl NodeKind {
    /// What a person calls it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

/// A stack on Eyevinn Open Source Cloud: what `osc-apply` makes of a workspace.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format.
    #[schemars(range(min = 1, max = 1))]
    pub version: Spanned<u32>,
    /// The name of the stack: lower-case letters, digits and `-`, at most 24 characters. May use
    /// variables: `vod-${variables.name}`.
    pub stack: Spanned<String>,
    /// The only workspace this manifest may be used in.
    pub workspace: Option<Spanned<String>>,
    /// The only environment this manifest may be used in, and the default for it.
    pub environment: Option<Spanned<String>>,
    /// Values that differ from run to run, referred to as `${variables.NAME}`.
    #[schemars(default)]
    pub variables: IndexMap<String, Variable>,
    /// The service instances of the stack, referred to as `${instances.KEY.url}` and so on.
    #[schemars(default)]
    pub instances: IndexMap<String, Instance>,
    /// Values printed at the end and by `osc-apply output`.
    #[schemars(default)]
    pub outputs: IndexMap<String, Output>,
}

/// A value that differs from run to run.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Variable {
    /// The place of its name.
    #[schemars(skip)]
    pub span: Span,
    /// What kind of value it takes; taken from the default where there is one, else `string`.
    #[schemars(rename = "type")]
    pub kind: Option<Spanned<VariableType>>,
    /// The value where none is given. A variable without a default must be given one.
    pub default: Option<Node>,
    /// A regular expression that the value must match.
    pub pattern: Option<Spanned<String>>,
    /// What it is for.
    pub description: Option<Spanned<String>>,
}

/// What kind of value a variable takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum VariableType {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A list of texts.
    List,
}

/// A service instance.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Instance {
    /// The place of its key.
    #[schemars(skip)]
    pub span: Span,
    /// The id of the service it is an instance of: `valkey-io-valkey`.
    #[schemars(with = "String")]
    pub service: Option<Spanned<String>>,
    /// Its name in the workspace, at most 20 lower-case letters and digits; the key by default.
    pub name: Option<Spanned<String>>,
    /// The service's options under the platform's own names. What is left out is not managed;
    /// `null` unsets an option.
    pub options: Option<Node>,
    /// Leaves the instance out where it is false.
    pub when: Option<Node>,
    /// Instances that must be ready before this one, where no reference says so already.
    #[schemars(default)]
    pub depends_on: Vec<Spanned<String>>,
    /// When the instance counts as ready.
    pub ready: Option<Ready>,
    /// Never delete or replace this instance.
    pub protect: Option<Spanned<bool>>,
    /// `none` where the instance holds nothing that would be lost with it.
    pub data: Option<Spanned<Data>>,
    /// Whether `options` stands in the file but could not be read.
    #[schemars(skip)]
    pub options_unreadable: bool,
}

/// When an instance counts as ready.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Ready {
    /// How much must hold: `accepted` (the platform has answered the create) or `healthy` (its
    /// health check says running).
    #[schemars(with = "Option<LevelWord>")]
    pub level: Option<Spanned<Level>>,
    /// How long to wait for it: `90s`, `10m`. Ten minutes by default.
    #[schemars(with = "Option<String>")]
    pub timeout: Option<Spanned<Duration>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", rename = "Level")]
#[expect(dead_code, reason = "lists the level words for the schema")]
enum LevelWord {
    Accepted,
    Healthy,
}

/// What an instance holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Data {
    /// Nothing that would be lost with it.
    None,
}

/// A value printed at the end and by `osc-apply output`.
#[derive(Debug, Clone)]
pub struct Output {
    /// The place of its name.
    pub span: Span,
    /// The value, usually an expression.
    pub value: Node,
    /// Whether the value must not be printed unless asked for by name.
    pub sensitive: bool,
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl JsonSchema for Node {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}

impl JsonSchema for Output {
    fn schema_name() -> Cow<'static, str> {
        "Output".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A value, usually an expression, or a mapping with `value`.",
            "anyOf": [
                { "type": ["string", "number", "boolean"] },
                {
                    "type": "object",
                    "properties": {
                        "value": { "type": ["string", "number", "boolean"] },
                        "sensitive": {
                            "description": "Print it only when asked for by name.",
                            "type": "boolean"
                        }
                    },
                    "required": ["value"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

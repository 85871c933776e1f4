use std::time::Duration;

use indexmap::IndexMap;
use schemars::JsonSchema;

use super::{Node, Spanned, schema};
use crate::model::{Level, Probe, Recipe, Span};

/// A stack on Eyevinn Open Source Cloud: what `osc-apply` makes of a workspace.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format.
    #[schemars(schema_with = "schema::version")]
    pub version: Spanned<u32>,
    /// The name of the stack: lower-case letters, digits and `-`, at most 24 characters. May use
    /// variables: `vod-${variables.name}`.
    pub stack: Spanned<String>,
    /// The only workspace this manifest may be used in: a guard against the wrong sign-in.
    pub workspace: Option<Spanned<String>>,
    /// The only environment this manifest may be used in, and the default for it.
    pub environment: Option<Spanned<String>>,
    /// `never` to keep instances of this stack that are no longer declared; by default they are
    /// deleted.
    pub prune: Option<Spanned<Prune>>,
    /// Values that differ from run to run, referred to as `${variables.NAME}` and given by
    /// `--var NAME=VALUE`, `--var-file`, `OSC_VAR_NAME` or their default.
    #[schemars(default)]
    #[schemars(schema_with = "schema::section::<Variable>")]
    pub variables: IndexMap<String, Variable>,
    /// Passwords, keys and tokens, referred to as `${secrets.NAME}`. An option made of one is
    /// kept by the platform as a secret and shown nowhere.
    #[schemars(default)]
    #[schemars(schema_with = "schema::section::<Secret>")]
    pub secrets: IndexMap<String, Secret>,
    /// The service instances of the stack by key. Others refer to them as
    /// `${instances.KEY.url}`, `host`, `address`, `ports[0].ip`, `name`, `service` or
    /// `options.NAME`.
    #[schemars(default)]
    #[schemars(schema_with = "schema::section::<Instance>")]
    pub instances: IndexMap<String, Instance>,
    /// Instances of this stack that are no longer declared and are to be deleted, also those
    /// that would otherwise be kept.
    #[schemars(default)]
    #[schemars(schema_with = "schema::section::<Removed>")]
    pub removed: IndexMap<String, Removed>,
    /// Values printed at the end of a run and by `osc-apply output`, by name.
    #[schemars(default)]
    #[schemars(schema_with = "schema::section::<Output>")]
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
    #[schemars(schema_with = "schema::variable_value", default)]
    pub default: Option<Node>,
    /// A regular expression that the value must match.
    pub pattern: Option<Spanned<String>>,
    /// What it is for.
    pub description: Option<Spanned<String>>,
    /// Whether `default` stands in the file but could not be read.
    #[schemars(skip)]
    pub default_unreadable: bool,
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

/// What becomes of instances of the stack that are no longer declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Prune {
    /// They are kept.
    Never,
}

/// A password, key or token.
#[derive(Debug, Clone)]
pub struct Secret {
    /// The place of its name.
    pub span: Span,
    /// Where its value comes from; nothing where that could not be read.
    pub source: Option<SecretSource>,
}

/// Where the value of a secret comes from.
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// Drawn once, and kept in the workspace.
    Generate(Recipe),
    /// This variable of the environment.
    Env(Spanned<String>),
    /// This file, from the manifest's folder on.
    File(Spanned<String>),
    /// What this program prints: the program and its arguments, at least the former.
    Command(Vec<Spanned<String>>),
    /// A text with expressions in it.
    Value(Node),
    /// The access token of the run.
    AccessToken,
}

/// An instance of the stack that is to be deleted.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Removed {
    /// The place of its key.
    #[schemars(skip)]
    pub span: Span,
    /// The id of the service it is an instance of.
    #[schemars(with = "String")]
    pub service: Option<Spanned<String>>,
    /// Its name in the workspace; the key by default.
    pub name: Option<Spanned<String>>,
    /// `discard` where the data that it holds may be lost with it.
    pub data: Option<Spanned<DataOfRemoved>>,
}

/// What becomes of the data of an instance that is to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum DataOfRemoved {
    /// It is lost.
    Discard,
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
    #[schemars(schema_with = "schema::options", default)]
    pub options: Option<Node>,
    /// Leaves the instance out where it is false; usually an expression: `${variables.x}`.
    #[schemars(schema_with = "schema::condition", default)]
    pub when: Option<Node>,
    /// Instances that must be ready before this one, where no reference says so already:
    /// `[instances.KEY]`.
    #[schemars(default)]
    pub depends_on: Vec<Spanned<String>>,
    /// When the instance counts as ready.
    pub ready: Option<Ready>,
    /// Never delete or replace this instance. One that is suspended is resumed all the same.
    pub protect: Option<Spanned<bool>>,
    /// `none` where the instance holds nothing that would be lost with it.
    pub data: Option<Spanned<Data>>,
    /// `leave` to leave the instance alone while the platform has it suspended, instead of
    /// resuming it.
    pub suspended: Option<Spanned<WhileSuspended>>,
    /// Whether `options` stands in the file but could not be read.
    #[schemars(skip)]
    pub options_unreadable: bool,
}

/// When an instance counts as ready.
#[derive(Debug, Clone, Default, JsonSchema)]
#[schemars(deny_unknown_fields, transform = schema::add_probes)]
pub struct Ready {
    /// How much must hold: `accepted` (the platform has answered the create), `healthy` (its
    /// health check says running), `reachable` (its URL leads to it) or `usable` (what it is for
    /// works). By default the highest that can be told for the service.
    #[schemars(with = "Option<LevelWord>")]
    pub level: Option<Spanned<Level>>,
    /// How long to wait for it: `90s`, `10m`. Ten minutes by default.
    #[schemars(with = "Option<String>", regex(pattern = schema::DURATION))]
    pub timeout: Option<Spanned<Duration>>,
    /// What usable means: `http` or `tcp`.
    #[schemars(skip)]
    pub probe: Option<Probe>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", rename = "Level")]
#[expect(dead_code, reason = "lists the level words for the schema")]
enum LevelWord {
    Accepted,
    Healthy,
    Reachable,
    Usable,
}

/// What an instance holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Data {
    /// Nothing that would be lost with it.
    None,
}

/// What is done about an instance that the platform has suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum WhileSuspended {
    /// Nothing.
    Leave,
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

mod secret;

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::read::probe::METHODS;
use super::{Manifest, Output, Spanned};

/// The JSON Schema of a manifest, for editors; ends with a line feed.
///
/// Draft 7, which every editor's YAML support understands.
///
/// # Errors
/// Never for the types of this module; the error is serde's.
pub fn schema() -> Result<String, serde_json::Error> {
    let mut schema = SchemaSettings::draft07()
        .into_generator()
        .into_root_schema_for::<Manifest>();
    RecursiveTransform(refuse_null).transform(&mut schema);
    // These may stand there with everything in them commented out.
    for definition in ["Variable", "Ready"] {
        if let Some(kind) = schema.pointer_mut(&format!("/definitions/{definition}/type")) {
            *kind = Value::from(vec!["object", "null"]);
        }
    }
    RecursiveTransform(unwrap_lines).transform(&mut schema);
    schema.insert("title".into(), "osc-apply manifest".into());
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}

/// What may be left out is left out, not written as null: an empty `name:` is a slip.
fn refuse_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type")
        && let [kind, null] = types.as_slice()
        && null == "null"
        && kind != "object"
    {
        let kind = kind.clone();
        schema.insert("type".into(), kind);
    }
    let Some(Value::Array(choices)) = schema.get_mut("anyOf") else {
        return;
    };
    choices.retain(|choice| choice["type"] != "null");
    // Beside `$ref`, draft 7 ignores everything else, also the description.
    if choices.len() == 1 {
        let choices = schema.remove("anyOf").unwrap_or_default();
        schema.insert("allOf".into(), choices);
    }
}

/// Descriptions are lines of source code; editors break lines themselves.
fn unwrap_lines(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}

/// The names that expressions can refer to.
const NAME: &str = "^[A-Za-z][A-Za-z0-9_]{0,63}$";

/// A length of time as the reader takes it.
pub(super) const DURATION: &str = "^([0-9]+ *[A-Za-zµ]+ *)+$";

/// A mapping of names; it may stand there with all its entries commented out.
pub(super) fn section<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["object", "null"],
        "propertyNames": { "pattern": NAME },
        "additionalProperties": generator.subschema_for::<T>()
    })
}

pub(super) fn version(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "const": 1 })
}

/// Any names and values: they are the services' own, and checked against the catalog.
pub(super) fn options(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["object", "null"], "additionalProperties": true })
}

pub(super) fn condition(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["boolean", "string"] })
}

pub(super) fn variable_value(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "number", "boolean", "array"],
        "items": { "type": ["string", "number", "boolean"] }
    })
}

/// The two ways of saying what usable means, of which there is one at most.
pub(super) fn add_probes(ready: &mut Schema) {
    let status = json!({
        "anyOf": [
            { "type": "integer", "minimum": 100, "maximum": 599 },
            { "type": "string", "pattern": "^[1-5][0-9]{2}-[1-5][0-9]{2}$" }
        ]
    });
    let http = json!({
        "description": "A request to the instance's own URL whose answer shows that it is usable.",
        "type": "object",
        "properties": {
            "path": {
                "description": "What is asked for below the URL: `/health`. May hold a query.",
                "type": "string",
                "pattern": r"^/[^\s#\\]*$"
            },
            "method": { "description": "GET by default.", "enum": METHODS },
            "status": {
                "description": "Which statuses count: `200`, `[200, 204]` or `200-299`. \
                                `200-399` by default.",
                "anyOf": [status, { "type": "array", "items": status, "minItems": 1 }]
            },
            "body": {
                "description": "A text that must stand in the first 64 KiB of the answer.",
                "type": "string"
            },
            "headers": {
                "description": "Header lines to send.",
                "type": ["object", "null"],
                "additionalProperties": { "type": "string" }
            }
        },
        "required": ["path"],
        "additionalProperties": false
    });
    let tcp = json!({
        "description": "An exposed port that must take connections: `true` for the first, or \
                        the port that the service listens on.",
        "anyOf": [
            { "const": true },
            {
                "type": "object",
                "properties": {
                    "port": {
                        "description": "The port inside of the instance.",
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 65535
                    }
                },
                "required": ["port"],
                "additionalProperties": false
            }
        ]
    });
    if let Some(properties) = ready.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("http".into(), http);
        properties.insert("tcp".into(), tcp);
    }
    let description = "Usable: nothing is asked below that.";
    let level = json!({ "description": description, "const": "usable" });
    let usable = json!({ "properties": { "level": level } });
    let both = json!({ "type": "object", "required": ["http", "tcp"] });
    ready.insert("not".into(), both);
    ready.insert(
        "dependencies".into(),
        json!({ "http": usable, "tcp": usable }),
    );
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
                        "value": {
                            "description": "The value, usually an expression.",
                            "type": ["string", "number", "boolean"]
                        },
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

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

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

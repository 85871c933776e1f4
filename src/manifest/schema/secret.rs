use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::manifest::Secret;
use crate::manifest::read::secret::{CHARACTERS, LONGEST, SHORTEST};

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A password, key or token: one of these says where it comes from.",
            "type": "object",
            "properties": {
                "generate": generate(),
                "env": {
                    "description": "The variable of the environment that holds it.",
                    "type": "string",
                    "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
                },
                "file": {
                    "description": "The file that holds it: below the manifest's folder, unless \
                                    `--allow-files` allows another.",
                    "type": "string",
                    "minLength": 1
                },
                "command": {
                    "description": "A program and its arguments; what it prints is the secret. \
                                    Runs without a shell, and only with `--allow-commands`.",
                    "type": "array",
                    "items": { "type": "string" },
                    "minItems": 1
                },
                "value": {
                    "description": "A text made of other secrets, such as a URL with a password \
                                    in it.",
                    "type": ["string", "number", "boolean"]
                },
                "access_token": {
                    "description": "The access token of the run.",
                    "const": true
                }
            },
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false
        })
    }
}

fn generate() -> Schema {
    json_schema!({
        "description": "Made once, and kept in the workspace.",
        "type": ["object", "null"],
        "properties": {
            "length": {
                "description": "How many characters it has: 24 by default.",
                "type": "integer",
                "minimum": SHORTEST,
                "maximum": LONGEST
            },
            "characters": {
                "description": "What it is made of: `url_safe` by default, which is letters, \
                                digits, `-` and `_`.",
                "enum": CHARACTERS.map(|(word, _)| word)
            }
        },
        "additionalProperties": false
    })
}

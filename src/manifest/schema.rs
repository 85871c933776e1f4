use schemars::generate::SchemaSettings;

use super::Manifest;

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
    schema.insert("title".into(), "osc-apply manifest".into());
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}

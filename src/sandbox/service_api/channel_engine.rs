//! channel-engine, whose document is unlike all others (API notes 6.11).

use serde_json::{Map, Value, json};

use super::document::{self, Occasion};
use crate::sandbox::call::Call;
use crate::sandbox::catalog::Service;

/// The document of a channel.
///
/// Created, it has the option `url` as `url` and the playback address as `playback`; read later,
/// `url` is the playback address and the option is found as `opts.url`. The `id` carries the
/// tenant. There is an `update` link although there is no such route.
pub(super) fn document(
    call: &Call<'_>,
    service: &Service,
    name: &str,
    mut options: Map<String, Value>,
    occasion: Occasion,
) -> Value {
    let tenant = call.world.tenant();
    let id = format!("{tenant}-{name}");
    let playback = json!(call.rules.addressing.playback_url(tenant, service, name));
    let url = options.remove("url").unwrap_or_default();
    let mut opts = options.remove("opts").unwrap_or_else(|| json!({}));
    let mut links = document::links(call, service, &id, name);
    links["update"] = links["self"].clone();

    let mut document = Map::new();
    document.insert("id".to_owned(), json!(id));
    document.insert("name".to_owned(), json!(name));
    document.extend(options);
    match occasion {
        Occasion::Created => {
            document.insert("url".to_owned(), url);
            document.insert("opts".to_owned(), opts);
            document.insert("playback".to_owned(), playback);
        }
        Occasion::Read => {
            if let Value::Object(opts) = &mut opts {
                opts.insert("url".to_owned(), url);
            }
            document.insert("url".to_owned(), playback);
            document.insert("opts".to_owned(), opts);
        }
    }
    document.insert("_links".to_owned(), links);
    Value::Object(document)
}

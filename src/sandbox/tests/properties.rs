use bytes::Bytes;
use http::Request;
use proptest::prelude::*;
use serde_json::json;

use super::client::{Client, POSTGRES, VALKEY};
use crate::sandbox::{FaultKind, Faults};

const HOSTS: [&str; 9] = [
    "catalog.svc.prod.osaas.io",
    "token.svc.prod.osaas.io",
    "money.svc.prod.osaas.io",
    "deploy.svc.prod.osaas.io",
    "app.osaas.io",
    "api-valkey-io-valkey.auto.prod-se.osaas.io",
    "api-birme-osc-postgresql.auto.prod-se.osaas.io",
    "api-ce.prod-se.osaas.io",
    "sandbox-a.valkey-io-valkey.auto.prod-se.osaas.io",
];

fn a_path() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "/",
        "/mysubscriptions",
        "/mysubscriptions/valkey-io-valkey",
        "/servicetoken",
        "/mytenantplan",
        "/api/connect/authorize",
        "/api/connect/token",
        "/api/connect/register",
        "/api/connect/revoke",
        "/mysuspended",
        "/mysuspended/valkey-io-valkey/a",
        "/mysuspended/valkey-io-valkey/a/resume",
        "/resourcetags",
        "/resourcetags?resourceType&tag=%ff%zz",
        "/resourcetags/tags",
        "/resourcetags/instance/valkey-io-valkey/a",
        "/resourcetags/myapp/a",
        "/mysecrets/valkey-io-valkey",
        "/mysecrets/valkey-io-valkey/a",
        "/mysecrets/valkey-io-valkey/batch",
        "/mytenantsecrets",
        "/mytenantsecrets/user.a",
        "/mytenantsecrets/system.a",
        "/valkeyinstance",
        "/valkeyinstance/a",
        "/valkeyinstance/a/scale",
        "/osc-postgresqlinstance",
        "/channel",
        "/channel/sandbox-a",
        "/restart/a",
        "/health/a",
        "/logs/a",
        "/ports/a",
        "/nodeports/a",
        "/internalendpoint/a",
    ]);
    let query = "(\\?[a-zA-Z]{0,14}=?[0-9a-z]{0,22})?";
    let any = "(/[ -\"$->@-~]{0,12}){0,4}".prop_map(|path| path.replace([' ', '"', '<', '>'], "-"));
    (prop_oneof![known.prop_map(str::to_owned), any], query)
        .prop_map(|(path, query)| format!("/{}{query}", path.trim_start_matches('/')))
}

fn a_body() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|flag| json!(flag)),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,30}".prop_map(|text| json!(text)),
        Just(json!("undefined")),
        Just(json!(["valkey-io-valkey"])),
        Just(json!({ "preroll": { "url": [] } })),
        Just(json!("{{secrets.a}}")),
        Just(json!([{ "secretName": "a", "secretData": "x" }, {}])),
    ];
    let keys = vec![
        "name",
        "Password",
        "PostgresPassword",
        "publicAccess",
        "services",
        "serviceId",
        "type",
        "url",
        "opts",
        "desiredReplicas",
        "tags",
        "secretName",
        "secretData",
        "secrets",
        "value",
    ];
    let object = prop::collection::btree_map(prop::sample::select(keys), value, 0..6)
        .prop_map(|object| json!(object).to_string().into_bytes());
    prop_oneof![
        Just(Vec::new()),
        object,
        prop::collection::vec(any::<u8>(), 0..60)
    ]
}

prop_compose! {
    fn a_request()(
        method in prop::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "FOO"]),
        host in prop::sample::select(HOSTS.to_vec()),
        path in a_path(),
        content_type in prop::option::of(prop::sample::select(vec![
            "application/json", "application/x-www-form-urlencoded", "text/plain", "application/json;;", "\u{e9}",
        ])),
        credential in "(Bearer )?[ -~]{0,60}",
        body in a_body(),
    ) -> Option<Request<Bytes>> {
        let mut request = Request::builder().method(method).uri(format!("https://{host}{path}"));
        for header in ["x-pat-jwt", "x-jwt", "authorization"] {
            request = request.header(header, credential.trim());
        }
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type.as_bytes());
        }
        request.body(Bytes::from(body)).ok()
    }
}

/// Each strikes one in ten of the requests it can strike.
fn every_fault(seed: u64) -> Faults {
    let rare = |kind: &FaultKind| format!("{}:probability=0.1", kind.name).parse().unwrap();
    Faults::new(FaultKind::all().map(rare), seed)
}

proptest! {
    #[test]
    fn nothing_succeeds_without_credentials(request in a_request()) {
        let mut client = Client::subscribed(&[VALKEY, POSTGRES, "channel-engine"]);
        client.create(VALKEY, json!({ "name": "a" }));
        client.wait(60);
        let before = client.world.clone();
        if let Some(request) = request {
            let said = client.try_send(request);
            let succeeded = said.as_ref().is_ok_and(|said| said.status.is_success());
            prop_assert!(!succeeded, "{said:?}");
            prop_assert!(client.world == before);
        }
    }

    #[test]
    fn nothing_makes_it_panic_even_with_credentials_and_faults(
        requests in prop::collection::vec(a_request(), 1..12),
        waits in prop::collection::vec(0u64..40, 12),
        seed in any::<u64>(),
    ) {
        let mut client = Client::subscribed(&[VALKEY, POSTGRES, "channel-engine"]);
        let mut faults = every_fault(seed);
        for (request, wait) in requests.into_iter().zip(waits) {
            let Some(mut request) = request else { continue };
            let host = request.uri().host().unwrap_or_default().to_owned();
            let service = match () {
                () if host.contains("postgresql") => POSTGRES,
                () if host.contains("api-ce") => "channel-engine",
                () => VALKEY,
            };
            client.platform("catalog", "POST", "/mysubscriptions", Some(json!({ "services": [service] })));
            let pat = format!("Bearer {}", client.pat).parse().unwrap();
            let token = format!("Bearer {}", client.token(service)).parse().unwrap();
            request.headers_mut().insert("x-pat-jwt", pat);
            request.headers_mut().insert("x-jwt", token);
            std::mem::swap(&mut client.faults, &mut faults);
            let _ = client.try_send(request);
            std::mem::swap(&mut client.faults, &mut faults);
            client.wait(wait);
        }
        let kept = serde_json::to_string(&client.world).unwrap();
        let again: crate::sandbox::World = serde_json::from_str(&kept).unwrap();
        prop_assert!(again == client.world);
    }
}

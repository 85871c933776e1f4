use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use osc_apply::osc::{Dialer, Exchange as _, Network};
use osc_apply::sandbox::{Rules, Shell, Timing, World, start_local};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const CATALOG: &str = "https://catalog.svc.prod.osaas.io/mysubscriptions";
const TOKEN: &str = "https://token.svc.prod.osaas.io/servicetoken";
const SERVICE: &str = "https://api-valkey-io-valkey.auto.prod-se.osaas.io";

async fn ask(network: &Network, url: &str, token: &str, body: Option<Value>) -> Value {
    let request = http::Request::builder()
        .method(if body.is_some() { "POST" } else { "GET" })
        .uri(url)
        .header("x-pat-jwt", format!("Bearer {token}"))
        .header("x-jwt", format!("Bearer {token}"))
        .header("content-type", "application/json");
    let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
    let answer = network.exchange(request.body(body).unwrap()).await.unwrap();
    serde_json::from_slice(answer.body()).unwrap()
}

#[tokio::test]
async fn the_network_reaches_an_instance_of_the_sandbox_through_its_tunnel() {
    let rules = Rules {
        timing: Timing::default().scaled(f64::INFINITY),
        ..Rules::default()
    };
    let mut world = World::new([1; 32]);
    let pat = world.personal_access_token(SystemTime::now(), None);
    let shell = Arc::new(Shell::new(world, rules, Arc::new(SystemTime::now)));
    let local = start_local(shell).await.unwrap();
    let dialer = Dialer::Local {
        address: local.address,
        tunnel: local.tunnel,
        authority_der: local.authority_der.clone(),
    };
    let network = Network::new(dialer, "test");
    let services = json!({ "services": ["valkey-io-valkey"] });
    ask(&network, CATALOG, &pat, Some(services)).await;
    let service = json!({ "serviceId": "valkey-io-valkey" });
    let token = ask(&network, TOKEN, &pat, Some(service)).await;
    let token = token["token"].as_str().unwrap();
    let collection = format!("{SERVICE}/valkeyinstance");
    ask(&network, &collection, token, Some(json!({ "name": "a" }))).await;
    let ports = ask(&network, &format!("{SERVICE}/ports/a"), token, None).await;

    let ip = ports[0]["externalIp"].as_str().unwrap();
    let port = ports[0]["externalPort"].as_u64().unwrap();
    let mut stream = network.dial(ip, port.try_into().unwrap()).await.unwrap();
    stream.write_all(b"PING\r\nQUIT\r\n").await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "+PONG\r\n+OK\r\n");
}

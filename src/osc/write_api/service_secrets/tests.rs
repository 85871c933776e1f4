use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::super::Session;
use super::super::super::testing::{Asked, Fake, Reply, reply, writes};
use super::*;

const SERVICE: &str = "valkey-io-valkey";
const BATCH: &str = "PUT /mysecrets/valkey-io-valkey/batch";
const PUT: &str = "PUT /mysecrets/valkey-io-valkey/s0";
const POST: &str = "POST /mysecrets/valkey-io-valkey";

fn secrets(count: usize) -> Vec<Named> {
    let secret = |number| (format!("s{number}"), format!("canary&\"{number}").into());
    (0..count).map(secret).collect()
}

async fn failure(session: &Arc<Session>) -> Error {
    let api = writes(session);
    let put = api.put_service_secrets(SERVICE, &secrets(1)).await;
    put.unwrap_err()
}

fn no_route(asked: &Asked) -> Reply {
    let route = asked.line.replacen(' ', ":", 1);
    let body = json!({ "message": format!("Route {route} not found") });
    reply(404, &body.to_string())
}

fn absent() -> Reply {
    reply(404, r#"{"reason":"No secret s0"}"#)
}

#[tokio::test(start_paused = true)]
async fn secrets_are_written_ten_at_a_time() {
    let (fake, session) = Fake::with(|_| reply(200, "[]"));
    let api = writes(&session);
    api.put_service_secrets(SERVICE, &secrets(23))
        .await
        .unwrap();
    assert_eq!(fake.lines(), [BATCH; 3]);
    let sizes = fake.asked();
    let sizes = sizes
        .iter()
        .map(|asked| asked.json()["secrets"].as_array().unwrap().len());
    assert_eq!(sizes.collect::<Vec<_>>(), [10, 10, 3]);
    let first = json!({"secretName": "s0", "secretData": "canary&\"0"});
    assert_eq!(fake.asked()[0].json()["secrets"][0], first);
}

#[tokio::test(start_paused = true)]
async fn no_secrets_need_no_request() {
    let (fake, session) = Fake::with(|_| reply(200, "[]"));
    let api = writes(&session);
    api.put_service_secrets(SERVICE, &[]).await.unwrap();
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn without_batches_they_are_written_one_by_one() {
    // One of them takes `batch` for the name of a secret.
    let answers: [fn(&Asked) -> Reply; 3] = [
        no_route,
        |_| absent(),
        |_| {
            reply(
                400,
                r#"{"message":"body must have required property 'secretData'"}"#,
            )
        },
    ];
    for answer in answers {
        let (fake, session) = Fake::with(move |asked| match asked.line == BATCH {
            true => answer(asked),
            false => reply(200, ""),
        });
        let api = writes(&session);
        api.put_service_secrets(SERVICE, &secrets(11))
            .await
            .unwrap();
        let lines = fake.lines();
        assert_eq!((lines.len(), &*lines[0], &*lines[1]), (12, BATCH, PUT));
        assert_eq!(fake.asked()[1].json(), json!({"secretData": "canary&\"0"}));
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_may_be_taken_is_repeated_and_not_taken_apart() {
    let (fake, session) = Fake::with(|_| reply(503, "<html>"));
    let error = failure(&session).await;
    assert_eq!((error.class, error.leaves_open()), (Class::Transient, true));
    assert_eq!(fake.lines(), [BATCH; 6]);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_cannot_be_updated_for_it_is_not_there_is_added() {
    let (fake, session) = Fake::with(|asked| match &*asked.line {
        BATCH => no_route(asked),
        PUT => absent(),
        _ => reply(201, ""),
    });
    let api = writes(&session);
    api.put_service_secrets(SERVICE, &secrets(1)).await.unwrap();
    assert_eq!(fake.lines(), [BATCH, PUT, POST]);
    let body = json!({"secretName": "s0", "secretData": "canary&\"0"});
    assert_eq!(fake.asked()[2].json(), body);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_was_added_meanwhile_is_updated_after_all() {
    let (fake, session) = Fake::with(|asked| match (&*asked.line, asked.turn) {
        (BATCH, _) => no_route(asked),
        (PUT, 0) => absent(),
        (PUT, _) => reply(200, ""),
        (_, 0) => reply(504, "<html>"),
        _ => reply(409, r#"{"reason":"Secret s0 already exists"}"#),
    });
    let api = writes(&session);
    api.put_service_secrets(SERVICE, &secrets(1)).await.unwrap();
    assert_eq!(fake.lines(), [BATCH, PUT, POST, POST, PUT]);
}

#[tokio::test(start_paused = true)]
async fn a_service_nobody_knows_is_a_refusal() {
    let (_, session) = Fake::with(|_| reply(404, r#"{"reason":"No such service"}"#));
    assert_eq!(failure(&session).await.class, Class::Refused);
}

#[tokio::test(start_paused = true)]
async fn no_error_holds_a_value_whatever_the_answer_quotes() {
    let quotes: [fn(&Asked) -> String; 4] = [
        |asked| asked.body.clone(),
        |asked| STANDARD.encode(&asked.body),
        |_| "canary&\"0 canary%26%220".to_owned(),
        |_| STANDARD.encode("canary&\"0"),
    ];
    for quote in quotes {
        for in_batches in [true, false] {
            let (_, session) = Fake::with(move |asked| match asked.line == BATCH && !in_batches {
                true => no_route(asked),
                false => reply(422, &json!({ "reason": quote(asked) }).to_string()),
            });
            let error = failure(&session).await;
            let shown = format!("{error} {error:?}");
            let encoded = STANDARD.encode("canary&\"0");
            for canary in ["canary", "anary", "FuYXJ5", "5hcnkm", &encoded] {
                assert!(!shown.contains(canary), "{shown}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn deleting_a_secret_that_is_not_there_is_done() {
    let (fake, session) = Fake::with(|_| absent());
    let api = writes(&session);
    api.delete_service_secret(SERVICE, "s0").await.unwrap();
    assert_eq!(fake.lines(), ["DELETE /mysecrets/valkey-io-valkey/s0"]);
    for name in ["", ".."] {
        assert!(api.delete_service_secret(SERVICE, name).await.is_err());
    }
    assert_eq!(fake.lines().len(), 1);
}

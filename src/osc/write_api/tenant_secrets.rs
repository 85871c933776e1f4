use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::super::call::Call;
use super::super::{Class, Error};
use super::WriteApi;

/// A shorter text within a secret document says little, and is likely to be found elsewhere.
const SHORTEST_TEXT: usize = 6;

impl WriteApi {
    /// Keeps a secret of the workspace, in place of any value it has (API notes 8.2; what the
    /// body looks like is a guess, 14, row 28). Read it back: only that shows what is kept.
    ///
    /// The request holds the value for a moment and does not wipe it.
    ///
    /// # Errors
    /// [`Class::Unsupported`] where the platform has no such secrets. No error holds the value,
    /// or a text within where the value is a JSON document.
    pub async fn put_tenant_secret(&self, key: &str, value: &SecretString) -> Result<(), Error> {
        let operation = format!("writing the workspace's secret `{key}`");
        let value = value.expose_secret();
        let within = texts_within(value);
        let mut secrets: Vec<&str> = within.iter().map(|text| text.as_str()).collect();
        secrets.push(value);
        let call = Call {
            body: Some(json!({ "value": value })),
            secrets,
            ..self.optional(operation, Method::PUT, &["mytenantsecrets", key])?
        };
        self.session.ask_platform(&call).await.map(drop)
    }

    /// Removes a secret of the workspace; one that is not there counts as removed.
    ///
    /// # Errors
    /// As described at [`WriteApi`].
    pub async fn delete_tenant_secret(&self, key: &str) -> Result<(), Error> {
        let operation = format!("deleting the workspace's secret `{key}`");
        let call = self.optional(operation, Method::DELETE, &["mytenantsecrets", key])?;
        match self.session.ask_platform(&call).await {
            Err(error) if error.class == Class::Absent => Ok(()),
            done_or_failed => done_or_failed.map(drop),
        }
    }
}

/// The longer texts of a JSON document, which an answer may quote alone; also as they stand in
/// the document, which is itself a text in the request.
fn texts_within(secret: &str) -> Vec<Zeroizing<String>> {
    let mut texts = Vec::new();
    collect(serde_json::from_str(secret).unwrap_or_default(), &mut texts);
    texts
}

fn collect(value: Value, texts: &mut Vec<Zeroizing<String>>) {
    match value {
        Value::Array(items) => items.into_iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => {
            for (_, value) in fields {
                collect(value, texts);
            }
        }
        Value::String(text) if text.len() >= SHORTEST_TEXT => {
            let text = Zeroizing::new(text);
            let quoted = Zeroizing::new(json!(text.as_str()).to_string());
            let escaped = Zeroizing::new(quoted.trim_matches('"').to_owned());
            texts.extend([text, escaped]);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::super::super::testing::{Fake, reply, writes};
    use super::*;

    const KEY: &str = "user.oscapply.web";

    fn vault() -> SecretString {
        let document = json!({"version": 1, "key": "Y2FuYXJ5LWtleQ==",
            "values": {"a": "canary\"one", "b": "canary&two", "c": ["canarythree"]}});
        document.to_string().into()
    }

    #[tokio::test(start_paused = true)]
    async fn a_secret_is_put_under_its_key_and_repeated_like_a_read() {
        let (fake, session) = Fake::with(|asked| match asked.turn {
            0 => reply(502, "<html>"),
            _ => reply(200, r#"{"key":"user.oscapply.web"}"#),
        });
        let value = SecretString::from("canary");
        let api = writes(&session);
        api.put_tenant_secret(KEY, &value).await.unwrap();
        let line = "PUT /mytenantsecrets/user.oscapply.web";
        assert_eq!(fake.lines(), [line, line]);
        assert_eq!(fake.asked()[1].json(), json!({"value": "canary"}));
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_that_quotes_the_request_holds_nothing_of_a_document_of_secrets() {
        let encoded = |text: &str| {
            let bytes = text.as_bytes();
            url::form_urlencoded::byte_serialize(bytes).collect::<String>()
        };
        for quote in [
            |body: &str, _: &str| body.to_owned(),
            |_: &str, value: &str| value.to_owned(),
            |body: &str, _: &str| STANDARD.encode(body),
            |_: &str, value: &str| STANDARD.encode(value),
            // As much of the body as somebody else thought fit.
            |body: &str, _: &str| body[..body.find("canarythree").unwrap() + 12].to_owned(),
            |_: &str, _: &str| r#"canary"one, canary\"one, canarythree"#.to_owned(),
        ] {
            let (_, session) = Fake::with(move |asked| {
                let value = asked.json()["value"].as_str().unwrap().to_owned();
                let reason = quote(&asked.body, &value);
                let reason = format!("bad: {reason} {}", encoded(&value));
                reply(400, &json!({ "reason": reason }).to_string())
            });
            let error = writes(&session).put_tenant_secret(KEY, &vault()).await;
            let error = error.unwrap_err();
            let shown = format!("{error} {error:?}");
            for canary in ["canary", "Y2FuYXJ5", "anary", "Y2Fu", "FyeX"] {
                assert!(!shown.contains(canary), "{shown}");
            }
            assert!(shown.contains("(sensitive)"), "{shown}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn deleting_a_secret_that_is_not_there_is_done_and_one_without_a_route_is_not() {
        let (fake, session) = Fake::with(|_| reply(404, r#"{"reason":"No secret"}"#));
        let api = writes(&session);
        api.delete_tenant_secret(KEY).await.unwrap();
        assert_eq!(fake.lines(), ["DELETE /mytenantsecrets/user.oscapply.web"]);
        assert_eq!(fake.asked()[0].header("content-type"), None);

        let no_route = r#"{"message":"Route DELETE:/mytenantsecrets/x not found"}"#;
        for (body, class) in [
            (no_route, Class::Unsupported),
            ("<html>", Class::Transient),
            ("gone", Class::Unexpected),
        ] {
            let (_, session) = Fake::with(move |_| reply(404, body));
            let error = writes(&session).delete_tenant_secret(KEY).await;
            assert_eq!(error.unwrap_err().class, class, "{body}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_key_stands_for_all_secrets() {
        let (fake, session) = Fake::with(|_| reply(200, ""));
        let api = writes(&session);
        for key in ["", ".", ".."] {
            assert!(api.delete_tenant_secret(key).await.is_err());
            assert!(api.put_tenant_secret(key, &vault()).await.is_err());
        }
        assert!(fake.asked().is_empty());
    }
}

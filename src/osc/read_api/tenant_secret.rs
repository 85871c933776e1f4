use secrecy::SecretString;

use super::super::classify::Place;
use super::super::{Error, Role, routes, wire};
use super::{ReadApi, at};

impl ReadApi {
    /// The value of a secret of the workspace (API notes 8.2).
    ///
    /// The answer it came in is held for a moment by the transport and the JSON reader, which
    /// do not wipe it.
    ///
    /// # Errors
    /// [`Class::Absent`](super::Class::Absent) only where the platform says in JSON that there is
    /// none; before anything is lost by it, ask several times.
    /// [`Class::Unsupported`](super::Class::Unsupported) where the platform has no such secrets,
    /// which only three answers in a row tell.
    pub async fn tenant_secret(&self, key: &str) -> Result<SecretString, Error> {
        let operation = format!("reading the workspace's secret `{key}`");
        at(&operation, routes::one_segment(key))?;
        let path = ["mytenantsecrets", key];
        let url = self.session.platform_url(Role::Deploy, &path);
        let call = self.question(operation, Place::Kept, url);
        let answer = self.session.ask_platform(&call).await?;
        answer.decoded(|answer| wire::tenant_secret(answer, key))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::super::Class;
    use super::super::super::testing::{Fake, reads, reply};

    const KEY: &str = "user.oscapply.web";

    #[tokio::test(start_paused = true)]
    async fn a_secret_is_read_by_its_key() {
        let (fake, session) =
            Fake::with(|_| reply(200, r#"{"key":"user.oscapply.web","value":"canary"}"#));
        let secret = reads(&session).tenant_secret(KEY).await.unwrap();
        assert_eq!(secret.expose_secret(), "canary");
        assert!(!format!("{secret:?}").contains("canary"));
        assert_eq!(fake.lines(), ["GET /mytenantsecrets/user.oscapply.web"]);
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_platforms_own_json_says_that_a_secret_is_absent() {
        let no_route = r#"{"message":"Route GET:/mytenantsecrets/user.oscapply.web not found"}"#;
        for (status, body, class) in [
            (404, r#"{"reason":"No secret"}"#, Class::Absent),
            (404, no_route, Class::Unsupported),
            (404, "", Class::Transient),
            (404, "<html>", Class::Transient),
            (404, "Not found", Class::Unexpected),
            (404, r#""Not found""#, Class::Unexpected),
            (404, r#"{"message":"gone"}"#, Class::Unexpected),
            (200, "", Class::Transient),
            (200, "null", Class::Unexpected),
            (200, "{}", Class::Unexpected),
            (500, r#"{"reason":"oops"}"#, Class::Unexpected),
        ] {
            let (_, session) = Fake::with(move |_| reply(status, body));
            let error = reads(&session).tenant_secret(KEY).await.unwrap_err();
            assert_eq!(error.class, class, "{status} {body}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_error_holds_the_value_of_a_broken_answer() {
        for (status, body) in [
            (200, r#"{"key":"user.other","value":"canary"}"#),
            (200, r#"{"key":"user.oscapply.web","value":["canary"]}"#),
            (200, r#"{"key":"user.oscapply.web","value":"canary"#),
            (500, r#"{"key":"user.oscapply.web","value":"canary"#),
            (404, r#"{"key":"user.oscapply.web","value":"canary"}"#),
            (404, r#"{"reason":"cannot decrypt canary"}"#),
            (200, r#"{"reason":"cannot decrypt canary"}"#),
            (500, r#"{"message":"cannot decrypt canary"}"#),
            (502, "<html><title>canary</title></html>"),
            (400, "canary"),
        ] {
            let (_, session) = Fake::with(move |_| reply(status, body));
            let error = reads(&session).tenant_secret(KEY).await.unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_that_would_lead_to_all_secrets_is_not_asked_for() {
        let (fake, session) = Fake::with(|_| reply(200, "{}"));
        for key in ["", ".", ".."] {
            assert!(reads(&session).tenant_secret(key).await.is_err());
        }
        assert!(fake.asked().is_empty());
    }
}

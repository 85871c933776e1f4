use http::Method;
use serde_json::json;

use super::super::call::Call;
use super::super::{Class, Error};
use super::WriteApi;

impl WriteApi {
    /// Gives an instance these tags in place of all that it has, whoever set them: read before,
    /// and keep those of others; read after, since what is answered says nothing
    /// (API notes 6.13).
    ///
    /// # Errors
    /// [`Class::Absent`](super::Class::Absent) where the platform tags only instances that are
    /// there, [`Class::Unsupported`](super::Class::Unsupported) where it has no tags.
    pub async fn set_tags(&self, service: &str, name: &str, tags: &[String]) -> Result<(), Error> {
        let operation = format!("tagging `{name}` of {service}");
        let path = ["resourcetags", "instance", service, name];
        let call = Call {
            body: Some(json!({ "tags": tags })),
            ..self.optional(operation, Method::PUT, &path)?
        };
        self.session.ask_platform(&call).await.map(drop)
    }

    /// Takes all tags off an instance, or off the name of one; whose they are is the caller's to
    /// know.
    ///
    /// # Errors
    /// [`Class::Unsupported`](super::Class::Unsupported) where the platform has no tags.
    pub async fn remove_tags(&self, service: &str, name: &str) -> Result<(), Error> {
        let operation = format!("removing the tags of `{name}` of {service}");
        let path = ["resourcetags", "instance", service, name];
        let call = self.optional(operation, Method::DELETE, &path)?;
        match self.session.ask_platform(&call).await {
            // There are none then.
            Err(error) if error.class == Class::Absent => Ok(()),
            removed => removed.map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Fake, reply, writes};
    use super::*;

    const NO_ROUTE: &str = r#"{"message":"Route PUT:/resourcetags/instance/s/a not found"}"#;

    fn tags() -> [String; 2] {
        ["osc-apply:web".to_owned(), "team".to_owned()]
    }

    #[tokio::test(start_paused = true)]
    async fn tags_are_put_as_a_whole_and_again_when_that_may_have_failed() {
        let (fake, session) = Fake::with(|asked| match asked.turn {
            0 => reply(504, "<html>"),
            1 => reply(404, NO_ROUTE),
            _ => reply(200, ""),
        });
        let api = writes(&session);
        api.set_tags("valkey-io-valkey", "a", &tags())
            .await
            .unwrap();
        let line = "PUT /resourcetags/instance/valkey-io-valkey/a";
        assert_eq!(fake.lines(), [line; 3]);
        let body = json!({"tags": ["osc-apply:web", "team"]});
        assert_eq!(fake.asked()[2].json(), body);
    }

    #[tokio::test(start_paused = true)]
    async fn removing_tags_that_are_not_there_is_done() {
        for body in ["", r#"{"reason":"No tags"}"#] {
            let status = if body.is_empty() { 204 } else { 404 };
            let (fake, session) = Fake::with(move |_| reply(status, body));
            let api = writes(&session);
            api.remove_tags("valkey-io-valkey", "a").await.unwrap();
            let line = "DELETE /resourcetags/instance/valkey-io-valkey/a";
            assert_eq!(fake.lines(), [line]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_instance_that_cannot_be_tagged_is_told_from_a_platform_without_tags() {
        for (body, class, requests) in [
            (r#"{"reason":"No instance"}"#, Class::Absent, 1),
            (NO_ROUTE, Class::Unsupported, 3),
        ] {
            let (fake, session) = Fake::with(move |_| reply(404, body));
            let error = writes(&session).set_tags("s", "a", &tags()).await;
            let error = error.unwrap_err();
            assert_eq!((error.class, error.leaves_open()), (class, false));
            assert_eq!(fake.lines().len(), requests);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_earlier_attempt_may_have_tagged_stays_open() {
        let (_, session) = Fake::with(|asked| match asked.turn {
            0 => reply(504, "<html>"),
            _ => reply(400, r#"{"reason":"At most 20 tags are allowed"}"#),
        });
        let error = writes(&session).set_tags("s", "a", &tags()).await;
        let error = error.unwrap_err();
        assert_eq!((error.class, error.leaves_open()), (Class::Refused, true));
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_that_would_lead_elsewhere_is_not_tagged() {
        let (fake, session) = Fake::with(|_| reply(200, ""));
        for (service, name) in [("s", ".."), ("..", "a"), ("s", "")] {
            let tagged = writes(&session).set_tags(service, name, &tags()).await;
            assert!(tagged.unwrap_err().was_not_sent());
        }
        assert!(fake.asked().is_empty());
    }
}

use super::super::classify::Place;
use super::super::{Class, Error, Role, Tagged, wire};
use super::ReadApi;

impl ReadApi {
    /// The tags of every instance that has some, also of such as are there no more
    /// (API notes 6.13).
    ///
    /// # Errors
    /// [`Class::Unsupported`] where the platform has no tags, which only three answers in a row
    /// tell. Also when there is no answer body, or a single record is of another shape: nothing
    /// of the kind means that there are no tags.
    pub async fn tags(&self) -> Result<Vec<Tagged>, Error> {
        let mut url = self.session.platform_url(Role::Deploy, &["resourcetags"]);
        url.query_pairs_mut()
            .append_pair("resourceType", "instance");
        let call = self.question("reading tags".to_owned(), Place::Optional, url);
        let asked = self.session.ask_platform(&call).await;
        let answer = asked.map_err(|error| match error.class {
            // A list is there even when it is empty: what is missing is something else.
            Class::Absent => Error {
                class: Class::Unexpected,
                ..error
            },
            _ => error,
        })?;
        answer.decoded(wire::tags)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::super::super::testing::{Fake, reads, reply};
    use super::*;

    const NO_ROUTE: &str = r#"{"statusCode":404,"error":"Not Found",
        "message":"Route GET:/resourcetags?resourceType=instance not found"}"#;
    const TAGS: &str = r#"{"resources":[{"resourceType":"instance",
        "serviceId":"valkey-io-valkey","resourceId":"a","tags":["x"]}]}"#;

    #[tokio::test(start_paused = true)]
    async fn tags_of_instances_are_asked_for_with_the_access_token() {
        let (fake, session) = Fake::with(|_| reply(200, TAGS));
        let tags = reads(&session).tags().await.unwrap();
        assert_eq!((&*tags[0].name, tags[0].has("X")), ("a", true));
        let asked = fake.asked().remove(0);
        assert_eq!(asked.line, "GET /resourcetags");
        assert_eq!(asked.query.as_deref(), Some("resourceType=instance"));
        assert!(asked.header("x-pat-jwt").is_some());
        assert_eq!(fake.token_requests(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_platform_without_tags_is_soon_told() {
        let (fake, session) = Fake::with(|_| reply(404, NO_ROUTE));
        let begun = Instant::now();
        let error = reads(&session).tags().await.unwrap_err();
        assert_eq!(error.class, Class::Unsupported);
        assert_eq!(fake.lines().len(), 3);
        assert!(begun.elapsed() < Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_route_that_is_back_was_not_missing() {
        let (_, session) = Fake::with(|asked| match asked.turn {
            0 | 1 => reply(404, NO_ROUTE),
            _ => reply(200, TAGS),
        });
        assert_eq!(reads(&session).tags().await.unwrap().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn one_look_never_tells_that_there_are_no_tags() {
        let (fake, session) = Fake::with(|_| reply(404, NO_ROUTE));
        let error = reads(&session).polling().tags().await.unwrap_err();
        assert_eq!(error.class, Class::Transient);
        assert!(error.is_of_a_missing_route());
        assert_eq!(fake.lines().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_of_another_kind_is_an_error_and_never_no_tags() {
        for (status, body, class) in [
            (200, "", Class::Transient),
            (204, "", Class::Transient),
            (200, "<html>", Class::Transient),
            (200, r#"{"resources":[{"#, Class::Transient),
            (200, r#"{"reason":"later"}"#, Class::Transient),
            (200, "[]", Class::Unexpected),
            (200, "{}", Class::Unexpected),
            (404, "", Class::Transient),
            (404, "<html>", Class::Transient),
            (404, r#"{"reason":"none"}"#, Class::Unexpected),
            (404, r#""none""#, Class::Unexpected),
            (405, "", Class::Unsupported),
            (401, "<html>", Class::SignedOut),
            (502, "<html>", Class::Transient),
        ] {
            let (_, session) = Fake::with(move |_| reply(status, body));
            let error = reads(&session).tags().await.unwrap_err();
            assert_eq!(error.class, class, "{status} {body}");
        }
    }
}

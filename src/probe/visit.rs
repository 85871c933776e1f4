use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::answer::Answer;
use super::known::Question;
use super::{Subject, Verdict};
use crate::model::HttpProbe;
use crate::osc::{Class, Error, TransportKind, Visit};

/// Whether the instance itself answers at its URL.
///
/// A 401 counts where it says how to sign in, as an application with passwords of its own does
/// and the platform's auth wall does not.
pub(super) async fn reaches(subject: &Subject<'_>) -> Verdict {
    match visit(subject, Visit::default()).await {
        Ok(answer) if answer.status == 401 && answer.header("www-authenticate").is_none() => {
            Verdict::Wrong("it answers 401 to its service's token".to_owned())
        }
        Ok(_) => Verdict::Passed,
        Err(verdict) => verdict,
    }
}

/// Whether the answer to what is known to ask its service is a good one.
pub(super) async fn asks(subject: &Subject<'_>, question: &Question) -> Verdict {
    let path = question.path;
    let request = Visit {
        path,
        ..Visit::default()
    };
    let answer = visit(subject, request).await;
    judged(answer, path, question.shows_that_it_works)
}

/// Whether the answer is one that the manifest asks for.
pub(super) async fn manifests(subject: &Subject<'_>, probe: &HttpProbe) -> Verdict {
    let method = Method::from_bytes(probe.method.as_bytes()).ok();
    let Some((method, headers)) = method.zip(headers(probe)) else {
        return Verdict::Wrong("`ready.http` is no request that can be sent".to_owned());
    };
    let path = probe.path.as_str();
    let request = Visit {
        method,
        path,
        headers,
    };
    judged(visit(subject, request).await, path, |answer| {
        let holds = |text: &String| answer.text().contains(text.as_str());
        let counts = |range: &std::ops::RangeInclusive<u16>| range.contains(&answer.status);
        probe.statuses.iter().any(counts) && probe.body.iter().all(holds)
    })
}

fn judged(
    answer: Result<Answer, Verdict>,
    path: &str,
    is_good: impl FnOnce(&Answer) -> bool,
) -> Verdict {
    match answer {
        Ok(answer) if is_good(&answer) => Verdict::Passed,
        Ok(answer) => {
            // What stands behind the `?` may be a key.
            let path = path.split('?').next().unwrap_or_default();
            Verdict::Wrong(format!("`{path}` answers {}", answer.words()))
        }
        Err(verdict) => verdict,
    }
}

/// The instance's own answer; else what came in its place.
async fn visit(subject: &Subject<'_>, visit: Visit<'_>) -> Result<Answer, Verdict> {
    let Subject {
        api,
        subscription,
        instance,
        ..
    } = subject;
    let response = api.visit(subscription, instance, visit).await;
    let answer = Answer::of(response.map_err(|error| unanswered(&error))?);
    answer.in_front().map_or(Ok(answer), Err)
}

fn unanswered(error: &Error) -> Verdict {
    match error.transport {
        Some(TransportKind::Tls) => Verdict::Wrong("its certificate is not valid yet".to_owned()),
        Some(TransportKind::Broken | TransportKind::TooLarge) => Verdict::Wrong(error.text.clone()),
        Some(_) => Verdict::Unreachable(error.text.clone()),
        // Nobody may go there with a token.
        None if error.class == Class::Unexpected => Verdict::Unreachable(error.text.clone()),
        None => Verdict::Wrong(error.to_string()),
    }
}

/// The header lines of the manifest; nothing where one cannot be sent.
fn headers(probe: &HttpProbe) -> Option<HeaderMap> {
    let lines = probe.headers.iter().map(|(name, value)| {
        let name = HeaderName::try_from(name).ok()?;
        let mut line = HeaderValue::try_from(value.expose()).ok()?;
        line.set_sensitive(value.is_sensitive());
        Some((name, line))
    });
    lines.collect()
}

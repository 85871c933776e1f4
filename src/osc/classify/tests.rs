use super::*;

const NGINX_401: &str = "<html>\r\n<head><title>401 Authorization Required</title></head></html>";
const NGINX_404: &str = "<html>\r\n<head><title>404 Not Found</title></head></html>";
const NGINX_502: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head></html>";
const NO_ROUTE: &str =
    r#"{"message":"Route GET:/health/a not found","error":"Not Found","statusCode":404}"#;

fn class(place: Place, method: &Method, status: u16, body: &str) -> Option<Class> {
    let answer = Answer {
        place,
        method,
        status: StatusCode::from_u16(status).unwrap(),
    };
    classify(answer, &Body::of(None, body.as_bytes()))
        .err()
        .map(|rejection| rejection.class)
}

#[track_caller]
fn expect(rows: &[(Place, Method, u16, &str, Class)]) {
    for (place, method, status, body, wanted) in rows {
        assert_eq!(
            class(*place, method, *status, body),
            Some(*wanted),
            "{place:?} {method} {status} {body}"
        );
    }
}

use Place::{Collection, Instance, Platform};

#[test]
fn a_token_that_is_not_accepted_means_signed_out() {
    let serialization = r#"{"statusCode":500,"code":"FST_ERR_FAILED_ERROR_SERIALIZATION",
        "error":"Internal Server Error","message":"Failed to serialize an error."}"#;
    let bearer = r#"{"reason":"Invalid token format, expected 'Bearer <token>'"}"#;
    let json = r#"{"reason":"Unauthorized"}"#;
    expect(&[
        (Platform, Method::GET, 401, json, Class::SignedOut),
        (Platform, Method::GET, 401, NGINX_401, Class::SignedOut),
        (Platform, Method::GET, 500, serialization, Class::SignedOut),
        (Platform, Method::POST, 500, bearer, Class::SignedOut),
        (Instance, Method::GET, 401, json, Class::SignedOut),
        (Instance, Method::GET, 401, "", Class::SignedOut),
    ]);
}

#[test]
fn the_wall_in_front_of_a_young_service_passes() {
    expect(&[
        (Collection, Method::GET, 401, NGINX_401, Class::Transient),
        (Instance, Method::DELETE, 401, NGINX_401, Class::Transient),
    ]);
}

#[test]
fn a_plan_limits_money_and_the_making_of_instances() {
    let limit = r#"{"reason":"Plan limit reached"}"#;
    expect(&[
        (Platform, Method::PUT, 402, limit, Class::Limit),
        (Collection, Method::POST, 403, limit, Class::Limit),
        (Collection, Method::GET, 403, limit, Class::Refused),
        (Instance, Method::POST, 403, limit, Class::Refused),
        (Platform, Method::POST, 403, limit, Class::Refused),
    ]);
}

#[test]
fn a_taken_name_is_known_by_status_or_text() {
    let taken = r#"{"reason":"Name is already taken"}"#;
    let exists = r#"{"message":"Instance already exists"}"#;
    expect(&[
        (Collection, Method::POST, 409, "", Class::Conflict),
        (Collection, Method::POST, 400, taken, Class::Conflict),
        (Collection, Method::POST, 403, taken, Class::Conflict),
        (Collection, Method::POST, 500, taken, Class::Conflict),
        (Collection, Method::POST, 422, exists, Class::Conflict),
    ]);
}

#[test]
fn only_the_service_itself_says_that_an_instance_is_absent() {
    let reason = r#"{"reason":"No such instance"}"#;
    expect(&[
        (Instance, Method::GET, 404, reason, Class::Absent),
        (Instance, Method::DELETE, 404, reason, Class::Absent),
        (Platform, Method::GET, 404, reason, Class::Absent),
        (Collection, Method::GET, 404, reason, Class::Unexpected),
        (Collection, Method::POST, 404, reason, Class::Refused),
        (Instance, Method::GET, 404, r#""Not found""#, Class::Absent),
        (
            Instance,
            Method::GET,
            404,
            "Instance not found",
            Class::Absent,
        ),
        (Instance, Method::GET, 404, NGINX_404, Class::Transient),
        (Instance, Method::GET, 404, "", Class::Transient),
        (
            Instance,
            Method::GET,
            404,
            "default backend - 404",
            Class::Transient,
        ),
        (
            Instance,
            Method::GET,
            404,
            "404 page not found\n",
            Class::Transient,
        ),
        (Instance, Method::GET, 404, NO_ROUTE, Class::Transient),
        (
            Instance,
            Method::GET,
            404,
            r#"{"message":"gone"}"#,
            Class::Unexpected,
        ),
        (Instance, Method::GET, 404, "[]", Class::Unexpected),
        (Instance, Method::GET, 404, "a\nb", Class::Unexpected),
    ]);
}

#[test]
fn a_missing_route_means_that_the_service_cannot_do_it() {
    for method in [Method::PATCH, Method::PUT, Method::POST, Method::DELETE] {
        expect(&[
            (Instance, method.clone(), 404, NO_ROUTE, Class::Unsupported),
            (Instance, method.clone(), 405, "", Class::Unsupported),
            (Instance, method, 501, NGINX_502, Class::Unsupported),
        ]);
    }
}

#[test]
fn what_passes_is_transient() {
    let deadline = r#"{"reason":"failed calling webhook: context deadline exceeded"}"#;
    let unavailable = r#"{"reason":"ORCHESTRATOR_UNAVAILABLE"}"#;
    let auth = r#"{"code":"ORCHESTRATOR_AUTH_TRANSIENT","message":"later"}"#;
    for status in [408, 429, 502, 503, 504] {
        expect(&[(Instance, Method::GET, status, NGINX_502, Class::Transient)]);
        expect(&[(Instance, Method::GET, status, "{}", Class::Transient)]);
    }
    expect(&[
        (Collection, Method::POST, 500, deadline, Class::Transient),
        (Collection, Method::GET, 500, NGINX_502, Class::Transient),
        (Collection, Method::GET, 500, unavailable, Class::Transient),
        (Collection, Method::GET, 403, auth, Class::Transient),
    ]);
}

#[test]
fn other_failures_are_refusals_or_unexpected() {
    let invalid = r#"{"statusCode":400,"error":"Bad Request","message":"body must have name"}"#;
    expect(&[
        (Collection, Method::POST, 400, invalid, Class::Refused),
        (Instance, Method::PATCH, 422, invalid, Class::Refused),
        (
            Instance,
            Method::GET,
            500,
            r#"{"reason":"oops"}"#,
            Class::Unexpected,
        ),
        (Instance, Method::GET, 507, "", Class::Unexpected),
        (Instance, Method::GET, 302, "", Class::Unexpected),
    ]);
}

#[test]
fn a_success_with_a_reason_and_no_result_is_a_refusal() {
    let reason = r#"{"reason":"Not enough tokens"}"#;
    expect(&[
        (Collection, Method::POST, 200, reason, Class::Refused),
        (Platform, Method::POST, 200, NGINX_404, Class::Unexpected),
        // What was only asked is asked again.
        (Platform, Method::GET, 200, NGINX_404, Class::Transient),
        (Instance, Method::GET, 200, reason, Class::Transient),
        (
            Collection,
            Method::GET,
            200,
            "[{\"name\":",
            Class::Transient,
        ),
    ]);
    let document = r#"{"name":"a","reason":"an option of that name"}"#;
    assert_eq!(class(Collection, &Method::POST, 200, document), None);
    assert_eq!(class(Collection, &Method::POST, 201, document), None);
    assert_eq!(class(Instance, &Method::DELETE, 204, ""), None);
}

use super::*;

async fn used(service: &str, status: u16, body: &str) -> (Verdict, Vec<String>) {
    let body = body.to_owned();
    let far = answering(move |_| reply(status, &body));
    looked(service, Level::Usable, None, far).await
}

#[tokio::test(start_paused = true)]
async fn each_service_is_asked_what_shows_that_it_works() {
    for (service, path, status, body) in [
        ("minio-minio", "/minio/health/ready", 200, ""),
        ("clickhouse-clickhouse", "/ping", 200, "Ok.\n"),
        (
            "apache-couchdb",
            "/_up",
            200,
            r#"{"status":"ok","seeds":{}}"#,
        ),
        ("apache-couchdb", "/_up", 401, r#"{"error":"unauthorized"}"#),
        (
            "eyevinn-app-config-svc",
            "/api/v1/config/osc-apply.no-such-key",
            404,
            r#"{"reason":"Not found"}"#,
        ),
        ("encore", "/actuator/health", 200, r#"{"status":"UP"}"#),
    ] {
        let (verdict, asked) = used(service, status, body).await;
        assert_eq!(verdict, Verdict::Passed, "{service}");
        let line = format!("GET https://acme-a.x.auto.prod-se.osaas.io{path}");
        assert_eq!(asked, [line]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_answers_and_does_not_work_yet_is_not_usable() {
    let no_route = r#"{"message":"Route GET:/api/v1/config/x not found","statusCode":404}"#;
    let welcome = "<html><title>Welcome</title></html>";
    for (service, status, body, words) in [
        ("minio-minio", 503, "", "answers 503 and nothing else"),
        (
            "minio-minio",
            404,
            "<?xml version='1.0'?><Error/>",
            "404 and XML",
        ),
        ("clickhouse-clickhouse", 200, welcome, "200 and a web page"),
        ("apache-couchdb", 200, "{}", "200 and JSON"),
        (
            "apache-couchdb",
            404,
            r#"{"status":"nolb"}"#,
            "404 and JSON",
        ),
        ("eyevinn-app-config-svc", 404, no_route, "404 and JSON"),
        (
            "eyevinn-app-config-svc",
            500,
            r#"{"reason":"redis"}"#,
            "500",
        ),
        ("encore", 503, r#"{"status":"DOWN"}"#, "503 and JSON"),
        ("encore", 200, "UP", "200 and text"),
    ] {
        let shown = wrong(used(service, status, body).await.0);
        assert!(shown.contains(words), "{service}: {shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_auth_wall_does_not_pass_for_a_database_that_asks_for_a_password() {
    let page = nginx("401 Authorization Required");
    let words = wrong(used("apache-couchdb", 401, &page).await.0);
    assert!(words.contains("access rules"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn an_older_minio_says_in_a_header_that_it_is_not_ready() {
    let far = answering(|_| {
        let mut answer = reply(200, "")?;
        let value = http::HeaderValue::from_static("offline");
        answer.headers_mut().insert("x-minio-server-status", value);
        Ok(answer)
    });
    wrong(looked("minio-minio", Level::Usable, None, far).await.0);
}

#[tokio::test(start_paused = true)]
async fn of_a_service_nothing_is_known_about_reachable_is_asked() {
    let (verdict, asked) = used("a-a", 500, "").await;
    assert_eq!(verdict, Verdict::Passed);
    assert_eq!(asked, ["GET https://acme-a.x.auto.prod-se.osaas.io/"]);
}

use serde_json::Value;

use super::answer::Answer;
use super::talk::Protocol;
use super::{mysql, postgres, redis};

/// What is asked to see that a service works.
pub(super) enum Known {
    /// Over HTTP.
    Http(&'static Question),
    /// Over a bare connection.
    Talk(&'static Protocol),
}

/// A question over HTTP and which answers show that the service works.
pub(super) struct Question {
    /// Below the instance's URL.
    pub(super) path: &'static str,
    pub(super) shows_that_it_works: fn(&Answer) -> bool,
}

/// Whether osc-apply knows by itself what `usable` means for a service.
pub fn is_known(service: &str) -> bool {
    known(service).is_some()
}

/// The question for a service.
pub(super) fn known(service: &str) -> Option<Known> {
    Some(match service {
        "minio-minio" => Known::Http(&MINIO),
        "clickhouse-clickhouse" => Known::Http(&CLICKHOUSE),
        "apache-couchdb" => Known::Http(&COUCHDB),
        "eyevinn-app-config-svc" => Known::Http(&APP_CONFIG),
        "encore" => Known::Http(&ENCORE),
        "valkey-io-valkey" => Known::Talk(&redis::REDIS),
        "birme-osc-postgresql" => Known::Talk(&postgres::POSTGRES),
        "linuxserver-docker-mariadb" => Known::Talk(&mysql::MYSQL),
        _ => return None,
    })
}

/// 503 until its storage is there; older releases say 200 and `offline` in a header instead.
const MINIO: Question = Question {
    path: "/minio/health/ready",
    shows_that_it_works: |answer| {
        let status = answer.header("x-minio-server-status");
        answer.status == 200 && status != Some("offline")
    },
};

const CLICKHOUSE: Question = Question {
    path: "/ping",
    shows_that_it_works: |answer| answer.status == 200 && answer.text().trim() == "Ok.",
};

/// Without a password it may say 401, which only a working one does.
const COUCHDB: Question = Question {
    path: "/_up",
    shows_that_it_works: |answer| match answer.json() {
        Some(json) if answer.status == 200 => json["status"] == "ok",
        Some(json) => answer.status == 401 && json["error"].is_string(),
        None => false,
    },
};

/// A key that nobody has: looked up in its database and answered with `reason`, while the
/// framework alone says `Route … not found` in `message` (API notes 9).
const APP_CONFIG: Question = Question {
    path: "/api/v1/config/osc-apply.no-such-key",
    shows_that_it_works: |answer| {
        let reason = answer.json().is_some_and(|json| json["reason"].is_string());
        answer.status == 200 || (answer.status == 404 && reason)
    },
};

/// Spring's own summary of its parts, Redis among them.
const ENCORE: Question = Question {
    path: "/actuator/health",
    shows_that_it_works: |answer| {
        answer.status == 200
            && answer
                .json()
                .is_some_and(|json: Value| json["status"] == "UP")
    },
};

use super::{imported, reached, subject};
use crate::osc::Suspended;

#[test]
fn a_stack_is_written_with_its_references_and_secrets() {
    let url = "https://acme-vod.minio-minio.auto.prod.osaas.io";
    let imported = imported(&[
        subject(
            "encore",
            "vod",
            &[
                ("s3AccessKeyId", "minioadmin"),
                ("s3SecretAccessKey", "Pa55wordPa55word"),
                ("s3Endpoint", url),
            ],
        ),
        reached(
            subject(
                "minio-minio",
                "vod",
                &[
                    ("RootUser", "minioadmin"),
                    ("RootPassword", "Pa55wordPa55word"),
                ],
            ),
            url,
            &[],
        ),
        reached(
            subject(
                "valkey-io-valkey",
                "queue",
                &[("Password", "an0therPassword")],
            ),
            "https://acme-queue.valkey-io-valkey.auto.prod.osaas.io",
            &[("203.0.113.9", 10507)],
        ),
        subject(
            "eyevinn-encore-callback-listener",
            "callback",
            &[(
                "RedisUrl",
                "redis://default:an0therPassword@203.0.113.9:10507/0",
            )],
        ),
    ]);
    insta::assert_snapshot!(imported.text, @"");
}

#[test]
fn two_instances_that_know_each_other_refer_in_one_direction_only() {
    let known = |name: &str, other: &str| {
        let address = format!("https://{other}.example/x");
        let own = format!("https://{name}.example");
        let options = [
            ("AllowEmbedOrigins", address.as_str()),
            ("DashboardUrls", own.as_str()),
        ];
        let of = subject("grafana-grafana", name, &options);
        reached(of, &own, &[])
    };
    let imported = imported(&[known("a", "b"), known("b", "a")]);
    insta::assert_snapshot!(imported.text, @"");
}

#[test]
fn a_suspended_instance_stays_as_it_is() {
    let mut one = subject("valkey-io-valkey", "queue", &[]);
    one.suspended = Some(Suspended {
        service: "valkey-io-valkey".to_owned(),
        name: "queue".to_owned(),
        since: Some("2026-11-01T10:00:00Z".to_owned()),
        reason: Some("idle".to_owned()),
        options: Default::default(),
    });
    insta::assert_snapshot!(imported(&[one]).text, @"");
}

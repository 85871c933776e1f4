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
    insta::assert_snapshot!(imported.text, @r"
    # What `osc-apply import` found in the workspace acme. To go on:
    #   1. Set the environment variables under `secrets:` to what the instances have now, or say where
    #      else it comes from.
    #   2. Check it:
    #      osc-apply validate
    #   3. Make the instances this stack's:
    #      osc-apply adopt instances.encore_vod instances.callback instances.minio_vod instances.queue
    #   4. See that nothing is left to do:
    #      osc-apply plan
    version: 1
    stack: imported
    workspace: acme

    secrets:
      # the RootPassword that minio-minio vod has now; also the s3SecretAccessKey of encore vod
      minio_vod_rootpassword:
        env: MINIO_VOD_ROOTPASSWORD
      # the Password that valkey-io-valkey queue has now
      queue_password:
        env: QUEUE_PASSWORD
      # the s3AccessKeyId that encore vod has now
      encore_vod_s3accesskeyid:
        env: ENCORE_VOD_S3ACCESSKEYID
      # the RedisUrl of eyevinn-encore-callback-listener callback
      callback_redisurl:
        value: redis://default:${secrets.queue_password}@${instances.queue.address}/0

    instances:
      encore_vod:
        service: encore
        name: vod
        options:
          s3AccessKeyId: ${secrets.encore_vod_s3accesskeyid}
          s3SecretAccessKey: ${secrets.minio_vod_rootpassword}
          s3Endpoint: ${instances.minio_vod.url}

      callback:
        service: eyevinn-encore-callback-listener
        # EncoreUrl is left out: it is mandatory, and the service does not show its value: add it
        options:
          RedisUrl: ${secrets.callback_redisurl}

      minio_vod:
        service: minio-minio
        name: vod
        options:
          RootUser: ${secrets.encore_vod_s3accesskeyid}
          RootPassword: ${secrets.minio_vod_rootpassword}

      queue:
        service: valkey-io-valkey
        options:
          Password: ${secrets.queue_password}
    ");
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
    insta::assert_snapshot!(imported.text, @r"
    # What `osc-apply import` found in the workspace acme. To go on:
    #   1. Check it:
    #      osc-apply validate
    #   2. Make the instances this stack's:
    #      osc-apply adopt instances.a instances.b
    #   3. See that nothing is left to do:
    #      osc-apply plan
    version: 1
    stack: imported
    workspace: acme

    instances:
      a:
        service: grafana-grafana
        options:
          AllowEmbedOrigins: ${instances.b.url}/x
          DashboardUrls: https://a.example

      b:
        service: grafana-grafana
        options:
          # holds `instances.a.url`; referring to it would be a cycle, since a needs this instance
          AllowEmbedOrigins: https://a.example/x
          DashboardUrls: https://b.example
    ");
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
    insta::assert_snapshot!(imported(&[one]).text, @r"
    # What `osc-apply import` found in the workspace acme. To go on:
    #   1. Check it:
    #      osc-apply validate
    #   2. Make the instances this stack's:
    #      osc-apply adopt instances.queue
    #   3. See that nothing is left to do:
    #      osc-apply plan
    version: 1
    stack: imported
    workspace: acme

    instances:
      # suspended since 2026-11-01T10:00:00Z (idle); an apply without `suspended: leave` resumes it
      queue:
        service: valkey-io-valkey
        suspended: leave
    ");
}

#[test]
fn a_password_that_is_a_part_of_an_url_hides_no_reference() {
    let url = "https://acme-files.minio-minio.example";
    let files = [("RootUser", "admin"), ("RootPassword", "Aminio-minio1")];
    let files = reached(subject("minio-minio", "files", &files), url, &[]);
    let weak = subject("valkey-io-valkey", "queue", &[("Password", "minio")]);
    let site = subject("grafana-grafana", "site", &[("DashboardUrls", url)]);
    let text = imported(&[files, weak, site]).text;
    assert!(
        text.contains("DashboardUrls: ${instances.files.url}\n"),
        "{text}"
    );
}

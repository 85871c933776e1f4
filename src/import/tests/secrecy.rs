use super::super::{Heading, Omitted, manifest};
use super::{imported, subject};
use crate::model::OptionValue;
use crate::osc::Suspended;

const HEADING: Heading<'_> = Heading {
    stack: "imported",
    workspace: "acme",
    environment: Some("stage"),
    file: Some("all.yaml"),
};

#[test]
fn what_the_platform_says_is_shown_without_secrets_and_stays_a_comment() {
    let queue = subject("valkey-io-valkey", "a", &[("Password", "c4n4ryPassword")]);
    let mut idle = subject("valkey-io-valkey", "b", &[]);
    idle.suspended = Some(Suspended {
        service: "valkey-io-valkey".to_owned(),
        name: "b".to_owned(),
        since: None,
        reason: Some("like c4n4ryPassword\nstack: hostile".to_owned()),
        options: Default::default(),
    });
    let omitted = Omitted {
        what: "minio-minio".to_owned(),
        why: "it said c4n4ryPassword and\ninstances: {}".to_owned(),
    };
    let imported = manifest(HEADING, vec![queue, idle], &[], vec![omitted]);
    assert!(
        !format!("{imported:?}").contains("c4n4ry"),
        "{}",
        imported.text
    );
    assert_eq!(
        imported.text.matches("(sensitive)").count(),
        2,
        "{}",
        imported.text
    );
    for hostile in ["\nstack: hostile", "\ninstances: {}"] {
        assert!(!imported.text.contains(hostile), "{}", imported.text);
    }
}

#[test]
fn the_password_of_an_instance_that_is_not_imported_is_a_secret_all_the_same() {
    let site = subject(
        "grafana-grafana",
        "site",
        &[("AllowEmbedOrigins", "https://x.example/?k=c4n4ryPassword")],
    );
    let other = OptionValue::new("c4n4ryPassword".to_owned(), true);
    let imported = manifest(HEADING, vec![site], &[&other], Vec::new());
    assert!(!imported.text.contains("c4n4ry"), "{}", imported.text);
    assert_eq!(imported.variables, ["SITE_ALLOWEMBEDORIGINS"]);
}

#[test]
fn a_mandatory_secret_that_is_not_shown_is_asked_for() {
    let database = subject("linuxserver-docker-mariadb", "db", &[]);
    let text = imported(&[database]).text;
    assert!(
        text.contains(
            "  # the RootPassword of linuxserver-docker-mariadb db, which its service does not \
             show\n  db_rootpassword:\n    env: DB_ROOTPASSWORD\n"
        ),
        "{text}"
    );
    assert!(
        text.contains("RootPassword: ${secrets.db_rootpassword}\n"),
        "{text}"
    );
}

#[test]
fn what_no_manifest_can_declare_is_named() {
    let odd = subject(
        "valkey-io-valkey",
        "Odd_One",
        &[("Password", "c4n4ryPassword")],
    );
    let holds = [("AllowEmbedOrigins", "c4n4ryPassword")];
    let good = subject("grafana-grafana", "good", &holds);
    let imported = manifest(HEADING, vec![odd, good], &[], Vec::new());
    assert_eq!(imported.omitted[0].what, "valkey-io-valkey/Odd_One");
    assert_eq!(imported.addresses, ["instances.good"]);
    assert!(!imported.text.contains("c4n4ry"), "{}", imported.text);
}

#[test]
fn a_value_that_the_catalog_does_not_allow_is_named_and_not_repeated() {
    let files = subject(
        "minio-minio",
        "files",
        &[("RootUser", "admin"), ("RootPassword", "c4n4ry")],
    );
    let text = imported(&[files]).text;
    let named = "# RootPassword is left out: it has a value that the catalog does not allow\n";
    assert!(text.contains(named) && !text.contains("c4n4ry"), "{text}");
}

#[test]
fn commands_name_the_file_and_the_environment_is_declared() {
    let queue = subject("valkey-io-valkey", "queue", &[]);
    let text = manifest(HEADING, vec![queue], &[], Vec::new()).text;
    for line in [
        "#      osc-apply validate -f all.yaml\n",
        "#      osc-apply adopt -f all.yaml instances.queue\n",
        "#      osc-apply plan -f all.yaml\n",
        "\nenvironment: stage\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

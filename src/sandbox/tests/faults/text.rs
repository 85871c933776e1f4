use crate::sandbox::{Fault, FaultError};

fn error(text: &str) -> FaultError {
    text.parse::<Fault>().expect_err(text)
}

#[test]
fn a_name_a_setting_and_a_target_that_are_not_known_come_with_those_that_are() {
    let found = error("create504");
    assert_eq!(found.to_string(), "there is no fault `create504`");
    assert!(found.known.contains(&"create-504"));
    let found = error("limit:cuont=1");
    assert_eq!(found.to_string(), "there is no setting of limit `cuont`");
    assert_eq!(
        found.known,
        ["target", "count", "after", "probability", "seed"]
    );
    let found = error("limit:target=valkey");
    assert_eq!(found.to_string(), "there is no role or service `valkey`");
    assert!(found.known.contains(&"catalog") && found.known.contains(&"valkey-io-valkey"));
}

#[test]
fn a_setting_belongs_to_the_faults_it_means_something_for() {
    assert!("rate-limit:retry-after=1".parse::<Fault>().is_ok());
    assert_eq!(
        error("limit:retry-after=1").unknown.as_deref(),
        Some("retry-after")
    );
    assert_eq!(error("limit:for=1s").unknown.as_deref(), Some("for"));
    assert_eq!(error("limit:status=400").unknown.as_deref(), Some("status"));
}

#[test]
fn a_value_that_does_not_fit_is_told_with_what_would() {
    for (text, told) in [
        ("limit:count=-1", "`count` takes a whole number, not `-1`"),
        (
            "limit:probability=1.5",
            "`probability` takes a number from 0 to 1, not `1.5`",
        ),
        (
            "limit:probability=NaN",
            "`probability` takes a number from 0 to 1, not `NaN`",
        ),
        (
            "slow:for=soon",
            "`for` takes a time such as 90s, not `soon`",
        ),
        (
            "name-taken:status=200",
            "`status` takes 409, 400 or 500, not `200`",
        ),
        (
            "limit:target=valkey-io-valkey/",
            "`target` takes a service and a name, not `valkey-io-valkey/`",
        ),
        ("limit:count", "`limit` takes KEY=VALUE, not `count`"),
    ] {
        assert_eq!(error(text).to_string(), told);
    }
}

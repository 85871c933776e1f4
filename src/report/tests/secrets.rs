//! A secret appears in nothing that is written, whatever form it takes there.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::builder::{
    CANARY, With, at, change, coloured, ended, failure, plain, plan_of, printed, secret, shown,
    sources, step, text, told,
};
use crate::apply::{Event, EventKind, Fate};
use crate::plan::{Action, After, FieldChange, OutputValue, Plan};
use crate::report::{self, Progress, json};

fn forms() -> [String; 4] {
    [
        CANARY.to_owned(),
        STANDARD.encode(CANARY),
        serde_json::to_string(CANARY)
            .unwrap()
            .trim_matches('"')
            .to_owned(),
        CANARY.replace(' ', "%20").replace('"', "%22"),
    ]
}

fn assert_free(what: &str) {
    for form in forms() {
        assert!(!what.contains(&form), "{form} in {what}");
    }
}

/// Every way in which a change can hold a secret on one of its sides.
fn changes() -> Vec<FieldChange> {
    let canary = || secret(CANARY);
    let plain = || shown(CANARY);
    vec![
        change("A", None, After::Value(canary())),
        change("B", Some(canary()), After::Unset),
        change("C", Some(canary()), After::Value(canary())),
        change("D", Some(plain()), After::Value(secret("x"))),
        change("E", Some(secret("x")), After::Value(plain())),
        change("F", Some(plain()), After::Unknown { sensitive: true }),
        change(
            "G",
            Some(secret(&format!("a\n{CANARY}\n"))),
            After::Value(canary()),
        ),
        change(
            "H",
            Some(secret(&format!("[{CANARY:?}]"))),
            After::Value(secret("[1]")),
        ),
    ]
}

fn plan() -> Plan {
    let actions = [
        Action::Create,
        Action::Resume,
        Action::Update,
        Action::Replace,
    ];
    let steps = actions.map(|action| step("site", action).fields(changes()));
    plan_of(steps.into())
}

#[test]
fn no_plan_shows_a_secret_of_either_side() {
    for look in [plain(30), plain(200), coloured(80)] {
        assert_free(&printed(&plan(), look));
    }
    let mut out = Vec::new();
    json::plan(&mut out, &plan(), &sources()).unwrap();
    assert_free(&text(out));
}

#[test]
fn no_output_shows_a_secret_unless_asked_for_by_name() {
    let outputs = [("password".to_owned(), OutputValue::Known(secret(CANARY)))];
    let mut out = Vec::new();
    report::outputs(&mut out, &outputs, plain(80)).unwrap();
    json::outputs(&mut out, &outputs).unwrap();
    assert_free(&text(out));
}

#[test]
fn debug_of_what_a_plan_holds_shows_no_secret() {
    let change = change("A", Some(secret(CANARY)), After::Value(secret(CANARY)));
    let output = OutputValue::Known(secret(CANARY));
    assert_free(&format!("{change:?} {output:?}"));
}

#[test]
fn outcomes_and_events_carry_no_values() {
    let (mut made, outcome) = ended(vec![(
        step("site", Action::Update),
        Fate::Failed(failure("refused")),
    )]);
    made.steps = plan().steps;
    let mut out = Vec::new();
    json::outcome(&mut out, &made, &outcome).unwrap();
    assert_free(&text(out));
    let run = (made, outcome);
    assert_free(&told(&run, plain(80)));
    let address = run.0.steps[0].address.clone();
    let event = Event {
        at: at(1),
        address,
        kind: EventKind::Started(Action::Update),
    };
    Progress::quiet().take(&event);
    assert_free(&format!("{event:?}"));
}

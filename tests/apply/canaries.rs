//! No value of a secret in anything that is said of a run, whatever the platform answers.

use std::collections::BTreeSet;

use osc_apply::report::{self, Look, json};
use secrecy::ExposeSecret;

use crate::rig::{Rig, Run, Seen, Then};
use crate::search::Secret;
use crate::secrets::PIPELINE;

const LOOK: Look = Look {
    color: false,
    width: 200,
};

/// Everything that is said of a run, for people and for programs.
fn said(rig: &Rig, run: &Run) -> String {
    let mut out = Vec::new();
    let sources = &rig.stack(PIPELINE).sources;
    report::plan(&mut out, &run.plan, sources, LOOK).unwrap();
    json::plan(&mut out, &run.plan, sources).unwrap();
    report::outcome(&mut out, &run.plan, &run.outcome, LOOK).unwrap();
    json::outcome(&mut out, &run.plan, &run.outcome).unwrap();
    for event in &run.events {
        json::event(&mut out, event).unwrap();
    }
    let outcome = &run.outcome;
    format!(
        "{}{:?}{:?}{:?}{:?}{}",
        String::from_utf8(out).unwrap(),
        run.events,
        outcome.results,
        outcome.barred,
        outcome.warnings,
        crate::rig::rendered(&run.plan)
    )
}

/// The values that travelled: those of service secrets, and those in the vault with its key.
fn travelled(seen: &[Seen]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for seen in seen {
        let Ok(body) = serde_json::from_str::<serde_json::Value>(&seen.body) else {
            continue;
        };
        if seen.line.contains("/mysecrets/") {
            let batch = body["secrets"].as_array().cloned().unwrap_or_default();
            let alone = std::iter::once(&body);
            let values = batch.iter().chain(alone).map(|it| &it["secretData"]);
            all.extend(values.filter_map(|it| it.as_str().map(str::to_owned)));
        }
        if seen.line == "PUT deploy /mytenantsecrets/user.oscapply.test" {
            let text = body["value"].as_str().unwrap();
            let document: serde_json::Value = serde_json::from_str(text).unwrap();
            let values = document["values"].as_object().unwrap().values();
            all.extend(values.map(|it| it.as_str().unwrap().to_owned()));
            all.insert(document["key"].as_str().unwrap().to_owned());
        }
    }
    all
}

fn assert_unsaid(rig: &Rig, run: &Run, values: &BTreeSet<String>, at: &str) {
    let said = said(rig, run);
    for value in values {
        let secret = match value.contains("://") {
            true => Secret::whole(value, value),
            false => Secret::new(value, value),
        };
        assert_eq!(secret.found_in(&said), None, "{at}\n{said}");
    }
}

fn rig() -> Rig {
    let mut rig = Rig::new();
    rig.give("key", "first-canary-\"key\"&+/ ö");
    rig
}

/// A first apply, another value, new ones, and the end; each with the fault.
async fn live_through(line: &str, then: &Then) -> usize {
    let mut rig = rig();
    let mut values = BTreeSet::from(["first-canary-\"key\"&+/ ö".to_owned()]);
    let mut counted = 0;
    for stage in ["make", "change", "rotate", "destroy"] {
        if stage == "change" {
            rig.give("key", "second-canary-\"key\"&+/ ö");
            values.insert("second-canary-\"key\"&+/ ö".to_owned());
        }
        rig.platform.always(line, then.clone());
        let run = match stage {
            "rotate" => {
                rig.rotate(PIPELINE, &["cache_password", "storage_password"])
                    .await
            }
            "destroy" => rig.destroy(PIPELINE).await,
            _ => rig.apply(PIPELINE).await,
        };
        let seen = rig.platform.take_seen();
        counted += seen.iter().filter(|seen| seen.line.contains(line)).count();
        values.extend(travelled(&seen));
        assert_unsaid(&rig, &run, &values, &format!("{stage}, {line}"));
        rig.platform.behave();
        let next = match stage {
            "destroy" => rig.destroy(PIPELINE).await,
            _ => rig.apply(PIPELINE).await,
        };
        values.extend(travelled(&rig.platform.take_seen()));
        assert_unsaid(&rig, &next, &values, &format!("after {stage}, {line}"));
    }
    assert!(values.len() >= 6, "{}", values.len());
    counted
}

#[tokio::test(start_paused = true)]
async fn no_answer_that_quotes_a_request_brings_a_value_to_light() {
    for line in [
        "PUT deploy /mysecrets",
        "DELETE deploy /mysecrets",
        "PUT deploy /mytenantsecrets",
        "DELETE deploy /mytenantsecrets",
        "PUT deploy /resourcetags",
        "/restart/",
        "/health/",
        "PUT ",
        "POST ",
        "DELETE ",
    ] {
        for status in [400, 403, 500] {
            let asked = live_through(line, &Then::Echo(status)).await;
            assert!(asked > 0, "nobody asked {line}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_bug_brings_a_value_to_light() {
    for line in [
        "PUT deploy /mysecrets",
        "POST valkey-io-valkey /valkeyinstance",
        "/restart/",
    ] {
        let asked = live_through(line, &Then::Panic).await;
        assert!(asked > 0, "nobody asked {line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_kept_value_that_an_answer_quotes_is_not_said() {
    // Reading the vault is refused with what is in it.
    let rig = rig();
    rig.up(PIPELINE).await;
    let kept = rig.platform.tenant_secret("user.oscapply.test").unwrap();
    let vault = osc_apply::vault::Vault::parse(&kept.clone().into()).unwrap();
    let values: BTreeSet<String> = vault
        .names()
        .map(|name| vault.value(name).unwrap().expose_secret().to_owned())
        .collect();
    for body in [
        kept.clone(),
        serde_json::json!({ "reason": format!("cannot decrypt {kept}") }).to_string(),
        serde_json::json!({ "key": "user.oscapply.test", "value": format!("{kept}x") }).to_string(),
    ] {
        for status in [200, 404, 500] {
            let line = "GET deploy /mytenantsecrets/user.oscapply.test";
            rig.platform.always(line, Then::json(status, &body));
            let trouble = rig.vault_trouble(PIPELINE).await;
            let plan = rig.plan(PIPELINE).await;
            let run = rig.apply_plan(plan).await;
            rig.platform.behave();
            let said = format!("{trouble:?}{}", said(&rig, &run));
            for value in &values {
                let found = Secret::new("value", value).found_in(&said).is_some();
                assert!(!found, "{status} {body}\n{said}");
            }
        }
    }
}

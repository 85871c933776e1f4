use super::builder::{
    With, at, between, change, destroy_of, ended, failure, new, plan_of, secret, shortfall, shown,
    sources, step, subscribe, text,
};
use crate::apply::{Event, EventKind, Failure, Fate, Waiting};
use crate::model::{Address, Diagnostic, Diagnostics, Level, Span};
use crate::plan::{Action, After, Hold, OutputValue};
use crate::report::{StatusRow, json};

/// One document, checked to be one line, with a line for each of its values.
fn pretty(line: &[u8]) -> String {
    let line = std::str::from_utf8(line).unwrap();
    assert_eq!(line.matches('\n').count(), 1);
    assert!(line.ends_with('\n'));
    let value: serde_json::Value = serde_json::from_str(line).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

#[test]
fn a_plan_is_a_versioned_document() {
    let mut plan = plan_of(vec![
        subscribe(&["encore"]),
        step("database", Action::Create).on_line(12).fields(vec![
            new("Database", "wordpress"),
            change("RootPassword", None, After::Value(secret("x"))),
            change("Host", None, After::Unknown { sensitive: false }),
        ]),
        step("site", Action::Update)
            .equal(3)
            .unmanaged(&["DbName"])
            .fields(vec![
                between("DbHost", "a", "b"),
                change("DbTablePrefix", Some(shown("wp_")), After::Unset),
            ]),
        step("storage", Action::Replace)
            .loses_data()
            .held(Hold::LosesData),
        step("shop", Action::Create).held(Hold::Needs(Address::instance("storage"))),
    ]);
    plan.steps[2].needs.push(Address::instance("database"));
    plan.tenant_plan = Some("PRO".to_owned());
    let mut out = Vec::new();
    json::plan(&mut out, &plan, &sources()).unwrap();
    insta::assert_snapshot!(pretty(&out), @r#"
    {
      "format": "osc-apply/plan",
      "version": 1,
      "purpose": "apply",
      "stack": "wordpress",
      "workspace": "acme",
      "environment": "prod",
      "tenant_plan": "PRO",
      "has_changes": true,
      "summary": {
        "subscribe": 1,
        "create": 1,
        "resume": 0,
        "update": 1,
        "restart": 0,
        "replace": 0,
        "delete": 0,
        "adopt": 0,
        "mark": 0,
        "unmark": 0,
        "unchanged": 0,
        "held_back": 2,
        "unreadable": 0,
        "data_lost": 0
      },
      "steps": [
        {
          "address": "subscriptions",
          "action": "subscribe",
          "runs": true,
          "held_back": null,
          "services": [
            "encore"
          ],
          "needs": [],
          "reason": "the workspace does not use a service of this stack yet; free",
          "restarts": false,
          "loses_data": false,
          "options": [],
          "unchanged_options": 0,
          "unmanaged_options": [],
          "place": null
        },
        {
          "address": "instances.database",
          "action": "create",
          "runs": true,
          "held_back": null,
          "service": "linuxserver-docker-mariadb",
          "name": "myblog",
          "needs": [],
          "reason": "absent from the workspace",
          "restarts": false,
          "loses_data": false,
          "options": [
            {
              "option": "Database",
              "before": null,
              "after": {
                "value": "wordpress"
              }
            },
            {
              "option": "RootPassword",
              "before": null,
              "after": {
                "sensitive": true
              }
            },
            {
              "option": "Host",
              "before": null,
              "after": {
                "known_after_apply": true
              }
            }
          ],
          "unchanged_options": 0,
          "unmanaged_options": [],
          "place": {
            "file": "osc.yaml",
            "line": 12,
            "column": 1,
            "end_line": 12,
            "end_column": 2
          }
        },
        {
          "address": "instances.site",
          "action": "update",
          "runs": true,
          "held_back": null,
          "service": "wordpress-wordpress",
          "name": "myblog",
          "needs": [
            "instances.database"
          ],
          "reason": "`DbHost` differs",
          "restarts": true,
          "loses_data": false,
          "options": [
            {
              "option": "DbHost",
              "before": {
                "value": "a"
              },
              "after": {
                "value": "b"
              }
            },
            {
              "option": "DbTablePrefix",
              "before": {
                "value": "wp_"
              },
              "after": null
            }
          ],
          "unchanged_options": 3,
          "unmanaged_options": [
            "DbName"
          ],
          "place": null
        },
        {
          "address": "instances.storage",
          "action": "replace",
          "runs": false,
          "held_back": {
            "reason": "loses_data",
            "because_of": null
          },
          "service": "minio-minio",
          "name": "myblog",
          "needs": [],
          "reason": "`DbHost` differs",
          "restarts": true,
          "loses_data": true,
          "options": [],
          "unchanged_options": 0,
          "unmanaged_options": [],
          "place": null
        },
        {
          "address": "instances.shop",
          "action": "create",
          "runs": false,
          "held_back": {
            "reason": "needs",
            "because_of": "instances.storage"
          },
          "service": "wordpress-wordpress",
          "name": "myblog",
          "needs": [],
          "reason": "absent from the workspace",
          "restarts": false,
          "loses_data": false,
          "options": [],
          "unchanged_options": 0,
          "unmanaged_options": [],
          "place": null
        }
      ],
      "secrets": {
        "generate": [],
        "remove": [],
        "remove_vault": false
      },
      "notes": [],
      "outputs": []
    }
    "#);
}

#[test]
fn an_empty_destroy_has_all_its_fields() {
    let mut out = Vec::new();
    json::plan(&mut out, &destroy_of(Vec::new()), &sources()).unwrap();
    insta::assert_snapshot!(text(out), @r#"{"format":"osc-apply/plan","version":1,"purpose":"destroy","stack":"wordpress","workspace":"acme","environment":"prod","tenant_plan":null,"has_changes":false,"summary":{"subscribe":0,"create":0,"resume":0,"update":0,"restart":0,"replace":0,"delete":0,"adopt":0,"mark":0,"unmark":0,"unchanged":0,"held_back":0,"unreadable":0,"data_lost":0},"steps":[],"secrets":{"generate":[],"remove":[],"remove_vault":false},"notes":[],"outputs":[]}"#);
}

#[test]
fn events_are_one_line_each() {
    use EventKind::{Accepted, Failed, Finished, Skipped, Started};
    let waiting = |waiting| EventKind::Waiting(waiting);
    let half = Failure {
        deleted_not_recreated: true,
        ..failure("refused")
    };
    let kinds = [
        Started(Action::Replace),
        Accepted(Action::Delete),
        waiting(Waiting::Gone),
        waiting(Waiting::Ports),
        waiting(Waiting::Ready {
            level: Level::Usable,
            reached: Level::Healthy,
            last: Some("starting".to_owned()),
        }),
        EventKind::NotChecked(shortfall()),
        Finished(Fate::Applied),
        Failed(half),
        Skipped(Address::instance("database")),
    ];
    let mut out = Vec::new();
    for (kind, second) in kinds.into_iter().zip(1..) {
        let event = Event {
            at: at(second),
            address: Address::instance("site"),
            kind,
        };
        json::event(&mut out, &event).unwrap();
    }
    insta::assert_snapshot!(text(out), @r#"
    {"format":"osc-apply/event","version":1,"at":1.0,"address":"instances.site","event":"started","action":"replace"}
    {"format":"osc-apply/event","version":1,"at":2.0,"address":"instances.site","event":"accepted","action":"delete"}
    {"format":"osc-apply/event","version":1,"at":3.0,"address":"instances.site","event":"waiting","waiting":{"for":"gone"}}
    {"format":"osc-apply/event","version":1,"at":4.0,"address":"instances.site","event":"waiting","waiting":{"for":"ports"}}
    {"format":"osc-apply/event","version":1,"at":5.0,"address":"instances.site","event":"waiting","waiting":{"for":"ready","level":"usable","reached":"healthy","last":"starting"}}
    {"format":"osc-apply/event","version":1,"at":6.0,"address":"instances.site","event":"not_checked","not_checked":{"reached":"healthy","wanted":"usable","why":"it exposes no port"}}
    {"format":"osc-apply/event","version":1,"at":7.0,"address":"instances.site","event":"finished","fate":"applied"}
    {"format":"osc-apply/event","version":1,"at":8.0,"address":"instances.site","event":"failed","failure":{"message":"refused","hint":null,"class":null,"log":[],"deleted_not_recreated":true}}
    {"format":"osc-apply/event","version":1,"at":9.0,"address":"instances.site","event":"skipped","because_of":"instances.database"}
    "#);
}

#[test]
fn an_outcome_names_what_became_of_every_step() {
    let database = Address::instance("database");
    let (plan, outcome) = ended(vec![
        (
            step("database", Action::Create),
            Fate::Failed(failure("refused")),
        ),
        (step("site", Action::Create), Fate::Skipped(database)),
        (
            step("shop", Action::Update),
            Fate::Stale("somebody changed `A`".to_owned()),
        ),
        (step("docs", Action::Replace), Fate::Held(Hold::Protected)),
        (step("storage", Action::Keep), Fate::Kept),
    ]);
    let mut out = Vec::new();
    json::outcome(&mut out, &plan, &outcome).unwrap();
    insta::assert_snapshot!(pretty(&out), @r#"
    {
      "format": "osc-apply/outcome",
      "version": 1,
      "purpose": "apply",
      "stack": "wordpress",
      "workspace": "acme",
      "environment": "prod",
      "interrupted": false,
      "took": 64.0,
      "results": [
        {
          "address": "instances.database",
          "action": "create",
          "fate": "failed",
          "took": 11.0,
          "failure": {
            "message": "refused",
            "hint": null,
            "class": null,
            "log": [],
            "deleted_not_recreated": false
          }
        },
        {
          "address": "instances.site",
          "action": "create",
          "fate": "skipped",
          "took": 12.0,
          "because_of": "instances.database"
        },
        {
          "address": "instances.shop",
          "action": "update",
          "fate": "stale",
          "took": 13.0,
          "changed": "somebody changed `A`"
        },
        {
          "address": "instances.docs",
          "action": "replace",
          "fate": "held_back",
          "took": 14.0,
          "held_back": {
            "reason": "protected",
            "because_of": null
          }
        },
        {
          "address": "instances.storage",
          "action": "keep",
          "fate": "kept",
          "took": 15.0
        }
      ],
      "outputs": []
    }
    "#);
}

#[test]
fn every_fate_has_a_word_of_its_own() {
    let steps = [
        Fate::Applied,
        Fate::AppliedUnchecked(shortfall()),
        Fate::AlreadySo,
        Fate::Kept,
        Fate::Held(Hold::Unreadable),
        Fate::Failed(failure("x")),
        Fate::NotReady(failure("x")),
        Fate::Stale("x".to_owned()),
        Fate::Skipped(Address::subscriptions()),
        Fate::NotAwaited,
        Fate::NotBegun,
    ];
    let steps = steps
        .into_iter()
        .map(|fate| (step("site", Action::Create), fate));
    let (plan, outcome) = ended(steps.collect());
    let mut out = Vec::new();
    json::outcome(&mut out, &plan, &outcome).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let words: Vec<&str> = value["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["fate"].as_str().unwrap())
        .collect();
    insta::assert_snapshot!(words.join(" "), @r"applied applied_unchecked already_so kept held_back failed not_ready stale skipped not_awaited not_begun");
}

#[test]
fn findings_have_places_and_say_whether_the_manifest_is_valid() {
    let span = Span {
        start: 2,
        end: 3,
        ..Span::default()
    };
    let mut found = Diagnostics::default();
    found.push(
        Diagnostic::error(span, "odd")
            .label("here")
            .related(
                Span {
                    start: 4,
                    end: 5,
                    ..span
                },
                "there",
            )
            .help("mend it"),
    );
    found.push(Diagnostic::error_without_place("no place"));
    let mut out = Vec::new();
    json::findings(&mut out, &found, &sources()).unwrap();
    insta::assert_snapshot!(pretty(&out), @r#"
    {
      "format": "osc-apply/findings",
      "version": 1,
      "valid": false,
      "errors": 2,
      "warnings": 0,
      "findings": [
        {
          "severity": "error",
          "message": "no place",
          "label": null,
          "place": null,
          "related": [],
          "help": null
        },
        {
          "severity": "error",
          "message": "odd",
          "label": "here",
          "place": {
            "file": "osc.yaml",
            "line": 2,
            "column": 1,
            "end_line": 2,
            "end_column": 2
          },
          "related": [
            {
              "label": "there",
              "place": {
                "file": "osc.yaml",
                "line": 3,
                "column": 1,
                "end_line": 3,
                "end_column": 2
              }
            }
          ],
          "help": "mend it"
        }
      ]
    }
    "#);
    let mut out = Vec::new();
    json::findings(&mut out, &Diagnostics::default(), &sources()).unwrap();
    insta::assert_snapshot!(text(out), @r#"{"format":"osc-apply/findings","version":1,"valid":true,"errors":0,"warnings":0,"findings":[]}"#);
}

#[test]
fn status_and_outputs_are_lists() {
    let rows = [StatusRow {
        address: Address::instance("site"),
        service: "wordpress-wordpress".to_owned(),
        name: "myblog".to_owned(),
        state: "unreadable: no usable answer".to_owned(),
        url: None,
    }];
    let outputs = [
        ("url".to_owned(), OutputValue::Known(shown("https://x"))),
        ("password".to_owned(), OutputValue::Known(secret("x"))),
        ("address".to_owned(), OutputValue::Unknown),
    ];
    let mut out = Vec::new();
    json::status(&mut out, &rows).unwrap();
    json::outputs(&mut out, &outputs).unwrap();
    json::bare(&mut out, "a \"b\"").unwrap();
    insta::assert_snapshot!(text(out), @r#"
    {"format":"osc-apply/status","version":1,"instances":[{"address":"instances.site","service":"wordpress-wordpress","name":"myblog","state":"unreadable","detail":"no usable answer","url":null}]}
    {"format":"osc-apply/outputs","version":1,"outputs":[{"name":"url","value":"https://x"},{"name":"password","sensitive":true},{"name":"address","known_after_apply":true}]}
    "a \"b\""
    "#);
}

#[test]
fn control_characters_are_escaped_and_come_back_whole() {
    let odd = "\x1b[31m \u{9b} \u{202e} \u{7f} höger \u{1f600}\n";
    let mut out = Vec::new();
    json::bare(&mut out, odd).unwrap();
    let line = text(out);
    assert!(
        line.is_ascii() || !line.trim_end().contains(char::is_control),
        "{line:?}"
    );
    assert!(
        !line.contains('\u{202e}') && line.contains("höger"),
        "{line:?}"
    );
    assert_eq!(serde_json::from_str::<String>(&line).unwrap(), odd);
}

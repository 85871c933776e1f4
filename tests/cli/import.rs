use std::fs;

use crate::canary::search::Secret;
use crate::recorder::Recorder;
use crate::served::Served;
use crate::workspace::{PAIR, Run, Workspace};

const EXAMPLES: [&str; 4] = [
    include_str!("../../examples/minimal.yaml"),
    include_str!("../../examples/open-media-convert.yaml"),
    include_str!("../../examples/parameter-store.yaml"),
    include_str!("../../examples/wordpress.yaml"),
];

/// The words that were said, however they were wrapped.
fn words(said: &str) -> String {
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_imported_is_a_valid_manifest() {
    let workspace = Workspace::new();
    for example in EXAMPLES {
        workspace.write("osc.yaml", example);
        workspace.run(&["apply", "--yes"]).ok();
    }
    workspace
        .run(&["sandbox", "suspend", "minio-minio/encoreshared"])
        .ok();
    let run = workspace.run(&["import", "--out", "all.yaml"]).ok();
    assert_eq!(run.stdout, "");
    assert!(
        run.stderr.contains("Wrote all.yaml: instances 9, "),
        "{}",
        run.stderr
    );
    let valid = workspace.run_outside(&["validate", "-f", "all.yaml"]).ok();
    assert!(valid.stdout.contains("9 instances"), "{}", valid.stdout);
    assert_eq!(valid.stderr, "");
    let text = fs::read_to_string(workspace.path().join("all.yaml")).unwrap();
    for line in [
        "      DbHost: ${instances.mariadb_myblog.address}\n",
        "      profilesUrl: ${instances.profile_omc.url}\n",
        "    suspended: leave\n",
        "#      osc-apply validate -f all.yaml\n",
        "#      osc-apply adopt -f all.yaml instances.encore_omc ",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn two_runs_print_the_same() {
    let workspace = Workspace::with(PAIR).applied();
    let first = workspace.run(&["import"]).ok();
    assert_eq!(first.stderr, "");
    assert_eq!(first.stdout, workspace.run(&["import"]).ok().stdout);
    insta::assert_snapshot!(first.stdout, @r"
    # What `osc-apply import` found in the workspace sandbox. To go on:
    #   1. Set the environment variables under `secrets:` to what the instances have now, or say where
    #      else it comes from.
    #   2. Check it:
    #      osc-apply validate
    #   3. Make the instances this stack's:
    #      osc-apply adopt instances.store instances.queue
    #   4. See that nothing is left to do:
    #      osc-apply plan
    version: 1
    stack: sandbox
    workspace: sandbox

    secrets:
      # the Password that valkey-io-valkey queue has now
      queue_password:
        env: QUEUE_PASSWORD

    instances:
      store:
        service: eyevinn-app-config-svc
        options:
          RedisUrl: redis://${instances.queue.address}

      queue:
        service: valkey-io-valkey
        options:
          Password: ${secrets.queue_password}
    ");
}

#[test]
fn it_can_be_piped_into_validate() {
    let workspace = Workspace::with(PAIR).applied();
    let imported = workspace.run(&["import", "--stack", "other"]).ok().stdout;
    let valid = workspace
        .run_with_input(&["validate", "-f", "-"], &imported)
        .ok();
    assert!(
        valid.stdout.contains("Stack other is valid"),
        "{}",
        valid.stdout
    );
}

#[test]
fn programs_get_a_document() {
    let workspace = Workspace::with(PAIR).applied();
    let document = workspace.run(&["import", "--json"]).ok().json();
    assert_eq!(document["format"], "osc-apply/import");
    let text = workspace.run(&["import"]).ok().stdout;
    assert_eq!(document["manifest"], text);
    let addresses = serde_json::json!(["instances.store", "instances.queue"]);
    assert_eq!(document["instances"], addresses);
    assert_eq!(document["variables"], serde_json::json!(["QUEUE_PASSWORD"]));
    assert_eq!(document["omitted"], serde_json::json!([]));
    let run = workspace.run(&["import", "--json", "--out", "x.yaml"]).ok();
    assert_eq!(
        (&run.json()["file"], run.stderr.as_str()),
        (&"x.yaml".into(), "")
    );
    assert_eq!(
        fs::read_to_string(workspace.path().join("x.yaml"))
            .unwrap()
            .lines()
            .count(),
        {
            // Commands in it name the file, and nothing else differs.
            text.lines().count()
        }
    );
}

#[test]
fn a_file_that_exists_is_not_overwritten() {
    let workspace = Workspace::with(PAIR).applied();
    let run = workspace.run(&["import", "--out", "osc.yaml"]).exits(3);
    assert!(
        run.stderr.contains("osc.yaml exists already"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("give another name with `--out`"));
    let kept = fs::read_to_string(workspace.path().join("osc.yaml")).unwrap();
    assert_eq!(kept, PAIR);
    let run = workspace
        .run(&["import", "--out", "nowhere/x.yaml"])
        .exits(1);
    assert!(
        run.stderr.contains("nowhere/x.yaml cannot be written"),
        "{}",
        run.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_written_through() {
    let workspace = Workspace::with(PAIR).applied();
    std::os::unix::fs::symlink("elsewhere", workspace.path().join("link.yaml")).unwrap();
    workspace.run(&["import", "--out", "link.yaml"]).exits(3);
    assert!(!workspace.path().join("elsewhere").exists());
}

#[test]
fn services_and_names_choose_what_is_imported() {
    let workspace = Workspace::with(PAIR).applied();
    let keys = |arguments: &[&str]| {
        let arguments = [&["import", "--json"], arguments].concat();
        let document = workspace.run(&arguments).ok().json();
        document["instances"].to_string()
    };
    assert_eq!(
        keys(&["--service", "valkey-io-valkey"]),
        r#"["instances.queue"]"#
    );
    assert_eq!(keys(&["--name", "st*"]), r#"["instances.store"]"#);
    assert_eq!(
        keys(&["--name", "?ueue", "--name", "x"]),
        r#"["instances.queue"]"#
    );
    assert_eq!(
        keys(&[
            "--service",
            "minio-minio",
            "--service",
            "eyevinn-app-config-svc"
        ]),
        r#"["instances.store"]"#
    );
}

#[test]
fn nothing_that_matches_is_an_error_and_so_is_a_wrong_word() {
    let workspace = Workspace::with(PAIR);
    let run = workspace.run(&["import"]).exits(1);
    assert!(
        run.stderr.contains("the workspace holds no instance"),
        "{}",
        run.stderr
    );
    let workspace = workspace.applied();
    for (arguments, code, said) in [
        (["--name", "z*"], 1, "no instance matches"),
        (
            ["--service", "valkey-io-valky"],
            3,
            "did you mean `valkey-io-valkey`?",
        ),
        (["--service", "eyevinn-ffmpeg-s3"], 3, "makes jobs"),
        (
            ["--stack", "Shop"],
            3,
            "`Shop` cannot be the name of a stack",
        ),
    ] {
        let run = workspace
            .run(&["import", arguments[0], arguments[1]])
            .exits(code);
        assert!(run.stderr.contains(said), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

/// A canary in every place a secret is live in: options known by flag and by name, URLs, texts
/// that hold one without saying so, and the record of a suspension.
const CANARIES: &str = r#"
version: 1
stack: canaries
instances:
  files:
    service: minio-minio
    options: { RootUser: admin, RootPassword: "C4n4ryRootOfFiles" }
  queue:
    service: valkey-io-valkey
    options: { Password: 'c4n4ryOfTheQueue&%"\ö' }
  idle:
    service: valkey-io-valkey
    options: { Password: c4n4ryOfTheIdleOne }
  store:
    service: eyevinn-app-config-svc
    options:
      RedisUrl: redis://default:c4n4ryOfTheQueue%26%25%22%5C%C3%B6@${instances.queue.address}
      ConfigApiKey: c4n4ryOfTheConfig
  dashboards:
    service: grafana-grafana
    options:
      AllowEmbedOrigins: https://x.example/?k=c4n4ryOfTheIdleOne
      DashboardUrls: https://user:c4n4ryInADashboard@x.example
"#;

fn canaries() -> Vec<Secret> {
    [
        "C4n4ryRootOfFiles",
        "c4n4ryOfTheQueue&%\"\\ö",
        "c4n4ryOfTheQueue",
        "c4n4ryOfTheIdleOne",
        "c4n4ryOfTheConfig",
        "c4n4ryInADashboard",
    ]
    .map(|canary| Secret::new(canary, canary))
    .into()
}

#[track_caller]
fn assert_untold(what: &str, text: &str) {
    for canary in canaries() {
        assert_eq!(canary.found_in(text), None, "in {what}: {text}");
    }
}

#[test]
fn no_password_that_is_live_is_printed_or_written() {
    let workspace = Workspace::with(CANARIES).applied();
    workspace
        .run(&["sandbox", "suspend", "valkey-io-valkey/idle"])
        .ok();
    for (at, mode) in [
        [].as_slice(),
        &["--json"],
        &["-vv"],
        &["--color", "always", "--name", "*s*"],
        &["--service", "grafana-grafana"],
        &["--service", "eyevinn-app-config-svc", "--json", "-vv"],
    ]
    .iter()
    .enumerate()
    {
        let run = workspace.run(&[&["import"], *mode].concat()).ok();
        assert_untold("standard output", &run.stdout);
        assert_untold("standard error", &run.stderr);
        let file = format!("{at}.yaml");
        let to_file = [&["import", "--out", file.as_str()], *mode].concat();
        let run = workspace.run(&to_file).ok();
        assert_untold("standard error", &run.stderr);
        let path = workspace.path().join(&file);
        assert_untold("the file", &fs::read_to_string(path).unwrap());
        workspace.run_outside(&["validate", "-f", &file]).ok();
    }
}

/// What somebody supplies who reads what is asked for.
const SUPPLIED: [(&str, &str); 5] = [
    ("FILES_ROOTPASSWORD", "C4n4ryRootOfFiles"),
    ("IDLE_PASSWORD", "c4n4ryOfTheIdleOne"),
    ("QUEUE_PASSWORD", "c4n4ryOfTheQueue&%\"\\ö"),
    ("STORE_CONFIGAPIKEY", "c4n4ryOfTheConfig"),
    (
        "DASHBOARDS_DASHBOARDURLS",
        "https://user:c4n4ryInADashboard@x.example",
    ),
];

#[test]
fn once_what_was_imported_is_adopted_nothing_is_left_to_do() {
    let workspace = Workspace::with(CANARIES).applied();
    let document = ["import", "--stack", "other", "--json", "--out", "all.yaml"];
    let document = workspace.run(&document).ok().json();
    let asked_for: Vec<_> = SUPPLIED.iter().map(|(name, _)| *name).collect();
    assert_eq!(document["variables"], serde_json::json!(asked_for));
    let run = |arguments: &[&str]| {
        let mut command = workspace.in_sandbox(arguments);
        command.args(["-f", "all.yaml"]).envs(SUPPLIED);
        Run::of(command.output().unwrap()).ok()
    };
    let addresses = document["instances"].as_array().unwrap();
    let addresses = addresses.iter().map(|address| address.as_str().unwrap());
    let mut adopt = vec!["adopt", "--yes", "--from-stack", "canaries"];
    adopt.extend(addresses);
    run(&adopt);
    let plan = run(&["plan", "--detailed-exitcode"]);
    assert!(
        plan.stdout.contains("nothing to change, 5 unchanged"),
        "{}",
        plan.stdout
    );
}

#[test]
fn examples_that_were_imported_and_adopted_leave_nothing_to_do() {
    let workspace = Workspace::new();
    for example in EXAMPLES {
        workspace.write("osc.yaml", example);
        workspace.run(&["apply", "--yes"]).ok();
    }
    for (stack, names) in [
        ("minimal", ["--name", "cache"]),
        ("wordpress", ["--name", "myblog"]),
        ("parameter-store", ["--name", "config"]),
    ] {
        let file = format!("{stack}-again.yaml");
        let again = format!("{stack}-again");
        let import = ["import", "--stack", &again, "--json", "--out", &file];
        let document = workspace
            .run(&[&import, names.as_slice()].concat())
            .ok()
            .json();
        // Their passwords are references to secrets of the services.
        assert_eq!(document["variables"], serde_json::json!([]), "{stack}");
        let addresses = document["instances"].as_array().unwrap();
        let addresses = addresses.iter().map(|address| address.as_str().unwrap());
        let mut adopt = vec!["adopt", "--yes", "--from-stack", stack, "-f", &file];
        adopt.extend(addresses);
        workspace.run(&adopt).ok();
        workspace
            .run(&["plan", "--detailed-exitcode", "-f", &file])
            .ok();
    }
}

/// An import from a served sandbox of [`PAIR`] where requests are answered as this says.
fn import_where(
    reaction: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static,
    arguments: &[&str],
) -> (Recorder, Run) {
    let workspace = Workspace::with(PAIR);
    let served = Served::start(&workspace);
    served.run(&workspace, &["apply", "--yes"]).ok();
    let recorder = Recorder::before(&served.endpoint);
    recorder.react(reaction);
    let mut command = workspace.at(&recorder.endpoint(), &["import"]);
    command
        .args(arguments)
        .env("OSC_ACCESS_TOKEN", &served.token);
    let run = Run::of(command.output().unwrap());
    (recorder, run)
}

fn asks_for(request: &str, path: &str) -> bool {
    let line = request.lines().next().unwrap();
    line.starts_with("GET ") && line.contains(path)
}

#[test]
fn a_list_that_cannot_be_read_is_named_and_the_rest_is_imported() {
    let echo = |request: &str| {
        let refused = asks_for(request, "/valkeyinstance");
        refused.then(|| (500, r#"{"reason":"it broke\nstack: hostile"}"#.to_owned()))
    };
    let (_, run) = import_where(echo, &[]);
    let run = run.ok();
    assert!(run.stdout.contains("\n  store:\n"), "{}", run.stdout);
    for said in [&run.stdout, &run.stderr] {
        let said = words(&said.replace("\n#", "\n"));
        assert!(
            said.contains("valkey-io-valkey: reading instances of valkey-io-valkey"),
            "{said}"
        );
    }
    assert!(!run.stdout.contains("\nstack: hostile"), "{}", run.stdout);
}

#[test]
fn where_nothing_can_be_read_that_is_the_error() {
    let (_, run) = import_where(
        |request| asks_for(request, "instance").then(|| (500, "{}".to_owned())),
        &[],
    );
    let run = run.exits(1);
    assert!(
        run.stderr.contains("reading instances of"),
        "{}",
        run.stderr
    );
    assert_eq!(run.stdout, "");
}

#[test]
fn suspended_instances_that_cannot_be_read_are_named() {
    let (_, run) = import_where(
        |request| asks_for(request, "/mysuspended").then(|| (500, "{}".to_owned())),
        &[],
    );
    let said = words(&run.ok().stderr);
    assert!(
        said.contains("not in the manifest: the suspended instances:"),
        "{said}"
    );
}

#[test]
fn an_instance_of_a_service_that_the_catalog_does_not_know_is_named() {
    let (_, run) = import_where(
        |request| {
            let known = asks_for(request, "/mysuspended");
            let record = r#"[{"serviceId":"acme-novelty","instanceName":"new","parameters":{}}]"#;
            known.then(|| (200, record.to_owned()))
        },
        &[],
    );
    let run = run.ok();
    let said = words(&run.stderr);
    let what = "acme-novelty/new: the catalog of this osc-apply does not know its service";
    assert!(said.contains(what), "{said}");
    assert!(
        words(&run.stdout.replace("\n#", "\n")).contains(what),
        "{}",
        run.stdout
    );
}

#[test]
fn ports_are_asked_for_only_where_somebody_may_refer_to_them() {
    let asked = |recorder: &Recorder| {
        let talk = recorder.talk();
        let requests = talk.iter().map(|it| it.request.lines().next().unwrap());
        let ports = requests.clone().filter(|line| line.contains("/ports/"));
        (requests.count(), ports.count())
    };
    let (recorder, run) = import_where(|_| None, &[]);
    run.ok();
    // Subscriptions, suspended ones, a token and a list for each service; the store holds the
    // address of the queue.
    assert_eq!(asked(&recorder), (2 + 2 * 2 + 1, 1));
    let (recorder, run) = import_where(|_| None, &["--service", "valkey-io-valkey"]);
    run.ok();
    assert_eq!(asked(&recorder), (2 + 2, 0));
}

#[test]
fn another_workspace_is_not_read() {
    let (recorder, run) = import_where(|_| None, &["--workspace", "other"]);
    run.exits(5);
    assert!(recorder.talk().is_empty());
}

use crate::workspace::{PAIR, Workspace};

#[test]
fn a_good_manifest_is_summed_up_in_one_line() {
    let run = Workspace::with(PAIR).run_outside(&["validate"]).ok();
    assert_eq!(run.stdout, "Stack pair is valid: 2 instances, 1 output.\n");
    assert_eq!(run.stderr, "");
}

#[test]
fn every_mistake_is_shown_at_its_place_in_one_run() {
    let workspace = Workspace::with(
        "version: 1\nstack: Bad\ninstances:\n  a:\n    service: minio\n  b:\n    service: \
         minio-minio\n    options: { RootUsr: x, RootPassword: short }\n    ready: { level: well \
         }\n",
    );
    let run = workspace.run_outside(&["validate"]).exits(3);
    assert_eq!(run.stdout, "");
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn findings_come_as_json_for_programs() {
    let workspace =
        Workspace::with("version: 1\nstack: s\ninstances: { a: { service: valkey } }\n");
    let run = workspace.run_outside(&["validate", "--json"]).exits(3);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn a_valid_manifest_is_an_empty_list_of_findings() {
    let run = Workspace::with(PAIR)
        .run_outside(&["validate", "--json"])
        .ok();
    assert_eq!(run.json()["findings"], serde_json::json!([]));
}

#[test]
fn several_files_and_a_folder_are_one_manifest() {
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.path().join("parts")).unwrap();
    workspace.write("head.yaml", "version: 1\nstack: parts\n");
    workspace.write(
        "parts/a.yaml",
        "instances: { a: { service: valkey-io-valkey } }\n",
    );
    workspace.write(
        "parts/b.yml",
        "instances: { b: { service: minio-minio } }\n",
    );
    let run = workspace
        .run_outside(&["validate", "-f", "head.yaml", "-f", "parts"])
        .ok();
    assert_eq!(
        run.stdout,
        "Stack parts is valid: 2 instances, 0 outputs.\n"
    );
}

#[test]
fn what_stands_in_two_files_is_shown_in_both() {
    let workspace = Workspace::with(PAIR);
    workspace.write(
        "more.yaml",
        "instances: { queue: { service: minio-minio } }\n",
    );
    let run = workspace
        .run_outside(&["validate", "-f", "osc.yaml", "-f", "more.yaml"])
        .exits(3);
    assert!(run.stderr.contains("more.yaml:1:14"), "{}", run.stderr);
    assert!(run.stderr.contains("osc.yaml:4:3"), "{}", run.stderr);
}

#[test]
fn the_manifest_can_come_from_standard_input() {
    let run = Workspace::new()
        .run_with_input(&["validate", "-f", "-"], PAIR)
        .ok();
    assert_eq!(run.stdout, "Stack pair is valid: 2 instances, 1 output.\n");
}

#[test]
fn variables_come_from_flags_files_and_the_environment_in_that_order() {
    let workspace = Workspace::with(
        "version: 1\nstack: s-${variables.a}-${variables.b}-${variables.c}-${variables.d}\nvariables: \
         { a: {}, b: {}, c: {}, d: { default: dd } }\ninstances: { x: { service: minio-minio } }\n",
    );
    workspace.write("vars.yaml", "a: fa\nb: fb\n");
    let mut command = workspace.command(&["validate", "--var", "a=va", "--var-file", "vars.yaml"]);
    command
        .env("OSC_VAR_a", "ea")
        .env("OSC_VAR_b", "eb")
        .env("OSC_VAR_c", "ec");
    let run = crate::workspace::Run::of(command.output().unwrap()).ok();
    assert!(
        run.stdout.starts_with("Stack s-va-fb-ec-dd is valid"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_mistake_in_a_variable_file_is_shown_there_without_its_value() {
    let workspace = Workspace::with(
        "version: 1\nstack: s\nvariables: { on: { type: boolean } }\ninstances: {}\n",
    );
    workspace.write("vars.yaml", "# first\non: hunter2\n");
    let run = workspace
        .run_outside(&["validate", "--var-file", "vars.yaml"])
        .exits(3);
    assert!(run.stderr.contains("vars.yaml:2:5"), "{}", run.stderr);
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
}

#[test]
fn a_mistake_made_a_thousand_times_is_told_a_thousand_times_and_counted() {
    let instances: String = (0..1_200)
        .map(|n| format!("  a{n}: {{ service: nope }}\n"))
        .collect();
    let workspace = Workspace::with(&format!("version: 1\nstack: s\ninstances:\n{instances}"));
    let run = workspace.run_outside(&["validate"]).exits(3);
    assert!(run.stderr.ends_with("\n1200 errors\n"), "{}", run.stderr);
    let json = workspace
        .run_outside(&["validate", "--json"])
        .exits(3)
        .json();
    assert_eq!(
        (&json["errors"], &json["warnings"]),
        (&1200.into(), &0.into())
    );
}

#[test]
fn a_place_in_a_line_of_megabytes_is_named_and_not_quoted() {
    let instances: Vec<String> = (0..2_000)
        .map(|n| format!("a{n}: {{ service: minio-minio, name: 'n{n}' }}"))
        .collect();
    let line = instances.join(", ");
    let workspace = Workspace::with(&format!(
        "version: 1\nstack: s\ninstances: {{ {line}, z: {{ service: nope }} }}\n"
    ));
    let run = workspace.run_outside(&["validate"]).exits(3);
    let column = "instances: { ".len() + line.len() + ", z: { service: ".len() + 1;
    assert!(
        run.stderr.contains(&format!("osc.yaml:3:{column}")),
        "{}",
        run.stderr
    );
    assert!(run.stderr.len() < 400, "{}", run.stderr);
}

#[test]
fn a_file_named_beside_its_folder_is_one_file() {
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.path().join("stack")).unwrap();
    workspace.write("stack/osc.yaml", PAIR);
    workspace
        .run_outside(&["validate", "-f", "stack", "-f", "stack/osc.yaml"])
        .ok();
}

#[test]
fn a_misspelt_key_is_told_once_and_what_stands_under_it_is_checked() {
    let workspace = Workspace::with("version: 1\nstakc: s\ninstances: { a: { servce: nope } }\n");
    let run = workspace.run_outside(&["validate", "--json"]).exits(3);
    let messages: Vec<String> = run.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["message"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        messages,
        [
            "a manifest has no key `stakc`",
            "an instance has no key `servce`",
            "there is no service `nope` in the catalog"
        ]
    );
}

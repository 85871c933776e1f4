use serde_json::Value;

use super::search::Secret;
use crate::served::WORLD;
use crate::workspace::{Run, Workspace};

/// A stack with a secret of every source, one of which is made of others; with a program that is
/// run for one of them and notes what it can see; and with an instance that is there already.
const MANIFEST: &str = "\
version: 1
stack: canary
variables:
  lasting: { type: boolean, default: false }
secrets:
  generated: { generate: {} }
  user: { file: given/user }
  told: { command: [/bin/sh, given/tell] }
  given: { env: CANARY_GIVEN }
  token: { access_token: true }
  url: { value: 'redis://${secrets.user}:${secrets.given}@${instances.queue.address}/0' }
instances:
  queue:
    service: valkey-io-valkey
    options: { Password: '${secrets.generated}' }
  store:
    service: eyevinn-app-config-svc
    options: { RedisUrl: '${secrets.url}', ConfigApiKey: '${secrets.told}' }
  encoder:
    service: encore
    when: '${variables.lasting}'
    options:
      s3AccessKeyId: '${secrets.user}'
      s3SecretAccessKey: '${secrets.generated}'
      s3SessionToken: '${secrets.token}'
  taken:
    service: valkey-io-valkey
    options: { Password: '${secrets.given}' }
outputs:
  at: '${instances.queue.address}'
  url: { value: '${secrets.url}', sensitive: true }
  told: { value: '${secrets.told}', sensitive: true }
";

/// Whoever is run for a secret sees its own arguments, those of the command, and its variables.
const PROGRAM: &str = "\
for process in $PPID $$; do tr '\\0' '\\n' </proc/$process/cmdline; done >>seen
tr '\\0' '\\n' </proc/$$/environ | grep -v ^CANARY_GIVEN= >>seen
exec cat given/told
";

/// What the program noted.
pub(super) const SEEN: &str = "seen";

/// The variable that a secret comes from, and what it is at first.
pub(super) const GIVEN: (&str, &str) = ("CANARY_GIVEN", "giv3n p\"w@/?&>\\c4n4ry-é");
/// What it is later.
pub(super) const GIVEN_ANEW: &str = "an3w:g1ven%40 'c4n4ry'#";

pub(super) const USER: &str = "us3r/c4n4ry:one@";
pub(super) const TOLD: &str = "t0ld+c4n4ry\"two\\";

/// Files that hold secrets because somebody put them there.
pub(super) const GIVEN_FILES: [&str; 2] = ["given/user", "given/told"];

/// Passwords of instances that are somebody else's, or nobody's, some of them suspended.
pub(super) const LIVE: [&str; 7] = [
    "l1ve-c4n4ry/theirs",
    "l1ve+c4n4ry=page",
    "l1ve c4n4ry\"key",
    "l1ve&c4n4ry-asleep",
    "l1ve-c4n4ry?taken",
    "l1ve@c4n4ry:lost",
    "l1ve'c4n4ry%dozing",
];

/// The instances that are part of no stack.
const NOBODYS: [&str; 3] = ["taken", "lost", "dozing"];

/// Writes the stack, and what it is given.
pub(super) fn write(workspace: &Workspace) {
    std::fs::create_dir(workspace.path().join("given")).unwrap();
    workspace.write("osc.yaml", MANIFEST);
    workspace.write("given/tell", PROGRAM);
    for (file, secret) in GIVEN_FILES.iter().zip([USER, TOLD]) {
        workspace.write(file, format!("{secret}\n"));
    }
}

/// Puts instances of others into the same workspace.
pub(super) fn plant_others(workspace: &Workspace) {
    let [theirs, page, key, asleep, taken, lost, dozing] = LIVE.map(Value::from);
    let url: String = url::form_urlencoded::byte_serialize(LIVE[1].as_bytes()).collect();
    assert_eq!(page, LIVE[1]);
    let manifest = format!(
        "version: 1\nstack: other\ninstances:\n\
         \x20 theirs: {{ service: valkey-io-valkey, options: {{ Password: {theirs} }} }}\n\
         \x20 page: {{ service: eyevinn-app-config-svc, options: {{ ConfigApiKey: {key}, \
         RedisUrl: 'redis://u:{url}@localhost' }} }}\n\
         \x20 asleep: {{ service: valkey-io-valkey, options: {{ Password: {asleep} }} }}\n\
         \x20 taken: {{ service: valkey-io-valkey, options: {{ Password: {taken} }} }}\n\
         \x20 lost: {{ service: encore, options: {{ s3SecretAccessKey: {lost} }} }}\n\
         \x20 dozing: {{ service: valkey-io-valkey, options: {{ Password: {dozing} }} }}\n"
    );
    let run = |arguments: &[&str]| {
        let mut command = workspace.in_sandbox(arguments);
        command.env("OSC_SANDBOX_DIR", workspace.path().join(WORLD));
        command
    };
    let apply = run(&["apply", "--yes", "-f", "-"]);
    Run::with_input(apply, &manifest).ok();
    for asleep in ["valkey-io-valkey/asleep", "valkey-io-valkey/dozing"] {
        Run::of(run(&["sandbox", "suspend", asleep]).output().unwrap()).ok();
    }
    change_world(workspace, |world| {
        let tagged = world["tagged"].as_array_mut().unwrap();
        tagged.retain(|it| {
            let name = it["resource"]["instance"]["name"].as_str().unwrap();
            !NOBODYS.contains(&name)
        });
    });
}

/// Changes the served sandbox's world while nobody asks it anything.
pub(super) fn change_world(workspace: &Workspace, change: impl FnOnce(&mut Value)) {
    let path = workspace.path().join(WORLD).join("world.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut world = serde_json::from_str(&text).unwrap();
    change(&mut world);
    std::fs::write(&path, world.to_string()).unwrap();
}

/// A world without what it keeps of secrets, which is all that may hold one of ours.
pub(super) fn without_secrets(world: &str) -> String {
    let mut world: Value = serde_json::from_str(world).unwrap();
    let fields = world.as_object_mut().unwrap();
    fields.remove("service_secrets");
    fields.remove("tenant_secrets");
    let services = fields["instances"].as_object_mut().unwrap().values_mut();
    for instance in services.flat_map(|named| named.as_object_mut().unwrap().values_mut()) {
        instance.as_object_mut().unwrap().remove("secrets");
    }
    world.to_string()
}

/// The secrets that are given to the stack.
pub(super) fn given() -> Vec<Secret> {
    [
        ("the variable", GIVEN.1),
        ("the variable's other value", GIVEN_ANEW),
        ("the file", USER),
        ("what the program printed", TOLD),
    ]
    .map(|(what, text)| Secret::new(what, text))
    .into()
}

/// The passwords of others.
pub(super) fn of_others() -> Vec<Secret> {
    LIVE.map(|text| Secret::new(text, text)).into()
}

/// What a world keeps of the stack's secrets: those of services, what was generated, and the key of
/// the digests.
pub(super) fn kept_in(world: &str) -> Vec<(&'static str, String)> {
    let world: Value = serde_json::from_str(world).unwrap_or_default();
    let services = world["service_secrets"].as_object().into_iter().flatten();
    let secrets = services.flat_map(|(_, named)| named.as_object().unwrap().values());
    let secrets = secrets.map(|it| (SERVICE_SECRET, it.as_str().unwrap().to_owned()));
    let vault = world["tenant_secrets"]["user.oscapply.canary"]["value"].as_str();
    let vault = vault.into_iter().flat_map(in_vault);
    secrets.chain(vault).collect()
}

/// What the text of a vault holds.
pub(super) fn in_vault(text: &str) -> Vec<(&'static str, String)> {
    let vault: Value = serde_json::from_str(text).unwrap();
    let key = vault["key"].as_str();
    let key = key.map(|it| (VAULT_KEY, it.to_owned()));
    let values = vault["values"].as_object().into_iter().flatten();
    let values = values.map(|(_, it)| (GENERATED, it.as_str().unwrap().to_owned()));
    key.into_iter().chain(values).collect()
}

pub(super) const SERVICE_SECRET: &str = "a service's secret";
pub(super) const GENERATED: &str = "what was generated";
pub(super) const VAULT_KEY: &str = "the vault's key";

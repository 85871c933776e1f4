use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::Url;

use super::commands::NARROW;
use super::search::{Secret, Secrets};
use super::stack;
use super::talk::{
    entrusted, may_carry_secrets, secrets_in_request, secrets_of, without_credentials,
};
use crate::browser::Browser;
use crate::clients::Registered;
use crate::http;
use crate::recorder::{Recorder, Reply};
use crate::served::{Served, WORLD};
use crate::sign_in::{FIRST, Waiting, kept, kept_files};
use crate::workspace::{Run, Workspace};

/// A stack full of secrets, a platform that is listened to, and all that was printed to somebody
/// who signs in as a client with a secret, or who was given a token.
pub(super) struct Stage {
    pub(super) workspace: Workspace,
    pub(super) recorder: Recorder,
    served: Served,
    client: Registered,
    printed: Vec<(String, String)>,
    /// What is in the environment of every command.
    variables: Vec<(&'static str, String)>,
    /// What must have travelled for a test to prove anything.
    needed: &'static [&'static str],
}

impl Stage {
    pub(super) fn new() -> Self {
        let workspace = Workspace::new();
        stack::write(&workspace);
        let mut command = Served::command(&workspace, "inf", &["-vv"]);
        let log = std::fs::File::create(workspace.path().join("served.log")).unwrap();
        command.stderr(Stdio::from(log));
        let served = Served::of(command);
        Self {
            recorder: Recorder::before(&served.endpoint),
            client: Registered::in_the_sandbox_of(&workspace),
            workspace,
            served,
            printed: Vec::new(),
            variables: [stack::GIVEN, ("OSC_WORKSPACE", FIRST)]
                .map(|(name, value)| (name, value.to_owned()))
                .into(),
            needed: &OF_A_SIGN_IN,
        }
    }

    /// Somebody with a token that lasts, which the stack hands on, among instances of others.
    pub(super) fn handed() -> Self {
        let mut stage = Self::new();
        stack::plant_others(&stage.workspace);
        let token = stage.served.token.clone();
        stage.set("OSC_ACCESS_TOKEN", &token);
        stage.set("OSC_VAR_lasting", "true");
        stage.needed = &OF_A_STACK;
        stage
    }

    /// From now on, a variable of every command.
    pub(super) fn set(&mut self, name: &'static str, value: &str) {
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.to_owned()));
    }

    /// The variable that a secret of the stack comes from.
    pub(super) fn given(&self) -> &str {
        let mut variables = self.variables.iter();
        let (_, value) = variables.find(|(name, _)| *name == stack::GIVEN.0).unwrap();
        value
    }

    /// The same, signed in.
    pub(super) fn signed_in() -> Self {
        let mut stage = Self::new();
        stage.login(&[], |callback| callback.clone()).ok();
        stage
    }

    /// `login`, whose browser comes back to what `way` makes of the right address.
    pub(super) fn login(&mut self, mode: &[&str], way: impl FnOnce(&Url) -> Url) -> Run {
        let mut command = self
            .client
            .login(&self.workspace, &self.recorder.endpoint());
        command.args(mode);
        self.login_by(command, way)
    }

    pub(super) fn login_by(&mut self, command: Command, way: impl FnOnce(&Url) -> Url) -> Run {
        let waiting = Waiting::of(command);
        let line = format!("/proc/{}/cmdline", waiting.id());
        let right = Browser::default().decide(&waiting.url, FIRST, "allow");
        self.note(
            "arguments",
            &std::fs::read_to_string(line).unwrap_or_default(),
        );
        let page = http::get(&way(&right));
        self.note("page", &format!("{page:?}"));
        let run = waiting.end();
        self.note("login", &(run.stdout.clone() + &run.stderr));
        run
    }

    pub(super) fn client(&self) -> &Registered {
        &self.client
    }

    /// A command in a mode, against the platform that is listened to.
    pub(super) fn run(&mut self, arguments: &[&str], mode: &[&str]) -> Run {
        let mut command = self.command(arguments);
        if mode.starts_with(NARROW) {
            command.env("COLUMNS", "24");
        }
        let run = Run::of(command.args(mode).output().unwrap());
        let shown = run.stdout.clone() + &run.stderr;
        self.note(&format!("{arguments:?} {mode:?}"), &shown);
        run
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.workspace.at(&self.recorder.endpoint(), arguments);
        command
            .arg("--allow-commands")
            .env("OSC_SANDBOX_DIR", self.workspace.path().join(WORLD))
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The world as it is; nothing after a reset.
    pub(super) fn world(&self) -> String {
        std::fs::read_to_string(self.world_file()).unwrap_or_default()
    }

    /// Lets the world be as it was.
    pub(super) fn restore(&self, world: &str) {
        std::fs::write(self.world_file(), world).unwrap();
    }

    fn world_file(&self) -> PathBuf {
        self.workspace.path().join(WORLD).join("world.json")
    }

    pub(super) fn note(&mut self, what: &str, text: &str) {
        self.printed.push((what.to_owned(), text.to_owned()));
    }

    /// Lets the kept access token have ended.
    pub(super) fn expire(&self) {
        let mut sign_in = kept(&self.workspace);
        sign_in["expires"] = json!(1);
        std::fs::write(&kept_files(&self.workspace)[0], sign_in.to_string()).unwrap();
    }

    /// No secret is in what was printed, nor in any file but those that it was put into, nor in
    /// any request but those that entrust it to the platform.
    #[track_caller]
    pub(super) fn assert_clean(&self) {
        assert_eq!(self.leak(), None);
    }

    /// The first secret that is where none may be, and where.
    pub(super) fn leak(&self) -> Option<String> {
        let ours = Secrets::new(self.secrets());
        let of_others = Secrets::new(stack::of_others());
        let mut texts = self.printed.clone();
        texts.extend(self.sent());
        texts.extend(self.files());
        texts.iter().find_map(|(what, text)| {
            let is_world = what.ends_with(&format!("{WORLD}/world.json"));
            let (text, of_others) = match is_world {
                true => (&stack::without_secrets(text), None),
                false => (text, Some(&of_others)),
            };
            let all = [Some(&ours), of_others].into_iter().flatten();
            let found = all.filter_map(|secrets| secrets.found_in(text)).next()?;
            Some(format!("{found} is in {what}: {text}"))
        })
    }

    /// Requests that may hold no secret but that of whoever asks. A sign-in is made of others.
    fn sent(&self) -> Vec<(String, String)> {
        let requests = self.recorder.talk().into_iter().map(|it| it.request);
        let of_stack = |request: &String| {
            let line = request.lines().next().unwrap();
            !line.contains(" /app/") && !may_carry_secrets(request)
        };
        let requests = requests.filter(of_stack);
        requests
            .map(|it| ("a request".to_owned(), without_credentials(&it)))
            .collect()
    }

    /// Files into which nobody was to write a secret.
    fn files(&self) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        read_all(self.workspace.path(), &mut texts);
        let mut meant = kept_files(&self.workspace);
        meant.extend(stack::GIVEN_FILES.map(|file| self.workspace.path().join(file)));
        texts.retain(|(what, _)| !meant.iter().any(|path| path == Path::new(what)));
        texts
    }

    /// All of them.
    fn secrets(&self) -> Vec<Secret> {
        let talk = self.recorder.talk();
        let travelled = talk.iter().flat_map(secrets_of);
        // Words where there should be a secret.
        let travelled = travelled.filter(|(_, text)| !text.contains(' '));
        let entrusted = talk.iter().flat_map(|it| entrusted(&it.request));
        let entrusted = entrusted.map(|(what, text)| (what.to_owned(), text));
        let kept = stack::kept_in(&self.world()).into_iter();
        let kept = kept.map(|(what, text)| (what.to_owned(), text));
        let seen: BTreeSet<(String, String)> = travelled.chain(entrusted).chain(kept).collect();
        for needed in self.needed {
            assert!(
                seen.iter().any(|(what, _)| what == needed),
                "no {needed} was seen"
            );
        }
        let seen = seen.iter().map(|(what, text)| match text.contains("://") {
            true => Secret::whole(what, text),
            false => Secret::new(what, text),
        });
        seen.chain(stack::given()).collect()
    }
}

const OF_A_SIGN_IN: [&str; 5] = [
    "code",
    "code_verifier",
    "client_secret",
    "access_token",
    "refresh_token",
];

const OF_A_STACK: [&str; 3] = [stack::SERVICE_SECRET, stack::GENERATED, stack::VAULT_KEY];

/// The files in a folder, with what they hold.
fn read_all(folder: &Path, texts: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, texts);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            texts.push((path.display().to_string(), text));
        }
    }
}

/// An answer that quotes every secret of a request, in every field that could be shown and in
/// many forms.
pub(super) fn echo(status: u16, request: &str) -> Reply {
    let mut said = String::new();
    let secrets = secrets_in_request(request);
    for (_, secret) in &secrets {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let alone = STANDARD.encode(secret);
        let header = STANDARD.encode(format!("Bearer {secret}"));
        let pair = STANDARD.encode(format!("id:{secret}"));
        said.push_str(&format!("{secret} {encoded} {alone} {header} {pair} "));
    }
    said.push_str(request);
    let code = secrets.first().map_or("echo", |(_, secret)| secret);
    let document = json!({
        "error": code, "error_description": said, "reason": said, "message": said,
        "status": said, "name": said,
    });
    (status, document.to_string())
}

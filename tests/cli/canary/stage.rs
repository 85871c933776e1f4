use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::Url;

use super::search::Secret;
use super::talk::{secrets_in_request, secrets_of};
use crate::browser::Browser;
use crate::clients::Registered;
use crate::http;
use crate::recorder::{Recorder, Reply};
use crate::served::{Served, WORLD};
use crate::sign_in::{FIRST, Waiting, kept, kept_files};
use crate::workspace::{PAIR, Run, Workspace};

/// Somebody who signs in as a client with a secret, a platform that is listened to, and all that
/// was printed.
pub(super) struct Stage {
    pub(super) workspace: Workspace,
    pub(super) recorder: Recorder,
    _served: Served,
    client: Registered,
    printed: Vec<(String, String)>,
}

impl Stage {
    pub(super) fn new() -> Self {
        // Named, so that a destroy deletes although nobody looks on.
        let workspace = Workspace::with(&format!("{PAIR}workspace: {FIRST}\n"));
        let mut command = Served::command(&workspace, "inf", &["-vv"]);
        let log = std::fs::File::create(workspace.path().join("served.log")).unwrap();
        command.stderr(Stdio::from(log));
        let served = Served::of(command);
        Self {
            recorder: Recorder::before(&served.endpoint),
            client: Registered::in_the_sandbox_of(&workspace),
            workspace,
            _served: served,
            printed: Vec::new(),
        }
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
        let mut command = self.workspace.at(&self.recorder.endpoint(), arguments);
        command
            .args(mode)
            .env("OSC_SANDBOX_DIR", self.workspace.path().join(WORLD));
        let run = Run::of(command.output().unwrap());
        let shown = run.stdout.clone() + &run.stderr;
        self.note(&format!("{arguments:?} {mode:?}"), &shown);
        run
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

    /// No secret that ever travelled is in what was printed, nor in any file but those of the
    /// sign-ins.
    #[track_caller]
    pub(super) fn assert_clean(&self) {
        assert_eq!(self.leak(), None);
    }

    /// The first secret that is where none may be, and where.
    pub(super) fn leak(&self) -> Option<String> {
        let secrets = self.secrets();
        let mut texts = self.printed.clone();
        read_all(self.workspace.path(), &mut texts);
        let own = kept_files(&self.workspace);
        texts.retain(|(what, _)| !own.iter().any(|path| path == Path::new(what)));
        texts.iter().find_map(|(what, text)| {
            let found = secrets.iter().find_map(|secret| secret.found_in(text))?;
            Some(format!("{found} is in {what}: {text}"))
        })
    }

    /// All of them.
    fn secrets(&self) -> Vec<Secret> {
        let talk = self.recorder.talk();
        let seen: BTreeSet<(String, String)> = talk
            .iter()
            .flat_map(secrets_of)
            .filter(|(_, text)| !text.contains(' '))
            .collect();
        for needed in KINDS {
            assert!(
                seen.iter().any(|(what, _)| what == needed),
                "no {needed} was seen"
            );
        }
        seen.iter()
            .map(|(what, text)| Secret::new(what, text))
            .collect()
    }
}

/// What must have travelled for a test to prove anything.
const KINDS: [&str; 5] = [
    "code",
    "code_verifier",
    "client_secret",
    "access_token",
    "refresh_token",
];

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

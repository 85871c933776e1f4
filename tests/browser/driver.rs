use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use crate::served::ask;

/// How Chromium runs without a screen, and without asking anybody for anything by itself.
const ARGUMENTS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1000,900",
];

/// A browser that is told what to do by the WebDriver protocol; ends when dropped.
pub(crate) struct Browser {
    driver: Child,
    /// Kept open: the driver may have more to say.
    _said: Lines<BufReader<ChildStdout>>,
    session: Url,
    _home: TempDir,
}

impl Browser {
    /// Starts ChromeDriver, and Chromium with it.
    pub(crate) fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env_clear()
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let sessions = format!("http://127.0.0.1:{}/session", port.unwrap());
        let mut browser = Self {
            driver,
            _said: lines,
            session: sessions.parse().unwrap(),
            _home: home,
        };
        let profile = browser._home.path().join("profile");
        let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let session = browser.command(
            "POST",
            "",
            &json!({ "capabilities": { "alwaysMatch": {
                "goog:chromeOptions": { "args": arguments },
                "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            } } }),
        );
        let id = session["sessionId"].as_str().unwrap();
        browser.session = format!("{sessions}/{id}").parse().unwrap();
        browser
    }

    /// Sends a command of the protocol; the value that it answers.
    pub(crate) fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.attempt(method, path, body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The same where it may be refused.
    pub(crate) fn attempt(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let url = format!("{}{path}", self.session).parse().unwrap();
        let body = match method {
            "POST" => body.to_string(),
            _ => String::new(),
        };
        let headers = [("Content-Type", "application/json")];
        let answer = ask(method, &url, &headers, &body);
        let mut said: Value = serde_json::from_str(&answer.body).unwrap();
        match answer.status {
            200 => Ok(said["value"].take()),
            _ => Err(said["value"].take()),
        }
    }

    /// Sends a command of Chromium's own protocol.
    pub(crate) fn devtools(&self, name: &str, parameters: &Value) -> Value {
        let body = json!({ "cmd": name, "params": parameters });
        self.command("POST", "/goog/cdp/execute", &body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; the driver alone would leave it behind.
        let _ = self.attempt("DELETE", "", &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::driver::Browser;

const PATIENCE: Duration = Duration::from_secs(20);

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) scheme: &'static str,
    pub(crate) width: u64,
}

/// Every look that the pages are made for.
pub(crate) const LOOKS: [Look; 4] = [
    look("light", 1000),
    look("dark", 1000),
    look("light", 320),
    look("dark", 320),
];

const fn look(scheme: &'static str, width: u64) -> Look {
    Look { scheme, width }
}

impl Browser {
    /// Forgets who is signed in, and what there was to be heard.
    pub(crate) fn forget(&self) {
        self.devtools("Network.clearBrowserCookies", &json!({}));
        self.look(LOOKS[0]);
        self.open("about:blank");
        self.complaints();
        self.origins();
    }

    pub(crate) fn look(&self, look: Look) {
        let scheme = json!({ "name": "prefers-color-scheme", "value": look.scheme });
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [scheme] }),
        );
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": look.width, "height": 800, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    pub(crate) fn open(&self, url: &str) {
        self.command("POST", "/url", &json!({ "url": url }));
    }

    /// Goes `/back`, or to the same page again with `/refresh`.
    pub(crate) fn navigate(&self, how: &str) {
        self.command("POST", how, &json!({}));
    }

    /// What the page says, as a person reads it; nothing while it is being replaced.
    fn text(&self) -> String {
        let script = "return document.body.innerText";
        let text = self.attempt("POST", "/execute/sync", &running(script));
        let text = text.ok().and_then(|text| text.as_str().map(str::to_owned));
        text.unwrap_or_default()
    }

    /// Waits until the page says this; all of what it says then.
    #[track_caller]
    pub(crate) fn shows(&self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = self.text();
            if text.contains(words) {
                return text;
            }
            assert!(Instant::now() < deadline, "no `{words}`: {text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// How wide the window is, and how much of the page is beyond it, in pixels.
    pub(crate) fn width(&self) -> (u64, u64) {
        let beyond = "const page = document.documentElement;
            return page.scrollWidth - page.clientWidth";
        let number = |script| self.evaluate(script).as_u64().unwrap();
        (number("return innerWidth"), number(beyond))
    }

    /// Whether the text is lighter than half.
    pub(crate) fn is_dark(&self) -> bool {
        let color = self.evaluate("return getComputedStyle(document.body).color");
        let numbers = color
            .as_str()
            .unwrap()
            .split(|it: char| !it.is_ascii_digit());
        let numbers = numbers.filter_map(|number| number.parse::<u32>().ok());
        numbers.take(3).sum::<u32>() > 3 * 127
    }

    /// What a script says of the page; the page itself runs none.
    fn evaluate(&self, script: &str) -> Value {
        self.command("POST", "/execute/sync", &running(script))
    }

    /// Presses a button, a link or a label with this text.
    pub(crate) fn press(&self, text: &str) {
        let path = format!(
            "//*[self::button or self::label or self::a][starts-with(normalize-space(), '{text}')]"
        );
        let element = json!({ "using": "xpath", "value": path });
        let element = self.command("POST", "/element", &element);
        let id = element.as_object().unwrap().values().next().unwrap();
        let path = format!("/element/{}/click", id.as_str().unwrap());
        self.command("POST", &path, &json!({}));
    }

    /// What the browser complained of since it was asked last: errors, and what the policy of a
    /// page kept from happening.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let entries = self.log("browser");
        let message = |entry: &Value| entry["message"].as_str().unwrap().to_owned();
        entries.iter().map(message).collect()
    }

    /// Where everything was loaded from since it was asked last.
    pub(crate) fn origins(&self) -> Vec<String> {
        let mut origins = Vec::new();
        for entry in self.log("performance") {
            let event: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            let event = &event["message"];
            if event["method"] == "Network.requestWillBeSent" {
                let url = event["params"]["request"]["url"].as_str().unwrap();
                let url: url::Url = url.parse().unwrap();
                origins.push(url.origin().ascii_serialization());
            }
        }
        origins.sort();
        origins.dedup();
        origins
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.command("POST", "/se/log", &json!({ "type": kind }));
        entries.as_array().unwrap().clone()
    }

    /// A picture of the page, as a PNG file.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let picture = self.command("GET", "/screenshot", &Value::Null);
        STANDARD.decode(picture.as_str().unwrap()).unwrap()
    }
}

fn running(script: &str) -> Value {
    json!({ "script": script, "args": [] })
}

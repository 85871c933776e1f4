use std::fs;
use std::path::PathBuf;

use crate::driver::Browser;
use crate::page::LOOKS;
use crate::served::{Home, Login, Served};

/// Where somebody signs in.
pub(crate) struct Desk {
    pub(crate) browser: Browser,
    pub(crate) served: Served,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            browser: Browser::start(),
            served: Served::start(),
        }
    }

    /// A home of its own for the command.
    pub(crate) fn home(&self) -> Home {
        Home::at(self.served.endpoint())
    }

    /// Goes to the page that asks for consent.
    pub(crate) fn to_consent(&self, login: &Login) {
        self.browser.open(login.url.as_str());
        self.browser.press("Sign in");
        self.browser.shows("to act for you?");
    }

    /// Everything came from the sandbox and from the command, which listened at this port.
    pub(crate) fn asked_nobody_else(&self, port: u16) {
        let callback = format!("http://localhost:{port}");
        assert_eq!(self.browser.origins(), [self.served.endpoint(), callback]);
    }

    /// The page that shows this fits in every width, and is dark where that is wanted.
    pub(crate) fn has_every_look(&self, words: &str) {
        self.browser.shows(words);
        for look in LOOKS {
            self.browser.look(look);
            assert_eq!(self.browser.width(), (look.width, 0), "{words}");
            let is_dark = look.scheme == "dark";
            assert_eq!(self.browser.is_dark(), is_dark, "{words}: {look:?}");
            if let Some(folder) = std::env::var_os("OSC_APPLY_PICTURES") {
                let name = format!("{words} {} {}.png", look.scheme, look.width);
                let file = PathBuf::from(folder).join(name.replace(' ', "-"));
                fs::write(file, self.browser.picture()).unwrap();
            }
        }
    }
}

use std::net::TcpStream;

use crate::at_desk;
use crate::page::LOOKS;

pub(crate) const ALL: [(&str, fn()); 6] = [
    ("the_pages_say_who_may_do_what_where", words),
    (
        "allowing_signs_in_to_the_workspace_that_is_chosen",
        allowing,
    ),
    ("denying_signs_nobody_in", denying),
    ("reloading_and_going_back_reach_nobody", going_back),
    ("the_pages_fit_every_window_in_light_and_dark", looks),
    (
        "the_browser_gets_the_address_and_no_credentials",
        handed_over,
    ),
];

fn words() {
    at_desk(|desk| {
        let browser = &desk.browser;
        let login = desk.home().login();
        browser.open(login.url.as_str());
        insta::assert_snapshot!(browser.shows("Sign in"), @r"
        OSC sandbox
        An emulator, not the real platform
        Sign in

        to continue to OSC command line

        User name

        This is a sandbox: any user name will do, and there is no password.

        Sign in
        ");
        browser.press("Sign in");
        let filters = vec![(r"localhost:\d+", "localhost:PORT")];
        insta::with_settings!({filters => filters}, {
            insta::assert_snapshot!(browser.shows("Allow"), @r"
        OSC sandbox
        An emulator, not the real platform
        Allow OSC command line to act for you?

        You are signed in as sandbox.

        In which workspace?
        sandbox
        FREE plan
        sandbox-two
        PERSONAL plan

        There the app may, in your name:

        create, change and remove service instances, with the data in them
        read and write their options and secrets
        read their logs and their state
        subscribe to services, and end subscriptions

        You will be sent back to http://localhost:PORT. Go on only if you came from there.

        Allow
        Deny
        ");
        });
        browser.press("Allow");
        insta::assert_snapshot!(browser.shows("Signed in"), @r"
        osc-apply
        Signed in

        osc-apply may now work in the workspace sandbox (prod).

        You can close this page.
        ");
        login.end().exits(0);
    });
}

fn allowing() {
    at_desk(|desk| {
        let browser = &desk.browser;
        for workspace in ["sandbox", "sandbox-two"] {
            let home = desk.home();
            let login = home.login();
            let port = login.port();
            browser.open(login.url.as_str());
            // Somebody who is signed in is not asked again who they are.
            if workspace == "sandbox" {
                browser.press("Sign in");
            }
            browser.shows("to act for you?");
            browser.press(workspace);
            browser.press("Allow");
            let to = format!("the workspace {workspace} (prod)");
            browser.shows(&to);
            let said = login.end().exits(0).stdout;
            assert!(said.contains(&to), "{said}");
            let who = home.run(&["whoami", "--json"]).exits(0).json();
            assert_eq!(who["workspace"], workspace);
            assert_eq!(who["token"]["kind"], "sign_in");
            assert_eq!(browser.complaints(), Vec::<String>::new());
            desk.asked_nobody_else(port);
        }
    });
}

fn denying() {
    at_desk(|desk| {
        let browser = &desk.browser;
        let home = desk.home();
        let login = home.login();
        let port = login.port();
        desk.to_consent(&login);
        browser.press("Deny");
        let text = browser.shows("Not signed in");
        assert!(text.contains("You can close this page."), "{text}");
        let run = login.end().exits(4);
        assert!(run.stderr.contains("access was denied"), "{}", run.stderr);
        home.run(&["whoami"]).exits(4);
        assert_eq!(browser.complaints(), Vec::<String>::new());
        desk.asked_nobody_else(port);
    });
}

fn going_back() {
    at_desk(|desk| {
        let browser = &desk.browser;
        let login = desk.home().login();
        let callback = ("localhost", login.port());
        desk.to_consent(&login);
        browser.press("Allow");
        browser.shows("Signed in");
        login.end().exits(0);
        assert!(TcpStream::connect(callback).is_err());
        browser.navigate("/refresh");
        browser.shows("ERR_CONNECTION_REFUSED");
        browser.navigate("/back");
        browser.shows("to act for you?");
        browser.press("Allow");
        browser.shows("ERR_CONNECTION_REFUSED");
    });
}

fn looks() {
    at_desk(|desk| {
        let browser = &desk.browser;
        let login = desk.home().login();
        browser.open(login.url.as_str());
        desk.has_every_look("Sign in");
        browser.press("Sign in");
        desk.has_every_look("Allow");
        browser.press("Allow");
        desk.has_every_look("Signed in");
        login.end().exits(0);
        let login = desk.home().login();
        browser.open(login.url.as_str());
        browser.shows("Deny");
        browser.press("Deny");
        desk.has_every_look("Not signed in");
        login.end().exits(4);
        browser.look(LOOKS[0]);
    });
}

fn handed_over() {
    at_desk(|desk| {
        let home = desk.home();
        let (login, said) =
            home.login_through_browser(&["OSC_ACCESS_TOKEN", "OSC_CLIENT_SECRET", "CLIENT_SECRET"]);
        let (arguments, variables) = said.split_once("\n\n").unwrap();
        assert_eq!(arguments, format!("1 {}", login.url));
        assert!(variables.contains("HOME="), "{variables}");
        for kept_back in ["canary", "OSC_", "CLIENT_"] {
            assert!(!variables.contains(kept_back), "{variables}");
        }
        desk.to_consent(&login);
        desk.browser.press("Allow");
        desk.browser.shows("Signed in");
        login.end().exits(0);
    });
}

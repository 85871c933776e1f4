//! Faults that strike whoever signs in, or whose sign-in is renewed.

use Step::{Login, Renewal};

use super::name_of;
use crate::served::{LOG, Served};
use crate::sign_in::{FIRST, Waiting, kept, kept_files, sign_in};
use crate::workspace::{PAIR, Workspace};

/// What the fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Login,
    Renewal,
}

pub(super) const ROWS: &[(&str, Step)] = &[
    ("grant-lost-after", Login),
    ("grant-lost-after:after=1", Renewal),
    ("grant-503", Login),
    ("grant-503:after=1", Renewal),
    ("refresh-refused", Renewal),
    ("refresh-withheld", Login),
    ("refresh-kept", Renewal),
];

#[test]
fn under_every_fault_of_signing_in_what_is_said_is_so_and_signing_in_again_mends_it() {
    std::thread::scope(|scope| {
        for (fault, step) in ROWS {
            scope.spawn(|| withstand(fault, *step));
        }
    });
}

fn withstand(fault: &'static str, step: Step) {
    let workspace = Workspace::with(PAIR);
    let served = Served::with(&workspace, &["-v", "--sandbox-fault", fault]);
    let run = match step {
        Login => {
            let waiting = Waiting::login(&workspace, &served.endpoint, &[]);
            waiting.allow(FIRST);
            waiting.end()
        }
        Renewal => {
            sign_in(&workspace, &served.endpoint, FIRST);
            let mut ended = kept(&workspace);
            ended["expires"] = serde_json::json!(1);
            std::fs::write(&kept_files(&workspace)[0], ended.to_string()).unwrap();
            workspace.run_at(&served.endpoint, &["apply", "--yes"])
        }
    };
    let about = format!("{fault}, {step:?}: exit code {}\n{}", run.code, run.stderr);
    let log = std::fs::read_to_string(workspace.path().join(LOG)).unwrap();
    let name = name_of(fault);
    assert!(log.contains(&format!("sandbox: {name} struck ")), "{about}");

    let plan = ["plan", "--detailed-exitcode"];
    let next = workspace.run_at(&served.endpoint, &plan).code;
    match (step, run.code) {
        (Login, 0) => assert_eq!(next, 2, "{about}"),
        (Renewal, 0) => assert_eq!(next, 0, "{about}"),
        (Login, 4) => {}
        (Renewal, 4) => assert!(run.stderr.contains("osc-apply login"), "{about}"),
        _ => panic!("{about}"),
    }
    if step == Login && run.code != 0 {
        assert!(kept_files(&workspace).is_empty(), "{about}");
    }
    if run.code != 0 {
        sign_in(&workspace, &served.endpoint, FIRST);
    }
    workspace.run_at(&served.endpoint, &["apply", "--yes"]).ok();
    workspace.run_at(&served.endpoint, &plan).ok();
}

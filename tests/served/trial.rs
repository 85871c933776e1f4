use std::path::Path;

use libtest_mimic::{Completion, Trial};

/// A trial that is ignored where one of these programs is not installed.
pub(crate) fn needing(programs: &'static [&str], name: &str, run: fn()) -> Trial {
    Trial::ignorable_test(name, move || {
        let missing = programs.iter().find(|program| !is_installed(program));
        if let Some(program) = missing {
            let why = format!("{program} is not installed");
            return Ok(Completion::ignored_with(why));
        }
        run();
        Ok(Completion::Completed)
    })
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(Path::new(program)).is_file())
}

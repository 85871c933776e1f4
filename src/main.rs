//! The `osc-apply` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    osc_apply::cli::run(std::env::args_os())
}

//! The `osc-apply` command.

fn main() {}

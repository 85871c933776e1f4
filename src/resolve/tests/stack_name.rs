//! The name of the stack, from the manifest or a flag.

use super::given::{manifest, stack};

#[test]
fn the_flag_wins_over_the_manifest() {
    let text = "version: 1\nstack: 'vod-${variables.x}'\nvariables: {x: {default: A}}\noutputs: \
                {o: '${stack}'}\n";
    let given = manifest(text).stack_flag("review-7").resolve();
    assert_eq!(given.desired().stack, "review-7");
}

#[test]
fn the_flag_keeps_to_the_rule_for_names() {
    let found = stack("").stack_flag("Review").findings();
    assert_eq!(
        found,
        "- `--stack Review` cannot be the name of a stack (1 to 24 lower-case letters, digits and \
         `-`, beginning with a letter)"
    );
}

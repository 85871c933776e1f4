use super::given::stack;

#[test]
fn outputs_are_kept_in_order_and_checked_as_far_as_they_are_known() {
    let text = "instances: {a: {service: encore}}\noutputs:\n  b: ${instances.a.url}\n  a: {value: \
                1, sensitive: true}\n";
    let given = stack(text).resolve();
    let outputs = &given.desired().outputs;
    assert_eq!(outputs.keys().collect::<Vec<_>>(), ["b", "a"]);
    assert!(outputs["a"].sensitive && !outputs["b"].sensitive);
    for (text, wanted) in [
        (
            "${variables.x}",
            "4:8 there is no variable `x` (declare it under `variables:`)",
        ),
        ("${[1]}", "4:6 an output must be text, this is a list"),
        ("${none}", "4:6 an output must be text, this is null"),
        (
            "a ${instances.b.url}",
            "4:10 there is no instance `b` (declare it under `instances:`)",
        ),
    ] {
        let found = stack(&format!("outputs:\n  o: {text}\n")).findings();
        assert_eq!(found, format!("osc.yaml:{wanted}"), "{text}");
    }
}

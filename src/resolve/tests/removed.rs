//! What is to be removed.

use super::given::stack;

#[test]
fn what_is_removed_is_named_by_its_service_and_name() {
    let given = stack(
        "variables: {n: {default: vod}}\nprune: never\nremoved:\n  old: {service: minio-minio, data: \
         discard}\n  other: {service: encore, name: 'my${variables.n}'}\n",
    )
    .resolve();
    let desired = given.desired();
    assert!(!desired.prune);
    let told: Vec<String> = desired
        .removed
        .iter()
        .map(|(key, it)| format!("{key} {} {} {}", it.service.id, it.name, it.discards_data))
        .collect();
    assert_eq!(
        told,
        ["old minio-minio old true", "other encore myvod false"]
    );
    assert!(stack("").resolve().desired().prune);
}

#[test]
fn what_cannot_be_removed_is_said() {
    for (text, wanted) in [
        (
            "{a: {service: encoer}}",
            "4:24 there is no service `encoer` in the catalog (did you mean `encore`?)",
        ),
        (
            "{my_old: {service: encore}}",
            "4:11 `my_old` cannot be the name of an instance (names are 1 to 20 lower-case \
             letters and digits; the key is the default: add `name:`)",
        ),
        (
            "{a: {service: encore, name: A-b}}",
            "4:38 `A-b` cannot be the name of an instance (names are 1 to 20 lower-case letters \
             and digits)",
        ),
        (
            "{a: {service: encore, name: '${variables.x}'}}",
            "4:41 there is no variable `x` (declare it under `variables:`)",
        ),
        (
            "{a: {service: encore, name: '${instances.e.name}'}}",
            "4:38 `name` cannot depend on an instance (it is needed before anything is read: use \
             variables)",
        ),
        (
            "{a: {service: encore, name: live}}",
            "4:11 encore `live` is `instances.e` as well (take one of them away: what is declared \
             cannot be removed)\n  osc.yaml:3:13 the other one",
        ),
        (
            "{a: {service: encore, name: x}, b: {service: encore, name: x}}",
            "4:42 encore `x` is `removed.a` as well (take one of them away: what is declared \
             cannot be removed)\n  osc.yaml:4:11 the other one",
        ),
    ] {
        let found = stack(&format!(
            "instances: {{e: {{service: encore, name: live}}}}\nremoved: {text}\n"
        ))
        .findings();
        assert_eq!(found, format!("osc.yaml:{wanted}"), "{text}");
    }
    let left_out =
        "instances: {e: {service: encore, when: false}}\nremoved: {e: {service: encore}}\n";
    assert_eq!(stack(left_out).findings(), "");
}

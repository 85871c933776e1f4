use super::given::read;

const HEAD: &str = "version: 1\nstack: shop\n";

#[test]
fn the_sections_of_several_files_are_joined() {
    let read = read(&[
        &format!("{HEAD}instances:\n  a: {{service: encore}}\nvariables:\n"),
        "version: 1\ninstances:\n  b: {service: encore}\nvariables: {x: {default: 1}}\n",
        "outputs: {o: '1'}\n",
    ]);
    assert_eq!(read.findings(), "");
    let manifest = read.manifest.unwrap();
    assert_eq!(manifest.instances.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((manifest.variables.len(), manifest.outputs.len()), (1, 1));
}

#[test]
fn what_stands_in_two_files_is_named_with_both_places() {
    let read = read(&[
        &format!("{HEAD}instances:\n  a: {{service: encore}}\n"),
        "stack: other\ninstances:\n  a: {service: encore}\n",
    ]);
    insta::assert_snapshot!(read.findings(), @r"
    b.yaml:1:1 `stack` stands in two files
      2:1 first here
    b.yaml:3:3 `a` stands in two files
      4:3 first here
    ");
}

#[test]
fn a_file_that_is_no_yaml_does_not_hide_the_mistakes_of_another() {
    let read = read(&["a: [\n", "b: }\n"]);
    assert_eq!(read.found.error_count(), 2);
    assert!(read.manifest.is_none());
}

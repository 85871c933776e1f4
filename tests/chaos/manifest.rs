//! Random manifests and random edits of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use osc_apply::catalog::{OptionKind, OptionSpec, Service};

use crate::dice::Dice;
use crate::level::{self, Level, WITH_PORTS};
use crate::rig::{Id, catalog};

const MOST: usize = 12;

/// Those that differ from the rest in some way: without an update link, without health, with
/// ports, with patterns or a document of their own, with data and without.
pub(crate) const SERVICES: [&str; 18] = [
    "channel-engine",
    "minio-minio",
    "encore",
    "grafana-grafana",
    "wordpress-wordpress",
    "eyevinn-live-encoding",
    "apache-couchdb",
    "eyevinn-qr-generator",
    "eyevinn-encore-callback-listener",
    "eyevinn-test-adserver",
    "eyevinn-app-config-svc",
    "eyevinn-function-scenes",
    "grusell-encore-profile-server",
    "jgraph-drawio",
    "atmoz-sftp",
    "birme-osc-postgresql",
    "linuxserver-docker-mariadb",
    "valkey-io-valkey",
];

/// A stack as numbers and words, from which its text follows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manifest {
    instances: Vec<Instance>,
    next: usize,
}

#[derive(Debug, Clone)]
struct Instance {
    number: usize,
    service: &'static str,
    name: String,
    options: BTreeMap<String, Setting>,
    depends_on: Option<usize>,
    /// Whether `when` leaves it in.
    is_in: bool,
    protect: bool,
    stateless: bool,
    /// `ready: { … }`
    ready: Option<&'static str>,
}

#[derive(Debug, Clone)]
struct Setting {
    literal: String,
    /// What is referred to instead, as long as it is there.
    reference: Option<(usize, String)>,
}

/// What a manifest says of an instance that is not left out.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub(crate) id: Id,
    /// Keys of what it refers to or depends on.
    pub(crate) needs: BTreeSet<String>,
    /// Whether deleting it loses something.
    pub(crate) keeps_data: bool,
    pub(crate) protect: bool,
    /// What its dependants may rely on.
    pub(crate) ready: Level,
}

impl Manifest {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        let mut manifest = Self::default();
        let most = if dice.one_in(4) { MOST } else { MOST - 5 };
        for _ in 0..2 + dice.below(most - 1) {
            manifest.add(dice);
        }
        manifest
    }

    /// A few changes of any kind.
    pub(crate) fn edit(&mut self, dice: &mut Dice) {
        for _ in 0..1 + dice.below(4) {
            match dice.below(10) {
                0 if self.instances.len() < MOST => self.add(dice),
                1 if self.instances.len() > 1 => {
                    self.instances.remove(dice.below(self.instances.len()));
                }
                _ => self.edit_one(dice),
            }
        }
    }

    fn edit_one(&mut self, dice: &mut Dice) {
        let at = dice.below(self.instances.len());
        let (earlier, rest) = self.instances.split_at_mut(at);
        let one = &mut rest[0];
        match dice.below(12) {
            0 => one.name = format!("k{}r{}", one.number, dice.below(50)),
            1 => one.is_in = !one.is_in,
            2 => one.protect = !one.protect,
            3 => one.stateless = !one.stateless,
            4 => one.depends_on = dependency(dice, earlier),
            _ => {
                let specs: Vec<&OptionSpec> = service(one.service).options.values().collect();
                if !specs.is_empty() {
                    let spec = *dice.pick(&specs);
                    if dice.one_in(4) && !spec.mandatory {
                        one.options.remove(&spec.name);
                    } else if let Some(setting) = setting(dice, spec, earlier) {
                        one.options.insert(spec.name.clone(), setting);
                    }
                }
            }
        }
    }

    fn add(&mut self, dice: &mut Dice) {
        let id = *dice.pick(&SERVICES);
        let mut options = BTreeMap::new();
        for spec in service(id).options.values() {
            if (spec.mandatory || dice.one_in(2))
                && let Some(setting) = setting(dice, spec, &self.instances)
            {
                options.insert(spec.name.clone(), setting);
            }
        }
        self.instances.push(Instance {
            number: self.next,
            service: id,
            name: format!("k{}", self.next),
            options,
            depends_on: dependency(dice, &self.instances),
            is_in: !dice.one_in(12),
            protect: dice.one_in(8),
            stateless: dice.one_in(8),
            ready: level::said(dice, id),
        });
        self.next += 1;
    }

    /// Everything that is not left out, by key.
    pub(crate) fn declared(&self) -> BTreeMap<String, Declared> {
        let all = self.instances.iter().enumerate();
        let all = all.filter(|(_, one)| one.is_in);
        all.map(|(at, one)| {
            let referred = one.options.values().filter_map(|it| self.referred(at, it));
            let on = one.depends_on.filter(|number| self.has(at, *number));
            let needs = referred.map(|(number, _)| *number).chain(on);
            let declared = Declared {
                id: (one.service.to_owned(), one.name.clone()),
                needs: needs.map(|number| format!("k{number}")).collect(),
                keeps_data: service(one.service).keeps_data && !one.stateless,
                protect: one.protect,
                ready: Level::of(one.service, one.ready),
            };
            (format!("k{}", one.number), declared)
        })
        .collect()
    }

    /// Whether the instance of this number stands before a place and is not left out.
    fn has(&self, at: usize, number: usize) -> bool {
        let mut earlier = self.instances[..at].iter();
        earlier.any(|one| one.number == number && one.is_in)
    }

    fn referred<'s>(&self, at: usize, setting: &'s Setting) -> Option<&'s (usize, String)> {
        let reference = setting.reference.as_ref();
        reference.filter(|(number, _)| self.has(at, *number))
    }

    pub(crate) fn yaml(&self) -> String {
        let mut yaml = "variables:\n  out: { default: false }\ninstances:\n".to_owned();
        for (at, one) in self.instances.iter().enumerate() {
            let Instance {
                number,
                service,
                name,
                ..
            } = one;
            writeln!(
                yaml,
                "  k{number}:\n    service: {service}\n    name: {name}"
            )
            .unwrap();
            let mut line = |text: String| writeln!(yaml, "    {text}").unwrap();
            if let Some(on) = one.depends_on.filter(|on| self.has(at, *on)) {
                line(format!("depends_on: [instances.k{on}]"));
            }
            if !one.is_in {
                line("when: '${variables.out}'".to_owned());
            }
            if one.protect {
                line("protect: true".to_owned());
            }
            if one.stateless {
                line("data: none".to_owned());
            }
            if let Some(ready) = one.ready {
                line(format!("ready: {{ {ready} }}"));
            }
            if !one.options.is_empty() {
                line("options:".to_owned());
            }
            for (option, setting) in &one.options {
                let value = match self.referred(at, setting) {
                    Some((_, expression)) => expression,
                    None => &setting.literal,
                };
                line(format!("  {option}: {value}"));
            }
        }
        yaml
    }
}

fn service(id: &str) -> &'static Service {
    catalog().service(id).unwrap()
}

fn dependency(dice: &mut Dice, earlier: &[Instance]) -> Option<usize> {
    (dice.one_in(5) && !earlier.is_empty()).then(|| dice.pick(earlier).number)
}

/// A value for an option, unless it can have none of those we know.
fn setting(dice: &mut Dice, spec: &OptionSpec, earlier: &[Instance]) -> Option<Setting> {
    let literals = literals(dice, spec);
    if literals.is_empty() {
        return None;
    }
    let literal = dice.pick(&literals).clone();
    let is_text = spec.kind == OptionKind::Text;
    let target = (is_text && !earlier.is_empty() && dice.one_in(2)).then(|| dice.pick(earlier));
    let reference = target.and_then(|target| {
        let expressions = expressions(spec, target);
        let chosen = (!expressions.is_empty()).then(|| dice.pick(&expressions).clone());
        Some((target.number, chosen?))
    });
    Some(Setting { literal, reference })
}

fn fits(spec: &OptionSpec, text: &str) -> bool {
    let pattern = spec.pattern.as_ref();
    pattern.is_none_or(|pattern| pattern.matches(text).unwrap())
}

fn literals(dice: &mut Dice, spec: &OptionSpec) -> Vec<String> {
    match &spec.kind {
        OptionKind::Boolean => vec!["true".into(), "false".into()],
        OptionKind::Enum(words) => words.iter().map(|word| format!("'{word}'")).collect(),
        OptionKind::List => vec!["[en, sv]".into(), "[sv]".into()],
        OptionKind::Text => {
            let secret = format!("canary{}Passw0rd", dice.below(20));
            let texts = match spec.sensitive {
                true => vec![secret.as_str()],
                false => vec![
                    "https://x.example/",
                    "abc",
                    "12",
                    " spaced out ",
                    "a:prometheus:https://x.example",
                ],
            };
            let fitting = texts.into_iter().filter(|text| fits(spec, text));
            fitting.map(|text| format!("'{text}'")).collect()
        }
    }
}

/// Ways to refer to another instance in an option.
fn expressions(spec: &OptionSpec, target: &Instance) -> Vec<String> {
    let number = target.number;
    let mut all = vec![(
        "https://sandbox-k1.minio-minio.auto.prod-se.osaas.io",
        "${instances.K.url}".to_owned(),
    )];
    all.push(("x-a.example", "x-${instances.K.host}".to_owned()));
    if WITH_PORTS.contains(&target.service) {
        all.push((
            "redis://203.0.113.1:10000",
            "redis://${instances.K.address}".to_owned(),
        ));
        all.push(("203.0.113.1", "${instances.K.ports[0].ip}".to_owned()));
    }
    let mandatory = service(target.service).options.values().find(|other| {
        // A secret in an option that is none would rightly be shown once it is a literal again.
        let is_safe = spec.sensitive || !other.sensitive;
        other.mandatory && other.kind == OptionKind::Text && other.pattern.is_none() && is_safe
    });
    if let (Some(other), None) = (mandatory, &spec.pattern) {
        all.push(("", format!("${{instances.K.options.{}}}", other.name)));
    }
    let fitting = all.into_iter().filter(|(sample, _)| fits(spec, sample));
    fitting
        .map(|(_, expression)| format!("'{}'", expression.replace('K', &format!("k{number}"))))
        .collect()
}

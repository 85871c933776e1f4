//! From a manifest's text to a plan that changes nothing, with time and memory.
//!
//! The workspace is made of data, so that nothing but our own work is measured.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use divan::{AllocProfiler, Bencher};
use osc_apply::catalog::Catalog;
use osc_apply::live::{Found, Live, State};
use osc_apply::manifest::{self, Manifest};
use osc_apply::model::{Diagnostics, Endpoint, OptionValue, Port, Sources};
use osc_apply::osc::{Instance, Links};
use osc_apply::plan::{self, Consent, Plan};
use osc_apply::resolve::{
    self, Desired, DesiredInstance, Inputs, OptionSetting, Scope, Setting, Value,
};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::bundled().unwrap());

const SIZES: [usize; 3] = [100, 1_000, 10_000];

fn main() {
    LazyLock::force(&CATALOG);
    divan::main();
}

/// A manifest of `size` instances: stacks of five that refer to each other.
fn text(size: usize) -> String {
    let mut yaml =
        "version: 1\nstack: bench\nvariables:\n  password: { default: Passw0rd }\ninstances:\n"
            .to_owned();
    for n in (0..size).step_by(5) {
        write!(
            yaml,
            "  db{n}:
    service: linuxserver-docker-mariadb
    options: {{ RootPassword: '${{variables.password}}', Database: wp, User: wp, Password: '${{variables.password}}' }}
  site{n}:
    service: wordpress-wordpress
    options:
      DbHost: '${{instances.db{n}.ports[0].ip}}:${{instances.db{n}.ports[0].port}}'
      DbUser: wp
      DbPassword: '${{variables.password}}'
      DbName: wp
  cache{n}:
    service: valkey-io-valkey
    options: {{ Password: '${{variables.password}}' }}
  listener{n}:
    service: eyevinn-encore-callback-listener
    depends_on: [instances.db{n}]
    options:
      RedisUrl: 'redis://${{instances.cache{n}.address}}'
      EncoreUrl: '${{instances.site{n}.url}}'
  live{n}:
    service: eyevinn-live-encoding
    options: {{ HlsOnly: false, InputUrl: '${{instances.listener{n}.url}}/x', Ladder: '1,2,3' }}
"
        )
        .unwrap();
    }
    yaml
}

/// A manifest's text and the workspace that is as it says.
struct Case {
    text: String,
    live: Live,
}

impl Case {
    fn of(size: usize) -> Self {
        let text = text(size);
        let mut sources = Sources::default();
        let desired = resolved(&parsed(&text, &mut sources), &sources);
        Self {
            live: matching(&desired),
            text,
        }
    }
}

fn parsed(text: &str, sources: &mut Sources) -> Manifest {
    let file = sources.add("osc.yaml", text);
    let mut found = Diagnostics::default();
    manifest::load(&[file], sources, &mut found).unwrap()
}

fn resolved(manifest: &Manifest, sources: &Sources) -> Desired {
    let inputs = Inputs {
        environment: "prod".to_owned(),
        workspace: Some("bench".to_owned()),
        ..Inputs::default()
    };
    let mut found = Diagnostics::default();
    let desired = resolve::resolve(manifest, &inputs, &CATALOG, sources, &mut found);
    desired.unwrap_or_else(|| panic!("{:?}", found.sorted()))
}

fn planned(desired: &Desired, live: &Live, sources: &Sources) -> Plan {
    let plan = plan::plan(desired, live, &Consent::default(), sources);
    plan.unwrap_or_else(|found| panic!("{:?}", found.sorted()))
}

fn matching(desired: &Desired) -> Live {
    let mut scope = desired.scope.clone();
    let mut instances = HashMap::new();
    for (key, instance) in &desired.instances {
        let found = found(instance, &scope);
        scope.set_endpoint(key, found.endpoint.clone());
        instances.insert(key.clone(), State::Present(Box::new(found)));
    }
    Live {
        workspace: "bench".to_owned(),
        instances,
        ..Live::default()
    }
}

fn found(instance: &DesiredInstance, scope: &Scope) -> Found {
    let name = &instance.name;
    let url = format!(
        "https://bench-{name}.{}.auto.prod-se.osaas.io",
        instance.service.id
    );
    let port = Port {
        ip: "203.0.113.9".to_owned(),
        port: 10_000,
        internal: 1,
    };
    let options = instance.options.iter();
    Found {
        listed_as_suspended: false,
        endpoint: Endpoint {
            url: Some(url.clone()),
            address: Some("203.0.113.9:10000".to_owned()),
            ports: Some(vec![port]),
        },
        instance: Instance {
            name: name.clone(),
            id: None,
            url: Some(url),
            options: options
                .map(|option| (option.name.clone(), value(option, scope)))
                .collect(),
            can_update: true,
            can_restart: true,
            has_page: false,
            links: Some(Links {
                update: Some(format!("/instance/{name}")),
                restart: Some(format!("/restart/{name}")),
                health: Some(format!("/health/{name}")),
                ports: Some(format!("/ports/{name}")),
                logs: Some(format!("/logs/{name}")),
            }),
        },
    }
}

fn value(option: &OptionSetting, scope: &Scope) -> OptionValue {
    match &option.setting {
        Setting::Known(value) => value.clone(),
        Setting::Deferred(formula) => match formula.evaluate(scope) {
            Ok(Value::Known(literal)) => {
                OptionValue::new(literal.as_text().unwrap().to_owned(), option.sensitive)
            }
            _ => panic!("`{}` is not known", option.name),
        },
        Setting::Unset => panic!("nothing is unset here"),
    }
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn parse_resolve_and_plan(bencher: Bencher<'_, '_>, size: usize) {
    let case = Case::of(size);
    bencher.bench_local(|| {
        let mut sources = Sources::default();
        let manifest = parsed(&case.text, &mut sources);
        let desired = resolved(&manifest, &sources);
        let plan = planned(&desired, &case.live, &sources);
        assert!(!plan.has_changes());
        plan
    });
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn parse(bencher: Bencher<'_, '_>, size: usize) {
    let text = text(size);
    bencher.bench_local(|| parsed(&text, &mut Sources::default()));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn resolve(bencher: Bencher<'_, '_>, size: usize) {
    let text = text(size);
    let mut sources = Sources::default();
    let manifest = parsed(&text, &mut sources);
    bencher.bench_local(|| resolved(&manifest, &sources));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn plan_alone(bencher: Bencher<'_, '_>, size: usize) {
    let case = Case::of(size);
    let mut sources = Sources::default();
    let desired = resolved(&parsed(&case.text, &mut sources), &sources);
    bencher.bench_local(|| planned(&desired, &case.live, &sources));
}

//! What crosses the files of `import`: whole manifests, as the loader and resolver read them.

mod exact;
mod secrecy;
mod shape;

use std::sync::LazyLock;

use super::{Heading, Imported, Subject, manifest};
use crate::catalog::Catalog;
use crate::model::{Endpoint, OptionValue, Port};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::bundled().unwrap());

/// An instance with these options.
pub(super) fn subject(service: &str, name: &str, options: &[(&str, &str)]) -> Subject {
    let service = CATALOG.service(service).unwrap().clone();
    let options = options.iter().map(|(option, text)| {
        assert!(service.option(option).is_some(), "{option}");
        let value = OptionValue::new((*text).to_owned(), service.is_sensitive(option));
        ((*option).to_owned(), value)
    });
    Subject {
        options: options.collect(),
        name: name.to_owned(),
        endpoint: Endpoint::default(),
        suspended: None,
        service: service.clone(),
    }
}

/// The same where it is reached.
pub(super) fn reached(subject: Subject, url: &str, ports: &[(&str, u16)]) -> Subject {
    let exposed = ports.iter().map(|(ip, port)| Port {
        ip: (*ip).to_owned(),
        port: *port,
        internal: 6379,
    });
    Subject {
        endpoint: Endpoint {
            url: Some(url.to_owned()),
            address: ports.first().map(|(ip, port)| format!("{ip}:{port}")),
            ports: Some(exposed.collect()),
        },
        ..subject
    }
}

fn imported(subjects: &[Subject]) -> Imported {
    let heading = Heading {
        stack: "imported",
        workspace: "acme",
        environment: None,
        file: None,
    };
    manifest(heading, subjects.to_vec(), &[], Vec::new())
}

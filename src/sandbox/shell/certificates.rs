//! A certificate authority per world, and a certificate per host.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SigningKey};

use super::{Shell, ShellError};
use crate::sandbox::world::Authority;

/// The domain whose hosts get certificates.
const DOMAIN: &str = "osaas.io";

/// The name of the world's authority.
const OURS: &str = "osc-apply sandbox";

/// The name on the certificate of an ingress that has no other yet (API notes 13.2).
const NOBODY: &str = "Kubernetes Ingress Controller Fake Certificate";

/// How many certificates are kept; one more starts afresh.
const KEPT: usize = 1024;

/// Makes certificates for the hosts clients ask for.
pub(super) struct Certificates {
    issuer: Issuer<'static, KeyPair>,
    authority: CertificateDer<'static>,
    /// All hosts share a key, which spares making one for each.
    key: KeyPair,
    signing_key: Arc<dyn SigningKey>,
    issued: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    /// Those signed by the authority of the shell's world, which is made when there is none.
    pub(super) fn of(shell: &Shell) -> Result<Certificates, ShellError> {
        let authority = shell.with_world(|world| {
            if let Some(authority) = world.authority() {
                return Ok(authority.clone());
            }
            let authority = make_authority(OURS)?;
            world.set_authority(authority.clone());
            Ok(authority)
        })?;
        authority
            .and_then(|authority| Certificates::signed_by(&authority, OURS))
            .map_err(failed)
    }

    /// Those signed by an authority that is made for them and forgotten.
    pub(super) fn of_nobody() -> Result<Certificates, ShellError> {
        make_authority(NOBODY)
            .and_then(|authority| Certificates::signed_by(&authority, NOBODY))
            .map_err(failed)
    }

    /// The authority's certificate.
    pub(super) fn authority_der(&self) -> &[u8] {
        &self.authority
    }

    fn signed_by(authority: &Authority, name: &str) -> Result<Certificates, Failure> {
        let key = KeyPair::generate()?;
        let secret = PrivateKeyDer::try_from(key.serialize_der())?;
        Ok(Certificates {
            issuer: Issuer::new(authority_params(name), KeyPair::from_pem(&authority.key)?),
            authority: CertificateDer::from_pem_slice(authority.certificate.as_bytes())?,
            signing_key: any_supported_type(&secret)?,
            key,
            issued: Mutex::default(),
        })
    }

    fn for_host(&self, host: &str) -> Option<Arc<CertifiedKey>> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certificate) = issued.get(host) {
            return Some(certificate.clone());
        }
        let certificate = host_params(host)
            .ok()?
            .signed_by(&self.key, &self.issuer)
            .ok()?;
        let chain = vec![certificate.der().clone()];
        let certified = Arc::new(CertifiedKey::new(chain, self.signing_key.clone()));
        if issued.len() >= KEPT {
            issued.clear();
        }
        issued.insert(host.to_owned(), certified.clone());
        Some(certified)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let host = hello.server_name()?.to_ascii_lowercase();
        let ours = host.strip_suffix(DOMAIN)?.ends_with('.');
        if ours { self.for_host(&host) } else { None }
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificates(..)")
    }
}

/// Tells why certificates cannot be made.
pub(super) fn failed(error: impl fmt::Display) -> ShellError {
    ShellError::Certificates(error.to_string())
}

type Failure = Box<dyn std::error::Error>;

fn make_authority(name: &str) -> Result<Authority, Failure> {
    let key = KeyPair::generate()?;
    let certificate = authority_params(name).self_signed(&key)?;
    Ok(Authority {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    })
}

/// What the authority's certificate says, apart from its key.
fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    // Whoever gets hold of the key can do no harm beyond the emulated platform.
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(DOMAIN.to_owned())],
        excluded_subtrees: Vec::new(),
    });
    params
}

fn host_params(host: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(vec![host.to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params.use_authority_key_identifier_extension = true;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

//! How servers are asked by HTTP, and whose certificates are trusted.

use crate::failure::Failure;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::AgentScope;

/// Where distributions keep the certificates they trust.
const SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

fn system() -> PathBuf {
    let named = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty());
    let usual = || SYSTEM.iter().find(|path| Path::new(path).exists());
    match named {
        Some(path) => path.into(),
        None => usual().unwrap_or(&SYSTEM[0]).into(),
    }
}

/// The certificates of a file cannot be used; by default the system's.
pub fn unread(file: Option<&Path>, why: impl Display) -> Failure {
    let (path, advice) = match file {
        Some(path) => (path.to_owned(), "name another file"),
        None => (
            system(),
            "name the file of the server's authority in SSL_CERT_FILE, or with sslrootcert=FILE in the URL of a central store",
        ),
    };
    let path = path.display();
    Failure::new(format_args!(
        "the certificates to trust cannot be read from {path}"
    ))
    .why(why)
    .advice(advice)
}

/// The certificates of a file, or those that the system trusts.
pub fn roots(file: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let path = file.map_or_else(system, Path::to_owned);
    let found = CertificateDer::pem_file_iter(&path).map_err(|e| unread(file, e))?;
    let found: Result<Vec<_>, _> = found.collect();
    let found = found.map_err(|e| unread(file, e))?;
    match found.is_empty() {
        true => Err(unread(file, "it holds none")),
        false => Ok(found),
    }
}

/// Who asks the server at a URL.
pub fn agent(
    url: &str,
    tuned: impl FnOnce(ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope>,
) -> Result<Agent, Failure> {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent("libaim");
    if url.starts_with("https:") {
        let trusted = roots(None)?;
        let trusted = trusted
            .iter()
            .map(|root| Certificate::from_der(root).to_owned());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::from(trusted.collect::<Vec<_>>()))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
        config = config.tls_config(tls.build());
    }
    Ok(tuned(config).build().into())
}

//! The reqwest client of a connection.

use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::Certificate;
use url::{Host, Url};

use super::Limits;
use crate::PollError;

/// The base address, without query and fragment.
pub(super) fn checked_base(base: &Url) -> Result<Url, PollError> {
    let wrong = |what: &str| Err(PollError::Misconfigured { what: what.to_owned() });
    if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
        return wrong("the address must begin with http:// or https:// and name a host");
    }
    if !base.username().is_empty() || base.password().is_some() {
        return wrong("the address must not contain a user or password: enter them as credential");
    }
    let mut base = base.clone();
    base.set_query(None);
    base.set_fragment(None);
    Ok(base)
}

/// A client without redirects, retries, cookies and decompression: these are ours.
pub(super) fn build(
    base: &Url,
    ca_pem: Option<&[u8]>,
    limits: &Limits,
    user_agent: &str,
) -> Result<reqwest::Client, PollError> {
    // Another part of the process may have chosen a provider already; then that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
    let mut builder = reqwest::Client::builder()
        .user_agent(user_agent)
        .default_headers(headers)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(limits.connect)
        .pool_idle_timeout(std::time::Duration::from_secs(60));
    if is_loopback(base) {
        // What runs on this machine is never behind a proxy, and its credential must not pass through one.
        builder = builder.no_proxy();
    }
    if let Some(pem) = ca_pem {
        builder = builder.tls_certs_merge(certificates(pem)?);
    }
    builder.build().map_err(|_| PollError::Misconfigured {
        what: "TLS could not be set up: the CA file or the system's certificates cannot be used".to_owned(),
    })
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, PollError> {
    match Certificate::from_pem_bundle(pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(PollError::Misconfigured {
            what: "ca_file holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)".to_owned(),
        }),
    }
}

fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

//! The reqwest client of a connection.

use std::time::Duration;

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

/// What the two clients of a connection are built from.
pub(super) struct Recipe {
    ca: Vec<Certificate>,
    connect: Duration,
    user_agent: String,
}

impl Recipe {
    pub fn new(ca_pem: Option<&[u8]>, limits: &Limits, user_agent: String) -> Result<Self, PollError> {
        // Another part of the process may have chosen a provider already; then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let ca = ca_pem.map(certificates).transpose()?.unwrap_or_default();
        Ok(Self { ca, connect: limits.connect, user_agent })
    }

    /// The client for the connection's own origin.
    pub fn home(&self, base: &Url) -> Result<reqwest::Client, PollError> {
        let mut builder = self.builder();
        if is_loopback(base) {
            // What runs on this machine is never behind a proxy, and its credential must not pass through one.
            builder = builder.no_proxy();
        }
        if base.scheme() == "http" {
            // Never leaves its scheme, so the system's certificates (some 150, parsed each time) are not read.
            return built(builder.tls_certs_only([]));
        }
        built(builder.tls_certs_merge(self.ca.iter().cloned()))
    }

    /// The client for downloads elsewhere, which never carries the credential.
    pub fn elsewhere(&self) -> Result<reqwest::Client, PollError> {
        built(self.builder().tls_certs_merge(self.ca.iter().cloned()))
    }

    /// Without redirects, retries, cookies and decompression: these are ours.
    fn builder(&self) -> reqwest::ClientBuilder {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
        reqwest::Client::builder()
            .user_agent(self.user_agent.as_str())
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(self.connect)
            .pool_idle_timeout(Duration::from_secs(60))
    }
}

fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, PollError> {
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

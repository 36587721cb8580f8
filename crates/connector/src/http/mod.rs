//! The HTTP facade all connectors share.
//!
//! One [`Http`] stands for one connection. It holds what every request must obey, so that no connector can forget it:
//! deadlines, a size limit on *decompressed* bytes, the request budget of the host, the ETag cache, retries (reads
//! only), cancellation, and the credential, which is attached only to the connection's own origin.
//!
//! ```ignore
//! let response = cx.http.get("/api/v2/alerts").query(&[("active", "true")]).conditional().send().await?;
//! let alerts: Vec<wire::Alert> = response.json()?;
//! ```
//!
//! *Invariant:* no error, log line or `Debug` output has a header, a body, a query string or a credential in it.
//! *Invariant:* reqwest's redirect following and automatic decompression stay off: the first hands custom credential
//! headers to other hosts, the second has no size limit.

mod auth;
mod body;
mod budget;
mod cache;
mod client;
mod exchange;
mod message;
mod ratelimit;
mod redirect;
mod request;
mod response;
mod retry;
mod session;
mod tls;
mod verdict;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use http::Method;
use qd_model::{Clock, Quota};
use tokio_util::sync::CancellationToken;
use url::Url;

pub use auth::Auth;
#[cfg(feature = "testkit")]
pub(crate) use auth::base64;
pub use budget::Budget;
pub use cache::{Cached, EtagCache, MemoryCache, NoCache};
pub use request::{Request, segment};
pub use response::Response;

use crate::{ActError, PollError};

/// Requests to the origin of one connection. A clone is cheap and shares everything but the cancellation token.
#[derive(Clone)]
pub struct Http {
    inner: Arc<Inner>,
    cancel: CancellationToken,
}

/// What a connection's requests need to know.
pub struct HttpConfig {
    /// Base address; its path is a prefix of every relative path.
    pub base: Url,
    /// How the credential is presented.
    pub auth: Auth,
    /// Certificates (PEM) to trust besides the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// Deadlines and sizes.
    pub limits: Limits,
    /// Where conditional requests keep their answers. One per connection: entries depend on the credential.
    pub cache: Arc<dyn EtagCache>,
    /// Shared by all connections with the same host and credential.
    pub budget: Arc<Budget>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// `User-Agent`.
    pub user_agent: String,
}

/// Deadlines and sizes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the TCP and TLS connection.
    pub connect: Duration,
    /// From the start of a request to the end of its response headers.
    pub header: Duration,
    /// For everything: redirects, retries, the whole body.
    pub total: Duration,
    /// Decompressed bytes of a body.
    pub body_bytes: u64,
    /// Redirects followed, all of them within the origin.
    pub redirects: u32,
    /// Upper bound of the first delay before a retry; doubles with each.
    pub retry_base: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            header: Duration::from_secs(15),
            total: Duration::from_secs(30),
            body_bytes: 16 * 1024 * 1024,
            redirects: 3,
            retry_base: Duration::from_millis(500),
        }
    }
}

/// What a connection's requests have cost so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests that left, retries and redirects included.
    pub requests: u64,
    /// Answers that were "not modified" (304).
    pub not_modified: u64,
    /// Body bytes received, as they came over the wire (before decompression).
    pub bytes: u64,
}

struct Inner {
    client: reqwest::Client,
    /// For the few downloads that are redirected to another origin; built when the first comes.
    elsewhere: OnceLock<reqwest::Client>,
    recipe: client::Recipe,
    base: Url,
    credential: auth::Credential,
    limits: Limits,
    cache: Arc<dyn EtagCache>,
    budget: Arc<Budget>,
    clock: Arc<dyn Clock>,
    counters: Counters,
    skew: Mutex<Option<TimeDelta>>,
}

#[derive(Default)]
struct Counters {
    requests: AtomicU64,
    not_modified: AtomicU64,
    bytes: AtomicU64,
}

impl Http {
    /// Prepares requests to one origin. No I/O.
    ///
    /// # Errors
    /// [`PollError::Misconfigured`]: the address is not http(s) or has user info, the CA file is not PEM, the credential
    /// has characters that cannot be sent.
    pub fn new(config: HttpConfig) -> Result<Self, PollError> {
        let base = client::checked_base(&config.base)?;
        let recipe = client::Recipe::new(config.ca_pem.as_deref(), &config.limits, config.user_agent)?;
        let inner = Inner {
            client: recipe.home(&base)?,
            elsewhere: OnceLock::new(),
            recipe,
            credential: auth::Credential::new(config.auth)?,
            base,
            limits: config.limits,
            cache: config.cache,
            budget: config.budget,
            clock: config.clock,
            counters: Counters::default(),
            skew: Mutex::new(None),
        };
        Ok(Self { inner: Arc::new(inner), cancel: CancellationToken::new() })
    }

    /// The same connection, whose requests end within a second once `cancel` fires.
    #[must_use]
    pub fn with_cancel(&self, cancel: CancellationToken) -> Self {
        Self { inner: self.inner.clone(), cancel }
    }

    /// The base address.
    pub fn base(&self) -> &Url {
        &self.inner.base
    }

    /// Whether a credential is presented.
    pub fn signs_in(&self) -> bool {
        self.inner.credential.is_given()
    }

    /// A GET. `path` is relative to the base address (whose path is kept) and may have a query, or is an absolute
    /// address of the same origin. Parts that come from a backend go through [`segment`].
    pub fn get(&self, path: &str) -> Request {
        Request::new(self, Method::GET, path)
    }

    /// A POST. See [`Http::get`] for `path`.
    pub fn post(&self, path: &str) -> Request {
        Request::new(self, Method::POST, path)
    }

    /// A PUT. See [`Http::get`] for `path`.
    pub fn put(&self, path: &str) -> Request {
        Request::new(self, Method::PUT, path)
    }

    /// A PATCH. See [`Http::get`] for `path`.
    pub fn patch(&self, path: &str) -> Request {
        Request::new(self, Method::PATCH, path)
    }

    /// A DELETE. See [`Http::get`] for `path`.
    pub fn delete(&self, path: &str) -> Request {
        Request::new(self, Method::DELETE, path)
    }

    /// The quota the backend told last. `None`: it does not tell, or the window is over.
    pub fn quota(&self) -> Option<Quota> {
        self.inner.budget.quota()
    }

    /// The server's clock minus ours, from the last `Date` header. `None`: no answer yet, or without a date.
    pub fn clock_skew(&self) -> Option<TimeDelta> {
        *self.inner.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the requests of this connection have cost so far.
    pub fn stats(&self) -> Stats {
        let counters = &self.inner.counters;
        Stats {
            requests: counters.requests.load(Ordering::Relaxed),
            not_modified: counters.not_modified.load(Ordering::Relaxed),
            bytes: counters.bytes.load(Ordering::Relaxed),
        }
    }

    /// Carries out a request that a foreign client (octocrab) has made, by the same rules: a GET is a conditional read,
    /// anything else one single attempt. Its own credential headers are dropped, ours are used.
    ///
    /// # Errors
    /// As [`Request::send`]. For writes prefer [`Http::execute_write`], which tells whether anything may have happened.
    pub async fn execute(&self, request: http::Request<Bytes>) -> Result<Response, PollError> {
        Request::foreign(self, request).send().await
    }

    /// Carries out a write that a foreign client has made. See [`Http::execute`].
    ///
    /// # Errors
    /// As [`Request::write`].
    pub async fn execute_write(&self, request: http::Request<Bytes>) -> Result<Response, ActError> {
        Request::foreign(self, request).write().await
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let origin = self.inner.base.origin().ascii_serialization();
        f.debug_struct("Http").field("origin", &origin).field("stats", &self.stats()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for HttpConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let origin = self.base.origin().ascii_serialization();
        f.debug_struct("HttpConfig")
            .field("origin", &origin)
            .field("auth", &self.auth)
            .finish_non_exhaustive()
    }
}

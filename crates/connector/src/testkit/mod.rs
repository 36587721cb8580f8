//! A server that misbehaves in every way, the suite of claims that every connector must keep, and stand-ins for tests that
//! ask no backend at all ([`Described`], [`NoCredentials`]). For tests only.
//!
//! # Using the suite in a connector
//!
//! `Cargo.toml`:
//! ```toml
//! [dev-dependencies]
//! qd-connector = { workspace = true, features = ["testkit"] }
//! ```
//! `tests/conformance.rs`:
//! ```ignore
//! use qd_connector::testkit::{RecordedRequest, Reply, SampleAction, Suite, conformance};
//!
//! /// What a healthy server answers. Called for every request; `path` is without query, `query` is decoded.
//! fn healthy(request: &RecordedRequest) -> Reply {
//!     match (request.method.as_str(), request.path.as_str()) {
//!         ("GET", "/api/v2/alerts") => Reply::json_text(include_str!("../fixtures/alerts.json")),
//!         ("POST", "/api/v2/silences") => Reply::json_text(r#"{"silenceID":"8c2f"}"#),
//!         _ => Reply::status(404),
//!     }
//! }
//!
//! /// The same, with words for states that nobody knows (here: "flurbish").
//! fn unknown_words(request: &RecordedRequest) -> Reply {
//!     healthy(request).replace("\"active\"", "\"flurbish\"")
//! }
//!
//! #[tokio::test] // the current-thread flavour: the suite listens to the log of its own thread
//! async fn alertmanager_keeps_the_contract() {
//!     let suite = Suite::new(&qd_connector_alertmanager::Alertmanager, healthy)
//!         .settings(serde_json::json!({}))         // [connection.settings]
//!         .credential("user:canary-7f3a91d2")      // in the form `Backend::auth` takes; must contain "canary"
//!         .unknown_words("flurbish", unknown_words)
//!         .action(SampleAction::on_entity("silence", |fact| fact.state_word() == "firing").arg("duration", "2h"));
//!     conformance::run(suite).await.assert_passed();
//! }
//! ```
//! The server lies at a loopback address; where answers must contain links to the server itself (paging), write them with
//! [`RecordedRequest::origin`]. The clock stands at [`Suite::now`] (2026-01-15T12:00:00Z unless set). Everything that is
//! not GET or HEAD counts as a write; a backend that reads by POST says so with [`Suite::reads`].
//!
//! The suite needs a few seconds, because its deadlines are a few hundred milliseconds ([`limits`]).
//! A failed claim is listed with what was expected, what came, and what to do about it.
//!
//! # Using the server alone
//! ```ignore
//! let server = FaultServer::start(|request| if request.number == 1 { Reply::hang() } else { Reply::json(&json!([])) }).await;
//! let http = testkit::http(&server.url(), Auth::None);
//! …
//! assert_eq!(server.requests().len(), 2);
//! ```

mod canary;
pub mod conformance;
mod pki;
mod reply;
mod server;
mod stand_ins;
mod suite;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use qd_model::{Clock, ManualClock};
use url::Url;

pub use canary::{LogCapture, Secrets};
pub use pki::{Identity, Pki};
pub use reply::Reply;
pub use server::{FaultServer, Opening, RecordedRequest};
pub use stand_ins::{Described, NoCredentials, SILENCE, descriptor};
pub use suite::{Claim, Outcome, Report, SampleAction, Suite};

use crate::PollError;
use crate::http::{Auth, Budget, Http, HttpConfig, Limits, MemoryCache};

/// Deadlines short enough for a suite that runs into each of them.
pub fn limits() -> Limits {
    Limits {
        connect: Duration::from_millis(200),
        header: Duration::from_millis(300),
        total: Duration::from_millis(900),
        body_bytes: 512 * 1024,
        redirects: 3,
        retry_base: Duration::from_millis(5),
    }
}

/// A facade for tests: [`limits`], an ETag cache in memory, a budget of its own, a clock that stands at [`now`].
///
/// # Panics
/// The address or the credential cannot be used.
pub fn http(base: &Url, auth: Auth) -> Http {
    config(base, auth, Arc::new(ManualClock::at(now())), None).unwrap_or_else(|error| panic!("{error}"))
}

/// The instant at which the clocks of the kit stand.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_768_478_400, 0).unwrap_or_default()
}

fn config(base: &Url, auth: Auth, clock: Arc<dyn Clock>, ca_pem: Option<Vec<u8>>) -> Result<Http, PollError> {
    Http::new(HttpConfig {
        base: base.clone(),
        auth,
        ca_pem,
        limits: limits(),
        cache: Arc::new(MemoryCache::default()),
        budget: Arc::new(Budget::new(1.0, clock.clone())),
        clock,
        user_agent: "quarterdeck-testkit".to_owned(),
    })
}

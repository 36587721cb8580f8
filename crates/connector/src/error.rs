//! One variant per different reaction, not per cause.

use chrono::{DateTime, SecondsFormat, Utc};
use qd_model::HealthState;
use url::Url;

/// An error of a library, boxed. Must not carry a credential.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why a read gave nothing. Becomes the health of the source; never a toast.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// No credential, or it was rejected (401): stop at once, ask to sign in.
    #[error("credentials were rejected")]
    Unauthenticated,
    /// The credential lacks a permission (403): no retry.
    #[error("permission is missing: {missing}")]
    Forbidden {
        /// What is missing, in the backend's words.
        missing: String,
    },
    /// The backend asked us to wait: wait exactly that long.
    #[error("rate limited until {}", seconds(.until))]
    RateLimited {
        /// No request before this instant.
        until: DateTime<Utc>,
    },
    /// No connection, no answer in time, broken off, or a server error (5xx): back off.
    #[error("{}", unreached(.host, .cause))]
    Unreachable {
        /// Host and port.
        host: String,
        /// What happened, in a few words: `connection refused`, `no answer within 30 s`, `HTTP 503` (see [`answered`]).
        cause: String,
    },
    /// Not the contract: a login page, broken JSON, a body over the limit. Keep a sample, report.
    #[error("unexpected response at {path}: {what}")]
    Unexpected {
        /// Path without query.
        path: String,
        /// What was wrong.
        what: String,
    },
    /// The server sends us elsewhere. Not followed, because the credential belongs to this origin.
    #[error("{from} redirects to {to}")]
    Redirected {
        /// The origin asked.
        from: String,
        /// The origin it names.
        to: String,
    },
    /// The thing does not exist, or the credential may not see it (404, 410). What a person reads of a whole backend that
    /// is not there: [`not_there`].
    #[error("nothing at {path}")]
    NotFound {
        /// Path without query.
        path: String,
    },
    /// Settings must change before a request makes sense (TLS certificate not trusted, repository does not exist).
    #[error("{what}")]
    Misconfigured {
        /// What to mend.
        what: String,
    },
    /// The caller gave up.
    #[error("cancelled")]
    Cancelled,
}

/// Begins the cause of a server that was reached, answered, and failed.
const STATUS: &str = "HTTP ";

/// Whether a cause of [`PollError::Unreachable`] is an answer: the server was reached, and is not well.
pub fn answered(cause: &str) -> bool {
    cause.strip_prefix(STATUS).is_some_and(|status| status.parse::<u16>().is_ok())
}

/// Begins the cause of a server that took the connection, and then did not answer in time.
const LATE: &str = "no answer within ";

/// Whether a cause of [`PollError::Unreachable`] tells that a connection stood: the server answered with an error, or is
/// slow. Then the network is there.
pub fn connected(cause: &str) -> bool {
    answered(cause) || cause.starts_with(LATE)
}

/// The cause of a server that took the connection and did not answer within `time`.
pub fn late(time: impl std::fmt::Display) -> String {
    format!("{LATE}{time}")
}

/// Something answers at an address, but says of everything that it does not exist: it is another server, or another path.
pub fn not_there(name: &str, base: &Url) -> String {
    format!(
        "{} answers, but there is no {name} at {}: check the address and its path",
        host(base),
        base.path()
    )
}

/// Host and port, as errors name them.
pub fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}

/// What is missing where a server refuses a connection that gives no credential.
pub fn without_credential(missing: &str) -> String {
    format!("{missing}; no credential is given, and the server may want one")
}

fn unreached(host: &str, cause: &str) -> String {
    match answered(cause) {
        true => format!("{host} answered {cause}"),
        false => format!("could not reach {host}: {cause}"),
    }
}

impl PollError {
    /// A server that answered with a status that says it fails: back off as from one that does not answer.
    pub(crate) fn failing(host: String, status: u16) -> Self {
        Self::Unreachable { host, cause: format!("{STATUS}{status}") }
    }

    /// The health this error implies.
    pub fn health(&self) -> HealthState {
        match self {
            Self::Unauthenticated => HealthState::NeedsSignIn { reason: "rejected".into() },
            Self::Forbidden { missing } => HealthState::Forbidden { missing: missing.clone() },
            Self::RateLimited { until } => HealthState::Throttled { until: *until },
            Self::Unreachable { cause, .. } => HealthState::Unreachable { cause: cause.clone() },
            Self::Unexpected { .. } | Self::NotFound { .. } => {
                HealthState::Unexpected { what: self.to_string() }
            }
            Self::Redirected { .. } | Self::Misconfigured { .. } => {
                HealthState::Misconfigured { what: self.to_string() }
            }
            Self::Cancelled => HealthState::Unreachable { cause: "cancelled".to_owned() },
        }
    }
}

/// A moment as people are told it: no fractions of a second.
fn seconds(at: &DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Why an action has no receipt. Tells above all whether anything may have happened.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The backend, or the connector before sending, said no (400, 404, 409, 412, 422, missing argument).
    #[error("{reason}")]
    Refused {
        /// Why, in the backend's words where it has some.
        reason: String,
    },
    /// The credential was rejected. Nothing happened.
    #[error("credentials were rejected")]
    Unauthenticated,
    /// The credential may not do this. Nothing happened.
    #[error("permission is missing: {missing}")]
    Forbidden {
        /// What is missing.
        missing: String,
    },
    /// The backend asked us to wait. Nothing happened.
    #[error("rate limited until {}", seconds(.until))]
    RateLimited {
        /// No request before this instant.
        until: DateTime<Utc>,
    },
    /// The request never left: no connection. Nothing happened.
    #[error("not sent: {cause}")]
    NotSent {
        /// What kept it.
        cause: String,
    },
    /// It was sent and no usable answer came: it may or may not have happened.
    #[error("sent, but no answer: {cause}")]
    Unknown {
        /// What cut the answer off.
        cause: String,
    },
}

impl From<PollError> for ActError {
    /// For reads that an action needs *before* it writes: nothing has been sent yet.
    fn from(error: PollError) -> Self {
        match error {
            PollError::Unauthenticated => Self::Unauthenticated,
            PollError::Forbidden { missing } => Self::Forbidden { missing },
            PollError::RateLimited { until } => Self::RateLimited { until },
            PollError::NotFound { .. } => Self::Refused { reason: "it no longer exists".to_owned() },
            other => Self::NotSent { cause: other.to_string() },
        }
    }
}

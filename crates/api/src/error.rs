//! Errors a front end can act on.

use std::borrow::Cow;

use qd_engine::{ActRefusal, AskError};
use qd_store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::connections::credential_sentence;
use crate::health_words::state_words;

/// Why a command has no answer. A code exists only where a caller branches on it; the message says what, where, and what
/// to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// `bad_request`, `unknown_command`, `not_found`, `stale_view`, `needs_sign_in`, `unreachable`, `refused`,
    /// `bad_query`, `config`, `store`, `keychain`, `internal`, `forbidden`, `misconfigured`.
    pub code: &'static str,
    /// What, where, and what to do next.
    pub message: String,
    /// Finds the matching lines in the log.
    pub trace_id: String,
}

impl ApiError {
    /// An error with a fresh trace id, which is logged with it.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        let trace_id = format!("{:08x}", fastrand::u32(..));
        if matches!(code, "bad_request" | "bad_query") {
            // The message repeats what was typed, which may be a secret in the wrong field.
            tracing::info!(code, trace_id, "a command could not be read");
        } else {
            tracing::info!(code, trace_id, message, "a command failed");
        }
        Self { code, message, trace_id }
    }

    /// An error that may be expected and dropped: it is not logged.
    pub(crate) fn quiet(code: &'static str, message: String) -> Self {
        Self { code, message, trace_id: String::new() }
    }

    pub(crate) fn unknown_command(command: &str) -> Self {
        Self::new("unknown_command", format!("there is no command '{}'", crate::plain(command)))
    }
}

/// Reads a request.
pub(crate) fn request<T: DeserializeOwned>(command: &str, payload: Value) -> Result<T, ApiError> {
    let payload = if payload.is_null() { Value::Object(serde_json::Map::new()) } else { payload };
    // The error of a request with a secret in it must not repeat the secret: only its position is told.
    serde_json::from_value(payload).map_err(|error| {
        let what = if command.starts_with("connection_") {
            "a field is missing or has another type".to_owned()
        } else {
            error.to_string()
        };
        ApiError::new("bad_request", format!("{command}: {what}"))
    })
}

/// Writes an answer.
pub(crate) fn answer<T: Serialize>(value: T) -> Result<Value, ApiError> {
    serde_json::to_value(value).map_err(|error| ApiError::new("internal", error.to_string()))
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::new("store", error.to_string())
    }
}

impl From<AskError> for ApiError {
    fn from(error: AskError) -> Self {
        let code = match &error {
            AskError::UnknownSource(_) | AskError::UnknownEntity(_) => "not_found",
            AskError::NotReady { sign_in: true, .. } => "needs_sign_in",
            AskError::NotReady { .. } => "misconfigured",
            AskError::Poll(qd_connector::PollError::Forbidden { .. }) => "forbidden",
            AskError::Poll(qd_connector::PollError::Unauthenticated) => "needs_sign_in",
            AskError::Incomparable(_) => "refused",
            AskError::Poll(_) => "unreachable",
            AskError::Store(_) => "store",
        };
        let told = match &error {
            AskError::NotReady { source_id, state, .. } => {
                let words = credential_sentence(state).map_or_else(|| state_words(state), Cow::into_owned);
                format!("{source_id} cannot be asked now: {words}")
            }
            other => other.to_string(),
        };
        Self::new(code, crate::plain(&told))
    }
}

impl From<ActRefusal> for ApiError {
    fn from(error: ActRefusal) -> Self {
        let code = match &error {
            ActRefusal::UnknownSource(_) | ActRefusal::UnknownEntity(_) => "not_found",
            ActRefusal::StaleView => "stale_view",
            ActRefusal::NotReady { state: "needs_sign_in", .. } => "needs_sign_in",
            ActRefusal::NotReady { state: "misconfigured", .. } => "misconfigured",
            ActRefusal::NotReady { .. } => "unreachable",
            ActRefusal::UnknownVerb { .. }
            | ActRefusal::BadArgument(_)
            | ActRefusal::NotOffered { .. }
            | ActRefusal::KeyTaken { .. } => "bad_request",
            ActRefusal::NoUndo => "refused",
            ActRefusal::Store(_) => "store",
        };
        let told = match &error {
            ActRefusal::NotReady { source_id, state } => {
                format!("{source_id} cannot be asked now: {}; nothing is queued", state_words(state))
            }
            other => other.to_string(),
        };
        Self::new(code, crate::plain(&told))
    }
}

impl From<qd_model::IdError> for ApiError {
    fn from(error: qd_model::IdError) -> Self {
        Self::new("bad_request", error.to_string())
    }
}

impl From<qd_model::FilterError> for ApiError {
    fn from(error: qd_model::FilterError) -> Self {
        Self::new("bad_query", error.to_string())
    }
}

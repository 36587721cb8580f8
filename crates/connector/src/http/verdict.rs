//! What an answer means, for a read and for a write.

use http::StatusCode;
use url::Url;

use super::auth::Credential;
use super::exchange::{Fault, Raw};
use super::message;
use super::redirect::{redirected, same_origin};
use crate::error::host;
use crate::{ActError, PollError};

/// The error of a read whose status is not a success.
pub(super) fn read_error(raw: &Raw, base: &Url, credential: &Credential) -> PollError {
    if let Some(until) = raw.limited {
        return PollError::RateLimited { until };
    }
    let path = || raw.url.path().to_owned();
    match raw.status.as_u16() {
        401 => PollError::Unauthenticated,
        403 => PollError::Forbidden { missing: missing(raw, credential) },
        404 | 410 => PollError::NotFound { path: path() },
        407 => PollError::Unreachable { host: host(base), cause: "the proxy needs sign-in (407)".to_owned() },
        408 => PollError::failing(host(base), 408),
        511 => PollError::Unexpected { path: path(), what: LOGIN_PAGE.to_owned() },
        status if raw.status.is_server_error() => PollError::failing(host(base), status),
        status if raw.status.is_redirection() => moved(raw).unwrap_or_else(|| PollError::Unexpected {
            path: path(),
            what: format!("HTTP {status} without an address"),
        }),
        status => PollError::Unexpected { path: path(), what: with_message(status, raw, credential) },
    }
}

/// The error of a write whose status is not a success.
pub(super) fn write_error(raw: &Raw, credential: &Credential) -> ActError {
    if let Some(until) = raw.limited {
        return ActError::RateLimited { until };
    }
    let status = raw.status.as_u16();
    match status {
        401 => ActError::Unauthenticated,
        403 => ActError::Forbidden { missing: missing(raw, credential) },
        407 => ActError::NotSent { cause: "the proxy needs sign-in (407)".to_owned() },
        // A server that fails may have acted before it failed.
        _ if raw.status.is_server_error() => ActError::Unknown { cause: format!("HTTP {status}") },
        408 => ActError::Unknown { cause: "HTTP 408".to_owned() },
        _ if raw.status.is_redirection() => ActError::Refused {
            reason: moved(raw)
                .map_or_else(|| format!("HTTP {status}"), |error| format!("{error} – update the address?")),
        },
        _ => ActError::Refused { reason: words(raw, credential).unwrap_or_else(|| reason(raw.status)) },
    }
}

/// What a write without an answer means.
pub(super) fn write_fault(fault: Fault) -> ActError {
    let cause = |error: PollError| match error {
        PollError::Unreachable { cause, .. } => cause,
        other => other.to_string(),
    };
    match fault.error {
        error if fault.sent => ActError::Unknown { cause: cause(error) },
        PollError::RateLimited { until } => ActError::RateLimited { until },
        PollError::Unauthenticated => ActError::Unauthenticated,
        PollError::Forbidden { missing } => ActError::Forbidden { missing },
        error => ActError::NotSent { cause: cause(error) },
    }
}

/// What is shown when a page for people comes instead of data.
pub(super) const LOGIN_PAGE: &str = "got a login page – check VPN or single sign-on";

/// Whether a body is a web page: by its first bytes, or by its type when they are not data either.
pub(super) fn is_page(content_type: Option<&str>, body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let start = body.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(body.len());
    let first: String =
        body[start..].iter().take(64).map(|byte| char::from(byte.to_ascii_lowercase())).collect();
    let html_shape = ["<!doctype html", "<html", "<head", "<body", "<script", "<meta"]
        .iter()
        .any(|tag| first.starts_with(tag));
    let html_type =
        content_type.is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("text/html"));
    html_shape || html_type && !first.starts_with(['{', '[', '"'])
}

/// The permission a 403 names. GitHub tells the exact one in a header.
fn missing(raw: &Raw, credential: &Credential) -> String {
    let accepted = raw.headers.get("x-accepted-github-permissions").and_then(|value| value.to_str().ok());
    match (accepted.map(message::clean).filter(|accepted| !accepted.is_empty()), words(raw, credential)) {
        (Some(accepted), Some(message)) => format!("{accepted} ({message})"),
        (Some(accepted), None) => accepted,
        (None, Some(message)) => message,
        (None, None) => "the backend does not say which".to_owned(),
    }
}

/// The backend's own words. One that repeats the credential it rejects must not bring it to the window or the log.
fn words(raw: &Raw, credential: &Credential) -> Option<String> {
    message::of(&raw.body).map(|message| credential.redact(&message))
}

fn moved(raw: &Raw) -> Option<PollError> {
    let location = raw.headers.get(http::header::LOCATION)?.to_str().ok()?;
    let to = raw.url.join(location).ok()?;
    if same_origin(&raw.url, &to) {
        let what = format!("moved to {}", message::clean(to.path()));
        return Some(PollError::Unexpected { path: raw.url.path().to_owned(), what });
    }
    Some(redirected(&raw.url, &to))
}

fn with_message(status: u16, raw: &Raw, credential: &Credential) -> String {
    words(raw, credential)
        .map_or_else(|| format!("HTTP {status}"), |message| format!("HTTP {status}: {message}"))
}

fn reason(status: StatusCode) -> String {
    let words = match status.as_u16() {
        404 | 410 => "it no longer exists",
        409 => "it was changed meanwhile – look again",
        412 => "it was changed meanwhile – look again",
        422 => "the backend does not accept these values",
        _ => return format!("the backend refused (HTTP {})", status.as_u16()),
    };
    words.to_owned()
}

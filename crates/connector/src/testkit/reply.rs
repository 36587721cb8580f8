//! What a [`super::FaultServer`] does with a request.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

/// What the server does with a request. Made by the functions below, changed by the methods.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(super) act: Act,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Sends status, headers and body as they should be.
    Answer,
    /// Sends the body's bytes as they are, then closes.
    Raw,
    /// Never answers.
    Hang,
    /// Sends a head and then one byte at a time.
    Drip(Duration),
    /// Sends a chunked body that never ends.
    Endless,
    /// Announces more than it sends, then closes.
    Truncated,
    /// Sends half the body, then resets the connection.
    Reset,
    /// Resets the connection without a byte.
    ResetAtOnce,
}

impl Reply {
    /// An answer with a status and no body.
    pub fn status(status: u16) -> Self {
        Self { act: Act::Answer, status, headers: Vec::new(), body: Vec::new() }
    }

    /// 200 with a value as JSON.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Self {
        Self::json_text(&serde_json::to_string(value).unwrap_or_default())
    }

    /// 200 with a text that is JSON.
    pub fn json_text(text: &str) -> Self {
        Self::status(200).header("content-type", "application/json").body(text)
    }

    /// 200 with a web page, as captive portals and single sign-on give.
    pub fn login_page() -> Self {
        let page =
            "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form></form></body></html>";
        Self::status(200).header("content-type", "text/html; charset=utf-8").body(page)
    }

    /// A redirect.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("location", location)
    }

    /// Bytes as they are, then the end of the connection.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { act: Act::Raw, ..Self::status(200) }.body(bytes)
    }

    /// No answer, for ever.
    pub fn hang() -> Self {
        Self { act: Act::Hang, ..Self::status(200) }
    }

    /// Headers in time, and then a byte now and then.
    pub fn drip(every: Duration) -> Self {
        Self { act: Act::Drip(every), ..Self::json_text("[") }
    }

    /// A chunked body without end.
    pub fn endless() -> Self {
        Self { act: Act::Endless, ..Self::json_text("") }
    }

    /// A gzip body that becomes `bytes` of JSON text when decompressed.
    pub fn gzip_bomb(bytes: usize) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let block = [b' '; 64 * 1024];
        let mut written = 0;
        while written < bytes {
            let part = block.len().min(bytes - written);
            // Writing to a vector cannot fail.
            let _ = encoder.write_all(&block[..part]);
            written += part;
        }
        let body = encoder.finish().unwrap_or_default();
        Self::json_text("").header("content-encoding", "gzip").body(body)
    }

    /// The connection is reset before a byte of an answer.
    pub fn reset() -> Self {
        Self { act: Act::ResetAtOnce, ..Self::status(200) }
    }

    /// The same answer, cut off in the middle although its length was announced.
    #[must_use]
    pub fn truncated(self) -> Self {
        Self { act: Act::Truncated, ..self }
    }

    /// The same answer, with the connection reset in the middle of it.
    #[must_use]
    pub fn reset_midway(self) -> Self {
        Self { act: Act::Reset, ..self }
    }

    /// The same answer with another status.
    #[must_use]
    pub fn status_of(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Replaces a text in the body.
    #[must_use]
    pub fn replace(mut self, from: &str, to: &str) -> Self {
        self.body = String::from_utf8_lossy(&self.body).replace(from, to).into_bytes();
        self
    }

    /// Changes the body as JSON, if it is JSON.
    #[must_use]
    pub fn map_json(mut self, change: impl FnOnce(&mut serde_json::Value)) -> Self {
        if let Ok(mut value) = serde_json::from_slice(&self.body) {
            change(&mut value);
            self.body = value.to_string().into_bytes();
        }
        self
    }

    /// Whether it keeps whoever waits for it waiting.
    pub fn stalls(&self) -> bool {
        matches!(self.act, Act::Hang | Act::Drip(_))
    }

    /// Whether it is an ordinary answer with a success status.
    pub fn is_success(&self) -> bool {
        self.act == Act::Answer && (200..300).contains(&self.status)
    }

    /// Head of the answer; `length` is what it announces. `None`: chunked.
    pub(super) fn head(&self, length: Option<usize>) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match length {
            Some(_) if matches!(self.status, 204 | 304) => {}
            Some(length) => head.push_str(&format!("content-length: {length}\r\n")),
            None => head.push_str("transfer-encoding: chunked\r\n"),
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Status")
}

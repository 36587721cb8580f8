//! Requests and replies as the vendors' parts see them.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, LINK};
use http::{HeaderMap, Method};
use serde_json::Value;

use crate::moment::{Act, Moment};

/// A request, read whole.
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path, still encoded.
    pub path: String,
    /// The query's pairs, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Request {
    /// The first value of a query parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a query parameter.
    pub fn params<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A number among the query parameters.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.param(name)?.parse().ok()
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A reply.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers besides those that every server sends.
    pub headers: Vec<(HeaderName, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A status without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::of(status, "application/json; charset=utf-8", body.to_string().into_bytes())
    }

    /// A page for people who follow a link: what would be there, in plain text.
    pub fn page(text: &str) -> Self {
        let body = format!(
            "{text}\n\nThis is Harbour, the demo company of Quarterdeck. It exists on this machine only.\n"
        );
        Self::of(200, "text/plain; charset=utf-8", body.into_bytes())
    }

    /// Plain text.
    pub fn text(text: String) -> Self {
        Self::of(200, "text/plain; charset=utf-8", text.into_bytes())
    }

    fn of(status: u16, kind: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![(CONTENT_TYPE, kind.to_owned())], body }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Says where the next page is.
    #[must_use]
    pub fn next_page(self, next: Option<String>) -> Self {
        match next {
            Some(address) => self.with(LINK, format!("<{address}>; rel=\"next\"")),
            None => self,
        }
    }
}

/// What a request leads to.
pub enum Answer {
    /// Nothing changes.
    Reply(Reply),
    /// Something is done; the reply is made of the world after it.
    Deed(Act, Box<dyn FnOnce(&Moment<'_>) -> Reply>),
}

impl Answer {
    /// Something is done, and the reply is the same whatever came of it.
    pub fn done(act: Act, reply: Reply) -> Self {
        Self::Deed(act, Box::new(move |_| reply))
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}

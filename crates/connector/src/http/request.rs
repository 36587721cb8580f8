//! Builds one request and sends it as a read or as a write.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{ACCEPT, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, LINK};
use http::{HeaderMap, Method, StatusCode};
use serde::Serialize;
use std::sync::atomic::Ordering;
use tokio::time::Instant;
use url::Url;

use super::exchange::{Call, Fault, Raw};
use super::redirect::{redirected, same_origin};
use super::verdict::{self, LOGIN_PAGE, is_page};
use super::{Cached, Http, Response, retry};
use crate::{ActError, PollError};

/// One request. What is wrong with it is told when it is sent.
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    http: Http,
    call: Result<Call, PollError>,
}

/// Encodes a text for use as one segment of a path: `feature/x` becomes `feature%2Fx`. For everything that comes from a
/// backend or a person, so that no native id can lead to another path.
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            // A lone dot or two would be taken for a step in the path, also when encoded.
            b'.' if !matches!(text, "." | "..") => out.push('.'),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

impl Http {
    /// The absolute address of a path, which never leaves the origin.
    pub(super) fn address(&self, path: &str) -> Result<Url, PollError> {
        if path.starts_with("http://") || path.starts_with("https://") {
            let url = Url::parse(path).map_err(|_| PollError::Unexpected {
                path: String::new(),
                what: "an address that cannot be read".into(),
            })?;
            return if same_origin(self.base(), &url) { Ok(url) } else { Err(redirected(self.base(), &url)) };
        }
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let dots =
            |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
        if path.split(['/', '\\']).any(dots) {
            return Err(PollError::Unexpected {
                path: self.base().path().to_owned(),
                what: "a path that steps out of its place".into(),
            });
        }
        let mut url = self.base().clone();
        let full = format!("{}/{}", url.path().trim_end_matches('/'), path.trim_start_matches('/'));
        url.set_path(&full);
        url.set_query(query);
        Ok(url)
    }
}

impl Request {
    pub(super) fn new(http: &Http, method: Method, path: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let limit = http.inner.limits.body_bytes;
        let call = http.address(path).map(|url| Call {
            method,
            url,
            headers,
            body: None,
            conditional: false,
            limit,
            elsewhere: None,
        });
        Self { http: http.clone(), call }
    }

    pub(super) fn foreign(http: &Http, request: http::Request<Bytes>) -> Self {
        let (parts, body) = request.into_parts();
        // A relative address of a foreign client is absolute within the origin: it already knows the base path.
        let absolute = if parts.uri.scheme().is_some() {
            http.address(&parts.uri.to_string())
        } else {
            http.base().join(&parts.uri.to_string()).map_err(|_| PollError::Unexpected {
                path: parts.uri.path().to_owned(),
                what: "an address that cannot be read".to_owned(),
            })
        };
        let mut headers = parts.headers;
        let reserved: Vec<HeaderName> =
            headers.keys().filter(|name| http.inner.credential.is_reserved(name)).cloned().collect();
        for name in reserved {
            headers.remove(name);
        }
        let conditional = parts.method == Method::GET && !headers.contains_key(IF_NONE_MATCH);
        let call = absolute.map(|url| Call {
            conditional,
            method: parts.method,
            url,
            headers,
            body: Some(body).filter(|body| !body.is_empty()),
            limit: http.inner.limits.body_bytes,
            elsewhere: None,
        });
        let call = call.and_then(|call| match same_origin(http.base(), &call.url) {
            true => Ok(call),
            false => Err(redirected(http.base(), &call.url)),
        });
        Self { http: http.clone(), call }
    }

    /// Adds pairs to the query.
    pub fn query(self, pairs: &[(&str, &str)]) -> Self {
        self.with(|call| {
            if !pairs.is_empty() {
                call.url.query_pairs_mut().extend_pairs(pairs);
            }
            Ok(())
        })
    }

    /// Sets a header. Credential headers are ignored: the credential belongs to the facade.
    pub fn header(self, name: &'static str, value: &str) -> Self {
        let reserved = HeaderName::from_bytes(name.as_bytes())
            .is_ok_and(|name| self.http.inner.credential.is_reserved(&name));
        self.with(|call| {
            let parsed = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
            let Some((name, value)) = parsed else {
                let what = format!("the header '{name}' cannot be sent");
                return Err(PollError::Unexpected { path: call.url.path().to_owned(), what });
            };
            if !reserved {
                call.headers.insert(name, value);
            }
            Ok(())
        })
    }

    /// What is wanted instead of `application/json`. Only where JSON is wanted are login pages recognised by themselves.
    pub fn accept(self, media_type: &str) -> Self {
        self.header("accept", media_type)
    }

    /// A JSON body.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        self.with(|call| {
            let body = serde_json::to_vec(value).map_err(|_| PollError::Unexpected {
                path: call.url.path().to_owned(),
                what: "the request has no JSON form".to_owned(),
            })?;
            call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            call.body = Some(body.into());
            Ok(())
        })
    }

    /// A body of form fields.
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        self.with(|call| {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            call.body = Some(body.into());
            Ok(())
        })
    }

    /// Asks with the ETag of the last answer; an unchanged one comes from the cache ([`Response::not_modified`]).
    pub fn conditional(self) -> Self {
        self.with(|call| {
            call.conditional = true;
            Ok(())
        })
    }

    /// Another limit of decompressed bytes for this body.
    pub fn limit(self, bytes: u64) -> Self {
        self.with(|call| {
            call.limit = bytes;
            Ok(())
        })
    }

    /// Lets a GET be redirected to other origins that `allowed` accepts, without the credential and without any header of
    /// ours (GitHub hands out logs from a storage host). The address is absolute, http(s), and without user info.
    pub fn redirect_to(self, allowed: fn(&Url) -> bool) -> Self {
        self.with(|call| {
            call.elsewhere = Some(allowed);
            Ok(())
        })
    }

    /// Sends it as a read. A GET is tried up to three times when the connection fails or the server does (5xx).
    ///
    /// # Errors
    /// See [`PollError`]; every status but 2xx is one.
    pub async fn send(self) -> Result<Response, PollError> {
        let http = self.http;
        let call = self.call?;
        let deadline = Instant::now() + http.inner.limits.total;
        let tries = if matches!(call.method, Method::GET | Method::HEAD) { retry::TRIES } else { 1 };
        let mut attempt = 1;
        loop {
            let fault = match http.read(&call, deadline).await {
                Ok(response) => return Ok(response),
                Err(fault) => fault,
            };
            let delay = retry::delay(http.inner.limits.retry_base, attempt);
            if attempt == tries || !fault.transient || Instant::now() + delay >= deadline {
                return Err(fault.error);
            }
            tokio::select! {
                () = http.cancel.cancelled() => return Err(PollError::Cancelled),
                () = tokio::time::sleep(delay) => {}
            }
            attempt += 1;
        }
    }

    /// Sends it as a write: exactly one attempt. A 302 or 303 to the same origin, the usual answer to a form, is an answer.
    ///
    /// # Errors
    /// See [`ActError`], above all whether anything may have happened.
    pub async fn write(self) -> Result<Response, ActError> {
        let http = self.http;
        let call = self.call.map_err(|error| verdict::write_fault(Fault::not_sent(error)))?;
        let deadline = Instant::now() + http.inner.limits.total;
        let raw = http.exchange(&call, true, deadline).await.map_err(verdict::write_fault)?;
        let form_answer = matches!(raw.status.as_u16(), 302 | 303) && leads_home(&raw);
        if !raw.status.is_success() && !form_answer {
            return Err(verdict::write_error(&raw, &http.inner.credential));
        }
        if wants_json(&call) && !form_answer && is_page(content_type(&raw.headers), &raw.body) {
            return Err(ActError::Unknown { cause: LOGIN_PAGE.to_owned() });
        }
        Ok(Response::new(raw.status, raw.headers, raw.body, false, &raw.url))
    }

    fn with(mut self, change: impl FnOnce(&mut Call) -> Result<(), PollError>) -> Self {
        if let Ok(call) = &mut self.call
            && let Err(error) = change(call)
        {
            self.call = Err(error);
        }
        self
    }
}

impl Http {
    /// One try of a read, through the ETag cache where it is wanted.
    async fn read(&self, call: &Call, deadline: Instant) -> Result<Response, Fault> {
        let key = cache_key(call);
        let cached = match call.conditional {
            true => self.inner.cache.get(&key).await,
            false => None,
        };
        let Some(cached) = cached.filter(|cached| HeaderValue::from_str(&cached.etag).is_ok()) else {
            return self.fresh(call, &key, deadline).await;
        };
        let mut asking = call.plain();
        if let Ok(etag) = HeaderValue::from_str(&cached.etag) {
            asking.headers.insert(IF_NONE_MATCH, etag);
        }
        let raw = self.exchange(&asking, false, deadline).await?;
        if raw.status != StatusCode::NOT_MODIFIED {
            return self.judge(call, &key, raw).await;
        }
        self.inner.counters.not_modified.fetch_add(1, Ordering::Relaxed);
        let other =
            raw.headers.get(ETAG).is_some_and(|etag| weak(etag.as_bytes()) != weak(cached.etag.as_bytes()));
        if other || cached.body.len() as u64 > call.limit {
            // "Not modified", but compared with something we do not have.
            return self.fresh(call, &key, deadline).await;
        }
        let mut headers = raw.headers;
        if let Some(link) = cached.link.as_deref().and_then(|link| HeaderValue::from_str(link).ok()) {
            headers.entry(LINK).or_insert(link);
        }
        Ok(Response::new(StatusCode::OK, headers, cached.body, true, &raw.url))
    }

    async fn fresh(&self, call: &Call, key: &str, deadline: Instant) -> Result<Response, Fault> {
        let raw = self.exchange(call, false, deadline).await?;
        self.judge(call, key, raw).await
    }

    async fn judge(&self, call: &Call, key: &str, raw: Raw) -> Result<Response, Fault> {
        if !raw.status.is_success() {
            let error = verdict::read_error(&raw, self.base(), &self.inner.credential);
            let transient = raw.status.is_server_error() && raw.limited.is_none();
            return Err(Fault { error, sent: true, transient });
        }
        let page = is_page(content_type(&raw.headers), &raw.body);
        if wants_json(call) && page {
            let path = raw.url.path().to_owned();
            return Err(Fault::sent(PollError::Unexpected { path, what: LOGIN_PAGE.to_owned() }));
        }
        if call.conditional && raw.status == StatusCode::OK {
            self.keep(key, &raw, self.inner.clock.now()).await;
        }
        Ok(Response::new(raw.status, raw.headers, raw.body, false, &raw.url))
    }

    async fn keep(&self, key: &str, raw: &Raw, stored_at: DateTime<Utc>) {
        let text =
            |name: HeaderName| raw.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        if let Some(etag) = text(ETAG) {
            let cached = Cached { etag, body: raw.body.clone(), link: text(LINK), stored_at };
            self.inner.cache.put(key, cached).await;
        }
    }
}

impl Call {
    /// The same call, for a change of its headers.
    fn plain(&self) -> Self {
        Self {
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            conditional: self.conditional,
            limit: self.limit,
            elsewhere: self.elsewhere,
        }
    }
}

fn cache_key(call: &Call) -> String {
    let accept = call.headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    format!("{} {} {accept}", call.method, call.url)
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok())
}

fn wants_json(call: &Call) -> bool {
    call.headers.get(ACCEPT).is_none_or(|accept| accept.as_bytes().windows(4).any(|part| part == b"json"))
}

fn leads_home(raw: &Raw) -> bool {
    let location = raw.headers.get(http::header::LOCATION).and_then(|value| value.to_str().ok());
    location.and_then(|location| raw.url.join(location).ok()).is_some_and(|to| same_origin(&raw.url, &to))
}

/// An ETag without its mark of weakness: a 304 compares weakly (RFC 9110 §13.1.2).
fn weak(etag: &[u8]) -> &[u8] {
    etag.strip_prefix(b"W/").unwrap_or(etag)
}

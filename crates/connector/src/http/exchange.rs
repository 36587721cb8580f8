//! One request on its way: budget, session, redirects, deadlines, body.

use std::future::Future;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderValue, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::auth;
use super::body::{BodyError, Collector};
use super::redirect::{self, Step};
use super::tls::{self, Cause};
use super::{Http, ratelimit};
use crate::PollError;
use crate::error::{host, late};

/// Of an error response only the message is of interest.
const ERROR_BODY: u64 = 64 * 1024;
/// A budget that allows the request so soon is waited for; beyond that the scheduler comes again.
const SHORT_WAIT: TimeDelta = TimeDelta::seconds(2);

/// A request, ready to be sent.
pub(super) struct Call {
    pub method: Method,
    pub url: Url,
    /// Without credential.
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
    pub conditional: bool,
    /// Decompressed bytes of the body.
    pub limit: u64,
    /// Other origins a redirect may lead to, without credential.
    pub elsewhere: Option<fn(&Url) -> bool>,
}

/// An answer, not judged yet.
pub(super) struct Raw {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Where it came from in the end.
    pub url: Url,
    /// The backend asks us to wait until then.
    pub limited: Option<DateTime<Utc>>,
}

/// Why there is no answer.
pub(super) struct Fault {
    pub error: PollError,
    /// The request may have left.
    pub sent: bool,
    /// A moment later it may go well. Not so after a timeout, which has used up the time there was.
    pub transient: bool,
}

impl Fault {
    pub fn not_sent(error: PollError) -> Self {
        Self { error, sent: false, transient: false }
    }

    pub fn sent(error: PollError) -> Self {
        Self { error, sent: true, transient: false }
    }
}

impl Http {
    /// Sends a call, once: signs in when the session needs it, follows redirects of a GET.
    pub(super) async fn exchange(&self, call: &Call, write: bool, deadline: Instant) -> Result<Raw, Fault> {
        let place = self.inner.budget.place(write);
        let _place = tokio::select! {
            () = self.cancel.cancelled() => return Err(Fault::not_sent(PollError::Cancelled)),
            place = place => place,
        };
        let Some(session) = self.inner.credential.session() else {
            return self.follow(call, None, write, deadline).await;
        };
        let (cookie, generation, fresh) = self.cookie(session, None, deadline).await?;
        let raw = self.follow(call, Some(&cookie), write, deadline).await?;
        let rejected =
            matches!(raw.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) && raw.limited.is_none();
        if !rejected || fresh {
            return Ok(raw);
        }
        // The session is over. The backend refused, so nothing has happened, and the same call may be sent again.
        let (cookie, ..) = self.cookie(session, Some(generation), deadline).await?;
        self.follow(call, Some(&cookie), write, deadline).await
    }

    async fn follow(
        &self,
        call: &Call,
        cookie: Option<&HeaderValue>,
        write: bool,
        deadline: Instant,
    ) -> Result<Raw, Fault> {
        let mut own = call.headers.clone();
        match cookie {
            Some(cookie) => auth::present_cookie(&mut own, cookie),
            None => self.inner.credential.present(&mut own),
        }
        let mut at = call.url.clone();
        let mut seen = vec![at.clone()];
        let mut ours = true;
        loop {
            let bare = HeaderMap::new();
            let headers = if ours { &own } else { &bare };
            let raw = self.hop(call, &at, headers, ours, write, deadline).await?;
            if !is_redirect(raw.status) || call.method != Method::GET {
                return Ok(raw);
            }
            let location = raw.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            let step = redirect::step(&at, location, &seen, self.inner.limits.redirects, call.elsewhere);
            at = match step.map_err(Fault::sent)? {
                // What began elsewhere stays without the credential, even if it leads back.
                Step::Follow(to) => to,
                Step::Elsewhere(to) => {
                    ours = false;
                    to
                }
            };
            seen.push(at.clone());
        }
    }

    /// One request and its answer.
    pub(super) async fn hop(
        &self,
        call: &Call,
        url: &Url,
        headers: &HeaderMap,
        ours: bool,
        write: bool,
        deadline: Instant,
    ) -> Result<Raw, Fault> {
        if self.cancel.is_cancelled() {
            return Err(Fault::not_sent(PollError::Cancelled));
        }
        if ours {
            self.admission(write, url.path()).await.map_err(Fault::not_sent)?;
        }
        let client = if ours { &self.inner.client } else { self.stranger().map_err(Fault::not_sent)? };
        let mut request = reqwest::Request::new(call.method.clone(), url.clone());
        request.headers_mut().extend(headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        if let Some(body) = call.body.clone().filter(|_| ours) {
            *request.body_mut() = Some(body.into());
        }
        let started = Instant::now();
        self.inner.counters.requests.fetch_add(1, Ordering::Relaxed);
        let limits = &self.inner.limits;
        let (until, allowed) = match started + limits.header {
            header if header < deadline => (header, limits.header),
            _ => (deadline, limits.total),
        };
        let sent = self.bounded(until, url, allowed, client.execute(request)).await;
        let response = match sent {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                trace(&call.method, url, None, started);
                return Err(self.transport(url, &error));
            }
            Err(error) => {
                trace(&call.method, url, None, started);
                return Err(Fault::sent(error));
            }
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.body(response, call.limit, url, deadline).await;
        trace(&call.method, url, Some(status), started);
        let now = self.inner.clock.now();
        let limited = if ours {
            self.note_date(&headers, now);
            let text = body.as_ref().map(|body| &body[..]).unwrap_or_default();
            self.inner.budget.observe(url.path(), status, &headers, text)
        } else {
            None
        };
        let body = if status.is_success() { body? } else { body.unwrap_or_default() };
        Ok(Raw { status, headers, body, url: url.clone(), limited })
    }

    /// The client for other origins.
    fn stranger(&self) -> Result<&reqwest::Client, PollError> {
        if let Some(client) = self.inner.elsewhere.get() {
            return Ok(client);
        }
        let client = self.inner.recipe.elsewhere()?;
        Ok(self.inner.elsewhere.get_or_init(|| client))
    }

    /// Waits for a moment, or says until when to wait.
    async fn admission(&self, write: bool, path: &str) -> Result<(), PollError> {
        let Err(until) = self.inner.budget.admit(write, path) else { return Ok(()) };
        let wait = until - self.inner.clock.now();
        if wait <= SHORT_WAIT {
            tokio::select! {
                () = self.cancel.cancelled() => return Err(PollError::Cancelled),
                () = tokio::time::sleep(wait.to_std().unwrap_or_default()) => {}
            }
            if self.inner.budget.admit(write, path).is_ok() {
                return Ok(());
            }
        }
        Err(PollError::RateLimited { until })
    }

    /// Runs a step until it ends, the deadline (`allowed` after its start) passes or the caller gives up.
    async fn bounded<T>(
        &self,
        deadline: Instant,
        url: &Url,
        allowed: Duration,
        step: impl Future<Output = T>,
    ) -> Result<T, PollError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(PollError::Cancelled),
            () = tokio::time::sleep_until(deadline) => Err(PollError::Unreachable {
                host: host(url),
                cause: late(seconds(allowed)),
            }),
            done = step => Ok(done),
        }
    }

    async fn body(
        &self,
        mut response: reqwest::Response,
        limit: u64,
        url: &Url,
        deadline: Instant,
    ) -> Result<Bytes, Fault> {
        let fine = response.status().is_success();
        let limit = if fine { limit } else { limit.min(ERROR_BODY) };
        let unexpected = |error: &BodyError| {
            Fault::sent(PollError::Unexpected { path: url.path().to_owned(), what: error.to_string() })
        };
        let header = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let announced = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if fine && announced.is_some_and(|length| length > limit) {
            return Err(unexpected(&BodyError::TooLarge(limit)));
        }
        let mut collector =
            Collector::new(header(CONTENT_ENCODING), limit).map_err(|error| unexpected(&error))?;
        loop {
            match self
                .bounded(deadline, url, self.inner.limits.total, response.chunk())
                .await
                .map_err(Fault::sent)?
            {
                Ok(Some(chunk)) => {
                    self.inner.counters.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                    match collector.push(&chunk) {
                        Ok(()) => {}
                        Err(BodyError::TooLarge(_)) if !fine => return Ok(collector.partial()),
                        Err(error) => return Err(unexpected(&error)),
                    }
                }
                Ok(None) => return collector.finish().map_err(|error| unexpected(&error)),
                Err(error) => return Err(self.transport(url, &error)),
            }
        }
    }

    /// What a transport error means, and whether the request may have left.
    fn transport(&self, url: &Url, error: &reqwest::Error) -> Fault {
        let error_of = |cause| PollError::Unreachable { host: host(url), cause };
        if error.is_connect() && error.is_timeout() {
            let cause = format!("no connection within {}", seconds(self.inner.limits.connect));
            return Fault::not_sent(error_of(cause));
        }
        let sent = !error.is_connect() && !error.is_builder();
        match tls::cause(error) {
            Cause::Trust(what) => {
                let error = PollError::Misconfigured { what: format!("{}: {what}", host(url)) };
                Fault { error, sent, transient: false }
            }
            Cause::Network(cause) => Fault { error: error_of(cause), sent, transient: true },
        }
    }

    fn note_date(&self, headers: &HeaderMap, now: DateTime<Utc>) {
        if let Some(server_now) = ratelimit::date(headers, "date") {
            *self.inner.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(server_now - now);
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// `30 s`, or `300 ms` below a second.
fn seconds(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{} s", duration.as_secs_f64().round())
    }
}

fn trace(method: &Method, url: &Url, status: Option<StatusCode>, started: Instant) {
    tracing::debug!(
        %method,
        host = %host(url),
        path = url.path(),
        status = status.map(|status| status.as_u16()),
        elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
}

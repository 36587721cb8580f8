//! The request budget of one host and credential.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, StatusCode};
use qd_model::{Clock, Quota};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::ratelimit;

/// Requests at the same time: enough to overlap latency, few enough for any server.
const READS: usize = 4;
/// A wait without an announced length begins here and doubles.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(60);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// In windows shorter than this a share would only cut polls to pieces.
const SHORT_WINDOW: TimeDelta = TimeDelta::seconds(5);
/// So many resources that are counted apart are told apart.
const RESOURCES: usize = 16;
/// So many paths that draw on them are remembered.
const PATHS: usize = 256;

/// What one host and credential allow, shared by all connections to them.
///
/// No request leaves before an instant the backend named, no read leaves once our own requests of a window exceed our
/// share of its quota or the quota is down to a tenth (the rest belongs to the person's other tools; a 304 is free).
/// Where a backend counts a resource apart (GitHub: searches), its quota holds for the paths that were seen to draw on it
/// and for no other. At most four reads and one write are in flight.
pub struct Budget {
    share: f32,
    clock: Arc<dyn Clock>,
    reads: Semaphore,
    writes: Semaphore,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Nothing at all may leave before.
    blocked_until: Option<DateTime<Utc>>,
    /// What ordinary requests draw on.
    main: Window,
    /// What is counted apart, by the backend's name for it.
    apart: BTreeMap<String, Window>,
    /// Which paths draw on what is counted apart.
    paths: BTreeMap<String, String>,
    /// Rate limits in a row that named no instant.
    strikes: u32,
}

/// A quota and what we took of it.
#[derive(Default)]
struct Window {
    blocked_until: Option<DateTime<Utc>>,
    quota: Option<Quota>,
    /// Requests of ours that counted against the quota in its current window.
    charged: u64,
}

impl Budget {
    /// The share used unless the configuration says otherwise.
    pub const SHARE: f32 = 0.4;

    /// A budget that takes at most `share` (0 to 1) of a window's quota for reads.
    pub fn new(share: f32, clock: Arc<dyn Clock>) -> Self {
        Self {
            share: share.clamp(0.0, 1.0),
            clock,
            reads: Semaphore::new(READS),
            writes: Semaphore::new(1),
            state: Mutex::default(),
        }
    }

    /// The quota of ordinary requests in the current window. `None`: not told, or the window is over.
    pub fn quota(&self) -> Option<Quota> {
        let now = self.clock.now();
        self.state().main.quota.clone().filter(|quota| quota.resets_at.is_none_or(|at| at > now))
    }

    /// No ordinary request before this instant. `None`: they may leave.
    pub fn blocked_until(&self) -> Option<DateTime<Utc>> {
        self.admit(false, "").err()
    }

    /// Whether a request to a path may leave now; if not, when.
    pub(super) fn admit(&self, write: bool, path: &str) -> Result<(), DateTime<Utc>> {
        let now = self.clock.now();
        let state = self.state();
        if let Some(until) = state.blocked_until.filter(|until| *until > now) {
            return Err(until);
        }
        let apart = state.paths.get(path).and_then(|resource| state.apart.get(resource));
        apart.unwrap_or(&state.main).admit(write, self.share, now)
    }

    /// Waits for a place in flight. `None` never comes: the semaphores are not closed.
    pub(super) async fn place(&self, write: bool) -> Option<SemaphorePermit<'_>> {
        if write { self.writes.acquire().await.ok() } else { self.reads.acquire().await.ok() }
    }

    /// Learns from a response. `Some(until)`: it asks us to wait until then.
    pub(super) fn observe(
        &self,
        path: &str,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Option<DateTime<Utc>> {
        let now = self.clock.now();
        let reading = ratelimit::read(headers, now);
        let mut state = self.state();
        let resource = reading.resource.as_deref();
        state.window(path, resource).account(status, reading.quota.clone(), now);
        if !is_limit(status, &reading, body) {
            if !status.is_client_error() && !status.is_server_error() {
                state.strikes = 0;
            }
            return None;
        }
        let wait = match (reading.retry_after, reading.reset_in) {
            (Some(exactly), _) => exactly,
            (None, Some(reset)) if reading.exhausted || reading.reason => reset,
            _ => {
                let doubled = FIRST_WAIT * (1 << state.strikes.min(6));
                state.strikes += 1;
                doubled.min(LONGEST_WAIT)
            }
        };
        // What is counted apart and used up keeps nothing else waiting; every other limit is meant for all we ask.
        let blocked = match resource {
            Some(_) if reading.exhausted => &mut state.window(path, resource).blocked_until,
            _ => &mut state.blocked_until,
        };
        Some(later(blocked, now + wait))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Moves an instant to a later one, never to an earlier one.
fn later(until: &mut Option<DateTime<Utc>>, at: DateTime<Utc>) -> DateTime<Utc> {
    let at = until.map_or(at, |earlier| earlier.max(at));
    *until = Some(at);
    at
}

impl State {
    /// The window that a request to a path was counted in.
    fn window(&mut self, path: &str, resource: Option<&str>) -> &mut Window {
        let Some(resource) = resource else {
            self.paths.remove(path);
            return &mut self.main;
        };
        let room = self.apart.contains_key(resource) || self.apart.len() < RESOURCES;
        if !room {
            return &mut self.main;
        }
        if self.paths.len() < PATHS || self.paths.contains_key(path) {
            self.paths.insert(path.to_owned(), resource.to_owned());
        }
        self.apart.entry(resource.to_owned()).or_default()
    }
}

impl Window {
    fn admit(&self, write: bool, share: f32, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        if let Some(until) = self.blocked_until.filter(|until| *until > now) {
            return Err(until);
        }
        let Some(quota) = &self.quota else { return Ok(()) };
        let Some(resets_at) = quota.resets_at.filter(|at| *at > now) else { return Ok(()) };
        #[expect(clippy::cast_precision_loss, reason = "a quota is far below 2^52")]
        let own = self.charged as f64 > f64::from(share) * quota.limit as f64;
        let reserve = quota.remaining < quota.limit / 10;
        let over_share = !write && (own || reserve) && resets_at - now > SHORT_WINDOW;
        if quota.remaining == 0 || over_share { Err(resets_at) } else { Ok(()) }
    }

    /// Counts a request, and begins anew with a new window.
    fn account(&mut self, status: StatusCode, quota: Option<Quota>, now: DateTime<Utc>) {
        // Answers to requests in flight may come in another order than they were counted: a few more left is no new window.
        const REORDERED: u64 = 8;
        let over = self.quota.as_ref().is_some_and(|old| {
            old.resets_at.is_some_and(|at| at <= now)
                || quota.as_ref().is_some_and(|new| new.remaining > old.remaining + REORDERED)
        });
        if over {
            self.quota = None;
            self.charged = 0;
        }
        if status != StatusCode::NOT_MODIFIED {
            self.charged += 1;
        }
        if quota.is_some() {
            self.quota = quota;
        }
    }
}

/// Whether a response is a rate limit and not a missing permission or a failure.
fn is_limit(status: StatusCode, reading: &ratelimit::Reading, body: &[u8]) -> bool {
    match status {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => reading.retry_after.is_some(),
        StatusCode::FORBIDDEN => {
            reading.retry_after.is_some() || reading.exhausted || reading.reason || says_rate_limit(body)
        }
        _ => false,
    }
}

/// GitHub's secondary limits are told by the text of a 403 alone.
fn says_rate_limit(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
    ["secondary rate limit", "rate limit exceeded", "abuse detection"]
        .iter()
        .any(|phrase| text.contains(phrase))
}

impl std::fmt::Debug for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Budget")
            .field("share", &self.share)
            .field("quota", &self.quota())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use qd_model::ManualClock;

    use super::*;

    fn at_noon() -> (ManualClock, Budget) {
        let clock = ManualClock::at(DateTime::from_timestamp(1_768_478_400, 0).unwrap());
        let budget = Budget::new(Budget::SHARE, Arc::new(clock.clone()));
        (clock, budget)
    }

    fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, String)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn quota(limit: u64, remaining: u64, reset_in: u64) -> HeaderMap {
        headers(&[
            ("ratelimit-limit", limit.to_string()),
            ("ratelimit-remaining", remaining.to_string()),
            ("ratelimit-reset", reset_in.to_string()),
        ])
    }

    /// Seconds until a request may leave. 0: now.
    fn wait(budget: &Budget, clock: &ManualClock, write: bool) -> i64 {
        budget.admit(write, "/").err().map_or(0, |until| (until - clock.now()).num_seconds())
    }

    #[test]
    fn reads_keep_to_their_share_and_writes_may_use_the_rest() {
        let (clock, budget) = at_noon();
        for request in 1..=40 {
            assert_eq!(wait(&budget, &clock, false), 0, "request {request} is within the share");
            budget.observe("/", StatusCode::OK, &quota(100, 100 - request, 600), b"");
        }
        assert_eq!(wait(&budget, &clock, false), 0, "exactly the share");
        budget.observe("/", StatusCode::OK, &quota(100, 59, 600), b"");
        assert_eq!(wait(&budget, &clock, false), 600);
        assert_eq!(wait(&budget, &clock, true), 0, "a person's action may go on");
        clock.advance(TimeDelta::seconds(600));
        assert_eq!(wait(&budget, &clock, false), 0, "a new window");
    }

    #[test]
    fn what_others_use_counts_only_when_little_is_left() {
        let (clock, budget) = at_noon();
        budget.observe("/", StatusCode::OK, &quota(5000, 600, 900), b"");
        assert_eq!(wait(&budget, &clock, false), 0, "others used most of it, but there is enough");
        budget.observe("/", StatusCode::OK, &quota(5000, 499, 900), b"");
        assert_eq!(wait(&budget, &clock, false), 900, "the last tenth is not for polling");
        assert_eq!(wait(&budget, &clock, true), 0);
        budget.observe("/", StatusCode::OK, &quota(5000, 0, 900), b"");
        assert_eq!(wait(&budget, &clock, true), 900, "nothing is left for anybody");
    }

    #[test]
    fn an_unchanged_answer_is_free() {
        let (clock, budget) = at_noon();
        for _ in 0..1000 {
            budget.observe("/", StatusCode::NOT_MODIFIED, &quota(60, 59, 600), b"");
        }
        assert_eq!(wait(&budget, &clock, false), 0);
    }

    #[test]
    fn a_window_that_began_anew_on_the_server_begins_anew_here() {
        let (clock, budget) = at_noon();
        for request in 1..=45 {
            budget.observe("/", StatusCode::OK, &quota(100, 100 - request, 600), b"");
        }
        assert_ne!(wait(&budget, &clock, false), 0);
        budget.observe("/", StatusCode::OK, &quota(100, 99, 600), b"");
        assert_eq!(wait(&budget, &clock, false), 0);
    }

    #[test]
    fn windows_of_seconds_do_not_cut_polls_to_pieces() {
        let (clock, budget) = at_noon();
        for request in 1..=9 {
            budget.observe("/", StatusCode::OK, &quota(10, 10 - request, 1), b"");
            assert_eq!(wait(&budget, &clock, false), 0);
        }
        budget.observe("/", StatusCode::OK, &quota(10, 0, 1), b"");
        assert_eq!(wait(&budget, &clock, false), 1);
    }

    #[test]
    fn unannounced_limits_double_the_wait_until_something_works() {
        let (clock, budget) = at_noon();
        let limited = |expected: i64| {
            let until = budget.observe("/", StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), b"").unwrap();
            assert_eq!((until - clock.now()).num_seconds(), expected);
            clock.advance(TimeDelta::seconds(expected));
        };
        for expected in [60, 120, 240, 480, 960, 1920, 3600, 3600] {
            limited(expected);
        }
        budget.observe("/", StatusCode::OK, &HeaderMap::new(), b"");
        limited(60);
    }

    #[test]
    fn a_limit_is_told_from_a_missing_permission() {
        let check = |status: u16, pairs: &[(&'static str, String)], body: &str, expected: bool| {
            let (_, budget) = at_noon();
            let limited =
                budget.observe("/", StatusCode::from_u16(status).unwrap(), &headers(pairs), body.as_bytes());
            assert_eq!(limited.is_some(), expected, "{status} {pairs:?} {body}");
        };
        let header = |name, value: &str| vec![(name, value.to_owned())];
        check(403, &[], r#"{"message": "Resource not accessible"}"#, false);
        check(403, &header("x-ratelimit-remaining", "4999"), "", false);
        check(403, &header("x-ratelimit-remaining", "0"), "", true);
        check(403, &header("retry-after", "5"), "", true);
        check(403, &[], "You have exceeded a Secondary Rate Limit", true);
        check(429, &[], "", true);
        check(503, &[], "", false);
        check(503, &header("retry-after", "5"), "", true);
        check(500, &header("retry-after", "5"), "", false);
        check(200, &header("x-ratelimit-remaining", "0"), "", false);
    }

    #[test]
    fn an_earlier_longer_wait_is_not_cut_short() {
        let (clock, budget) = at_noon();
        budget.observe(
            "/",
            StatusCode::TOO_MANY_REQUESTS,
            &headers(&[("retry-after", "600".to_owned())]),
            b"",
        );
        budget.observe(
            "/",
            StatusCode::TOO_MANY_REQUESTS,
            &headers(&[("retry-after", "10".to_owned())]),
            b"",
        );
        assert_eq!(wait(&budget, &clock, true), 600);
    }

    #[test]
    fn a_used_up_search_keeps_nothing_else_waiting() {
        let (clock, budget) = at_noon();
        let search = |remaining: u64| {
            let mut headers = quota(30, remaining, 60);
            headers.insert("x-ratelimit-resource", HeaderValue::from_static("search"));
            headers
        };
        budget.observe("/repos/a/b", StatusCode::OK, &quota(5000, 4000, 600), b"");
        budget.observe("/search/issues", StatusCode::OK, &search(29), b"");
        assert_eq!(budget.quota().unwrap().limit, 5000, "the quota that is shown is the main one");
        let limited = budget.observe("/search/issues", StatusCode::FORBIDDEN, &search(0), b"");
        assert_eq!(limited.map(|until| (until - clock.now()).num_seconds()), Some(60));
        assert_eq!(budget.admit(false, "/repos/a/b"), Ok(()));
        assert!(budget.admit(true, "/search/issues").is_err(), "not even a person may search now");
        clock.advance(TimeDelta::seconds(60));
        assert_eq!(budget.admit(false, "/search/issues"), Ok(()));
    }

    #[test]
    fn a_secondary_limit_met_by_a_search_holds_for_all() {
        let (_, budget) = at_noon();
        let mut headers = quota(30, 20, 60);
        headers.insert("x-ratelimit-resource", HeaderValue::from_static("search"));
        headers.insert("retry-after", HeaderValue::from_static("30"));
        budget.observe("/search/issues", StatusCode::FORBIDDEN, &headers, b"");
        assert!(budget.admit(false, "/repos/a/b").is_err());
    }
}

//! The request budget of one host and credential.

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

/// What one host and credential allow, shared by all connections to them.
///
/// No request leaves before an instant the backend named, no read leaves once our own requests of a window exceed our
/// share of its quota or the quota is down to a tenth (the rest belongs to the person's other tools; a 304 is free).
/// At most four reads and one write are in flight.
pub struct Budget {
    share: f32,
    clock: Arc<dyn Clock>,
    reads: Semaphore,
    writes: Semaphore,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    blocked_until: Option<DateTime<Utc>>,
    quota: Option<Quota>,
    /// Requests of ours that counted against the quota in its current window.
    charged: u64,
    /// Rate limits in a row that named no instant.
    strikes: u32,
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

    /// The quota of the current window. `None`: not told, or the window is over.
    pub fn quota(&self) -> Option<Quota> {
        let now = self.clock.now();
        self.state().quota.clone().filter(|quota| quota.resets_at.is_none_or(|at| at > now))
    }

    /// No request before this instant. `None`: requests may leave.
    pub fn blocked_until(&self) -> Option<DateTime<Utc>> {
        self.admit(false).err()
    }

    /// Whether a request may leave now; if not, when.
    pub(super) fn admit(&self, write: bool) -> Result<(), DateTime<Utc>> {
        let now = self.clock.now();
        let state = self.state();
        if let Some(until) = state.blocked_until.filter(|until| *until > now) {
            return Err(until);
        }
        let Some(quota) = &state.quota else { return Ok(()) };
        let Some(resets_at) = quota.resets_at.filter(|at| *at > now) else { return Ok(()) };
        #[expect(clippy::cast_precision_loss, reason = "a quota is far below 2^52")]
        let own = state.charged as f64 > f64::from(self.share) * quota.limit as f64;
        let reserve = quota.remaining < quota.limit / 10;
        let over_share = !write && (own || reserve) && resets_at - now > SHORT_WINDOW;
        if quota.remaining == 0 || over_share { Err(resets_at) } else { Ok(()) }
    }

    /// Waits for a place in flight. `None` never comes: the semaphores are not closed.
    pub(super) async fn place(&self, write: bool) -> Option<SemaphorePermit<'_>> {
        if write { self.writes.acquire().await.ok() } else { self.reads.acquire().await.ok() }
    }

    /// Learns from a response. `Some(until)`: it asks us to wait until then.
    pub(super) fn observe(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Option<DateTime<Utc>> {
        let now = self.clock.now();
        let reading = ratelimit::read(headers, now);
        let mut state = self.state();
        state.account(status, reading.quota.clone(), now);
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
        let until = state.blocked_until.map_or(now + wait, |earlier| earlier.max(now + wait));
        state.blocked_until = Some(until);
        Some(until)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
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
        budget.admit(write).err().map_or(0, |until| (until - clock.now()).num_seconds())
    }

    #[test]
    fn reads_keep_to_their_share_and_writes_may_use_the_rest() {
        let (clock, budget) = at_noon();
        for request in 1..=40 {
            assert_eq!(wait(&budget, &clock, false), 0, "request {request} is within the share");
            budget.observe(StatusCode::OK, &quota(100, 100 - request, 600), b"");
        }
        assert_eq!(wait(&budget, &clock, false), 0, "exactly the share");
        budget.observe(StatusCode::OK, &quota(100, 59, 600), b"");
        assert_eq!(wait(&budget, &clock, false), 600);
        assert_eq!(wait(&budget, &clock, true), 0, "a person's action may go on");
        clock.advance(TimeDelta::seconds(600));
        assert_eq!(wait(&budget, &clock, false), 0, "a new window");
    }

    #[test]
    fn what_others_use_counts_only_when_little_is_left() {
        let (clock, budget) = at_noon();
        budget.observe(StatusCode::OK, &quota(5000, 600, 900), b"");
        assert_eq!(wait(&budget, &clock, false), 0, "others used most of it, but there is enough");
        budget.observe(StatusCode::OK, &quota(5000, 499, 900), b"");
        assert_eq!(wait(&budget, &clock, false), 900, "the last tenth is not for polling");
        assert_eq!(wait(&budget, &clock, true), 0);
        budget.observe(StatusCode::OK, &quota(5000, 0, 900), b"");
        assert_eq!(wait(&budget, &clock, true), 900, "nothing is left for anybody");
    }

    #[test]
    fn an_unchanged_answer_is_free() {
        let (clock, budget) = at_noon();
        for _ in 0..1000 {
            budget.observe(StatusCode::NOT_MODIFIED, &quota(60, 59, 600), b"");
        }
        assert_eq!(wait(&budget, &clock, false), 0);
    }

    #[test]
    fn a_window_that_began_anew_on_the_server_begins_anew_here() {
        let (clock, budget) = at_noon();
        for request in 1..=45 {
            budget.observe(StatusCode::OK, &quota(100, 100 - request, 600), b"");
        }
        assert_ne!(wait(&budget, &clock, false), 0);
        budget.observe(StatusCode::OK, &quota(100, 99, 600), b"");
        assert_eq!(wait(&budget, &clock, false), 0);
    }

    #[test]
    fn windows_of_seconds_do_not_cut_polls_to_pieces() {
        let (clock, budget) = at_noon();
        for request in 1..=9 {
            budget.observe(StatusCode::OK, &quota(10, 10 - request, 1), b"");
            assert_eq!(wait(&budget, &clock, false), 0);
        }
        budget.observe(StatusCode::OK, &quota(10, 0, 1), b"");
        assert_eq!(wait(&budget, &clock, false), 1);
    }

    #[test]
    fn unannounced_limits_double_the_wait_until_something_works() {
        let (clock, budget) = at_noon();
        let limited = |expected: i64| {
            let until = budget.observe(StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), b"").unwrap();
            assert_eq!((until - clock.now()).num_seconds(), expected);
            clock.advance(TimeDelta::seconds(expected));
        };
        for expected in [60, 120, 240, 480, 960, 1920, 3600, 3600] {
            limited(expected);
        }
        budget.observe(StatusCode::OK, &HeaderMap::new(), b"");
        limited(60);
    }

    #[test]
    fn a_limit_is_told_from_a_missing_permission() {
        let check = |status: u16, pairs: &[(&'static str, String)], body: &str, expected: bool| {
            let (_, budget) = at_noon();
            let limited =
                budget.observe(StatusCode::from_u16(status).unwrap(), &headers(pairs), body.as_bytes());
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
        budget.observe(StatusCode::TOO_MANY_REQUESTS, &headers(&[("retry-after", "600".to_owned())]), b"");
        budget.observe(StatusCode::TOO_MANY_REQUESTS, &headers(&[("retry-after", "10".to_owned())]), b"");
        assert_eq!(wait(&budget, &clock, true), 600);
    }
}

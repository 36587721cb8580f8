//! When a source is polled next. Pure: time and chance are arguments.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::HealthState;

/// How closely a source is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Something runs there.
    Hot,
    /// Somebody looks at what it observes.
    Warm,
    /// Neither.
    Cold,
}

/// Interval of the hot tier; ±20 % of chance makes it 10 to 15 s.
const HOT: Duration = Duration::from_millis(12_500);
/// Interval of the warm tier.
const WARM: Duration = Duration::from_secs(60);
/// Longest delay after failures.
const LONGEST: Duration = Duration::from_secs(300);
/// After so many failures in a row the breaker is open: only one probe every [`LONGEST`].
const BREAKER: u32 = 5;

impl Tier {
    /// The interval of a tier for a source whose own (idle) interval is `own`.
    pub fn interval(self, own: Duration) -> Duration {
        match self {
            Self::Hot => own.min(HOT),
            Self::Warm => own.min(WARM),
            Self::Cold => own,
        }
    }
}

/// Failures in a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backoff {
    /// How many.
    pub failures: u32,
}

impl Backoff {
    /// The same, while a source is in this tier: whoever waits for a backend to come back should not wait for minutes more.
    pub fn seen_from(self, tier: Tier) -> Self {
        match tier {
            Tier::Cold => self,
            Tier::Hot | Tier::Warm => Self { failures: self.failures.min(BREAKER - 1) },
        }
    }

    /// Delay before the next try: full jitter between 1 s and 2^failures s, at most 300 s. `chance` is in 0..1.
    pub fn delay(self, chance: f64) -> Duration {
        if self.is_open() {
            return LONGEST.mul_f64(0.9 + 0.1 * chance);
        }
        let ceiling = Duration::from_secs(1 << self.failures.min(8)).min(LONGEST);
        Duration::from_secs(1) + ceiling.saturating_sub(Duration::from_secs(1)).mul_f64(chance)
    }

    /// Whether the breaker is open.
    pub fn is_open(self) -> bool {
        self.failures >= BREAKER
    }
}

/// When a source in this state is tried next. `None`: not before something about it changes.
pub fn next_at(
    state: &HealthState,
    backoff: Backoff,
    interval: Duration,
    now: DateTime<Utc>,
    chance: f64,
) -> Option<DateTime<Utc>> {
    let after = |delay: Duration| Some(now + TimeDelta::from_std(delay).unwrap_or(TimeDelta::days(1)));
    match state {
        HealthState::New => Some(now),
        HealthState::Fresh | HealthState::Forbidden { .. } => after(interval.mul_f64(0.8 + 0.4 * chance)),
        HealthState::Unreachable { .. } | HealthState::Unexpected { .. } => after(backoff.delay(chance)),
        HealthState::Throttled { until } => {
            // Not all at once when the wait is over.
            Some((*until).max(now) + TimeDelta::seconds(2) * jitter(chance))
        }
        HealthState::NeedsSignIn { reason } if retries_sign_in(&reason.code) => after(WARM),
        HealthState::NeedsSignIn { .. } | HealthState::Misconfigured { .. } | HealthState::Paused => None,
    }
}

/// A rejected or missing credential stays so until the person changes it: trying again risks a lock-out. A keychain that
/// is locked or not there yet may open at any time, and asking it costs the backend nothing.
fn retries_sign_in(reason: &str) -> bool {
    !matches!(
        reason,
        "rejected" | "credential_missing" | "credential_empty" | "credential_not_text" | "bad_credential"
    )
}

fn jitter(chance: f64) -> i32 {
    if chance < 0.5 { 0 } else { 1 }
}

/// Whether the machine slept between two ticks that should be `tick` apart: the wall clock went far ahead of it.
pub fn slept(before: DateTime<Utc>, now: DateTime<Utc>, tick: Duration) -> bool {
    (now - before).to_std().is_ok_and(|gap| gap > tick + Duration::from_secs(30))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap()
    }

    fn check(state: HealthState, failures: u32, chance: f64, expected_secs: Option<i64>) {
        let next = next_at(&state, Backoff { failures }, Duration::from_secs(100), now(), chance);
        assert_eq!(next.map(|at| (at - now()).num_seconds()), expected_secs, "{state:?}");
    }

    #[test]
    fn each_state_has_its_own_wait() {
        let unreachable = || HealthState::Unreachable { cause: "refused".into() };
        check(HealthState::New, 0, 0.5, Some(0));
        check(HealthState::Fresh, 0, 0.0, Some(80));
        check(HealthState::Fresh, 0, 1.0, Some(120));
        check(unreachable(), 1, 0.0, Some(1));
        check(unreachable(), 3, 1.0, Some(8));
        check(unreachable(), 5, 1.0, Some(300));
        check(unreachable(), 5_000, 0.0, Some(270));
        check(HealthState::Throttled { until: now() + TimeDelta::seconds(90) }, 1, 0.0, Some(90));
        check(HealthState::NeedsSignIn { reason: "rejected".into() }, 1, 0.5, None);
        check(HealthState::NeedsSignIn { reason: "locked".into() }, 1, 0.5, Some(60));
        check(HealthState::Misconfigured { what: "url".into() }, 1, 0.5, None);
    }

    #[test]
    fn a_throttled_source_is_never_asked_early() {
        for chance in [0.0, 0.3, 0.5, 0.99] {
            let until = now() + TimeDelta::seconds(10);
            let next = next_at(&HealthState::Throttled { until }, Backoff::default(), HOT, now(), chance);
            assert!(next >= Some(until), "chance {chance}");
        }
    }

    #[test]
    fn tiers_shorten_but_never_lengthen_an_interval() {
        assert_eq!(Tier::Hot.interval(Duration::from_secs(60)), HOT);
        assert_eq!(Tier::Hot.interval(Duration::from_secs(5)), Duration::from_secs(5));
        assert_eq!(Tier::Warm.interval(Duration::from_secs(300)), WARM);
        assert_eq!(Tier::Cold.interval(Duration::from_secs(300)), Duration::from_secs(300));
    }

    #[test]
    fn a_leap_of_the_wall_clock_is_a_sleep_and_a_slow_tick_is_not() {
        assert!(slept(now(), now() + TimeDelta::hours(8), Duration::from_secs(1)));
        assert!(!slept(now(), now() + TimeDelta::seconds(5), Duration::from_secs(1)));
        assert!(!slept(now(), now() - TimeDelta::hours(8), Duration::from_secs(1)), "the clock was set back");
    }
}

//! One beat for all that looks at something every so often.
//!
//! A process that is left open is woken by each of its timers. Those that wait for a beat are woken together: once a second
//! for all of them, whenever each began.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::Instant;

/// Until the next beat of this process. Beats of a second and of two seconds fall together every other time.
pub async fn beat(every: Duration) {
    tokio::time::sleep_until(next_beat(every)).await;
}

/// When the next beat is.
///
/// # Panics
/// `every` is nothing.
pub fn next_beat(every: Duration) -> Instant {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    let begin = *BEGIN.get_or_init(Instant::now);
    begin + after(begin.elapsed(), every)
}

/// The first multiple of `every` that is still to come.
fn after(elapsed: Duration, every: Duration) -> Duration {
    let (elapsed, every) = (elapsed.as_nanos(), every.as_nanos());
    Duration::from_nanos(u64::try_from((elapsed / every + 1) * every).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(elapsed_ms: u64, every_ms: u64, expected_ms: u64) {
        let ms = Duration::from_millis;
        assert_eq!(after(ms(elapsed_ms), ms(every_ms)), ms(expected_ms), "{elapsed_ms} by {every_ms}");
    }

    #[test]
    fn a_beat_is_the_next_multiple_and_never_now() {
        check(0, 1000, 1000);
        check(999, 1000, 1000);
        check(1000, 1000, 2000);
        check(1001, 1000, 2000);
        check(1001, 2000, 2000);
        check(86_400_001, 10, 86_400_010);
    }
}

//! When a read is tried again. Writes never are.

use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// Tries of one read.
pub(super) const TRIES: u32 = 3;

/// A delay before try `attempt` (1 for the first retry): full jitter over a window that doubles, at most five seconds.
pub(super) fn delay(base: Duration, attempt: u32) -> Duration {
    let window = base.saturating_mul(1 << attempt.saturating_sub(1).min(8)).min(Duration::from_secs(5));
    window.mul_f64(random())
}

/// 0 to 1, from the seed that the standard library draws for every hash map.
fn random() -> f64 {
    let bits = std::hash::RandomState::new().build_hasher().finish();
    f64::from((bits >> 32) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_jittered_within_a_window_that_doubles_to_a_limit() {
        let base = Duration::from_millis(500);
        let longest = |attempt| (0..200).map(|_| delay(base, attempt)).max().unwrap_or_default();
        assert!(longest(1) <= base && longest(1) > base / 4, "the whole window is used");
        assert!(longest(2) <= base * 2 && longest(2) > base / 2);
        assert!(longest(40) <= Duration::from_secs(5), "no overflow, no long sleep");
        assert!((0..200).any(|_| delay(base, 1) < base / 4), "full jitter reaches down");
    }
}

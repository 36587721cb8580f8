//! How many requests a connection will send in an hour. Pure.

use std::time::Duration;

use qd_connector::PollCost;

use crate::Tier;

/// What an hour in one tier costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourlyCost {
    /// The tier the source is in all that hour.
    pub tier: Tier,
    /// Requests sent.
    pub requests: u64,
    /// Those that count against the quota.
    pub counted: u64,
}

/// What an hour costs in each tier, at the most, with so many values in the setting and an idle interval of `own`. While
/// something runs, it runs at one of the values for the whole hour. What is counted of a quiet hour is only what the
/// backend counts of unchanged answers: each change costs a request or two more.
pub fn estimate(cost: &PollCost, values: u32, own: Duration) -> [HourlyCost; 3] {
    [Tier::Cold, Tier::Warm, Tier::Hot].map(|tier| {
        let polls = polls_an_hour(tier.interval(own));
        let requests = polls * u64::from(values) * u64::from(cost.requests);
        let changed = match tier {
            Tier::Hot if values > 0 => polls * u64::from(cost.changing),
            _ => 0,
        };
        let counted = if cost.unchanged_is_free { changed } else { requests };
        HourlyCost { tier, requests, counted }
    })
}

/// Rounded up. Chance moves single polls by a fifth either way, which evens out over an hour.
fn polls_an_hour(interval: Duration) -> u64 {
    let millis = interval.as_millis().clamp(1, 3_600_000);
    u64::try_from(3_600_000_u128.div_ceil(millis)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: PollCost = PollCost { requests: 6, changing: 2, unchanged_is_free: true };

    fn check(cost: PollCost, values: u32, own_secs: u64, expected: [(u64, u64); 3]) {
        let found = estimate(&cost, values, Duration::from_secs(own_secs));
        assert_eq!(found.map(|hour| (hour.requests, hour.counted)), expected, "{values} every {own_secs} s");
        assert_eq!(found.map(|hour| hour.tier), [Tier::Cold, Tier::Warm, Tier::Hot]);
    }

    #[test]
    fn a_quiet_hour_is_free_where_unchanged_answers_are() {
        check(FREE, 25, 60, [(9_000, 0), (9_000, 0), (43_200, 576)]);
        check(FREE, 1, 60, [(360, 0), (360, 0), (1_728, 576)]);
    }

    #[test]
    fn a_long_interval_spares_only_what_nobody_looks_at() {
        check(FREE, 10, 600, [(360, 0), (3_600, 0), (17_280, 576)]);
        check(FREE, 10, 5, [(43_200, 0), (43_200, 0), (43_200, 1_440)]);
    }

    #[test]
    fn every_answer_counts_where_none_is_free() {
        let counted = PollCost { unchanged_is_free: false, ..FREE };
        check(counted, 2, 60, [(720, 720), (720, 720), (3_456, 3_456)]);
    }

    #[test]
    fn nothing_chosen_costs_nothing() {
        check(FREE, 0, 60, [(0, 0); 3]);
    }
}

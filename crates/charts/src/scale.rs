//! Round numbers for the axes.

use chrono::{DateTime, TimeDelta, Utc};

/// Steps at the most between nothing and the top.
const STEPS: u64 = 4;

const SPANS: [i64; 16] = [
    60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 1_209_600,
    2_419_200, 4_838_400,
];

/// Steps that read well for seconds; beyond them whole days.
const LENGTHS: [u64; 19] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
];

/// Values of the grid, from 0 to a round one that is not below `most`.
pub fn of_counts(most: u32) -> Vec<u64> {
    let tens = (0..).map(|power| 10_u64.pow(power));
    values(most.into(), tens.take(11).flat_map(|ten| [ten, 2 * ten, 5 * ten]))
}

/// The same for seconds.
pub fn of_lengths(most: u32) -> Vec<u64> {
    let days = (2..40).map(|power| 86_400 << power);
    values(most.into(), LENGTHS.into_iter().chain(days))
}

fn values(most: u64, steps: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut steps = steps.skip_while(|step| most.div_ceil(*step) > STEPS);
    let step = steps.next().unwrap_or(u64::MAX);
    (0..=most.div_ceil(step).max(1)).map(|at| at * step).collect()
}

/// Round times within a span, at least `apart` from each other. `ahead`: how far the reader's clock is ahead of UTC.
pub fn of_times(
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    apart: TimeDelta,
    ahead: TimeDelta,
) -> Vec<DateTime<Utc>> {
    let least = apart.num_seconds().max(1);
    let step = SPANS.into_iter().find(|span| *span >= least).unwrap_or(least);
    let ahead = ahead.num_seconds();
    let first = (from.timestamp() + ahead).div_euclid(step) * step - ahead;
    (0..)
        .map(|at| first + at * step)
        .take_while(|at| *at < until.timestamp())
        .filter(|at| *at >= from.timestamp())
        .filter_map(|at| DateTime::from_timestamp(at, 0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_round_few_and_reach_the_most() {
        assert_eq!(of_counts(0), [0, 1], "nothing at all still has a scale");
        assert_eq!(of_counts(3), [0, 1, 2, 3]);
        assert_eq!(of_counts(7), [0, 2, 4, 6, 8]);
        assert_eq!(of_counts(4_999), [0, 2_000, 4_000, 6_000]);
        assert!(of_counts(u32::MAX).last().is_some_and(|top| *top >= u64::from(u32::MAX)));
        assert_eq!(of_lengths(100), [0, 30, 60, 90, 120]);
        assert_eq!(of_lengths(5_000), [0, 1_800, 3_600, 5_400]);
        assert!(of_lengths(u32::MAX).len() <= 5);
    }

    #[test]
    fn times_are_round_on_the_readers_clock() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let told = |ahead: i64| -> Vec<String> {
            let (from, until) = (at("2026-11-20T14:00:00Z"), at("2026-11-21T14:00:00Z"));
            of_times(from, until, TimeDelta::hours(5), TimeDelta::minutes(ahead))
                .iter()
                .map(|at| at.format("%d %H:%M").to_string())
                .collect()
        };
        assert_eq!(told(0), ["20 18:00", "21 00:00", "21 06:00", "21 12:00"]);
        assert_eq!(told(330), ["20 18:30", "21 00:30", "21 06:30", "21 12:30"], "midnight in India is 18:30");
    }
}

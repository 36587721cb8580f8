//! Which parts of a span were read: what was not read is unknown, however calm it looks.

use chrono::{DateTime, TimeDelta, Utc};

/// A span cut into equal parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Begin of the first.
    pub from: DateTime<Utc>,
    /// Length of each.
    pub width: TimeDelta,
    /// How many.
    pub count: u32,
}

impl Parts {
    /// Begin of a part.
    pub fn begin(&self, part: u32) -> DateTime<Utc> {
        self.from + self.width * i32::try_from(part).unwrap_or(i32::MAX)
    }

    /// End of the last.
    pub fn end(&self) -> DateTime<Utc> {
        self.begin(self.count)
    }

    /// Those in which one of some gaps takes more than `slack`.
    pub fn missing(&self, gaps: &[(DateTime<Utc>, DateTime<Utc>)], slack: TimeDelta) -> Vec<u32> {
        let within = |part: u32, (from, to): &(DateTime<Utc>, DateTime<Utc>)| {
            *to.min(&self.begin(part + 1)) - *from.max(&self.begin(part)) > slack
        };
        (0..self.count).filter(|part| gaps.iter().any(|gap| within(*part, gap))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::now;

    /// Gaps in minutes after the begin of four hours, and the hours that are not known.
    fn check(gaps: &[(i64, i64)], expected: &[u32]) {
        let at = |minutes| now() + TimeDelta::minutes(minutes);
        let spans: Vec<_> = gaps.iter().map(|(begin, end)| (at(*begin), at(*end))).collect();
        let parts = Parts { from: now(), width: TimeDelta::hours(1), count: 4 };
        assert_eq!(parts.missing(&spans, TimeDelta::minutes(2)), expected, "{gaps:?}");
    }

    #[test]
    fn a_part_is_unknown_when_more_than_a_moment_of_it_is_missing() {
        check(&[], &[]);
        check(&[(0, 240)], &[0, 1, 2, 3]);
        check(&[(70, 110)], &[1]);
        check(&[(70, 72)], &[]);
        check(&[(50, 61)], &[0]);
        check(&[(190, 210), (50, 90)], &[0, 1, 3]);
    }
}

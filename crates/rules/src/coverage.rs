//! Which parts of a span were read at all: what was not read is unknown, however calm it looks.

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
}

/// The parts that were not read from begin to end, given when the source was read (spans in any order). What lies behind
/// `now` is not asked for: of the part that contains it only the beginning counts.
///
/// A gap of less than `slack` is none: the last answer is always a little old.
pub fn unread(
    readings: &[(DateTime<Utc>, DateTime<Utc>)],
    parts: Parts,
    now: DateTime<Utc>,
    slack: TimeDelta,
) -> Vec<u32> {
    let mut spans = readings.to_vec();
    spans.sort_unstable();
    let read = |part: &u32| {
        let (begin, end) = (parts.begin(*part), parts.begin(*part + 1).min(now));
        let mut covered = begin;
        for (from, until) in spans.iter().filter(|(from, until)| *from < end && *until > begin) {
            if *from - covered > slack {
                return false;
            }
            covered = covered.max(*until);
        }
        end - covered <= slack
    };
    (0..parts.count).filter(|part| parts.begin(*part) < now && !read(part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::now;

    /// Minutes after the begin of four hours; the last of them has only begun.
    fn check(readings: &[(i64, i64)], expected: &[u32]) {
        let from = now() - TimeDelta::minutes(210);
        let at = |minutes| from + TimeDelta::minutes(minutes);
        let spans: Vec<_> = readings.iter().map(|(begin, end)| (at(*begin), at(*end))).collect();
        let parts = Parts { from, width: TimeDelta::hours(1), count: 4 };
        assert_eq!(unread(&spans, parts, now(), TimeDelta::minutes(2)), expected, "{readings:?}");
    }

    #[test]
    fn what_was_not_read_to_the_end_is_unknown() {
        check(&[(-10, 209)], &[]);
        check(&[], &[0, 1, 2, 3]);
        check(&[(60, 209)], &[0]);
        check(&[(90, 209)], &[0, 1]);
        check(&[(0, 70), (110, 209)], &[1]);
        check(&[(0, 70), (71, 209)], &[]);
        check(&[(0, 190)], &[3]);
        check(&[(110, 209), (0, 110)], &[]);
    }
}

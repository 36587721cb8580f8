//! What a chart is made of: a span of time cut into slots, each with what is known of it.

use chrono::{DateTime, Utc};

/// How well a slot was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// From begin to end, by every source.
    Read,
    /// Not from begin to end by every source: what is counted is the least there was.
    Partly,
    /// Not from begin to end by any source: what is counted is the least there was, and nothing counted is not zero.
    Unread,
}

/// A part of a span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot<V> {
    /// Begin, inclusive.
    pub from: DateTime<Utc>,
    /// End, exclusive. The begin of the next.
    pub until: DateTime<Utc>,
    /// How well it was read.
    pub known: Known,
    /// What is known of it.
    pub value: V,
}

/// How many there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// All of them.
    pub all: u32,
    /// Those among them that deserve a look.
    pub bad: u32,
}

/// How long things took, seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Took {
    /// Half of them took no longer.
    pub median: u32,
    /// Nine of ten took no longer.
    pub p90: u32,
}

impl Took {
    /// By nearest rank, so that each is the time of one of them. `None`: there are none.
    pub fn of(secs: impl IntoIterator<Item = u32>) -> Option<Self> {
        let mut secs: Vec<u32> = secs.into_iter().collect();
        secs.sort_unstable();
        let rank = |percent: usize| secs.get((secs.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Some(Self { median: rank(50)?, p90: rank(90)? })
    }
}

/// What is drawn. Slots follow each other without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Series {
    /// How many in each slot: bars.
    Counts(Vec<Slot<Count>>),
    /// How long they took, of those that ended in each slot: a dot at the median, a line up to what nine of ten took.
    /// `None`: none ended.
    Times(Vec<Slot<Option<Took>>>),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(secs: &[u32], expected: Option<(u32, u32)>) {
        assert_eq!(Took::of(secs.iter().copied()).map(|took| (took.median, took.p90)), expected, "{secs:?}");
    }

    #[test]
    fn a_median_is_the_time_of_one_of_them() {
        check(&[], None);
        check(&[7], Some((7, 7)));
        check(&[30, 10], Some((10, 30)));
        check(&[10, 20, 30, 40, 50, 60, 70, 80, 90, 1_000], Some((50, 90)));
    }
}

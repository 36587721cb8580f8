//! The story that is told: its chapters and when they are. What happens in them is in [`crate::world`].

use chrono::{DateTime, TimeDelta, Utc};

/// The bad deployment begins: Thursday, 19 November 2026, 13:24 UTC.
pub const BAD_DEPLOY: DateTime<Utc> = at(1_795_094_640);
/// Where the demo begins: half a minute before the bad deployment.
pub const START: DateTime<Utc> = at(1_795_094_610);
/// Where it ends: nothing is written for what comes later.
pub const END: DateTime<Utc> = at(1_795_094_640 + 48 * 3600);

/// How far before the beginning the demo is read first, so that there is a past to look at: a little more than the watch strip
/// shows.
pub const PRELUDE: TimeDelta = TimeDelta::hours(25);

const fn at(seconds: i64) -> DateTime<Utc> {
    match DateTime::from_timestamp(seconds, 0) {
        Some(at) => at,
        None => DateTime::UNIX_EPOCH,
    }
}

/// One chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter {
    /// Its word: `qd demo --story WORD`.
    pub key: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Seconds after the bad deployment began at which everything of it can be seen.
    seconds: i64,
}

impl Chapter {
    /// The chapter of that word.
    pub fn find(key: &str) -> Option<&'static Self> {
        CHAPTERS.iter().find(|chapter| chapter.key == key)
    }

    /// The instant at which everything of it can be seen.
    pub fn at(&self) -> DateTime<Utc> {
        BAD_DEPLOY + TimeDelta::seconds(self.seconds)
    }
}

/// The chapters, in their order.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { key: "calm", title: "A calm afternoon", seconds: -30 },
    Chapter { key: "bad-deploy", title: "v412 goes to prod-eu", seconds: 60 },
    Chapter { key: "alert", title: "Latency burns", seconds: 3 * 60 + 10 },
    Chapter { key: "tickets", title: "Customers write", seconds: 8 * 60 + 20 },
    Chapter { key: "rollback", title: "Back to v411", seconds: 16 * 60 },
    Chapter { key: "fix", title: "The fix is merged", seconds: 40 * 60 },
    Chapter { key: "release", title: "v413 is everywhere", seconds: 90 * 60 },
];

/// The chapter that is under way at an instant: the last one that has been reached.
pub fn chapter_at(now: DateTime<Utc>) -> &'static Chapter {
    CHAPTERS.iter().rev().find(|chapter| chapter.at() <= now).unwrap_or(&CHAPTERS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapters_follow_each_other_and_each_is_found_by_its_word() {
        assert!(CHAPTERS.windows(2).all(|pair| pair[0].at() < pair[1].at()));
        for chapter in CHAPTERS {
            assert_eq!(Chapter::find(chapter.key), Some(chapter));
            assert_eq!(chapter_at(chapter.at()), chapter);
        }
        assert_eq!(chapter_at(START - TimeDelta::days(1)).key, "calm", "nothing comes before the first");
        assert!(Chapter::find("epilogue").is_none());
    }

    #[test]
    fn the_demo_begins_half_a_minute_before_the_bad_deployment() {
        assert_eq!(BAD_DEPLOY.to_rfc3339(), "2026-11-19T13:24:00+00:00");
        assert_eq!((CHAPTERS[0].at(), BAD_DEPLOY - START), (START, TimeDelta::seconds(30)));
    }
}

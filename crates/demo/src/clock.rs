//! The time in Harbour.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::Clock;

use crate::story::END;

/// A clock that can be stopped, hurried and set. Clones share the hand.
///
/// It runs by the machine's steady clock, so that a change of the wall clock is nothing to it, and it stops by itself
/// where the story ends.
#[derive(Debug, Clone)]
pub struct DemoClock(Arc<Mutex<Hand>>);

#[derive(Debug, Clone, Copy)]
struct Hand {
    /// What it showed when it was touched last.
    shown: DateTime<Utc>,
    /// When that was.
    touched: Instant,
    speed: u32,
    playing: bool,
    /// It is set from stop to stop, and counts as running at [`LEAP`].
    leaping: bool,
}

/// As how hurried it passes for while it leaps. What is read then is trusted as long as it would be at that speed: alerts for ten
/// minutes, the others for more, which is longer than the way from one stop of a leap to the next.
const LEAP: u32 = 180;

impl Hand {
    fn now(&self, at: Instant) -> DateTime<Utc> {
        if !self.playing {
            return self.shown;
        }
        let passed = at.saturating_duration_since(self.touched).saturating_mul(self.speed);
        let passed = TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX);
        self.shown.checked_add_signed(passed).map_or(END, |now| now.min(END))
    }
}

impl DemoClock {
    /// A clock that stands at an instant.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(Hand {
            shown: now,
            touched: Instant::now(),
            speed: 1,
            playing: false,
            leaping: false,
        })))
    }

    /// Lets it run, at so many of its seconds in one of the machine's, or stops it.
    pub fn run(&self, playing: bool, speed: u32) {
        let mut hand = self.hand();
        let touched = Instant::now();
        *hand = Hand { shown: hand.now(touched), touched, speed: speed.max(1), playing, ..*hand };
    }

    /// Sets it; it goes on running or standing as before.
    pub fn set(&self, now: DateTime<Utc>) {
        let mut hand = self.hand();
        *hand = Hand { shown: now, touched: Instant::now(), ..*hand };
    }

    /// Says that it is being set from stop to stop, or no more.
    pub fn leap(&self, leaping: bool) {
        self.hand().leaping = leaping;
    }

    /// Whether it runs. At the end of the story it does not.
    pub fn playing(&self) -> bool {
        let hand = self.hand();
        hand.playing && hand.now(Instant::now()) < END
    }

    /// How many of its seconds pass in one of the machine's while it runs.
    pub fn speed(&self) -> u32 {
        self.hand().speed
    }

    fn hand(&self) -> MutexGuard<'_, Hand> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for DemoClock {
    fn now(&self) -> DateTime<Utc> {
        self.hand().now(Instant::now())
    }

    fn rate(&self) -> Option<u32> {
        let hand = self.hand();
        Some(if hand.leaping { LEAP } else { hand.speed })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::story::START;

    fn check(playing: bool, speed: u32, passed: u64, expected: i64) {
        let touched = Instant::now();
        let hand = Hand { shown: START, touched, speed, playing, leaping: false };
        let shown = hand.now(touched + Duration::from_secs(passed)) - START;
        assert_eq!(shown.num_seconds(), expected, "playing {playing} at ×{speed} for {passed} s");
    }

    #[test]
    fn it_stands_runs_and_hurries() {
        check(false, 60, 100, 0);
        check(true, 1, 100, 100);
        check(true, 60, 100, 6_000);
    }

    #[test]
    fn it_stops_where_the_story_ends() {
        let clock = DemoClock::at(END);
        clock.run(true, 60);
        assert_eq!((clock.now(), clock.playing()), (END, false));
    }

    #[test]
    fn while_it_leaps_it_passes_for_hurried_and_keeps_its_speed() {
        let clock = DemoClock::at(START);
        clock.leap(true);
        assert_eq!((clock.rate(), clock.speed()), (Some(LEAP), 1));
        clock.leap(false);
        assert_eq!(clock.rate(), Some(1));
    }

    #[test]
    fn stopping_keeps_what_it_shows_and_a_clone_shows_the_same() {
        let clock = DemoClock::at(START);
        clock.run(true, 60);
        clock.run(false, 60);
        let shown = clock.now();
        assert_eq!(clock.clone().now(), shown);
        clock.set(START);
        assert_eq!((clock.now(), clock.speed()), (START, 60));
    }
}

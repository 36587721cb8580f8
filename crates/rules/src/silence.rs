//! What is worth knowing of a silence.

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::{Silence, SilenceState};

/// A silence that ends within this time is worth a look: somebody must decide before its alerts notify again.
pub const SOON: TimeDelta = TimeDelta::hours(1);

/// Ended silences are shown for so long: whoever comes on call sees what was held until a moment ago.
pub const RECENT: TimeDelta = TimeDelta::hours(24);

/// Something about a silence that a person should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// It ends within [`SOON`].
    Expiring,
    /// It holds, and no alert matches it now.
    MatchesNothing,
    /// Nobody wrote why.
    NoComment,
}

impl Mark {
    /// Machine word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expiring => "expiring",
            Self::MatchesNothing => "matches_nothing",
            Self::NoComment => "no_comment",
        }
    }
}

/// A silence as it stands now, by what its server said when it was read at `read`. One that held then and whose own end has
/// passed since holds no more as far as anybody knows. What its server said after that end is taken at its word: clocks differ.
pub fn standing(silence: &Silence, read: Option<DateTime<Utc>>, now: DateTime<Utc>) -> SilenceState {
    let passed = |end: DateTime<Utc>| end <= now && read.is_none_or(|read| read < end);
    match silence.state {
        SilenceState::Active | SilenceState::Pending if silence.ends_at.is_some_and(passed) => {
            SilenceState::Lapsed
        }
        state => state,
    }
}

/// Judges a silence. `hits`: how many alerts that fire or are suppressed it matches; `None`: not known, so nothing is
/// said of it.
pub fn marks(silence: &Silence, hits: Option<u64>, now: DateTime<Utc>) -> Vec<Mark> {
    if matches!(silence.state, SilenceState::Expired | SilenceState::Lapsed) {
        return Vec::new();
    }
    let holds = silence.state == SilenceState::Active;
    let ends_soon = silence.ends_at.is_some_and(|end| end - now <= SOON);
    [
        (holds && ends_soon, Mark::Expiring),
        (holds && hits == Some(0), Mark::MatchesNothing),
        (silence.comment.trim().is_empty(), Mark::NoComment),
    ]
    .into_iter()
    .filter_map(|(is, mark)| is.then_some(mark))
    .collect()
}

/// Whether a silence is still worth a row: it holds, will hold, or ended within [`RECENT`]. One that ended nobody knows
/// when is left out.
pub fn is_shown(silence: &Silence, now: DateTime<Utc>) -> bool {
    silence.state != SilenceState::Expired || silence.ends_at.is_some_and(|end| now - end <= RECENT)
}

/// The order in which silences are shown: those that hold by their end, then those to come by their begin, then those
/// that ended, the latest first.
pub fn order(silence: &Silence) -> (u8, i64, String) {
    let millis = |at: Option<DateTime<Utc>>| at.map_or(i64::MAX, |at| at.timestamp_millis());
    let (place, by) = match silence.state {
        SilenceState::Active | SilenceState::Lapsed | SilenceState::Unknown => (0, millis(silence.ends_at)),
        SilenceState::Pending => (1, millis(silence.starts_at)),
        SilenceState::Expired => (2, silence.ends_at.map_or(i64::MAX, |end| -end.timestamp_millis())),
    };
    (place, by, silence.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::now;

    fn silence(state: SilenceState, minutes: i64, comment: &str) -> Silence {
        Silence {
            id: minutes.to_string(),
            matchers: Vec::new(),
            starts_at: Some(now() - TimeDelta::hours(1)),
            ends_at: Some(now() + TimeDelta::minutes(minutes)),
            created_by: "ana".to_owned(),
            comment: comment.to_owned(),
            state,
        }
    }

    fn check(silence: &Silence, hits: Option<u64>, expected: &[Mark]) {
        assert_eq!(marks(silence, hits, now()), expected, "{silence:?} {hits:?}");
    }

    #[test]
    fn what_a_person_should_look_at_is_marked() {
        use Mark::{Expiring, MatchesNothing, NoComment};
        use SilenceState::{Active, Expired, Pending};
        check(&silence(Active, 120, "known"), Some(3), &[]);
        check(&silence(Active, 60, "known"), Some(3), &[Expiring]);
        check(&silence(Active, 120, "known"), Some(0), &[MatchesNothing]);
        check(&silence(Active, 5, " \n"), Some(0), &[Expiring, MatchesNothing, NoComment]);
        check(&silence(Active, 120, "known"), None, &[]);
        check(&silence(Pending, 30, "known"), Some(0), &[]);
        check(&silence(Expired, -5, ""), Some(0), &[]);
        check(&silence(SilenceState::Lapsed, -5, ""), Some(0), &[]);
    }

    #[test]
    fn a_silence_that_nobody_saw_end_is_not_taken_to_hold_past_its_end() {
        use SilenceState::{Active, Expired, Lapsed, Pending, Unknown};
        let check = |state, minutes: i64, read: Option<i64>, expected| {
            let read = read.map(|minutes| now() + TimeDelta::minutes(minutes));
            assert_eq!(standing(&silence(state, minutes, "x"), read, now()), expected, "{minutes} {read:?}");
        };
        check(Active, 5, Some(-60), Active);
        check(Active, -5, Some(-60), Lapsed);
        check(Active, -5, None, Lapsed);
        check(Active, -5, Some(-1), Active);
        check(Pending, -5, Some(-60), Lapsed);
        check(Expired, -5, Some(-60), Expired);
        check(Unknown, -5, Some(-60), Unknown);
    }

    #[test]
    fn ended_silences_are_shown_for_a_day() {
        assert!(is_shown(&silence(SilenceState::Expired, -60, "x"), now()));
        assert!(!is_shown(&silence(SilenceState::Expired, -25 * 60, "x"), now()));
        assert!(is_shown(&silence(SilenceState::Unknown, -25 * 60, "x"), now()), "not known to have ended");
    }

    #[test]
    fn what_ends_next_comes_first() {
        use SilenceState::{Active, Expired, Pending};
        let mut all = [
            silence(Expired, -60, ""),
            silence(Expired, -5, ""),
            silence(Pending, 90, ""),
            silence(Active, 50, ""),
            silence(Active, 20, ""),
        ];
        all.sort_by_key(order);
        assert_eq!(all.map(|it| it.id), ["20", "50", "90", "-5", "-60"]);
    }
}

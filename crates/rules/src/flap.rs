//! Alerts that fire and stop and fire again.

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::{Alert, AlertState, Observed, Status};

/// So far back changes count.
pub const SPAN: TimeDelta = TimeDelta::hours(1);

/// From so many stops within [`SPAN`] on an alert flaps. Two are an alert that came back once.
pub const STOPS: u32 = 3;

/// An alert that flaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flap {
    /// How often it stopped within [`SPAN`]: its rate per hour.
    pub per_hour: u32,
    /// When it last changed.
    pub last: DateTime<Utc>,
}

/// Judges an alert's changes of state, each the word before, the word since, and when. `None`: it does not flap.
///
/// Counted are stops (`resolved`, or no longer listed): silencing an alert and lifting the silence is no flapping.
pub fn flap<'a>(
    changes: impl IntoIterator<Item = (Option<&'a str>, &'a str, DateTime<Utc>)>,
    now: DateTime<Utc>,
) -> Option<Flap> {
    let closed = |word: &str| matches!(word, "resolved" | "gone");
    let (mut stops, mut last) = (0, None);
    for (from, to, at) in changes {
        if at <= now - SPAN || at > now {
            continue;
        }
        last = last.max(Some(at));
        if closed(to) && from.is_some_and(|from| !closed(from)) {
            stops += 1;
        }
    }
    last.filter(|_| stops >= STOPS).map(|last| Flap { per_hour: stops, last })
}

/// What a flapping alert draws, also in the moments in which it does not fire: what it draws when it fires. Its one row
/// would otherwise come and go, and look fine half of the time.
pub fn status(alert: &Alert) -> Status {
    let mut firing = alert.clone();
    if !alert.state.state.is_open() {
        firing.state = Observed::new(AlertState::Firing, "");
    }
    firing.signal().status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{alert, now};
    use qd_model::Fact;

    fn check(changes: &[(&str, &str, i64)], expected: Option<u32>) {
        let changes = changes.iter().map(|(from, to, minutes)| {
            let from = (!from.is_empty()).then_some(*from);
            (from, *to, now() - TimeDelta::minutes(*minutes))
        });
        assert_eq!(flap(changes, now()).map(|flap| flap.per_hour), expected);
    }

    #[test]
    fn three_stops_within_an_hour_are_flapping() {
        let cycle = |minutes| [("firing", "resolved", minutes), ("resolved", "firing", minutes - 1)];
        check(&[], None);
        check(&[("", "firing", 5)], None);
        check(&[cycle(50), cycle(30)].concat(), None);
        check(&[cycle(50), cycle(30), cycle(10)].concat(), Some(3));
        check(&[cycle(90), cycle(70), cycle(61), cycle(10)].concat(), None);
        check(&[("firing", "gone", 9), ("gone", "firing", 8)].repeat(4), Some(4));
    }

    #[test]
    fn silencing_again_and_again_is_no_flapping() {
        check(&[("firing", "suppressed", 9), ("suppressed", "firing", 8)].repeat(9), None);
    }

    #[test]
    fn a_clock_that_turned_back_invents_no_flapping() {
        check(&[("firing", "resolved", -5)].repeat(5), None);
    }

    #[test]
    fn a_flapping_alert_never_looks_fine() {
        for (severity, expected) in [("critical", Status::Paging), ("warning", Status::Warn)] {
            let Fact::Alert(mut alert) = alert("am", "1", &[("severity", severity)]) else {
                panic!("an alert")
            };
            alert.state = Observed::new(AlertState::Resolved, "");
            assert_eq!(status(&alert), expected);
        }
    }
}

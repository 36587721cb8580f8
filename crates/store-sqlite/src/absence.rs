//! What becomes of an open entity that a complete answer does not list. Pure.

use qd_model::{Absence, AlertState, Fact, Kind, Observed};

/// What is to be done about one absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is over now.
    Resolve,
    /// It is no longer visible.
    Hide,
    /// It was missing so many times in a row; that is not often enough yet.
    Wait(u32),
}

/// Judges an absence after `before` complete answers in a row that did not list the entity either.
pub fn judge(kind: Kind, before: u32) -> Step {
    match Absence::of(kind) {
        Absence::Resolved => Step::Resolve,
        Absence::Hidden { after } => {
            let times = before.saturating_add(1);
            if times >= after { Step::Hide } else { Step::Wait(times) }
        }
    }
}

/// What the history says of an alert that merely disappeared, in place of the backend's word.
pub const ABSENT: &str = "absent from a complete answer";

/// The fact as it is once its absence means that it is over. Only alerts can be over by absence. When it ended is not
/// known: we saw only that it was no longer there.
pub fn resolved(fact: Fact) -> Fact {
    match fact {
        Fact::Alert(mut alert) => {
            alert.state = Observed::new(AlertState::Resolved, ABSENT);
            Fact::Alert(alert)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, before: u32, expected: Step) {
        assert_eq!(judge(kind, before), expected, "{kind} after {before}");
    }

    #[test]
    fn an_alert_is_over_at_once_and_the_others_are_given_a_second_look() {
        check(Kind::Alert, 0, Step::Resolve);
        for kind in [Kind::Run, Kind::Deployment, Kind::Ticket] {
            check(kind, 0, Step::Wait(1));
            check(kind, 1, Step::Hide);
            check(kind, u32::MAX, Step::Hide);
        }
    }
}

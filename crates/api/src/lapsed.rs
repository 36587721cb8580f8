//! Silences whose own end has passed since their server was read: they hold no more, and nobody knows whether they were
//! made to end later.

use chrono::{DateTime, Utc};
use qd_model::{Alert, Fact, Silence};
use qd_rules::silence::standing;

use crate::sources::Sources;

/// A silence as it stands now, read then.
pub(crate) fn known(silence: &Silence, read: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Silence {
    Silence { state: standing(silence, read, now), ..silence.clone() }
}

/// The silences that hold an alert, as they stand by the last reading of its source.
pub(crate) fn of_alert(alert: &Alert, sources: &Sources) -> Vec<Silence> {
    let now = sources.as_of.unwrap_or(sources.now);
    let source = sources.get(&alert.origin.id.source);
    let read = source.and_then(|source| source.report.health.as_of).map(|read| read.min(now));
    alert.silenced_by.iter().map(|silence| known(silence, read, now)).collect()
}

/// An entity whose silences are as they stand.
pub(crate) fn of_fact(fact: &Fact, sources: &Sources) -> Fact {
    match fact {
        Fact::Alert(alert) => Fact::Alert(Alert { silenced_by: of_alert(alert, sources), ..alert.clone() }),
        other => other.clone(),
    }
}

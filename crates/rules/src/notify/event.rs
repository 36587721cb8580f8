//! A change that may be told.

use chrono::{DateTime, Utc};
use qd_model::{EntityId, Fact, Kind, Severity, Status};

use crate::rollup::is_main_line;

/// What has another status is nothing a person would be told of.
pub const TOLD: [Status; 4] = [Status::Paging, Status::Failing, Status::Waiting, Status::Warn];

/// A change of an entity's state.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Of whom.
    pub item: Item,
    /// The line it continues: trouble that stands in a line is told once.
    pub line: String,
    /// It may be told at all: a failing feature branch is its author's business.
    pub speaks: bool,
    /// Somebody has taken it or silenced it.
    pub acknowledged: bool,
    /// When it happened, by the backend's clock, or when it was seen.
    pub occurred: DateTime<Utc>,
}

/// What a notification is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The entity.
    pub id: EntityId,
    /// Its title. Untrusted.
    pub title: String,
    /// Its service.
    pub service: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// The status it draws since.
    pub status: Status,
}

impl Event {
    /// The event of a fact whose state changed; `seen` is when we saw it.
    pub fn of(fact: &Fact, service: Option<&str>, environment: Option<&str>, seen: DateTime<Utc>) -> Self {
        let signal = fact.signal();
        let occurred = match fact {
            Fact::Run(run) => run.finished_at.or(run.started_at),
            Fact::Deployment(it) => it.finished_at.or(it.started_at).or(it.created_at),
            Fact::Alert(alert) => alert.starts_at,
            Fact::Ticket(ticket) => ticket.created_at,
        };
        let line = match fact {
            // The same alert may come from several sources; it is told once.
            Fact::Alert(alert) => format!("alert {}", alert.fingerprint),
            _ => format!("{} {} {}", fact.id().source, fact.kind(), fact.line()),
        };
        let title = match fact {
            Fact::Run(run) => format!("{} {}", run.pipeline_name, run.number()),
            _ => fact.title().to_owned(),
        };
        Self {
            item: Item {
                id: fact.id().clone(),
                title,
                service: service.map(str::to_owned),
                environment: environment.map(str::to_owned),
                status: signal.status,
            },
            line,
            speaks: !matches!(fact, Fact::Run(run) if !is_main_line(run)),
            acknowledged: signal.acknowledged,
            occurred: occurred.unwrap_or(seen).min(seen),
        }
    }

    /// How bad it is. `None`: nothing a person would be told of.
    pub(super) fn level(&self) -> Option<Severity> {
        match self.item.status {
            _ if self.acknowledged || !self.speaks => None,
            Status::Paging => Some(Severity::Critical),
            Status::Failing | Status::Waiting => Some(Severity::High),
            Status::Warn => Some(Severity::Warning),
            // Not known is not news, and neither is what goes well.
            Status::Unknown | Status::Running | Status::Ok | Status::Inactive => None,
        }
    }

    /// Whether the trouble in its line is over. A run that was cancelled or has only begun tells nothing about it.
    pub(super) fn mends(&self) -> bool {
        match self.item.status {
            Status::Ok => true,
            Status::Inactive => self.item.id.kind == Kind::Alert || self.acknowledged,
            _ => self.acknowledged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{alert, now};

    #[test]
    fn only_what_has_a_told_status_can_be_told() {
        let fact = alert("am", "1", &[("severity", "critical")]);
        for status in Status::ALL {
            let event = Event::of(&fact, None, None, now());
            let event = Event { item: Item { status, ..event.item }, ..event };
            assert_eq!(event.level().is_some(), TOLD.contains(&status), "{status:?}");
        }
    }
}

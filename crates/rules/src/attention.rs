//! What waits for a person, over all kinds, most urgent first.

use chrono::{DateTime, Utc};
use qd_model::{AlertState, Fact, RunState, Status, TicketStatus, TicketType};

use crate::{Judged, ReasonCode, Trust};

/// One thing that waits for a person.
#[derive(Debug, Clone, Copy)]
pub struct Attention<'a> {
    /// What.
    pub entity: Judged<'a>,
    /// Why.
    pub reason: ReasonCode,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// What helps most.
    pub best: Best,
}

/// The one thing that helps most. A front end that cannot do it opens the entity instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Best {
    /// Read the log of what failed: acting before knowing why is guessing.
    Log,
    /// The first action its backend offers.
    Act,
    /// Open it: there is nothing to do from afar.
    Open,
}

impl Best {
    /// Machine word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Act => "act",
            Self::Open => "open",
        }
    }
}

/// Ranks what waits for a person: paging alerts, waiting approvals, failures, firing alerts, incidents; newest first
/// within a rank. Stale things stay in the list: their row shows their age.
pub fn attention<'a>(entities: &[Judged<'a>], trust: &Trust, limit: usize) -> Vec<Attention<'a>> {
    let mut list: Vec<(u8, Attention<'a>)> =
        entities.iter().filter_map(|entity| rank(*entity, trust)).collect();
    list.sort_by_key(|(rank, item)| (*rank, std::cmp::Reverse(item.since), item.entity.fact.id().clone()));
    list.truncate(limit);
    list.into_iter().map(|(_, item)| item).collect()
}

fn rank<'a>(entity: Judged<'a>, trust: &Trust) -> Option<(u8, Attention<'a>)> {
    let status = entity.fact.signal().status;
    let (rank, reason) = match entity.fact {
        Fact::Alert(alert) if alert.state.state == AlertState::Firing => match status {
            Status::Paging => (0, ReasonCode::AlertFiring),
            Status::Failing => (2, ReasonCode::AlertFiring),
            Status::Warn => (5, ReasonCode::AlertFiring),
            _ => return None,
        },
        Fact::Run(run) if run.state.state == RunState::Waiting => (1, ReasonCode::Waiting),
        Fact::Deployment(_) if status == Status::Waiting => (1, ReasonCode::Waiting),
        Fact::Deployment(_) if status == Status::Failing => (3, ReasonCode::DeploymentFailed),
        Fact::Run(_) if status == Status::Failing => (4, ReasonCode::RunFailed),
        Fact::Ticket(ticket)
            if ticket.status.state != TicketStatus::Done
                && ticket.ticket_type.state == TicketType::Incident =>
        {
            (3, ReasonCode::IncidentOpen)
        }
        _ => return None,
    };
    // A waiting approval nobody can see any more is not offered as one: whether it still waits is unknown.
    if reason == ReasonCode::Waiting && !trust.current(&entity.fact.id().source) {
        return None;
    }
    let best = match reason {
        ReasonCode::RunFailed => Best::Log,
        ReasonCode::AlertFiring | ReasonCode::Waiting => Best::Act,
        _ => Best::Open,
    };
    Some((rank, Attention { entity, reason, since: entity.fact.occurred_at(), best }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{alert, now, run_with, ticket};
    use crate::{Catalogue, rollup::SourceTrust};
    use qd_model::{Links, Observed, RunResult};

    #[test]
    fn what_pages_comes_before_what_waits_and_what_failed() {
        let facts = [
            run_with("ci", "1", "main", Observed::new(RunState::Done, ""), Some(RunResult::Failure)),
            run_with("ci", "2", "main", Observed::new(RunState::Waiting, ""), None),
            run_with("ci", "3", "main", Observed::new(RunState::Done, ""), Some(RunResult::Success)),
            ticket("t", "4", None),
            alert("am", "5", &[("severity", "info")]),
            alert("am", "6", &[("severity", "critical")]),
        ];
        let links: Vec<Links> = facts.iter().map(|fact| Catalogue::default().link(fact)).collect();
        let judged: Vec<_> =
            facts.iter().zip(&links).map(|(fact, links)| Judged { fact, links, changed: now() }).collect();
        let trust = |current| {
            Trust(
                facts.iter().map(|f| (f.id().source.clone(), SourceTrust { current, as_of: None })).collect(),
            )
        };
        let order = |trust| {
            attention(&judged, &trust, 12)
                .iter()
                .map(|a| a.entity.fact.id().native.clone())
                .collect::<Vec<_>>()
        };
        let best = attention(&judged, &trust(true), 12).iter().map(|a| a.best).collect::<Vec<_>>();
        assert_eq!(best, [Best::Act, Best::Act, Best::Log], "a failure is read before it is acted upon");
        assert_eq!(order(trust(true)), ["6", "2", "1"]);
        assert_eq!(order(trust(false)), ["6", "1"], "whether an approval still waits is not known");
    }
}

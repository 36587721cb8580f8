//! What waits for a person, over all kinds, most urgent first.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};
use qd_model::{AlertState, Fact, Kind, RunState, SourceId, Status, TicketStatus, TicketType};

use crate::board::folded;
use crate::deploys::made_by;
use crate::{Judged, ReasonCode, Trust};

/// One thing that waits for a person.
#[derive(Debug, Clone)]
pub struct Attention<'a> {
    /// What.
    pub entity: Judged<'a>,
    /// Why.
    pub reason: ReasonCode,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// What helps most.
    pub best: Best,
    /// What is told in the same row: the deployments of a run that failed with it, or further alerts of its name, service and
    /// environment.
    pub with: Vec<Judged<'a>>,
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

/// Ranks what waits for a person: what pages, what failed, what waits for an answer, what warns; within a rank what is seen
/// now before what was when its source was last read, and newest first. It is the order of the services, too ([`urgency`]).
/// Stale things stay in the list: their row shows their age. A run that failed waits for nobody when a later one of its line is
/// among the entities, and takes its failed deployments along.
///
/// Where there are more than the `first`, which are all that is shown, alerts of one name, service and environment are one row,
/// and what waits for an answer is still among them: of a hundred failures the last of those shown make room for up to a
/// quarter of answers to give.
pub fn attention<'a>(entities: &[Judged<'a>], trust: &Trust, first: usize) -> Vec<Attention<'a>> {
    let last = last_of_lines(entities);
    let list: Vec<(u8, Attention<'a>)> = folded(entities, trust)
        .iter()
        .filter_map(|entity| rank(*entity, trust))
        .filter(|(_, item)| item.reason != ReasonCode::RunFailed || !is_overtaken(item.entity.fact, &last))
        .collect();
    let mut list = with_deployments(list);
    list.sort_by_key(|(rank, item)| {
        let id = item.entity.fact.id();
        (*rank, !trust.current(&id.source), std::cmp::Reverse(item.since), id.clone())
    });
    if list.len() > first {
        list = alike(list);
    }
    let mut list: Vec<Attention<'_>> = list.into_iter().map(|(_, item)| item).collect();
    make_room(&mut list, first);
    list
}

/// Alerts of one name, service and environment as one row, that of the first: in a storm they are one thing to look at.
fn alike(list: Vec<(u8, Attention<'_>)>) -> Vec<(u8, Attention<'_>)> {
    let mut places = HashMap::new();
    let mut rows: Vec<(u8, Attention<'_>)> = Vec::new();
    for (rank, item) in list {
        let Judged { fact: Fact::Alert(alert), links, .. } = item.entity else {
            rows.push((rank, item));
            continue;
        };
        let service = links.service.as_ref().map(|service| &service.name);
        match places.entry((rank, &alert.name, service, &links.environment)) {
            Entry::Vacant(empty) => {
                empty.insert(rows.len());
                rows.push((rank, item));
            }
            Entry::Occupied(known) => {
                let (_, first) = &mut rows[*known.get()];
                first.with.push(item.entity);
                // Nothing is done to one of many that is not done to the others.
                first.best = Best::Open;
            }
        }
    }
    rows
}

/// Moves what waits for an answer up to the end of the first, until a quarter of these are such. They are one run of the list:
/// nothing else has their rank.
fn make_room(list: &mut [Attention<'_>], first: usize) {
    let waits = |item: &Attention<'_>| item.reason == ReasonCode::Waiting;
    let Some(at) = list.iter().position(waits) else { return };
    let due = (first / 4).min(list.iter().filter(|item| waits(item)).count());
    if at + due > first {
        list[first - due..at + due].rotate_right(due);
    }
}

/// How soon a status wants a person, worst first, wherever things of several kinds stand in one order: what calls one, what
/// is broken, what stands still until one answers. A service that waits is no worse than one that warns, yet nothing goes on
/// before somebody has looked at it.
pub fn urgency(status: Status) -> u8 {
    match status {
        Status::Paging => 0,
        Status::Failing => 1,
        Status::Waiting => 2,
        Status::Warn => 3,
        Status::Unknown => 4,
        Status::Running => 5,
        Status::Ok => 6,
        Status::Inactive => 7,
    }
}

/// A run that failed or waits and the deployments it made, which fail or wait with it, are one thing to look at: the row of the
/// run, whose log tells why, with the urgency of the deployment.
fn with_deployments(list: Vec<(u8, Attention<'_>)>) -> Vec<(u8, Attention<'_>)> {
    let is_part = |part: &Attention<'_>, whole: &Attention<'_>| match (part.entity.fact, whole.entity.fact) {
        (Fact::Deployment(deployment), Fact::Run(run)) => {
            let alike = matches!(
                (part.reason, whole.reason),
                (ReasonCode::DeploymentFailed, ReasonCode::RunFailed)
                    | (ReasonCode::Waiting, ReasonCode::Waiting)
            );
            alike && made_by(deployment, run)
        }
        _ => false,
    };
    let (wholes, of_deployments): (Vec<_>, Vec<_>) =
        list.into_iter().partition(|(_, item)| item.entity.fact.kind() != Kind::Deployment);
    let (parts, alone): (Vec<_>, Vec<_>) = of_deployments
        .into_iter()
        .partition(|(_, part)| wholes.iter().any(|(_, whole)| is_part(part, whole)));
    let mut rest = wholes;
    for (rank, whole) in &mut rest {
        let of_it: Vec<_> = parts.iter().filter(|(_, part)| is_part(part, whole)).collect();
        *rank = of_it.iter().map(|(urgent, _)| *urgent).chain([*rank]).min().unwrap_or(*rank);
        whole.with.extend(of_it.iter().map(|(_, part)| part.entity));
    }
    rest.extend(alone);
    rest
}

/// The entities that still tell how things stand: all but runs that ended before a later one of their line.
pub fn standing<'a>(entities: &[Judged<'a>]) -> Vec<Judged<'a>> {
    let last = last_of_lines(entities);
    let over = |fact: &Fact| matches!(fact, Fact::Run(run) if run.state.state == RunState::Done);
    let stands = |entity: &&Judged<'_>| !over(entity.fact) || !is_overtaken(entity.fact, &last);
    entities.iter().filter(stands).copied().collect()
}

type LastOfLines<'a> = HashMap<(&'a SourceId, String), Option<DateTime<Utc>>>;

/// When each line of runs ran last.
fn last_of_lines<'a>(entities: &[Judged<'a>]) -> LastOfLines<'a> {
    let mut last = LastOfLines::new();
    for fact in entities.iter().map(|entity| entity.fact).filter(|fact| fact.kind() == Kind::Run) {
        let latest = last.entry((&fact.id().source, fact.line())).or_default();
        *latest = fact.occurred_at().max(*latest);
    }
    last
}

fn is_overtaken(fact: &Fact, last: &LastOfLines<'_>) -> bool {
    last.get(&(&fact.id().source, fact.line())).is_some_and(|latest| *latest > fact.occurred_at())
}

fn rank<'a>(entity: Judged<'a>, trust: &Trust) -> Option<(u8, Attention<'a>)> {
    let status = entity.fact.signal().status;
    let (rank, reason) = match entity.fact {
        Fact::Alert(alert) if alert.state.state == AlertState::Firing => match status {
            Status::Paging => (0, ReasonCode::AlertFiring),
            Status::Failing => (1, ReasonCode::AlertFiring),
            Status::Warn => (6, ReasonCode::AlertFiring),
            _ => return None,
        },
        Fact::Run(run) if run.state.state == RunState::Waiting => (4, ReasonCode::Waiting),
        Fact::Deployment(_) if status == Status::Waiting => (4, ReasonCode::Waiting),
        Fact::Deployment(_) if status == Status::Failing => (2, ReasonCode::DeploymentFailed),
        Fact::Run(_) if status == Status::Failing => (3, ReasonCode::RunFailed),
        Fact::Ticket(ticket)
            if ticket.status.state != TicketStatus::Done
                && ticket.ticket_type.state == TicketType::Incident =>
        {
            (5, ReasonCode::IncidentOpen)
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
    Some((rank, Attention { entity, reason, since: entity.fact.since(), best, with: Vec::new() }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::fixtures::{alert, all_fresh, deployment, judged, now, run_with, ticket};
    use crate::{Catalogue, rollup::SourceTrust};
    use qd_model::{Links, Observed, RunResult};

    #[test]
    fn what_pages_comes_before_what_failed_and_what_waits() {
        let facts = [
            run_with("ci", "1", "main", Observed::new(RunState::Done, ""), Some(RunResult::Failure)),
            run_with("ci", "2", "main", Observed::new(RunState::Waiting, ""), None),
            run_with("ci", "3", "main", Observed::new(RunState::Done, ""), Some(RunResult::Success)),
            ticket("t", "4", None),
            alert("am", "5", &[("severity", "info")]),
            alert("am", "6", &[("severity", "critical")]),
        ];
        let links: Vec<Links> = facts.iter().map(|fact| Catalogue::default().link(fact)).collect();
        let judged = judged(&facts, &links);
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
        assert_eq!(best, [Best::Act, Best::Log, Best::Act], "a failure is read before it is acted upon");
        assert_eq!(order(trust(true)), ["6", "1", "2"]);
        assert_eq!(order(trust(false)), ["6", "1"], "whether an approval still waits is not known");
    }

    /// How many failures, how many approvals; and the first eight of the list: failures `f`, approvals `w`.
    fn check_room(failures: usize, approvals: usize, expected: &str) {
        let run = |n: usize| {
            let (state, result) = match n < failures {
                true => (RunState::Done, Some(RunResult::Failure)),
                false => (RunState::Waiting, None),
            };
            let branch = format!("branch {n}");
            run_with("ci", &n.to_string(), &branch, Observed::new(state, ""), result)
        };
        let facts: Vec<Fact> = (0..failures + approvals).map(run).collect();
        let links: Vec<Links> = facts.iter().map(|fact| Catalogue::default().link(fact)).collect();
        let judged = judged(&facts, &links);
        let trust = Trust([("ci".parse().unwrap(), SourceTrust { current: true, as_of: None })].into());
        let list = attention(&judged, &trust, 8);
        assert_eq!(list.len(), failures + approvals, "nothing is lost");
        let told = list.iter().take(8).map(|item| if item.reason == ReasonCode::Waiting { 'w' } else { 'f' });
        assert_eq!(told.collect::<String>(), expected, "{failures} failures, {approvals} approvals");
    }

    #[test]
    fn approvals_are_among_the_first_however_much_fails() {
        check_room(3, 2, "fffww");
        check_room(20, 0, "ffffffff");
        check_room(20, 1, "fffffffw");
        check_room(20, 9, "ffffffww");
        check_room(7, 9, "ffffffww");
        check_room(6, 9, "ffffffww");
        check_room(2, 9, "ffwwwwww");
    }

    #[test]
    fn a_failure_that_a_later_run_of_its_line_followed_waits_for_nobody() {
        let failed = Observed::new(RunState::Done, "");
        let mut facts = [
            run_with("ci", "1", "main", failed.clone(), Some(RunResult::Failure)),
            run_with("ci", "2", "main", failed.clone(), Some(RunResult::Failure)),
            run_with("ci", "3", "other", failed, Some(RunResult::Failure)),
        ];
        for (fact, minutes) in facts.iter_mut().zip([2, 1, 3]) {
            let Fact::Run(run) = fact else { continue };
            run.started_at = Some(now() - chrono::TimeDelta::minutes(minutes));
        }
        let links: Vec<Links> = facts.iter().map(|fact| Catalogue::default().link(fact)).collect();
        let judged = judged(&facts, &links);
        let needing = attention(&judged, &Trust(BTreeMap::new()), 12);
        let needing: Vec<&str> = needing.iter().map(|item| item.entity.fact.id().native.as_str()).collect();
        assert_eq!(needing, ["2", "3"]);
    }

    #[test]
    fn alerts_of_one_name_are_one_row_where_there_are_more_than_are_shown() {
        let one = |native: &str, service: &str, severity: &str| {
            let mut fact = alert("am", native, &[("severity", severity), ("service", service)]);
            if let Fact::Alert(alert) = &mut fact {
                alert.name = "DiskFull".to_owned();
            }
            fact
        };
        let (critical, warning) = ("critical", "warning");
        let facts = [
            one("1", "shop", critical),
            one("2", "shop", critical),
            one("3", "till", critical),
            one("4", "shop", warning),
        ];
        let links: Vec<Links> = facts.iter().map(|fact| Catalogue::default().link(fact)).collect();
        let judged = judged(&facts, &links);
        let told = |first: usize| -> Vec<(String, usize, Best)> {
            let list = attention(&judged, &all_fresh(&facts), first);
            list.iter().map(|it| (it.entity.fact.id().native.clone(), it.with.len(), it.best)).collect()
        };
        let row = |native: &str, with: usize, best: Best| (native.to_owned(), with, best);
        assert_eq!(told(4).len(), 4, "all of them can be shown");
        let folded = [row("1", 1, Best::Open), row("3", 0, Best::Act), row("4", 0, Best::Act)];
        assert_eq!(told(3), folded, "how urgent they are keeps them apart");
    }

    #[test]
    fn of_equals_what_is_seen_now_comes_first() {
        let facts = ["old", "new"].map(|source| alert(source, "1", &[("severity", "critical")]));
        let links: Vec<Links> = facts.iter().map(|fact| Catalogue::default().link(fact)).collect();
        let trust = |source: &str, current| (source.parse().unwrap(), SourceTrust { current, as_of: None });
        let trust = Trust([trust("old", false), trust("new", true)].into());
        let list = attention(&judged(&facts, &links), &trust, 12);
        let told: Vec<&str> = list.iter().map(|it| it.entity.fact.id().source.as_str()).collect();
        assert_eq!(told[0], "new");
    }

    #[test]
    fn a_run_that_waits_takes_along_the_deployment_that_waits_with_it() {
        let waiting = Observed::new(RunState::Waiting, "");
        let mut run = run_with("ci", "1", "main", waiting, None);
        let mut part = deployment("ci", "2", Some("shop"), "prod");
        let mut failed = deployment("ci", "3", Some("shop"), "stage");
        if let (Fact::Run(run), Fact::Deployment(part), Fact::Deployment(failed)) =
            (&mut run, &mut part, &mut failed)
        {
            let page = Some("https://ci.example/runs/1".to_owned());
            run.origin.url = page.clone();
            (part.origin.url, failed.origin.url) = (page.clone(), page);
            part.status = Observed::new(qd_model::DeploymentStatus::Blocked, "waiting");
            failed.status = Observed::new(qd_model::DeploymentStatus::Failed, "failure");
        }
        let facts = [run, part, failed];
        let links: Vec<Links> = facts.iter().map(|fact| Catalogue::default().link(fact)).collect();
        let judged = judged(&facts, &links);
        let trust = all_fresh(&facts);
        let told: Vec<(String, usize)> = attention(&judged, &trust, 12)
            .iter()
            .map(|it| (it.entity.fact.id().native.clone(), it.with.len()))
            .collect();
        assert_eq!(told, [("3".to_owned(), 0), ("1".to_owned(), 1)], "what failed already is another thing");
    }

    #[test]
    fn a_run_that_failed_takes_its_failed_deployment_along() {
        let failed = Observed::new(RunState::Done, "");
        let mut run = run_with("ci", "1", "main", failed, Some(RunResult::Failure));
        if let Fact::Run(run) = &mut run {
            run.origin.url = Some("https://ci.example/runs/1".to_owned());
        }
        let deployed = |native: &str, log: &str| {
            let mut fact = deployment("ci", native, Some("shop"), native);
            if let Fact::Deployment(deployment) = &mut fact {
                deployment.status = Observed::new(qd_model::DeploymentStatus::Failed, "failure");
                let url = format!("https://ci.example/runs/{log}");
                deployment.origin.links.push(qd_model::Link { kind: qd_model::LinkKind::Log, url });
            }
            fact
        };
        let waits = run_with("ci", "9", "other", Observed::new(RunState::Waiting, ""), None);
        let warns = alert("am", "5", &[("severity", "warning")]);
        let facts = [run, deployed("prod", "1/job/7"), deployed("stage", "12/job/7"), waits, warns];
        let links: Vec<Links> = facts.iter().map(|fact| Catalogue::default().link(fact)).collect();
        let judged = judged(&facts, &links);
        let trust = all_fresh(&facts);
        let needing = attention(&judged, &trust, 12);
        let native = |judged: &Judged<'_>| judged.fact.id().native.clone();
        let told: Vec<(String, Vec<String>)> =
            needing.iter().map(|it| (native(&it.entity), it.with.iter().map(native).collect())).collect();
        let row = |native: &str, with: &[&str]| {
            (native.to_owned(), with.iter().map(|native| (*native).to_owned()).collect())
        };
        assert_eq!(told, [row("1", &["prod"]), row("stage", &[]), row("9", &[]), row("5", &[])]);
        let best: Vec<Best> = needing.iter().map(|it| it.best).collect();
        assert_eq!(
            best,
            [Best::Log, Best::Open, Best::Act, Best::Act],
            "its log can be read from the one row"
        );
    }
}

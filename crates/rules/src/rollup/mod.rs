//! How a service stands: the worst of its signals, with reasons.

mod reason;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use qd_model::{
    Alert, AlertState, Deployment, DeploymentStatus, Fact, Links, PipelineRun, Severity, SourceId, Status,
    Ticket, Tier,
};

pub use reason::{Reason, ReasonCode};

use self::reason::{
    alert_reason, deployment_reason, hushed, only_tickets, quiet, run_reason, set_aside, ticket_reason,
};
use crate::board::folded;
use crate::deploys::{is_same, spelled};
use crate::{Catalogue, shown, urgency};

/// How far each source can be trusted now.
#[derive(Debug, Clone, Default)]
pub struct Trust(pub BTreeMap<SourceId, SourceTrust>);

/// How far one source can be trusted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceTrust {
    /// What it said may be drawn as current.
    pub current: bool,
    /// When it was last read completely.
    pub as_of: Option<DateTime<Utc>>,
}

impl Trust {
    /// Whether a source is current. A source nobody knows is not.
    pub fn current(&self, source: &SourceId) -> bool {
        self.0.get(source).is_some_and(|trust| trust.current)
    }

    /// When a source was last read completely.
    pub fn as_of(&self, source: &SourceId) -> Option<DateTime<Utc>> {
        self.0.get(source).and_then(|trust| trust.as_of)
    }
}

/// A current entity, as the roll-up reads it.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// What was observed.
    pub fact: &'a Fact,
    /// Its service and environment.
    pub links: &'a Links,
    /// When it last changed, as seen by us.
    pub changed: DateTime<Utc>,
}

/// What runs in one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvironmentState<'a> {
    /// Name.
    pub name: String,
    /// Tier, inferred from the name.
    pub tier: Tier,
    /// The newest deployment that succeeded.
    pub live: Option<&'a Deployment>,
    /// The newest deployment.
    pub latest: &'a Deployment,
    /// Its status, as it may be drawn.
    pub status: Status,
    /// Its source is not current.
    pub stale: bool,
    /// The worst of the alerts that name this environment. `None`: none that asks for anybody is known.
    pub alerts: Option<Asking>,
}

/// What the worst of some alerts asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asking {
    /// Its status, as it may be drawn.
    pub status: Status,
    /// Its source is not current.
    pub stale: bool,
}

/// How a service stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceState<'a> {
    /// Name.
    pub name: String,
    /// Owner, as configured.
    pub owner: Option<String>,
    /// Known only by inference.
    pub inferred: bool,
    /// Worst of its signals; unknown when there is none.
    pub status: Status,
    /// Nothing that is current gives it its status, and one of its sources is not. What fires now, fires, whatever else of
    /// it cannot be read; the reasons name that.
    pub stale: bool,
    /// The sources that tell of it.
    pub sources: Vec<SourceId>,
    /// The oldest reading among its sources.
    pub as_of: Option<DateTime<Utc>>,
    /// Why, worst first.
    pub reasons: Vec<Reason>,
    /// Runs, newest first.
    pub runs: Vec<&'a PipelineRun>,
    /// Environments, production first.
    pub environments: Vec<EnvironmentState<'a>>,
    /// Open alerts; one that several sources tell of is there once.
    pub alerts: Vec<&'a Alert>,
    /// The worst of the alerts that name none of its environments. `None`: none that asks for anybody is known.
    pub alerts_elsewhere: Option<Asking>,
    /// Open tickets.
    pub tickets: Vec<&'a Ticket>,
    /// When anything of it last changed, as seen by us.
    pub changed: Option<DateTime<Utc>>,
}

impl ServiceState<'_> {
    /// Firing alerts by severity, worst first.
    pub fn firing(&self) -> Vec<(Severity, usize)> {
        let mut counts: BTreeMap<Severity, usize> = BTreeMap::new();
        for alert in self.alerts.iter().filter(|alert| alert.state.state == AlertState::Firing) {
            *counts.entry(alert.severity.state).or_default() += 1;
        }
        counts.into_iter().collect()
    }
}

/// Rolls current entities up into services, in the order in which they want a person. Entities without a service are left out.
pub fn roll_up<'a>(entities: &[Judged<'a>], catalogue: &Catalogue, trust: &Trust) -> Vec<ServiceState<'a>> {
    let mut groups: BTreeMap<&str, Vec<Judged<'a>>> = BTreeMap::new();
    for service in catalogue.services() {
        groups.entry(&service.name).or_default();
    }
    for entity in entities {
        if let Some(service) = &entity.links.service {
            groups.entry(&service.name).or_default().push(*entity);
        }
    }
    let mut services: Vec<_> =
        groups.into_iter().map(|(name, members)| judge(name, &members, catalogue, trust)).collect();
    services
        .sort_by(|a, b| (urgency(a.status), a.stale, &a.name).cmp(&(urgency(b.status), b.stale, &b.name)));
    services
}

fn judge<'a>(name: &str, members: &[Judged<'a>], catalogue: &Catalogue, trust: &Trust) -> ServiceState<'a> {
    let configured = catalogue.service(name);
    let runs = runs(members);
    let mut reasons = Vec::new();
    let told = folded(members, trust);
    let (environments, alerts_elsewhere) = with_alerts(environments(members, trust), &told, trust);
    for member in &told {
        reasons.extend(alert_reason(member.fact, trust));
        reasons.extend(ticket_reason(member.fact, trust));
    }
    reasons.extend(latest_per_line(&runs).into_iter().map(|run| run_reason(run, trust)));
    reasons.extend(environments.iter().map(deployment_reason));
    let sources: BTreeMap<&SourceId, ()> = members.iter().map(|m| (&m.fact.id().source, ())).collect();
    let stale: Vec<&SourceId> = sources.keys().copied().filter(|source| !trust.current(source)).collect();
    reasons.extend(stale.iter().map(|source| Reason {
        code: ReasonCode::SourceStale,
        status: Status::Unknown,
        entity: None,
        subject: source.to_string(),
        since: trust.as_of(source),
    }));
    if reasons.is_empty() {
        reasons.extend(set_aside(members).or_else(|| only_tickets(members)));
    }
    reasons.sort_by_key(|reason| (reason.status, std::cmp::Reverse(reason.since)));
    if let Some(first) = hushed(&reasons, &told) {
        reasons.insert(0, first);
    }
    // What works besides is no reason for what is wrong, and reads as if nothing were.
    if reasons.first().is_some_and(|worst| worst.status < Status::Ok) {
        reasons.retain(|reason| reason.code != ReasonCode::AllGood);
    }
    let status = reasons.iter().map(|reason| reason.status).filter(|s| *s != Status::Inactive).min();
    let status = status.or_else(|| quiet(&reasons).then_some(Status::Inactive));
    let seen_now = reasons
        .iter()
        .filter(|reason| Some(reason.status) == status)
        .any(|reason| reason.entity.as_ref().is_some_and(|id| trust.current(&id.source)));
    ServiceState {
        name: name.to_owned(),
        owner: configured.and_then(|service| service.owner.clone()),
        inferred: configured.is_none()
            && members.iter().all(|m| m.links.service.as_ref().is_some_and(|s| s.inferred)),
        status: status.unwrap_or(Status::Unknown),
        stale: !stale.is_empty() && !seen_now,
        sources: sources.keys().map(|source| (*source).clone()).collect(),
        as_of: sources.keys().filter_map(|source| trust.as_of(source)).min(),
        reasons,
        runs,
        environments,
        alerts: pick(&told, |fact| match fact {
            Fact::Alert(alert) if alert.state.state.is_open() => Some(alert),
            _ => None,
        }),
        alerts_elsewhere,
        tickets: pick(members, |fact| match fact {
            Fact::Ticket(ticket) if ticket.status.state.is_open() => Some(ticket),
            _ => None,
        }),
        changed: members.iter().map(|member| member.changed).max(),
    }
}

fn pick<'a, T>(members: &[Judged<'a>], select: impl Fn(&'a Fact) -> Option<T>) -> Vec<T> {
    members.iter().filter_map(|member| select(member.fact)).collect()
}

/// Runs that speak for the service, newest first: those of the main line, or all when there is no such line.
fn runs<'a>(members: &[Judged<'a>]) -> Vec<&'a PipelineRun> {
    let mut runs = pick(members, |fact| match fact {
        Fact::Run(run) => Some(run),
        _ => None,
    });
    if runs.iter().any(|run| is_main_line(run)) {
        runs.retain(|run| is_main_line(run));
    }
    let began = |run: &PipelineRun| run.started_at.or(run.queued_at);
    runs.sort_by(|a, b| (began(b), &b.origin.id.native).cmp(&(began(a), &a.origin.id.native)));
    runs
}

/// A failing feature branch is its author's business, not the service's.
pub fn is_main_line(run: &PipelineRun) -> bool {
    match run.reference.as_deref() {
        None => true,
        Some(name) => matches!(
            name.trim_start_matches("refs/heads/"),
            "main" | "master" | "trunk" | "develop" | "default"
        ),
    }
}

fn latest_per_line<'a>(newest_first: &[&'a PipelineRun]) -> Vec<&'a PipelineRun> {
    let mut seen = std::collections::BTreeSet::new();
    newest_first.iter().copied().filter(|run| seen.insert(run.line())).collect()
}

fn environments<'a>(members: &[Judged<'a>], trust: &Trust) -> Vec<EnvironmentState<'a>> {
    // Backends spell one environment in several ways; it is one all the same.
    let mut by_name: BTreeMap<String, Vec<&'a Deployment>> = BTreeMap::new();
    for deployment in pick(members, |fact| match fact {
        Fact::Deployment(deployment) => Some(deployment),
        _ => None,
    }) {
        by_name.entry(deployment.environment.to_lowercase()).or_default().push(deployment);
    }
    let mut states: Vec<_> = by_name.into_values().filter_map(|list| environment(list, trust)).collect();
    states.sort_by(|a, b| (a.tier, &a.name).cmp(&(b.tier, &b.name)));
    states
}

fn environment<'a>(mut list: Vec<&'a Deployment>, trust: &Trust) -> Option<EnvironmentState<'a>> {
    let name = spelled(list.iter().map(|deployment| deployment.environment.as_str()), &[])?.to_owned();
    list.sort_by_key(|d| std::cmp::Reverse((d.started_at.or(d.created_at), d.origin.id.native.clone())));
    let latest = *list.first()?;
    let current = trust.current(&latest.origin.id.source);
    Some(EnvironmentState {
        tier: Tier::infer(&name),
        name,
        live: list.iter().copied().find(|deployment| deployment.status.state == DeploymentStatus::Succeeded),
        latest,
        status: shown(latest.signal().status, current),
        stale: !current,
        alerts: None,
    })
}

/// Environments with the alerts that name them, and what the others ask for: nobody may take a version that went out well
/// for an environment in which nothing is wrong.
fn with_alerts<'a>(
    mut environments: Vec<EnvironmentState<'a>>,
    told: &[Judged<'_>],
    trust: &Trust,
) -> (Vec<EnvironmentState<'a>>, Option<Asking>) {
    let mut elsewhere: Option<Asking> = None;
    for alert in told {
        let Some(reason) = alert_reason(alert.fact, trust) else { continue };
        let asking = Asking { status: reason.status, stale: !trust.current(&alert.fact.id().source) };
        let named = |environment: &&mut EnvironmentState<'_>| {
            alert.links.environment.as_deref().is_some_and(|name| is_same(name, &environment.name))
        };
        let place = environments.iter_mut().find(named);
        let worst = place.map_or(&mut elsewhere, |environment| &mut environment.alerts);
        *worst = Some(worst.map_or(asking, |known| known.min(asking)));
    }
    (environments, elsewhere)
}

#[cfg(test)]
mod tests;

//! Small facts for this crate's tests.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeZone, Utc};
use qd_model::{
    Alert, AlertState, Deployment, DeploymentKind, DeploymentOrigin, DeploymentStatus, EntityId, Fact, Kind,
    Links, Observed, Origin, PipelineRun, RunResult, RunState, Severity, Ticket, TicketStatus, TicketType,
};

use crate::rollup::{Judged, SourceTrust, Trust};

/// Every source of these facts was read just now.
pub fn all_fresh(facts: &[Fact]) -> Trust {
    let fresh = SourceTrust { current: true, as_of: Some(now()) };
    Trust(facts.iter().map(|fact| (fact.id().source.clone(), fresh)).collect())
}

/// The facts with their links, as they stand now.
pub fn judged<'a>(facts: &'a [Fact], links: &'a [Links]) -> Vec<Judged<'a>> {
    facts.iter().zip(links).map(|(fact, links)| Judged { fact, links, changed: now() }).collect()
}

pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap()
}

fn origin(source: &str, kind: Kind, native: &str) -> Origin {
    Origin::new(EntityId::new(&source.parse().unwrap(), kind, native))
}

pub fn run(source: &str, native: &str, repository: Option<&str>) -> Fact {
    let mut fact =
        run_with(source, native, "main", Observed::new(RunState::Done, ""), Some(RunResult::Success));
    if let Fact::Run(run) = &mut fact {
        run.origin.repository = repository.map(str::to_owned);
    }
    fact
}

pub fn run_with(
    source: &str,
    native: &str,
    branch: &str,
    state: Observed<RunState>,
    result: Option<RunResult>,
) -> Fact {
    let mut origin = origin(source, Kind::Run, native);
    origin.repository = Some("acme/shop".to_owned());
    Fact::Run(PipelineRun {
        origin,
        pipeline_name: "build".to_owned(),
        run_id: native.to_owned(),
        title: "change".to_owned(),
        state,
        result: result.map(|result| Observed::new(result, "")),
        reference: Some(branch.to_owned()),
        revision: None,
        trigger: None,
        author: None,
        queued_at: None,
        started_at: Some(now()),
        finished_at: None,
        attempt: None,
        failed_step: None,
        service: None,
        environment: None,
    })
}

pub fn alert(source: &str, native: &str, labels: &[(&str, &str)]) -> Fact {
    let labels: BTreeMap<String, String> =
        labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let raw = labels.get("severity").cloned().unwrap_or_default();
    Fact::Alert(Alert {
        origin: origin(source, Kind::Alert, native),
        fingerprint: native.to_owned(),
        name: "Slow".to_owned(),
        labels,
        annotations: BTreeMap::new(),
        severity: Observed::new(Severity::from_word(&raw), raw),
        state: Observed::new(AlertState::Firing, "active"),
        starts_at: Some(now()),
        ends_at: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
        receivers: Vec::new(),
        count: 1,
    })
}

pub fn deployment(source: &str, native: &str, service: Option<&str>, environment: &str) -> Fact {
    Fact::Deployment(Deployment {
        origin: origin(source, Kind::Deployment, native),
        service: service.map(str::to_owned),
        environment: environment.to_owned(),
        version: "v1".to_owned(),
        revision: None,
        deployment_kind: DeploymentKind::Deployed,
        status: Observed::new(DeploymentStatus::Succeeded, "success"),
        initiator: None,
        driver: DeploymentOrigin::Pipeline,
        created_at: Some(now()),
        started_at: Some(now()),
        finished_at: Some(now()),
        description: None,
    })
}

pub fn ticket(source: &str, native: &str, project: Option<&str>) -> Fact {
    let mut origin = origin(source, Kind::Ticket, native);
    origin.project = project.map(str::to_owned);
    Fact::Ticket(Ticket {
        origin,
        key: format!("#{native}"),
        summary: "does not work".to_owned(),
        ticket_type: Observed::new(TicketType::Bug, "Bug"),
        status: Observed::new(TicketStatus::Todo, "New"),
        resolution: None,
        priority: None,
        assignees: Vec::new(),
        labels: Vec::new(),
        milestone: None,
        fix_versions: Vec::new(),
        reporter: None,
        created_at: Some(now()),
        closed_at: None,
        comments: None,
    })
}

//! Why a service has its status: what each of its facts says for or against it.

use chrono::{DateTime, Utc};
use qd_model::{Alert, AlertState, EntityId, Fact, PipelineRun, Status};

use super::{EnvironmentState, Judged, Trust, pick};
use crate::shown;

/// Why a service has its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What kind of reason.
    pub code: ReasonCode,
    /// The status it gives.
    pub status: Status,
    /// The entity behind it.
    pub entity: Option<EntityId>,
    /// The entity's title, or the source's id for a stale source.
    pub subject: String,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
}

/// Kinds of reasons. Sentences are made elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonCode {
    /// An alert fires.
    AlertFiring,
    /// The latest run failed.
    RunFailed,
    /// The latest deployment failed.
    DeploymentFailed,
    /// A run or deployment waits for a person.
    Waiting,
    /// A run or deployment is under way.
    Running,
    /// An incident ticket is open.
    IncidentOpen,
    /// A state is a word we do not know.
    StateUnknown,
    /// A source is not current.
    SourceStale,
    /// Every signal was seen to be fine.
    AllGood,
    /// All it has are alerts that somebody silenced or that another alert inhibits.
    OnlySilenced,
    /// All it has are alerts that fire for information.
    OnlyInfo,
    /// What works was seen to be fine, and so many alerts are silenced or inhibited.
    Silenced,
    /// All it has are tickets, which do not tell whether it works.
    OnlyTickets,
}

impl ReasonCode {
    /// Machine word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AlertFiring => "alert_firing",
            Self::RunFailed => "run_failed",
            Self::DeploymentFailed => "deployment_failed",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::IncidentOpen => "incident_open",
            Self::StateUnknown => "state_unknown",
            Self::SourceStale => "source_stale",
            Self::AllGood => "all_good",
            Self::OnlySilenced => "only_silenced",
            Self::OnlyInfo => "only_info",
            Self::Silenced => "silenced",
            Self::OnlyTickets => "only_tickets",
        }
    }
}

pub(super) fn alert_reason(fact: &Fact, trust: &Trust) -> Option<Reason> {
    let Fact::Alert(alert) = fact else { return None };
    if !alert.state.state.is_open() {
        return None;
    }
    let signal = alert.signal();
    let status = match signal.status {
        // Somebody is on it: it no longer pages, but it is not fine either.
        Status::Paging | Status::Failing if signal.acknowledged => Status::Warn,
        status => shown(status, trust.current(&alert.origin.id.source)),
    };
    let code = if status == Status::Unknown { ReasonCode::StateUnknown } else { ReasonCode::AlertFiring };
    (status != Status::Inactive).then(|| reason(code, status, fact.id(), &alert.name, alert.starts_at))
}

/// What is left of a service without any signal but open alerts that ask for nobody: all silenced or inhibited, or firing
/// for information. Their source has just been read, so it is not unknown; and nothing was seen to work, so it is not
/// fine either. A person (or a rule) set them aside, and the service says so, as inactive.
pub(super) fn set_aside(members: &[Judged<'_>]) -> Option<Reason> {
    let open: Vec<&Alert> = pick(members, |fact| match fact {
        Fact::Alert(alert) if alert.state.state.is_open() => Some(alert),
        _ => None,
    });
    let first = open.iter().find(|alert| alert.state.state == AlertState::Suppressed).or(open.first())?;
    let code = match first.state.state {
        AlertState::Suppressed => ReasonCode::OnlySilenced,
        _ => ReasonCode::OnlyInfo,
    };
    Some(reason(code, Status::Inactive, &first.origin.id, &first.name, first.starts_at))
}

/// What is told first of a service of which nothing else is wrong: so many of its alerts are silenced. That it is all
/// good would be said of what somebody does not want to hear.
pub(super) fn hushed(reasons: &[Reason], told: &[Judged<'_>]) -> Option<Reason> {
    let first = reasons.first().filter(|reason| reason.code == ReasonCode::AllGood)?;
    let suppressed = |it: &&Judged<'_>| matches!(it.fact, Fact::Alert(alert) if alert.state.state == AlertState::Suppressed);
    let subject = match told.iter().filter(suppressed).count() {
        0 => return None,
        1 => "1 alert".to_owned(),
        many => format!("{many} alerts"),
    };
    Some(Reason { code: ReasonCode::Silenced, status: first.status, entity: None, subject, since: None })
}

/// What is left of a service of which only tickets tell.
pub(super) fn only_tickets(members: &[Judged<'_>]) -> Option<Reason> {
    let first = members.iter().find(|it| matches!(it.fact, Fact::Ticket(_)))?;
    Some(reason(ReasonCode::OnlyTickets, Status::Unknown, first.fact.id(), first.fact.title(), None))
}

/// Whether the reasons are those of [`set_aside`]: a cancelled run alone says nothing, and stays unknown.
pub(super) fn quiet(reasons: &[Reason]) -> bool {
    reasons.iter().any(|reason| matches!(reason.code, ReasonCode::OnlySilenced | ReasonCode::OnlyInfo))
}

pub(super) fn ticket_reason(fact: &Fact, trust: &Trust) -> Option<Reason> {
    let Fact::Ticket(ticket) = fact else { return None };
    let status = shown(ticket.signal().status, trust.current(&ticket.origin.id.source));
    (status == Status::Warn)
        .then(|| reason(ReasonCode::IncidentOpen, status, fact.id(), &ticket.summary, ticket.created_at))
}

pub(super) fn run_reason(run: &PipelineRun, trust: &Trust) -> Reason {
    let status = shown(run.signal().status, trust.current(&run.origin.id.source));
    let title = format!("{} {}", run.pipeline_name, run.number());
    reason(code_of(status, ReasonCode::RunFailed), status, &run.origin.id, &title, run.since())
}

pub(super) fn deployment_reason(environment: &EnvironmentState<'_>) -> Reason {
    let latest = environment.latest;
    let code = code_of(environment.status, ReasonCode::DeploymentFailed);
    let title = format!("{} → {}", latest.version, environment.name);
    reason(code, environment.status, &latest.origin.id, &title, latest.since())
}

fn code_of(status: Status, broken: ReasonCode) -> ReasonCode {
    match status {
        Status::Paging | Status::Failing | Status::Warn => broken,
        Status::Waiting => ReasonCode::Waiting,
        Status::Running => ReasonCode::Running,
        Status::Unknown => ReasonCode::StateUnknown,
        Status::Ok | Status::Inactive => ReasonCode::AllGood,
    }
}

fn reason(
    code: ReasonCode,
    status: Status,
    id: &EntityId,
    subject: &str,
    since: Option<DateTime<Utc>>,
) -> Reason {
    Reason { code, status, entity: Some(id.clone()), subject: subject.to_owned(), since }
}

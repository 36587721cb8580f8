//! One observed entity, with what all kinds have in common.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Alert, Deployment, EntityId, Kind, PipelineRun, ServiceRef, Signal, Ticket};

/// What a backend showed of one entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// A pipeline run.
    Run(PipelineRun),
    /// A deployment.
    Deployment(Deployment),
    /// An alert.
    Alert(Alert),
    /// A ticket.
    Ticket(Ticket),
}

/// What every entity carries beside its own fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Who it is.
    pub id: EntityId,
    /// The entity's page in the backend. `None` when the backend gives none. Untrusted: checked again before it is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Further links (runbook, generator, commit). Untrusted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The repository it belongs to, as the backend spells it (`acme/shop`), when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The project of the backend it belongs to (Redmine project, Buildbot project), when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// When the backend says it changed last. `None` where the backend does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<DateTime<Utc>>,
}

impl Origin {
    /// An origin with an id and nothing else known.
    pub fn new(id: EntityId) -> Self {
        Self { id, url: None, links: Vec::new(), repository: None, project: None, changed_at: None }
    }
}

/// A link a backend gave. The address is untrusted text until the shell has checked it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it leads to.
    pub kind: LinkKind,
    /// The address as given.
    pub url: String,
}

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Instructions for the person on call.
    Runbook,
    /// The expression or system that raised the alert.
    Generator,
    /// A dashboard.
    Dashboard,
    /// A commit or diff.
    Change,
    /// The log of a job.
    Log,
    /// The environment's own address.
    Environment,
    /// Anything else.
    Other,
}

/// To which service and environment a fact belongs. Decided by `rules`, stored beside the fact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// The service. `None`: nothing could be inferred.
    pub service: Option<ServiceRef>,
    /// The environment's name. `None` for facts that have none.
    pub environment: Option<String>,
}

impl Fact {
    /// What all kinds share.
    pub fn origin(&self) -> &Origin {
        match self {
            Self::Run(run) => &run.origin,
            Self::Deployment(deployment) => &deployment.origin,
            Self::Alert(alert) => &alert.origin,
            Self::Ticket(ticket) => &ticket.origin,
        }
    }

    /// Who it is.
    pub fn id(&self) -> &EntityId {
        &self.origin().id
    }

    /// Which of the four kinds it is.
    pub fn kind(&self) -> Kind {
        self.id().kind
    }

    /// One line that names it: a run's title, an alert's name, a ticket's summary.
    pub fn title(&self) -> &str {
        match self {
            Self::Run(run) => &run.title,
            Self::Deployment(deployment) => &deployment.version,
            Self::Alert(alert) => &alert.name,
            Self::Ticket(ticket) => &ticket.summary,
        }
    }

    /// The person behind it: who triggered, deployed, reported. `None` for alerts and where the backend does not tell.
    pub fn author(&self) -> Option<&str> {
        match self {
            Self::Run(run) => run.author.as_deref(),
            Self::Deployment(deployment) => deployment.initiator.as_deref(),
            Self::Alert(_) => None,
            Self::Ticket(ticket) => ticket.reporter.as_deref(),
        }
    }

    /// The canonical state word that lists, filters (`state:`) and the history speak.
    pub fn state_word(&self) -> &'static str {
        match self {
            Self::Run(run) => run.state_word(),
            Self::Deployment(deployment) => deployment.status.state.as_str(),
            Self::Alert(alert) => alert.state.state.as_str(),
            Self::Ticket(ticket) => ticket.status.state.as_str(),
        }
    }

    /// The backend's own word for the state.
    pub fn raw_status(&self) -> &str {
        match self {
            Self::Run(run) => run.raw_status(),
            Self::Deployment(deployment) => &deployment.status.raw,
            Self::Alert(alert) => &alert.state.raw,
            Self::Ticket(ticket) => &ticket.status.raw,
        }
    }

    /// The line it continues: the latest entity of a line is the current one (a pipeline on a ref; a service in an
    /// environment). Alerts and tickets are lines of their own.
    pub fn line(&self) -> String {
        match self {
            Self::Run(run) => run.line(),
            Self::Deployment(deployment) => deployment.line(),
            Self::Alert(_) | Self::Ticket(_) => self.id().native.clone(),
        }
    }

    /// The instant it is sorted by, newest first: start of a run or alert, creation of a ticket. `None` is sorted last.
    pub fn occurred_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Run(run) => run.started_at.or(run.queued_at).or(run.finished_at),
            Self::Deployment(deployment) => {
                deployment.started_at.or(deployment.created_at).or(deployment.finished_at)
            }
            Self::Alert(alert) => alert.starts_at,
            Self::Ticket(ticket) => ticket.created_at.or(ticket.origin.changed_at),
        }
    }

    /// Since when it is as it is, as the backend tells: the one rule for every age a person reads and for `age:` queries. What
    /// ended counts from its end, or its last change where the backend tells no end, what goes on from its begin; nothing ends
    /// before it began. `None` where the backend tells neither.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        let begun = self.occurred_at();
        if self.is_open() { begun } else { self.last_at().max(begun) }
    }

    /// The latest instant of it that the backend tells: the end of a run, deployment or alert, the closing or the last change
    /// of a ticket. `None` while it goes on, and where the backend does not tell.
    pub fn last_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Run(run) => run.finished_at,
            Self::Deployment(deployment) => deployment.finished_at,
            Self::Alert(alert) => alert.ends_at,
            Self::Ticket(ticket) => ticket.closed_at.or(ticket.origin.changed_at),
        }
    }

    /// Whether it is unfinished business: a run or deployment under way, an alert that fires or is suppressed, an open
    /// ticket. Unknown counts as open, so that it is never silently dropped.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Run(run) => run.is_open(),
            Self::Deployment(deployment) => deployment.status.state.is_open(),
            Self::Alert(alert) => alert.state.state.is_open(),
            Self::Ticket(ticket) => ticket.status.state.is_open(),
        }
    }

    /// The signal it contributes to the status of its service.
    pub fn signal(&self) -> Signal {
        match self {
            Self::Run(run) => run.signal(),
            Self::Deployment(deployment) => deployment.signal(),
            Self::Alert(alert) => alert.signal(),
            Self::Ticket(ticket) => ticket.signal(),
        }
    }
}

//! Deployments (CDEvents `service.*`, OpenTelemetry `deployment.*`).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Observed, Signal, Status};

/// How far a deployment has come, or how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentStatus {
    /// Accepted, not begun.
    Queued,
    /// Under way.
    InProgress,
    /// Waits for a person or a rule.
    Blocked,
    /// Live.
    Succeeded,
    /// Did not go live.
    Failed,
    /// Stopped before the end.
    Cancelled,
    /// Was live and has been replaced or taken down (GitHub `inactive`).
    Superseded,
    /// A word we do not know.
    Unknown,
}

impl DeploymentStatus {
    /// The word of `state:` queries and of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Blocked => "blocked",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
            Self::Unknown => "unknown",
        }
    }

    /// Not ended, as far as is known.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::InProgress | Self::Blocked | Self::Unknown)
    }
}

/// What the deployment did to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentKind {
    /// Installed where nothing was, or the backend does not tell more.
    Deployed,
    /// Replaced an older version.
    Upgraded,
    /// Went back to an earlier version.
    Rolledback,
    /// Took the service away.
    Removed,
}

/// What drove the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentOrigin {
    /// A CI/CD pipeline.
    Pipeline,
    /// A GitOps controller.
    Gitops,
    /// A person.
    Manual,
    /// The backend does not tell.
    Unknown,
}

with_origin! {
    /// One deployment of a version of a service to an environment.
    pub struct Deployment {
        /// The backend's name of what is deployed, when it says more than the repository does (`deploy.service` setting,
        /// GitHub `task` payloads).
        #[serde(default)]
        pub service: Option<String>,
        /// Environment as the backend names it.
        pub environment: String,
        /// What went there, as people say it: tag, version, or short revision. Empty when unknown.
        pub version: String,
        /// Commit, when known.
        #[serde(default)]
        pub revision: Option<String>,
        /// What it did.
        pub deployment_kind: DeploymentKind,
        /// How far it has come.
        pub status: Observed<DeploymentStatus>,
        /// Who or what started it.
        #[serde(default)]
        pub initiator: Option<String>,
        /// What drove it.
        pub driver: DeploymentOrigin,
        /// When it was asked for.
        #[serde(default)]
        pub created_at: Option<DateTime<Utc>>,
        /// When it began.
        #[serde(default)]
        pub started_at: Option<DateTime<Utc>>,
        /// When it ended.
        #[serde(default)]
        pub finished_at: Option<DateTime<Utc>>,
        /// One line the backend adds (status description).
        #[serde(default)]
        pub description: Option<String>,
    }
}

impl Deployment {
    /// Deployments of one thing to one environment follow each other.
    pub fn line(&self) -> String {
        let what = self
            .service
            .as_deref()
            .or(self.origin.repository.as_deref())
            .or(self.origin.project.as_deref())
            .unwrap_or("");
        format!("{what}\u{1f}{}", self.environment)
    }

    /// Since when it is as it is, see [`crate::Fact::since`]; of one that succeeded: since when it is live.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        let end = self.finished_at.filter(|_| !self.status.state.is_open());
        end.or(self.started_at).or(self.created_at)
    }

    /// What it says of its service.
    pub fn signal(&self) -> Signal {
        let status = match self.status.state {
            DeploymentStatus::Queued | DeploymentStatus::InProgress => Status::Running,
            DeploymentStatus::Blocked => Status::Waiting,
            DeploymentStatus::Succeeded => Status::Ok,
            DeploymentStatus::Failed => Status::Failing,
            DeploymentStatus::Cancelled | DeploymentStatus::Superseded => Status::Inactive,
            DeploymentStatus::Unknown => Status::Unknown,
        };
        Signal { status, acknowledged: false }
    }
}

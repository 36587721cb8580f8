//! Deployments: what runs where, and how it came there.

use qd_model::{Status, Tier};
use serde::Serialize;
use ts_rs::TS;

use super::{AskingView, EnvCell, Row, SourceView, StatusTs, TierTs};

/// A window of the matrix of services and environments.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct MatrixView {
    /// Nothing changed since `seen_seq`: keep what you have (the rest is empty).
    pub unchanged: bool,
    /// In the order a version travels, development first.
    pub environments: Vec<EnvHead>,
    /// Worst first.
    pub rows: Vec<MatrixRow>,
    /// How many rows there are in all.
    pub total: u32,
    /// How many there would be without the query.
    pub unfiltered: u32,
    /// Services in which an environment stands behind the one before it.
    pub drifting: u32,
    /// Sources that observe deployments.
    pub sources: Vec<SourceView>,
    /// Number of the latest change.
    pub seq: u64,
}

/// A column of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct EnvHead {
    /// Name.
    pub name: String,
    /// What it is for, inferred from its name.
    #[ts(as = "TierTs")]
    pub tier: Tier,
}

/// A row of the matrix.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct MatrixRow {
    /// The service.
    pub service: String,
    /// Guessed from a repository, label or project.
    pub inferred: bool,
    /// Worst of its cells.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// One of its cells is not current.
    pub stale: bool,
    /// The worst of the service's alerts that name none of its environments. `None`: none that asks for anybody is known.
    pub alerts: Option<AskingView>,
    /// What runs in each environment it was ever deployed to, in the order of the columns.
    pub cells: Vec<EnvCell>,
}

/// The deployments of one service to one environment, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct DeploymentsView {
    /// At most 50.
    pub steps: Vec<DeploymentStep>,
    /// How many are known in all.
    pub total: u32,
}

/// One deployment in the row of those before it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct DeploymentStep {
    /// The deployment.
    pub row: Row,
    /// It is what is live.
    pub live: bool,
    /// It went back to an earlier version.
    pub rollback: bool,
    /// It was taken back, so many seconds after it went live.
    pub taken_back_after_secs: Option<u32>,
    /// Seconds it took. `None`: not known.
    pub secs: Option<u32>,
}

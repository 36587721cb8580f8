//! How a line of runs is doing, and where a run failed.

use chrono::{DateTime, Utc};
use qd_model::{Status, Tier};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{StatusTs, TierTs};

/// A run whose line is asked for.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct LineReq {
    /// Its id.
    pub id: String,
}

/// The line of a run (its pipeline on its ref), judged from its last 40 runs.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct LineView {
    /// `healthy`, `broken`, `flaky`, or `unknown`: too little history, or its source cannot be read now.
    pub health: String,
    /// Its source cannot be read now: this is how it was.
    pub stale: bool,
    /// Runs that passed or failed.
    pub counted: u32,
    /// How many of them passed.
    pub passed: u32,
    /// Commits that passed and failed.
    pub flaky_commits: u32,
    /// How many in a row failed, up to the newest.
    pub streak: u32,
    /// Median of the last successful runs, seconds. `None`: fewer than three.
    pub usual_secs: Option<u32>,
    /// Median time in the queue, seconds. `None`: fewer than three runs tell.
    pub usual_queue_secs: Option<u32>,
    /// The run that was asked for.
    pub this: LineRunView,
    /// It takes, or took, notably longer than usual.
    pub over: bool,
    /// The last runs, newest first, at most 40.
    pub runs: Vec<LineRunView>,
    /// Where it broke. `None`: it is not broken.
    pub broke: Option<BrokeView>,
    /// The environments this run deploys to.
    pub environments: Vec<RunEnvironmentView>,
}

/// One run of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LineRunView {
    /// Entity id.
    pub id: String,
    /// The number people use.
    pub number: String,
    /// Commit subject or run title.
    pub title: String,
    /// Status.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// Commit.
    pub revision: Option<String>,
    /// Who caused it.
    pub author: Option<String>,
    /// When it began, else when it was queued.
    pub at: Option<DateTime<Utc>>,
    /// Seconds it took, or has taken so far. `None`: not known, or not begun.
    pub secs: Option<u32>,
    /// Seconds it stood in the queue. `None`: not known, or a further attempt.
    pub queue_secs: Option<u32>,
    /// 1 for the first try; `None` where the backend does not count.
    pub attempt: Option<u32>,
}

/// Where a line broke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct BrokeView {
    /// The last run that passed. `None`: it failed as far back as is known.
    pub last_good: Option<LineRunView>,
    /// The first run that failed and has failed since.
    pub first_bad: LineRunView,
    /// The runs after the last good one up to the first bad one, newest first: one of them brought it.
    pub range: Vec<LineRunView>,
    /// Who caused those runs, each once.
    pub authors: Vec<String>,
}

/// An environment that a run deploys to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RunEnvironmentView {
    /// The deployment.
    pub id: String,
    /// Environment.
    pub environment: String,
    /// Its tier.
    #[ts(as = "TierTs")]
    pub tier: Tier,
    /// Status of the deployment.
    #[ts(as = "StatusTs")]
    pub status: Status,
}

/// Runs whose environments are asked for.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct DeployingReq {
    /// Their ids, at most 200.
    pub ids: Vec<String>,
}

/// A run that deploys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DeployingView {
    /// The run.
    pub run: String,
    /// Where it deploys to.
    pub environments: Vec<RunEnvironmentView>,
}

/// A part of the log of the first failing step: a few lines around the first one that names an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ExcerptView {
    /// The job.
    pub job: String,
    /// The step. `None` where the backend's logs have no steps.
    pub step: Option<String>,
    /// The lines.
    pub lines: Vec<String>,
    /// Which of the lines names the error, counted from 0. `None`: none does, and the lines are the end.
    pub error: Option<u32>,
    /// Lines of the log's tail that stand before, and are not shown.
    pub before: u32,
    /// Lines that stand after, and are not shown.
    pub after: u32,
    /// The log is longer than what was read: there may be an earlier error.
    pub truncated: bool,
}

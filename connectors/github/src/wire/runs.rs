//! Workflow runs, their jobs and steps, and what they wait for.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Entity, Id, User};

/// The page of workflow runs, from `GET /repos/{owner}/{repo}/actions/runs`, newest first.
/// <https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-repository>
#[derive(Debug, Deserialize)]
pub struct RunPage {
    /// The runs, read one by one.
    pub workflow_runs: Vec<Entity>,
}

/// One workflow run. Times are RFC 3339.
#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    /// Unique on the host; a re-run keeps it.
    pub id: Id,
    /// Name of the workflow. `null` when its file was broken at that commit.
    pub name: Option<String>,
    /// Commit subject, pull request title or `run-name`. Missing before 2022.
    pub display_title: Option<String>,
    /// Path of the workflow file. Missing before 2022.
    pub path: Option<String>,
    /// Counts per workflow: the `#41` people use.
    pub run_number: Option<u64>,
    /// 1 for the first try. Missing before 2021.
    pub run_attempt: Option<u32>,
    /// What started it: `push`, `schedule`, ….
    pub event: Option<String>,
    /// `queued`, `in_progress`, `completed`, `waiting`, `requested`, `pending`.
    pub status: Option<String>,
    /// `null` until completed.
    pub conclusion: Option<String>,
    /// Branch or tag. `null` for some events.
    pub head_branch: Option<String>,
    /// Commit.
    pub head_sha: Option<String>,
    /// The run's page.
    pub html_url: Option<String>,
    /// When the first attempt was created; a re-run does not change it.
    pub created_at: Option<DateTime<Utc>>,
    /// Last change of any kind; the end, once completed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Start of the latest attempt; equals `created_at` while a first attempt is queued. Missing before 2021.
    pub run_started_at: Option<DateTime<Utc>>,
    /// Who caused the first attempt.
    pub actor: Option<User>,
    /// Who caused the latest attempt. Missing before 2022.
    pub triggering_actor: Option<User>,
    /// The commit. `null` when it is gone.
    pub head_commit: Option<HeadCommit>,
}

/// The commit of a run.
#[derive(Debug, Clone, Deserialize)]
pub struct HeadCommit {
    /// Whole message.
    pub message: Option<String>,
}

/// Jobs of a run's latest attempt, from `GET /repos/{owner}/{repo}/actions/runs/{id}/jobs`.
/// <https://docs.github.com/en/rest/actions/workflow-jobs#list-jobs-for-a-workflow-run>
#[derive(Debug, Deserialize)]
pub struct JobPage {
    /// The jobs, read one by one.
    pub jobs: Vec<Entity>,
}

/// One job.
#[derive(Debug, Clone, Deserialize)]
pub struct Job {
    /// Unique on the host.
    pub id: Id,
    /// Name.
    pub name: Option<String>,
    /// As of a run.
    pub status: Option<String>,
    /// As of a run.
    pub conclusion: Option<String>,
    /// Begin.
    pub started_at: Option<DateTime<Utc>>,
    /// End. `null` until then.
    pub completed_at: Option<DateTime<Utc>>,
    /// The runner's name. `null` or empty until one has taken it.
    pub runner_name: Option<String>,
    /// Missing while the job is queued.
    #[serde(default)]
    pub steps: Vec<JobStep>,
}

/// One step of a job.
#[derive(Debug, Clone, Deserialize)]
pub struct JobStep {
    /// 1 for the first.
    pub number: Option<u32>,
    /// Name.
    pub name: Option<String>,
    /// As of a run.
    pub status: Option<String>,
    /// As of a run.
    pub conclusion: Option<String>,
    /// Begin.
    pub started_at: Option<DateTime<Utc>>,
    /// End.
    pub completed_at: Option<DateTime<Utc>>,
}

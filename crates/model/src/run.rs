//! Pipeline runs (OpenTelemetry `cicd.pipeline.run.*`, CDEvents `pipelineRun`).

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{Observed, Signal, Status};

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Queued or waiting for a worker.
    Pending,
    /// Waits for a person (approval, required action).
    Waiting,
    /// Running.
    Executing,
    /// The work is done, clean-up is under way.
    Finalizing,
    /// Finished; the result tells how.
    Done,
    /// A word we do not know.
    Unknown,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunResult {
    /// Everything passed.
    Success,
    /// Something did not pass.
    Failure,
    /// The pipeline itself broke (worker lost, exception, bad definition).
    Error,
    /// It took longer than allowed.
    Timeout,
    /// Somebody or something stopped it.
    Cancellation,
    /// Nothing was to be done.
    Skip,
    /// A word we do not know. Never counts as success.
    Unknown,
}

with_origin! {
    /// One run of a pipeline: a workflow run, a build.
    pub struct PipelineRun {
        /// Name of the pipeline: workflow or builder.
        pub pipeline_name: String,
        /// The number people use, as the backend writes it: `#41` or `41`. People read [`PipelineRun::number`].
        pub run_id: String,
        /// One line: commit subject or run title.
        pub title: String,
        /// How far it has come.
        pub state: Observed<RunState>,
        /// How it ended. `None` until it has ended.
        #[serde(default)]
        pub result: Option<Observed<RunResult>>,
        /// Branch or tag it ran for. `None` where the backend does not tell.
        #[serde(rename = "ref", default)]
        pub reference: Option<String>,
        /// Commit it ran for.
        #[serde(default)]
        pub revision: Option<String>,
        /// What started it, in the backend's word (`push`, `schedule`, `force`).
        #[serde(default)]
        pub trigger: Option<String>,
        /// Who caused it. Whoever tries it again does not change it.
        #[serde(default)]
        pub author: Option<String>,
        /// When it was queued.
        #[serde(default)]
        pub queued_at: Option<DateTime<Utc>>,
        /// When it began to run.
        #[serde(default)]
        pub started_at: Option<DateTime<Utc>>,
        /// When it ended.
        #[serde(default)]
        pub finished_at: Option<DateTime<Utc>>,
        /// 1 for the first try; `None` where the backend does not count.
        #[serde(default)]
        pub attempt: Option<u32>,
        /// Name of the first step that failed, when the poll already tells; the detail always does.
        #[serde(default)]
        pub failed_step: Option<String>,
        /// What it deploys, where the connection's settings declare its pipeline as one that deploys (`deploy.service`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub service: Option<String>,
        /// Where it deploys to, where they do (`deploy.environment`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub environment: Option<String>,
    }
}

impl PipelineRun {
    /// The number people use, with its mark: `#41`.
    pub fn number(&self) -> String {
        format!("#{}", self.run_id.trim_start_matches('#'))
    }

    /// Wall time this run has taken so far, or took in total.
    ///
    /// `None` until the backend reports a start. The caller passes `now`, so tests own the clock. Never negative.
    pub fn elapsed(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let end = self.finished_at.unwrap_or(now);
        self.started_at.map(|start| (end - start).max(TimeDelta::zero()))
    }

    /// `pending`, `waiting`, `executing`, `finalizing`, or the result once done: `success`, `failure`, …, `unknown`.
    pub fn state_word(&self) -> &'static str {
        self.judged().1
    }

    /// The backend's word: of the result once there is one, else of the state.
    pub fn raw_status(&self) -> &str {
        self.result.as_ref().map_or(&self.state.raw, |result| &result.raw)
    }

    /// Runs of one pipeline on one ref follow each other.
    pub fn line(&self) -> String {
        let place = self.origin.repository.as_deref().or(self.origin.project.as_deref()).unwrap_or("");
        format!("{place}\u{1f}{}\u{1f}{}", self.pipeline_name, self.reference.as_deref().unwrap_or(""))
    }

    /// Not finished yet, as far as is known.
    pub fn is_open(&self) -> bool {
        self.state.state != RunState::Done
    }

    /// Since when it is as it is, see [`crate::Fact::since`].
    pub fn since(&self) -> Option<DateTime<Utc>> {
        let end = self.finished_at.filter(|_| !self.is_open());
        end.or(self.started_at).or(self.queued_at)
    }

    /// What it says of its service.
    pub fn signal(&self) -> Signal {
        Signal { status: self.judged().0, acknowledged: false }
    }

    fn judged(&self) -> (Status, &'static str) {
        status_of(self.state.state, self.result.as_ref().map(|result| result.state))
    }
}

/// Status and state word of a run, a job or a step.
pub fn status_of(state: RunState, result: Option<RunResult>) -> (Status, &'static str) {
    match (state, result) {
        (RunState::Pending, _) => (Status::Running, "pending"),
        (RunState::Waiting, _) => (Status::Waiting, "waiting"),
        (RunState::Executing, _) => (Status::Running, "executing"),
        (RunState::Finalizing, _) => (Status::Running, "finalizing"),
        (RunState::Done, Some(RunResult::Success)) => (Status::Ok, "success"),
        (RunState::Done, Some(RunResult::Failure)) => (Status::Failing, "failure"),
        (RunState::Done, Some(RunResult::Error)) => (Status::Failing, "error"),
        (RunState::Done, Some(RunResult::Timeout)) => (Status::Failing, "timeout"),
        (RunState::Done, Some(RunResult::Cancellation)) => (Status::Inactive, "cancellation"),
        (RunState::Done, Some(RunResult::Skip)) => (Status::Inactive, "skip"),
        (RunState::Done, Some(RunResult::Unknown) | None) | (RunState::Unknown, _) => {
            (Status::Unknown, "unknown")
        }
    }
}

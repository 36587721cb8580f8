//! Details and logs, asked of the backend on demand.

use qd_connector::{LogTail, Section, Step, TaskRun};
use qd_model::{EntityId, Observed, RunResult, RunState, Status};

use crate::commands::EntityReq;
use crate::plain::{line, plain};
use crate::rows::silence;
use crate::view::{CommentView, DetailView, FieldView, JobView, LogView, SectionView, StepView};
use crate::{ApiError, App};

impl App {
    /// Jobs, comments, silences, asked of the backend.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn detail(&self, request: EntityReq) -> Result<DetailView, ApiError> {
        let id: EntityId = request.id.parse()?;
        let detail = self.inner.engine.detail(&id).await?;
        Ok(DetailView { sections: detail.sections.iter().map(section).collect(), at: self.now() })
    }

    /// The tail of the failing step's log, asked of the backend. `None`: it has none.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn log(&self, request: EntityReq) -> Result<Option<LogView>, ApiError> {
        let id: EntityId = request.id.parse()?;
        Ok(self.inner.engine.log(&id).await?.as_ref().map(log))
    }
}

fn log(tail: &LogTail) -> LogView {
    LogView {
        job: line(&tail.job),
        step: tail.step.as_deref().map(line),
        lines: tail.lines.iter().map(|text| line(text)).collect(),
        truncated: tail.truncated,
    }
}

fn section(section: &Section) -> SectionView {
    match section {
        Section::Fields { title, rows } => SectionView::Fields {
            title: line(title),
            rows: rows
                .iter()
                .map(|(name, value)| FieldView { name: line(name), value: plain(value), mono: false })
                .collect(),
        },
        Section::Jobs { jobs } => SectionView::Jobs { jobs: jobs.iter().map(job).collect() },
        Section::Body { title, text } => SectionView::Body { title: line(title), text: plain(text) },
        Section::Comments { comments } => SectionView::Comments {
            comments: comments
                .iter()
                .map(|c| CommentView { author: line(&c.author), at: c.at, text: plain(&c.text) })
                .collect(),
        },
        Section::Silences { silences } => {
            SectionView::Silences { silences: silences.iter().map(silence).collect() }
        }
    }
}

fn job(job: &TaskRun) -> JobView {
    let (status, state) = status(&job.state, job.result.as_ref());
    JobView {
        name: line(&job.name),
        status,
        state,
        raw_status: line(job.result.as_ref().map_or(&job.state.raw, |result| &result.raw)),
        worker: job.worker.as_deref().map(line),
        started_at: job.started_at,
        finished_at: job.finished_at,
        steps: job.steps.iter().map(step).collect(),
    }
}

fn step(step: &Step) -> StepView {
    let (status, state) = status(&step.state, step.result.as_ref());
    StepView {
        number: step.number,
        name: line(&step.name),
        status,
        state,
        first_failure: step.first_failure,
        started_at: step.started_at,
        finished_at: step.finished_at,
    }
}

fn status(state: &Observed<RunState>, result: Option<&Observed<RunResult>>) -> (Status, String) {
    let (status, word) = qd_model::run::status_of(state.state, result.map(|result| result.state));
    (status, word.to_owned())
}

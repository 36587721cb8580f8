//! Details and logs, asked of the backend on demand.

use std::sync::PoisonError;

use qd_connector::{LogTail, Section, Step, TaskRun};
use qd_model::{EntityId, Observed, RunResult, RunState, Status};

use crate::commands::{EntityReq, OpenLinkReq};
use crate::plain::{line, plain};
use crate::prose::Reading;
use crate::rows::silence;
use crate::view::{CommentView, DetailView, Done, FieldView, JobView, LogView, SectionView, StepView};
use crate::{ApiError, App};

/// Nodes that the texts of one entity become together: more would make the window slow.
const MOST_NODES: usize = 1_000;
/// The addresses of so many entities are kept, newest first, so that their links can be opened.
const REMEMBERED: usize = 16;

impl App {
    /// Jobs, comments, silences, asked of the backend.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn detail(&self, request: EntityReq) -> Result<DetailView, ApiError> {
        let id: EntityId = request.id.parse()?;
        let detail = self.inner.engine.detail(&id).await?;
        let own = self.own_addresses();
        let mut reading = Reading::new(self.inner.engine.markup(&id.source), &own, MOST_NODES);
        let sections = detail.sections.iter().map(|part| section(part, &mut reading)).collect();
        let mut kept = self.inner.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, _)| *known != request.id);
        kept.push_front((request.id, reading.addresses));
        kept.truncate(REMEMBERED);
        drop(kept);
        Ok(DetailView { sections, at: self.now() })
    }

    /// Opens a link or picture of a body, a comment or a README in the browser, after checking it. The window names it by its place:
    /// an address it made up cannot be opened.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn open_prose_link(&self, request: OpenLinkReq) -> Result<Done, ApiError> {
        let remembered = || {
            let kept = self.inner.addresses.lock().unwrap_or_else(PoisonError::into_inner);
            let found = kept.iter().find(|(known, _)| *known == request.id);
            found.and_then(|(_, addresses)| addresses.get(request.index as usize)).cloned()
        };
        let address =
            self.readme_address(&request.id, request.index).or_else(remembered).ok_or_else(|| {
                ApiError::new(
                    "not_found",
                    "This link was read too long ago. Open the entity again, then the link.",
                )
            })?;
        self.open_address(&address)
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

/// A text of several lines, whichever way they end.
fn words(text: &str) -> String {
    plain(&text.replace("\r\n", "\n"))
}

fn log(tail: &LogTail) -> LogView {
    LogView {
        job: line(&tail.job),
        step: tail.step.as_deref().map(line),
        lines: tail.lines.iter().map(|text| line(text)).collect(),
        truncated: tail.truncated,
    }
}

fn section(section: &Section, reading: &mut Reading<'_>) -> SectionView {
    match section {
        Section::Fields { title, rows } => SectionView::Fields {
            title: line(title),
            rows: rows
                .iter()
                .map(|(name, value)| FieldView { name: line(name), value: plain(value), mono: false })
                .collect(),
        },
        Section::Jobs { jobs } => SectionView::Jobs { jobs: jobs.iter().map(job).collect() },
        Section::Body { title, text } => {
            SectionView::Body { title: line(title), text: words(text), prose: reading.read(text) }
        }
        Section::Comments { comments } => SectionView::Comments {
            comments: comments
                .iter()
                .map(|c| CommentView {
                    author: line(&c.author),
                    at: c.at,
                    text: words(&c.text),
                    prose: reading.read(&c.text),
                })
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

//! Actions and details on demand.

use chrono::{DateTime, Utc};
use qd_model::Status;
use serde::Serialize;
use ts_rs::TS;

use super::{FieldView, Prose, Row, SilenceView, StatusTs};

/// An action that can be proposed.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ActionOffer {
    /// Verb.
    pub verb: String,
    /// Button.
    pub label: String,
    /// `undoable`, `visible`, `production`: how it is confirmed.
    pub risk: String,
    /// One sentence: what will happen.
    pub effect: String,
    /// Whether a form has to be filled in (else it needs only a confirmation).
    pub has_form: bool,
    /// Whether `action_preview` can tell what it will hit.
    pub previews: bool,
    /// Whether it makes sense for several at once: nothing in its form has to be chosen for each of them.
    pub bulk: bool,
    /// `None`: it can be done now. Else why it cannot (state, staleness, sign-in).
    pub disabled: Option<String>,
}

/// A form of an action.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ActionFormView {
    /// What it is.
    pub offer: ActionOffer,
    /// Fields, prefilled.
    pub fields: Vec<FormFieldView>,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct FormFieldView {
    /// Key in the arguments.
    pub key: String,
    /// Label.
    pub label: String,
    /// One sentence of help; may be empty.
    pub help: String,
    /// `text`, `long_text`, `list`, `number`, `flag`, `choice`, `duration`, `matchers`, `tables`.
    pub kind: String,
    /// Must be filled in.
    pub required: bool,
    /// Proposed value.
    pub value: String,
    /// Choices, for `choice`.
    pub choices: Vec<ChoiceView>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChoiceView {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// What an action would hit.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct PreviewView {
    /// How many current entities.
    pub count: u32,
    /// The first twenty.
    pub rows: Vec<Row>,
    /// The source is not current: the preview is as of then.
    pub as_of: Option<DateTime<Utc>>,
    /// The arguments cannot be read; says why.
    pub problem: Option<String>,
    /// A silence with the same conditions that holds already. `None`: none is known, or the action makes none.
    pub twin: Option<TwinView>,
}

/// A silence that holds already by the same conditions.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct TwinView {
    /// The silence.
    pub silence: SilenceView,
    /// The verb, aimed at its source, that lets it end later; takes its id as `silence`.
    pub extend: String,
}

/// One row of the actions log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ActionView {
    /// Idempotency key.
    pub key: String,
    /// Entity or source.
    pub target: String,
    /// Verb.
    pub verb: String,
    /// Label of the verb.
    pub label: String,
    /// `proposed`, `sent`, `settled`.
    pub state: String,
    /// `accepted`, `already_done`, `refused`, `unknown`; absent until settled.
    pub outcome: Option<String>,
    /// What the backend said, or why not.
    pub message: Option<String>,
    /// What has to be mended before it can be done. For the exit codes of `qd`; not part of any answer.
    #[serde(skip)]
    pub kept_by: Option<qd_model::KeptBy>,
    /// Label of what takes it back (`undo`). Absent: nothing can.
    pub undo: Option<String>,
    /// Who asked.
    pub actor: String,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// When it ended.
    pub settled_at: Option<DateTime<Utc>>,
}

/// Details fetched on demand.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct DetailView {
    /// In the order in which they are shown.
    pub sections: Vec<SectionView>,
    /// When they were read.
    pub at: DateTime<Utc>,
}

/// One part of the details.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "section", rename_all = "snake_case")]
pub enum SectionView {
    /// Names and values.
    Fields {
        /// Heading.
        title: String,
        /// Rows.
        rows: Vec<FieldView>,
    },
    /// Jobs with steps.
    Jobs {
        /// Jobs.
        jobs: Vec<JobView>,
    },
    /// Prose.
    Body {
        /// Heading.
        title: String,
        /// As it was written.
        text: String,
        /// The same as nodes.
        prose: Prose,
    },
    /// Comments, oldest first.
    Comments {
        /// Comments.
        comments: Vec<CommentView>,
    },
    /// Silences.
    Silences {
        /// Silences.
        silences: Vec<SilenceView>,
    },
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct JobView {
    /// Name.
    pub name: String,
    /// Status.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// State word.
    pub state: String,
    /// The backend's word.
    pub raw_status: String,
    /// Worker.
    pub worker: Option<String>,
    /// Begin.
    pub started_at: Option<DateTime<Utc>>,
    /// End.
    pub finished_at: Option<DateTime<Utc>>,
    /// Steps.
    pub steps: Vec<StepView>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct StepView {
    /// 1 for the first.
    pub number: u32,
    /// Name.
    pub name: String,
    /// Status.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// State word.
    pub state: String,
    /// The first step that failed.
    pub first_failure: bool,
    /// Begin.
    pub started_at: Option<DateTime<Utc>>,
    /// End.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CommentView {
    /// Who.
    pub author: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// As it was written.
    pub text: String,
    /// The same as nodes.
    pub prose: Prose,
}

/// Tail of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LogView {
    /// Job.
    pub job: String,
    /// Step.
    pub step: Option<String>,
    /// Lines, newest last.
    pub lines: Vec<String>,
    /// Something was cut off before them.
    pub truncated: bool,
}

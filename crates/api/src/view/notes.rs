//! Notes that people wrote.

use chrono::{DateTime, Utc};
use qd_model::Kind;
use serde::Serialize;
use ts_rs::TS;

use super::KindTs;

/// One note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct NoteView {
    /// Its number.
    pub id: u64,
    /// What it is written on: an entity's id, or `service:NAME`.
    pub subject: String,
    /// Kind of the entity. `None`: it is written on a service.
    #[ts(as = "Option<KindTs>")]
    pub kind: Option<Kind>,
    /// Title of the entity, or name of the service. `None`: the entity is not known any more.
    pub title: Option<String>,
    /// Plain text, with line breaks. Never markup.
    pub text: String,
    /// Name under which the person who wrote it was logged in.
    pub author: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// It was written before the alert it is on began to fire this time.
    pub earlier_firing: bool,
}

/// Notes, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct NotesView {
    /// The notes, at most as many as were asked for.
    pub notes: Vec<NoteView>,
    /// How many there are in all.
    pub total: u32,
    /// Under which name a note would be written now.
    pub author: String,
    /// Characters a note may have.
    pub longest: u32,
}

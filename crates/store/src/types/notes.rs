//! What is asked of notes.

use chrono::{DateTime, Utc};
use qd_model::{Note, Subject};

/// Which notes are wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NotesQuery {
    /// Only those on it.
    pub subject: Option<Subject>,
    /// Only those that have each of these in their text, their author or what they are written on, in any case.
    pub words: Vec<String>,
    /// Only those written by then.
    pub as_of: Option<DateTime<Utc>>,
    /// How many at the most; 0 means 100.
    pub limit: u32,
}

/// The answer to a [`NotesQuery`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NotesPage {
    /// The notes, newest first.
    pub notes: Vec<Note>,
    /// How many there are in all.
    pub total: u64,
}

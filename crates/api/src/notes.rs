//! Notes: plain text that people write on entities and services. They stay on this machine.
//!
//! *Invariant:* no note is ever sent to a backend.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use chrono::{DateTime, Utc};
use qd_connector::person;
use qd_model::filter::Field;
use qd_model::{Fact, LONGEST_NOTE, NewNote, Note, Subject, note_text};
use qd_store::{Entity, NotesQuery};
use serde::Deserialize;
use ts_rs::TS;

use crate::plain::{line, plain};
use crate::rows::count;
use crate::view::{NoteView, NotesView};
use crate::{ApiError, App};

/// Notes of one answer at the most.
const MOST: u32 = 500;
/// Removed notes that can be put back.
const REMEMBERED: usize = 16;

/// Which notes are wanted.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct NotesReq {
    /// Entity, or `service:NAME`. `None`: all of them.
    #[serde(default)]
    pub subject: Option<String>,
    /// Words that text, author or subject have. Empty: whatever they say.
    #[serde(default)]
    pub words: String,
    /// Only those written by then. `None`: all.
    #[serde(default)]
    pub as_of: Option<DateTime<Utc>>,
    /// At most so many, up to 500; `None`: 100.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// A note to be kept.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct NoteAddReq {
    /// Entity, or `service:NAME`.
    pub subject: String,
    /// Plain text of at most 4,000 characters.
    pub text: String,
}

/// A note by its number.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct NoteIdReq {
    /// Its number.
    pub id: u64,
}

impl App {
    /// Notes that people wrote, newest first.
    ///
    /// # Errors
    /// The subject cannot be read, or the store failed.
    pub async fn notes(&self, request: NotesReq) -> Result<NotesView, ApiError> {
        let query = NotesQuery {
            subject: request.subject.as_deref().map(subject).transpose()?,
            words: request.words.split_whitespace().map(str::to_owned).collect(),
            as_of: request.as_of,
            limit: request.limit.unwrap_or(100).clamp(1, MOST),
        };
        let page = self.inner.parts.store.notes(&query).await?;
        Ok(NotesView {
            notes: self.note_views(&page.notes, request.as_of).await?,
            total: count(page.total),
            author: line(&person()),
            longest: count(LONGEST_NOTE as u64),
        })
    }

    /// Writes a note on an entity or a service that is known.
    ///
    /// # Errors
    /// Nothing was kept.
    pub async fn note_add(&self, request: NoteAddReq) -> Result<NoteView, ApiError> {
        let subject = subject(&request.subject)?;
        self.known_subject(&subject).await?;
        let text = note_text(&request.text).map_err(|error| {
            let what = error.to_string();
            let (first, rest) = what.split_at(1);
            ApiError::new("bad_request", format!("{}{rest}.", first.to_uppercase()))
        })?;
        let note = NewNote { subject, text, author: person(), at: self.now() };
        let note = self.inner.parts.store.write_note(&note).await?;
        self.note_view(note).await
    }

    /// Removes a note; it can be put back while this process runs.
    ///
    /// # Errors
    /// There is no such note, or it stays.
    pub async fn note_remove(&self, request: NoteIdReq) -> Result<NoteView, ApiError> {
        let removed = self.inner.parts.store.remove_note(request.id).await?;
        let removed =
            removed.ok_or_else(|| ApiError::new("not_found", format!("There is no note {}.", request.id)))?;
        {
            let mut kept = self.inner.removed_notes.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push_front(removed.clone());
            kept.truncate(REMEMBERED);
        }
        self.note_view(removed).await
    }

    /// Puts a note back that this process removed, as it was.
    ///
    /// # Errors
    /// It was removed too long ago, or by another process.
    pub async fn note_restore(&self, request: NoteIdReq) -> Result<NoteView, ApiError> {
        let removed = {
            let kept = self.inner.removed_notes.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().find(|note| note.id == request.id).cloned()
        };
        let removed = removed.ok_or_else(|| {
            ApiError::new("not_found", "This note was removed too long ago to be put back. Write it again.")
        })?;
        self.inner.parts.store.restore_note(&removed).await?;
        {
            let mut kept = self.inner.removed_notes.lock().unwrap_or_else(PoisonError::into_inner);
            kept.retain(|note| note.id != request.id);
        }
        self.note_view(removed).await
    }

    async fn note_view(&self, note: Note) -> Result<NoteView, ApiError> {
        let views = self.note_views(&[note], None).await?;
        views.into_iter().next().ok_or_else(|| ApiError::new("internal", "the note was lost on the way"))
    }

    /// Notes with what is known of their subjects, each of which is read once.
    async fn note_views(
        &self,
        notes: &[Note],
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Vec<NoteView>, ApiError> {
        let mut known: BTreeMap<&Subject, Option<Entity>> = BTreeMap::new();
        for note in notes {
            let subject = &note.written.subject;
            if let (Subject::Entity(id), false) = (subject, known.contains_key(subject)) {
                known.insert(subject, self.inner.parts.store.get(id, as_of).await?);
            }
        }
        let view = |note: &Note| view(note, known.get(&note.written.subject).and_then(Option::as_ref));
        Ok(notes.iter().map(view).collect())
    }

    /// What nobody has heard of is a slip of the pen: a note on it would not be found again.
    async fn known_subject(&self, subject: &Subject) -> Result<(), ApiError> {
        match subject {
            Subject::Entity(id) => self.find(id, None).await.map(|_| ()),
            Subject::Service(name) => {
                let names = self.inner.parts.store.names(Field::Service).await?;
                let written_down = self.catalogue().services().iter().any(|service| service.name == *name);
                if written_down || names.contains(name) {
                    return Ok(());
                }
                Err(ApiError::new("not_found", format!("There is no service “{}”.", line(name))))
            }
        }
    }
}

fn subject(text: &str) -> Result<Subject, ApiError> {
    text.parse().map_err(|_| {
        let message = format!(
            "“{}” is nothing a note can be written on: an entity's id has the form SOURCE/KIND/ID, for example \
             alerts/alert/4f5e6d, a service is service:NAME",
            line(text)
        );
        ApiError::new("bad_request", message)
    })
}

fn view(note: &Note, entity: Option<&Entity>) -> NoteView {
    let NewNote { subject, text, author, at } = &note.written;
    // A server whose clock is ahead names a begin that is still to come: what was seen had begun when it was seen.
    let began = entity.and_then(|entity| match &entity.fact {
        Fact::Alert(alert) => Some(alert.starts_at?.min(entity.changed)),
        _ => None,
    });
    NoteView {
        id: note.id,
        subject: subject.to_string(),
        kind: match subject {
            Subject::Entity(id) => Some(id.kind),
            Subject::Service(_) => None,
        },
        title: match subject {
            Subject::Entity(_) => entity.map(|entity| line(entity.fact.title())),
            Subject::Service(name) => Some(line(name)),
        },
        text: plain(text),
        author: line(author),
        at: *at,
        earlier_firing: began.is_some_and(|began| *at < began),
    }
}

//! Notes: written by people, kept until a person removes them.
//!
//! They name what they are written on by its id and not by its row, so that they outlive it: an alert that fires again
//! after retention took it away finds them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use qd_model::{NewNote, Note, Subject};
use qd_store::{ChangeSet, NotesPage, NotesQuery};
use rusqlite::{Connection, Row, TransactionBehavior, params};

use crate::changes::Draft;
use crate::entity::{instant, micros};
use crate::threads::Writer;

/// What was called `note` before are small texts of the product itself.
pub const SCHEMA: &str = "
ALTER TABLE note RENAME TO memo;
CREATE TABLE note (
    id      INTEGER PRIMARY KEY AUTOINCREMENT, -- a number is never given twice
    subject TEXT NOT NULL,
    text    TEXT NOT NULL,
    author  TEXT NOT NULL,
    at      INTEGER NOT NULL
);
CREATE INDEX note_subject ON note (subject, at, id);
";

/// Notes of one answer unless another number is asked for.
const USUAL: u32 = 100;

/// Keeps a note.
pub fn write(writer: &mut Writer, note: NewNote) -> rusqlite::Result<(Note, ChangeSet)> {
    let tx = writer.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let id = tx
        .prepare_cached("INSERT INTO note (subject, text, author, at) VALUES (?1, ?2, ?3, ?4)")?
        .insert(params![note.subject.to_string(), note.text, note.author, micros(note.at)])?;
    let changes = changed(&tx, &note.subject)?;
    tx.commit()?;
    Ok((Note { id: id.unsigned_abs(), written: note }, changes))
}

/// Removes a note and returns what it was.
pub fn remove(writer: &mut Writer, id: u64) -> rusqlite::Result<(Option<Note>, ChangeSet)> {
    let tx = writer.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let removed = tx
        .prepare_cached(&format!("DELETE FROM note WHERE id = ?1 RETURNING {COLUMNS}"))?
        .query_map([i64::try_from(id).unwrap_or(0)], note)?
        .next()
        .transpose()?;
    let changes = match &removed {
        Some(removed) => changed(&tx, &removed.written.subject)?,
        None => ChangeSet::default(),
    };
    tx.commit()?;
    Ok((removed, changes))
}

/// Puts a note back under its own number.
pub fn restore(writer: &mut Writer, note: &Note) -> rusqlite::Result<ChangeSet> {
    let tx = writer.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let NewNote { subject, text, author, at } = &note.written;
    let id = i64::try_from(note.id).unwrap_or(i64::MAX);
    let back = tx
        .prepare_cached(&format!(
            "INSERT INTO note ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING"
        ))?
        .execute(params![id, subject.to_string(), text, author, micros(*at)])?;
    let changes = if back == 1 { changed(&tx, subject)? } else { ChangeSet::default() };
    tx.commit()?;
    Ok(changes)
}

/// Notes, newest first.
pub fn list(conn: &Connection, query: &NotesQuery) -> rusqlite::Result<NotesPage> {
    let limit = if query.limit == 0 { USUAL } else { query.limit } as usize;
    let wanted: Vec<String> = query.words.iter().map(|word| word.to_lowercase()).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM note WHERE {} AND at <= ?2 ORDER BY at DESC, id DESC",
        if query.subject.is_some() { "subject = ?1" } else { "?1 IS NULL" },
    );
    let subject = query.subject.as_ref().map(Subject::to_string);
    let mut statement = conn.prepare_cached(&sql)?;
    let mut page = NotesPage::default();
    // Few enough to be read one by one: people write them.
    for row in statement.query_map(params![subject, until(query.as_of)], note)? {
        let note = row?;
        if wanted.iter().all(|word| holds(&note, word)) {
            page.total += 1;
            if page.notes.len() < limit {
                page.notes.push(note);
            }
        }
    }
    Ok(page)
}

/// How many notes each subject has.
pub fn noted(conn: &Connection, as_of: Option<DateTime<Utc>>) -> rusqlite::Result<BTreeMap<Subject, u64>> {
    let mut statement =
        conn.prepare_cached("SELECT subject, count(*) FROM note WHERE at <= ?1 GROUP BY subject")?;
    statement
        .query_map([until(as_of)], |row| Ok((subject(row, 0)?, row.get::<_, i64>(1)?.unsigned_abs())))?
        .collect()
}

const COLUMNS: &str = "id, subject, text, author, at";

fn until(as_of: Option<DateTime<Utc>>) -> i64 {
    as_of.map_or(i64::MAX, micros)
}

fn holds(note: &Note, word: &str) -> bool {
    let NewNote { subject, text, author, .. } = &note.written;
    [text, author, &subject.to_string()].iter().any(|part| part.to_lowercase().contains(word))
}

/// Rings the bell for what a note is written on.
fn changed(conn: &Connection, subject: &Subject) -> rusqlite::Result<ChangeSet> {
    let mut draft = Draft::default();
    draft.seq(conn)?;
    if let Subject::Entity(id) = subject {
        draft.touch_silently(id);
    }
    draft.finish(conn)
}

fn note(row: &Row<'_>) -> rusqlite::Result<Note> {
    let written = NewNote {
        subject: subject(row, 1)?,
        text: row.get(2)?,
        author: row.get(3)?,
        at: instant(row.get(4)?),
    };
    Ok(Note { id: row.get::<_, i64>(0)?.unsigned_abs(), written })
}

fn subject(row: &Row<'_>, column: usize) -> rusqlite::Result<Subject> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

//! The text index: what word terms of a filter search.

use qd_model::filter::search_text;
use qd_model::{Fact, Links};
use rusqlite::{Connection, OptionalExtension, params};

pub const SCHEMA: &str = "
CREATE TABLE entity_text (id INTEGER PRIMARY KEY, search TEXT NOT NULL);
-- Every three characters are indexed, so that any part of a word is found. The text is in lower case already.
CREATE VIRTUAL TABLE entity_fts USING fts5 (
    search, content = 'entity_text', content_rowid = 'id', columnsize = 0, tokenize = 'trigram case_sensitive 1'
);
INSERT INTO entity_fts (entity_fts, rank) VALUES ('automerge', 0);
INSERT INTO entity_fts (entity_fts, rank) VALUES ('crisismerge', 64);
";

/// Makes the text index of a file without any text anew, without the places of what it finds: nobody asks for those, and they are
/// two thirds of it. The index of a file with texts stays as it is, and answers the same questions: making it anew would hold
/// the start up for as long as it takes to read all texts.
pub fn without_places(conn: &Connection) -> rusqlite::Result<()> {
    let some: bool = conn.query_row("SELECT EXISTS (SELECT 1 FROM entity_text)", [], |row| row.get(0))?;
    if some {
        return Ok(());
    }
    conn.execute_batch(
        "DROP TABLE entity_fts;
         CREATE VIRTUAL TABLE entity_fts USING fts5 (
             search, content = 'entity_text', content_rowid = 'id', columnsize = 0, detail = none,
             tokenize = 'trigram case_sensitive 1'
         );
         INSERT INTO entity_fts (entity_fts, rank) VALUES ('automerge', 0);
         INSERT INTO entity_fts (entity_fts, rank) VALUES ('crisismerge', 64);",
    )
}

/// So many bytes of an entity's text can be found. More is hostile or a log, not a name.
pub const SEARCHABLE: usize = 8 * 1024;

/// The text of an entity as stored: lower case, without NUL (which would end it for the index), cut.
pub fn indexed(fact: &Fact, links: &Links) -> String {
    let mut text = folded(&search_text(fact, links));
    if text.len() > SEARCHABLE {
        let end = (0..=SEARCHABLE).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// What is searched for, in the form in which texts are stored.
pub fn folded(text: &str) -> String {
    text.to_lowercase().replace('\0', "\u{fffd}")
}

/// Texts to be written at the end of a transaction.
///
/// The text index gathers what it is given in memory, and writes it out as a segment whenever SQLite opens a savepoint,
/// which it does for every row of a table with triggers. Texts written between such rows cost a segment each; written
/// one after the other they cost one together.
#[derive(Default)]
pub struct Texts(Vec<(i64, String)>);

impl Texts {
    /// Remembers the text of an entity.
    pub fn put(&mut self, entity: i64, fact: &Fact, links: &Links) {
        self.0.push((entity, indexed(fact, links)));
    }

    /// Writes those that are others than before.
    pub fn write(self, conn: &Connection) -> rusqlite::Result<()> {
        self.0.into_iter().try_for_each(|(entity, text)| put(conn, entity, &text))
    }
}

fn put(conn: &Connection, entity: i64, text: &str) -> rusqlite::Result<()> {
    match stored(conn, entity)? {
        Some(old) if old == text => return Ok(()),
        Some(old) => {
            unindex(conn, entity, &old)?;
            conn.prepare_cached("UPDATE entity_text SET search = ?2 WHERE id = ?1")?
                .execute(params![entity, text])?;
        }
        None => {
            conn.prepare_cached("INSERT INTO entity_text (id, search) VALUES (?1, ?2)")?
                .execute(params![entity, text])?;
        }
    }
    conn.prepare_cached("INSERT INTO entity_fts (rowid, search) VALUES (?1, ?2)")?
        .execute(params![entity, text])
        .map(|_| ())
}

fn stored(conn: &Connection, entity: i64) -> rusqlite::Result<Option<String>> {
    conn.prepare_cached("SELECT search FROM entity_text WHERE id = ?1")?
        .query_row([entity], |row| row.get(0))
        .optional()
}

/// Takes an entity out of the index.
pub fn remove(conn: &Connection, entity: i64) -> rusqlite::Result<()> {
    if let Some(old) = stored(conn, entity)? {
        unindex(conn, entity, &old)?;
        conn.prepare_cached("DELETE FROM entity_text WHERE id = ?1")?.execute([entity])?;
    }
    Ok(())
}

/// Merges a part of the index. Called when the writer has nothing to do; `false`: nothing is left to merge.
pub fn merge(conn: &Connection) -> rusqlite::Result<bool> {
    // The documented way to see whether a merge did anything: a change of two rows or more in total_changes.
    let before = conn.total_changes();
    conn.prepare_cached("INSERT INTO entity_fts (entity_fts, rank) VALUES ('merge', 200)")?.execute([])?;
    Ok(conn.total_changes() - before >= 2)
}

fn unindex(conn: &Connection, entity: i64, text: &str) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT INTO entity_fts (entity_fts, rowid, search) VALUES ('delete', ?1, ?2)")?
        .execute(params![entity, text])
        .map(|_| ())
}

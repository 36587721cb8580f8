//! Interned words: services, environments, authors, states and every other text that many entities share is stored once
//! and referred to by number, so that rows are narrow and a filter first becomes a short list of numbers.
//!
//! A word stands for all the values an entity has for one [`Field`], joined by a mark: `state:` of a run is
//! `␁failure␁failing␁completed␁`. Words are never deleted while others may know their number.

use std::collections::{BTreeSet, HashMap};

use qd_model::filter::Field;
use rusqlite::{Connection, OptionalExtension, params};

pub const SCHEMA: &str = "
CREATE TABLE word (
    id    INTEGER PRIMARY KEY,
    space INTEGER NOT NULL, -- which field, see `space`
    text  TEXT NOT NULL,    -- the values, each between two marks
    lower TEXT NOT NULL,    -- the same in lower case: what filters compare
    UNIQUE (space, text)
);
CREATE INDEX word_lower ON word (space, lower);
";

/// Stands around each value of a word.
const MARK: char = '\u{1}';

/// Numbers of fields in the file. They never change their meaning.
pub fn space(field: Field) -> i64 {
    match field {
        Field::Service => 1,
        Field::State => 2,
        Field::Env => 3,
        Field::Source => 4,
        Field::Kind => 5,
        Field::Severity => 6,
        Field::Author => 7,
        Field::Assignee => 8,
        Field::Type => 9,
        Field::Name => 10,
        Field::Ref => 11,
        Field::Repo => 12,
    }
}

/// The word of some values; `None` when there are none.
pub fn word(values: &[String]) -> Option<String> {
    let mut text = String::from(MARK);
    for value in values {
        text.extend(value.chars().map(|c| if c == MARK { char::REPLACEMENT_CHARACTER } else { c }));
        text.push(MARK);
    }
    (!values.is_empty()).then_some(text)
}

/// The values of a word.
pub fn values(text: &str) -> impl Iterator<Item = &str> {
    let inner = text.strip_prefix(MARK).and_then(|rest| rest.strip_suffix(MARK));
    inner.into_iter().flat_map(|inner| inner.split(MARK))
}

/// The first value of a word.
pub fn first(text: &str) -> String {
    values(text).next().unwrap_or_default().to_owned()
}

/// Numbers of words the writer has met. Emptied when a transaction is rolled back, because its words went with it.
#[derive(Default)]
pub struct Words {
    known: HashMap<(i64, String), i64>,
    firsts: HashMap<i64, String>,
}

/// So many words are kept in memory at the most.
const KEPT: usize = 20_000;

impl Words {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.known.clear();
        self.firsts.clear();
    }

    /// The first value of a state's word. There are few of them.
    pub fn state(&mut self, conn: &Connection, id: i64) -> rusqlite::Result<String> {
        if let Some(first) = self.firsts.get(&id) {
            return Ok(first.clone());
        }
        let value = first(&text(conn, id)?);
        if self.firsts.len() < KEPT {
            self.firsts.insert(id, value.clone());
        }
        Ok(value)
    }

    /// The number of the word for these values of a field; written down when it is new. `None`: no values.
    pub fn id(
        &mut self,
        conn: &Connection,
        field: Field,
        values: &[String],
    ) -> rusqlite::Result<Option<i64>> {
        let Some(text) = word(values) else { return Ok(None) };
        let key = (space(field), text);
        if let Some(id) = self.known.get(&key) {
            return Ok(Some(*id));
        }
        let id = match find(conn, key.0, &key.1)? {
            Some(id) => id,
            None => conn
                .prepare_cached("INSERT INTO word (space, text, lower) VALUES (?1, ?2, ?3)")?
                .insert(params![key.0, key.1, key.1.to_lowercase()])?,
        };
        if self.known.len() >= KEPT {
            self.known.clear();
        }
        self.known.insert(key, id);
        Ok(Some(id))
    }
}

fn find(conn: &Connection, space: i64, text: &str) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT id FROM word WHERE space = ?1 AND text = ?2")?
        .query_row(params![space, text], |row| row.get(0))
        .optional()
}

/// The number of the word for one value of a field, when it is known.
pub fn lookup(conn: &Connection, field: Field, value: &str) -> rusqlite::Result<Option<i64>> {
    match word(&[value.to_owned()]) {
        Some(text) => find(conn, space(field), &text),
        None => Ok(None),
    }
}

/// A word by its number.
pub fn text(conn: &Connection, id: i64) -> rusqlite::Result<String> {
    conn.prepare_cached("SELECT text FROM word WHERE id = ?1")?.query_row([id], |row| row.get(0))
}

/// A value as filters want it: one of the values exactly, or beginning with a prefix, in any case.
pub enum Wanted {
    /// This very value.
    Exact(String),
    /// A value that begins so.
    Prefix(String),
}

impl Wanted {
    /// Reads `name` or `name*`.
    pub fn parse(want: &str) -> Self {
        let clean: String =
            want.chars().map(|c| if c == MARK { char::REPLACEMENT_CHARACTER } else { c }).collect();
        let lower = clean.to_lowercase();
        match lower.strip_suffix('*') {
            Some(prefix) => Self::Prefix(prefix.to_owned()),
            None => Self::Exact(lower),
        }
    }

    /// Whether a value is one that is wanted.
    pub fn fits(&self, value: &str) -> bool {
        let value = value.to_lowercase();
        match self {
            Self::Exact(wanted) => value == *wanted,
            Self::Prefix(prefix) => value.starts_with(prefix),
        }
    }

    /// The text that a matching word contains.
    fn needle(&self) -> String {
        match self {
            Self::Exact(value) => format!("{MARK}{value}{MARK}"),
            Self::Prefix(prefix) => format!("{MARK}{prefix}"),
        }
    }
}

/// The numbers and texts of the words of a field that have a wanted value.
pub fn matching(conn: &Connection, field: Field, wanted: &[Wanted]) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut found = HashMap::new();
    for want in wanted {
        let needle = want.needle();
        let (sql, end) = match want {
            // A handful of words, but for assignees: as many as there are groups of people.
            _ if many_valued(field) => (
                "SELECT id, text FROM word WHERE space = ?1 AND instr(lower, ?2) > 0 AND ?3 = ''",
                String::new(),
            ),
            Wanted::Exact(_) => {
                ("SELECT id, text FROM word WHERE space = ?1 AND lower = ?2 AND ?3 = ''", String::new())
            }
            Wanted::Prefix(_) => (
                "SELECT id, text FROM word WHERE space = ?1 AND lower >= ?2 AND lower < ?3",
                format!("{needle}{}", char::MAX),
            ),
        };
        let mut statement = conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![space(field), needle, end], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?;
        for row in rows {
            let (id, text) = row?;
            found.insert(id, text);
        }
    }
    Ok(found.into_iter().collect())
}

/// Every value of a field, each once.
pub fn all(conn: &Connection, field: Field) -> rusqlite::Result<Vec<String>> {
    let mut statement = conn.prepare_cached("SELECT text FROM word WHERE space = ?1")?;
    let mut found = BTreeSet::new();
    for text in statement.query_map([space(field)], |row| row.get::<_, String>(0))? {
        found.extend(values(&text?).filter(|value| !value.is_empty()).map(str::to_owned));
    }
    Ok(found.into_iter().collect())
}

/// Whether an entity can have several values of a field.
fn many_valued(field: Field) -> bool {
    matches!(field, Field::State | Field::Env | Field::Severity | Field::Type | Field::Assignee)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_gives_its_values_back() {
        let given = vec!["failure".to_owned(), String::new(), "a b".to_owned()];
        let text = word(&given).expect("there are values");
        assert_eq!(values(&text).collect::<Vec<_>>(), given);
        assert_eq!(word(&[]), None, "no values are no word");
    }

    #[test]
    fn a_mark_inside_a_value_does_not_make_two_of_it() {
        let text = word(&["prod\u{1}failing".to_owned()]).expect("there is a value");
        assert_eq!(values(&text).count(), 1);
    }
}

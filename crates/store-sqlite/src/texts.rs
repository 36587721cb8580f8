//! Which entities may have the texts that are searched for.
//!
//! The text index knows every three characters in a row. Asked for a whole text it goes through the list of each three of
//! it, and some of these lists are as long as the history. So the rarest few are asked for, and who has them is looked at.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, OptionalExtension, params, params_from_iter};

/// How rare something is, is guessed from so many entities that were stored last.
const SAMPLE: i64 = 1_024;
/// Found so often among them, it is met soon enough on the way through any list.
const COMMON: i64 = 64;
/// So many of a text's threes are weighed.
const WEIGHED: usize = 24;
/// Of several that are about as rare, two are asked for: each alone is in many texts that have nothing to do with it.
const ABOUT: i64 = 4;
/// More than this is never looked up.
const MOST: usize = 30_000;

/// Who may have the texts.
pub enum Candidates {
    /// No entity that is not among these, in ascending order. Whether one of them does, its text tells.
    Among(Vec<i64>),
    /// Too many to be listed, or the texts are too short for the index.
    Anyone,
}

/// Looks up who may have all of these texts.
pub fn candidates(conn: &Connection, texts: &[String]) -> rusqlite::Result<Candidates> {
    let mut weighed: Vec<(i64, String)> = Vec::new();
    let newest: i64 = conn
        .prepare_cached("SELECT coalesce(max(id), 0) FROM entity_text")?
        .query_row([], |row| row.get(0))?;
    for three in threes(texts) {
        let mut count = conn.prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM entity_fts WHERE entity_fts MATCH ?1 AND rowid > ?2 LIMIT ?3)",
        )?;
        let question = quoted(&three);
        let seen = count.query_row(params![question, newest - SAMPLE, COMMON], |row| row.get(0))?;
        weighed.push((seen, question));
    }
    weighed.sort_unstable();
    let Some(rarest) = weighed.first().map(|(seen, _)| *seen).filter(|seen| *seen < COMMON) else {
        return Ok(Candidates::Anyone);
    };
    let asked: Vec<String> = weighed
        .into_iter()
        .take(2)
        .filter(|(seen, _)| *seen <= rarest * 4 + ABOUT)
        .map(|(_, question)| question)
        .collect();
    let found: Vec<i64> = conn
        .prepare_cached("SELECT rowid FROM entity_fts WHERE entity_fts MATCH ?1 LIMIT ?2")?
        .query_map(params![asked.join(" AND "), i64::try_from(MOST + 1).unwrap_or(i64::MAX)], |row| {
            row.get(0)
        })?
        .collect::<Result<_, _>>()?;
    Ok(if found.len() > MOST { Candidates::Anyone } else { Candidates::Among(found) })
}

/// Looks whether the texts of entities have all of some.
pub struct Having<'a> {
    statement: CachedStatement<'a>,
    /// The entity, then what is looked for.
    values: Vec<Value>,
}

impl<'a> Having<'a> {
    /// Looks for these.
    pub fn new(conn: &'a Connection, texts: &[String]) -> rusqlite::Result<Self> {
        let tests: Vec<String> =
            (2..texts.len() + 2).map(|number| format!("instr(search, ?{number}) > 0")).collect();
        let sql = format!("SELECT {} FROM entity_text WHERE id = ?1", tests.join(" AND "));
        let values = std::iter::once(Value::Null).chain(texts.iter().map(|text| text.clone().into()));
        Ok(Self { statement: conn.prepare_cached(&sql)?, values: values.collect() })
    }

    /// Whether an entity's text has all of them.
    pub fn has(&mut self, entity: i64) -> rusqlite::Result<bool> {
        self.values[0] = entity.into();
        let answer = self.statement.query_row(params_from_iter(&self.values), |row| row.get(0)).optional()?;
        Ok(answer.unwrap_or(false))
    }
}

/// Three characters in a row, of all texts; spread over them when there are too many.
fn threes(texts: &[String]) -> Vec<String> {
    let mut all = BTreeSet::new();
    for text in texts {
        let chars: Vec<char> = text.chars().collect();
        all.extend(chars.windows(3).map(|three| three.iter().collect::<String>()));
    }
    let apart = all.len().div_ceil(WEIGHED).max(1);
    all.into_iter().step_by(apart).collect()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_threes_of_characters_not_of_bytes() {
        assert_eq!(threes(&["zoë1".to_owned()]), ["oë1", "zoë"]);
        assert!(threes(&["ab".to_owned()]).is_empty());
        let long: String = ('a'..='z').chain('0'..='9').cycle().take(200).collect();
        assert!(threes(&[long]).len() <= WEIGHED);
    }
}

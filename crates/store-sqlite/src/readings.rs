//! When sources were being read. One row as long as no pause is longer than a poll is trusted for, so that a day of polls
//! is a row, and a night without them is the space between two.

use chrono::{DateTime, Utc};
use qd_store::Reading;
use rusqlite::{Connection, OptionalExtension, params};

use crate::entity::{instant, micros};

/// Added with the second schema.
pub const SCHEMA: &str = "
CREATE TABLE reading (
    source   TEXT NOT NULL,
    from_at  INTEGER NOT NULL, -- the first complete poll
    until_at INTEGER NOT NULL, -- the last
    trusted  INTEGER NOT NULL, -- how long the last is trusted, seconds
    PRIMARY KEY (source, from_at)
) WITHOUT ROWID;
";

/// A complete poll ended at `at`. One that is older than the last (a clock that was turned back) says nothing.
pub fn prolong(conn: &Connection, source: &str, at: i64, trusted: i64) -> rusqlite::Result<()> {
    let last: Option<(i64, i64, i64)> = conn
        .prepare_cached(
            "SELECT from_at, until_at, trusted FROM reading WHERE source = ?1 ORDER BY from_at DESC LIMIT 1",
        )?
        .query_row([source], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match last {
        Some((_, until, _)) if at < until => Ok(0),
        Some((from, until, before)) if at - until <= micros_of(before.max(trusted)) => conn
            .prepare_cached(
                "UPDATE reading SET until_at = ?3, trusted = ?4 WHERE source = ?1 AND from_at = ?2",
            )?
            .execute(params![source, from, at, trusted]),
        _ => conn
            .prepare_cached("INSERT INTO reading VALUES (?1, ?2, ?2, ?3)")?
            .execute(params![source, at, trusted]),
    }
    .map(|_| ())
}

/// Readings that touch a span, oldest first.
pub fn touching(conn: &Connection, from: DateTime<Utc>, to: DateTime<Utc>) -> rusqlite::Result<Vec<Reading>> {
    let mut statement = conn.prepare_cached(
        "SELECT source, from_at, until_at, trusted FROM reading
         WHERE from_at < ?2 AND until_at + trusted * 1000000 > ?1 ORDER BY from_at, source",
    )?;
    let rows = statement.query_map([micros(from), micros(to)], |row| {
        let source: String = row.get(0)?;
        let (until, trusted): (i64, i64) = (row.get(2)?, row.get(3)?);
        Ok(source.parse().ok().map(|source| Reading {
            source,
            from: instant(row.get(1).unwrap_or_default()),
            until: instant(until),
            trusted_until: instant(until.saturating_add(micros_of(trusted))),
        }))
    })?;
    rows.filter_map(Result::transpose).collect()
}

fn micros_of(secs: i64) -> i64 {
    secs.saturating_mul(1_000_000)
}

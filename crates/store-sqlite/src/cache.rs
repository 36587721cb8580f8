//! Small things with a name: answers for conditional requests, leases, memos.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use qd_model::SourceId;
use qd_store::{CachedAnswer, Holder};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::entity::{instant, micros};
use crate::open::set_durable;
use crate::threads::Writer;

pub const SCHEMA: &str = "
CREATE TABLE answer (
    id        INTEGER PRIMARY KEY, -- grows: the smallest of a source is the oldest
    source    TEXT NOT NULL,
    key       TEXT NOT NULL,
    etag      TEXT NOT NULL,
    link      TEXT,
    body      BLOB NOT NULL,
    size      INTEGER NOT NULL,
    stored_at INTEGER NOT NULL,
    UNIQUE (source, key)
);
CREATE INDEX answer_age ON answer (source, id, size);
CREATE TABLE lease (source TEXT PRIMARY KEY, holder TEXT NOT NULL, until_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
";

/// So many answers are kept per source.
pub const ANSWERS: i64 = 400;

/// So many bytes of answers are kept per source.
pub const ANSWER_BYTES: i64 = 32 * 1024 * 1024;

/// A cached answer.
pub fn answer(conn: &Connection, source: &SourceId, key: &str) -> rusqlite::Result<Option<CachedAnswer>> {
    conn.prepare_cached("SELECT etag, body, stored_at, link FROM answer WHERE source = ?1 AND key = ?2")?
        .query_row(params![source.as_str(), key], |row| {
            Ok(CachedAnswer {
                etag: row.get(0)?,
                body: Bytes::from(row.get::<_, Vec<u8>>(1)?),
                stored_at: instant(row.get(2)?),
                link: row.get(3)?,
            })
        })
        .optional()
}

/// Keeps an answer; the oldest of its source make room. One that is larger than all the room is not kept.
///
/// It does not wait for the disk: an answer that is lost with the power is only asked for again. The next durable commit
/// takes it along.
pub fn put_answer(
    writer: &mut Writer,
    source: &SourceId,
    key: &str,
    answer: &CachedAnswer,
) -> rusqlite::Result<()> {
    set_durable(&writer.conn, false)?;
    let kept = keep_answer(writer, source, key, answer);
    set_durable(&writer.conn, true)?;
    kept
}

fn keep_answer(
    writer: &mut Writer,
    source: &SourceId,
    key: &str,
    answer: &CachedAnswer,
) -> rusqlite::Result<()> {
    let size = i64::try_from(answer.body.len()).unwrap_or(i64::MAX);
    let tx = writer.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let name = source.as_str();
    tx.prepare_cached("DELETE FROM answer WHERE source = ?1 AND key = ?2")?.execute(params![name, key])?;
    if size <= ANSWER_BYTES {
        tx.prepare_cached(
            "INSERT INTO answer (source, key, etag, body, size, stored_at, link)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            name,
            key,
            answer.etag,
            &answer.body[..],
            size,
            micros(answer.stored_at),
            answer.link
        ])?;
        tx.prepare_cached(
            "DELETE FROM answer WHERE id IN (
                SELECT id FROM (
                    SELECT id, row_number() OVER newest AS place, sum(size) OVER newest AS room
                    FROM answer WHERE source = ?1 WINDOW newest AS (ORDER BY id DESC)
                ) WHERE place > ?2 OR room > ?3)",
        )?
        .execute(params![name, ANSWERS, ANSWER_BYTES])?;
    }
    tx.commit()
}

/// A lease that ends later than this was written by a clock that was wrong, and is void.
const FURTHEST: Duration = Duration::from_secs(3600);

/// Takes or renews a lease. `false`: another holder has it.
pub fn lease(
    writer: &mut Writer,
    source: &SourceId,
    holder: &Holder,
    now: DateTime<Utc>,
    ttl: Duration,
) -> rusqlite::Result<bool> {
    let length = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    let now = micros(now);
    let until = now.saturating_add(length(ttl));
    let void = now.saturating_add(length(FURTHEST.max(ttl)));
    let taken = writer
        .conn
        .prepare_cached(
            "INSERT INTO lease VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE
             SET holder = excluded.holder, until_at = excluded.until_at
             WHERE holder = excluded.holder OR until_at <= ?4 OR until_at > ?5",
        )?
        .execute(params![source.as_str(), holder.0, until, now, void])?;
    Ok(taken == 1)
}

/// Gives back every lease of a holder.
pub fn release(writer: &mut Writer, holder: &Holder) -> rusqlite::Result<()> {
    writer.conn.prepare_cached("DELETE FROM lease WHERE holder = ?1")?.execute([&holder.0]).map(|_| ())
}

/// A memo.
pub fn memo(conn: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    conn.prepare_cached("SELECT value FROM memo WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

/// Keeps a memo.
pub fn put_memo(writer: &mut Writer, key: &str, value: &str) -> rusqlite::Result<()> {
    writer
        .conn
        .prepare_cached("INSERT INTO memo VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value")?
        .execute([key, value])
        .map(|_| ())
}

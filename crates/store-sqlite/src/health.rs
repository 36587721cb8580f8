//! Health of sources, and where their next poll continues.

use qd_model::filter::Field;
use qd_model::{Cursor, Health, HealthState, SourceId};
use qd_store::ChangeSet;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::changes::Draft;
use crate::entity::micros;
use crate::threads::Writer;
use crate::{readings, words};

pub const SCHEMA: &str = "
CREATE TABLE health (source TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE cursor (source TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
";

/// Stores the health of a source. A change set only when its state is another.
pub fn record(writer: &mut Writer, health: &Health) -> rusqlite::Result<Option<ChangeSet>> {
    let tx = writer.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let source = health.source.as_str();
    let before: Option<String> = tx
        .prepare_cached("SELECT body FROM health WHERE source = ?1")?
        .query_row([source], |row| row.get(0))
        .optional()?;
    let body = json(health)?;
    if before.as_deref() == Some(body.as_str()) {
        return Ok(None);
    }
    tx.prepare_cached("INSERT INTO health VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = excluded.body")?
        .execute(params![source, body])?;
    if health.state == HealthState::Fresh
        && let Some(as_of) = health.as_of
    {
        readings::prolong(&tx, source, micros(as_of), health.trusted_secs())?;
    }
    let before: Option<Health> = before.and_then(|body| serde_json::from_str(&body).ok());
    let mut changes = None;
    if before.is_none_or(|before| before.state != health.state) {
        let mut draft = Draft::default();
        draft.seq(&tx)?;
        for service in services(&tx, &health.source)? {
            draft.service(Some(service));
        }
        changes = Some(draft.finish(&tx)?);
    }
    tx.commit()?;
    Ok(changes)
}

/// Services that have something current from a source.
fn services(conn: &Connection, source: &SourceId) -> rusqlite::Result<Vec<i64>> {
    let Some(number) = words::lookup(conn, Field::Source, source.as_str())? else { return Ok(Vec::new()) };
    conn.prepare_cached(
        "SELECT DISTINCT service FROM entity INDEXED BY entity_current
         WHERE source = ?1 AND current = 1 AND service IS NOT NULL",
    )?
    .query_map([number], |row| row.get(0))?
    .collect()
}

/// Health of every source. A row that this version cannot read is left out: the next poll writes it anew.
pub fn all(conn: &Connection) -> rusqlite::Result<Vec<Health>> {
    let mut statement = conn.prepare_cached("SELECT body FROM health ORDER BY source")?;
    let bodies = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut found = Vec::new();
    for body in bodies {
        match serde_json::from_str(&body?) {
            Ok(health) => found.push(health),
            Err(error) => tracing::warn!(%error, "a stored health could not be read"),
        }
    }
    Ok(found)
}

/// Where the next poll continues.
pub fn cursor(conn: &Connection, source: &SourceId) -> rusqlite::Result<Cursor> {
    let body: Option<String> = conn
        .prepare_cached("SELECT body FROM cursor WHERE source = ?1")?
        .query_row([source.as_str()], |row| row.get(0))
        .optional()?;
    // A cursor that cannot be read begins anew, which is safe because ingest is idempotent.
    Ok(body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default())
}

/// Keeps a cursor, within the transaction that stores the facts.
pub fn put_cursor(conn: &Connection, source: &SourceId, next: &Cursor) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO cursor VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = excluded.body WHERE body <> excluded.body",
    )?
    .execute(params![source.as_str(), json(next)?])
    .map(|_| ())
}

fn json<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

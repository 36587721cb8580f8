//! The actions log: written before anything is sent, never shortened, and an outcome once known is final.

use chrono::{DateTime, Utc};
use qd_model::{ActionOutcome, ActionRecord, ActionState, Target};
use qd_store::{ActionsQuery, ChangeSet, StoreError};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use crate::changes::Draft;
use crate::entity::{instant, micros};
use crate::threads::Writer;

pub const SCHEMA: &str = "
CREATE TABLE action (
    id          INTEGER PRIMARY KEY,
    key         TEXT NOT NULL UNIQUE,
    target      TEXT NOT NULL,
    verb        TEXT NOT NULL,
    args        TEXT NOT NULL, -- JSON
    actor       TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('proposed', 'sent', 'settled')),
    outcome     TEXT,          -- JSON
    settled_at  INTEGER
);
CREATE INDEX action_target ON action (target, id);
CREATE INDEX action_unsettled ON action (id)
    WHERE state <> 'settled' OR json_extract(outcome, '$.outcome') = 'unknown';
-- Guards against accidents of our own, not against somebody who owns the file.
CREATE TRIGGER action_stays BEFORE DELETE ON action BEGIN
    SELECT raise(ABORT, 'the actions log is never shortened');
END;
CREATE TRIGGER action_is_final BEFORE UPDATE ON action
WHEN old.state = 'settled' AND json_extract(old.outcome, '$.outcome') <> 'unknown' BEGIN
    SELECT raise(ABORT, 'this action has its outcome already');
END;
CREATE TRIGGER action_is_what_was_asked BEFORE UPDATE OF id, key, target, verb, args, actor, proposed_at ON action BEGIN
    SELECT raise(ABORT, 'what was asked is never rewritten');
END;
";

/// Writes an action down. `false`: the key is taken.
pub fn propose(writer: &mut Writer, record: &ActionRecord) -> rusqlite::Result<bool> {
    let args = json(&record.args)?;
    let written = writer
        .conn
        .prepare_cached(
            "INSERT INTO action (key, target, verb, args, actor, proposed_at, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'proposed') ON CONFLICT (key) DO NOTHING",
        )?
        .execute(params![
            record.idempotency_key,
            record.target.to_string(),
            record.verb,
            args,
            record.actor,
            micros(record.proposed_at)
        ])?;
    Ok(written == 1)
}

/// Marks an action as sent. It must be proposed: nothing is sent twice.
pub fn mark_sent(writer: &mut Writer, key: &str) -> rusqlite::Result<Result<(), StoreError>> {
    let marked = writer
        .conn
        .prepare_cached("UPDATE action SET state = 'sent' WHERE key = ?1 AND state = 'proposed'")?
        .execute([key])?;
    Ok(match marked {
        1 => Ok(()),
        _ => Err(StoreError::Write("the action is not waiting to be sent".to_owned())),
    })
}

/// Writes an outcome. The same outcome again changes nothing; another one after a final one is refused.
pub fn settle(
    writer: &mut Writer,
    key: &str,
    outcome: &ActionOutcome,
    at: DateTime<Utc>,
) -> rusqlite::Result<Result<ChangeSet, StoreError>> {
    let tx = writer.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some(before) = find(&tx, key)? else {
        return Ok(Err(StoreError::Write("no such action was ever proposed".to_owned())));
    };
    match &before.outcome {
        Some(known) if known == outcome => return Ok(Ok(ChangeSet::default())),
        None | Some(ActionOutcome::Unknown { .. }) => {}
        Some(_) => return Ok(Err(StoreError::Write("this action has its outcome already".to_owned()))),
    }
    tx.prepare_cached("UPDATE action SET state = 'settled', outcome = ?2, settled_at = ?3 WHERE key = ?1")?
        .execute(params![key, json(outcome)?, micros(at)])?;
    let mut draft = Draft::default();
    draft.seq(&tx)?;
    if let Some(entity) = before.target.entity() {
        draft.touch_silently(entity);
    }
    let changes = draft.finish(&tx)?;
    tx.commit()?;
    Ok(Ok(changes))
}

/// The log, newest first.
pub fn list(conn: &Connection, query: &ActionsQuery) -> rusqlite::Result<Vec<ActionRecord>> {
    let target = query.target.as_ref().map(Target::to_string);
    let limit = if query.limit == 0 { 100 } else { query.limit };
    let sql = format!(
        "SELECT {COLUMNS} FROM action
         WHERE {} AND {} ORDER BY id DESC LIMIT ?1",
        if target.is_some() { "target = ?2" } else { "?2 IS NULL" },
        if query.unsettled {
            "(state <> 'settled' OR json_extract(outcome, '$.outcome') = 'unknown')"
        } else {
            "TRUE"
        },
    );
    let mut statement = conn.prepare_cached(&sql)?;
    statement.query_map(params![limit, target], record)?.collect()
}

const COLUMNS: &str = "key, target, verb, args, actor, proposed_at, state, outcome, settled_at";

fn find(conn: &Connection, key: &str) -> rusqlite::Result<Option<ActionRecord>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM action WHERE key = ?1"))?
        .query_row([key], record)
        .optional()
}

fn record(row: &Row<'_>) -> rusqlite::Result<ActionRecord> {
    let target: String = row.get(1)?;
    let args: String = row.get(3)?;
    let state: String = row.get(6)?;
    let outcome: Option<String> = row.get(7)?;
    let unreadable = |column: usize, error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error)
    };
    Ok(ActionRecord {
        idempotency_key: row.get(0)?,
        target: target.parse().map_err(|error| unreadable(1, Box::new(error)))?,
        verb: row.get(2)?,
        args: serde_json::from_str(&args).map_err(|error| unreadable(3, Box::new(error)))?,
        actor: row.get(4)?,
        proposed_at: instant(row.get(5)?),
        state: match state.as_str() {
            "proposed" => ActionState::Proposed,
            "sent" => ActionState::Sent,
            _ => ActionState::Settled,
        },
        outcome: outcome
            .map(|body| serde_json::from_str(&body))
            .transpose()
            .map_err(|error| unreadable(7, Box::new(error)))?,
        settled_at: row.get::<_, Option<i64>>(8)?.map(instant),
    })
}

fn json<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

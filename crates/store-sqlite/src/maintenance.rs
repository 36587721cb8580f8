//! Work on what is stored already: retention, other links, sources that were removed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use qd_model::filter::Field;
use qd_model::{Kind, Links, SourceId};
use qd_store::{ChangeSet, Linker};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::changes::Draft;
use crate::counters::{Counted, Counting};
use crate::entity::{self, kind_number, micros};
use crate::search::Texts;
use crate::threads::Writer;
use crate::{body, ingest, lines, search, words};

/// Rows that one transaction of retention removes: a few milliseconds.
const STEP: u32 = 500;

/// Removes a few rows that ended before `before`. 0: there are none left.
///
/// The latest deployment of a line stays however old it is: it says what is live.
pub fn prune(writer: &mut Writer, before: DateTime<Utc>) -> rusqlite::Result<u64> {
    let tx = writer.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = micros(before);
    let versions = tx
        .prepare_cached(
            "DELETE FROM version WHERE id IN (SELECT id FROM version WHERE until_at < ?1 LIMIT ?2)",
        )?
        .execute(params![before, STEP])?;
    let mut removed = versions as u64;
    if removed == 0 {
        tx.execute("DELETE FROM reading WHERE until_at < ?1", [before])?;
        let ended: Vec<(i64, Option<i64>)> = tx
            .prepare_cached(
                "SELECT id, line FROM entity WHERE since < ?1 AND (open = 0 OR gone = 1)
                 AND NOT (kind = ?3 AND current = 1) LIMIT ?2",
            )?
            .query_map(params![before, STEP, kind_number(Kind::Deployment)], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<Result<_, _>>()?;
        let mut touched = BTreeSet::new();
        touched.extend(ended.iter().filter_map(|(_, line)| *line));
        let entities: Vec<i64> = ended.iter().map(|(entity, _)| *entity).collect();
        let mut counting = Counting::default();
        remove(&tx, &entities, &mut counting)?;
        lines::settle(&tx, &touched, &mut Draft::default(), &mut counting)?;
        counting.write(&tx)?;
        removed = ended.len() as u64;
    }

    tx.commit()?;
    Ok(removed)
}

/// Removes entities. First their texts, all together: see [`Texts`].
fn remove(conn: &Connection, entities: &[i64], counting: &mut Counting) -> rusqlite::Result<()> {
    entities.iter().try_for_each(|entity| search::remove(conn, *entity))?;
    entities.iter().try_for_each(|entity| remove_rows(conn, *entity, counting))
}

fn remove_rows(conn: &Connection, entity: i64, counting: &mut Counting) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM version WHERE entity = ?1")?.execute([entity])?;
    let gone = conn
        .prepare_cached("DELETE FROM entity WHERE id = ?1 RETURNING source, kind, current, rank")?
        .query_row([entity], |row| {
            let (source, kind) = (row.get(0)?, row.get(1)?);
            Ok(Counted { source, kind, current: row.get(2)?, rank: row.get(3)? })
        })
        .optional()?;
    if let Some(gone) = gone {
        counting.goes(gone);
    }
    Ok(())
}

/// Removes a source with all it observed. Its actions stay in the log.
pub fn forget(writer: &mut Writer, source: &SourceId) -> rusqlite::Result<ChangeSet> {
    let tx = writer.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut draft = Draft::default();
    if let Some(number) = words::lookup(&tx, Field::Source, source.as_str())? {
        let rows: Vec<(i64, i64, String, Option<i64>)> = tx
            .prepare_cached("SELECT id, kind, native, service FROM entity WHERE source = ?1")?
            .query_map([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
            .collect::<Result<_, _>>()?;
        let entities: Vec<i64> = rows.iter().map(|(entity, ..)| *entity).collect();
        let mut counting = Counting::default();
        remove(&tx, &entities, &mut counting)?;
        counting.write(&tx)?;
        for (_, kind, native, service) in rows {
            draft.seq(&tx)?;
            if let Some(kind) = entity::kind_of(kind) {
                draft.touch_silently(&qd_model::EntityId::new(source, kind, native));
            }
            draft.service(service);
        }
        tx.execute("DELETE FROM line WHERE source = ?1", [number])?;
    }
    let known = tx.execute("DELETE FROM health WHERE source = ?1", [source.as_str()])?;
    if known > 0 {
        draft.seq(&tx)?;
    }
    for table in ["cursor", "answer", "lease", "reading"] {
        tx.execute(&format!("DELETE FROM {table} WHERE source = ?1"), [source.as_str()])?;
    }
    let changes = draft.finish(&tx)?;
    tx.commit()?;
    Ok(changes)
}

/// An entity whose links are to be others.
pub struct Relinked {
    entity: i64,
    /// Written only while this version holds: a newer one was linked when it came.
    version: i64,
    links: Links,
}

/// Entities read at a time.
const READ: i64 = 2_000;

/// Asks the linker about every entity after `after`; returns those with other links and where to go on.
pub fn relinked(
    conn: &Connection,
    linker: &Linker,
    after: i64,
) -> rusqlite::Result<(Vec<Relinked>, Option<i64>)> {
    let mut statement = conn.prepare_cached(
        "SELECT e.id, e.version, e.service, e.env, e.inferred, v.body
         FROM entity e JOIN version v ON v.id = e.version WHERE e.id > ?1 ORDER BY e.id LIMIT ?2",
    )?;
    let mut rows = statement.query([after, READ])?;
    let mut other = Vec::new();
    let mut last = None;
    while let Some(row) = rows.next()? {
        let entity: i64 = row.get(0)?;
        last = Some(entity);
        let fact = body::read(row.get_ref(5)?.as_str()?)?;
        let links = linker(&fact);
        if links != entity::links(conn, row.get(2)?, row.get(3)?, row.get(4)?)? {
            other.push(Relinked { entity, version: row.get(1)?, links });
        }
    }
    Ok((other, last))
}

/// Writes other links, all in one transaction.
pub fn relink(writer: &mut Writer, relinked: &[Relinked]) -> rusqlite::Result<ChangeSet> {
    let Writer { conn, words } = writer;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut draft = Draft::default();
    let mut texts = Texts::default();
    for Relinked { entity, version, links } in relinked {
        let stored = tx
            .prepare_cached(
                "SELECT id, version, fingerprint, since, absent, line, gone, service, state FROM entity
                 WHERE id = ?1 AND version = ?2",
            )?
            .query_map([entity, version], entity::stored)?
            .next()
            .transpose()?;
        if let Some(stored) = stored {
            let fact = body::read(&entity::body(&tx, *version)?)?;
            ingest::relink(&tx, words, &mut draft, &stored, &fact, links)?;
            texts.put(stored.id, &fact, links);
        }
    }
    texts.write(&tx)?;
    let changes = draft.finish(&tx)?;
    tx.commit()?;
    Ok(changes)
}

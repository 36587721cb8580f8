//! Lines: runs of one pipeline on one ref, deployments of one thing to one environment. The newest of a line is current,
//! and which one that is, is kept at ingest.

use std::collections::BTreeSet;

use qd_model::filter::Field;
use qd_model::{EntityId, Fact, Kind};
use qd_store::{Entity, LinePart};
use rusqlite::{Connection, OptionalExtension, params};

use crate::changes::Draft;
use crate::counters::{Counted, Counting};
use crate::entity::{self, kind_number};
use crate::words;

/// The line of a fact. `None` for alerts and tickets: each is a line of its own, so nothing follows it.
pub fn of(conn: &Connection, source: i64, fact: &Fact) -> rusqlite::Result<Option<i64>> {
    if !matches!(fact.kind(), Kind::Run | Kind::Deployment) {
        return Ok(None);
    }
    let (kind, name) = (kind_number(fact.kind()), fact.line());
    let known = conn
        .prepare_cached("SELECT id FROM line WHERE source = ?1 AND kind = ?2 AND name = ?3")?
        .query_row(params![source, kind, name], |row| row.get(0))
        .optional()?;
    match known {
        Some(id) => Ok(Some(id)),
        None => conn
            .prepare_cached("INSERT INTO line (source, kind, name) VALUES (?1, ?2, ?3)")?
            .insert(params![source, kind, name])
            .map(Some),
    }
}

/// The members of an entity's line, newest first. What has no time of its own is before nothing.
pub fn members(
    conn: &Connection,
    id: &EntityId,
    part: LinePart,
    limit: u32,
) -> rusqlite::Result<Vec<Entity>> {
    let Some(source) = words::lookup(conn, Field::Source, id.source.as_str())? else { return Ok(Vec::new()) };
    let place: Option<(i64, Option<i64>, Option<i64>)> = conn
        .prepare_cached(
            "SELECT id, line, occurred FROM entity WHERE source = ?1 AND kind = ?2 AND native = ?3",
        )?
        .query_row(params![source, kind_number(id.kind), id.native], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((entity, Some(line), occurred)) = place else { return Ok(Vec::new()) };
    let part = match part {
        LinePart::Whole => "?2 IS ?2 AND ?3 IS ?3",
        LinePart::Before => "occurred <= ?2 AND (occurred < ?2 OR id < ?3)",
    };
    let sql = format!(
        "SELECT version FROM entity INDEXED BY entity_line WHERE line = ?1 AND gone = 0 AND {part}
         ORDER BY occurred DESC, id DESC LIMIT ?4"
    );
    let versions: Vec<i64> = conn
        .prepare_cached(&sql)?
        .query_map(params![line, occurred, entity, limit], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    entity::read_all(conn, &versions)
}

/// Whether an entity was the latest of its line when that was last settled.
pub fn is_latest(conn: &Connection, line: Option<i64>, entity: i64) -> rusqlite::Result<bool> {
    let Some(line) = line else { return Ok(false) };
    let latest: Option<i64> =
        conn.prepare_cached("SELECT latest FROM line WHERE id = ?1")?.query_row([line], |row| row.get(0))?;
    Ok(latest == Some(entity))
}

/// Finds the latest of each line anew and marks it as current. One that was overtaken stays current only while it is open.
pub fn settle(
    conn: &Connection,
    lines: &BTreeSet<i64>,
    draft: &mut Draft,
    counting: &mut Counting,
) -> rusqlite::Result<()> {
    for line in lines {
        let latest: Option<i64> = conn
            .prepare_cached(
                "SELECT id FROM entity WHERE line = ?1 AND gone = 0 ORDER BY occurred DESC, id DESC LIMIT 1",
            )?
            .query_row([line], |row| row.get(0))
            .optional()?;
        let before: Option<i64> = conn
            .prepare_cached("SELECT latest FROM line WHERE id = ?1")?
            .query_row([line], |row| row.get(0))?;
        if before != latest {
            conn.prepare_cached("UPDATE line SET latest = ?2 WHERE id = ?1")?
                .execute(params![line, latest])?;
        }
        for (entity, is_latest) in [(before.filter(|_| before != latest), false), (latest, true)] {
            let Some(entity) = entity else { continue };
            let moved: Option<(Option<i64>, Counted)> = conn
                .prepare_cached(
                    "UPDATE entity SET current = (gone = 0 AND (?2 OR open))
                     WHERE id = ?1 AND line = ?3 AND current <> (gone = 0 AND (?2 OR open))
                     RETURNING service, source, kind, current, rank",
                )?
                .query_row(params![entity, is_latest, line], |row| {
                    let (source, kind) = (row.get(1)?, row.get(2)?);
                    Ok((row.get(0)?, Counted { source, kind, current: row.get(3)?, rank: row.get(4)? }))
                })
                .optional()?;
            if let Some((service, now)) = moved {
                counting.goes(Counted { current: !now.current, ..now });
                counting.comes(now);
                draft.service(service);
            }
        }
    }
    Ok(())
}

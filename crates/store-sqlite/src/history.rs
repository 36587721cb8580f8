//! State changes: of one entity, or of all within a span.

use qd_model::EntityId;
use qd_model::filter::Field;
use qd_store::{Restless, RestlessQuery, StateChange, TimelineQuery, Transition};
use rusqlite::{Connection, params};

use crate::entity::{self, kind_number, micros};
use crate::{transition, words};

/// Every transition of an entity, oldest first.
pub fn of(conn: &Connection, id: &EntityId) -> rusqlite::Result<Vec<Transition>> {
    let Some(source) = words::lookup(conn, Field::Source, id.source.as_str())? else { return Ok(Vec::new()) };
    let Some(stored) = entity::find(conn, source, id.kind, &id.native)? else { return Ok(Vec::new()) };
    let versions: Vec<i64> = conn
        .prepare_cached("SELECT id FROM version WHERE entity = ?1 AND transition = 1 ORDER BY id")?
        .query_map([stored.id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    versions.into_iter().map(|version| transition::of_version(conn, version)).collect()
}

/// State changes within a span, newest first.
pub fn timeline(conn: &Connection, query: &TimelineQuery) -> rusqlite::Result<Vec<Transition>> {
    let kinds: Vec<String> = query.kinds.iter().map(|kind| kind_number(*kind).to_string()).collect();
    let of_kinds = if kinds.is_empty() {
        String::new()
    } else {
        format!("AND (SELECT kind FROM entity e WHERE e.id = v.entity) IN ({})", kinds.join(","))
    };
    let sql = format!(
        "SELECT v.id FROM version v INDEXED BY version_moment
         WHERE v.transition = 1 AND v.from_at >= ?1 AND v.from_at < ?2 {of_kinds}
         ORDER BY v.from_at DESC, v.id DESC LIMIT ?3"
    );
    let versions: Vec<i64> = conn
        .prepare_cached(&sql)?
        .query_map(params![micros(query.from), micros(query.to), query.limit], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    versions.into_iter().map(|version| transition::of_version(conn, version)).collect()
}

/// What changed again and again within a span. Bodies are not read.
pub fn restless(conn: &Connection, query: &RestlessQuery) -> rusqlite::Result<Vec<Restless>> {
    let (from, to) = (micros(query.from), micros(query.to));
    let entities: Vec<i64> = conn
        .prepare_cached(
            "SELECT v.entity FROM version v INDEXED BY version_moment JOIN entity e ON e.id = v.entity
             WHERE v.transition = 1 AND v.from_at >= ?1 AND v.from_at < ?2 AND e.kind = ?3
             GROUP BY v.entity HAVING count(*) >= ?4 ORDER BY count(*) DESC, v.entity LIMIT ?5",
        )?
        .query_map(params![from, to, kind_number(query.kind), query.at_least, query.limit], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    for entity in entities {
        let Some(id) = entity::identity(conn, entity)? else { continue };
        let mut statement = conn.prepare_cached(
            "SELECT was, was_gone, state, gone, from_at FROM version
             WHERE entity = ?1 AND transition = 1 AND from_at >= ?2 AND from_at < ?3 ORDER BY id",
        )?;
        let changes = statement.query_map(params![entity, from, to], |row| {
            let before = word(conn, row.get(0)?, row.get(1)?)?;
            let after = word(conn, row.get(2)?, row.get(3)?)?;
            Ok(StateChange { from: before, to: after.unwrap_or_default(), at: entity::instant(row.get(4)?) })
        })?;
        found.push(Restless { id, changes: changes.collect::<Result<_, _>>()? });
    }
    Ok(found)
}

/// The word of a state, or that the entity was gone.
fn word(conn: &Connection, state: Option<i64>, gone: bool) -> rusqlite::Result<Option<String>> {
    if gone {
        return Ok(Some(transition::GONE.to_owned()));
    }
    state.map(|id| words::text(conn, id).map(|text| words::first(&text))).transpose()
}

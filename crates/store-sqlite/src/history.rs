//! State changes: of one entity, or of all within a span.

use qd_model::EntityId;
use qd_model::filter::Field;
use qd_store::{TimelineQuery, Transition};
use rusqlite::{Connection, params};

use crate::entity::{self, kind_number, micros};
use crate::words;

/// Every transition of an entity, oldest first.
pub fn of(conn: &Connection, id: &EntityId) -> rusqlite::Result<Vec<Transition>> {
    let Some(source) = words::lookup(conn, Field::Source, id.source.as_str())? else { return Ok(Vec::new()) };
    let Some(stored) = entity::find(conn, source, id.kind, &id.native)? else { return Ok(Vec::new()) };
    let versions: Vec<i64> = conn
        .prepare_cached("SELECT id FROM version WHERE entity = ?1 AND transition = 1 ORDER BY from_at, id")?
        .query_map([stored.id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    versions.into_iter().map(|version| entity::transition(conn, version)).collect()
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
    versions.into_iter().map(|version| entity::transition(conn, version)).collect()
}

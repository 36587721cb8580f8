//! Lists as they were: read from versions.
//!
//! What holds at an instant is either the version that still holds and began before, or one that ended since. For an
//! instant not long ago the second kind is few.

use chrono::{DateTime, Utc};
use qd_model::filter::{Field, Test};
use qd_model::{EntityId, Filter, Kind};
use qd_store::{Entity, ListQuery, Order, Page, Scope};
use rusqlite::{Connection, OptionalExtension, params};

use crate::changes;
use crate::entity::{self, kind_number, micros};
use crate::filter::{self, Place};
use crate::words;

/// Entities with the version that held at `?1`; and of each line which entity was the latest then.
const THEN: &str = "
WITH held (entity, version) AS MATERIALIZED (
    SELECT id, version FROM entity WHERE since <= ?1
    UNION ALL
    SELECT entity, id FROM version WHERE until_at > ?1 AND from_at <= ?1
), place (entity, place) AS MATERIALIZED (
    SELECT e.id, row_number() OVER (PARTITION BY e.line ORDER BY v.occurred DESC, e.id DESC)
    FROM held h JOIN entity e ON e.id = h.entity JOIN version v ON v.id = h.version
    WHERE e.line IS NOT NULL AND v.gone = 0
)";

const CURRENT: &str =
    "(v.gone = 0 AND (v.open = 1 OR (SELECT p.place FROM place p WHERE p.entity = e.id) = 1))";

/// One page, as of an instant.
pub fn list(conn: &Connection, query: &ListQuery, at: DateTime<Utc>) -> rusqlite::Result<Page> {
    let seq = changes::seq(conn)?;
    let compiled = filter::compile(conn, &query.filter, query.now, Place::Then)?;
    if compiled.nothing {
        return Ok(Page { seq, ..Page::default() });
    }
    let mut conditions = compiled.conditions;
    if query.scope == Scope::Current {
        conditions.push(CURRENT.to_owned());
    }
    if !query.kinds.is_empty() {
        let numbers: Vec<String> = query.kinds.iter().map(|kind| kind_number(*kind).to_string()).collect();
        conditions.push(format!("e.kind IN ({})", numbers.join(",")));
    }
    conditions.push("TRUE".to_owned());
    let order = match query.order {
        Order::Attention => "v.rank, v.occurred DESC, e.id",
        Order::Newest => "v.occurred DESC, e.id",
    };
    let sql = format!(
        "{THEN} SELECT v.id FROM held h JOIN entity e ON e.id = h.entity JOIN version v ON v.id = h.version
         WHERE {} ORDER BY {order}",
        conditions.join(" AND "),
    );
    let versions: Vec<i64> =
        conn.prepare(&sql)?.query_map([micros(at)], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let (items, total, capped) = page(conn, query, &versions)?;
    Ok(Page { items, total, capped, seq })
}

/// Cuts the page out. Texts of the past are not indexed: they are tested here, up to one match more than wanted.
fn page(
    conn: &Connection,
    query: &ListQuery,
    versions: &[i64],
) -> rusqlite::Result<(Vec<Entity>, u64, bool)> {
    let skip = usize::try_from(query.offset).unwrap_or(usize::MAX);
    let limit = query.limit as usize;
    let terms =
        query.filter.terms.iter().filter(|term| matches!(term.test, Test::Text(_))).cloned().collect();
    let texts = Filter { terms };
    if texts.is_empty() {
        let shown = versions.iter().skip(skip).take(limit);
        let items = shown.map(|version| entity::read(conn, *version)).collect::<Result<_, _>>()?;
        return Ok((items, versions.len() as u64, false));
    }
    let mut items = Vec::new();
    let mut matched = 0;
    for version in versions {
        let found = entity::read(conn, *version)?;
        if !texts.matches(&found.fact, &found.links, query.now) {
            continue;
        }
        if matched >= skip && items.len() == limit {
            return Ok((items, matched as u64 + 1, true));
        }
        if matched >= skip {
            items.push(found);
        }
        matched += 1;
    }
    Ok((items, matched as u64, false))
}

/// What was current then, and more of each line's runs.
pub fn current(conn: &Connection, recent: u32, at: DateTime<Utc>) -> rusqlite::Result<Vec<Entity>> {
    let sql = format!(
        "{THEN} SELECT v.id, {CURRENT} AS is_current
         FROM held h JOIN entity e ON e.id = h.entity JOIN version v ON v.id = h.version
         WHERE is_current OR (e.kind = ?2 AND (SELECT p.place FROM place p WHERE p.entity = e.id) <= ?3)
         ORDER BY is_current DESC, e.kind, CASE WHEN is_current THEN v.rank END, e.line, v.occurred DESC, e.id",
    );
    let versions: Vec<i64> = conn
        .prepare_cached(&sql)?
        .query_map(params![micros(at), kind_number(Kind::Run), i64::from(recent) + 1], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    versions.into_iter().map(|version| entity::read(conn, version)).collect()
}

/// One entity, now or as it was.
pub fn get(conn: &Connection, id: &EntityId, at: Option<DateTime<Utc>>) -> rusqlite::Result<Option<Entity>> {
    let Some(source) = words::lookup(conn, Field::Source, id.source.as_str())? else { return Ok(None) };
    let Some(stored) = entity::find(conn, source, id.kind, &id.native)? else { return Ok(None) };
    let version = match at {
        None => Some(stored.version),
        Some(at) => conn
            .prepare_cached(
                "SELECT id FROM version WHERE entity = ?1 AND from_at <= ?2 AND (until_at IS NULL OR until_at > ?2)
                 ORDER BY from_at DESC, id DESC LIMIT 1",
            )?
            .query_row([stored.id, micros(at)], |row| row.get(0))
            .optional()?,
    };
    version.map(|version| entity::read(conn, version)).transpose()
}

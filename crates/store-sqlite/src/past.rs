//! Lists as they were: read from versions.
//!
//! What holds at an instant is either the version that still holds and began before, or one that ended since. For an
//! instant not long ago the second kind is few.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use qd_model::filter::{Field, Test};
use qd_model::{EntityId, Filter, Kind, Seen, Status};
use qd_store::{Entity, ListQuery, Order, Page, Recent, Scope};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::changes;
use crate::entity::{self, kind_number, micros};
use crate::filter::{self, Place};
use crate::words;

/// One page, as of an instant.
pub fn list(conn: &Connection, query: &ListQuery, at: DateTime<Utc>) -> rusqlite::Result<Page> {
    let seq = changes::seq(conn)?;
    let then = filter::compile(conn, &query.filter, query.now, Place::Then)?;
    if then.nothing {
        return Ok(Page { seq, ..Page::default() });
    }
    let now = filter::compile(conn, &query.filter, query.now, Place::Now)?;
    let (still, then) = (conditions(query, now.conditions), conditions(query, then.conditions));
    let (from_entity, from_version) = match query.scope {
        Scope::Current => current_then(conn, query, micros(at))?,
        Scope::All => known_then(micros(at)),
    };
    let order = match query.order {
        Order::Attention => "rank, occurred DESC, state, entity",
        Order::Newest => "occurred DESC, state, entity",
    };
    let sql = format!(
        "SELECT e.version, e.id AS entity, e.rank AS rank, e.occurred AS occurred, e.state AS state
            FROM {from_entity} AND {still}
         UNION ALL SELECT v.id, e.id, v.rank, v.occurred, v.state FROM {from_version} AND {then}
         ORDER BY {order}",
    );
    let versions: Vec<i64> =
        conn.prepare(&sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let (items, total, capped) = page(conn, query, &versions)?;
    Ok(Page { items, total, capped, seq })
}

fn conditions(query: &ListQuery, mut conditions: Vec<String>) -> String {
    if !query.kinds.is_empty() {
        conditions.push(kinds_are("e.kind", &query.kinds));
    }
    conditions.push("TRUE".to_owned());
    conditions.join(" AND ")
}

fn kinds_are(column: &str, kinds: &[Kind]) -> String {
    let numbers: Vec<String> = kinds.iter().map(|kind| kind_number(*kind).to_string()).collect();
    format!("{column} IN ({})", numbers.join(","))
}

/// Everything that was known. Versions that still hold are judged by their entity's columns, without reading them: the
/// first part; the second are those that ended since.
fn known_then(at: i64) -> (String, String) {
    (
        format!("entity e WHERE e.since <= {at}"),
        format!(
            "version v INDEXED BY version_ended JOIN entity e ON e.id = v.entity
             WHERE v.until_at > {at} AND v.from_at <= {at}"
        ),
    )
}

/// What was current, in the same two parts.
fn current_then(conn: &Connection, query: &ListQuery, at: i64) -> rusqlite::Result<(String, String)> {
    let mut current = Moment::read(conn, at, &query.kinds)?.judge(1);
    current.retain(|held| held.current);
    let list = |ids: Vec<String>| ids.join(",");
    let still = current.iter().filter(|held| held.still).map(|held| held.entity.to_string()).collect();
    let ended = current.iter().filter(|held| !held.still).map(|held| held.version.to_string()).collect();
    Ok((
        format!("json_each('[{}]') c CROSS JOIN entity e ON e.id = c.value WHERE TRUE", list(still)),
        format!(
            "json_each('[{}]') c CROSS JOIN version v ON v.id = c.value
             CROSS JOIN entity e ON e.id = v.entity WHERE TRUE",
            list(ended)
        ),
    ))
}

/// A version that held at an instant.
#[derive(Clone, Copy)]
struct Held {
    version: i64,
    entity: i64,
    kind: i64,
    line: Option<i64>,
    open: bool,
    rank: i64,
    occurred: Option<i64>,
    /// It holds to this day.
    still: bool,
    /// Open, or the latest of its line.
    current: bool,
    /// The latest of its line.
    latest: bool,
}

/// What [`Held`] is read from of an entity whose version still holds.
const STILL: &str = "e.version, e.id, e.kind, e.line, e.open, e.rank, e.occurred, TRUE";

impl Held {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            version: row.get(0)?,
            entity: row.get(1)?,
            kind: row.get(2)?,
            line: row.get(3)?,
            open: row.get(4)?,
            rank: row.get(5)?,
            occurred: row.get(6)?,
            still: row.get(7)?,
            current: false,
            latest: false,
        })
    }
}

/// What may have been current at an instant.
struct Moment {
    at: i64,
    held: HashMap<i64, Held>,
}

impl Moment {
    /// Finds it, exact, and without looking at every entity: of those whose version still holds, a line's latest is the
    /// first in the order of the line's index, because nothing about them has changed; the others are among the versions
    /// that ended since.
    fn read(conn: &Connection, at: i64, kinds: &[Kind]) -> rusqlite::Result<Self> {
        let kinds = if kinds.is_empty() { &Kind::ALL[..] } else { kinds };
        let mut moment = Self { at, held: HashMap::new() };
        moment.add(
            conn,
            &format!(
                "SELECT {STILL} FROM entity e INDEXED BY entity_open
                 WHERE e.open = 1 AND e.gone = 0 AND e.since <= ?1 AND {}",
                kinds_are("e.kind", kinds)
            ),
            params![at],
        )?;
        moment.add(
            conn,
            &format!(
                "SELECT v.id, e.id, e.kind, e.line, v.open, v.rank, v.occurred, FALSE
                 FROM version v INDEXED BY version_ended JOIN entity e ON e.id = v.entity
                 WHERE v.until_at > ?1 AND v.from_at <= ?1 AND v.gone = 0 AND {}",
                kinds_are("e.kind", kinds)
            ),
            params![at],
        )?;
        for line in moment.add_latest(conn, kinds)? {
            moment.add_newest(conn, line, 1)?;
        }
        Ok(moment)
    }

    /// Adds the latest of each line where it was the latest then: it is so in all lines of which nothing was heard since.
    /// Returns the others.
    fn add_latest(&mut self, conn: &Connection, kinds: &[Kind]) -> rusqlite::Result<Vec<i64>> {
        let sql = format!(
            "SELECT {STILL}, l.id, e.since <= ?1 FROM line l CROSS JOIN entity e ON e.id = l.latest WHERE {}",
            kinds_are("l.kind", kinds)
        );
        let mut statement = conn.prepare_cached(&sql)?;
        let mut rows = statement.query([self.at])?;
        let mut others = Vec::new();
        while let Some(row) = rows.next()? {
            if row.get(9)? {
                let held = Held::read(row)?;
                self.held.insert(held.entity, held);
            } else {
                others.push(row.get(8)?);
            }
        }
        Ok(others)
    }

    /// Adds the newest few of a line whose version still holds.
    fn add_newest(&mut self, conn: &Connection, line: i64, newest: u32) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT {STILL} FROM entity e INDEXED BY entity_line
             WHERE e.line = ?1 AND e.gone = 0 AND e.since <= ?2 ORDER BY e.occurred DESC, e.id DESC LIMIT ?3",
        );
        let at = self.at;
        self.add(conn, &sql, params![line, at, newest])
    }

    fn add(&mut self, conn: &Connection, sql: &str, params: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<()> {
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            let held = Held::read(row)?;
            self.held.insert(held.entity, held);
        }
        Ok(())
    }

    /// Marks what was current, and leaves out what was neither that nor among the latest of its line.
    fn judge(&self, latest: usize) -> Vec<Held> {
        let mut lines: HashMap<i64, Vec<Held>> = HashMap::new();
        let mut judged = Vec::new();
        for held in self.held.values().copied() {
            match held.line {
                Some(line) => lines.entry(line).or_default().push(held),
                None if held.open => judged.push(Held { current: true, ..held }),
                None => {}
            }
        }
        for mut line in lines.into_values() {
            line.sort_unstable_by_key(|held| Reverse((held.occurred, held.entity)));
            for (place, held) in line.into_iter().enumerate() {
                let current = held.open || place == 0;
                if current || place < latest {
                    judged.push(Held { current, latest: place == 0, ..held });
                }
            }
        }
        judged
    }
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
        let shown: Vec<i64> = versions.iter().skip(skip).take(limit).copied().collect();
        let items = entity::read_all(conn, &shown)?;
        return Ok((items, versions.len() as u64, false));
    }
    let mut items = Vec::new();
    let mut matched = 0;
    let mut reading = entity::Reading::new(conn);
    for version in versions {
        let found = reading.version(*version)?;
        let seen = Seen { now: query.now, changed: found.changed };
        if !texts.matches(&found.fact, &found.links, seen) {
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

/// What was current then, and more of some lines' runs.
pub fn current(conn: &Connection, recent: &Recent, at: DateTime<Utc>) -> rusqlite::Result<Vec<Entity>> {
    let mut moment = Moment::read(conn, micros(at), &[])?;
    let newest = recent.runs.saturating_add(1);
    let mut reading = entity::Reading::new(conn);
    let mut read = HashMap::new();
    let mut wanted = HashSet::new();
    for held in moment.judge(1).into_iter().filter(|held| held.latest && recent.runs > 0) {
        if held.kind == kind_number(Kind::Run) {
            let found = reading.version(held.version)?;
            wanted.extend(held.line.filter(|_| (recent.of)(&found.fact)));
            read.insert(held.version, found);
        } else if held.rank != entity::rank(Status::Ok) {
            wanted.extend(held.line);
        }
    }
    for line in &wanted {
        moment.add_newest(conn, *line, newest)?;
    }
    let mut held = moment.judge(newest as usize);
    let live = if recent.runs == 0 { HashSet::new() } else { live(&held) };
    held.retain(|held| held.current || held.kind == kind_number(Kind::Run) || live.contains(&held.entity));
    // As the present does it: what is current by kind and attention, then the other runs line by line, newest first.
    held.sort_unstable_by_key(|held| {
        let (rank, line) = if held.current { (held.rank, None) } else { (0, held.line) };
        (!held.current, held.kind, rank, line, Reverse(held.occurred), held.entity)
    });
    held.retain(|held| {
        held.current || live.contains(&held.entity) || held.line.is_some_and(|line| wanted.contains(&line))
    });
    held.iter()
        .map(|held| read.remove(&held.version).map_or_else(|| reading.version(held.version), Ok))
        .collect()
}

/// Of each line of deployments whose latest did not succeed, the newest that did.
fn live(held: &[Held]) -> HashSet<i64> {
    let mut newest: HashMap<i64, &Held> = HashMap::new();
    let mut succeeded: HashMap<i64, &Held> = HashMap::new();
    for one in held.iter().filter(|held| held.kind == kind_number(Kind::Deployment)) {
        let Some(line) = one.line else { continue };
        let better = |other: &&Held| (one.occurred, one.entity) > (other.occurred, other.entity);
        if newest.get(&line).is_none_or(better) {
            newest.insert(line, one);
        }
        if one.rank == entity::rank(Status::Ok) && succeeded.get(&line).is_none_or(better) {
            succeeded.insert(line, one);
        }
    }
    newest.retain(|_, held| held.rank != entity::rank(Status::Ok));
    succeeded.retain(|line, _| newest.contains_key(line));
    succeeded.values().map(|held| held.entity).collect()
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
                 ORDER BY id DESC LIMIT 1",
            )?
            .query_row([stored.id, micros(at)], |row| row.get(0))
            .optional()?,
    };
    version.map(|version| entity::read(conn, version)).transpose()
}

//! Lists as they are now.
//!
//! The plan is chosen here and not by SQLite, because the text index joined to another index is a trap: it is fast for
//! rare texts and reads everything for common ones. A rare text is looked up in the text index and everything else is
//! tested on what it found; a common one is met soon enough on the way through the index that gives the order.

use qd_model::filter::Field;
use qd_model::{Kind, Status};
use qd_store::{Count, Entity, ListQuery, Order, Page, Scope};
use rusqlite::{Connection, params_from_iter};

use crate::entity::{self, FACETS, kind_number, kind_of, status};
use crate::filter::{self, Compiled, Place};
use crate::{changes, words};

/// A text found in at most so many entities is looked up however few there are; one found in more is never.
const RARE: std::ops::RangeInclusive<u64> = 500..=10_000;

/// Matches are counted up to here; beyond, a page says that there are more.
const COUNTED: u64 = 10_000;

/// One page.
pub fn list(conn: &Connection, query: &ListQuery) -> rusqlite::Result<Page> {
    let seq = changes::seq(conn)?;
    let compiled = filter::compile(conn, &query.filter, query.now, Place::Now)?;
    if compiled.nothing {
        return Ok(Page { seq, ..Page::default() });
    }
    let (versions, total, capped) = match rare(conn, query, &compiled)? {
        Some(candidates) => from_text(conn, query, &compiled, &candidates)?,
        None => from_index(conn, query, &compiled)?,
    };
    let items = entity::read_all(conn, &versions)?;
    Ok(Page { items, total, capped, seq })
}

/// Versions of the page, how many match, and whether there are more than that.
type Found = (Vec<i64>, u64, bool);

/// The entities that have the texts, when looking at each of them is cheaper than meeting enough of them on the way: with
/// `h` of `n` entities, a page of `l` is met after `l × n / h`.
fn rare(conn: &Connection, query: &ListQuery, compiled: &Compiled) -> rusqlite::Result<Option<Vec<i64>>> {
    let Some(question) = filter::text_question(&compiled.texts) else { return Ok(None) };
    let kinds = if query.kinds.is_empty() { Kind::ALL.to_vec() } else { query.kinds.clone() };
    let wanted = query.offset.saturating_add(u64::from(query.limit));
    let even = wanted.saturating_mul(counted(conn, &kinds, query.scope)?).isqrt();
    let few = even.clamp(*RARE.start(), *RARE.end());
    let found: Vec<i64> = conn
        .prepare_cached("SELECT rowid FROM entity_fts WHERE entity_fts MATCH ?1 LIMIT ?2")?
        .query_map(rusqlite::params![question, i64::try_from(few + 1).unwrap_or(i64::MAX)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok((found.len() as u64 <= few).then_some(found))
}

fn from_text(
    conn: &Connection,
    query: &ListQuery,
    compiled: &Compiled,
    candidates: &[i64],
) -> rusqlite::Result<Found> {
    let list: Vec<String> = candidates.iter().map(i64::to_string).collect();
    let mut texts = Vec::new();
    let mut conditions = conditions(query, compiled, &mut texts);
    conditions.push(kinds_condition(&query.kinds));
    let sql = format!(
        "SELECT e.version FROM json_each('[{}]') c CROSS JOIN entity e ON e.id = c.value
         WHERE {} ORDER BY {}",
        list.join(","),
        conditions.join(" AND "),
        order(query.order),
    );
    let versions: Vec<i64> = conn
        .prepare(&sql)?
        .query_map(params_from_iter(&texts), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let total = versions.len() as u64;
    let skip = usize::try_from(query.offset).unwrap_or(usize::MAX);
    Ok((versions.into_iter().skip(skip).take(query.limit as usize).collect(), total, false))
}

fn from_index(conn: &Connection, query: &ListQuery, compiled: &Compiled) -> rusqlite::Result<Found> {
    let mut texts = Vec::new();
    let conditions = conditions(query, compiled, &mut texts).join(" AND ");
    let kinds: Vec<Kind> = if query.kinds.is_empty() { Kind::ALL.to_vec() } else { query.kinds.clone() };
    let index = index(query, compiled);
    let needed = query.offset.saturating_add(u64::from(query.limit));
    // One more than wanted: it tells that there is more.
    let enough = i64::try_from(needed.saturating_add(1)).unwrap_or(i64::MAX);
    // Only what stands in the index is read of what is skipped.
    let (columns, order) = match query.order {
        Order::Attention => ("e.id, e.rank, e.occurred, e.state", order(query.order)),
        Order::Newest => ("e.id, e.occurred, e.state", order(query.order)),
    };
    let parts: Vec<String> = kinds
        .iter()
        .map(|kind| {
            format!(
                "SELECT * FROM (SELECT {columns} FROM entity e INDEXED BY {index}
                 WHERE e.kind = {} AND {conditions} ORDER BY {order} LIMIT {enough})",
                kind_number(*kind),
            )
        })
        .collect();
    let sql = format!(
        "SELECT (SELECT version FROM entity WHERE id = e.id) FROM (
            SELECT e.* FROM ({}) e ORDER BY {order} LIMIT {} OFFSET {}
         ) e ORDER BY {order}",
        parts.join(" UNION ALL "),
        i64::from(query.limit) + 1,
        i64::try_from(query.offset).unwrap_or(i64::MAX),
    );
    let mut versions: Vec<i64> = conn
        .prepare(&sql)?
        .query_map(params_from_iter(&texts), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let limit = query.limit as usize;
    let more = versions.len() > limit;
    versions.truncate(limit);
    let shown = query.offset + versions.len() as u64;
    if !more && (query.offset == 0 || !versions.is_empty()) {
        return Ok((versions, shown, false));
    }
    if !compiled.texts.is_empty() || !compiled.not_texts.is_empty() {
        return Ok((versions, if more { shown + 1 } else { 0 }, more));
    }
    let (total, capped) = if query.filter.is_empty() {
        (counted(conn, &kinds, query.scope)?, false)
    } else {
        let up_to = shown.saturating_add(COUNTED);
        let total = count(conn, &kinds, index, &conditions, up_to)?;
        (total, total >= up_to)
    };
    Ok((versions, total, capped))
}

/// The index that gives the order, or narrows best. Named, so that a plan never changes with statistics.
fn index(query: &ListQuery, compiled: &Compiled) -> &'static str {
    match (query.scope, compiled.service, query.order) {
        (Scope::Current, ..) => "entity_current",
        (Scope::All, Some(_), _) => "entity_service",
        (Scope::All, None, Order::Attention) => "entity_attention",
        (Scope::All, None, Order::Newest) => "entity_newest",
    }
}

fn conditions(query: &ListQuery, compiled: &Compiled, texts: &mut Vec<String>) -> Vec<String> {
    let mut all = compiled.conditions.clone();
    if query.scope == Scope::Current {
        all.push("e.current = 1".to_owned());
    }
    all.extend(text_conditions(compiled, texts));
    if all.is_empty() {
        all.push("TRUE".to_owned());
    }
    all
}

/// Texts as conditions on `entity e`; the texts themselves become parameters behind those that are there.
pub fn text_conditions(compiled: &Compiled, texts: &mut Vec<String>) -> Vec<String> {
    let wanted = compiled.texts.iter().map(|text| (text, "> 0"));
    let unwanted = compiled.not_texts.iter().map(|text| (text, "= 0"));
    let condition = |(text, found): (&String, &str)| {
        texts.push(text.clone());
        let number = texts.len();
        format!("(SELECT instr(t.search, ?{number}) FROM entity_text t WHERE t.id = e.id) {found}")
    };
    wanted.chain(unwanted).map(condition).collect()
}

fn kinds_condition(kinds: &[Kind]) -> String {
    if kinds.is_empty() {
        return "TRUE".to_owned();
    }
    let numbers: Vec<String> = kinds.iter().map(|kind| kind_number(*kind).to_string()).collect();
    format!("e.kind IN ({})", numbers.join(","))
}

/// As the indexes have it, so that nothing is sorted: the state comes before the id because it stands there.
fn order(order: Order) -> &'static str {
    match order {
        Order::Attention => "e.rank, e.occurred DESC, e.state, e.id",
        Order::Newest => "e.occurred DESC, e.state, e.id",
    }
}

fn count(
    conn: &Connection,
    kinds: &[Kind],
    index: &str,
    conditions: &str,
    up_to: u64,
) -> rusqlite::Result<u64> {
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM entity e INDEXED BY {index} WHERE {} AND {conditions} LIMIT {up_to})",
        kinds_condition(kinds),
    );
    let total: i64 = conn.prepare(&sql)?.query_row([], |row| row.get(0))?;
    Ok(total.unsigned_abs())
}

/// How many there are without a filter, from the counters.
fn counted(conn: &Connection, kinds: &[Kind], scope: Scope) -> rusqlite::Result<u64> {
    let mut total: i64 = 0;
    let sql = "SELECT coalesce(sum(n), 0) FROM counter WHERE kind = ?1 AND current >= ?2";
    for kind in kinds {
        total += conn
            .prepare_cached(sql)?
            .query_row([kind_number(*kind), i64::from(scope == Scope::Current)], |row| {
                row.get::<_, i64>(0)
            })?;
    }
    Ok(total.unsigned_abs())
}

/// How many entities of a kind are stored.
pub fn stored(conn: &Connection, kind: Kind) -> rusqlite::Result<u64> {
    counted(conn, &[kind], Scope::All)
}

/// Current entities by kind and status, from the counters.
pub fn counts(conn: &Connection) -> rusqlite::Result<Vec<Count>> {
    let mut statement = conn.prepare_cached(
        "SELECT kind, rank, n FROM counter WHERE current = 1 AND n > 0 ORDER BY kind, rank",
    )?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))?;
    let mut counts = Vec::new();
    for row in rows {
        let (kind, rank, n) = row?;
        let status: Status = status(rank);
        if let Some(kind) = kind_of(kind) {
            counts.push(Count { kind, status, count: n.unsigned_abs() });
        }
    }
    Ok(counts)
}

/// The names that current entities have for a field.
pub fn names(conn: &Connection, field: Field) -> rusqlite::Result<Vec<String>> {
    let column = match FACETS.iter().find(|(known, _)| *known == field) {
        Some((_, name)) => *name,
        None if field == Field::Source => "source",
        None => return Ok(Vec::new()),
    };
    let sql = format!(
        "SELECT DISTINCT w.text FROM entity e INDEXED BY entity_current JOIN word w ON w.id = e.{column} WHERE e.current = 1"
    );
    let mut names: Vec<String> = conn
        .prepare_cached(&sql)?
        .query_map([], |row| Ok(words::first(&row.get::<_, String>(0)?)))?
        .collect::<Result<_, _>>()?;
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// All current entities, and more of each line's runs.
pub fn current(conn: &Connection, recent: u32) -> rusqlite::Result<Vec<Entity>> {
    let mut versions: Vec<i64> = conn
        .prepare_cached(
            "SELECT version FROM entity INDEXED BY entity_current WHERE current = 1 ORDER BY kind, rank, occurred DESC",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if recent > 0 {
        let lines: Vec<i64> = conn
            .prepare_cached("SELECT id FROM line WHERE kind = ?1 AND latest IS NOT NULL")?
            .query_map([kind_number(Kind::Run)], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for line in lines {
            // Open runs of the line are current and stand above already.
            let mut statement = conn.prepare_cached(
                "SELECT version FROM (
                    SELECT version, current FROM entity WHERE line = ?1 AND gone = 0
                    ORDER BY occurred DESC, id DESC LIMIT ?2
                 ) WHERE current = 0",
            )?;
            for version in statement.query_map([line, i64::from(recent) + 1], |row| row.get(0))? {
                versions.push(version?);
            }
        }
    }
    versions.extend(live(conn, recent)?);
    entity::read_all(conn, &versions)
}

/// The newest deployment that succeeded, of each line whose latest did not, looked for among the `recent` + 1 newest.
fn live(conn: &Connection, recent: u32) -> rusqlite::Result<Vec<i64>> {
    if recent == 0 {
        return Ok(Vec::new());
    }
    let lines: Vec<i64> = conn
        .prepare_cached(
            "SELECT l.id FROM line l JOIN entity e ON e.id = l.latest
             WHERE l.kind = ?1 AND e.rank <> ?2 ORDER BY l.id",
        )?
        .query_map([kind_number(Kind::Deployment), entity::rank(Status::Ok)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut newest = conn.prepare_cached(
        "SELECT version FROM (
            SELECT version, current, rank, occurred, id FROM entity WHERE line = ?1 AND gone = 0
            ORDER BY occurred DESC, id DESC LIMIT ?2
         ) WHERE rank = ?3 ORDER BY occurred DESC, id DESC LIMIT 1",
    )?;
    let mut versions = Vec::new();
    for line in lines {
        for version in
            newest.query_map([line, i64::from(recent) + 1, entity::rank(Status::Ok)], |row| row.get(0))?
        {
            versions.push(version?);
        }
    }
    Ok(versions)
}

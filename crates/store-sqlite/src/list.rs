//! Lists as they are now.
//!
//! The plan is chosen here and not by SQLite, because the text index joined to another index is a trap: it is fast for
//! rare texts and reads everything for common ones. A rare text is looked up in the text index and everything else is
//! tested on what it found; a common one is met soon enough on the way through the index that gives the order; for those
//! in between, what the text index found is recognised on that way by its number alone.

use qd_model::filter::Field;
use qd_model::{Kind, Status};
use qd_store::{Count, Entity, ListQuery, Order, Page, Recent, Scope};
use rusqlite::{Connection, params, params_from_iter};

use crate::entity::{self, FACETS, kind_number, kind_of, status};
use crate::filter::{self, Compiled, Place};
use crate::texts::{self, Candidates};
use crate::walk::{Walk, order};
use crate::{changes, words};

/// So few candidates are looked up one by one, however short the way to them may be.
const FEW: u64 = 500;

/// Going on by one row of an index costs so much less than looking a candidate up.
const STEP: u64 = 20;

/// Matches are counted up to here; beyond, a page says that there are more.
const COUNTED: u64 = 10_000;

/// One page.
pub fn list(conn: &Connection, query: &ListQuery) -> rusqlite::Result<Page> {
    let seq = changes::seq(conn)?;
    let compiled = filter::compile(conn, &query.filter, query.now, Place::Now)?;
    if compiled.nothing {
        return Ok(Page { seq, ..Page::default() });
    }
    let kinds = if query.kinds.is_empty() { Kind::ALL.to_vec() } else { query.kinds.clone() };
    let (entities, total, capped) = match texts::candidates(conn, &compiled.texts)? {
        Candidates::Anyone => match young(conn, query, &compiled, &kinds)? {
            Some(young) => from_text(conn, query, &compiled, &young)?,
            None => from_index(conn, query, &compiled, &kinds, None)?,
        },
        Candidates::Among(them) if them.len() as u64 <= few(conn, query, &kinds)? => {
            from_text(conn, query, &compiled, &them)?
        }
        Candidates::Among(them) => from_index(conn, query, &compiled, &kinds, Some(&them))?,
    };
    let mut reading = entity::Reading::new(conn);
    let items = entities.iter().map(|entity| reading.present(*entity)).collect::<Result<_, _>>()?;
    Ok(Page { items, total, capped, seq })
}

/// Entities of the page, how many match, and whether there are more than that.
type Found = (Vec<i64>, u64, bool);

/// Up to how many candidates looking at each of them is cheaper than meeting enough of them on the way: with `h` of `n`
/// entities, a page of `l` is met after `l × n / h` steps.
fn few(conn: &Connection, query: &ListQuery, kinds: &[Kind]) -> rusqlite::Result<u64> {
    let wanted = query.offset.saturating_add(u64::from(query.limit));
    let even = (wanted.saturating_mul(counted(conn, kinds, query.scope)?) / STEP).isqrt();
    Ok(even.max(FEW))
}

/// So many that ended lately are looked at one by one. Where there are more, a page is full soon.
const YOUNG: usize = 20_000;

/// An end is seen so much earlier than its source says at the most: clocks differ.
const EARLIER: i64 = 86_400_000_000;

/// What may have begun or ended since the instant a filter asks for, from the indexes of both: what ended lately may have begun
/// long ago, and the order of a list is that of begins. `None`: it asks for none, or there is too much of it.
fn young(
    conn: &Connection,
    query: &ListQuery,
    compiled: &Compiled,
    kinds: &[Kind],
) -> rusqlite::Result<Option<Vec<i64>>> {
    let Some(since) = compiled.since.filter(|_| query.scope == Scope::All) else { return Ok(None) };
    let mut found: Vec<i64> = Vec::new();
    let begun = "SELECT id FROM entity INDEXED BY entity_newest WHERE kind = ?1 AND occurred >= ?2 LIMIT ?3";
    let mut begun = conn.prepare_cached(begun)?;
    for kind in kinds {
        for id in begun.query_map(params![kind_number(*kind), since, YOUNG as i64], |row| row.get(0))? {
            found.push(id?);
        }
    }
    let ended =
        "SELECT id FROM entity INDEXED BY entity_ended WHERE (open = 0 OR gone = 1) AND since >= ?1 LIMIT ?2";
    let mut ended = conn.prepare_cached(ended)?;
    for id in ended.query_map(params![since.saturating_sub(EARLIER), YOUNG as i64], |row| row.get(0))? {
        found.push(id?);
    }
    found.sort_unstable();
    found.dedup();
    Ok((found.len() < YOUNG).then_some(found))
}

fn from_text(
    conn: &Connection,
    query: &ListQuery,
    compiled: &Compiled,
    candidates: &[i64],
) -> rusqlite::Result<Found> {
    let list: Vec<String> = candidates.iter().map(i64::to_string).collect();
    let mut texts = Vec::new();
    let mut conditions = conditions(query, compiled, &compiled.texts, &mut texts, 1);
    // Before the texts are looked at.
    conditions.insert(0, kinds_condition(&query.kinds));
    let sql = format!(
        "SELECT e.id FROM json_each('[{}]') c CROSS JOIN entity e ON e.id = c.value
         WHERE {} ORDER BY {}",
        list.join(","),
        conditions.join(" AND "),
        order(query.order),
    );
    let found: Vec<i64> = conn
        .prepare(&sql)?
        .query_map(params_from_iter(&texts), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let total = found.len() as u64;
    let skip = usize::try_from(query.offset).unwrap_or(usize::MAX);
    Ok((found.into_iter().skip(skip).take(query.limit as usize).collect(), total, false))
}

/// Walks until the page is full. `among`: only these can have the texts.
fn from_index(
    conn: &Connection,
    query: &ListQuery,
    compiled: &Compiled,
    kinds: &[Kind],
    among: Option<&[i64]>,
) -> rusqlite::Result<Found> {
    let tested: &[String] = if among.is_some() { &[] } else { &compiled.texts };
    let mut texts = Vec::new();
    let conditions = conditions(query, compiled, tested, &mut texts, 3).join(" AND ");
    let walk = Walk {
        kinds,
        index: index(query.scope, compiled, query.order),
        by_rank: query.order == Order::Attention
            && (query.scope == Scope::Current || compiled.service.is_none()),
        order: query.order,
        conditions: &conditions,
        texts: &texts,
    };
    let shown = query.offset.saturating_add(u64::from(query.limit));
    // One more than wanted: it tells that there is more.
    let enough = usize::try_from(shown.saturating_add(1)).unwrap_or(usize::MAX);
    let found = match among {
        None => walk.first(conn, enough, |_| Ok(true))?,
        Some(them) => {
            let mut having = texts::Having::new(conn, &compiled.texts)?;
            walk.first(conn, enough, |entity| Ok(them.binary_search(&entity).is_ok() && having.has(entity)?))?
        }
    };
    let met = found.len() as u64;
    let skip = usize::try_from(query.offset).unwrap_or(usize::MAX);
    let page = found.into_iter().skip(skip).take(query.limit as usize).collect();
    if met <= shown {
        return Ok((page, met, false));
    }
    if !compiled.texts.is_empty() || !compiled.not_texts.is_empty() {
        return Ok((page, met, true));
    }
    let (total, capped) = if query.filter.is_empty() {
        (counted(conn, kinds, query.scope)?, false)
    } else {
        let up_to = shown.saturating_add(COUNTED);
        // A span of time narrows best where time comes first.
        let index = index(query.scope, compiled, Order::Newest);
        let total = count(conn, kinds, index, &conditions, up_to)?;
        (total, total >= up_to)
    };
    Ok((page, total, capped))
}

/// The index that gives the order, or narrows best.
fn index(scope: Scope, compiled: &Compiled, order: Order) -> &'static str {
    match (scope, compiled.service, order) {
        (Scope::Current, ..) => "entity_current",
        (Scope::All, Some(_), _) => "entity_service",
        (Scope::All, None, Order::Attention) => "entity_attention",
        (Scope::All, None, Order::Newest) => "entity_newest",
    }
}

/// Conditions on `entity e`. What they compare with is put into `texts`, as parameters from the number `first`.
fn conditions(
    query: &ListQuery,
    compiled: &Compiled,
    tested: &[String],
    texts: &mut Vec<String>,
    first: usize,
) -> Vec<String> {
    let mut all = compiled.conditions.clone();
    if query.scope == Scope::Current {
        all.push("e.current = 1".to_owned());
    }
    all.extend(text_conditions(tested, &compiled.not_texts, texts, first));
    if all.is_empty() {
        all.push("TRUE".to_owned());
    }
    all
}

/// Texts as conditions on `entity e`; the texts themselves become parameters behind those that are there, the first of
/// which has the number `first`.
pub fn text_conditions(
    wanted: &[String],
    unwanted: &[String],
    texts: &mut Vec<String>,
    first: usize,
) -> Vec<String> {
    let condition = |(text, found): (&String, &str)| {
        let number = texts.len() + first;
        texts.push(text.clone());
        format!("(SELECT instr(t.search, ?{number}) FROM entity_text t WHERE t.id = e.id) {found}")
    };
    let wanted = wanted.iter().map(|text| (text, "> 0"));
    wanted.chain(unwanted.iter().map(|text| (text, "= 0"))).map(condition).collect()
}

fn kinds_condition(kinds: &[Kind]) -> String {
    if kinds.is_empty() {
        return "TRUE".to_owned();
    }
    let numbers: Vec<String> = kinds.iter().map(|kind| kind_number(*kind).to_string()).collect();
    format!("e.kind IN ({})", numbers.join(","))
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

/// Current entities by source, kind and status, from the counters.
pub fn counts(conn: &Connection) -> rusqlite::Result<Vec<Count>> {
    let mut statement = conn.prepare_cached(
        "SELECT w.text, c.kind, c.rank, c.n FROM counter c JOIN word w ON w.id = c.source
         WHERE c.current = 1 AND c.n > 0 ORDER BY c.source, c.kind, c.rank",
    )?;
    let rows = statement.query_map([], |row| {
        let source = words::first(&row.get::<_, String>(0)?);
        Ok((source, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
    })?;
    let mut counts = Vec::new();
    for row in rows {
        let (source, kind, rank, n) = row?;
        // Both were written by this program; what it cannot read back is not counted.
        if let (Ok(source), Some(kind)) = (source.parse(), kind_of(kind)) {
            counts.push(Count { source, kind, status: status(rank), count: n.unsigned_abs() });
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

/// All current entities, and the lines of which more runs are wanted.
fn open_or_latest(conn: &Connection, recent: &Recent) -> rusqlite::Result<(Vec<Entity>, Vec<i64>)> {
    let sql = format!(
        "SELECT {}, CASE e.kind WHEN ?1 THEN (SELECT id FROM line WHERE id = e.line AND latest = e.id) END
         FROM entity e INDEXED BY entity_current CROSS JOIN version v ON v.id = e.version
         WHERE e.current = 1 ORDER BY e.kind, e.rank, e.occurred DESC",
        entity::COLUMNS,
    );
    let lined = if recent.runs > 0 { Some(kind_number(Kind::Run)) } else { None };
    let (mut entities, mut lines) = (Vec::new(), Vec::new());
    let mut reading = entity::Reading::new(conn);
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([lined])?;
    while let Some(row) = rows.next()? {
        let found = reading.entity(row)?;
        let line: Option<i64> = row.get(8)?;
        lines.extend(line.filter(|_| (recent.of)(&found.fact)));
        entities.push(found);
    }
    Ok((entities, lines))
}

/// All current entities, and more of some lines' runs.
pub fn current(conn: &Connection, recent: &Recent) -> rusqlite::Result<Vec<Entity>> {
    let (mut entities, lines) = open_or_latest(conn, recent)?;
    // Open runs of a line are current and stand above already.
    let mut earlier = conn.prepare_cached(
        "SELECT version FROM (
            SELECT version, current FROM entity WHERE line = ?1 AND gone = 0
            ORDER BY occurred DESC, id DESC LIMIT ?2
         ) WHERE current = 0",
    )?;
    let mut versions = Vec::new();
    for line in lines {
        for version in earlier.query_map([line, i64::from(recent.runs) + 1], |row| row.get(0))? {
            versions.push(version?);
        }
    }
    versions.extend(live(conn, recent.runs)?);
    entities.extend(entity::read_all(conn, &versions)?);
    Ok(entities)
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

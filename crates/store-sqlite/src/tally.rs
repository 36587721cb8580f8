//! What happened in each part of a span. Read through the indexes of time: nothing before the span but what held in it.

use std::collections::{BTreeMap, HashMap, HashSet};

use qd_model::filter::Field;
use qd_model::{Kind, SourceId, Status};
use qd_store::{Tally, TallyQuery};
use rusqlite::{Connection, OptionalExtension, params};

use crate::entity::{self, kind_number, micros, rank};
use crate::words;

/// Alerts of this rank and better do not fire: they inform, or are silenced.
const QUIET: Status = Status::Waiting;

/// Counts.
pub fn tally(conn: &Connection, query: TallyQuery) -> rusqlite::Result<Vec<Tally>> {
    let span = Span::new(&query, numbers(conn, &query.except)?);
    let mut counts = Counts::default();
    for kind in [Kind::Run, Kind::Deployment, Kind::Ticket] {
        beginnings(conn, &span, kind, &mut counts)?;
    }
    firing(conn, &span, &mut counts)?;
    counts.named(conn)
}

/// The numbers of sources; one that never told anything has none.
fn numbers(conn: &Connection, sources: &[SourceId]) -> rusqlite::Result<HashSet<i64>> {
    let mut find = conn.prepare_cached("SELECT id FROM word WHERE space = ?1 AND text = ?2")?;
    let mut numbers = HashSet::new();
    for source in sources {
        let word = words::word(&[source.to_string()]);
        let number = find.query_row(params![words::space(Field::Source), word], |row| row.get::<_, i64>(0));
        numbers.extend(number.optional()?);
    }
    Ok(numbers)
}

struct Span {
    from: i64,
    to: i64,
    width: i64,
    parts: i64,
    /// What was known then; never after the end.
    known: i64,
    /// What came later must not be told.
    past: bool,
    /// Numbers of the sources whose word does not count.
    except: HashSet<i64>,
}

impl Span {
    fn new(query: &TallyQuery, except: HashSet<i64>) -> Self {
        let (from, to) = (micros(query.from), micros(query.to));
        let parts = i64::from(query.parts.max(1));
        let known = query.as_of.map_or(to, |at| micros(at).min(to));
        Self {
            from,
            to,
            width: ((to - from) / parts).max(1),
            parts,
            known,
            past: query.as_of.is_some(),
            except,
        }
    }

    /// The part an instant falls into; the nearest one for instants outside.
    fn part(&self, at: i64) -> u32 {
        let part = (at - self.from).div_euclid(self.width).clamp(0, self.parts - 1);
        u32::try_from(part).unwrap_or_default()
    }
}

/// Kind, service, part and rank.
type Place = (i64, Option<i64>, u32, i64);

/// How many at each place, and how many of them began.
#[derive(Default)]
struct Counts(BTreeMap<Place, (u64, u64)>);

impl Counts {
    fn add(&mut self, kind: Kind, service: Option<i64>, part: u32, rank: i64, began: bool) {
        let (count, beginnings) = self.0.entry((kind_number(kind), service, part, rank)).or_default();
        *count += 1;
        *beginnings += u64::from(began);
    }

    fn named(self, conn: &Connection) -> rusqlite::Result<Vec<Tally>> {
        let mut names: HashMap<i64, String> = HashMap::new();
        let mut tallies = Vec::with_capacity(self.0.len());
        for ((kind, service, part, rank), (count, began)) in self.0 {
            let service = match service {
                None => None,
                Some(word) => Some(match names.get(&word) {
                    Some(name) => name.clone(),
                    None => {
                        let name = words::first(&words::text(conn, word)?);
                        names.insert(word, name.clone());
                        name
                    }
                }),
            };
            if let Some(kind) = entity::kind_of(kind) {
                tallies.push(Tally { kind, service, part, status: entity::status(rank), count, began });
            }
        }
        Ok(tallies)
    }
}

/// Runs, deployments and tickets that began in the span, each once, with the status it has, or had then.
fn beginnings(conn: &Connection, span: &Span, kind: Kind, counts: &mut Counts) -> rusqlite::Result<()> {
    let mut began = conn.prepare_cached(
        "SELECT id, service, occurred, rank, since, first_seen, source FROM entity INDEXED BY entity_newest
         WHERE kind = ?1 AND occurred >= ?2 AND occurred < ?3 AND gone = 0",
    )?;
    let mut then = conn.prepare_cached(
        "SELECT service, rank FROM version WHERE entity = ?1 AND from_at <= ?2 ORDER BY id DESC LIMIT 1",
    )?;
    let mut rows = began.query(params![kind_number(kind), span.from, span.to])?;
    while let Some(row) = rows.next()? {
        let (id, occurred): (i64, i64) = (row.get(0)?, row.get(2)?);
        let mut state: (Option<i64>, i64) = (row.get(1)?, row.get(3)?);
        if span.except.contains(&row.get(6)?) || (span.past && row.get::<_, i64>(5)? > span.known) {
            continue;
        }
        if span.past && row.get::<_, i64>(4)? > span.known {
            state = then.query_row(params![id, span.known], |row| Ok((row.get(0)?, row.get(1)?)))?;
        }
        counts.add(kind, state.0, span.part(occurred), state.1, true);
    }
    Ok(())
}

/// A time in which an alert fired, within one of its versions.
struct Fired {
    alert: i64,
    service: Option<i64>,
    rank: i64,
    from: i64,
    until: i64,
    /// The version began because the alert did.
    began: bool,
}

/// Alerts that fired at any moment of a part: once a part, with the worst rank they had in it.
fn firing(conn: &Connection, span: &Span, counts: &mut Counts) -> rusqlite::Result<()> {
    let still = "SELECT e.id, v.service, v.rank, v.from_at, NULL, v.transition, v.occurred, v.was, e.source
         FROM entity e INDEXED BY entity_open JOIN version v ON v.id = e.version
         WHERE e.open = 1 AND e.gone = 0 AND e.kind = ?1 AND e.rank < ?2 AND v.from_at <= ?4 AND ?3 < ?4";
    let ended =
        "SELECT e.id, v.service, v.rank, v.from_at, v.until_at, v.transition, v.occurred, v.was, e.source
         FROM version v INDEXED BY version_ended JOIN entity e ON e.id = v.entity
         WHERE v.until_at > ?3 AND v.from_at <= ?4 AND e.kind = ?1 AND v.rank < ?2 AND v.gone = 0";
    let mut worst: HashMap<(i64, u32), (i64, Option<i64>, bool)> = HashMap::new();
    for sql in [still, ended] {
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows =
            statement.query(params![kind_number(Kind::Alert), rank(QUIET), span.from, span.known])?;
        while let Some(row) = rows.next()? {
            if span.except.contains(&row.get(8)?) {
                continue;
            }
            let seen: i64 = row.get(3)?;
            let began: bool = row.get(5)?;
            // The backend knows better than we when it began, as long as we had not seen it otherwise before.
            let new = began && row.get::<_, Option<i64>>(7)?.is_none();
            let told = row.get::<_, Option<i64>>(6)?.filter(|told| new && *told < seen);
            let fired = Fired {
                alert: row.get(0)?,
                service: row.get(1)?,
                rank: row.get(2)?,
                from: told.unwrap_or(seen),
                until: row.get::<_, Option<i64>>(4)?.unwrap_or(span.known).min(span.known),
                began,
            };
            note(span, &fired, &mut worst);
        }
    }
    for ((_, part), (rank, service, began)) in worst {
        counts.add(Kind::Alert, service, part, rank, began);
    }
    Ok(())
}

fn note(span: &Span, fired: &Fired, worst: &mut HashMap<(i64, u32), (i64, Option<i64>, bool)>) {
    let first = span.part(fired.from);
    for part in first..=span.part(fired.until.saturating_sub(1)).max(first) {
        let began = fired.began && part == first && fired.from >= span.from;
        let entry = worst.entry((fired.alert, part)).or_insert((fired.rank, fired.service, began));
        entry.0 = entry.0.min(fired.rank);
        entry.2 |= began;
    }
}

//! What happened within a span: the marks of the watch strip. Only narrow columns are read, and one line of each body.

use std::collections::HashMap;

use qd_model::{EntityId, Kind, SourceId, Status};
use qd_store::{Happened, HappenedQuery, Happening, What};
use rusqlite::{Connection, Row, params_from_iter};

use crate::entity::{instant, kind_number, micros, rank, status};
use crate::filter::{self, Place};
use crate::{list, words};

/// Added with the second schema: when something of an entity last happened. Rows that were written before carry the instant
/// in their bodies.
pub const SCHEMA: &str = "
ALTER TABLE entity ADD COLUMN last INTEGER;
ALTER TABLE version ADD COLUMN last INTEGER;
UPDATE version SET last = CAST(1000000 * unixepoch(CASE (SELECT kind FROM entity e WHERE e.id = version.entity)
    WHEN 2 THEN json_extract(body, '$.ends_at')
    WHEN 3 THEN coalesce(json_extract(body, '$.closed_at'), json_extract(body, '$.changed_at'))
    ELSE json_extract(body, '$.finished_at') END, 'subsec') AS INTEGER);
UPDATE entity SET last = (SELECT last FROM version v WHERE v.id = entity.version);
";

/// Added with the sixth schema: failed runs by their end, with the numbers of [`Kind::Run`] and [`Status::Failing`]. Whoever
/// looks at a day would otherwise go through every failure there ever was.
pub const FAILED: &str = "
CREATE INDEX entity_failed ON entity (coalesce(last, occurred)) WHERE kind = 0 AND rank <= 1;
";

/// Added with the seventh schema: failures that ended and were overtaken, as of a run that was tried again under its number.
/// They happened all the same.
pub const OVERTAKEN: &str = "
CREATE INDEX version_overtaken ON version (last)
    WHERE transition = 1 AND rank <= 1 AND until_at IS NOT NULL AND last IS NOT NULL;
";

/// The versions that hold failures of runs which were overtaken and ended in a span. One that still stands, and only learned
/// something more since, is no such failure.
pub fn overtaken(from: i64, to: i64) -> String {
    format!(
        "version v INDEXED BY version_overtaken JOIN entity e ON e.id = v.entity
         WHERE v.transition = 1 AND v.rank <= 1 AND v.until_at IS NOT NULL AND v.last >= {from} AND v.last < {to}
            AND e.kind = {} AND NOT (e.rank <= 1 AND e.last IS v.last)",
        kind_number(Kind::Run)
    )
}

/// What happened, oldest first.
pub fn happened(conn: &Connection, query: &HappenedQuery) -> rusqlite::Result<Happened> {
    let compiled = filter::compile(conn, &query.filter, query.now, Place::Now)?;
    if compiled.nothing {
        return Ok(Happened::default());
    }
    let mut texts = Vec::new();
    let mut conditions = compiled.conditions.clone();
    let texts_tested = list::text_conditions(&compiled.texts, &compiled.not_texts, &mut texts, 1);
    conditions.extend(texts_tested.iter().cloned());
    conditions.push("TRUE".to_owned());
    let mut reading = Reading {
        conn,
        span: (micros(query.from), micros(query.to)),
        conditions: conditions.join(" AND "),
        texts,
        limit: query.limit as usize,
        names: HashMap::new(),
        found: Happened::default(),
    };
    for kind in [Kind::Deployment, Kind::Run, Kind::Ticket] {
        reading.points(kind)?;
    }
    reading.alerts()?;
    let then = filter::compile(conn, &query.filter, query.now, Place::Then)?;
    if !then.nothing {
        reading.conditions =
            [then.conditions.as_slice(), &texts_tested, &["TRUE".to_owned()]].concat().join(" AND ");
        reading.overtaken()?;
    }
    let mut found = reading.found;
    found.items.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    Ok(found)
}

struct Reading<'a> {
    conn: &'a Connection,
    /// Microseconds, half open.
    span: (i64, i64),
    conditions: String,
    texts: Vec<String>,
    limit: usize,
    /// First values of words by number.
    names: HashMap<i64, String>,
    found: Happened,
}

/// A row of `points`.
struct Point {
    source: i64,
    native: String,
    rank: i64,
    at: i64,
    service: Option<i64>,
    env: Option<i64>,
    title: Option<String>,
    went: Option<String>,
}

impl Reading<'_> {
    /// What is a moment: deployments, failed runs, new tickets.
    fn points(&mut self, kind: Kind) -> rusqlite::Result<()> {
        let (from, to) = self.span;
        let within = |column: &str| format!("{column} >= {from} AND {column} < {to}");
        let worst = rank(Status::Failing);
        let (index, at, condition, title) = match kind {
            // Who waits for a person has not gone anywhere yet.
            Kind::Deployment => (
                "entity_newest",
                "e.occurred",
                format!("{} AND e.rank <> {}", within("e.occurred"), rank(Status::Waiting)),
                "version",
            ),
            Kind::Run => {
                let ended = within("coalesce(e.last, e.occurred)");
                (
                    "entity_failed",
                    "coalesce(e.last, e.occurred)",
                    format!("e.rank <= {worst} AND {ended}"),
                    "title",
                )
            }
            Kind::Ticket | Kind::Alert => ("entity_newest", "e.occurred", within("e.occurred"), "summary"),
        };
        let sql = format!(
            "SELECT e.source, e.native, e.rank, {at}, e.service, e.env,
                json_extract(v.body, '$.{title}'), json_extract(v.body, '$.deployment_kind')
             FROM entity e INDEXED BY {index} JOIN version v ON v.id = e.version
             WHERE e.kind = {} AND {condition} AND {} ORDER BY {at} DESC LIMIT {}",
            kind_number(kind),
            self.conditions,
            self.limit + 1,
        );
        self.tell(kind, &sql)
    }

    /// Failures of runs that were tried again, whatever became of them.
    fn overtaken(&mut self) -> rusqlite::Result<()> {
        let (from, to) = self.span;
        let sql = format!(
            "SELECT e.source, e.native, v.rank, v.last, v.service, v.env, json_extract(v.body, '$.title'), NULL
             FROM {} AND {} GROUP BY v.entity, v.last ORDER BY v.last DESC LIMIT {}",
            overtaken(from, to),
            self.conditions,
            self.limit + 1,
        );
        self.tell(Kind::Run, &sql)
    }

    fn tell(&mut self, kind: Kind, sql: &str) -> rusqlite::Result<()> {
        let points: Vec<Point> = self
            .conn
            .prepare(sql)?
            .query_map(params_from_iter(&self.texts), point)?
            .collect::<Result<_, _>>()?;
        self.found.truncated |= points.len() > self.limit;
        for point in points.into_iter().take(self.limit) {
            let status = status(point.rank);
            let what = match (kind, point.went.as_deref()) {
                (Kind::Deployment, _) if status.is_failing() => What::DeploymentFailed,
                (Kind::Deployment, Some("rolledback")) => What::RolledBack,
                (Kind::Deployment, _) => What::Deployed,
                (Kind::Run, _) => What::RunFailed,
                _ => What::TicketOpened,
            };
            let Some(id) = self.id(point.source, kind, point.native)? else { continue };
            let (service, environment) = (self.name(point.service)?, self.name(point.env)?);
            let title = point.title.unwrap_or_default();
            self.push(Happening {
                id,
                what,
                status,
                title,
                service,
                environment,
                at: instant(point.at),
                until: None,
            });
        }
        Ok(())
    }

    /// What lasts. Of each alert that is open, or changed its state since the span began, the states it went through.
    fn alerts(&mut self) -> rusqlite::Result<()> {
        let (from, to) = self.span;
        let alert = kind_number(Kind::Alert);
        let sql = format!(
            "SELECT v.entity, e.source, e.native, v.from_at, v.rank, v.open AND NOT v.gone, v.occurred, v.last,
                v.name, v.service, v.env
             FROM (
                SELECT id FROM entity INDEXED BY entity_open WHERE kind = {alert} AND open = 1 AND gone = 0
                UNION SELECT entity FROM version INDEXED BY version_moment WHERE transition = 1 AND from_at >= {from}
             ) c
             CROSS JOIN entity e ON e.id = c.id
             CROSS JOIN version v INDEXED BY version_entity ON v.entity = e.id
             WHERE e.kind = {alert} AND v.transition = 1 AND {} ORDER BY v.entity, v.from_at, v.id",
            self.conditions,
        );
        let conn = self.conn;
        let mut statement = conn.prepare(&sql)?;
        let mut spans = spans(statement.query_map(params_from_iter(&self.texts), Held::read)?)?;
        spans.retain(|(held, until)| held.at < to && until.is_none_or(|until| until > from));
        spans.sort_unstable_by_key(|(held, _)| std::cmp::Reverse(held.at));
        self.found.truncated |= spans.len() > self.limit;
        spans.truncate(self.limit);
        for (held, until) in spans {
            let Some(id) = self.id(held.source, Kind::Alert, held.native)? else { continue };
            let (service, environment) = (self.name(held.service)?, self.name(held.env)?);
            let title = self.name(held.name)?.unwrap_or_default();
            let (at, until) = (instant(held.at), until.map(instant));
            let status = status(held.rank);
            self.push(Happening {
                id,
                what: What::AlertFired,
                status,
                title,
                service,
                environment,
                at,
                until,
            });
        }
        Ok(())
    }

    fn push(&mut self, happening: Happening) {
        self.found.items.push(happening);
    }

    fn id(&mut self, source: i64, kind: Kind, native: String) -> rusqlite::Result<Option<EntityId>> {
        let source: Option<SourceId> = self.name(Some(source))?.and_then(|name| name.parse().ok());
        Ok(source.map(|source| EntityId::new(&source, kind, native)))
    }

    fn name(&mut self, word: Option<i64>) -> rusqlite::Result<Option<String>> {
        let Some(word) = word else { return Ok(None) };
        if let Some(name) = self.names.get(&word) {
            return Ok(Some(name.clone()));
        }
        let name = words::first(&words::text(self.conn, word)?);
        self.names.insert(word, name.clone());
        Ok(Some(name))
    }
}

fn point(row: &Row<'_>) -> rusqlite::Result<Point> {
    Ok(Point {
        source: row.get(0)?,
        native: row.get(1)?,
        rank: row.get(2)?,
        at: row.get(3)?,
        service: row.get(4)?,
        env: row.get(5)?,
        title: row.get(6)?,
        went: row.get(7)?,
    })
}

/// A state an alert was in.
struct Held {
    entity: i64,
    source: i64,
    native: String,
    /// Its begin, as the backend says where that fits, else as we saw it.
    at: i64,
    /// When we saw it.
    seen: i64,
    rank: i64,
    firing: bool,
    last: Option<i64>,
    name: Option<i64>,
    service: Option<i64>,
    env: Option<i64>,
}

impl Held {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let seen: i64 = row.get(3)?;
        let occurred: Option<i64> = row.get(6)?;
        Ok(Self {
            entity: row.get(0)?,
            source: row.get(1)?,
            native: row.get(2)?,
            at: occurred.unwrap_or(seen).min(seen),
            seen,
            rank: row.get(4)?,
            firing: row.get(5)?,
            last: row.get(7)?,
            name: row.get(8)?,
            service: row.get(9)?,
            env: row.get(10)?,
        })
    }

    /// When the state before this one ended: as the backend says where it is over, else when we saw this one.
    fn ended(&self, begun: i64) -> i64 {
        let told = self.last.filter(|last| !self.firing && *last <= self.seen);
        told.unwrap_or(self.seen).max(begun)
    }
}

/// The times through which alerts held a state that fires, from all their states in order, alert by alert. `None` as end: it
/// still does.
fn spans(states: impl Iterator<Item = rusqlite::Result<Held>>) -> rusqlite::Result<Vec<(Held, Option<i64>)>> {
    let mut spans: Vec<(Held, Option<i64>)> = Vec::new();
    let mut open: Option<Held> = None;
    // Until when the last span of an entity went: the next one begins there at the earliest.
    let mut floor = (0, i64::MIN);
    for next in states {
        let next = next?;
        match open.take() {
            Some(held) if held.entity != next.entity => spans.push((held, None)),
            Some(held) if next.firing && held.rank == next.rank => {
                open = Some(held);
                continue;
            }
            Some(held) => {
                floor = (next.entity, next.ended(held.at));
                spans.push((held, Some(floor.1)));
                // It goes on in another way, and that began now and not with the alert.
                if next.firing {
                    open = Some(Held { at: floor.1, ..next });
                    continue;
                }
            }
            None => {}
        }
        let at = if floor.0 == next.entity { next.at.max(floor.1) } else { next.at };
        open = next.firing.then_some(Held { at, ..next });
    }
    spans.extend(open.map(|held| (held, None)));
    Ok(spans)
}

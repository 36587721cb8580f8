//! Rows of entities and of their versions: how a fact becomes columns, and columns a fact again.
//!
//! `version` holds the body of every state a fact ever had, `entity` only the narrow columns that lists filter and sort
//! by, for the version that holds now. A body is stored once.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use qd_model::filter::Field;
use qd_model::{EntityId, Fact, Kind, Links, ServiceRef, SourceId, Status};
use qd_store::Entity;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::body;
use crate::words::{self, Words};

pub const SCHEMA: &str = "
CREATE TABLE line (
    id     INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    name   TEXT NOT NULL,    -- what the fact calls its line
    latest INTEGER,          -- entity: the newest that is not gone
    UNIQUE (source, kind, name)
);

CREATE TABLE entity (
    id          INTEGER PRIMARY KEY,
    source      INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    native      TEXT NOT NULL,
    version     INTEGER NOT NULL, -- the one that holds now
    fingerprint INTEGER NOT NULL, -- of fact and links: equal means nothing to write
    first_seen  INTEGER NOT NULL, -- all times: microseconds since 1970, UTC
    since       INTEGER NOT NULL, -- begin of the version that holds now
    absent      INTEGER NOT NULL DEFAULT 0, -- complete answers in a row without it
    line        INTEGER,
    current     INTEGER NOT NULL, -- open or latest of its line, and not gone
    open        INTEGER NOT NULL,
    gone        INTEGER NOT NULL,
    rank        INTEGER NOT NULL, -- status, worst first
    occurred    INTEGER,
    inferred    INTEGER NOT NULL,
    service INTEGER, state INTEGER NOT NULL, env INTEGER, severity INTEGER, author INTEGER, assignee INTEGER,
    type INTEGER, name INTEGER, ref INTEGER, repo INTEGER
);
CREATE UNIQUE INDEX entity_identity ON entity (source, kind, native);
CREATE INDEX entity_current ON entity (kind, rank, occurred DESC, state, service) WHERE current = 1;
CREATE INDEX entity_current_service ON entity (source, service) WHERE current = 1;
CREATE INDEX entity_open ON entity (source, kind) WHERE open = 1 AND gone = 0;
CREATE INDEX entity_newest ON entity (kind, occurred DESC, state);
CREATE INDEX entity_attention ON entity (kind, rank, occurred DESC, state);
CREATE INDEX entity_service ON entity (service, kind, occurred DESC, state, rank);
CREATE INDEX entity_line ON entity (line, occurred DESC) WHERE line IS NOT NULL;
CREATE INDEX entity_since ON entity (since);

CREATE TABLE version (
    id         INTEGER PRIMARY KEY,
    entity     INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    from_at    INTEGER NOT NULL, -- inclusive: when we saw it
    until_at   INTEGER,          -- exclusive; NULL while it holds
    transition INTEGER NOT NULL, -- the state word changed
    was        INTEGER,          -- the state before, when there was one
    was_gone   INTEGER NOT NULL, -- before, it was gone
    open INTEGER NOT NULL, gone INTEGER NOT NULL, rank INTEGER NOT NULL, occurred INTEGER, inferred INTEGER NOT NULL,
    service INTEGER, state INTEGER NOT NULL, env INTEGER, severity INTEGER, author INTEGER, assignee INTEGER,
    type INTEGER, name INTEGER, ref INTEGER, repo INTEGER,
    body TEXT NOT NULL -- the fact as JSON
);
CREATE INDEX version_entity ON version (entity, from_at);
CREATE INDEX version_ended ON version (until_at) WHERE until_at IS NOT NULL;
CREATE INDEX version_moment ON version (from_at) WHERE transition = 1;

-- How many entities there are per kind, currency and status: counted as they change, never by reading them all.
CREATE TABLE counter (
    kind INTEGER NOT NULL, current INTEGER NOT NULL, rank INTEGER NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (kind, current, rank)
) WITHOUT ROWID;
CREATE TRIGGER entity_comes AFTER INSERT ON entity BEGIN
    INSERT INTO counter VALUES (new.kind, new.current, new.rank, 1)
        ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER entity_goes AFTER DELETE ON entity BEGIN
    UPDATE counter SET n = n - 1 WHERE kind = old.kind AND current = old.current AND rank = old.rank;
END;
CREATE TRIGGER entity_moves AFTER UPDATE OF current, rank ON entity
WHEN old.current <> new.current OR old.rank <> new.rank BEGIN
    UPDATE counter SET n = n - 1 WHERE kind = old.kind AND current = old.current AND rank = old.rank;
    INSERT INTO counter VALUES (new.kind, new.current, new.rank, 1)
        ON CONFLICT DO UPDATE SET n = n + 1;
END;
";

/// Fields with a column of their own, with the columns' names; `source` and `kind` are columns of `entity` alone.
pub const FACETS: [(Field, &str); 10] = [
    (Field::Service, "service"),
    (Field::State, "state"),
    (Field::Env, "env"),
    (Field::Severity, "severity"),
    (Field::Author, "author"),
    (Field::Assignee, "assignee"),
    (Field::Type, "type"),
    (Field::Name, "name"),
    (Field::Ref, "ref"),
    (Field::Repo, "repo"),
];

/// Statuses by the number that stands for each in the file: the order of attention, in which lists are read. Files of people
/// hold these numbers, so another order needs a migration.
pub const RANKS: [Status; 8] = [
    Status::Paging,
    Status::Failing,
    Status::Warn,
    Status::Waiting,
    Status::Unknown,
    Status::Running,
    Status::Ok,
    Status::Inactive,
];

/// Place of a status in the order of attention.
pub fn rank(status: Status) -> i64 {
    RANKS.iter().zip(0..).find(|(known, _)| **known == status).map_or(4, |(_, rank)| rank)
}

/// The status at a place; a place nobody knows is unknown.
pub fn status(rank: i64) -> Status {
    usize::try_from(rank).ok().and_then(|rank| RANKS.get(rank)).copied().unwrap_or(Status::Unknown)
}

/// Number of a kind in the file.
pub fn kind_number(kind: Kind) -> i64 {
    match kind {
        Kind::Run => 0,
        Kind::Deployment => 1,
        Kind::Alert => 2,
        Kind::Ticket => 3,
    }
}

/// The kind of a number.
pub fn kind_of(number: i64) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind_number(*kind) == number)
}

/// An instant as stored.
pub fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// An instant from storage. Out of range (a damaged row) becomes the epoch.
pub fn instant(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// The columns that entity and version share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    pub open: bool,
    pub rank: i64,
    pub occurred: Option<i64>,
    /// The latest instant that the backend tells.
    pub last: Option<i64>,
    pub inferred: bool,
    /// In the order of [`FACETS`].
    pub facets: [Option<i64>; 10],
}

impl Columns {
    /// What lists need to know of a fact.
    pub fn of(conn: &Connection, words: &mut Words, fact: &Fact, links: &Links) -> rusqlite::Result<Self> {
        let mut facets = [None; 10];
        for (slot, (field, _)) in facets.iter_mut().zip(FACETS) {
            *slot = words.id(conn, field, &field.values(fact, links))?;
        }
        Ok(Self {
            open: fact.is_open(),
            rank: rank(fact.signal().status),
            occurred: fact.occurred_at().map(micros),
            last: fact.last_at().map(micros),
            inferred: links.service.as_ref().is_some_and(|service| service.inferred),
            facets,
        })
    }

    /// Names of the columns with their values.
    pub fn cells(&self) -> impl Iterator<Item = (&'static str, Option<i64>)> {
        let own = [
            ("open", Some(self.open.into())),
            ("rank", Some(self.rank)),
            ("occurred", self.occurred),
            ("inferred", Some(self.inferred.into())),
            ("last", self.last),
        ];
        own.into_iter().chain(FACETS.into_iter().map(|(_, name)| name).zip(self.facets))
    }

    /// The number of the service's word.
    pub fn service(&self) -> Option<i64> {
        self.facets[0]
    }

    /// The number of the environment's word.
    pub fn env(&self) -> Option<i64> {
        self.facets[2]
    }
}

/// What the writer needs to know of a stored entity.
#[derive(Debug, Clone)]
pub struct Stored {
    pub id: i64,
    pub version: i64,
    pub fingerprint: i64,
    pub since: i64,
    pub absent: u32,
    pub line: Option<i64>,
    pub gone: bool,
    pub service: Option<i64>,
    pub state: i64,
}

/// Looks an entity up by its identity.
pub fn find(conn: &Connection, source: i64, kind: Kind, native: &str) -> rusqlite::Result<Option<Stored>> {
    conn.prepare_cached(
        "SELECT id, version, fingerprint, since, absent, line, gone, service, state FROM entity
         WHERE source = ?1 AND kind = ?2 AND native = ?3",
    )?
    .query_row(params![source, kind_number(kind), native], stored)
    .optional()
}

/// Reads the columns that [`find`] selects.
pub fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        id: row.get(0)?,
        version: row.get(1)?,
        fingerprint: row.get(2)?,
        since: row.get(3)?,
        absent: row.get(4)?,
        line: row.get(5)?,
        gone: row.get(6)?,
        service: row.get(7)?,
        state: row.get(8)?,
    })
}

/// The body of a version.
pub fn body(conn: &Connection, version: i64) -> rusqlite::Result<String> {
    conn.prepare_cached("SELECT body FROM version WHERE id = ?1")?.query_row([version], |row| row.get(0))
}

/// Service and environment from their words.
pub fn links(
    conn: &Connection,
    service: Option<i64>,
    env: Option<i64>,
    inferred: bool,
) -> rusqlite::Result<Links> {
    let read =
        |id: Option<i64>| id.map(|id| words::text(conn, id).map(|text| words::first(&text))).transpose();
    Ok(Links { service: read(service)?.map(|name| ServiceRef { name, inferred }), environment: read(env)? })
}

/// The entities of many versions, in their order.
pub fn read_all(conn: &Connection, versions: &[i64]) -> rusqlite::Result<Vec<Entity>> {
    let mut reading = Reading::new(conn);
    versions.iter().map(|version| reading.version(*version)).collect()
}

/// Reads many entities. Words are looked up once: many share them.
pub struct Reading<'a> {
    conn: &'a Connection,
    known: HashMap<i64, String>,
}

impl<'a> Reading<'a> {
    /// Knows no word yet.
    pub fn new(conn: &'a Connection) -> Self {
        Self { conn, known: HashMap::new() }
    }

    /// The entity as one of its versions tells it.
    pub fn version(&mut self, version: i64) -> rusqlite::Result<Entity> {
        self.conn.prepare_cached(&OF_VERSION)?.query_row([version], |row| self.entity(row))
    }

    /// An entity as it is now.
    pub fn present(&mut self, entity: i64) -> rusqlite::Result<Entity> {
        self.conn.prepare_cached(&OF_ENTITY)?.query_row([entity], |row| self.entity(row))
    }

    /// The entity of a row that begins with [`COLUMNS`].
    pub fn entity(&mut self, row: &Row<'_>) -> rusqlite::Result<Entity> {
        let inferred = row.get(3)?;
        let service = self.word(row.get(1)?)?.map(|name| ServiceRef { name, inferred });
        entity(row, Links { service, environment: self.word(row.get(2)?)? })
    }

    fn word(&mut self, id: Option<i64>) -> rusqlite::Result<Option<String>> {
        let Some(id) = id else { return Ok(None) };
        if let Some(word) = self.known.get(&id) {
            return Ok(Some(word.clone()));
        }
        let word = words::first(&words::text(self.conn, id)?);
        self.known.insert(id, word.clone());
        Ok(Some(word))
    }
}

/// What is read of an entity `e` and its version `v`.
pub const COLUMNS: &str = "v.body, v.service, v.env, v.inferred, e.first_seen, v.from_at, v.seq, v.gone";

static OF_VERSION: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {COLUMNS} FROM version v CROSS JOIN entity e ON e.id = v.entity WHERE v.id = ?1")
});
static OF_ENTITY: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {COLUMNS} FROM entity e CROSS JOIN version v ON v.id = e.version WHERE e.id = ?1")
});

/// The entity of a row of [`COLUMNS`], with its links.
fn entity(row: &Row<'_>, links: Links) -> rusqlite::Result<Entity> {
    let since: i64 = row.get(5)?;
    let seq: i64 = row.get(6)?;
    Ok(Entity {
        fact: body::read(row.get_ref(0)?.as_str()?)?,
        links,
        first_seen: instant(row.get(4)?),
        changed: instant(since),
        seq: seq.unsigned_abs(),
        gone_at: row.get::<_, bool>(7)?.then(|| instant(since)),
    })
}

/// The entity as one of its versions tells it.
pub fn read(conn: &Connection, version: i64) -> rusqlite::Result<Entity> {
    Reading::new(conn).version(version)
}

/// The identity of an entity by its row.
pub fn identity(conn: &Connection, entity: i64) -> rusqlite::Result<Option<EntityId>> {
    let row = conn
        .prepare_cached(
            "SELECT w.text, e.kind, e.native FROM entity e JOIN word w ON w.id = e.source WHERE e.id = ?1",
        )?
        .query_row([entity], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
        })
        .optional()?;
    Ok(row.and_then(|(source, kind, native)| {
        let source: SourceId = words::first(&source).parse().ok()?;
        Some(EntityId::new(&source, kind_of(kind)?, native))
    }))
}

/// Marks what has changed: equal fingerprints mean equal facts and links. FNV-1a, because the value stands in the file
/// and must mean the same in every build.
pub fn fingerprint(body: &str, links: &Links) -> i64 {
    let service = links.service.as_ref();
    let parts: [&[u8]; 4] = [
        body.as_bytes(),
        service.map_or(b"", |service| service.name.as_bytes()),
        if service.is_some_and(|service| service.inferred) { b"i" } else { b"c" },
        links.environment.as_deref().unwrap_or("").as_bytes(),
    ];
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.iter().chain(&[0]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    i64::from_ne_bytes(hash.to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_statuses_are_in_the_order_of_attention() {
        assert_eq!(RANKS, Status::ALL, "a status that is new to the model needs a number and a migration");
    }
}

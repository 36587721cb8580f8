//! The row of an entity as it is written: only what is another is updated, because every column that is written is moved in
//! every index it stands in.

use rusqlite::types::Value;
use rusqlite::{Connection, ToSql, params_from_iter};

use crate::entity::{Columns, FACETS, Stored};

/// What an entity's row says of its present version, as far as lists filter and sort by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    pub line: Option<i64>,
    pub current: bool,
    pub gone: bool,
    pub columns: Columns,
}

/// Which version holds, and since when.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    pub id: i64,
    pub fingerprint: i64,
    pub since: i64,
}

impl Present {
    /// What is stored of an entity.
    pub fn read(conn: &Connection, entity: i64) -> rusqlite::Result<Self> {
        let mut statement = conn.prepare_cached(
            "SELECT line, current, gone, open, rank, occurred, inferred, last,
                service, state, env, severity, author, assignee, type, name, ref, repo
             FROM entity WHERE id = ?1",
        )?;
        statement.query_row([entity], |row| {
            let mut facets = [None; FACETS.len()];
            for (place, slot) in facets.iter_mut().enumerate() {
                *slot = row.get(8 + place)?;
            }
            let columns = Columns {
                open: row.get(3)?,
                rank: row.get(4)?,
                occurred: row.get(5)?,
                inferred: row.get(6)?,
                last: row.get(7)?,
                facets,
            };
            Ok(Self { line: row.get(0)?, current: row.get(1)?, gone: row.get(2)?, columns })
        })
    }

    /// Names of columns with their values.
    fn cells(&self) -> impl Iterator<Item = (&'static str, Option<i64>)> {
        let own =
            [("line", self.line), ("current", Some(self.current.into())), ("gone", Some(self.gone.into()))];
        own.into_iter().chain(self.columns.cells())
    }
}

/// Writes a new entity whose first version is written next; returns its id.
pub fn insert(
    conn: &Connection,
    (source, kind, native): (i64, i64, &str),
    version: Version,
    present: &Present,
) -> rusqlite::Result<i64> {
    let Version { id, fingerprint, since } = version;
    let own: [(&str, &dyn ToSql); 7] = [
        ("source", &source),
        ("kind", &kind),
        ("native", &native),
        ("version", &id),
        ("fingerprint", &fingerprint),
        ("first_seen", &since),
        ("since", &since),
    ];
    insert_into(conn, "entity", &own, present.cells())
}

/// Inserts a row into a table: the cells that are its own, then those it shares with other tables. Returns its id.
pub fn insert_into(
    conn: &Connection,
    table: &str,
    own: &[(&str, &dyn ToSql)],
    shared: impl Iterator<Item = (&'static str, Option<i64>)>,
) -> rusqlite::Result<i64> {
    let (names, values): (Vec<&str>, Vec<Option<i64>>) = shared.unzip();
    let names: Vec<&str> = own.iter().map(|(name, _)| *name).chain(names).collect();
    let places = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO {table} ({}) VALUES ({places})", names.join(", "));
    let values = values.iter().map(|value| value as &dyn ToSql);
    let values = own.iter().map(|(_, value)| *value).chain(values);
    conn.prepare_cached(&sql)?.insert(params_from_iter(values))
}

/// Writes the next version into an entity's row.
pub fn update(
    conn: &Connection,
    stored: &Stored,
    version: Version,
    before: &Present,
    after: &Present,
) -> rusqlite::Result<()> {
    let mut sql = "UPDATE entity SET version = ?2, fingerprint = ?3, since = ?4, absent = 0".to_owned();
    let Version { id, fingerprint, since } = version;
    let mut values: Vec<Value> = [stored.id, id, fingerprint, since].into_iter().map(Value::from).collect();
    for ((name, old), (_, new)) in before.cells().zip(after.cells()) {
        if old != new {
            values.push(new.map_or(Value::Null, Value::from));
            sql.push_str(&format!(", {name} = ?{}", values.len()));
        }
    }
    sql.push_str(" WHERE id = ?1");
    conn.prepare_cached(&sql)?.execute(params_from_iter(values)).map(drop)
}

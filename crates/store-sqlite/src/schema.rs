//! The schema and its migrations. The SQL of each table stands beside the code that speaks to it; here it is put in order.
//!
//! A released migration is never changed: a new one is added behind it.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::{actions, cache, changes, entity, happened, health, readings, search, words};

/// What a fresh file is made of.
const FIRST: [&str; 7] = [
    words::SCHEMA,
    entity::SCHEMA,
    search::SCHEMA,
    changes::SCHEMA,
    health::SCHEMA,
    actions::SCHEMA,
    cache::SCHEMA,
];

/// The newest schema this version knows.
pub const KNOWN: u32 = 2;

/// The schema of an open file. 0: it has none yet.
pub fn found(conn: &Connection) -> rusqlite::Result<u32> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings a file to [`KNOWN`].
pub fn migrate(conn: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    let (first, second) = (FIRST.join("\n"), [happened::SCHEMA, readings::SCHEMA].join("\n"));
    Migrations::new(vec![M::up(&first), M::up(&second)]).to_latest(conn)
}

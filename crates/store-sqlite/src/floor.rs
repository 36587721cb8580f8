//! Plain SQLite, for benches: what the same work costs when nothing is done but it.

use std::path::Path;

use rusqlite::{Connection, params};

/// A table of bodies and texts with one index, written and read without anything around it.
pub struct Floor {
    conn: Connection,
}

impl Floor {
    /// Creates the table in a new file, as durable as the store.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn create(path: &Path) -> rusqlite::Result<Self> {
        let conn = Connection::open(path)?;
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;
             CREATE TABLE row (id INTEGER PRIMARY KEY, occurred INTEGER, body TEXT NOT NULL, search TEXT NOT NULL);
             CREATE INDEX row_occurred ON row (occurred DESC);",
        )?;
        Ok(Self { conn })
    }

    /// Inserts rows in one transaction.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn insert(&mut self, rows: &[(i64, String, String)]) -> rusqlite::Result<()> {
        let tx = self.conn.transaction()?;
        for (occurred, body, search) in rows {
            tx.prepare_cached("INSERT INTO row (occurred, body, search) VALUES (?1, ?2, ?3)")?
                .execute(params![occurred, body, search])?;
        }
        tx.commit()
    }

    /// Reads the newest bodies; returns how many bytes they have.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn newest(&self, limit: u32) -> rusqlite::Result<usize> {
        self.sum("SELECT body FROM row ORDER BY occurred DESC LIMIT ?1", params![limit])
    }

    /// Reads the bodies of rows whose text is like this, with a scan; returns how many bytes they have.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn like(&self, text: &str, limit: u32) -> rusqlite::Result<usize> {
        let sql = "SELECT body FROM row WHERE search LIKE ?1 ORDER BY occurred DESC LIMIT ?2";
        self.sum(sql, params![format!("%{text}%"), limit])
    }

    fn sum(&self, sql: &str, params: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<usize> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            bytes += row.get_ref(0)?.as_str()?.len();
        }
        Ok(bytes)
    }
}

//! How many entities there are per source, kind, currency and status: counted as they change, never by reading them all.
//!
//! Counted here and not by triggers, which took a third of the time of storing: a transaction adds up what it changed and
//! writes it once.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

/// What a transaction changes in the counters. [`write`](Self::write) must be called before it is committed.
#[derive(Default)]
#[must_use]
pub struct Counting(BTreeMap<Counted, i64>);

/// What is counted together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    /// Number of the source.
    pub source: i64,
    /// Number of the kind.
    pub kind: i64,
    /// It is current.
    pub current: bool,
    /// Rank of its status.
    pub rank: i64,
}

impl Counting {
    /// An entity is now that.
    pub fn comes(&mut self, what: Counted) {
        *self.0.entry(what).or_default() += 1;
    }

    /// An entity is no longer that.
    pub fn goes(&mut self, what: Counted) {
        *self.0.entry(what).or_default() -= 1;
    }

    /// Adds it all to what is stored.
    pub fn write(self, conn: &Connection) -> rusqlite::Result<()> {
        let mut statement = conn.prepare_cached(
            "INSERT INTO counter VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET n = n + excluded.n",
        )?;
        for (Counted { source, kind, current, rank }, more) in self.0 {
            if more != 0 {
                statement.execute(params![source, kind, current, rank, more])?;
            }
        }
        Ok(())
    }
}

/// Source, kind, currency and rank, and by how much too many are counted.
#[cfg(test)]
type Wrong = (i64, i64, i64, i64, i64);

/// Counters and what they count must agree: for tests.
#[cfg(test)]
pub fn wrong(conn: &Connection) -> rusqlite::Result<Vec<Wrong>> {
    conn.prepare(
        "SELECT source, kind, current, rank, sum(n) FROM (
            SELECT source, kind, current, rank, n FROM counter
            UNION ALL SELECT source, kind, current, rank, -count(*) FROM entity GROUP BY source, kind, current, rank
         ) GROUP BY source, kind, current, rank HAVING sum(n) <> 0",
    )?
    .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
    .collect()
}

#[cfg(test)]
mod tests {
    use qd_model::Kind;
    use qd_store::Store;
    use qd_store::testkit::town::Town;

    use super::*;
    use crate::SqliteStore;

    #[tokio::test]
    async fn counters_agree_with_what_they_count_whatever_was_done() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("history.db");
        let (store, _) = SqliteStore::open(&path, Town::begin()).expect("it opens");
        let conn = Connection::open(&path).expect("it is a database");
        let right = |after: &str| assert_eq!(wrong(&conn).expect("they are read"), [], "after {after}");
        let mut last = Town::begin();
        for poll in Town::new(3).polls(900, 100) {
            last = poll.at;
            store.ingest(&poll.source, poll.ingest, poll.at).await.expect("it is stored");
        }
        right("many polls");
        store.prune(last).await.expect("it is pruned");
        right("retention");
        store.forget(&Town::source(Kind::Run)).await.expect("it is forgotten");
        right("a source was removed");
        assert!(!store.counts().await.expect("they are read").is_empty(), "something is left");
    }
}

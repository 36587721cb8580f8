//! The schema and its migrations. The SQL of each table stands beside the code that speaks to it; here it is put in order.
//!
//! A released migration is never changed: a new one is added behind it.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::{actions, cache, changes, entity, happened, health, notes, readings, search, words};

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

/// Counting moves from triggers into the writer; indexes lose what no question asks, and gain the order in which lines are
/// asked. Takes about a second for a million transitions.
const THIRD: &str = "
DROP TRIGGER IF EXISTS entity_comes;
DROP TRIGGER IF EXISTS entity_goes;
DROP TRIGGER IF EXISTS entity_moves;
DROP INDEX IF EXISTS entity_current_service;
DROP INDEX IF EXISTS entity_since;
DROP INDEX IF EXISTS entity_ended;
CREATE INDEX entity_ended ON entity (since) WHERE open = 0 OR gone = 1;
DROP INDEX IF EXISTS entity_line;
CREATE INDEX entity_line ON entity (line, occurred DESC, id DESC) WHERE line IS NOT NULL AND gone = 0;
";

/// Counted per source, because what a source that cannot be read said last counts as unknown.
const FOURTH: &str = "
DROP TABLE counter;
CREATE TABLE counter (
    source INTEGER NOT NULL, kind INTEGER NOT NULL, current INTEGER NOT NULL, rank INTEGER NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (source, kind, current, rank)
) WITHOUT ROWID;
INSERT INTO counter SELECT source, kind, current, rank, count(*) FROM entity GROUP BY source, kind, current, rank;
";

/// The versions of an entity are looked up by its number alone: they come in the order of their own. And lists of failed runs
/// by their end. Takes about a second for a million transitions.
const SIXTH: &str = "
DROP INDEX version_entity;
CREATE INDEX version_entity ON version (entity);
";

/// The newest schema this version knows.
pub const KNOWN: u32 = 7;

/// The schema of an open file. 0: it has none yet.
pub fn found(conn: &Connection) -> rusqlite::Result<u32> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings a file to [`KNOWN`].
pub fn migrate(conn: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    let (first, second) = (FIRST.join("\n"), [happened::SCHEMA, readings::SCHEMA].join("\n"));
    let sixth = [SIXTH, happened::FAILED].join("\n");
    let all = [first.as_str(), &second, THIRD, FOURTH, notes::SCHEMA].into_iter().map(M::up);
    let sixth = M::up_with_hook(&sixth, |tx| Ok(search::without_places(tx)?));
    Migrations::new(all.chain([sixth, M::up(happened::OVERTAKEN)]).collect()).to_latest(conn)
}

#[cfg(test)]
mod tests {
    use qd_model::{AlertState, Coverage, Cursor, Fact, Links};
    use qd_store::testkit::sample::{alert, at, source};
    use qd_store::{Ingest, NotesQuery, Store};

    use super::*;
    use crate::{SqliteStore, counters, entity};

    /// What the first schema held of one firing alert, as it was written then: with `null` where a value is absent.
    fn first(path: &std::path::Path, fact: &Fact) {
        let mut conn = Connection::open(path).expect("a file");
        Migrations::new(vec![M::up(&FIRST.join("\n"))]).to_latest(&mut conn).expect("the first schema");
        let body = serde_json::to_string(fact).expect("a fact is JSON");
        assert!(body.contains(":null"), "{body}");
        let fingerprint = entity::fingerprint(&body, &Links::default());
        let seen = at(0).timestamp_micros();
        conn.execute_batch(
            "INSERT INTO note VALUES ('first_read sample', 'a memo of the first schema');
             INSERT INTO word VALUES (1, 4, '\u{1}sample\u{1}', '\u{1}sample\u{1}');
             INSERT INTO word VALUES (2, 2, '\u{1}firing\u{1}', '\u{1}firing\u{1}');
             UPDATE sequence SET seq = 1;",
        )
        .expect("words");
        conn.execute(
            "INSERT INTO version (id, entity, seq, from_at, transition, was_gone, open, gone, rank, inferred, state, body)
             VALUES (1, 1, 1, ?1, 1, 0, 1, 0, 1, 0, 2, ?2)",
            rusqlite::params![seen, body],
        )
        .expect("a version");
        conn.execute(
            "INSERT INTO entity (id, source, kind, native, version, fingerprint, first_seen, since, current, open, gone,
                rank, inferred, state)
             VALUES (1, 1, 2, ?1, 1, ?2, ?3, ?3, 1, 1, 0, 1, 0, 2)",
            rusqlite::params![fact.id().native, fingerprint, seen],
        )
        .expect("an entity");
    }

    #[test]
    fn failed_runs_are_indexed_by_the_numbers_that_they_have() {
        let condition = format!(
            "kind = {} AND rank <= {}",
            entity::kind_number(qd_model::Kind::Run),
            entity::rank(qd_model::Status::Failing)
        );
        assert!(happened::FAILED.contains(&condition), "{condition}");
        let rank = format!("rank <= {} AND", entity::rank(qd_model::Status::Failing));
        assert!(happened::OVERTAKEN.contains(&rank) && happened::overtaken(0, 1).contains(&rank), "{rank}");
    }

    #[tokio::test]
    async fn a_file_of_the_first_schema_goes_on_as_if_nothing_had_happened() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("history.db");
        let fact = Fact::Alert(alert("1", AlertState::Firing, None));
        first(&path, &fact);
        let (store, set_aside) = SqliteStore::open(&path, at(1)).expect("it opens");
        assert_eq!(set_aside, None);
        let memo = store.memo("first_read sample").await.expect("it is read");
        assert_eq!(
            memo.as_deref(),
            Some("a memo of the first schema"),
            "the table got another name, not other rows"
        );
        assert_eq!(
            store.notes(&NotesQuery::default()).await.expect("they are read").total,
            0,
            "a memo is no note"
        );
        let ingest = |facts: Vec<Fact>| Ingest {
            facts: facts.into_iter().map(|fact| (fact, Links::default())).collect(),
            coverage: Coverage::Complete(vec![qd_model::Kind::Alert]),
            next: Cursor::default(),
        };
        let same = store.ingest(&source(), ingest(vec![fact.clone()]), at(2)).await.expect("it is stored");
        assert!(same.is_empty(), "the same fact in a shorter form is no change: {same:?}");
        let read = store.get(fact.id(), None).await.expect("it is read").expect("it is there");
        assert_eq!((read.fact, read.changed), (fact.clone(), at(0)));
        let gone = store.ingest(&source(), ingest(Vec::new()), at(3)).await.expect("it is stored");
        assert_eq!(gone.transitions.len(), 1);
        assert_eq!(store.history(fact.id()).await.expect("it is read").len(), 2);
        drop(store);
        let conn = Connection::open(&path).expect("it is a database");
        assert_eq!(found(&conn).expect("a number"), KNOWN);
        assert_eq!(counters::wrong(&conn).expect("they are read"), []);
    }
}

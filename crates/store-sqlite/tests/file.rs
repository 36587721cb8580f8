//! The file itself: who may read it, whose it is, what becomes of a damaged one, and of two processes on one.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use qd_model::{AlertState, Fact, Filter, Kind, RunResult};
use qd_store::testkit::sample::{alert, at, put, run, source};
use qd_store::{HappenedQuery, Holder, ListQuery, Recent, SetAside, Store, StoreError};
use qd_store_sqlite::SqliteStore;

fn open(path: &Path) -> (SqliteStore, Option<SetAside>) {
    SqliteStore::open(path, at(0)).expect("the store opens")
}

fn alerts(from: u32, to: u32) -> impl Iterator<Item = Fact> {
    (from..to).map(|n| Fact::Alert(alert(&n.to_string(), AlertState::Firing, Some(at(0)))))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

async fn stored(store: &SqliteStore) -> u64 {
    store.stored(Kind::Alert).await.expect("the store can be read")
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("new/home");
    let path = home.join("history.db");
    let (store, _) = open(&path);
    put(&store, alerts(0, 10), at(0)).await;
    let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&home), 0o700);
    for suffix in ["", "-wal", "-shm", ".lock"] {
        assert_eq!(mode(&beside(&path, suffix)), 0o600, "{suffix}");
    }
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.db");
    let (store, _) = open(&path);
    put(&store, alerts(0, 10), at(0)).await;
    drop(store);
    assert!(!beside(&path, "-wal").exists(), "a store that was dropped is closed properly");
    let (store, set_aside) = open(&path);
    assert_eq!((stored(&store).await, set_aside), (10, None));
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.db");
    drop(open(&path));
    let conn = rusqlite::Connection::open(&path).expect("it is a database");
    conn.execute_batch("PRAGMA user_version = 99").expect("it is writable");
    drop(conn);
    let before = std::fs::read(&path).expect("it is there");
    match SqliteStore::open(&path, at(0)) {
        Err(StoreError::Newer { found: 99, known }) => assert!(known < 99),
        other => panic!("a newer schema is refused, but: {:?}", other.err()),
    }
    assert_eq!(std::fs::read(&path).expect("it is there"), before, "not a byte was changed");
}

#[tokio::test]
async fn a_file_of_the_first_schema_learns_when_things_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.db");
    let (store, _) = open(&path);
    let mut failed = run("1", Some(RunResult::Failure), Some(at(-9_000)));
    failed.finished_at = Some(at(50));
    put(&store, [Fact::Run(failed)], at(60)).await;
    drop(store);
    let conn = rusqlite::Connection::open(&path).expect("it is a database");
    conn.execute_batch(
        "DROP INDEX entity_failed; DROP INDEX version_overtaken; ALTER TABLE entity DROP COLUMN last;
         ALTER TABLE version DROP COLUMN last; DROP TABLE reading; DROP TABLE note; ALTER TABLE memo RENAME TO note; PRAGMA user_version = 1",
    )
    .expect("it becomes as old as that");
    drop(conn);
    let (store, set_aside) = open(&path);
    assert_eq!(set_aside, None);
    let query = HappenedQuery { from: at(40), to: at(60), filter: Filter::default(), now: at(60), limit: 10 };
    let told = async |store: &SqliteStore| {
        let found = store.happened(&query).await.expect("the store can be read");
        found.items.iter().map(|item| item.at).collect::<Vec<_>>()
    };
    assert_eq!(told(&store).await, [at(50)]);
    put(&store, [Fact::Run(run("1", Some(RunResult::Success), Some(at(70))))], at(80)).await;
    assert_eq!(told(&store).await, [at(50)], "it failed, though it passed when it was tried again");
}

#[tokio::test]
async fn a_file_of_the_fifth_schema_is_searched_and_written_to_as_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.db");
    let (store, _) = open(&path);
    put(&store, alerts(0, 10), at(0)).await;
    drop(store);
    let conn = rusqlite::Connection::open(&path).expect("it is a database");
    conn.execute_batch(
        "DROP INDEX entity_failed; DROP INDEX version_overtaken; DROP INDEX version_entity;
         CREATE INDEX version_entity ON version (entity, from_at); DROP TABLE entity_fts;
         CREATE VIRTUAL TABLE entity_fts USING fts5 (search, content = 'entity_text', content_rowid = 'id',
            columnsize = 0, tokenize = 'trigram case_sensitive 1');
         INSERT INTO entity_fts (entity_fts) VALUES ('rebuild'); PRAGMA user_version = 5",
    )
    .expect("it becomes as old as that");
    drop(conn);
    let (store, set_aside) = open(&path);
    assert_eq!(set_aside, None);
    put(&store, alerts(5, 15), at(60)).await;
    let mut renamed = alert("3", AlertState::Firing, Some(at(0)));
    renamed.annotations = [("summary".to_owned(), "zebras everywhere".to_owned())].into();
    put(&store, [Fact::Alert(renamed)], at(120)).await;
    for (text, expected) in [("slow", 14), ("alert", 15), ("zebras", 1), ("nowhere", 0)] {
        let filter = Filter::parse(text).expect("a query of this file can be read");
        let query = ListQuery { filter, ..ListQuery::current(Kind::Alert, at(120)) };
        assert_eq!(store.list(&query).await.expect("the store can be read").total, expected, "{text}");
    }
    let id = alert("3", AlertState::Firing, None).origin.id;
    let then = store.get(&id, Some(at(60))).await.expect("the store can be read").expect("it was there");
    assert_eq!(then.fact, alerts(3, 4).next().expect("there is one"), "it is read as it was");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_set_aside_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.db");
    let garbage = b"this was a history once".repeat(1_000);
    std::fs::write(&path, &garbage).expect("a file");
    let (store, set_aside) = open(&path);
    let set_aside = set_aside.expect("it is told");
    assert_eq!(std::fs::read(&set_aside.path).expect("it is kept"), garbage, "nothing is ever deleted");
    assert!(
        set_aside.path.to_string_lossy().contains("20251009"),
        "its name tells when: {:?}",
        set_aside.path
    );
    put(&store, alerts(0, 1), at(0)).await;
    drop(store);
    std::fs::write(&path, &garbage).expect("a file");
    let second = open(&path).1.expect("it is told");
    assert_ne!(
        second.path, set_aside.path,
        "a second one at the same instant does not take the first one's place"
    );
    assert!(set_aside.path.exists());
}

/// Writes nonsense over everything behind the schema.
fn damage(path: &Path) {
    let mut file = OpenOptions::new().write(true).open(path).expect("it is there");
    let length = file.metadata().expect("it is there").len();
    file.seek(SeekFrom::Start(length / 3)).expect("it is long enough");
    let rest = usize::try_from(length - length / 3).expect("it is small");
    file.write_all(&vec![0xa5; rest]).expect("it is writable");
}

#[tokio::test]
async fn damage_that_is_met_later_is_told_and_set_aside_at_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.db");
    let (store, _) = open(&path);
    put(&store, alerts(0, 3_000), at(0)).await;
    drop(store);
    damage(&path);

    let (store, set_aside) = open(&path);
    assert_eq!(set_aside, None, "a file that was closed properly is not read through at every start");
    let read = store.current(Recent::none(), None).await;
    assert!(matches!(read, Err(StoreError::Read(_))), "damage is never an empty list: {read:?}");
    assert!(store.damage().is_some());
    drop(store);
    assert!(path.exists(), "it is not touched while it may be open elsewhere");

    let (store, set_aside) = open(&path);
    let set_aside = set_aside.expect("now it is set aside");
    assert!(set_aside.path.exists() && !set_aside.why.is_empty());
    assert_eq!((stored(&store).await, store.damage()), (0, None));
    drop(store);
    assert_eq!(open(&path).1, None, "once");
}

#[tokio::test]
async fn two_processes_share_one_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.db");
    let (window, _) = open(&path);
    let (qd, set_aside) = open(&path);
    assert_eq!(set_aside, None);
    // Two listen in one process, and one looks for both.
    let (mut heard, mut too) = (window.changes(0), window.changes(0));
    let mut written = Vec::new();
    for n in 0..6 {
        let by = if n % 2 == 0 { &qd } else { &window };
        written.push(put(by, alerts(n, n + 1), at(0)).await);
    }
    for expected in written {
        let both = async { tokio::join!(heard.next(), too.next()) };
        let told = tokio::time::timeout(Duration::from_secs(20), both).await.expect("it is told in time");
        assert_eq!(told, (Some(expected.clone()), Some(expected)));
    }
    // Both wait already when another process writes.
    let both = async { tokio::join!(heard.next(), too.next()) };
    let writes = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        put(&qd, alerts(6, 7), at(0)).await
    };
    let (told, written) = tokio::join!(tokio::time::timeout(Duration::from_secs(20), both), writes);
    assert_eq!(told.expect("it is told in time"), (Some(written.clone()), Some(written)));
    let minute = Duration::from_secs(60);
    let holder = |name: &str| Holder(name.to_owned());
    assert!(qd.lease(&source(), &holder("qd"), at(0), minute).await.expect("an answer"));
    assert!(!window.lease(&source(), &holder("window"), at(1), minute).await.expect("an answer"));
    drop(qd);
    put(&window, alerts(10, 11), at(5)).await;
    assert_eq!(stored(&window).await, 8);
}

#[tokio::test]
async fn many_writers_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.db");
    let stores: Vec<SqliteStore> = (0..3).map(|_| open(&path).0).collect();
    let work = stores.iter().enumerate().map(|(place, store)| async move {
        for n in 0..20 {
            let from = u32::try_from(place * 1_000 + n).expect("a small number");
            put(store, alerts(from, from + 1), at(0)).await;
        }
    });
    futures_util::future::join_all(work).await;
    assert_eq!(stored(&stores[0]).await, 60);
    assert_eq!(stores[1].seq().await.expect("the store can be read"), 60, "numbers are drawn once");
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_an_error_that_says_where() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("file"), "").expect("a file");
    let path = folder.path().join("file/history.db");
    match SqliteStore::open(&path, at(0)) {
        Err(StoreError::Write(why)) => assert!(why.contains("history.db"), "{why}"),
        other => panic!("it cannot be opened, but: {:?}", other.err()),
    }
}

#[tokio::test]
async fn a_file_that_needs_nothing_is_read_without_writing_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new/history.db");
    assert!(SqliteStore::open_to_read(&path).is_none() && !path.exists(), "nothing is made");
    let (store, _) = open(&path);
    put(&store, alerts(0, 10), at(0)).await;
    let beside_a_writer = SqliteStore::open_to_read(&path).expect("others may have it open");
    assert_eq!(stored(&beside_a_writer).await, 10);
    drop((store, beside_a_writer));
    let before = std::fs::read(&path).expect("it is there");
    let reading = SqliteStore::open_to_read(&path).expect("it needs nothing");
    assert_eq!(stored(&reading).await, 10);
    assert!(matches!(reading.put_memo("a", "b").await, Err(StoreError::Closed)));
    drop(reading);
    assert_eq!(std::fs::read(&path).expect("it is there"), before, "not a byte was changed");
}

#[tokio::test]
async fn a_file_that_needs_something_is_not_opened_to_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |name: &str, spoil: &dyn Fn(&Path)| {
        let path = folder.path().join(name);
        drop(open(&path));
        assert!(SqliteStore::open_to_read(&path).is_some(), "{name}: before");
        spoil(&path);
        assert!(SqliteStore::open_to_read(&path).is_none(), "{name}");
        assert!(path.exists(), "{name} is left to whoever writes");
    };
    let version = |path: &Path, version: u32| {
        let conn = rusqlite::Connection::open(path).expect("it is a database");
        conn.execute_batch(&format!("PRAGMA user_version = {version}")).expect("it is writable");
    };
    check("older.db", &|path| version(path, 1));
    check("newer.db", &|path| version(path, 99));
    check("nonsense.db", &|path| std::fs::write(path, b"this was a history".repeat(999)).expect("a file"));
    check("marked.db", &|path| std::fs::write(beside(path, ".damaged"), "why").expect("a file"));
    check("crashed.db", &|path| std::fs::write(beside(path, "-wal"), [7; 99]).expect("a file"));
}

//! A process that is killed at any moment loses nothing that it had acknowledged, and stores nothing twice.
//!
//! kill -9 shows that transactions are whole; it cannot show a missing fsync, because the page cache survives. That every
//! commit is synced is a setting (`synchronous = FULL`), not something this test can see.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use qd_model::{Coverage, Cursor, Fact, Kind, RunResult};
use qd_store::testkit::actions::record;
use qd_store::testkit::sample::{at, id, of_service, run, source};
use qd_store::{ActionsQuery, Ingest, Store};
use qd_store_sqlite::SqliteStore;

/// Tells the child where the file is.
const FILE: &str = "QUARTERDECK_TEST_CRASH_FILE";

/// Runs of one batch.
const RUNS: u64 = 5;

/// New runs, and the end of those of the batch before.
fn batch(number: u64) -> Ingest {
    let fact = |batch: u64, place: u64, result| {
        let mut run = run(&format!("{batch}-{place}"), result, Some(at(0)));
        run.pipeline_name = format!("p{place}");
        (Fact::Run(run), of_service("shop"))
    };
    let new = (0..RUNS).map(|place| fact(number, place, None));
    let ended =
        (0..RUNS).filter(|_| number > 1).map(|place| fact(number - 1, place, Some(RunResult::Success)));
    Ingest { facts: new.chain(ended).collect(), coverage: Coverage::Delta, next: Cursor::write(&number) }
}

/// The child: goes on where the cursor says, and acknowledges each batch on standard output.
#[tokio::test]
async fn child() {
    let Ok(path) = std::env::var(FILE) else {
        println!("skipped: this is the process that the test beside it kills");
        return;
    };
    let (store, _) = SqliteStore::open(&PathBuf::from(path), at(0)).expect("the store opens");
    let mut number: u64 = store.cursor(&source()).await.expect("it can be read").read().unwrap_or(0);
    loop {
        number += 1;
        // Taken already when the child before was killed between the two writes.
        let proposal = record(&format!("k{number}"), &source());
        store.propose(&proposal).await.expect("it is written down");
        store
            .ingest(&source(), batch(number), at(i64::try_from(number).expect("small")))
            .await
            .expect("stored");
        println!("acknowledged {number}");
    }
}

/// Lets a child work for a while after its first batch (or after it was started) and kills it; returns the last batch
/// that it acknowledged.
fn work_and_die(path: &Path, from_the_start: bool, after: Duration) -> u64 {
    let mut child = Command::new(std::env::current_exe().expect("this test has a file"))
        .args(["--exact", "child", "--nocapture"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the child starts");
    let output = child.stdout.take().expect("it is piped");
    let (first, begun) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let number =
            |line: String| line.rsplit_once("acknowledged ").and_then(|(_, n)| n.trim().parse().ok());
        let numbers = BufReader::new(output).lines().map_while(Result::ok).filter_map(number);
        numbers.inspect(|_| first.send(()).unwrap_or(())).last().unwrap_or(0)
    });
    if !from_the_start {
        begun.recv_timeout(Duration::from_secs(60)).expect("the child stores a batch");
    }
    std::thread::sleep(after);
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    reader.join().expect("its output was read")
}

#[tokio::test]
async fn a_killed_process_loses_nothing_and_stores_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.db");
    let mut last = 0;
    for round in 0..20_u64 {
        // Moments that do not follow the rhythm of the writes; every fifth falls into the start.
        let after = Duration::from_micros(1_000 + round * 7_919 % 331 * 200);
        let acknowledged = work_and_die(&path, round % 5 == 4, after);
        let (store, set_aside) = SqliteStore::open(&path, at(0)).expect("the store opens");
        assert_eq!(set_aside, None, "a kill damages nothing");
        let stored: u64 = store.cursor(&source()).await.expect("it can be read").read().unwrap_or(0);
        assert!(
            stored >= acknowledged.max(last),
            "what was acknowledged is there: {stored} ≥ {acknowledged}"
        );
        assert_eq!(store.stored(Kind::Run).await.expect("it can be read"), stored * RUNS, "each run once");
        assert_eq!(store.seq().await.expect("it can be read"), stored, "each batch is one change");
        for number in last.max(1)..=stored {
            let history =
                store.history(&id(Kind::Run, &format!("{number}-0"))).await.expect("it can be read");
            assert_eq!(
                history.len(),
                if number == stored { 1 } else { 2 },
                "each transition of batch {number} once"
            );
        }
        let log = store.actions(&ActionsQuery { limit: u32::MAX, ..ActionsQuery::default() }).await;
        assert!(
            log.expect("it can be read").len() as u64 >= stored,
            "every proposal that was acknowledged is there"
        );
        drop(store);
        check_integrity(&path);
        last = stored;
    }
    assert!(last >= 16, "the children got some work done: {last}");
}

fn check_integrity(path: &Path) {
    let conn = rusqlite::Connection::open(path).expect("it is a database");
    let verdict: String =
        conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("it can be checked");
    assert_eq!(verdict, "ok");
    conn.execute_batch("INSERT INTO entity_fts (entity_fts, rank) VALUES ('integrity-check', 1)")
        .expect("the text index says what the texts say");
}

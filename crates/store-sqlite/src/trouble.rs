//! What happens when the disk is full or may not be written.

use qd_model::{AlertState, Coverage, Fact, Kind};
use qd_store::testkit::sample::{alert, at, batch, put, source};
use qd_store::{Store, StoreError};

use crate::SqliteStore;

fn alerts(from: u32, to: u32) -> impl Iterator<Item = Fact> {
    (from..to).map(|n| Fact::Alert(alert(&n.to_string(), AlertState::Firing, Some(at(0)))))
}

/// Opens a store, spoils its connection with a statement, and asks for what the spoiled one can still do.
async fn check(spoil: &'static str, mend: &'static str, expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = SqliteStore::open(&folder.path().join("history.db"), at(0)).expect("it opens");
    put(&store, alerts(0, 10), at(0)).await;
    let run = |sql: &'static str| store.writing.run(move |writer| writer.conn.execute_batch(sql));
    run(spoil).await.expect("it is spoiled");

    let refused = store.ingest(&source(), batch(alerts(10, 5_000), Coverage::Delta), at(1)).await;
    match refused {
        Err(StoreError::Write(why)) => assert_eq!(why, expected),
        other => panic!("a write that cannot be done is an error of writing, not {other:?}"),
    }
    assert_eq!(store.stored(Kind::Alert).await.expect("it can be read"), 10, "nothing is half written");
    assert_eq!(store.seq().await.expect("it can be read"), 1);

    run(mend).await.expect("it is mended");
    let changes = put(&store, alerts(10, 5_000), at(2)).await;
    assert_eq!(changes.seq, 2, "the next poll stores what the refused one brought");
    assert_eq!(store.stored(Kind::Alert).await.expect("it can be read"), 5_000);
}

#[tokio::test]
async fn a_full_disk_refuses_the_batch_whole() {
    check("PRAGMA max_page_count = 80", "PRAGMA max_page_count = 1073741823", "the disk is full").await;
}

#[tokio::test]
async fn a_read_only_file_refuses_the_batch_whole() {
    check("PRAGMA query_only = ON", "PRAGMA query_only = OFF", "the file or its folder is read-only").await;
}

#[tokio::test]
async fn the_actions_log_cannot_be_shortened_or_rewritten_by_accident() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = SqliteStore::open(&folder.path().join("history.db"), at(0)).expect("it opens");
    assert!(store.propose(&qd_store::testkit::actions::record("k", &source())).await.expect("written down"));
    let outcome = qd_model::ActionOutcome::Accepted { message: "done".to_owned(), undo: None };
    store.settle("k", &outcome, at(1)).await.expect("an outcome");
    for sql in [
        "DELETE FROM action",
        "UPDATE action SET verb = 'other'",
        "UPDATE action SET state = 'proposed', outcome = NULL",
    ] {
        let refused = store.writing.run(move |writer| writer.conn.execute_batch(sql)).await;
        refused.expect_err(sql);
    }
    assert_eq!(store.actions(&qd_store::ActionsQuery::default()).await.expect("it can be read").len(), 1);
}

#[tokio::test]
async fn a_panic_inside_a_write_undoes_it_and_the_next_write_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = SqliteStore::open(&folder.path().join("history.db"), at(0)).expect("it opens");
    let linker: qd_store::Linker = std::sync::Arc::new(|_| panic!("a mistake in a linker"));
    put(&store, alerts(0, 1), at(0)).await;
    store.relink(linker).await.expect_err("the question failed");
    let failed: Result<(), _> = store
        .writing
        .run(|writer| {
            let tx = writer.conn.transaction()?;
            tx.execute("DELETE FROM entity", [])?;
            panic!("a mistake in a write")
        })
        .await;
    failed.expect_err("the write failed");
    assert_eq!(store.stored(Kind::Alert).await.expect("it can be read"), 1, "it was undone");
    assert_eq!(put(&store, alerts(1, 2), at(1)).await.seq, 2);
}

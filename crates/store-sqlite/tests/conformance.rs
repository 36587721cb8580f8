//! The suite that every store must pass.

use qd_store::testkit::sample::at;
use qd_store_sqlite::SqliteStore;

/// A store in a folder of its own, which goes with the guard.
async fn fresh() -> (SqliteStore, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = SqliteStore::open(&folder.path().join("history.db"), at(0));
    let (store, set_aside) = opened.expect("a fresh store opens");
    assert_eq!(set_aside, None);
    (store, folder)
}

qd_store::conformance!(fresh);

//! The embedded store: one SQLite file in WAL mode, one thread that writes, a few that read.
//!
//! *Invariant:* only the writer's thread writes; every write is one transaction, durable when it is acknowledged.
//! *Invariant:* several processes may open one file. Nothing that concerns correctness is kept in memory alone.
//! *Invariant:* a damaged file is renamed, never deleted, and never while another process has it open.

mod absence;
mod actions;
mod body;
mod cache;
mod changes;
mod counters;
mod damage;
mod entity;
mod errors;
mod filter;
#[cfg(feature = "floor")]
pub mod floor;
mod happened;
mod health;
mod history;
mod ingest;
mod lines;
mod list;
mod maintenance;
mod notes;
mod open;
mod past;
mod readings;
mod row;
mod schema;
mod search;
mod store;
mod tally;
mod texts;
mod threads;
mod transition;
#[cfg(test)]
mod trouble;
mod walk;
mod words;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use qd_store::{ChangeSet, SetAside, StoreError};
use tokio::sync::broadcast;

use crate::damage::Damage;
use crate::threads::{Readers, Writing};

/// Questions answered at the same time.
const READERS: usize = 3;

/// Change sets kept for a listener that is slow.
const TOLD: usize = 128;

/// The store in a file.
pub struct SqliteStore {
    writing: Writing,
    readers: Readers,
    told: broadcast::Sender<ChangeSet>,
    last_look: Arc<changes::LastLook>,
    damage: Damage,
    /// Held while the store is open, so that nobody replaces the file under it.
    _lock: File,
}

impl SqliteStore {
    /// Opens the file, or creates it (and its folder) for its owner alone.
    ///
    /// Whether the file is whole is checked at once only when there is a reason to (it was not closed properly, or was
    /// found broken before) and it is small; a large one that was not closed properly is checked in the background, so
    /// that the start does not take longer the more there is. See [`SqliteStore::damage`].
    ///
    /// # Errors
    /// [`StoreError::Newer`] when another version wrote it: it is left untouched. [`StoreError::Write`] when the place
    /// cannot be written. A damaged file is no error: it is set aside, which the second value tells.
    pub fn open(path: &Path, now: DateTime<Utc>) -> Result<(Self, Option<SetAside>), StoreError> {
        let opened = open::open(path, now)?;
        let damage = Damage::of(path);
        let cannot = |error: std::io::Error| StoreError::Write(error.to_string());
        let writing = Writing::start(opened.conn, damage.clone()).map_err(cannot)?;
        let readers = Readers::start(path, READERS, damage.clone()).map_err(cannot)?;
        if opened.check_later {
            check_in_background(path, damage.clone()).map_err(cannot)?;
        }
        let (told, _) = broadcast::channel(TOLD);
        Ok((
            Self { writing, readers, told, last_look: Arc::default(), damage, _lock: opened.lock },
            opened.set_aside,
        ))
    }

    /// Opens the file for questions alone, with one connection and no thread: what is written to it is refused as closed.
    /// `None` when the file is not there or needs something done to it first; [`SqliteStore::open`] does that.
    pub fn open_to_read(path: &Path) -> Option<Self> {
        let (conn, lock) = open::open_to_read(path)?;
        let damage = Damage::of(path);
        let readers = Readers::here(path, conn, damage.clone());
        let (told, _) = broadcast::channel(1);
        Some(Self {
            writing: Writing::none(damage.clone()),
            readers,
            told,
            last_look: Arc::default(),
            damage,
            _lock: lock,
        })
    }

    /// What was found to be broken in the file since it was opened. The next start sets it aside.
    pub fn damage(&self) -> Option<String> {
        self.damage.found()
    }

    fn tell(&self, changes: &ChangeSet) {
        if !changes.is_empty() {
            let _ = self.told.send(changes.clone()); // nobody listens: fine
        }
    }
}

impl Drop for SqliteStore {
    /// Waits for what was asked, so that the file is closed properly.
    fn drop(&mut self) {
        self.readers.close();
        self.writing.close();
    }
}

fn check_in_background(path: &Path, damage: Damage) -> std::io::Result<()> {
    let path = path.to_owned();
    let check = move || match open::reader(&path).and_then(|conn| open::broken(&conn)) {
        Ok(None) => tracing::debug!("the history is whole"),
        Ok(Some(why)) => damage.report(&why),
        Err(error) => damage.note(&error),
    };
    std::thread::Builder::new().name("store-check".to_owned()).spawn(check).map(|_| ())
}

//! Remembers that a file was found to be broken, so that the next start sets it aside.
//!
//! While it is open, a broken file is neither replaced nor written over: other processes may have it open too.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::errors;

/// What is known of damage of one file. Clones share it.
#[derive(Clone)]
pub struct Damage {
    marker: PathBuf,
    what: Arc<Mutex<Option<String>>>,
}

impl Damage {
    /// Nothing is known yet.
    pub fn of(file: &Path) -> Self {
        Self { marker: beside(file, ".damaged"), what: Arc::default() }
    }

    /// Remembers an error, when it is one of the file itself.
    pub fn note(&self, error: &rusqlite::Error) {
        if errors::is_damage(error) {
            self.report(&error.to_string());
        }
    }

    /// Remembers damage, here and for the next start.
    pub fn report(&self, what: &str) {
        let mut known = self.what.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            tracing::error!(what, "the history is damaged; it will be set aside at the next start");
            if let Err(error) = std::fs::write(&self.marker, what) {
                tracing::warn!(%error, "damage could not be marked");
            }
            *known = Some(what.to_owned());
        }
    }

    /// What was found since the start.
    pub fn found(&self) -> Option<String> {
        self.what.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What an earlier start found, if anything.
pub fn marked(file: &Path) -> Option<String> {
    std::fs::read_to_string(beside(file, ".damaged")).ok()
}

/// Takes the mark away.
pub fn unmark(file: &Path) {
    let _ = std::fs::remove_file(beside(file, ".damaged"));
}

/// The path of a file that stands beside another: `history.db` and `-wal` make `history.db-wal`.
pub fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file.as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}

//! A home folder of the product, and the product in it.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use qd_api::{App, AppParts, LinkOpener, Paths};
use qd_connector::testkit::NoCredentials;
use qd_connector::{Backend, Credentials};
use qd_model::{Clock, Health, HealthState, ManualClock};
use qd_store::testkit::sample::{at, named};
use qd_store::{Holder, Store};
use qd_store_sqlite::SqliteStore;
use tempfile::TempDir;

/// A folder with a configuration file, and a clock. Nothing runs in it yet.
pub struct Home {
    folder: TempDir,
    /// What every part of the product takes for the time.
    pub clock: ManualClock,
    /// The links that were opened.
    pub opened: Arc<Opened>,
    /// Who keeps credentials.
    pub credentials: Arc<dyn Credentials>,
}

/// Opens no link, but remembers it.
#[derive(Default)]
pub struct Opened(Mutex<Vec<String>>);

impl Opened {
    /// The links, oldest first.
    pub fn links(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl LinkOpener for Opened {
    fn open(&self, url: &url::Url) -> Result<(), String> {
        self.0.lock().unwrap().push(url.to_string());
        Ok(())
    }
}

impl Home {
    /// A home with this configuration, at this time.
    pub fn new(config: &str, now: DateTime<Utc>) -> Self {
        let home = Self {
            folder: TempDir::new().unwrap(),
            clock: ManualClock::at(now),
            opened: Arc::default(),
            credentials: Arc::new(NoCredentials),
        };
        std::fs::write(home.paths().config, config).unwrap();
        home
    }

    /// Where it keeps what.
    pub fn paths(&self) -> Paths {
        Paths::portable(self.folder.path())
    }

    /// Opens its history, as every process does for itself.
    pub fn history(&self) -> Arc<SqliteStore> {
        Arc::new(SqliteStore::open(&self.paths().history, self.clock.now()).unwrap().0)
    }

    /// Starts the product over a history.
    pub async fn start(&self, history: &Arc<SqliteStore>, backends: &'static [&'static dyn Backend]) -> App {
        let parts = AppParts {
            paths: self.paths(),
            store: history.clone(),
            credentials: self.credentials.clone(),
            backends,
            clock: Arc::new(self.clock.clone()),
            opener: self.opened.clone(),
            holder: Holder("test".to_owned()),
            actor: "window",
            notices: Vec::new(),
            demo: None,
            relaunch: None,
        };
        App::open(parts).await.unwrap()
    }
}

/// A configuration with connections to a backend called `bells`.
pub fn connections(ids: &[&str]) -> String {
    let connection =
        |id: &&str| format!("[[connection]]\nid = \"{id}\"\nbackend = \"bells\"\ncredential = \"none\"\n");
    ids.iter().map(connection).collect()
}

/// A complete answer of a source, so many seconds after the samples' beginning of time.
pub async fn read(store: &dyn Store, source: &str, secs: i64) {
    let new = Health::new(named(source), at(0), 60);
    let health = Health { state: HealthState::Fresh, as_of: Some(at(secs)), ..new };
    store.record_health(&health).await.unwrap();
}

/// A working day's noon, for tests that tell no times of the samples.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_366_400, 0).unwrap()
}

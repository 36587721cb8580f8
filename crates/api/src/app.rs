//! The product without a front end.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::{Backend, Backfill, Credentials};
use qd_engine::{ConnectionSpec, Engine, EngineConfig, Parts};
use qd_model::{Clock, SourceId};
use qd_rules::Catalogue;
use qd_store::{Holder, Store};
use url::Url;

use crate::config::{ConnectionEntry, InForce, Loaded};
use crate::desktop::Desk;
use crate::follow::Stamp;
use crate::sources::Sources;
use crate::view::Notice;
use crate::{ApiError, Demo, Paths, Relaunch, Setup};

/// Opens addresses in the person's browser. Only ever called with an address that passed the check.
pub trait LinkOpener: Send + Sync + 'static {
    /// Opens it.
    ///
    /// # Errors
    /// Why it could not.
    fn open(&self, url: &Url) -> Result<(), String>;

    /// Opens the product's own configuration file in the person's editor.
    ///
    /// # Errors
    /// Why it could not; the default cannot.
    fn open_file(&self, path: &Path) -> Result<(), String> {
        Err(format!("open {} yourself", path.display()))
    }
}

/// What the product is made of.
pub struct AppParts {
    /// Where things are kept.
    pub paths: Paths,
    /// Where everything observed is kept.
    pub store: Arc<dyn Store>,
    /// Where credentials come from.
    pub credentials: Arc<dyn Credentials>,
    /// The backends there are.
    pub backends: &'static [&'static dyn Backend],
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Opens links.
    pub opener: Arc<dyn LinkOpener>,
    /// This process.
    pub holder: Holder,
    /// Who proposes actions through this front end: `window`, `qd`.
    pub actor: &'static str,
    /// What the person has to know from the start (a damaged history that was set aside).
    pub notices: Vec<Notice>,
    /// The simulated world this is a demo of. `None`: this is real.
    pub demo: Option<Arc<dyn Demo>>,
    /// Ends this front end and starts it anew, as a demo or as the real thing. `None`: it cannot.
    pub relaunch: Option<Arc<dyn Relaunch>>,
}

impl AppParts {
    /// What of it needs no store.
    pub(crate) fn setup(&self) -> Setup {
        Setup { paths: self.paths.clone(), backends: self.backends, credentials: self.credentials.clone() }
    }

    /// Reads the configuration file. A demo has its own servers and no others, whatever the file says.
    pub(crate) fn read_config(&self) -> Loaded {
        let mut loaded = self.setup().load();
        if let Some(demo) = &self.demo {
            loaded.config.connections.retain(|entry| demo.owns(&entry.url));
        }
        loaded
    }
}

/// The product. Clones share everything.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub parts: AppParts,
    pub engine: Engine,
    pub loaded: RwLock<Loaded>,
    /// The file as it was when it was read.
    pub stamp: Mutex<Stamp>,
    /// Edits of the file happen one after the other.
    pub editing: tokio::sync::Mutex<()>,
    polling: AtomicBool,
    /// Grows when a source becomes current or ceases to be: rows change then though the store does not.
    pub epoch: AtomicU64,
    pub trusted: Mutex<Vec<(String, bool)>>,
    /// What was counted of drifts before.
    pub drifts: crate::deploys::DriftMemory,
    pub desk: Desk,
    /// Addresses in the prose of the entities whose details were read last.
    pub addresses: Mutex<VecDeque<(String, Vec<String>)>>,
    /// The lines of the list that was asked for last.
    pub board: Mutex<Option<Arc<crate::board::Board>>>,
    /// The overview of everything as it was told last.
    pub everything: tokio::sync::Mutex<Option<crate::overview::Everything>>,
    /// What was counted of the last day.
    pub tallied: tokio::sync::Mutex<crate::activity::Tallied>,
    /// What was counted of alerts beside what the store counts, and at which number of the views.
    pub alerts_counted: tokio::sync::Mutex<Option<(u64, crate::listed::Counted)>>,
    /// The silences of each source as they were read last.
    pub silences: Mutex<BTreeMap<SourceId, crate::silences::Read>>,
    /// Notes this process removed last, newest first: they can be put back, and are written nowhere.
    pub removed_notes: Mutex<VecDeque<qd_model::Note>>,
    /// What views are held at while a chapter of a demo is read.
    pub held: Mutex<Option<crate::demo::Held>>,
    /// A demo is steered by one after the other.
    pub telling: tokio::sync::Mutex<()>,
    /// Taken by whoever reads views; by a demo that goes back, as long as the store is not whole.
    pub whole: tokio::sync::RwLock<()>,
    /// Grows whenever the configuration is read: the window asks for settings and views anew.
    config_reads: AtomicU64,
}

impl App {
    /// Reads the configuration and is ready to answer. Polls nothing yet: see [`App::start`].
    pub async fn open(parts: AppParts) -> Result<Self, ApiError> {
        let engine = Engine::new(Parts {
            store: parts.store.clone(),
            credentials: parts.credentials.clone(),
            clock: parts.clock.clone(),
            holder: parts.holder.clone(),
        });
        // The stamp first: what is written meanwhile counts as a change.
        let stamp = crate::follow::stamp(&parts.paths);
        let loaded = parts.read_config();
        let inner = Inner {
            parts,
            engine,
            loaded: RwLock::new(loaded),
            stamp: Mutex::new(stamp),
            editing: tokio::sync::Mutex::new(()),
            polling: AtomicBool::new(false),
            epoch: AtomicU64::new(0),
            trusted: Mutex::default(),
            drifts: crate::deploys::DriftMemory::default(),
            desk: Desk::default(),
            addresses: Mutex::default(),
            board: Mutex::default(),
            everything: tokio::sync::Mutex::default(),
            tallied: tokio::sync::Mutex::default(),
            alerts_counted: tokio::sync::Mutex::default(),
            silences: Mutex::default(),
            removed_notes: Mutex::default(),
            held: Mutex::default(),
            telling: tokio::sync::Mutex::new(()),
            whole: tokio::sync::RwLock::default(),
            config_reads: AtomicU64::new(0),
        };
        let inner = Arc::new(inner);
        crate::follow::guard(&inner);
        Ok(Self { inner })
    }

    /// Configures the engine. Needed before anything that asks a backend; reading the store does without.
    ///
    /// # Errors
    /// The store failed.
    pub async fn configure(&self) -> Result<(), ApiError> {
        let config = self.engine_config();
        Ok(self.inner.engine.configure(config).await?)
    }

    /// Begins to poll, and to take the configuration file over whenever it changes, until [`App::stop`].
    ///
    /// # Errors
    /// The store failed.
    pub async fn start(&self) -> Result<(), ApiError> {
        self.configure().await?;
        self.inner.polling.store(true, Ordering::Relaxed);
        self.inner.engine.start();
        self.follow();
        Ok(())
    }

    /// Polls every connection once, now, to the end. For `qd sync`.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sync(&self) -> Result<Sources, ApiError> {
        self.configure().await?;
        self.inner.engine.sync().await;
        Ok(self.sources_from(self.inner.engine.reports(), None))
    }

    /// Stops every task within about a second, and closes the store. `false`: some task had not stopped.
    pub async fn stop(&self) -> bool {
        let stopped = self.inner.engine.stop().await;
        self.inner.parts.store.close().await;
        stopped
    }

    /// Calls a command by name, as the window does.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn call(
        &self,
        command: &str,
        payload: serde_json::Value,
    ) -> Result<serde_json::Value, ApiError> {
        let _whole = if command == crate::demo::CONTROL { None } else { self.when_whole().await };
        crate::commands::dispatch(self, command, payload).await
    }

    /// Reads the configuration file anew and takes it over.
    ///
    /// # Errors
    /// The store failed.
    pub async fn reload(&self) -> Result<(), ApiError> {
        let stamp = crate::follow::stamp(&self.inner.parts.paths);
        let mut fresh = self.inner.parts.read_config();
        let before = {
            let mut read = self.inner.stamp.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *read, stamp)
        };
        {
            let mut loaded = self.inner.loaded.write().unwrap_or_else(PoisonError::into_inner);
            if fresh.fallen_back() {
                // What is in force now is newer than the copy on disk.
                fresh.config = loaded.config.clone();
                fresh.in_force = match (loaded.in_force, before) {
                    (InForce::File, Some((written, _))) => InForce::Before(written),
                    (InForce::File, None) => InForce::Nothing,
                    (other, _) => other,
                };
            }
            *loaded = fresh;
        }
        self.inner.config_reads.fetch_add(1, Ordering::Relaxed);
        self.configure().await
    }

    /// Where things are kept.
    pub fn paths(&self) -> &Paths {
        &self.inner.parts.paths
    }

    /// How often the configuration was read anew.
    pub(crate) fn config_reads(&self) -> u64 {
        self.inner.config_reads.load(Ordering::Relaxed)
    }

    /// Whether this process polls.
    pub fn polls(&self) -> bool {
        self.inner.polling.load(Ordering::Relaxed)
    }

    /// The current instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.inner.parts.clock.now()
    }

    /// The configured connections.
    pub fn entries(&self) -> Vec<ConnectionEntry> {
        self.inner.loaded.read().unwrap_or_else(PoisonError::into_inner).config.connections.clone()
    }

    /// Everything the person has to know.
    pub fn notices(&self) -> Vec<Notice> {
        let mut notices = self.inner.parts.notices.clone();
        notices.extend(self.told());
        notices.extend(self.config_problems());
        notices
    }

    /// Mistakes in the configuration file.
    pub fn config_problems(&self) -> Vec<Notice> {
        let loaded = self.inner.loaded.read().unwrap_or_else(PoisonError::into_inner);
        self.inner.parts.setup().told(&loaded)
    }

    /// The spec of a connection as the engine wants it.
    pub(crate) fn spec(&self, entry: &ConnectionEntry) -> Option<ConnectionSpec> {
        self.inner.parts.setup().spec(entry)
    }

    pub(crate) fn backend(&self, word: &str) -> Option<&'static dyn Backend> {
        self.inner.parts.setup().backend(word)
    }

    pub(crate) fn catalogue(&self) -> Catalogue {
        let loaded = self.inner.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let backends =
            loaded.config.connections.iter().map(|entry| (entry.id.clone(), entry.backend.clone()));
        Catalogue::new(loaded.config.services.clone(), backends.collect())
    }

    /// The order of environments, as configured.
    pub(crate) fn environments(&self) -> Vec<String> {
        self.inner.loaded.read().unwrap_or_else(PoisonError::into_inner).config.environments.clone()
    }

    /// Percent of a backend's quota that may be used.
    pub(crate) fn budget_percent(&self) -> u32 {
        self.inner.loaded.read().unwrap_or_else(PoisonError::into_inner).config.general.budget_percent
    }

    fn engine_config(&self) -> EngineConfig {
        let catalogue = self.catalogue();
        let general = self.inner.loaded.read().unwrap_or_else(PoisonError::into_inner).config.general;
        EngineConfig {
            connections: self.entries().iter().filter_map(|entry| self.spec(entry)).collect(),
            catalogue,
            #[allow(clippy::cast_precision_loss, reason = "1 to 100")]
            budget_share: general.budget_percent as f32 / 100.0,
            backfill: Backfill { days: general.backfill_days, entities: general.backfill_entities },
            retention: Some(TimeDelta::days(general.retention_days.into())),
        }
    }
}

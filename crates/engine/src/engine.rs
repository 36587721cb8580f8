//! The engine's handle: configure, watch, nudge, stop.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::Credentials;
use qd_connector::http::Budget;
use qd_model::{Clock, Health, HealthState, Kind, SourceId};
use qd_rules::Catalogue;
use qd_store::{Holder, Store, StoreError};
use tokio::sync::Notify;

use crate::config::{ConnectionSpec, EngineConfig};
use crate::schedule::Tier;
use crate::source::Source;
use crate::tasks::Tasks;
use crate::{maintenance, turns};

/// What the engine is made of.
#[derive(Clone)]
pub struct Parts {
    /// Where everything observed is kept.
    pub store: Arc<dyn Store>,
    /// Where credentials come from.
    pub credentials: Arc<dyn Credentials>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// This process, for leases.
    pub holder: Holder,
}

/// Health and costs of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceReport {
    /// Its health.
    pub health: Health,
    /// What the last round of polls could not read.
    pub problems: Vec<String>,
    /// What it cost in the last hour.
    pub usage: Usage,
}

/// Requests of the last hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Sent.
    pub requests: u64,
    /// Answered as unchanged (304).
    pub unchanged: u64,
}

/// The engine. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub parts: Parts,
    pub tasks: Tasks,
    pub sources: RwLock<BTreeMap<SourceId, Arc<Source>>>,
    pub config: RwLock<EngineConfig>,
    pub wake: Notify,
    /// Readings under way during which nothing is polled by the clock.
    pub quiet: Mutex<u32>,
    /// By host and credential.
    pub budgets: Mutex<BTreeMap<String, Arc<Budget>>>,
    /// The catalogue by which this process linked last.
    pub linked: tokio::sync::Mutex<Option<String>>,
    /// Whether what is polled of a connection may be kept. Unset: yes.
    keeps: OnceLock<Box<Keeps>>,
}

type Keeps = dyn Fn(&ConnectionSpec) -> bool + Send + Sync;

/// How long a list that was just read counts as watched.
const WATCHED_FOR: TimeDelta = TimeDelta::seconds(90);
/// How long tasks get to stop.
const PATIENCE: Duration = Duration::from_secs(1);
/// A clock that runs so many times faster than real time causes no more polls than a real one; one that runs faster yet
/// has them further apart in its own time.
const HURRY: u32 = 3;

impl Engine {
    /// An engine without connections.
    pub fn new(parts: Parts) -> Self {
        let shared = Shared {
            parts,
            tasks: Tasks::default(),
            sources: RwLock::default(),
            config: RwLock::default(),
            wake: Notify::new(),
            quiet: Mutex::default(),
            budgets: Mutex::default(),
            linked: tokio::sync::Mutex::default(),
            keeps: OnceLock::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Takes over a configuration: new connections begin, changed ones begin anew, removed ones stop (what they observed
    /// stays until [`Store::forget`]). Services are assigned anew.
    ///
    /// # Errors
    /// The store failed. The connections are taken over all the same.
    pub async fn configure(&self, config: EngineConfig) -> Result<(), StoreError> {
        let known = self.shared.parts.store.health().await.unwrap_or_default();
        self.shared.replace_sources(&config, &known);
        let catalogue = config.catalogue.clone();
        *self.shared.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        self.shared.wake.notify_one();
        self.shared.relink(catalogue).await
    }

    /// Starts polling, maintenance, and the settling of actions whose outcome nobody knows.
    pub fn start(&self) {
        let shared = self.shared.clone();
        self.shared.tasks.spawn(turns::run(shared.clone()));
        self.shared.tasks.spawn(maintenance::run(shared.clone()));
        self.shared.tasks.spawn(crate::settle::settle_leftovers(shared));
    }

    /// Says which connections still are as they are polled; what was read of others is not written. Asked before every write
    /// of a poll, so it must be cheap. Set once; later calls change nothing.
    pub fn keep_only(&self, keeps: impl Fn(&ConnectionSpec) -> bool + Send + Sync + 'static) {
        let _ = self.shared.keeps.set(Box::new(keeps));
    }

    /// Runs a task beside the polls; it is dropped when the engine stops.
    pub fn beside(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.shared.tasks.token();
        self.shared.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// Polls every source once now, catching up completely, looks at those that were read what became of actions whose
    /// outcome nobody knows, and returns how each stands. For `qd sync`.
    pub async fn sync(&self) -> Vec<SourceReport> {
        turns::sync(&self.shared, None).await;
        let reports = self.reports();
        crate::settle::settle_read(&self.shared, &reports).await;
        reports
    }

    /// The same for the sources of a kind alone.
    pub async fn sync_kind(&self, kind: Kind) -> Vec<SourceReport> {
        turns::sync(&self.shared, Some(kind)).await;
        let of_kind = |report: &SourceReport| {
            self.shared.source(&report.health.source).is_some_and(|source| source.observes(kind))
        };
        self.reports().into_iter().filter(of_kind).collect()
    }

    /// The same for one source. `None`: there is no such source.
    pub async fn sync_source(&self, source: &SourceId) -> Option<SourceReport> {
        turns::sync_those(&self.shared, self.shared.source(source).into_iter()).await;
        self.reports().into_iter().find(|report| report.health.source == *source)
    }

    /// Makes sources due now: one, or all. Sources that wait for the person (sign-in, settings)
    /// are tried only when named; a rate limit is waited out in any case.
    pub fn nudge(&self, source: Option<&SourceId>) {
        let now = self.shared.parts.clock.now();
        for (id, entry) in self.shared.list() {
            let named = source == Some(&id);
            if source.is_some() && !named {
                continue;
            }
            entry.with(|state| {
                let throttled = matches!(state.health.state, HealthState::Throttled { .. });
                let waits_for_the_person = state.health.next_at.is_none() && !named;
                if !throttled && !waits_for_the_person {
                    state.health.next_at = Some(now);
                    state.wanted = Some(now);
                    state.again = state.polling;
                }
            });
        }
        self.shared.wake.notify_one();
    }

    /// Says that somebody looks at a kind: its sources are polled at least every minute for a while, and now when what
    /// they said is older than that.
    pub fn watch(&self, kind: Option<Kind>) {
        let now = self.shared.parts.clock.now();
        let watched_for = WATCHED_FOR * i32::try_from(self.shared.stretch()).unwrap_or(1);
        for (_, entry) in self.shared.list() {
            if kind.is_none_or(|kind| entry.observes(kind)) {
                entry.with(|state| {
                    let seen_before =
                        state.watched_until.replace(now + watched_for).is_some_and(|until| until > now);
                    let old = state.health.as_of.is_some_and(|as_of| now - as_of > watched_for);
                    let waits_long = matches!(state.health.state, HealthState::Unreachable { .. })
                        && state.health.next_at.is_some_and(|at| at - now > watched_for);
                    if !seen_before && (old && state.health.state == HealthState::Fresh || waits_long) {
                        // Whoever just came to look should not look at what was read or tried minutes ago.
                        state.health.next_at = Some(now);
                    }
                });
            }
        }
    }

    /// The clock runs at another rate: intervals are counted anew, and every source is due.
    pub fn retime(&self) {
        for (_, entry) in self.shared.list() {
            let (_, interval) = self.shared.pace(&entry, self.shared.parts.clock.now());
            entry.with(|state| state.health.interval_secs = interval.as_secs().max(1));
        }
        self.nudge(None);
    }

    /// Waits until no poll is under way, and keeps the schedule from beginning one until what is returned is dropped.
    /// Who sets the clock needs it: a poll that began before would be taken for one of the new time, and a source that is
    /// being polled is not polled by [`Engine::sync`].
    pub async fn quiet(&self) -> Quiet {
        let quiet = Quiet::begin(&self.shared);
        idle(&self.shared.list()).await;
        quiet
    }

    /// Forgets everything that was observed and begins anew. Polls under way end first; `between` runs while nobody polls.
    /// Under [`Engine::quiet`] nothing is read before it is asked for.
    ///
    /// # Errors
    /// The store failed.
    pub async fn begin_anew(&self, between: impl FnOnce() + Send) -> Result<(), StoreError> {
        let config = self.shared.config.read().unwrap_or_else(PoisonError::into_inner).clone();
        let sources = self.shared.list();
        self.shared.replace_sources(&EngineConfig::default(), &[]);
        // A poll that does not end in time was cancelled and stores nothing more.
        let _ = tokio::time::timeout(PATIENCE, idle(&sources)).await;
        for (id, _) in &sources {
            self.shared.parts.store.forget(id).await?;
        }
        // What hosts allowed, and until when, was told at a time that may be yet to come.
        self.shared.budgets.lock().unwrap_or_else(PoisonError::into_inner).clear();
        between();
        self.configure(config).await
    }

    /// Forgets the client of a source, so that its next use asks for the credential anew, and polls it now.
    pub fn credential_changed(&self, source: &SourceId) {
        if let Some(entry) = self.shared.source(source) {
            entry.with(|state| state.http = None);
        }
        self.nudge(Some(source));
    }

    /// How every source stands, by id.
    pub fn reports(&self) -> Vec<SourceReport> {
        let now = self.shared.parts.clock.now();
        let report = |entry: &Arc<Source>| {
            entry.with(|state| {
                state.count_usage(now);
                let sum = |f: fn(&(DateTime<Utc>, u64, u64)) -> u64| state.usage.iter().map(f).sum();
                SourceReport {
                    health: state.health.clone(),
                    problems: state.unread.shown().to_vec(),
                    usage: Usage { requests: sum(|u| u.1), unchanged: sum(|u| u.2) },
                }
            })
        };
        self.shared.list().iter().map(|(_, entry)| report(entry)).collect()
    }

    /// The connections as configured.
    pub fn specs(&self) -> Vec<ConnectionSpec> {
        self.shared.list().into_iter().map(|(_, entry)| entry.spec.clone()).collect()
    }

    /// The services as configured.
    pub fn catalogue(&self) -> Catalogue {
        self.shared.config.read().unwrap_or_else(PoisonError::into_inner).catalogue.clone()
    }

    /// Stops every task within about a second and gives back the leases. `false`: some task had not stopped.
    pub async fn stop(&self) -> bool {
        let stopped = self.shared.tasks.stop(PATIENCE).await;
        if let Err(error) = self.shared.parts.store.release(&self.shared.parts.holder).await {
            tracing::debug!(%error, "leases were not given back; they end by themselves");
        }
        stopped
    }
}

/// Keeps the schedule from beginning polls until it is dropped: see [`Engine::quiet`].
pub struct Quiet(Arc<Shared>);

impl Quiet {
    fn begin(shared: &Arc<Shared>) -> Self {
        *shared.quiet.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self(shared.clone())
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        *self.0.quiet.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.wake.notify_one();
    }
}

/// Until none of these sources is being polled. A poll ends by itself: it has a deadline.
async fn idle(sources: &[(SourceId, Arc<Source>)]) {
    while sources.iter().any(|(_, source)| source.with(|state| state.polling)) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl Shared {
    /// How much further apart in the clock's time polls are than a real clock would have them.
    pub fn stretch(&self) -> u32 {
        self.parts.clock.rate().map_or(1, |rate| (rate / HURRY).max(1))
    }

    /// The tier of a source, and how often it is polled in the clock's time.
    pub fn pace(&self, source: &Source, now: DateTime<Utc>) -> (Tier, Duration) {
        let (tier, interval) = source.pace(now);
        (tier, interval * self.stretch())
    }

    /// All sources, by id.
    pub fn list(&self) -> Vec<(SourceId, Arc<Source>)> {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        sources.iter().map(|(id, source)| (id.clone(), source.clone())).collect()
    }

    /// One source.
    pub fn source(&self, id: &SourceId) -> Option<Arc<Source>> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Whether what was read of a source may be written: it is neither removed nor changed.
    pub fn keeps(&self, source: &Source) -> bool {
        !source.cancel.is_cancelled() && self.keeps.get().is_none_or(|keeps| keeps(&source.spec))
    }

    fn replace_sources(&self, config: &EngineConfig, known: &[Health]) {
        let now = self.parts.clock.now();
        let mut sources = self.sources.write().unwrap_or_else(PoisonError::into_inner);
        let mut old = std::mem::take(&mut *sources);
        for spec in &config.connections {
            let id = spec.id().clone();
            match old.remove(&id) {
                Some(entry) if entry.spec.same_as(spec) => sources.insert(id, entry),
                changed => {
                    if let Some(entry) = changed {
                        entry.cancel.cancel();
                    }
                    sources.insert(id, Arc::new(self.new_source(spec, known, now)))
                }
            };
        }
        for entry in old.values() {
            entry.cancel.cancel();
        }
    }

    fn new_source(&self, spec: &ConnectionSpec, known: &[Health], now: DateTime<Utc>) -> Source {
        let id = spec.id().clone();
        let mut health = Health::new(id.clone(), now, spec.interval().as_secs());
        // What another run read is as old as it says; it is shown with that age until the first poll of this one.
        let before = known.iter().find(|health| health.source == id);
        if let Some(before) = before {
            (health.as_of, health.told) = (before.as_of, before.told);
            health.version.clone_from(&before.version);
        }
        let connection: Arc<dyn qd_connector::Connection> = match spec.backend.connect(spec.settings.clone())
        {
            Ok(connection) => Arc::from(connection),
            Err(error) => {
                health.state = HealthState::Misconfigured { what: error.to_string() };
                health.next_at = None;
                Arc::new(crate::ask::Unusable(error))
            }
        };
        Source::new(spec.clone(), connection, self.tasks.token().child_token(), health, before.cloned())
    }
}

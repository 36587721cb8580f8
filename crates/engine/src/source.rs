//! One connection at run time: its client, its health, its place in the schedule.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::http::Http;
use qd_connector::{Connection, Mark};
use qd_model::{EntityId, Fact, Health, HealthState, Kind, Status};
use tokio_util::sync::CancellationToken;

use crate::config::ConnectionSpec;
use crate::schedule::{Backoff, Tier};
use crate::unread::Unread;

/// One connection at run time.
pub struct Source {
    /// As configured.
    pub spec: ConnectionSpec,
    /// The connector's part.
    pub connection: Arc<dyn Connection>,
    /// Fires when the connection is removed or changed.
    pub cancel: CancellationToken,
    /// What changes.
    state: Mutex<SourceState>,
}

/// The batch that was stored last, when nothing but it tells how the source stands.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// By what its content is recognised.
    pub mark: Mark,
    /// When it was stored.
    pub since: DateTime<Utc>,
}

/// A batch is stored anew after so long, whatever its mark says.
const KEPT_FOR: TimeDelta = TimeDelta::minutes(10);

impl Kept {
    /// Whether another batch with its mark may be left out.
    pub fn holds(self, now: DateTime<Utc>) -> bool {
        (TimeDelta::zero()..KEPT_FOR).contains(&(now - self.since))
    }
}

/// What changes about a source.
pub struct SourceState {
    /// As last known.
    pub health: Health,
    /// How an earlier process left it.
    pub before: Option<Health>,
    /// Failures in a row.
    pub backoff: Backoff,
    /// A poll is under way.
    pub polling: bool,
    /// Somebody asked for a poll while one was under way.
    pub again: bool,
    /// Since when a person waits for a poll that began after they asked.
    pub wanted: Option<DateTime<Utc>>,
    /// The client with the credential in it. `None`: to be made with the next use.
    pub http: Option<Http>,
    /// Entities seen running.
    pub running: HashSet<EntityId>,
    /// Until when somebody looks at what it observes.
    pub watched_until: Option<DateTime<Utc>>,
    /// What was stored last. `None`: another batch came in between, or nobody knows.
    pub kept: Option<Kept>,
    /// What polls could not read.
    pub unread: Unread,
    /// Requests and unchanged answers, by minute, of the last hour.
    pub usage: Vec<(DateTime<Utc>, u64, u64)>,
    /// The facade's counters at the last reading.
    pub counted: (u64, u64),
}

impl Source {
    /// Whether it brings entities of a kind.
    pub fn observes(&self, kind: Kind) -> bool {
        self.spec.backend.descriptor().kinds.contains(&kind)
    }

    /// A source that was not polled in this process yet.
    pub fn new(
        spec: ConnectionSpec,
        connection: Arc<dyn Connection>,
        cancel: CancellationToken,
        health: Health,
        before: Option<Health>,
    ) -> Self {
        let state = SourceState {
            health,
            before,
            backoff: Backoff::default(),
            polling: false,
            again: false,
            wanted: None,
            http: None,
            running: HashSet::new(),
            watched_until: None,
            kept: None,
            unread: Unread::default(),
            usage: Vec::new(),
            counted: (0, 0),
        };
        Self { spec, connection, cancel, state: Mutex::new(state) }
    }

    /// Looks at or changes the state. Never held over an await.
    pub fn with<T>(&self, change: impl FnOnce(&mut SourceState) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The tier it is in now, and that tier's interval.
    pub fn pace(&self, now: DateTime<Utc>) -> (Tier, std::time::Duration) {
        let tier = self.with(|state| {
            if !state.running.is_empty() {
                Tier::Hot
            } else if state.watched_until.is_some_and(|until| until > now) {
                Tier::Warm
            } else {
                Tier::Cold
            }
        });
        (tier, tier.interval(self.spec.interval()))
    }
}

impl SourceState {
    /// Whether a poll should begin now.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        !self.polling && self.health.next_at.is_some_and(|at| at <= now)
    }

    /// Since when it is in a state that it has just reached: what an earlier process found, and what is still so, began then.
    pub fn reached_since(&self, reached: &HealthState, now: DateTime<Utc>) -> DateTime<Utc> {
        let same = |state: &HealthState| std::mem::discriminant(state) == std::mem::discriminant(reached);
        let left =
            self.before.as_ref().filter(|before| same(&before.state) && before.state != HealthState::Fresh);
        match (&self.health.state, left) {
            (state, _) if same(state) => self.health.since,
            (HealthState::New, Some(before)) => before.since,
            _ => now,
        }
    }

    /// Remembers which entities run, to poll faster while any does.
    pub fn note_running<'a>(&mut self, facts: impl Iterator<Item = &'a Fact>) {
        for fact in facts {
            if fact.signal().status == Status::Running {
                self.running.insert(fact.id().clone());
            } else {
                self.running.remove(fact.id());
            }
        }
    }

    /// Adds what the facade has counted since the last reading.
    pub fn count_usage(&mut self, now: DateTime<Utc>) {
        let Some(stats) = self.http.as_ref().map(Http::stats) else { return };
        let (requests, unchanged) = (stats.requests, stats.not_modified);
        let new = (requests.saturating_sub(self.counted.0), unchanged.saturating_sub(self.counted.1));
        self.counted = (requests, unchanged);
        if new != (0, 0) {
            self.usage.push((now, new.0, new.1));
        }
        self.usage.retain(|(at, _, _)| now - *at < TimeDelta::hours(1));
    }
}

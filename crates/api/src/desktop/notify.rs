//! The loop that tells a person what changed. What is said and when is decided in `qd_rules::notify`.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Local, TimeDelta, Utc};
use futures_util::StreamExt;
use qd_model::filter::{Field, Term, Test};
use qd_model::{EntityId, Filter, HealthState, SourceId, Target};
use qd_rules::notify::{Event, Memory, Moment, NotifySettings, TOLD, Toast};
use qd_store::{ChangeSet, Entity, ListQuery, Order, Scope, TimelineQuery};
use serde::{Deserialize, Serialize};

use super::{Notifier, words};
use crate::{ApiError, App};

/// Where the store keeps how far this loop came.
const MEMO: &str = "notifications";
const LOOK: Duration = Duration::from_secs(1);
/// How far it came is written this often.
const KEEP: Duration = Duration::from_secs(60);
/// So many changes are read back when too much happened to be told one by one.
const CATCH_UP: u32 = 2000;

/// How far the loop came.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Seen {
    at: DateTime<Utc>,
    seq: u64,
    paused_until: Option<DateTime<Utc>>,
}

impl App {
    /// Tells what changes through `notifier`, until the store is closed. A second call takes no effect on
    /// [`App::notifications_test`], which stays with the first.
    ///
    /// # Errors
    /// The store could not be read at the start.
    pub async fn run_notifications(&self, notifier: Arc<dyn Notifier>) -> Result<(), ApiError> {
        let started = Instant::now();
        self.run_notifications_by(notifier, Box::new(move || started.elapsed()), LOOK).await
    }

    /// The same by another clock than the machine's: `beat` tells how long this has run, and stands still while the
    /// machine sleeps. It is asked once in each look; there is one `every` so often.
    ///
    /// # Errors
    /// The store could not be read at the start.
    pub async fn run_notifications_by(
        &self,
        notifier: Arc<dyn Notifier>,
        beat: Box<dyn Fn() -> Duration + Send + Sync>,
        every: Duration,
    ) -> Result<(), ApiError> {
        let _ = self.inner.desk.notifier.set(notifier.clone());
        let mut teller = Teller::begin(self, notifier, beat).await?;
        let mut changes = self.inner.parts.store.changes(teller.seen.seq);
        let mut look = tokio::time::interval_at(qd_store::next_beat(every), every);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut waiting: Vec<ChangeSet> = Vec::new();
        loop {
            tokio::select! {
                change = changes.next() => match change {
                    Some(change) => waiting.push(change),
                    None => return Ok(()),
                },
                _ = look.tick() => {
                    if let Err(error) = teller.look(std::mem::take(&mut waiting)).await {
                        tracing::debug!(%error, "changes could not be read for notifications");
                    }
                }
            }
        }
    }

    fn notify_settings(&self) -> NotifySettings {
        self.inner.loaded.read().unwrap_or_else(PoisonError::into_inner).config.notifications.clone()
    }
}

struct Teller {
    app: App,
    notifier: Arc<dyn Notifier>,
    memory: Memory,
    beat: Box<dyn Fn() -> Duration + Send + Sync>,
    kept: Duration,
    seen: Seen,
    /// The last notification could not be shown: said once in the log, not with every one.
    failing: bool,
}

impl Teller {
    async fn begin(
        app: &App,
        notifier: Arc<dyn Notifier>,
        beat: Box<dyn Fn() -> Duration + Send + Sync>,
    ) -> Result<Self, ApiError> {
        let store = &app.inner.parts.store;
        let now = app.now();
        let text = store.memo(MEMO).await?;
        let before: Option<Seen> = text.and_then(|text| serde_json::from_str(&text).ok());
        let seq = store.seq().await?;
        // A history that was begun anew has smaller numbers than the memo remembers.
        let before = before.filter(|before| before.seq <= seq && before.at <= now);
        // Nothing changed since: what stood then stands now, and is read faster.
        let then = before.filter(|before| before.seq != seq).map(|before| before.at);
        let standing = store.list(&in_trouble(then, now)).await?.items;
        let standing: Vec<Event> = standing.iter().map(|entity| event(entity, now)).collect();
        let seen = before.unwrap_or(Seen { at: now, seq, paused_until: None });
        *app.inner.desk.paused_until.lock().unwrap_or_else(PoisonError::into_inner) = seen.paused_until;
        Ok(Self {
            app: app.clone(),
            notifier,
            memory: Memory::resume(before.map(|before| before.at), now, &standing),
            beat,
            kept: Duration::ZERO,
            seen,
            failing: false,
        })
    }

    async fn look(&mut self, changes: Vec<ChangeSet>) -> Result<(), ApiError> {
        let app = self.app.clone();
        let _whole = app.when_whole().await;
        let now = self.app.now();
        let events = self.events(&changes, now).await?;
        let sources = self.unreachable().await?;
        let paused_until = *self.app.inner.desk.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        let moment = Moment {
            now,
            beat: (self.beat)(),
            local: now.with_timezone(&Local).time(),
            paused_until,
            simulated: self.app.inner.parts.demo.is_some(),
        };
        let decision = self.memory.decide(&self.app.notify_settings(), moment, &events, &sources);
        for id in &decision.mended {
            self.notifier.withdraw(id).await;
        }
        for toast in &decision.toasts {
            self.tell(toast).await?;
        }
        let seq = changes.last().map_or(self.seen.seq, |change| change.seq);
        let pause_changed = self.seen.paused_until != paused_until;
        self.seen = Seen { at: now, seq, paused_until };
        if pause_changed || moment.beat.saturating_sub(self.kept) >= KEEP {
            self.kept = moment.beat;
            if let Ok(text) = serde_json::to_string(&self.seen) {
                self.app.inner.parts.store.put_memo(MEMO, &text).await?;
            }
        }
        Ok(())
    }

    async fn events(&self, changes: &[ChangeSet], now: DateTime<Utc>) -> Result<Vec<Event>, ApiError> {
        let store = &self.app.inner.parts.store;
        let mut ids: BTreeSet<EntityId> =
            changes.iter().flat_map(|change| &change.transitions).map(|it| it.id.clone()).collect();
        if changes.iter().any(|change| change.truncated) {
            let to = now + TimeDelta::seconds(1);
            let query = TimelineQuery { from: self.seen.at, to, kinds: Vec::new(), limit: CATCH_UP };
            ids.extend(store.timeline(&query).await?.into_iter().map(|transition| transition.id));
        }
        let mut events = Vec::with_capacity(ids.len());
        for id in &ids {
            // As it stands now: what was over before it could be told is not told.
            events.extend(store.get(id, None).await?.map(|entity| event(&entity, now)));
        }
        Ok(events)
    }

    /// Sources that cannot be read, and since when. One that was never asked, or is paused, is none.
    async fn unreachable(&self) -> Result<Vec<(SourceId, DateTime<Utc>)>, ApiError> {
        let sources = self.app.sources(None).await?;
        let health = sources.list.iter().map(|source| &source.report.health);
        let down = health.filter(|health| {
            !matches!(health.state, HealthState::New | HealthState::Fresh | HealthState::Paused)
        });
        Ok(down.map(|health| (health.source.clone(), health.since)).collect())
    }

    async fn tell(&mut self, toast: &Toast) -> Result<(), ApiError> {
        let mut offers = Vec::new();
        if let Toast::One { item, .. } = toast
            && let Some(entity) = self.app.inner.parts.store.get(&item.id, None).await?
        {
            let target = Target::Entity(item.id.clone());
            offers = self.app.offers(&target, Some(&entity), &self.app.sources(None).await?);
        }
        let shown = self.notifier.show(words::notification(&self.app, toast, &offers)).await;
        if let Err(problem) = &shown
            && !self.failing
        {
            tracing::warn!(problem, "a notification could not be shown");
        }
        self.failing = shown.is_err();
        Ok(())
    }
}

/// What a person may have been told of. Everything else that is current is many times as much, and nobody waits for it here.
fn in_trouble(as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> ListQuery {
    let states = TOLD.iter().map(|status| status.as_str().to_owned()).collect();
    let term = Term { negated: false, test: Test::Is(Field::State, states) };
    ListQuery {
        kinds: Vec::new(),
        scope: Scope::Current,
        filter: Filter { terms: vec![term] },
        as_of,
        now,
        order: Order::Attention,
        offset: 0,
        limit: u32::MAX,
    }
}

fn event(entity: &Entity, now: DateTime<Utc>) -> Event {
    let service = entity.links.service.as_ref().map(|service| service.name.as_str());
    let event =
        Event::of(&entity.fact, service, entity.links.environment.as_deref(), entity.changed.min(now));
    // What a complete answer no longer lists is nobody's trouble any more.
    Event { acknowledged: event.acknowledged || entity.gone_at.is_some(), ..event }
}

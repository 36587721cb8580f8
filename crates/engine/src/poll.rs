//! The scheduler and the poll: from a source that is due to rows in the store.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use qd_connector::{PollCx, PollError};
use qd_model::{Batch, HealthState, SourceId};
use qd_store::Ingest;

use crate::engine::Shared;
use crate::schedule::{Backoff, next_at, slept};
use crate::source::Source;
use crate::unread;

/// How often the scheduler looks. It costs microseconds, and it notices within this time that the machine slept.
const TICK: Duration = Duration::from_secs(1);
/// One poll ends after this time at the latest.
const DEADLINE: Duration = Duration::from_secs(120);
/// Batches taken in one go before other sources get their turn.
const BATCHES: u32 = 10;

/// Runs until the engine stops.
pub async fn run(shared: Arc<Shared>) {
    let stop = shared.tasks.token();
    let mut before = shared.parts.clock.now();
    loop {
        let now = shared.parts.clock.now();
        // A simulated clock may be hurried or set; then nobody slept.
        if shared.parts.clock.rate().is_none() && slept(before, now, TICK) {
            catch_up(&shared, now);
        }
        before = now;
        for (_, source) in shared.list() {
            if begin(&source, now) {
                let shared = shared.clone();
                shared.clone().tasks.spawn(async move { turn(&shared, &source).await });
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = shared.wake.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Polls every source that can be polled, each until it has nothing more, and waits for all.
pub async fn sync(shared: &Arc<Shared>) {
    let now = shared.parts.clock.now();
    let turns = shared.list().into_iter().filter_map(|(_, source)| {
        source.with(|state| {
            if state.health.next_at.is_some()
                && !matches!(state.health.state, HealthState::Throttled { until } if until > now)
            {
                state.health.next_at = Some(now);
            }
        });
        begin(&source, now).then(|| {
            let shared = shared.clone();
            async move { while turn(&shared, &source).await && begin(&source, shared.parts.clock.now()) {} }
        })
    });
    // All polls run at once: one dead host must not make the others wait.
    futures_util::future::join_all(turns.collect::<Vec<_>>()).await;
}

/// After sleep every source is due, spread over three seconds: one coalesced refresh.
fn catch_up(shared: &Shared, now: DateTime<Utc>) {
    tracing::info!("the machine slept; catching up");
    for (_, source) in shared.list() {
        source.with(|state| {
            if state.health.next_at.is_some() && !matches!(state.health.state, HealthState::Throttled { .. })
            {
                state.backoff = Backoff::default();
                state.health.next_at = Some(now + chrono::TimeDelta::milliseconds(fastrand::i64(0..3000)));
            }
        });
    }
}

/// Claims a source that is due. `false`: it is not, or a poll of it is under way.
fn begin(source: &Source, now: DateTime<Utc>) -> bool {
    source.with(|state| {
        let due = state.is_due(now);
        state.polling |= due;
        due
    })
}

/// One turn of a claimed source. Returns whether more is waiting.
async fn turn(shared: &Arc<Shared>, source: &Arc<Source>) -> bool {
    let id = source.spec.id().clone();
    let outcome = if leased(shared, source).await {
        // A panic of a connector is a failure of its source, and of nothing else.
        let attempt = AssertUnwindSafe(poll(shared, source)).catch_unwind();
        match tokio::time::timeout(DEADLINE, attempt).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Outcome::Failed(HealthState::Unexpected {
                what: format!(
                    "the {} connector failed internally; please report it",
                    source.spec.backend.descriptor().name
                ),
            }),
            Err(_) => Outcome::Failed(HealthState::Unreachable {
                cause: format!("a poll took longer than {} s", DEADLINE.as_secs()),
            }),
        }
    } else {
        Outcome::ElsewherePolled
    };
    finish(shared, source, &id, outcome).await
}

enum Outcome {
    Read { more: bool },
    Failed(HealthState),
    Cancelled,
    ElsewherePolled,
}

async fn leased(shared: &Shared, source: &Source) -> bool {
    let ttl = (DEADLINE + 2 * source.spec.interval()) * shared.stretch();
    let now = shared.parts.clock.now();
    match shared.parts.store.lease(source.spec.id(), &shared.parts.holder, now, ttl).await {
        Ok(mine) => mine,
        Err(error) => {
            tracing::warn!(source = %source.spec.id(), %error, "no lease");
            false
        }
    }
}

async fn poll(shared: &Arc<Shared>, source: &Arc<Source>) -> Outcome {
    let cx = match shared.context(source).await {
        Ok(cx) => cx,
        Err(state) => return Outcome::Failed(state),
    };
    let mut cursor = match shared.parts.store.cursor(source.spec.id()).await {
        Ok(cursor) => cursor,
        Err(error) => return Outcome::Failed(HealthState::Unexpected { what: error.to_string() }),
    };
    for _ in 0..BATCHES {
        let batch = match one_batch(source, &cx, &cursor).await {
            Ok(batch) => batch,
            Err(PollError::Cancelled) => return Outcome::Cancelled,
            Err(error) => return Outcome::Failed(error.health()),
        };
        let (next, more) = (batch.next.clone(), batch.more);
        if let Err(error) = ingest(shared, source, batch).await {
            return Outcome::Failed(HealthState::Unexpected { what: error.to_string() });
        }
        if !more {
            return Outcome::Read { more: false };
        }
        cursor = next;
    }
    Outcome::Read { more: true }
}

async fn one_batch(source: &Source, cx: &PollCx, cursor: &qd_model::Cursor) -> Result<Batch, PollError> {
    tokio::select! {
        () = cx.cancel.cancelled() => Err(PollError::Cancelled),
        batch = source.connection.poll(cx, cursor) => batch,
    }
}

async fn ingest(shared: &Shared, source: &Source, batch: Batch) -> Result<(), qd_store::StoreError> {
    let now = shared.parts.clock.now();
    note_first_read(shared, source, source.spec.id(), now).await;
    let facts = {
        let config = shared.config.read().unwrap_or_else(PoisonError::into_inner);
        batch
            .facts
            .into_iter()
            .map(|fact| (config.catalogue.link(&fact), fact))
            .map(|(links, fact)| (fact, links))
            .collect::<Vec<_>>()
    };
    let unread = source.with(|state| {
        state.note_running(facts.iter().map(|(fact, _)| fact));
        state.unread.take(batch.problems, batch.more)
    });
    if let Some(unread) = unread {
        unread::keep(shared.parts.store.as_ref(), source.spec.id(), &unread).await;
    }
    let count = facts.len();
    let ingest = Ingest { facts, coverage: batch.coverage, next: batch.next };
    let changes = shared.parts.store.ingest(source.spec.id(), ingest, now).await?;
    tracing::debug!(source = %source.spec.id(), facts = count, changed = changes.touched.len(), "polled");
    Ok(())
}

/// Writes down how a turn ended and when the next one is. Returns whether more is waiting.
async fn finish(shared: &Arc<Shared>, source: &Arc<Source>, id: &SourceId, outcome: Outcome) -> bool {
    let now = shared.parts.clock.now();
    let (_, interval) = shared.pace(source, now);
    let (health, more) = match outcome {
        Outcome::Cancelled => {
            source.with(|state| state.polling = false);
            return false;
        }
        Outcome::ElsewherePolled => {
            adopt(shared, source, id, now).await;
            return false;
        }
        Outcome::Read { more } => (settle(source, HealthState::Fresh, interval, now, more), more),
        Outcome::Failed(state) => {
            tracing::warn!(source = %id, state = state.as_str(), "poll failed");
            (settle(source, state, interval, now, false), false)
        }
    };
    if let Err(error) = shared.parts.store.record_health(&health).await {
        tracing::warn!(source = %id, %error, "health was not written");
    }
    shared.wake.notify_one();
    more
}

/// Where the store keeps since when a source is known: nothing can be said of it before.
pub fn first_read_key(source: &SourceId) -> String {
    format!("first read {source}")
}

async fn note_first_read(shared: &Shared, source: &Source, id: &SourceId, now: DateTime<Utc>) {
    if source.with(|state| state.health.as_of.is_some()) {
        return;
    }
    let key = first_read_key(id);
    let known = shared.parts.store.note(&key).await;
    if matches!(known, Ok(None))
        && let Err(error) =
            shared.parts.store.put_note(&key, &now.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)).await
    {
        tracing::warn!(source = %id, %error, "the time of the first reading was not kept");
    }
}

/// The state after a turn of this process.
fn settle(
    source: &Source,
    reached: HealthState,
    interval: Duration,
    now: DateTime<Utc>,
    more: bool,
) -> qd_model::Health {
    source.with(|state| {
        state.polling = false;
        let fresh = reached == HealthState::Fresh;
        state.backoff.failures = if fresh { 0 } else { state.backoff.failures.saturating_add(1) };
        if matches!(reached, HealthState::NeedsSignIn { .. }) {
            // The credential is read anew with the next try.
            state.http = None;
        }
        let again = std::mem::take(&mut state.again) || more;
        let planned = next_at(&reached, state.backoff, interval, now, fastrand::f64());
        let health = &mut state.health;
        if std::mem::discriminant(&health.state) != std::mem::discriminant(&reached) {
            health.since = now;
        }
        health.next_at = if again && fresh { Some(now) } else { planned };
        if fresh {
            health.as_of = Some(now);
        }
        health.state = reached;
        health.interval_secs = interval.as_secs().max(1);
        if let Some(http) = &state.http {
            health.quota = http.quota();
            let skew = http.clock_skew().map(|skew| skew.num_seconds());
            health.clock_skew_secs = skew.filter(|secs| secs.abs() > 60);
        }
        health.clone()
    })
}

/// Another process polls this source: its findings are ours too. We look again soon, in case it stops.
async fn adopt(shared: &Shared, source: &Source, id: &SourceId, now: DateTime<Utc>) {
    let known = shared.parts.store.health().await.unwrap_or_default();
    let found = known.into_iter().find(|health| health.source == *id);
    let unread = unread::unread(shared.parts.store.as_ref(), id).await;
    source.with(|state| {
        state.polling = false;
        state.unread.adopt(unread);
        if let Some(found) = found {
            state.health = found;
        }
        state.health.next_at = Some(now + chrono::TimeDelta::seconds(5));
    });
}

//! The scheduler: whose turn it is, who else polls the same source, and how it stands after its turn.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use qd_model::{HealthState, Kind, SourceId};

use crate::engine::Shared;
use crate::poll::{Outcome, poll};
use crate::schedule::{Backoff, Tier, next_at, slept};
use crate::source::Source;
use crate::unread;

/// How often the scheduler looks. It costs microseconds, and it notices within this time that the machine slept.
const TICK: Duration = Duration::from_secs(1);
/// One poll ends after this time at the latest.
const DEADLINE: Duration = Duration::from_secs(120);
/// How long a poll keeps other processes off its source without saying that it goes on: what a process that was killed
/// leaves behind holds nobody up for longer.
const LEASE: Duration = Duration::from_secs(30);
/// A poll under way says this often that it goes on.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// When another process polls a source, its findings are looked for after this time.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How often one who waits for a poll of another process looks whether it has ended.
const IMPATIENT: Duration = Duration::from_millis(200);
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
        begin_due(&shared, now);
        tokio::select! {
            () = stop.cancelled() => return,
            () = shared.wake.notified() => {}
            () = qd_store::beat(TICK) => {}
        }
    }
}

/// Begins a poll of every source that is due, unless somebody wants quiet.
fn begin_due(shared: &Arc<Shared>, now: DateTime<Utc>) {
    // Held until all have begun: whoever asks for quiet meanwhile sees them.
    let quiet = shared.quiet.lock().unwrap_or_else(PoisonError::into_inner);
    if *quiet > 0 {
        return;
    }
    for (_, source) in shared.list() {
        if begin(&source, now) {
            let shared = shared.clone();
            shared.clone().tasks.spawn(async move { turn(&shared, &source).await });
        }
    }
}

/// Polls every source that can be polled, or those of a kind, each until it has nothing more, and waits for all.
pub async fn sync(shared: &Arc<Shared>, kind: Option<Kind>) {
    let all = shared.list().into_iter().map(|(_, source)| source);
    sync_those(shared, all.filter(|source| kind.is_none_or(|kind| source.observes(kind)))).await;
}

/// The same for these sources.
pub async fn sync_those(shared: &Arc<Shared>, wanted: impl Iterator<Item = Arc<Source>>) {
    let now = shared.parts.clock.now();
    let turns = wanted.filter_map(|source| {
        source.with(|state| {
            if state.health.next_at.is_some()
                && !matches!(state.health.state, HealthState::Throttled { until } if until > now)
            {
                state.health.next_at = Some(now);
                state.wanted = Some(now);
            }
        });
        begin(&source, now).then(|| one_sync(shared.clone(), source))
    });
    // All polls run at once: one dead host must not make the others wait.
    futures_util::future::join_all(turns.collect::<Vec<_>>()).await;
}

/// Polls a claimed source until it has nothing more; when another process is at it, waits for that one to end first.
async fn one_sync(shared: Arc<Shared>, source: Arc<Source>) {
    let patience = tokio::time::Instant::now() + DEADLINE;
    loop {
        let more = turn(&shared, &source).await;
        let unread = source.with(|state| state.wanted.is_some());
        if !more && (!unread || tokio::time::Instant::now() > patience) {
            return;
        }
        if !more {
            tokio::time::sleep(IMPATIENT).await;
        }
        let now = shared.parts.clock.now();
        if unread {
            source.with(|state| state.health.next_at = Some(now));
        }
        if !begin(&source, now) {
            return;
        }
    }
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
    let outcome = if !leased(shared, source, LEASE).await {
        Outcome::UnderWayElsewhere
    } else if adopted(shared, source, &id).await {
        Outcome::ReadElsewhere
    } else {
        match attempt(shared, source).await {
            // How a connection stands that is gone is nobody's health any more.
            _ if !shared.keeps(source) => Outcome::Cancelled,
            outcome => outcome,
        }
    };
    let read_here = !matches!(outcome, Outcome::UnderWayElsewhere);
    let more = finish(shared, source, &id, outcome).await;
    if read_here {
        // What was written down comes first: who polls next has to find it.
        leased(shared, source, Duration::ZERO).await;
    }
    more
}

/// A poll within its deadline, which says meanwhile that it goes on.
async fn attempt(shared: &Arc<Shared>, source: &Arc<Source>) -> Outcome {
    // A panic of a connector is a failure of its source, and of nothing else.
    let attempt = AssertUnwindSafe(poll(shared, source)).catch_unwind();
    let heartbeat = async {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            leased(shared, source, LEASE).await;
        }
    };
    tokio::select! {
        ended = tokio::time::timeout(DEADLINE, attempt) => match ended {
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
        },
        never = heartbeat => never,
    }
}

/// Takes, renews or (with no time) gives back the lease of a source. `false`: another process polls it now.
async fn leased(shared: &Shared, source: &Source, ttl: Duration) -> bool {
    let now = shared.parts.clock.now();
    let ttl = ttl * shared.stretch();
    match shared.parts.store.lease(source.spec.id(), &shared.parts.holder, now, ttl).await {
        Ok(mine) => mine,
        Err(error) => {
            tracing::warn!(source = %source.spec.id(), %error, "no lease");
            false
        }
    }
}

/// Takes over what another process has found since this one looked last. Returns whether that is recent enough, so that a
/// window and a collector side by side ask a backend no more often than one of them alone; a person who asks for a poll
/// gets one that began after they asked.
async fn adopted(shared: &Shared, source: &Source, id: &SourceId) -> bool {
    let known = shared.parts.store.health().await.unwrap_or_default();
    let found = known.into_iter().find(|health| health.source == *id);
    let Some(found) = found else { return false };
    let unread = unread::unread(shared.parts.store.as_ref(), id).await;
    let now = shared.parts.clock.now();
    let (_, interval) = shared.pace(source, now);
    source.with(|state| {
        let Some(as_of) = found.as_of.filter(|as_of| state.health.as_of.is_none_or(|ours| *as_of > ours))
        else {
            return false;
        };
        // What is stored may be another's.
        state.kept = None;
        let due = as_of + chrono::TimeDelta::from_std(interval).unwrap_or_default();
        if found.state != HealthState::Fresh {
            // It was read, and then no more. Whether it can be read again is to be seen.
            (state.health.as_of, state.health.told) = (Some(as_of), found.told);
            return false;
        }
        state.unread.adopt(unread);
        let wanted_since = state.wanted.is_some_and(|wanted| wanted >= as_of);
        state.health = found;
        state.health.next_at = Some(due);
        due > now && !wanted_since
    })
}

/// Writes down how a turn ended and when the next one is. Returns whether more is waiting.
async fn finish(shared: &Arc<Shared>, source: &Arc<Source>, id: &SourceId, outcome: Outcome) -> bool {
    let now = shared.parts.clock.now();
    let (tier, interval) = shared.pace(source, now);
    let (health, more) = match outcome {
        Outcome::Cancelled => {
            // Whoever waits for this connection waits for one that is gone.
            source.with(|state| {
                state.polling = false;
                state.wanted = None;
            });
            return false;
        }
        Outcome::UnderWayElsewhere => {
            let again = now + chrono::TimeDelta::from_std(LOOK_AGAIN).unwrap_or_default();
            source.with(|state| {
                state.polling = false;
                state.health.next_at = Some(again);
            });
            return false;
        }
        Outcome::ReadElsewhere => {
            source.with(|state| {
                state.polling = false;
                state.wanted = None;
                state.backoff = Backoff::default();
            });
            shared.wake.notify_one();
            return false;
        }
        Outcome::Read { more } => (settle(source, HealthState::Fresh, (tier, interval), now, more), more),
        Outcome::Failed(state) => {
            tracing::warn!(source = %id, state = state.as_str(), "poll failed");
            (settle(source, state, (tier, interval), now, false), false)
        }
    };
    if let Err(error) = shared.parts.store.record_health(&health).await {
        tracing::warn!(source = %id, %error, "health was not written");
    }
    shared.wake.notify_one();
    more
}

/// The state after a turn of this process.
fn settle(
    source: &Source,
    reached: HealthState,
    (tier, interval): (Tier, Duration),
    now: DateTime<Utc>,
    more: bool,
) -> qd_model::Health {
    source.with(|state| {
        state.polling = false;
        state.wanted = None;
        let fresh = reached == HealthState::Fresh;
        state.backoff.failures = if fresh { 0 } else { state.backoff.failures.saturating_add(1) };
        if matches!(reached, HealthState::NeedsSignIn { .. }) {
            // The credential is read anew with the next try.
            state.http = None;
        }
        let again = std::mem::take(&mut state.again) || more;
        let planned = next_at(&reached, state.backoff.seen_from(tier), interval, now, fastrand::f64());
        state.health.since = state.reached_since(&reached, now);
        let health = &mut state.health;
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

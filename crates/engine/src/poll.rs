//! One poll: from a source that is due to rows in the store.

use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use qd_connector::{Mark, PollCx, PollError, Polled};
use qd_model::{Absence, Batch, Coverage, Fact, HealthState, Kind, SourceId, Told};
use qd_store::Ingest;

use crate::engine::Shared;
use crate::failure;
use crate::source::{Kept, Source};
use crate::unread;

/// Batches taken in one go before other sources get their turn.
const BATCHES: u32 = 10;

/// How a turn of a source ended.
pub(crate) enum Outcome {
    Read {
        more: bool,
    },
    Failed(HealthState),
    Cancelled,
    /// Another process is at it right now.
    UnderWayElsewhere,
    /// Another process has read it so recently that it is not due.
    ReadElsewhere,
}

/// Reads a source, up to [`BATCHES`] batches, and stores what it says.
pub(crate) async fn poll(shared: &Arc<Shared>, source: &Arc<Source>) -> Outcome {
    let cx = match shared.context(source).await {
        Ok(cx) => cx,
        Err(state) => return Outcome::Failed(state),
    };
    let mut cursor = match shared.parts.store.cursor(source.spec.id()).await {
        Ok(cursor) => cursor,
        Err(error) => return Outcome::Failed(HealthState::Unexpected { what: error.to_string() }),
    };
    for _ in 0..BATCHES {
        let kept = source.with(|state| state.kept.take()).filter(|kept| kept.holds(shared.parts.clock.now()));
        let (batch, mark) = match one_batch(source, &cx, &cursor, kept.map(|kept| kept.mark)).await {
            Ok(Polled::New(batch, mark)) => (batch, mark),
            Ok(Polled::Same) => {
                let now = shared.parts.clock.now();
                source.with(|state| {
                    state.kept = kept;
                    state.health.told = state.health.told.map(|told| Told { until: now, ..told });
                });
                return Outcome::Read { more: false };
            }
            Err(PollError::Cancelled) => return Outcome::Cancelled,
            Err(error) => return Outcome::Failed(failure::health(error, &source.spec)),
        };
        if !shared.keeps(source) {
            return Outcome::Cancelled;
        }
        let (next, more, told_since) = (batch.next.clone(), batch.more, batch.told_since);
        let kept = mark.filter(|_| says_it_all(&batch, &cursor));
        if let Err(error) = ingest(shared, source, batch).await {
            return Outcome::Failed(HealthState::Unexpected { what: error.to_string() });
        }
        let now = shared.parts.clock.now();
        source.with(|state| state.kept = kept.map(|mark| Kept { mark, since: now }));
        if !more {
            source.with(|state| state.health.told = told_since.map(|since| Told { since, until: now }));
            return Outcome::Read { more: false };
        }
        cursor = next;
    }
    Outcome::Read { more: true }
}

async fn one_batch(
    source: &Source,
    cx: &PollCx,
    cursor: &qd_model::Cursor,
    kept: Option<Mark>,
) -> Result<Polled, PollError> {
    tokio::select! {
        () = cx.cancel.cancelled() => Err(PollError::Cancelled),
        polled = source.connection.poll_again(cx, cursor, kept) => polled,
    }
}

/// Whether storing the same batch once more would change nothing: it goes on from nowhere, hides nothing, and no absence is
/// counted that another answer like it would have to confirm.
fn says_it_all(batch: &Batch, cursor: &qd_model::Cursor) -> bool {
    let at_once = |kinds: &Vec<Kind>| kinds.iter().all(|kind| Absence::of(*kind) == Absence::Resolved);
    let complete = matches!(&batch.coverage, Coverage::Complete(kinds) if at_once(kinds));
    complete && !batch.more && batch.problems.is_empty() && batch.next == *cursor
}

async fn ingest(shared: &Shared, source: &Source, batch: Batch) -> Result<(), qd_store::StoreError> {
    let now = shared.parts.clock.now();
    note_first_read(shared, source, source.spec.id(), now).await;
    let facts = {
        let config = shared.config.read().unwrap_or_else(PoisonError::into_inner);
        let linked = |fact: Fact| {
            let links = config.catalogue.link(&fact);
            (fact, links)
        };
        batch.facts.into_iter().map(linked).collect::<Vec<_>>()
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

/// Where the store keeps since when a source is known: nothing can be said of it before.
pub fn first_read_key(source: &SourceId) -> String {
    format!("first read {source}")
}

async fn note_first_read(shared: &Shared, source: &Source, id: &SourceId, now: DateTime<Utc>) {
    if source.with(|state| state.health.as_of.is_some()) {
        return;
    }
    let key = first_read_key(id);
    let known = shared.parts.store.memo(&key).await;
    if matches!(known, Ok(None))
        && let Err(error) =
            shared.parts.store.put_memo(&key, &now.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)).await
    {
        tracing::warn!(source = %id, %error, "the time of the first reading was not kept");
    }
}

//! What became of actions whose outcome nobody knows: found out by reading, never by sending again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::{Action, Verdict};
use qd_model::{ActionOutcome, ActionRecord, ActionState, HealthState};
use qd_store::ActionsQuery;

use crate::act::find;
use crate::engine::Shared;
use crate::refusal::ActRefusal;
use crate::source::Source;
use crate::{Engine, SourceReport};

/// When whoever proposed an action looks what became of it, each after the one before.
const LOOKS: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(3),
    Duration::from_secs(4),
    Duration::from_secs(20),
];
/// Whoever waits for an outcome reads the log so often.
const IMPATIENT: Duration = Duration::from_millis(200);
/// An action without an outcome may be under way in another process for so long.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(2);
/// What a backend did not answer it may still be at: others look only after this time.
const PAUSE: TimeDelta = TimeDelta::seconds(5);
/// A process that polls looks so often what became of actions.
const ROUND: Duration = Duration::from_secs(30);
/// What stayed unknown for so long is looked up only when a process begins, or is asked to.
const LONG: TimeDelta = TimeDelta::hours(1);

impl Engine {
    /// Waits until the outcome of an action that was proposed is known, but not longer than `patience`, and returns the
    /// record as it is then.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn outcome_of(
        &self,
        record: ActionRecord,
        patience: Duration,
    ) -> Result<ActionRecord, ActRefusal> {
        let begun = tokio::time::Instant::now();
        let mut record = record;
        loop {
            let found = find(&self.shared, &record.target, &record.idempotency_key).await?;
            record = found.unwrap_or(record);
            if !open(&record) || begun.elapsed() >= patience {
                return Ok(record);
            }
            tokio::time::sleep(IMPATIENT).await;
        }
    }

    /// Looks once what became of the actions at a source whose outcome is not known, whoever proposed them.
    pub async fn settle_open(&self, source: &qd_model::SourceId) {
        settle_those(&self.shared, |record| record.target.source() == source).await;
    }
}

/// Whether the outcome is not known.
fn open(record: &ActionRecord) -> bool {
    matches!(record.outcome, None | Some(ActionOutcome::Unknown { .. }))
}

pub(crate) async fn settle(shared: &Shared, key: &str, outcome: &ActionOutcome, at: DateTime<Utc>) {
    if let Err(error) = shared.parts.store.settle(key, outcome, at).await {
        tracing::error!(%error, "the outcome of an action was not written");
    }
}

/// Looks several times, until it is known.
pub(crate) async fn look_again(shared: &Arc<Shared>, source: &Arc<Source>, action: &Action) {
    for wait in LOOKS {
        tokio::select! {
            () = source.cancel.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        if look(shared, source, action).await {
            return;
        }
    }
}

/// Looks once. `false`: it is still not known.
async fn look(shared: &Arc<Shared>, source: &Arc<Source>, action: &Action) -> bool {
    let Ok(cx) = shared.context(source).await else { return false };
    let verdict = match source.connection.verify(&cx, action).await {
        Ok(verdict) => verdict,
        Err(error) => {
            tracing::debug!(source = %source.spec.id(), %error, "the effect of an action could not be read yet");
            return false;
        }
    };
    let outcome = match verdict {
        Verdict::Happened(message) => ActionOutcome::Accepted { message, undo: None },
        Verdict::DidNotHappen => ActionOutcome::refused("it did not take effect"),
        Verdict::CannotTell => return false,
    };
    // Another process may have found out meanwhile.
    let found = find(shared, &action.target, &action.idempotency_key).await;
    if found.is_ok_and(|found| found.is_some_and(|record| open(&record))) {
        settle(shared, &action.idempotency_key, &outcome, shared.parts.clock.now()).await;
    }
    true
}

/// Settles until the engine stops what this run or others left open.
pub(crate) async fn settle_leftovers(shared: Arc<Shared>) {
    let stop = shared.tasks.token();
    let mut first = true;
    loop {
        let now = shared.parts.clock.now();
        settle_those(&shared, |record| first || now - record.proposed_at < LONG).await;
        first = false;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// The same for the sources that were just read, once.
pub(crate) async fn settle_read(shared: &Arc<Shared>, reports: &[SourceReport]) {
    let read = |record: &ActionRecord| {
        let of = |report: &&SourceReport| report.health.source == *record.target.source();
        reports.iter().find(of).is_some_and(|report| report.health.state == HealthState::Fresh)
    };
    settle_those(shared, read).await;
}

/// One that was only written down was never sent; one that was sent is unknown, and looked up.
async fn settle_those(shared: &Arc<Shared>, wanted: impl Fn(&ActionRecord) -> bool) {
    let query = ActionsQuery { target: None, unsettled: true, limit: 1000 };
    let Ok(all) = shared.parts.store.actions(&query).await else { return };
    let now = shared.parts.clock.now();
    for record in all.into_iter().filter(|record| wanted(record)) {
        let age = now - record.proposed_at;
        match record.state {
            ActionState::Proposed if age > UNDER_WAY => {
                let outcome = ActionOutcome::refused("Quarterdeck ended before it was sent");
                settle(shared, &record.idempotency_key, &outcome, now).await;
            }
            ActionState::Sent if age > UNDER_WAY => {
                let cause = "Quarterdeck ended before the answer came".to_owned();
                settle(shared, &record.idempotency_key, &ActionOutcome::Unknown { cause }, now).await;
                look_up(shared, &record).await;
            }
            ActionState::Settled if age > PAUSE => look_up(shared, &record).await,
            ActionState::Proposed | ActionState::Sent | ActionState::Settled => {}
        }
    }
}

async fn look_up(shared: &Arc<Shared>, record: &ActionRecord) {
    let Some(source) = shared.source(record.target.source()) else { return };
    let fact = match record.target.entity() {
        Some(id) => shared.parts.store.get(id, None).await.ok().flatten().map(|entity| entity.fact),
        None => None,
    };
    let action = Action {
        target: record.target.clone(),
        fact,
        verb: record.verb.clone(),
        args: record.args.clone(),
        idempotency_key: record.idempotency_key.clone(),
        proposed_at: record.proposed_at,
    };
    look(shared, &source, &action).await;
}

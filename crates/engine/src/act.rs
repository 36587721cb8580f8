//! Actions: written down, sent once, settled. An entity's state changes only by observation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use qd_connector::{ActError, Action, ActionSpec, PollCx};
use qd_model::{ActionOutcome, ActionRecord, ActionState, HealthState, KeptBy, Target};
use qd_store::{ActionsQuery, Entity};

use crate::Engine;
use crate::engine::Shared;
use crate::refusal::{ActRefusal, missing, needs, permitted, same, verb};
use crate::settle::{look_again, settle};
use crate::source::Source;

/// What a person proposes.
#[derive(Debug, Clone, PartialEq)]
pub struct ActRequest {
    /// What it is aimed at.
    pub target: Target,
    /// The verb.
    pub verb: String,
    /// Arguments.
    pub args: BTreeMap<String, String>,
    /// Number of the entity's last change the person saw. `None`: the caller read it just now (command line).
    pub seen_seq: Option<u64>,
    /// One key, one write.
    pub idempotency_key: String,
    /// Who asks: `window`, `qd`.
    pub actor: String,
}

/// An action gets so long for its answer.
const DEADLINE: Duration = Duration::from_secs(45);

impl Engine {
    /// Checks a proposal, writes it down, sends it once and returns the settled record. A key that was used before
    /// returns that record and sends nothing. If the caller gives up, the action still runs to its end.
    ///
    /// # Errors
    /// [`ActRefusal`]: nothing was written down or sent.
    pub async fn act(&self, request: ActRequest) -> Result<ActionRecord, ActRefusal> {
        let shared = self.shared.clone();
        if let Some(record) = find(&shared, &request.target, &request.idempotency_key).await? {
            let equal = record.args == request.args;
            return same(record, &request.verb, equal);
        }
        let (source, entity) = self.checked(&request).await?;
        let action = Action {
            target: request.target.clone(),
            fact: entity.map(|entity| entity.fact),
            verb: request.verb.clone(),
            args: request.args.clone(),
            idempotency_key: request.idempotency_key.clone(),
            proposed_at: shared.parts.clock.now(),
        };
        let record = ActionRecord {
            idempotency_key: request.idempotency_key,
            target: request.target,
            verb: request.verb,
            args: request.args,
            actor: request.actor,
            proposed_at: action.proposed_at,
            state: ActionState::Proposed,
            outcome: None,
            settled_at: None,
        };
        self.send(source, action, record).await
    }

    /// Takes an accepted action back, as its receipt said. Logged like any other action; done once however often it is
    /// asked for. It is ours to take back, so neither the entity's state nor what was seen of it matters.
    ///
    /// # Errors
    /// [`ActRefusal`]: nothing was written down or sent.
    pub async fn undo(&self, target: &Target, key: &str, actor: &str) -> Result<ActionRecord, ActRefusal> {
        let shared = &self.shared;
        let source = shared.source(target.source());
        let source = source.ok_or_else(|| ActRefusal::UnknownSource(target.source().to_string()))?;
        let done = find(shared, target, key).await?;
        let Some(ActionOutcome::Accepted { undo: Some(undo), .. }) = done.and_then(|done| done.outcome)
        else {
            return Err(ActRefusal::NoUndo);
        };
        let idempotency_key = format!("undo-{key}");
        if let Some(record) = find(shared, target, &idempotency_key).await? {
            return Ok(record);
        }
        let entity = target_entity(shared, target).await?;
        let action = Action {
            target: target.clone(),
            fact: entity.map(|entity| entity.fact),
            verb: undo.verb.clone(),
            args: undo.args.clone(),
            idempotency_key: idempotency_key.clone(),
            proposed_at: shared.parts.clock.now(),
        };
        let record = ActionRecord {
            idempotency_key,
            target: target.clone(),
            verb: undo.verb,
            args: undo.args,
            actor: actor.to_owned(),
            proposed_at: action.proposed_at,
            state: ActionState::Proposed,
            outcome: None,
            settled_at: None,
        };
        self.send(source, action, record).await
    }

    /// Writes it down, sends it once, and returns the settled record.
    async fn send(
        &self,
        source: Arc<Source>,
        action: Action,
        record: ActionRecord,
    ) -> Result<ActionRecord, ActRefusal> {
        let shared = self.shared.clone();
        let cx = context(&shared, &source).await?;
        if !shared.parts.store.propose(&record).await? {
            return find(&shared, &record.target, &record.idempotency_key)
                .await?
                .ok_or_else(|| ActRefusal::KeyTaken { before: "with another target".to_owned() });
        }
        let task = self.shared.tasks.spawn(async move { carry_out(&shared, &source, cx, action).await });
        let (outcome, at) = match task.await {
            Ok(done) => done,
            // The connector panicked after the action was written down: whether it was sent is not known.
            Err(_) => (
                ActionOutcome::Unknown { cause: "the connector failed internally".to_owned() },
                self.shared.parts.clock.now(),
            ),
        };
        Ok(ActionRecord {
            state: ActionState::Settled,
            outcome: Some(outcome),
            settled_at: Some(at),
            ..record
        })
    }

    /// Whether a proposal would be written down and sent.
    ///
    /// # Errors
    /// [`ActRefusal`], as [`Engine::act`] has it.
    pub async fn check_proposal(&self, request: &ActRequest) -> Result<(), ActRefusal> {
        self.checked(request).await.map(|_| ())
    }

    /// What a proposal still needs before it can be sent, in words; a preview does without. `None`: nothing.
    ///
    /// # Errors
    /// [`ActRefusal`]: it would be refused whatever is added.
    pub async fn lacks(&self, request: &ActRequest) -> Result<Option<String>, ActRefusal> {
        let (_, _, spec) = self.fits(request).await?;
        Ok(needs(spec, &missing(spec, request).collect::<Vec<_>>()))
    }

    async fn checked(&self, request: &ActRequest) -> Result<(Arc<Source>, Option<Entity>), ActRefusal> {
        let (source, entity, spec) = self.fits(request).await?;
        match needs(spec, &missing(spec, request).collect::<Vec<_>>()) {
            Some(needs) => Err(ActRefusal::BadArgument(needs)),
            None => Ok((source, entity)),
        }
    }

    async fn fits(
        &self,
        request: &ActRequest,
    ) -> Result<(Arc<Source>, Option<Entity>, &'static ActionSpec), ActRefusal> {
        let id = request.target.source();
        let source = self.shared.source(id).ok_or_else(|| ActRefusal::UnknownSource(id.to_string()))?;
        let entity = target_entity(&self.shared, &request.target).await?;
        let spec = verb(&source, &request.target, &request.verb)?;
        permitted(&source, spec, entity.as_ref(), request)?;
        Ok((source, entity, spec))
    }

    /// What became of an action when it was proposed for a target under this key before. `None`: it was not. Of its
    /// arguments only those in `set` are compared: the rest was filled in, and would be filled in otherwise by now.
    ///
    /// # Errors
    /// [`ActRefusal::KeyTaken`], or the log cannot be read.
    pub async fn done_before(
        &self,
        target: &Target,
        verb: &str,
        set: &[(String, String)],
        key: &str,
    ) -> Result<Option<ActionRecord>, ActRefusal> {
        let Some(record) = find(&self.shared, target, key).await? else { return Ok(None) };
        let equal = set.iter().all(|(name, value)| record.args.get(name) == Some(value));
        same(record, verb, equal).map(Some)
    }
}

pub(crate) async fn find(
    shared: &Shared,
    target: &Target,
    key: &str,
) -> Result<Option<ActionRecord>, ActRefusal> {
    let query = ActionsQuery { target: Some(target.clone()), unsettled: false, limit: 1000 };
    let records = shared.parts.store.actions(&query).await?;
    Ok(records.into_iter().find(|record| record.idempotency_key == key))
}

async fn target_entity(shared: &Shared, target: &Target) -> Result<Option<Entity>, ActRefusal> {
    let Some(id) = target.entity() else { return Ok(None) };
    let entity = shared.parts.store.get(id, None).await?;
    entity.map(Some).ok_or_else(|| ActRefusal::UnknownEntity(id.to_string()))
}

async fn context(shared: &Shared, source: &Source) -> Result<PollCx, ActRefusal> {
    let not_ready = |state: &HealthState| ActRefusal::NotReady {
        source_id: source.spec.id().to_string(),
        state: state.as_str(),
    };
    let now = shared.parts.clock.now();
    let blocked = source.with(|state| match &state.health.state {
        HealthState::NeedsSignIn { .. } | HealthState::Misconfigured { .. } | HealthState::Paused => {
            Some(state.health.state.clone())
        }
        HealthState::Throttled { until } if *until > now => Some(state.health.state.clone()),
        _ => None,
    });
    if let Some(state) = blocked {
        return Err(not_ready(&state));
    }
    shared.context(source).await.map_err(|state| not_ready(&state))
}

/// Sends an action that was written down, writes its outcome, and asks for a poll that will see the effect.
async fn carry_out(
    shared: &Arc<Shared>,
    source: &Arc<Source>,
    cx: PollCx,
    action: Action,
) -> (ActionOutcome, DateTime<Utc>) {
    let key = action.idempotency_key.clone();
    let outcome = match shared.parts.store.mark_sent(&key).await {
        Err(error) => ActionOutcome::refused(format!("nothing was sent: {error}")),
        Ok(()) => match tokio::time::timeout(DEADLINE, source.connection.act(&cx, &action)).await {
            Ok(result) => outcome(result),
            Err(_) => ActionOutcome::Unknown { cause: format!("no answer within {} s", DEADLINE.as_secs()) },
        },
    };
    let at = shared.parts.clock.now();
    settle(shared, &key, &outcome, at).await;
    if matches!(outcome, ActionOutcome::Unknown { .. }) {
        let (shared, source) = (shared.clone(), source.clone());
        shared.clone().tasks.spawn(async move { look_again(&shared, &source, &action).await });
    }
    Engine { shared: shared.clone() }.nudge(Some(source.spec.id()));
    (outcome, at)
}

fn outcome(result: Result<qd_connector::Receipt, ActError>) -> ActionOutcome {
    match result {
        Ok(receipt) if receipt.already => ActionOutcome::AlreadyDone { message: receipt.message },
        Ok(receipt) => ActionOutcome::Accepted { message: receipt.message, undo: receipt.undo },
        Err(ActError::Unknown { cause }) => ActionOutcome::Unknown { cause },
        Err(error) => {
            let kept_by = match &error {
                ActError::Unauthenticated | ActError::Forbidden { .. } => Some(KeptBy::SignIn),
                ActError::NotSent { .. } | ActError::RateLimited { .. } => Some(KeptBy::Unreachable),
                ActError::Refused { .. } | ActError::Unknown { .. } => None,
            };
            ActionOutcome::Refused { reason: error.to_string(), kept_by }
        }
    }
}

//! Actions: form, preview, proposal, log.

use std::collections::BTreeMap;
use std::time::Duration;

use qd_connector::{ActionSpec, Aim, Backend, offered};
use qd_engine::{ActRequest, check_offered};
use qd_model::{ActionOutcome, ActionRecord, ActionState, HealthState, SourceId, Target};
use qd_store::{ActionsQuery, Entity};

use crate::apart::tell_apart;
use crate::commands::{ActionReq, ActionsReq};
use crate::entity::{changes_production, offer};
use crate::plain::{line, plain};
use crate::rows::{Beside, row};
use crate::setup::Verb;
use crate::view::{ActionFormView, ActionView, ChoiceView, FormFieldView, PreviewView, UndoReq};
use crate::{ApiError, App};

/// Who waits for a poll that is under way looks so often whether it has ended.
const AGAIN: Duration = Duration::from_millis(200);

impl App {
    /// The form of an action, prefilled.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn action_form(&self, request: ActionReq) -> Result<ActionFormView, ApiError> {
        let target: Target = request.target.parse()?;
        let (spec, entity) = self.offered_action(&target, &request.verb).await?;
        let form = self.inner.engine.form(&target, &request.verb).await?;
        let production = entity.as_ref().is_some_and(changes_production);
        let field = |spec: &qd_connector::FieldSpec| {
            let filled = form.fields.iter().find(|field| field.key == spec.key);
            let choice = |choice: &qd_connector::Choice| ChoiceView {
                value: choice.value.clone(),
                label: line(&choice.label),
            };
            FormFieldView {
                value: filled.map(|field| field.value.clone()).unwrap_or_default(),
                choices: filled.map(|field| field.choices.iter().map(choice).collect()).unwrap_or_default(),
                ..form_field(spec)
            }
        };
        Ok(ActionFormView {
            offer: offer(spec, production, None),
            fields: spec.args.iter().map(field).collect(),
        })
    }

    /// What an action would hit.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn action_preview(&self, request: ActionReq) -> Result<PreviewView, ApiError> {
        let target: Target = request.target.parse()?;
        let (spec, _) = self.offered_action(&target, &request.verb).await?;
        if let Some(problem) = self.unreadable(&target, &request.verb, &request.args) {
            return Ok(PreviewView {
                count: 0,
                rows: Vec::new(),
                as_of: None,
                problem: Some(problem),
                twin: None,
            });
        }
        let preview = self.inner.engine.preview(&target, &request.verb, &request.args).await?;
        let sources = self.sources(None).await?;
        let stale = !sources.current(target.source());
        let as_of = sources.get(target.source()).and_then(|source| source.report.health.as_of);
        let mut rows: Vec<_> =
            preview.sample.iter().map(|entity| row(entity, &sources, &Beside::default())).collect();
        tell_apart(rows.iter_mut());
        Ok(PreviewView {
            count: u32::try_from(preview.count).unwrap_or(u32::MAX),
            rows,
            as_of: as_of.filter(|_| stale),
            problem: None,
            twin: self.twin(target.source(), spec, &request.args).await,
        })
    }

    /// Proposes an action; it is written down, then sent once.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn act(&self, request: ActionReq) -> Result<ActionView, ApiError> {
        let target: Target = request.target.parse()?;
        let key = request.idempotency_key.filter(|key| (8..=128).contains(&key.len()));
        let key = key.ok_or_else(|| {
            ApiError::new("bad_request", "an action needs an idempotency key of 8 to 128 characters")
        })?;
        if target.entity().is_some() && request.seen_seq.is_none() {
            return Err(ApiError::new("bad_request", "an action on an entity needs the seq that was seen"));
        }
        self.propose(self.proposal(target, request.verb, request.args, request.seen_seq, key)?).await
    }

    /// A proposal of this front end, as the person made it.
    ///
    /// # Errors
    /// An argument cannot be read.
    pub fn proposal(
        &self,
        target: Target,
        verb: String,
        args: BTreeMap<String, String>,
        seen_seq: Option<u64>,
        idempotency_key: String,
    ) -> Result<ActRequest, ApiError> {
        if let Some(problem) = self.unreadable(&target, &verb, &args) {
            return Err(ApiError::new("bad_request", problem));
        }
        let actor = self.inner.parts.actor.to_owned();
        Ok(ActRequest { target, verb, args, seen_seq, idempotency_key, actor })
    }

    /// Whether a proposal would be written down and sent.
    ///
    /// # Errors
    /// Why not.
    pub async fn check_proposal(&self, proposal: &ActRequest) -> Result<(), ApiError> {
        Ok(self.inner.engine.check_proposal(proposal).await?)
    }

    /// What a proposal still needs before it can be sent, in words. `None`: nothing.
    ///
    /// # Errors
    /// It would be refused whatever is added.
    pub async fn lacks(&self, proposal: &ActRequest) -> Result<Option<String>, ApiError> {
        Ok(self.inner.engine.lacks(proposal).await?)
    }

    /// Proposes an action: checked, written down, sent once.
    ///
    /// # Errors
    /// Nothing was sent.
    pub async fn propose(&self, proposal: ActRequest) -> Result<ActionView, ApiError> {
        let record = self.inner.engine.act(proposal).await?;
        Ok(self.action_view(&record))
    }

    /// What became of an action when it was proposed under this key before; `None`: it was not. `set`: what the person
    /// gave, without what a form fills in.
    ///
    /// # Errors
    /// The key belongs to another action.
    pub async fn done_before(
        &self,
        target: &Target,
        verb: &str,
        set: &[(String, String)],
        key: &str,
    ) -> Result<Option<ActionView>, ApiError> {
        let record = self.inner.engine.done_before(target, verb, set, key).await?;
        Ok(record.map(|record| self.action_view(&record)))
    }

    /// Waits until it is known what became of an action, at the most so long; it is looked up meanwhile, never sent again.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn outcome_of(&self, done: ActionView, patience: Duration) -> Result<ActionView, ApiError> {
        let target: Target = done.target.parse()?;
        let query = ActionsQuery { target: Some(target.clone()), unsettled: false, limit: 1000 };
        let records = self.inner.parts.store.actions(&query).await?;
        let Some(record) = records.into_iter().find(|record| record.idempotency_key == done.key) else {
            return Ok(done);
        };
        // Whoever proposed it in another process may have ended by now.
        let begun = tokio::time::Instant::now();
        let _ = tokio::time::timeout(patience, self.inner.engine.settle_open(target.source())).await;
        let left = patience.saturating_sub(begun.elapsed());
        let found = self.inner.engine.outcome_of(record, left).await?;
        Ok(self.action_view(&found))
    }

    /// Reads a source once more, so that what an action did there can be seen, for at most so long. `false`: it was not read.
    pub async fn read_again(&self, source: &SourceId, patience: Duration) -> bool {
        let begun = self.now();
        let read = async {
            loop {
                let Some(report) = self.inner.engine.sync_source(source).await else { return false };
                if report.health.state != HealthState::Fresh {
                    return false;
                }
                if report.health.as_of.is_some_and(|as_of| as_of >= begun) {
                    return true;
                }
                // A poll that began before is under way.
                tokio::time::sleep(AGAIN).await;
            }
        };
        tokio::time::timeout(patience, read).await.unwrap_or(false)
    }

    /// Takes an accepted action back.
    ///
    /// # Errors
    /// Nothing was sent.
    pub async fn undo(&self, request: UndoReq) -> Result<ActionView, ApiError> {
        let target: Target = request.target.parse()?;
        let record = self.inner.engine.undo(&target, &request.key, self.inner.parts.actor).await?;
        Ok(self.action_view(&record))
    }

    /// The actions log, newest first.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn actions(&self, request: ActionsReq) -> Result<Vec<ActionView>, ApiError> {
        let target = request.target.as_deref().map(str::parse).transpose()?;
        let limit = request.limit.unwrap_or(100).min(1000);
        let records =
            self.inner.parts.store.actions(&ActionsQuery { target, unsettled: false, limit }).await?;
        Ok(records.iter().map(|record| self.action_view(record)).collect())
    }

    /// Every verb of a backend. For help texts.
    pub fn verbs(&self, backend: &str) -> Vec<Verb> {
        self.inner.parts.setup().verbs(backend)
    }

    /// Other words for the settings of a backend, each with the key it stands for.
    pub fn setting_aliases(&self, backend: &str) -> &'static [(&'static str, &'static str)] {
        self.backend(backend).map_or(&[], |backend| backend.setting_aliases())
    }

    pub(crate) fn action_view(&self, record: &ActionRecord) -> ActionView {
        let undo = match &record.outcome {
            Some(ActionOutcome::Accepted { undo, .. }) => undo.as_ref(),
            _ => None,
        };
        let (outcome, message) = match &record.outcome {
            None => (None, None),
            Some(ActionOutcome::Accepted { message, .. }) => (Some("accepted"), Some(message)),
            Some(ActionOutcome::AlreadyDone { message }) => (Some("already_done"), Some(message)),
            Some(ActionOutcome::Refused { reason, .. }) => (Some("refused"), Some(reason)),
            Some(ActionOutcome::Unknown { cause }) => (Some("unknown"), Some(cause)),
        };
        let kept_by = match &record.outcome {
            Some(ActionOutcome::Refused { kept_by, .. }) => *kept_by,
            _ => None,
        };
        let label = |verb: &str| self.verb_label(&record.target, verb);
        ActionView {
            key: record.idempotency_key.clone(),
            target: line(&record.target.to_string()),
            verb: line(&record.verb),
            label: label(&record.verb),
            state: match record.state {
                ActionState::Proposed => "proposed",
                ActionState::Sent => "sent",
                ActionState::Settled => "settled",
            }
            .to_owned(),
            outcome: outcome.map(str::to_owned),
            message: message.map(|text| plain(text)),
            kept_by,
            undo: undo.map(|undo| label(&undo.verb)),
            actor: line(&record.actor),
            proposed_at: record.proposed_at,
            settled_at: record.settled_at,
        }
    }

    /// The button's word. What takes an action back need not be offered by itself; it then is called by its verb.
    fn verb_label(&self, target: &Target, verb: &str) -> String {
        let entries = self.entries();
        let entry = entries.iter().find(|entry| entry.id == *target.source());
        let backend = entry.and_then(|entry| self.backend(&entry.backend));
        let spec = backend.and_then(|backend| backend.descriptor().action(verb));
        spec.map_or_else(|| line(verb), |spec| spec.label.to_owned())
    }

    /// What is wrong with the arguments of an action, by the label of its field. Whether the verb is known is not asked.
    fn unreadable(&self, target: &Target, verb: &str, args: &BTreeMap<String, String>) -> Option<String> {
        let entries = self.entries();
        let entry = entries.iter().find(|entry| entry.id == *target.source())?;
        let backend = self.backend(&entry.backend)?;
        let error = backend.check_args(verb, args).err()?;
        let args = backend.descriptor().action(verb).map_or(&[][..], |spec| spec.args);
        let label =
            args.iter().find(|field| field.key == error.field).map_or(error.field, |field| field.label);
        Some(plain(&format!("{label}: {}.", error.problem)))
    }

    /// An action that is offered for a target now, and the entity it is aimed at.
    async fn offered_action(
        &self,
        target: &Target,
        verb: &str,
    ) -> Result<(&'static ActionSpec, Option<Entity>), ApiError> {
        let entity = match target.entity() {
            Some(id) => Some(self.find(id, None).await?),
            None => None,
        };
        let (backend, spec) = self.action_spec(target, verb, entity.as_ref())?;
        if let Some(entity) = &entity {
            check_offered(backend, spec, target, &entity.fact)?;
        }
        Ok((spec, entity))
    }

    fn action_spec(
        &self,
        target: &Target,
        verb: &str,
        entity: Option<&Entity>,
    ) -> Result<(&'static dyn Backend, &'static ActionSpec), ApiError> {
        let entries = self.entries();
        let entry = entries.iter().find(|entry| entry.id == *target.source());
        let backend = entry.and_then(|entry| self.backend(&entry.backend)).ok_or_else(|| {
            ApiError::quiet("not_found", format!("There is no connection “{}”.", target.source()))
        })?;
        let aim = Aim::of(target);
        let found = backend.descriptor().actions.iter().find(|spec| spec.verb == verb && spec.aim == aim);
        found.map(|spec| (backend, spec)).ok_or_else(|| {
            let offered = offered(backend, target, entity.map(|entity| &entity.fact));
            let verbs: Vec<&str> = offered.iter().map(|spec| spec.verb).collect();
            let can = if verbs.is_empty() {
                "nothing can be done now".to_owned()
            } else {
                format!("what can: {}", verbs.join(", "))
            };
            ApiError::quiet(
                "bad_request",
                format!("“{}” cannot be done with {}; {can}.", line(verb), line(&target.to_string())),
            )
        })
    }
}

/// An empty field of a form.
pub(crate) fn form_field(spec: &qd_connector::FieldSpec) -> FormFieldView {
    let kind = serde_json::to_value(spec.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
    FormFieldView {
        key: spec.key.to_owned(),
        label: spec.label.to_owned(),
        help: spec.help.to_owned(),
        kind: kind.unwrap_or_default(),
        required: spec.required,
        value: String::new(),
        choices: Vec::new(),
    }
}

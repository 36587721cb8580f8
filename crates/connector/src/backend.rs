//! The two traits of a connector.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use qd_model::{Batch, Clock, Cursor, EntityId, Fact, Target, Undo};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::check::CheckReport;
use crate::compare::{Comparison, Head};
use crate::detail::{Detail, LogTail, Markup};
use crate::http::{Auth, Http};
use crate::mark::{Mark, Polled};
use crate::proposals::Proposes;
use crate::silences::Silences;
use crate::{ActError, ActionSpec, Aim, Descriptor, PollError, Secret, Settings, SettingsError};

/// A kind of backend. Stateless.
pub trait Backend: Send + Sync + 'static {
    /// What it is and what it can do.
    fn descriptor(&self) -> &'static Descriptor;

    /// Makes a connection. No I/O.
    ///
    /// # Errors
    /// Names the setting that does not fit.
    fn connect(&self, settings: Settings) -> Result<Box<dyn Connection>, SettingsError>;

    /// How a credential is presented. `None`: the person chose none.
    ///
    /// # Errors
    /// The credential has not the form this backend needs (`user:password`); the message must not repeat it.
    fn auth(&self, secret: Option<Secret>) -> Result<Auth, SettingsError>;

    /// What it can propose for one of its settings. `None`: nothing.
    fn proposes(&self) -> Option<&dyn Proposes> {
        None
    }

    /// Other words for settings: each with the [`crate::FieldSpec::key`] it stands for.
    fn setting_aliases(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Whether the arguments of an action can be read, as far as that shows without asking anybody. Asked before a
    /// preview and before an action is written down. Pure.
    ///
    /// # Errors
    /// Names the field that does not fit and says what to write instead.
    fn check_args(&self, verb: &str, args: &BTreeMap<String, String>) -> Result<(), ArgError> {
        let _ = (verb, args);
        Ok(())
    }

    /// Whether an action whose [`crate::ActionSpec::when`] fits makes sense for this very entity. Pure.
    fn offers(&self, verb: &str, fact: &Fact) -> bool {
        let _ = (verb, fact);
        true
    }
}

/// The actions of a backend that make sense for a target now: those aimed at its kind, whose [`ActionSpec::when`] fits, and
/// which the backend offers for this very entity. `fact`: what is known of the entity; `None` for the connection itself.
pub fn offered(backend: &dyn Backend, target: &Target, fact: Option<&Fact>) -> Vec<&'static ActionSpec> {
    let aim = Aim::of(target);
    let fits = |spec: &&ActionSpec| {
        fact.is_none_or(|fact| {
            (spec.when.is_empty() || spec.when.contains(&fact.state_word()))
                && backend.offers(spec.verb, fact)
        })
    };
    backend.descriptor().actions.iter().filter(|spec| spec.aim == aim).filter(fits).collect()
}

/// An argument of an action that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct ArgError {
    /// [`crate::FieldSpec::key`].
    pub field: &'static str,
    /// What is wrong and what to write instead.
    pub problem: String,
}

/// What a poll, a detail or an action may use.
#[derive(Clone)]
pub struct PollCx {
    /// Requests to the connection's origin.
    pub http: Http,
    /// Fires when the caller gives up. [`Http`] obeys it by itself; loops between requests should look at it.
    pub cancel: CancellationToken,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How far back a first poll goes.
    pub backfill: Backfill,
}

impl PollCx {
    /// The current instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// How far back a first poll goes: whichever limit is met first, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backfill {
    /// Days.
    pub days: u32,
    /// Entities of one list.
    pub entities: u32,
}

impl Default for Backfill {
    fn default() -> Self {
        Self { days: 90, entities: 1000 }
    }
}

/// One configured instance of a backend.
#[async_trait]
pub trait Connection: Send + Sync {
    /// "Test connection": who am I, which permissions, which quota. Never an error: what fails is a failed step.
    async fn check(&self, cx: &PollCx) -> CheckReport;

    /// Reads what is new since `cursor`. One call makes a bounded number of requests; `more` asks to be called again.
    ///
    /// # Errors
    /// See [`PollError`]. Nothing is stored and the cursor stays.
    async fn poll(&self, cx: &PollCx, cursor: &Cursor) -> Result<Batch, PollError>;

    /// The same, after a batch with the mark `kept` was stored and nothing else of this source since: whoever recognises its
    /// content saves making facts of it. The default recognises nothing.
    ///
    /// # Errors
    /// As for [`Connection::poll`].
    async fn poll_again(
        &self,
        cx: &PollCx,
        cursor: &Cursor,
        kept: Option<Mark>,
    ) -> Result<Polled, PollError> {
        let _ = kept;
        Ok(self.poll(cx, cursor).await?.into())
    }

    /// Job tree, comments, silences of one entity, on demand.
    ///
    /// # Errors
    /// See [`PollError`].
    async fn detail(&self, cx: &PollCx, fact: &Fact) -> Result<Detail, PollError>;

    /// The log tail of the first failing step, on demand. `None`: this entity has no log.
    ///
    /// # Errors
    /// See [`PollError`].
    async fn log(&self, cx: &PollCx, fact: &Fact) -> Result<Option<LogTail>, PollError> {
        let _ = (cx, fact);
        Ok(None)
    }

    /// What lies between an entity and another version of the same thing: a bounded number of reads, at most
    /// [`Comparison::MAX_COMMITS`] commits. `None`: this backend cannot compare these two.
    ///
    /// # Errors
    /// See [`PollError`]; [`PollError::NotFound`] when one of the versions is not there any more.
    async fn compare(
        &self,
        cx: &PollCx,
        base: &Fact,
        head: Head<'_>,
    ) -> Result<Option<Comparison>, PollError> {
        let _ = (cx, base, head);
        Ok(None)
    }

    /// How bodies and comments of [`Connection::detail`] are marked up.
    fn markup(&self) -> Markup {
        Markup::Plain
    }

    /// The silences of this backend. `None`: it knows none.
    fn silences(&self) -> Option<&dyn Silences> {
        None
    }

    /// The form of an action, prefilled for this target; choices are read from the backend where they are its own.
    /// The default shows the descriptor's fields, empty.
    ///
    /// # Errors
    /// See [`PollError`].
    async fn form(&self, cx: &PollCx, verb: &str, fact: Option<&Fact>) -> Result<ActionForm, PollError>;

    /// Whether an action with these arguments would hit `fact`: the preview counts them. Pure.
    fn hits(&self, verb: &str, args: &BTreeMap<String, String>, fact: &Fact) -> bool {
        let _ = (verb, args, fact);
        false
    }

    /// Carries an action out: at most one write per call, never retried.
    ///
    /// # Errors
    /// See [`ActError`], above all whether anything may have happened.
    async fn act(&self, cx: &PollCx, action: &Action) -> Result<Receipt, ActError>;

    /// After an unknown outcome: reads whether the action took effect.
    ///
    /// # Errors
    /// See [`PollError`]; asked again later.
    async fn verify(&self, cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
        let _ = (cx, action);
        Ok(Verdict::CannotTell)
    }
}

/// What a person asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// What it is aimed at.
    pub target: Target,
    /// The entity as last observed. `None` when the target is the source.
    pub fact: Option<Fact>,
    /// A verb of the descriptor.
    pub verb: String,
    /// Arguments, by [`crate::FieldSpec::key`].
    pub args: BTreeMap<String, String>,
    /// One key, one write.
    pub idempotency_key: String,
    /// When it was asked for.
    pub proposed_at: DateTime<Utc>,
}

impl Action {
    /// The entity's id, for verbs that are aimed at one.
    ///
    /// # Errors
    /// The target is the source.
    pub fn entity(&self) -> Result<(&EntityId, &Fact), ActError> {
        match (&self.target, &self.fact) {
            (Target::Entity(id), Some(fact)) => Ok((id, fact)),
            _ => Err(ActError::Refused { reason: format!("'{}' needs an entity to act on", self.verb) }),
        }
    }

    /// A required argument, trimmed, not empty.
    ///
    /// # Errors
    /// It is missing.
    pub fn arg(&self, key: &str) -> Result<&str, ActError> {
        self.optional(key)
            .ok_or_else(|| ActError::Refused { reason: format!("'{key}' is missing; nothing was sent") })
    }

    /// An optional argument, trimmed. `None` when missing or empty.
    pub fn optional(&self, key: &str) -> Option<&str> {
        self.args.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

/// What the backend gave back for an action it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// In plain words: `silence 8c2f created`.
    pub message: String,
    /// It was so already; nothing was changed.
    pub already: bool,
    /// What takes it back. Given by every action whose [`crate::Risk`] is `Undoable`.
    pub undo: Option<Undo>,
}

impl Receipt {
    /// The backend took it.
    pub fn done(message: impl Into<String>) -> Self {
        Self { message: message.into(), already: false, undo: None }
    }

    /// It was so already; nothing was changed.
    pub fn already(message: impl Into<String>) -> Self {
        Self { message: message.into(), already: true, undo: None }
    }

    /// Says what takes it back.
    #[must_use]
    pub fn undone_by(mut self, verb: &str, args: &[(&str, &str)]) -> Self {
        let args = args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.undo = Some(Undo { verb: verb.to_owned(), args });
        self
    }
}

/// What a re-read says of an action whose outcome was unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It took effect.
    Happened(String),
    /// It did not.
    DidNotHappen,
    /// The backend shows nothing that would tell.
    CannotTell,
}

/// A form to fill in before an action is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionForm {
    /// The fields, prefilled.
    pub fields: Vec<FormField>,
}

/// One prefilled field. Which kind of input it is stands in the descriptor's [`crate::FieldSpec`] of the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    /// [`crate::FieldSpec::key`].
    pub key: String,
    /// The proposed value; may be empty.
    pub value: String,
    /// For [`crate::FieldKind::Choice`].
    pub choices: Vec<Choice>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
}

impl ActionForm {
    /// The fields of an action, empty.
    pub fn empty(spec: &crate::ActionSpec) -> Self {
        let field = |field: &crate::FieldSpec| FormField {
            key: field.key.to_owned(),
            value: String::new(),
            choices: Vec::new(),
        };
        Self { fields: spec.args.iter().map(field).collect() }
    }

    /// Sets the proposed value of a field.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        if let Some(field) = self.fields.iter_mut().find(|field| field.key == key) {
            field.value = value.into();
        }
        self
    }

    /// Sets the choices of a field.
    #[must_use]
    pub fn choices(mut self, key: &str, choices: Vec<Choice>) -> Self {
        if let Some(field) = self.fields.iter_mut().find(|field| field.key == key) {
            field.choices = choices;
        }
        self
    }
}

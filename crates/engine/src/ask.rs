//! Questions to a backend outside the schedule: details, logs, forms, previews, "Test connection".

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use qd_connector::compare::{Comparison, Head, revision_of};
use qd_connector::http::MemoryCache;
use qd_connector::{
    ActError, Action, ActionForm, CheckOutcome, CheckReport, Connection, Detail, LogTail, PollCx, PollError,
    Receipt, Secret, SettingsError, late,
};
use qd_connector::{Covers, Markup, Proposals, SilenceVerbs};
use qd_model::{Batch, Cursor, EntityId, Fact, Filter, HealthState, Quota, Silence, SourceId, Target};
use qd_store::{Entity, ListQuery, Order, Scope};
use tokio_util::sync::CancellationToken;

use crate::Engine;
use crate::config::ConnectionSpec;
use crate::source::Source;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No such connection.
    #[error("there is no connection '{0}'")]
    UnknownSource(String),
    /// No such entity.
    #[error("'{0}' is not known; list what there is, or poll first")]
    UnknownEntity(String),
    /// The source cannot be asked now.
    #[error("{source_id} cannot be asked now: {state}")]
    NotReady {
        /// Which source.
        source_id: String,
        /// Its health.
        state: String,
        /// Whether signing in mends it.
        sign_in: bool,
    },
    /// The two cannot be compared.
    #[error("{0}")]
    Incomparable(String),
    /// The backend did not answer as it should.
    #[error(transparent)]
    Poll(#[from] PollError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] qd_store::StoreError),
}

/// What an action would hit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Preview {
    /// How many current entities.
    pub count: usize,
    /// The first twenty.
    pub sample: Vec<Entity>,
}

/// The end of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// The version of an entity.
    Entity(EntityId),
    /// A branch, tag or commit.
    Reference(String),
}

/// A question ends after this time at the latest.
const DEADLINE: Duration = Duration::from_secs(30);

impl Engine {
    /// Job tree, comments, silences of an entity.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn detail(&self, id: &EntityId) -> Result<Detail, AskError> {
        let (source, entity) = self.known(id).await?;
        let cx = self.ready(&source).await?;
        within(source.connection.detail(&cx, &entity.fact), &source.spec).await
    }

    /// How the bodies and comments of a source are marked up. Plain for a source nobody knows.
    pub fn markup(&self, id: &SourceId) -> Markup {
        self.shared.source(id).map_or(Markup::Plain, |source| source.connection.markup())
    }

    /// What can be done with the silences of a source. `None`: it has none, or nobody knows it.
    pub fn silence_verbs(&self, id: &SourceId) -> Option<SilenceVerbs> {
        let source = self.shared.source(id)?;
        Some(source.connection.silences()?.verbs())
    }

    /// All silences of a source, asked of it now, and what could not be read.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn silences(&self, id: &SourceId) -> Result<(Vec<Silence>, Vec<String>), AskError> {
        let source = self.source(id)?;
        let cx = self.ready(&source).await?;
        match source.connection.silences() {
            Some(silences) => within(silences.list(&cx), &source.spec).await,
            None => Ok((Vec::new(), Vec::new())),
        }
    }

    /// A silence of a source, ready to be asked which alerts it matches, and its conditions as the form takes them.
    pub fn silence_matchers(&self, id: &SourceId, silence: &Silence) -> (Option<Covers>, String) {
        let source = self.shared.source(id);
        let silences = source.as_ref().and_then(|source| source.connection.silences());
        silences.map_or((None, String::new()), |it| (it.covers(silence), it.matchers(silence)))
    }

    /// Whether conditions, as the form takes them, are those of a silence of that source.
    pub fn same_silence(&self, id: &SourceId, silence: &Silence, matchers: &str) -> bool {
        let source = self.shared.source(id);
        let silences = source.as_ref().and_then(|source| source.connection.silences());
        silences.is_some_and(|it| it.same(silence, matchers))
    }

    /// The log tail of an entity's first failing step.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn log(&self, id: &EntityId) -> Result<Option<LogTail>, AskError> {
        let (source, entity) = self.known(id).await?;
        let cx = self.ready(&source).await?;
        within(source.connection.log(&cx, &entity.fact), &source.spec).await
    }

    /// What lies between an entity and another version. `None`: the backend cannot tell.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn compare(&self, from: &EntityId, to: &Version) -> Result<Option<Comparison>, AskError> {
        let (source, base) = self.known(from).await?;
        let without = |id: &EntityId| {
            AskError::Incomparable(format!("'{id}' does not tell its commit, so it cannot be compared"))
        };
        if revision_of(&base.fact).is_none() {
            return Err(without(from));
        }
        let other = match to {
            Version::Entity(id) => Some(self.known(id).await?.1.fact),
            Version::Reference(_) => None,
        };
        // Another backend knows the same commits, but not the same entities.
        let head = match (&other, to) {
            (Some(fact), _) if fact.id().source == from.source => Head::Entity(fact),
            (Some(fact), _) => Head::Reference(revision_of(fact).ok_or_else(|| without(fact.id()))?),
            (None, Version::Reference(reference)) => Head::Reference(reference),
            (None, Version::Entity(id)) => return Err(AskError::UnknownEntity(id.to_string())),
        };
        if head.revision().is_none() {
            return Err(other.map_or_else(|| without(from), |fact| without(fact.id())));
        }
        let cx = self.ready(&source).await?;
        match within(source.connection.compare(&cx, &base.fact, head), &source.spec).await {
            Err(AskError::Poll(PollError::NotFound { .. })) => Err(AskError::Incomparable(format!(
                "{} does not know one of the two versions, or the credential may not read the code",
                source.spec.id()
            ))),
            answer => answer,
        }
    }

    /// The form of an action, prefilled.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn form(&self, target: &Target, verb: &str) -> Result<ActionForm, AskError> {
        let (source, fact) = match target {
            Target::Entity(id) => {
                let (source, entity) = self.known(id).await?;
                (source, Some(entity.fact))
            }
            Target::Source(id) => (self.source(id)?, None),
        };
        let cx = self.ready(&source).await?;
        within(source.connection.form(&cx, verb, fact.as_ref()), &source.spec).await
    }

    /// What an action with these arguments would hit, among what the store holds.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn preview(
        &self,
        target: &Target,
        verb: &str,
        args: &BTreeMap<String, String>,
    ) -> Result<Preview, AskError> {
        let source = self.source(target.source())?;
        let mut preview = Preview::default();
        for kind in source.spec.backend.descriptor().kinds {
            let mut query = ListQuery {
                limit: 1000,
                order: Order::Newest,
                scope: Scope::Current,
                ..ListQuery::current(*kind, self.shared.parts.clock.now())
            };
            let only = format!("source:{}", source.spec.id());
            query.filter = Filter::parse(&only).unwrap_or_default();
            loop {
                let page = self.shared.parts.store.list(&query).await?;
                let read = page.items.len() as u64;
                let hit =
                    page.items.into_iter().filter(|entity| source.connection.hits(verb, args, &entity.fact));
                for entity in hit {
                    preview.count += 1;
                    if preview.sample.len() < 20 {
                        preview.sample.push(entity);
                    }
                }
                query.offset += read;
                if read == 0 || query.offset >= page.total {
                    break;
                }
            }
        }
        Ok(preview)
    }

    /// "Test connection", without configuring it. `secret`: a new one that is not saved yet.
    pub async fn check(&self, spec: &ConnectionSpec, secret: Option<Secret>) -> CheckReport {
        let mut report = CheckReport::default();
        let connection = match spec.backend.connect(spec.settings.clone()) {
            Ok(connection) => connection,
            Err(error) => {
                report.step("settings", CheckOutcome::Failed, error.to_string());
                return report;
            }
        };
        let http = match self.shared.client(spec, secret, Arc::new(MemoryCache::default())).await {
            Ok(http) => http,
            Err(state) => {
                let step = match &state {
                    HealthState::NeedsSignIn { .. } => "credential",
                    _ if spec.settings.ca_file.is_some() => "CA file",
                    _ => "settings",
                };
                report.step(step, CheckOutcome::Failed, cause(&state));
                return report;
            }
        };
        let cancel = self.shared.tasks.token().child_token();
        let cx = self.cx(http.with_cancel(cancel.clone()), cancel);
        match tokio::time::timeout(DEADLINE, connection.check(&cx)).await {
            Ok(report) => {
                self.remember_version(spec, &report);
                report
            }
            Err(_) => {
                report.step(
                    "reach",
                    CheckOutcome::Failed,
                    format!("no complete answer within {} s", DEADLINE.as_secs()),
                );
                report
            }
        }
    }

    /// What a backend proposes for a setting of a connection that need not be complete yet, and the quota it told. `secret`:
    /// a new one that is not saved yet.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn proposals(
        &self,
        spec: &ConnectionSpec,
        secret: Option<Secret>,
    ) -> Result<(Proposals, Option<Quota>), AskError> {
        let Some(proposes) = spec.backend.proposes() else { return Ok((Proposals::default(), None)) };
        let http = self
            .shared
            .client(spec, secret, Arc::new(MemoryCache::default()))
            .await
            .map_err(|state| not_ready(spec, &state))?;
        let cancel = self.shared.tasks.token().child_token();
        let cx = self.cx(http.with_cancel(cancel.clone()), cancel);
        let proposals = within(proposes.proposals(&cx), spec).await?;
        Ok((proposals, cx.http.quota()))
    }

    fn remember_version(&self, spec: &ConnectionSpec, report: &CheckReport) {
        if let Some(source) = self.shared.source(spec.id()) {
            source.with(|state| state.health.version.clone_from(&report.version));
        }
    }

    fn cx(&self, http: qd_connector::http::Http, cancel: CancellationToken) -> PollCx {
        PollCx {
            http,
            cancel,
            clock: self.shared.parts.clock.clone(),
            backfill: qd_connector::Backfill::default(),
        }
    }

    fn source(&self, id: &qd_model::SourceId) -> Result<Arc<Source>, AskError> {
        self.shared.source(id).ok_or_else(|| AskError::UnknownSource(id.to_string()))
    }

    async fn known(&self, id: &EntityId) -> Result<(Arc<Source>, Entity), AskError> {
        let source = self.source(&id.source)?;
        let entity = self.shared.parts.store.get(id, None).await?;
        entity.map(|entity| (source, entity)).ok_or_else(|| AskError::UnknownEntity(id.to_string()))
    }

    async fn ready(&self, source: &Source) -> Result<PollCx, AskError> {
        self.shared.context(source).await.map_err(|state| not_ready(&source.spec, &state))
    }
}

fn not_ready(spec: &ConnectionSpec, state: &HealthState) -> AskError {
    let sign_in = matches!(state, HealthState::NeedsSignIn { .. });
    AskError::NotReady { source_id: spec.id().to_string(), state: cause(state), sign_in }
}

/// The words of a health state that keeps a question from being asked.
fn cause(state: &HealthState) -> String {
    match state {
        HealthState::NeedsSignIn { reason } => reason.to_string(),
        HealthState::Misconfigured { what } | HealthState::Unexpected { what } => what.clone(),
        other => other.as_str().to_owned(),
    }
}

async fn within<T>(
    question: impl Future<Output = Result<T, PollError>>,
    spec: &ConnectionSpec,
) -> Result<T, AskError> {
    match tokio::time::timeout(DEADLINE, question).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(AskError::Poll(PollError::Unreachable {
            host: spec.settings.url.host_str().unwrap_or_default().to_owned(),
            cause: late(format_args!("{} s", DEADLINE.as_secs())),
        })),
    }
}

/// Stands in for a connection whose settings cannot be used: it is never polled, and says why when asked.
pub(crate) struct Unusable(pub SettingsError);

impl Unusable {
    fn error(&self) -> PollError {
        PollError::Misconfigured { what: self.0.to_string() }
    }
}

#[async_trait]
impl Connection for Unusable {
    async fn check(&self, _: &PollCx) -> CheckReport {
        let mut report = CheckReport::default();
        report.step("settings", CheckOutcome::Failed, self.0.to_string());
        report
    }

    async fn poll(&self, _: &PollCx, _: &Cursor) -> Result<Batch, PollError> {
        Err(self.error())
    }

    async fn detail(&self, _: &PollCx, _: &Fact) -> Result<Detail, PollError> {
        Err(self.error())
    }

    async fn form(&self, _: &PollCx, _: &str, _: Option<&Fact>) -> Result<ActionForm, PollError> {
        Err(self.error())
    }

    async fn act(&self, _: &PollCx, _: &Action) -> Result<Receipt, ActError> {
        Err(ActError::Refused { reason: self.0.to_string() })
    }
}

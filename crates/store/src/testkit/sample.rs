//! Small facts for claims: one of each kind, told apart by their native id.

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::{
    Alert, AlertState, Coverage, Cursor, Deployment, DeploymentKind, DeploymentOrigin, DeploymentStatus,
    EntityId, Fact, Kind, Links, Observed, Origin, PipelineRun, RunResult, RunState, ServiceRef, Severity,
    SourceId, Status, Ticket, TicketStatus, TicketType,
};

use crate::{ChangeSet, Entity, Happening, Ingest, ListQuery, Page, Store, What};

/// The connection of most samples.
pub fn source() -> SourceId {
    named("sample")
}

/// A connection by its name.
///
/// # Panics
/// When the name is none.
pub fn named(name: &str) -> SourceId {
    name.parse().expect("a sample's name is a name")
}

/// The id of a sample.
pub fn id(kind: Kind, native: &str) -> EntityId {
    EntityId::new(&source(), kind, native)
}

/// So many seconds after the samples' beginning of time.
pub fn at(secs: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_760_000_000 + secs)
}

/// A run of pipeline `ci` on `main`, started at a time. `None` as result: it runs.
pub fn run(native: &str, result: Option<RunResult>, started: Option<DateTime<Utc>>) -> PipelineRun {
    let state = if result.is_some() { RunState::Done } else { RunState::Executing };
    PipelineRun {
        origin: Origin { repository: Some("acme/shop".to_owned()), ..Origin::new(id(Kind::Run, native)) },
        pipeline_name: "ci".to_owned(),
        run_id: native.to_owned(),
        title: format!("Run {native}"),
        state: Observed::new(state, if result.is_some() { "completed" } else { "in_progress" }),
        result: result.map(|result| Observed::new(result, "")),
        reference: Some("main".to_owned()),
        revision: None,
        trigger: None,
        author: Some("ada".to_owned()),
        queued_at: None,
        started_at: started,
        finished_at: None,
        attempt: None,
        failed_step: None,
        service: None,
        environment: None,
    }
}

/// A deployment of `shop` to an environment.
pub fn deployment(
    native: &str,
    environment: &str,
    status: DeploymentStatus,
    started: Option<DateTime<Utc>>,
) -> Deployment {
    Deployment {
        origin: Origin::new(id(Kind::Deployment, native)),
        service: Some("shop".to_owned()),
        environment: environment.to_owned(),
        version: format!("v{native}"),
        revision: None,
        deployment_kind: DeploymentKind::Deployed,
        status: Observed::new(status, status.as_str()),
        initiator: None,
        driver: DeploymentOrigin::Unknown,
        created_at: None,
        started_at: started,
        finished_at: None,
        description: None,
    }
}

/// A critical alert.
pub fn alert(native: &str, state: AlertState, started: Option<DateTime<Utc>>) -> Alert {
    Alert {
        origin: Origin::new(id(Kind::Alert, native)),
        fingerprint: native.to_owned(),
        name: format!("Alert {native}"),
        labels: [("service".to_owned(), "shop".to_owned())].into(),
        annotations: [("summary".to_owned(), "checkout is slow".to_owned())].into(),
        severity: Observed::new(Severity::Critical, "page"),
        state: Observed::new(state, "active"),
        starts_at: started,
        ends_at: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
        receivers: Vec::new(),
        count: 1,
    }
}

/// A bug.
pub fn ticket(native: &str, status: TicketStatus, created: Option<DateTime<Utc>>) -> Ticket {
    Ticket {
        origin: Origin::new(id(Kind::Ticket, native)),
        key: format!("#{native}"),
        summary: format!("Ticket {native}"),
        ticket_type: Observed::new(TicketType::Bug, "Bug"),
        status: Observed::new(status, status.as_str()),
        resolution: None,
        priority: None,
        assignees: Vec::new(),
        labels: Vec::new(),
        milestone: None,
        fix_versions: Vec::new(),
        reporter: None,
        created_at: created,
        closed_at: None,
        comments: None,
    }
}

/// Links to a service that the configuration names.
pub fn of_service(name: &str) -> Links {
    Links { service: Some(ServiceRef { name: name.to_owned(), inferred: false }), environment: None }
}

/// A batch of facts of service `shop`.
pub fn batch(facts: impl IntoIterator<Item = Fact>, coverage: Coverage) -> Ingest {
    let facts = facts.into_iter().map(|fact| (fact, of_service("shop"))).collect();
    Ingest { facts, coverage, next: Cursor::default() }
}

/// A sample as another connection observes it.
pub fn of_source(source: &SourceId, mut fact: Fact) -> Fact {
    let id = EntityId::new(source, fact.kind(), &fact.id().native);
    match &mut fact {
        Fact::Run(run) => run.origin.id = id,
        Fact::Deployment(deployment) => deployment.origin.id = id,
        Fact::Alert(alert) => alert.origin.id = id,
        Fact::Ticket(ticket) => ticket.origin.id = id,
    }
    fact
}

/// What happened to an entity of no service.
pub fn happening(
    what: What,
    status: Status,
    native: &str,
    at: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Happening {
    let kind = match what {
        What::Deployed | What::RolledBack | What::DeploymentFailed => Kind::Deployment,
        What::RunFailed => Kind::Run,
        What::AlertFired => Kind::Alert,
        What::TicketOpened => Kind::Ticket,
    };
    let title = native.to_owned();
    Happening { id: id(kind, native), what, status, title, service: None, environment: None, at, until }
}

/// Stores facts of a connection, linked by the caller, and nothing about others.
///
/// # Panics
/// When the store refuses.
pub async fn put_linked(
    store: &dyn Store,
    source: &SourceId,
    facts: impl IntoIterator<Item = (Fact, Links)>,
    at: DateTime<Utc>,
) -> ChangeSet {
    let facts = facts.into_iter().collect();
    let ingest = Ingest { facts, coverage: Coverage::Delta, next: Cursor::default() };
    store.ingest(source, ingest, at).await.expect("facts are stored")
}

/// Stores facts and nothing about others.
///
/// # Panics
/// When the store refuses.
pub async fn put(store: &dyn Store, facts: impl IntoIterator<Item = Fact>, at: DateTime<Utc>) -> ChangeSet {
    store.ingest(&source(), batch(facts, Coverage::Delta), at).await.expect("facts are stored")
}

/// Stores all open facts of some kinds.
///
/// # Panics
/// When the store refuses.
pub async fn put_all(
    store: &dyn Store,
    kinds: &[Kind],
    facts: impl IntoIterator<Item = Fact>,
    at: DateTime<Utc>,
) -> ChangeSet {
    let ingest = batch(facts, Coverage::Complete(kinds.to_vec()));
    store.ingest(&source(), ingest, at).await.expect("facts are stored")
}

/// One entity as it is.
///
/// # Panics
/// When it is not there.
pub async fn now(store: &dyn Store, id: &EntityId) -> Entity {
    store.get(id, None).await.expect("the store can be read").expect("the entity is stored")
}

/// A page.
///
/// # Panics
/// When the store cannot be read.
pub async fn page(store: &dyn Store, query: &ListQuery) -> Page {
    store.list(query).await.expect("the store can be read")
}

/// The current natives of a kind, in the order of attention.
pub async fn current(store: &dyn Store, kind: Kind) -> Vec<String> {
    natives(&page(store, &ListQuery::current(kind, at(0))).await.items)
}

/// The natives of entities, in their order.
pub fn natives(entities: &[Entity]) -> Vec<String> {
    entities.iter().map(|entity| entity.fact.id().native.clone()).collect()
}

//! Claims about what is kept, and what is dropped.

use std::sync::Arc;

use qd_model::filter::Field;
use qd_model::{
    AlertState, DeploymentStatus, Fact, Filter, Health, Kind, Links, RunResult, ServiceRef, TicketStatus,
};

use super::actions::record;
use super::sample::{
    alert, at, current, deployment, id, named, now, of_service, page, put, run, source, ticket,
};
use crate::{ActionsQuery, Linker, ListQuery, RestlessQuery, Scope, Store, TimelineQuery};

/// One entity's life.
pub async fn a_history_tells_every_transition(store: &dyn Store) {
    let mut first = run("1", None, Some(at(0)));
    first.state.state = qd_model::RunState::Pending;
    put(store, [Fact::Run(first)], at(0)).await;
    put(store, [Fact::Run(run("1", None, Some(at(0))))], at(10)).await;
    let mut titled = run("1", None, Some(at(0)));
    titled.title = "Another".to_owned();
    put(store, [Fact::Run(titled.clone())], at(15)).await;
    let last = put(store, [Fact::Run(run("1", Some(RunResult::Failure), Some(at(0))))], at(20)).await;
    let history = store.history(&id(Kind::Run, "1")).await.expect("the store can be read");
    let told: Vec<_> = history.iter().map(|t| (t.from.as_deref(), t.to.as_str(), t.at)).collect();
    assert_eq!(
        told,
        [
            (None, "pending", at(0)),
            (Some("pending"), "executing", at(10)),
            (Some("executing"), "failure", at(20))
        ]
    );
    assert_eq!(history.last(), last.transitions.first(), "the bell and the history tell the same");
    assert_eq!(history[2].service.as_deref(), Some("shop"));
    assert_eq!(store.history(&id(Kind::Run, "nobody")).await.expect("the store can be read"), Vec::new());
}

/// All entities' lives.
pub async fn a_timeline_is_newest_first_and_half_open(store: &dyn Store) {
    for n in 0..5 {
        let fact = if n % 2 == 0 {
            Fact::Run(run(&n.to_string(), None, None))
        } else {
            Fact::Alert(alert(&n.to_string(), AlertState::Firing, None))
        };
        put(store, [fact], at(n * 10)).await;
    }
    let span = TimelineQuery { from: at(10), to: at(40), kinds: Vec::new(), limit: 100 };
    let told = |query: TimelineQuery| async move {
        let found = store.timeline(&query).await.expect("the store can be read");
        found.iter().map(|transition| transition.id.native.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told(span.clone()).await, ["3", "2", "1"], "the end is not part of the span");
    assert_eq!(told(TimelineQuery { kinds: vec![Kind::Alert], ..span.clone() }).await, ["3", "1"]);
    assert_eq!(told(TimelineQuery { limit: 1, ..span }).await, ["3"]);
}

/// Flapping.
pub async fn what_changes_again_and_again_is_told_apart(store: &dyn Store) {
    for n in 0..6 {
        let state = if n % 2 == 0 { AlertState::Firing } else { AlertState::Resolved };
        put(store, [Fact::Alert(alert("flaps", state, None))], at(n * 10)).await;
    }
    put(store, [Fact::Alert(alert("calm", AlertState::Firing, None))], at(0)).await;
    put(store, [Fact::Run(run("1", None, None))], at(5)).await;
    let query = RestlessQuery { kind: Kind::Alert, from: at(10), to: at(50), at_least: 3, limit: 10 };
    let found = store.restless(&query).await.expect("the store can be read");
    let [only] = found.as_slice() else { panic!("one flaps: {found:?}") };
    assert_eq!(only.id, id(Kind::Alert, "flaps"));
    let told: Vec<_> = only.changes.iter().map(|c| (c.from.as_deref(), c.to.as_str(), c.at)).collect();
    let (firing, resolved) = ("firing", "resolved");
    assert_eq!(
        told,
        [
            (Some(firing), resolved, at(10)),
            (Some(resolved), firing, at(20)),
            (Some(firing), resolved, at(30)),
            (Some(resolved), firing, at(40)),
        ],
        "the span is half open"
    );
    for calm in [RestlessQuery { at_least: 5, ..query.clone() }, RestlessQuery { kind: Kind::Run, ..query }] {
        assert_eq!(store.restless(&calm).await.expect("the store can be read"), Vec::new());
    }
}

/// Words of fields.
pub async fn every_value_of_a_field_is_told(store: &dyn Store) {
    assert_eq!(store.values(Field::State).await.expect("the store can be read"), Vec::<String>::new());
    put(store, [Fact::Alert(alert("1", AlertState::Firing, None))], at(0)).await;
    put(store, [Fact::Alert(alert("1", AlertState::Resolved, None))], at(10)).await;
    let mut values = store.values(Field::State).await.expect("the store can be read");
    values.sort_unstable();
    assert_eq!(values, ["active", "firing", "ok", "paging", "resolved"], "each once, also those of the past");
    assert_eq!(store.values(Field::Ref).await.expect("the store can be read"), Vec::<String>::new());
}

/// Retention.
pub async fn retention_keeps_what_is_open_or_live(store: &dyn Store) {
    let old = [
        Fact::Ticket(ticket("open", TicketStatus::Todo, None)),
        Fact::Ticket(ticket("done", TicketStatus::Done, None)),
        Fact::Alert(alert("firing", AlertState::Firing, None)),
        Fact::Alert(alert("over", AlertState::Resolved, None)),
        Fact::Run(run("old", Some(RunResult::Success), Some(at(0)))),
        Fact::Deployment(deployment("before", "production", DeploymentStatus::Succeeded, Some(at(0)))),
        Fact::Deployment(deployment("live", "production", DeploymentStatus::Succeeded, Some(at(1)))),
    ];
    put(store, old, at(0)).await;
    put(store, [Fact::Ticket(ticket("open", TicketStatus::InProgress, None))], at(50)).await;
    put(store, [Fact::Run(run("young", Some(RunResult::Success), Some(at(2))))], at(200)).await;
    let removed = store.prune(at(100)).await.expect("retention works");
    assert!(removed >= 5, "{removed}");
    let query = |kind| ListQuery { scope: Scope::All, ..ListQuery::current(kind, at(0)) };
    let left = |kind| async move { super::sample::natives(&page(store, &query(kind)).await.items) };
    assert_eq!(left(Kind::Ticket).await, ["open"]);
    assert_eq!(left(Kind::Alert).await, ["firing"]);
    assert_eq!(left(Kind::Run).await, ["young"]);
    assert_eq!(left(Kind::Deployment).await, ["live"], "what is live stays, however long ago it went there");
    let history = store.history(&id(Kind::Ticket, "open")).await.expect("the store can be read");
    let told: Vec<_> = history.iter().map(|t| (t.from.as_deref(), t.to.as_str())).collect();
    assert_eq!(told, [(Some("todo"), "in_progress")], "what ended before is dropped, what holds is kept");
    let searched = ListQuery { filter: Filter::parse("done").expect("a query"), ..query(Kind::Ticket) };
    assert_eq!(page(store, &searched).await.total, 0, "the text index forgot it too");
    assert_eq!(store.prune(at(100)).await.expect("retention works"), 0);
    assert_eq!(store.stored(Kind::Run).await.expect("the store can be read"), 1);
}

/// A connection is removed.
pub async fn forgetting_leaves_only_the_actions(store: &dyn Store) {
    put(store, [Fact::Alert(alert("1", AlertState::Firing, None)), Fact::Run(run("1", None, None))], at(0))
        .await;
    store.record_health(&Health::new(source(), at(0), 30)).await.expect("health is stored");
    assert!(store.propose(&record("k", &source())).await.expect("it is written down"));
    let changes = store.forget(&source()).await.expect("a source is forgotten");
    assert_eq!((changes.touched.len(), changes.services), (2, vec!["shop".to_owned()]));
    assert_eq!(store.get(&id(Kind::Run, "1"), None).await.expect("the store can be read"), None);
    assert_eq!(store.history(&id(Kind::Run, "1")).await.expect("the store can be read"), Vec::new());
    assert_eq!(store.health().await.expect("the store can be read"), Vec::new());
    assert_eq!(store.counts().await.expect("the store can be read"), Vec::new());
    assert_eq!(store.actions(&ActionsQuery::default()).await.expect("the store can be read").len(), 1);
    assert!(store.forget(&source()).await.expect("twice is fine").is_empty());
    assert!(store.forget(&named("never")).await.expect("who was never there too").is_empty());
    put(store, [Fact::Run(run("1", None, None))], at(9)).await;
    assert_eq!(now(store, &id(Kind::Run, "1")).await.first_seen, at(9), "it begins anew");
}

/// The configuration changed.
pub async fn other_services_are_no_transition(store: &dyn Store) {
    put(store, [Fact::Alert(alert("1", AlertState::Firing, None)), Fact::Run(run("1", None, None))], at(0))
        .await;
    let till = Links {
        service: Some(ServiceRef { name: "till".to_owned(), inferred: true }),
        environment: Some("production".to_owned()),
    };
    let to_till: Linker = {
        let till = till.clone();
        Arc::new(move |fact| if fact.kind() == Kind::Run { till.clone() } else { of_service("shop") })
    };
    let changes = store.relink(Linker::clone(&to_till)).await.expect("links are written");
    assert_eq!(changes.touched, vec![id(Kind::Run, "1")], "only what has other links is touched");
    assert!(changes.transitions.is_empty());
    assert_eq!(changes.services, ["shop", "till"]);
    let entity = now(store, &id(Kind::Run, "1")).await;
    assert_eq!((entity.links, entity.changed), (till, at(0)));
    let filter = Filter::parse("service:till env:production till").expect("a query");
    assert_eq!(page(store, &ListQuery { filter, ..ListQuery::current(Kind::Run, at(0)) }).await.total, 1);
    assert!(store.relink(to_till).await.expect("twice is fine").is_empty());
    assert_eq!(current(store, Kind::Run).await, ["1"]);
}

/// A poll that comes after the new configuration.
pub async fn links_that_came_meanwhile_are_kept(store: &dyn Store) {
    put(store, [Fact::Run(run("1", None, None))], at(0)).await;
    let linker: Linker = Arc::new(|_| of_service("till"));
    store.relink(linker).await.expect("links are written");
    let again = store
        .ingest(
            &source(),
            crate::Ingest {
                facts: vec![(Fact::Run(run("1", None, None)), of_service("till"))],
                coverage: qd_model::Coverage::Delta,
                next: qd_model::Cursor::default(),
            },
            at(60),
        )
        .await
        .expect("facts are stored");
    assert!(again.is_empty(), "nothing is new about it");
}

//! Claims about what a poll brings.

use qd_model::{AlertState, Coverage, Cursor, Fact, Kind, Links, RunResult, ServiceRef, TicketStatus};

use super::sample::{alert, at, batch, id, named, now, of_service, page, put, run, source, ticket};
use super::town::Town;
use crate::{Ingest, ListQuery, Store};

/// Facts and links of every kind read back equal.
pub async fn what_was_stored_reads_back_whole(store: &dyn Store) {
    let town = Town::new(1);
    for number in [3, 75, 85, 95] {
        let (fact, links) = town.fact(number, 1);
        let ingest = Ingest {
            facts: vec![(fact.clone(), links.clone())],
            coverage: Coverage::Delta,
            next: Cursor::default(),
        };
        let changes = store.ingest(&fact.id().source, ingest, at(0)).await.expect("it is stored");
        let entity = now(store, fact.id()).await;
        assert_eq!(entity.fact, fact);
        assert_eq!(entity.links, links);
        assert_eq!((entity.first_seen, entity.changed), (at(0), at(0)));
        assert_eq!(entity.seq, changes.seq, "an entity carries the number of its last change");
        assert_eq!(entity.gone_at, None);
        assert_eq!(changes.touched, vec![fact.id().clone()]);
        assert_eq!(changes.transitions[0].from, None, "what is new comes from nowhere");
        assert_eq!(changes.services, links.service.into_iter().map(|s| s.name).collect::<Vec<_>>());
    }
    let kinds = [Kind::Run, Kind::Deployment, Kind::Alert, Kind::Ticket];
    for kind in kinds {
        assert_eq!(store.stored(kind).await.expect("the store can be read"), 1, "{kind}");
    }
}

/// Idempotent.
pub async fn the_same_batch_twice_changes_nothing(store: &dyn Store) {
    let facts =
        || [Fact::Run(run("1", None, Some(at(0)))), Fact::Ticket(ticket("2", TicketStatus::Todo, None))];
    let first = put(store, facts(), at(0)).await;
    assert_eq!((first.seq, first.touched.len(), first.transitions.len()), (1, 2, 2));
    let second = put(store, facts(), at(60)).await;
    assert!(second.is_empty(), "an unchanged fact writes nothing: {second:?}");
    assert_eq!(store.seq().await.expect("the store can be read"), 1);
    assert_eq!(now(store, &id(Kind::Run, "1")).await.changed, at(0));
    assert_eq!(store.history(&id(Kind::Run, "1")).await.expect("the store can be read").len(), 1);
}

/// An entity listed twice in a batch.
pub async fn the_last_mention_counts(store: &dyn Store) {
    let facts = [run("1", None, Some(at(0))), run("1", Some(RunResult::Success), Some(at(0)))].map(Fact::Run);
    let changes = put(store, facts, at(0)).await;
    assert_eq!(changes.transitions.len(), 1);
    assert_eq!(changes.transitions[0].to, "success");
}

/// A new title is a change, and not one of state.
pub async fn a_change_beside_the_state_is_no_transition(store: &dyn Store) {
    put(store, [Fact::Ticket(ticket("1", TicketStatus::Todo, None))], at(0)).await;
    let mut renamed = ticket("1", TicketStatus::Todo, None);
    renamed.summary = "Another title".to_owned();
    let changes = put(store, [Fact::Ticket(renamed)], at(9)).await;
    assert_eq!(changes.touched, vec![id(Kind::Ticket, "1")]);
    assert!(changes.transitions.is_empty(), "the state word is the same");
    let entity = now(store, &id(Kind::Ticket, "1")).await;
    assert_eq!((entity.fact.title(), entity.changed, entity.seq), ("Another title", at(9), changes.seq));
    assert_eq!(entity.first_seen, at(0));
}

/// A fact whose id names another connection is not stored under either.
pub async fn a_connection_cannot_speak_for_another(store: &dyn Store) {
    let facts = batch([Fact::Run(run("1", None, None))], Coverage::Delta);
    let changes = store.ingest(&named("other"), facts, at(0)).await.expect("the rest is stored");
    assert!(changes.is_empty());
    assert_eq!(store.get(&id(Kind::Run, "1"), None).await.expect("the store can be read"), None);
}

/// Cursors.
pub async fn a_cursor_comes_back(store: &dyn Store) {
    assert_eq!(store.cursor(&source()).await.expect("the store can be read"), Cursor::default());
    for page in [3, 4] {
        let next = Cursor::write(&serde_json::json!({ "page": page, "since": "x" }));
        let ingest = Ingest { facts: Vec::new(), coverage: Coverage::Delta, next: next.clone() };
        let changes = store.ingest(&source(), ingest, at(0)).await.expect("a cursor is stored");
        assert!(changes.is_empty(), "a cursor alone is no change that anybody must see");
        assert_eq!(store.cursor(&source()).await.expect("the store can be read"), next);
    }
    assert_eq!(store.cursor(&named("other")).await.expect("the store can be read"), Cursor::default());
}

/// Numbers.
pub async fn change_sets_are_numbered_without_gaps(store: &dyn Store) {
    assert_eq!(store.seq().await.expect("the store can be read"), 0);
    for number in 1..=5 {
        let fact = Fact::Run(run(&number.to_string(), None, None));
        assert_eq!(put(store, [fact.clone()], at(0)).await.seq, number);
        assert_eq!(put(store, [fact], at(0)).await.seq, 0);
    }
    assert_eq!(store.seq().await.expect("the store can be read"), 5);
}

/// The configuration changed between two polls.
pub async fn other_links_beside_an_unchanged_fact_are_no_transition(store: &dyn Store) {
    let fact = Fact::Run(run("1", None, Some(at(0))));
    put(store, [fact.clone()], at(0)).await;
    let links = Links {
        service: Some(ServiceRef { name: "till".to_owned(), inferred: true }),
        environment: Some("staging".to_owned()),
    };
    let ingest =
        Ingest { facts: vec![(fact, links.clone())], coverage: Coverage::Delta, next: Cursor::default() };
    let changes = store.ingest(&source(), ingest, at(60)).await.expect("links are stored");
    assert!(changes.transitions.is_empty());
    assert_eq!(changes.touched, vec![id(Kind::Run, "1")]);
    assert_eq!(changes.services, ["shop", "till"], "the status of both may be another now");
    assert_eq!(now(store, &id(Kind::Run, "1")).await.links, links);
    let found = page(
        store,
        &ListQuery {
            filter: qd_model::Filter::parse("service:till env:staging till").expect("a query"),
            ..ListQuery::current(Kind::Run, at(0))
        },
    )
    .await;
    assert_eq!(found.total, 1, "lists and the text index know the new service");
    let again = put(store, [Fact::Run(run("1", None, Some(at(0))))], at(90)).await;
    assert_eq!(now(store, &id(Kind::Run, "1")).await.links, of_service("shop"));
    assert_eq!(again.transitions.len(), 0);
}

/// A wall clock that was set back.
pub async fn history_does_not_turn_back_with_the_clock(store: &dyn Store) {
    put(store, [Fact::Alert(alert("1", AlertState::Firing, None))], at(100)).await;
    put(store, [Fact::Alert(alert("1", AlertState::Resolved, None))], at(40)).await;
    let entity = now(store, &id(Kind::Alert, "1")).await;
    assert_eq!((entity.fact.state_word(), entity.changed), ("resolved", at(100)));
    let history = store.history(&id(Kind::Alert, "1")).await.expect("the store can be read");
    let words: Vec<&str> = history.iter().map(|transition| transition.to.as_str()).collect();
    assert_eq!(words, ["firing", "resolved"]);
}

/// Precision.
pub async fn instants_keep_their_microseconds(store: &dyn Store) {
    let precise = at(0) + chrono::TimeDelta::microseconds(123_457);
    put(store, [Fact::Run(run("1", None, Some(precise)))], precise).await;
    let entity = now(store, &id(Kind::Run, "1")).await;
    assert_eq!((entity.first_seen, entity.fact.occurred_at()), (precise, Some(precise)));
}

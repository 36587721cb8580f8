//! Claims about what a backend, or somebody who writes into one, can do to the store.

use qd_model::{AlertState, Coverage, EntityId, Fact, Filter, Kind, Links, Seen, ServiceRef, TicketStatus};

use super::sample::{alert, at, batch, of_service, page, source, ticket};
use crate::{Ingest, ListQuery, Recent, Scope, Store};

/// Facts nobody should send.
fn hostile() -> Vec<(Fact, Links)> {
    let mut huge = alert("huge", AlertState::Firing, Some(at(0)));
    huge.labels.insert("big".to_owned(), "x".repeat(1 << 20));
    huge.labels.insert("zzz".to_owned(), "behind the limit".to_owned());
    let mut many = alert("many", AlertState::Firing, Some(at(0)));
    many.labels = (0..10_000).map(|n| (format!("label{n}"), format!("value{n}"))).collect();
    many.labels.insert(String::new(), "no name".to_owned());
    many.labels.insert("__proto__".to_owned(), "polluted".to_owned());
    let mut nul = ticket("nul\0in the id", TicketStatus::Todo, Some(at(0)));
    nul.summary = "before\0after \u{202e}txt.exe \u{1}mark\u{1}".to_owned();
    nul.labels = vec!["'; DROP TABLE entity; --".to_owned(), "%_\\\"*".to_owned()];
    let mut old = ticket("old", TicketStatus::Todo, Some(chrono::DateTime::<chrono::Utc>::MIN_UTC));
    old.assignees = vec!["a\u{1}b".to_owned(), String::new()];
    let mut future = ticket("future", TicketStatus::Todo, Some(chrono::DateTime::<chrono::Utc>::MAX_UTC));
    future.summary = String::new();
    let mut odd = ticket("../../etc/passwd", TicketStatus::Todo, None);
    odd.origin.id = EntityId::new(&source(), Kind::Ticket, "\u{fffd}/\n/\u{10ffff}");
    let links = Links {
        service: Some(ServiceRef { name: "sh\0op\u{202e}".to_owned(), inferred: true }),
        environment: Some("x".repeat(100_000)),
    };
    vec![
        (Fact::Alert(huge), of_service("shop")),
        (Fact::Alert(many), of_service("shop")),
        (Fact::Ticket(nul), links),
        (Fact::Ticket(old), of_service("")),
        (Fact::Ticket(future), of_service("shop")),
        (Fact::Ticket(odd), of_service("shop")),
    ]
}

/// They are stored, read back, listed and searched like any other.
pub async fn hostile_values_do_no_harm(store: &dyn Store) {
    let facts = hostile();
    let ingest =
        Ingest { facts: facts.clone(), coverage: Coverage::Delta, next: qd_model::Cursor::default() };
    let changes = store.ingest(&source(), ingest.clone(), at(0)).await.expect("facts are stored");
    assert_eq!(changes.touched.len(), facts.len());
    assert!(store.ingest(&source(), ingest, at(9)).await.expect("facts are stored").is_empty());
    for (fact, links) in &facts {
        let entity = store.get(fact.id(), None).await.expect("the store can be read").expect("it is stored");
        assert_eq!((&entity.fact, &entity.links), (fact, links));
    }
    let search = |text: &str| {
        let term =
            qd_model::filter::Term { negated: false, test: qd_model::filter::Test::Text(text.to_owned()) };
        ListQuery {
            kinds: Vec::new(),
            scope: Scope::All,
            filter: Filter { terms: vec![term] },
            ..ListQuery::current(Kind::Alert, at(0))
        }
    };
    for text in ["after", "before\0after", "drop table", "%_\\\"*", "\u{202e}txt", "no name", "\0"] {
        assert!(page(store, &search(text)).await.total >= 1, "{text:?} is found");
    }
    let everything = ListQuery { filter: Filter::default(), ..search("") };
    assert_eq!(page(store, &everything).await.items.len(), facts.len());
    assert_eq!(
        store.current(Recent::of_every_line(5), None).await.expect("the store can be read").len(),
        facts.len()
    );
    for query in
        ["service:none", "assignee:a*", "assignee:none", "env:x*", "age:<1h", "age:>1h", "service:sh*"]
    {
        let filter = Filter::parse(query).expect("a query");
        let expected = facts
            .iter()
            .filter(|(fact, links)| filter.matches(fact, links, Seen { now: at(0), changed: at(0) }))
            .count();
        assert_eq!(
            page(store, &ListQuery { filter, ..everything.clone() }).await.total,
            expected as u64,
            "{query}"
        );
    }
}

/// A batch larger than what a change set names.
pub async fn a_large_batch_is_named_up_to_a_limit(store: &dyn Store) {
    let facts = (0..10_050).map(|n| Fact::Alert(alert(&n.to_string(), AlertState::Firing, None)));
    let changes =
        store.ingest(&source(), batch(facts, Coverage::Delta), at(0)).await.expect("facts are stored");
    assert_eq!((changes.touched.len(), changes.truncated), (10_000, true));
    assert_eq!(store.stored(Kind::Alert).await.expect("the store can be read"), 10_050);
    let page = page(store, &ListQuery { offset: 10_000, ..ListQuery::current(Kind::Alert, at(0)) }).await;
    assert_eq!((page.items.len(), page.total), (50, 10_050));
}

//! Claims about lists as they were.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use qd_model::{Coverage, EntityId, Filter, Kind};

use super::lists::{QUERIES, everything, seen};
use super::sample::{at, page};
use super::town::Town;
use crate::{Entity, ListQuery, Order, Recent, Scope, Store};

type Known = Vec<(EntityId, String, Option<DateTime<Utc>>)>;

fn known(entities: &[Entity]) -> Known {
    let mut known: Known = entities
        .iter()
        .map(|entity| (entity.fact.id().clone(), entity.fact.state_word().to_owned(), entity.gone_at))
        .collect();
    known.sort();
    known
}

/// Lives through a town's days, and keeps what lists showed after each poll.
async fn live(store: &dyn Store) -> Vec<(DateTime<Utc>, Known, Known, Known)> {
    let mut shown = Vec::new();
    for (round, mut poll) in Town::new(3).polls(500, 30).enumerate() {
        // Most answers are complete, so that alerts end, and what stays open goes.
        if round % 5 != 0 {
            poll.ingest.coverage = Coverage::Complete(Kind::ALL.to_vec());
        }
        // Every seventh entity is seen once and never again.
        let seen_again = |fact: &qd_model::Fact| {
            fact.id().native.parse().is_ok_and(|number: u64| !number.is_multiple_of(7))
        };
        let first = ["pending", "in_progress", "firing", "todo"];
        poll.ingest.facts.retain(|(fact, _)| seen_again(fact) || first.contains(&fact.state_word()));
        // Polls of several sources at one instant would make "then" ambiguous.
        let at = poll.at + chrono::TimeDelta::milliseconds(i64::try_from(round).unwrap_or(0));
        store.ingest(&poll.source, poll.ingest, at).await.expect("facts are stored");
        let all = page(store, &everything(Scope::All, Order::Newest)).await.items;
        let current = page(store, &everything(Scope::Current, Order::Newest)).await.items;
        let overview = store.current(Recent::of_every_line(2), None).await.expect("the store can be read");
        shown.push((at, known(&all), known(&current), known(&overview)));
    }
    shown
}

/// Every list that was ever shown can be shown again.
pub async fn a_list_shows_what_was_known_then(store: &dyn Store) {
    let shown = live(store).await;
    let gone = shown.iter().flat_map(|(_, all, ..)| all).filter(|(.., gone)| gone.is_some()).count();
    assert!(gone > 0, "some of it went, or this proves less than it says");
    for (at, all, current, overview) in &shown {
        for (scope, expected) in [(Scope::All, all), (Scope::Current, current)] {
            let query = ListQuery { as_of: Some(*at), ..everything(scope, Order::Newest) };
            let then = page(store, &query).await;
            assert_eq!(&known(&then.items), expected, "{scope:?} as of {at}");
            assert_eq!(then.total, expected.len() as u64);
        }
        let then = store.current(Recent::of_every_line(2), Some(*at)).await.expect("the store can be read");
        assert_eq!(&known(&then), overview, "overview as of {at}");
        for (id, state, gone) in all {
            let then =
                store.get(id, Some(*at)).await.expect("the store can be read").expect("it was known then");
            assert_eq!((then.fact.state_word(), then.gone_at), (state.as_str(), *gone), "{id} as of {at}");
        }
    }
}

/// Before the first poll.
pub async fn nothing_was_there_before_it_was_seen(store: &dyn Store) {
    let shown = live(store).await;
    let before = shown[0].0 - chrono::TimeDelta::microseconds(1);
    let query = ListQuery { as_of: Some(before), ..everything(Scope::All, Order::Newest) };
    assert_eq!(page(store, &query).await.total, 0);
    let (id, ..) = &shown[0].1[0];
    assert_eq!(store.get(id, Some(before)).await.expect("the store can be read"), None);
    assert_eq!(
        store
            .current(Recent::of_every_line(5), Some(at(-9_000_000_000)))
            .await
            .expect("the store can be read"),
        Vec::new()
    );
}

/// Filters, pages and orders.
pub async fn filters_of_the_past_mean_what_the_reference_means(store: &dyn Store) {
    let shown = live(store).await;
    let at = shown[shown.len() / 2].0;
    let whole = ListQuery { as_of: Some(at), ..everything(Scope::All, Order::Attention) };
    let all = page(store, &whole).await.items;
    for text in QUERIES.iter().chain(&["checkout", "in", "-qd", "timeouts state:success"]) {
        let filter = Filter::parse(text).expect("a query of this file can be read");
        let matches = |entity: &&Entity| filter.matches(&entity.fact, &entity.links, seen(entity, whole.now));
        let expected: Vec<&EntityId> = all.iter().filter(matches).map(|entity| entity.fact.id()).collect();
        let found = page(store, &ListQuery { filter: filter.clone(), ..whole.clone() }).await;
        assert_eq!(found.items.iter().map(|entity| entity.fact.id()).collect::<Vec<_>>(), expected, "{text}");
        let mut paged = BTreeSet::new();
        for offset in (0..expected.len() as u64).step_by(20) {
            let part =
                page(store, &ListQuery { filter: filter.clone(), offset, limit: 20, ..whole.clone() }).await;
            paged.extend(part.items.iter().map(|entity| entity.fact.id().clone()));
        }
        assert_eq!(paged.len(), expected.len(), "pages of {text}");
    }
}

//! Claims about the stream of changes.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use qd_model::{AlertState, Fact, Kind, TicketStatus};

use super::sample::{alert, at, id, put, put_all, ticket};
use crate::{ChangeSet, Store};

/// The next change set, or a panic: nobody waits for ever.
pub(super) async fn next(stream: &mut BoxStream<'static, ChangeSet>) -> ChangeSet {
    let waited = tokio::time::timeout(Duration::from_secs(20), stream.next()).await;
    waited.expect("a change is told in time").expect("the stream goes on")
}

/// At once, and as it is.
pub async fn a_listener_hears_what_is_written(store: &dyn Store) {
    let mut stream = store.changes(0);
    for number in 0..5 {
        let fact = Fact::Alert(alert(&number.to_string(), AlertState::Firing, None));
        let written = put(store, [fact], at(0)).await;
        assert_eq!(next(&mut stream).await, written);
    }
}

/// Between the number it knows and now.
pub async fn a_listener_hears_what_it_missed(store: &dyn Store) {
    let mut written = Vec::new();
    for number in 0..5 {
        let native = number.to_string();
        let facts = [
            Fact::Alert(alert(&native, AlertState::Firing, None)),
            Fact::Ticket(ticket("t", TicketStatus::Todo, None)),
        ];
        written.push(put_all(store, &[Kind::Alert], facts, at(number)).await);
    }
    let mut stream = store.changes(2);
    for expected in &written[2..] {
        let mut told = next(&mut stream).await;
        let mut expected = expected.clone();
        for set in [&mut told, &mut expected] {
            set.touched.sort();
            set.transitions.sort_by(|a, b| a.id.cmp(&b.id));
        }
        assert_eq!(told, expected, "what is read back is what was told");
    }
    let more = put(store, [Fact::Alert(alert("9", AlertState::Firing, None))], at(9)).await;
    assert_eq!(next(&mut stream).await, more, "and it goes on from there");
    assert_eq!(more.touched, [id(Kind::Alert, "9")]);
}

/// A thousand change sets are not read back one by one.
pub async fn who_is_far_behind_hears_only_how_far_things_are(store: &dyn Store) {
    for number in 0..300 {
        put(store, [Fact::Alert(alert(&number.to_string(), AlertState::Firing, None))], at(0)).await;
    }
    let mut stream = store.changes(1);
    let told = next(&mut stream).await;
    assert_eq!((told.seq, told.truncated, told.touched.len()), (300, true, 0));
}

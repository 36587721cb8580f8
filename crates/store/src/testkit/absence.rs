//! Claims about what a complete answer does not list.

use qd_model::{AlertState, Fact, Kind, RunResult, TicketStatus};

use super::sample::{alert, at, current, id, now, put, put_all, run, ticket};
use crate::Store;

fn firing(native: &str) -> Fact {
    Fact::Alert(alert(native, AlertState::Firing, Some(at(0))))
}

fn todo(native: &str) -> Fact {
    Fact::Ticket(ticket(native, TicketStatus::Todo, Some(at(0))))
}

/// Alerts are over at once; when, nobody said.
pub async fn an_absent_alert_is_resolved_without_an_end(store: &dyn Store) {
    put_all(store, &[Kind::Alert], [firing("1"), firing("2")], at(0)).await;
    let changes = put_all(store, &[Kind::Alert], [firing("2")], at(60)).await;
    assert_eq!(changes.transitions.len(), 1);
    let transition = &changes.transitions[0];
    assert_eq!((transition.from.as_deref(), transition.to.as_str()), (Some("firing"), "resolved"));
    assert_eq!(transition.raw, "absent from a complete answer");
    let entity = now(store, &id(Kind::Alert, "1")).await;
    let Fact::Alert(alert) = &entity.fact else { panic!("an alert stays one") };
    assert_eq!(alert.state.state, AlertState::Resolved);
    assert_eq!(alert.ends_at, None, "nobody said when it ended");
    assert_eq!(entity.gone_at, None, "it is over, not gone");
    assert_eq!(current(store, Kind::Alert).await, ["2"]);
    let again = put_all(store, &[Kind::Alert], [firing("2")], at(120)).await;
    assert!(again.is_empty(), "what is over is not over again: {again:?}");
}

/// And it may fire again.
pub async fn a_resolved_alert_fires_again(store: &dyn Store) {
    put_all(store, &[Kind::Alert], [firing("1")], at(0)).await;
    put_all(store, &[Kind::Alert], [], at(60)).await;
    let changes = put_all(store, &[Kind::Alert], [firing("1")], at(120)).await;
    assert_eq!(changes.transitions[0].from.as_deref(), Some("resolved"));
    let history = store.history(&id(Kind::Alert, "1")).await.expect("the store can be read");
    let words: Vec<&str> = history.iter().map(|transition| transition.to.as_str()).collect();
    assert_eq!(words, ["firing", "resolved", "firing"]);
}

/// Everything else gets a second look.
pub async fn a_ticket_is_gone_after_two_complete_answers(store: &dyn Store) {
    put_all(store, &[Kind::Ticket], [todo("1"), todo("2")], at(0)).await;
    let once = put_all(store, &[Kind::Ticket], [todo("2")], at(60)).await;
    assert!(once.is_empty(), "one answer without it proves nothing");
    assert_eq!(current(store, Kind::Ticket).await, ["1", "2"]);
    let twice = put_all(store, &[Kind::Ticket], [todo("2")], at(120)).await;
    assert_eq!(twice.transitions.len(), 1);
    assert_eq!(
        (twice.transitions[0].from.as_deref(), twice.transitions[0].to.as_str()),
        (Some("todo"), "gone")
    );
    let entity = now(store, &id(Kind::Ticket, "1")).await;
    assert_eq!(entity.gone_at, Some(at(120)));
    assert_eq!(entity.fact.state_word(), "todo", "its state is the last one seen");
    assert_eq!(current(store, Kind::Ticket).await, ["2"]);
    assert!(put_all(store, &[Kind::Ticket], [todo("2")], at(180)).await.is_empty());
}

/// It reappears.
pub async fn what_is_gone_comes_back(store: &dyn Store) {
    put_all(store, &[Kind::Ticket], [todo("1")], at(0)).await;
    put_all(store, &[Kind::Ticket], [], at(60)).await;
    put_all(store, &[Kind::Ticket], [], at(120)).await;
    let back = put_all(store, &[Kind::Ticket], [todo("1")], at(180)).await;
    assert_eq!(
        (back.transitions[0].from.as_deref(), back.transitions[0].to.as_str()),
        (Some("gone"), "todo")
    );
    assert_eq!(now(store, &id(Kind::Ticket, "1")).await.gone_at, None);
    assert_eq!(current(store, Kind::Ticket).await, ["1"]);
    let history = store.history(&id(Kind::Ticket, "1")).await.expect("the store can be read");
    let words: Vec<&str> = history.iter().map(|transition| transition.to.as_str()).collect();
    assert_eq!(words, ["todo", "gone", "todo"]);
}

/// Two absences that do not follow each other are two first ones.
pub async fn one_absence_is_forgiven(store: &dyn Store) {
    for round in 0..4 {
        put_all(store, &[Kind::Ticket], [todo("1")], at(round * 100)).await;
        put_all(store, &[Kind::Ticket], [], at(round * 100 + 50)).await;
    }
    assert_eq!(now(store, &id(Kind::Ticket, "1")).await.gone_at, None);
}

/// A page of news.
pub async fn a_delta_says_nothing_of_absence(store: &dyn Store) {
    put_all(store, &[Kind::Alert, Kind::Ticket], [firing("1"), todo("1")], at(0)).await;
    for round in 1..4 {
        assert!(put(store, [], at(round * 60)).await.is_empty());
    }
    assert_eq!(current(store, Kind::Alert).await, ["1"]);
    assert_eq!(current(store, Kind::Ticket).await, ["1"]);
}

/// Coverage is per kind.
pub async fn one_kind_says_nothing_of_another(store: &dyn Store) {
    put_all(store, &[Kind::Alert, Kind::Ticket], [firing("1"), todo("1")], at(0)).await;
    for round in 1..4 {
        assert!(put_all(store, &[Kind::Alert], [firing("1")], at(round * 60)).await.is_empty());
    }
    assert_eq!(current(store, Kind::Ticket).await, ["1"]);
}

/// Only what is open can be missed.
pub async fn what_is_closed_does_not_go(store: &dyn Store) {
    let closed = || {
        [
            Fact::Ticket(ticket("1", TicketStatus::Done, Some(at(0)))),
            Fact::Run(run("1", Some(RunResult::Success), Some(at(0)))),
        ]
    };
    put_all(store, &[Kind::Ticket, Kind::Run], closed(), at(0)).await;
    for round in 1..4 {
        assert!(put_all(store, &[Kind::Ticket, Kind::Run], [], at(round * 60)).await.is_empty());
    }
}

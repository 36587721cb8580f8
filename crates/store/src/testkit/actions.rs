//! Claims about the actions log.

use futures_util::future::join_all;
use qd_model::{ActionOutcome, ActionRecord, ActionState, Kind, SourceId, Target};

use super::sample::{at, id, named, source};
use crate::{ActionsQuery, Store};

/// A proposal that is aimed at a source.
pub fn record(key: &str, source: &SourceId) -> ActionRecord {
    ActionRecord {
        idempotency_key: key.to_owned(),
        target: Target::Source(source.clone()),
        verb: "silence".to_owned(),
        args: [("until".to_owned(), "tomorrow".to_owned())].into(),
        actor: "window".to_owned(),
        proposed_at: at(0),
        state: ActionState::Proposed,
        outcome: None,
        settled_at: None,
    }
}

fn accepted(message: &str) -> ActionOutcome {
    ActionOutcome::Accepted { message: message.to_owned(), undo: None }
}

fn unknown() -> ActionOutcome {
    ActionOutcome::Unknown { cause: "the answer was cut off".to_owned() }
}

async fn log(store: &dyn Store) -> Vec<ActionRecord> {
    store.actions(&ActionsQuery::default()).await.expect("the store can be read")
}

/// Once per key.
pub async fn a_key_is_proposed_once(store: &dyn Store) {
    let first = record("k", &source());
    assert!(store.propose(&first).await.expect("it is written down"));
    let other = ActionRecord { verb: "expire".to_owned(), ..first.clone() };
    assert!(!store.propose(&other).await.expect("the key is taken"), "whatever else it asks");
    assert_eq!(log(store).await, [first], "the log holds what was asked first");
}

/// A double click.
pub async fn one_of_many_proposals_wins(store: &dyn Store) {
    let proposal = record("k", &source());
    let won = join_all((0..50).map(|_| store.propose(&proposal))).await;
    assert_eq!(won.into_iter().filter(|won| *won.as_ref().expect("an answer")).count(), 1);
}

/// Once per action.
pub async fn nothing_is_sent_twice(store: &dyn Store) {
    assert!(store.propose(&record("k", &source())).await.expect("it is written down"));
    store.mark_sent("k").await.expect("it may be sent");
    store.mark_sent("k").await.expect_err("it was sent");
    store.mark_sent("nobody").await.expect_err("it was never proposed");
    store.settle("k", &unknown(), at(1)).await.expect("an outcome");
    store.mark_sent("k").await.expect_err("an unknown outcome is no licence to send again");
}

/// Final.
pub async fn an_outcome_is_final(store: &dyn Store) {
    assert!(store.propose(&record("k", &source())).await.expect("it is written down"));
    store.mark_sent("k").await.expect("it may be sent");
    assert_eq!(log(store).await[0].state, ActionState::Sent);
    let changes = store.settle("k", &accepted("done"), at(5)).await.expect("an outcome");
    assert_eq!(changes.seq, 1, "an outcome rings the bell");
    assert!(store.settle("k", &accepted("done"), at(9)).await.expect("the same again").is_empty());
    store.settle("k", &accepted("otherwise"), at(9)).await.expect_err("it is final");
    store.settle("k", &unknown(), at(9)).await.expect_err("it is final");
    let log = log(store).await;
    assert_eq!(
        (log[0].state, &log[0].outcome, log[0].settled_at),
        (ActionState::Settled, &Some(accepted("done")), Some(at(5)))
    );
}

/// The next poll settles it.
pub async fn an_unknown_outcome_is_settled_once_more(store: &dyn Store) {
    let target = id(Kind::Run, "1");
    let proposal = ActionRecord { target: Target::Entity(target.clone()), ..record("k", &source()) };
    assert!(store.propose(&proposal).await.expect("it is written down"));
    store.mark_sent("k").await.expect("it may be sent");
    store.settle("k", &unknown(), at(5)).await.expect("an outcome");
    let open = ActionsQuery { unsettled: true, ..ActionsQuery::default() };
    assert_eq!(store.actions(&open).await.expect("the store can be read").len(), 1);
    let changes = store.settle("k", &accepted("it was seen"), at(9)).await.expect("it is known now");
    assert_eq!(changes.touched, [target], "the entity's row shows it");
    assert_eq!(store.actions(&open).await.expect("the store can be read"), []);
    assert_eq!(log(store).await[0].settled_at, Some(at(9)));
    store.settle("k", &unknown(), at(10)).await.expect_err("known stays known");
}

/// Unknown keys.
pub async fn what_was_never_proposed_cannot_be_settled(store: &dyn Store) {
    store.settle("nobody", &accepted("x"), at(0)).await.expect_err("no such action");
    assert_eq!(log(store).await, []);
}

/// Queries.
pub async fn the_log_is_read_by_target_and_by_what_is_open(store: &dyn Store) {
    let entity = Target::Entity(id(Kind::Ticket, "a/b"));
    for (key, target) in
        [("1", Target::Source(source())), ("2", entity.clone()), ("3", Target::Source(named("x")))]
    {
        assert!(
            store.propose(&ActionRecord { target, ..record(key, &source()) }).await.expect("written down")
        );
    }
    store.settle("1", &ActionOutcome::refused("no"), at(1)).await.expect("an outcome");
    let keys = |query: ActionsQuery| async move {
        let found = store.actions(&query).await.expect("the store can be read");
        found.into_iter().map(|record| record.idempotency_key).collect::<Vec<_>>()
    };
    assert_eq!(keys(ActionsQuery::default()).await, ["3", "2", "1"], "newest first");
    assert_eq!(keys(ActionsQuery { unsettled: true, ..ActionsQuery::default() }).await, ["3", "2"]);
    assert_eq!(keys(ActionsQuery { target: Some(entity), ..ActionsQuery::default() }).await, ["2"]);
    assert_eq!(keys(ActionsQuery { limit: 1, ..ActionsQuery::default() }).await, ["3"]);
}

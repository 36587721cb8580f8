//! Actions: one key, one write; an outcome nobody knows is looked up, never sent again.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use qd_engine::ActRefusal;
use qd_model::{ActionOutcome, ActionRecord, ActionState, Clock, KeptBy, SystemClock};
use qd_store::{ActionsQuery, Store};

use crate::bench::{Act, Bench};

#[tokio::test]
async fn one_key_is_one_write_and_the_log_is_written_first() {
    let bench = Bench::new(&["a"]).await;
    bench.engine.sync().await;
    let both = tokio::join!(
        bench.engine.act(bench.request("key-0001", None)),
        bench.engine.act(bench.request("key-0001", None))
    );
    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    let again = bench.engine.act(bench.request("key-0001", None)).await.unwrap();
    assert!(matches!(again.outcome, Some(ActionOutcome::Accepted { .. })), "{again:?}");
    assert_eq!(bench.script("a").writes.load(Ordering::SeqCst), 1, "one key, one write");
    let log = bench.store.actions(&ActionsQuery::default()).await.unwrap();
    assert_eq!(log.len(), 1);
    let alert = bench.store.get(&"a/alert/f1".parse().unwrap(), None).await.unwrap().unwrap();
    assert_eq!(alert.fact.state_word(), "firing", "an action changes no entity; only a poll does");
    bench.engine.stop().await;
}

#[tokio::test]
async fn what_was_accepted_is_taken_back_once_as_its_receipt_said() {
    let bench = Bench::new(&["a"]).await;
    bench.engine.sync().await;
    let done = bench.engine.act(bench.request("key-0001", None)).await.unwrap();
    let undone = bench.engine.undo(&done.target, "key-0001", "test").await.unwrap();
    let again = bench.engine.undo(&done.target, "key-0001", "test").await.unwrap();
    assert_eq!((undone.verb.as_str(), undone.args.get("note").map(String::as_str)), ("take_back", Some("7")));
    assert_eq!(undone.idempotency_key, again.idempotency_key);
    assert_eq!(bench.script("a").writes.load(Ordering::SeqCst), 2, "one for it, one to take it back");
    let log = bench.store.actions(&ActionsQuery::default()).await.unwrap();
    assert_eq!(log.len(), 2, "taking back is an action of its own");
    let unknown = bench.engine.undo(&done.target, "key-0002", "test").await;
    assert!(matches!(unknown, Err(ActRefusal::NoUndo)), "{unknown:?}");
    bench.engine.stop().await;
}

#[tokio::test]
async fn what_changed_since_it_was_seen_is_not_acted_on() {
    let bench = Bench::new(&["a"]).await;
    bench.engine.sync().await;
    let seen = bench.store.get(&"a/alert/f1".parse().unwrap(), None).await.unwrap().unwrap().seq;
    let stale = bench.engine.act(bench.request("key-0001", Some(seen - 1))).await;
    assert!(matches!(stale, Err(ActRefusal::StaleView)), "{stale:?}");
    assert!(bench.engine.act(bench.request("key-0002", Some(seen))).await.is_ok());
    let mut wrong = bench.request("key-0003", None);
    wrong.verb = "explode".into();
    assert!(matches!(bench.engine.act(wrong).await, Err(ActRefusal::UnknownVerb { .. })));
    let mut wrong = bench.request("key-0004", None);
    wrong.args.insert("colour".into(), "red".into());
    assert!(matches!(bench.engine.act(wrong).await, Err(ActRefusal::BadArgument(_))));
    assert_eq!(bench.script("a").writes.load(Ordering::SeqCst), 1, "only the fresh one was sent");
    bench.engine.stop().await;
}

#[tokio::test]
async fn an_unknown_outcome_is_settled_by_looking_and_never_sent_again() {
    let bench = Bench::new(&["a"]).await;
    bench.engine.sync().await;
    *bench.script("a").act.lock().unwrap() = Act::Unknown;
    let record = bench.engine.act(bench.request("key-0001", None)).await.unwrap();
    assert!(matches!(record.outcome, Some(ActionOutcome::Unknown { .. })), "{record:?}");
    let start = Instant::now();
    loop {
        let log = bench.store.actions(&ActionsQuery::default()).await.unwrap();
        if matches!(&log[0].outcome, Some(ActionOutcome::Accepted { message, .. }) if message == "seen") {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{log:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(bench.script("a").writes.load(Ordering::SeqCst), 1, "never sent again");
    bench.engine.stop().await;
}

#[tokio::test]
async fn who_waits_for_an_unknown_outcome_gets_it_as_soon_as_it_is_known() {
    let bench = Bench::new(&["a"]).await;
    bench.engine.sync().await;
    *bench.script("a").act.lock().unwrap() = Act::Unknown;
    let record = bench.engine.act(bench.request("key-0001", None)).await.unwrap();
    let record = bench.engine.outcome_of(record, Duration::from_secs(20)).await.unwrap();
    assert!(
        matches!(&record.outcome, Some(ActionOutcome::Accepted { message, .. }) if message == "seen"),
        "{record:?}"
    );
    bench.engine.stop().await;
}

#[tokio::test]
async fn a_young_unknown_of_another_process_is_settled_by_the_next_sync_and_by_who_polls() {
    for sync in [true, false] {
        let bench = Bench::new(&["a"]).await;
        bench.engine.sync().await;
        let (proposed_at, request) =
            (SystemClock.now() - TimeDelta::seconds(20), bench.request("key-0001", None));
        let record = ActionRecord {
            idempotency_key: request.idempotency_key,
            target: request.target,
            verb: request.verb,
            args: request.args,
            actor: request.actor,
            proposed_at,
            state: ActionState::Proposed,
            outcome: None,
            settled_at: None,
        };
        assert!(bench.store.propose(&record).await.unwrap());
        bench.store.mark_sent("key-0001").await.unwrap();
        let unknown = ActionOutcome::Unknown { cause: "reset".into() };
        bench.store.settle("key-0001", &unknown, proposed_at).await.unwrap();
        if sync {
            bench.engine.sync().await;
        } else {
            bench.engine.start();
        }
        let record = bench.engine.outcome_of(record, Duration::from_secs(20)).await.unwrap();
        assert!(matches!(record.outcome, Some(ActionOutcome::Accepted { .. })), "{sync}: {record:?}");
        assert_eq!(bench.script("a").writes.load(Ordering::SeqCst), 0, "never sent again");
        bench.engine.stop().await;
    }
}

#[tokio::test]
async fn a_refusal_tells_what_has_to_be_mended_first() {
    let bench = Bench::new(&["a"]).await;
    bench.engine.sync().await;
    let cases = [(Act::Rejected, KeptBy::SignIn), (Act::NotSent, KeptBy::Unreachable)];
    for (key, (act, expected)) in ["key-0001", "key-0002"].into_iter().zip(cases) {
        *bench.script("a").act.lock().unwrap() = act;
        let done = bench.engine.act(bench.request(key, None)).await.unwrap();
        let Some(ActionOutcome::Refused { kept_by, .. }) = done.outcome else { panic!("{done:?}") };
        assert_eq!(kept_by, Some(expected));
        let logged = bench.store.actions(&ActionsQuery::default()).await.unwrap();
        assert_eq!(logged[0].outcome, done.outcome, "the log tells it, too");
    }
    bench.engine.stop().await;
}

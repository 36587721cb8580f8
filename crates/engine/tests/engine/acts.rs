//! Actions: one key, one write; an outcome nobody knows is looked up, never sent again.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use qd_engine::ActRefusal;
use qd_model::ActionOutcome;
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

//! When a source is polled, what a poll brings, and what becomes of one that fails.

use std::sync::atomic::Ordering;
use std::time::Duration;

use qd_engine::unread;
use qd_model::{Clock, HealthState, SourceId, SystemClock};
use qd_store::testkit::sample::at;
use qd_store::{Holder, Store};

use crate::bench::{Answer, Bench, process};

#[tokio::test]
async fn what_the_first_batch_of_a_round_could_not_read_is_told_here_and_to_other_processes() {
    let bench = Bench::new(&["a"]).await;
    *bench.script("a").answer.lock().unwrap() = Answer::HalfRead;
    let reports = bench.engine.sync().await;
    assert_eq!(bench.script("a").polls.load(Ordering::SeqCst), 2, "one round");
    assert_eq!(reports[0].problems, ["issue 7 cannot be read"]);
    let source: SourceId = "a".parse().unwrap();
    assert_eq!(unread(bench.store.as_ref(), &source).await, ["issue 7 cannot be read"]);

    *bench.script("a").answer.lock().unwrap() = Answer::OneAlert;
    assert_eq!(bench.engine.sync().await[0].problems, Vec::<String>::new(), "it can be read again");
    assert_eq!(unread(bench.store.as_ref(), &source).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_backend_has_told_reaches_to_the_last_round_that_was_read_to_its_end() {
    let bench = Bench::new(&["a"]).await;
    *bench.script("a").answer.lock().unwrap() = Answer::HalfRead;
    let health = bench.engine.sync().await.remove(0).health;
    let told = health.told.expect("the round has ended");
    assert_eq!(told.since, at(-3_600));
    assert!(health.as_of.is_some_and(|as_of| told.until <= as_of && told.until > at(0)), "{health:?}");

    *bench.script("a").answer.lock().unwrap() = Answer::Rejected;
    let failed = bench.engine.sync().await.remove(0).health;
    assert_eq!(failed.told, Some(told), "what was told stays told, and there is no more");
    let other = process("other", &bench.store, &bench.scripts).await;
    assert_eq!(other.reports()[0].health.told, Some(told), "another process knows it, too");
    other.stop().await;

    *bench.script("a").answer.lock().unwrap() = Answer::OneAlert;
    bench.engine.credential_changed(&"a".parse().unwrap());
    assert_eq!(bench.engine.sync().await[0].health.told, None, "it only tells what is now");
    bench.engine.stop().await;
}

#[tokio::test]
async fn what_has_failed_since_before_a_restart_has_failed_since_then() {
    let bench = Bench::new(&["a"]).await;
    *bench.script("a").answer.lock().unwrap() = Answer::Rejected;
    let since = bench.engine.sync().await.remove(0).health.since;
    bench.engine.stop().await;
    let again = process("again", &bench.store, &bench.scripts).await;
    assert_eq!(again.sync().await[0].health.since, since, "it is refused as before");
    *bench.script("a").answer.lock().unwrap() = Answer::OneAlert;
    again.credential_changed(&"a".parse().unwrap());
    let fresh = again.sync().await.remove(0).health;
    assert!(fresh.since > since, "this has just begun");
    again.stop().await;
    let third = process("third", &bench.store, &bench.scripts).await;
    assert!(third.sync().await[0].health.since > fresh.since, "nobody read it in between");
    third.stop().await;
}

#[tokio::test]
async fn a_slow_poll_is_never_overlapped_and_a_nudge_meanwhile_is_not_lost() {
    let bench = Bench::new(&["a"]).await;
    *bench.script("a").poll_takes.lock().unwrap() = Duration::from_millis(400);
    bench.engine.start();
    bench.until("the first poll", || bench.script("a").polls.load(Ordering::SeqCst) == 1).await;
    for _ in 0..5 {
        bench.engine.nudge(None);
    }
    bench.until("the second poll", || bench.script("a").polls.load(Ordering::SeqCst) == 2).await;
    bench.until("fresh", || bench.state("a") == HealthState::Fresh).await;
    assert_eq!(bench.script("a").most_at_once.load(Ordering::SeqCst), 1, "a slow poll is never overlapped");
    assert!(bench.engine.stop().await, "every task stopped within a second");
}

#[tokio::test]
async fn what_another_process_read_is_not_asked_for_again_but_a_person_who_asks_gets_a_poll() {
    let bench = Bench::new(&["a"]).await;
    let other = process("other", &bench.store, &bench.scripts).await;
    bench.engine.sync().await;
    other.start();
    let fresh = || other.reports().iter().all(|report| report.health.state == HealthState::Fresh);
    bench.until("the other process to know it", fresh).await;
    assert_eq!(bench.script("a").polls.load(Ordering::SeqCst), 1, "it took over what was read");
    other.nudge(None);
    bench.until("its own poll", || bench.script("a").polls.load(Ordering::SeqCst) == 2).await;
    bench.engine.sync().await;
    assert_eq!(bench.script("a").polls.load(Ordering::SeqCst), 3, "a sync polls, whoever else does");
    other.stop().await;
    bench.engine.stop().await;
}

#[tokio::test]
async fn an_answer_that_says_the_same_is_stored_once_and_counts_as_read_each_time() {
    let bench = Bench::new(&["a"]).await;
    let recognised = || bench.script("a").recognised.load(Ordering::SeqCst);
    *bench.script("a").mark.lock().unwrap() = Some(1);
    let first = bench.engine.sync().await[0].health.as_of;
    assert_eq!(recognised(), 0, "nothing was kept that it could be compared with");
    let second = bench.engine.sync().await[0].health.as_of;
    assert_eq!(recognised(), 1);
    assert!(second > first, "it is as fresh as if it had been stored");
    let stored = bench.store.health().await.unwrap();
    assert_eq!(stored[0].as_of, second, "other processes learn of it, too");

    *bench.script("a").mark.lock().unwrap() = Some(2);
    bench.engine.sync().await;
    assert_eq!(recognised(), 1, "another content");
    bench.engine.sync().await;
    assert_eq!(recognised(), 2);
    *bench.script("a").answer.lock().unwrap() = Answer::Rejected;
    bench.engine.sync().await;
    *bench.script("a").answer.lock().unwrap() = Answer::OneAlert;
    bench.engine.credential_changed(&"a".parse().unwrap());
    bench.engine.sync().await;
    assert_eq!(recognised(), 2, "after a failure everything is read anew");
    bench.engine.stop().await;
}

#[tokio::test]
async fn what_is_incomplete_or_stored_by_another_process_is_never_taken_for_the_same() {
    let bench = Bench::new(&["a"]).await;
    let recognised = || bench.script("a").recognised.load(Ordering::SeqCst);
    *bench.script("a").mark.lock().unwrap() = Some(1);
    *bench.script("a").answer.lock().unwrap() = Answer::HalfRead;
    bench.engine.sync().await;
    bench.engine.sync().await;
    assert_eq!(recognised(), 0, "a batch that lists a part says nothing of the rest");

    *bench.script("a").answer.lock().unwrap() = Answer::OneAlert;
    bench.engine.sync().await;
    bench.engine.sync().await;
    assert_eq!(recognised(), 0, "the cursor of the answer before is not its own");
    bench.engine.sync().await;
    assert_eq!(recognised(), 1);
    let other = process("other", &bench.store, &bench.scripts).await;
    other.sync().await;
    assert_eq!(recognised(), 1, "the other process has stored nothing yet");
    bench.engine.sync().await;
    assert_eq!(recognised(), 1, "what is stored is the other's");
    bench.engine.sync().await;
    assert_eq!(recognised(), 2);
    other.stop().await;
    bench.engine.stop().await;
}

#[tokio::test]
async fn a_poll_that_another_process_never_ended_is_waited_for_and_then_done() {
    let bench = Bench::new(&["a"]).await;
    let now = SystemClock.now();
    let dead = Holder("killed under way".into());
    assert!(bench.store.lease(&"a".parse().unwrap(), &dead, now, Duration::from_secs(1)).await.unwrap());
    bench.engine.sync().await;
    assert_eq!(bench.script("a").polls.load(Ordering::SeqCst), 1);
    assert_eq!(bench.state("a"), HealthState::Fresh);
    bench.engine.stop().await;
}

#[tokio::test]
async fn a_panic_in_one_connector_is_its_own_health_and_nobody_elses() {
    let bench = Bench::new(&["a", "b"]).await;
    *bench.script("a").answer.lock().unwrap() = Answer::Panic;
    bench.engine.start();
    bench.until("a to be reported", || matches!(bench.state("a"), HealthState::Unexpected { .. })).await;
    bench.until("b to be read", || bench.state("b") == HealthState::Fresh).await;
    bench.engine.stop().await;
}

#[tokio::test]
async fn a_rejected_credential_is_tried_once_and_not_again_until_it_changes() {
    let bench = Bench::new(&["a"]).await;
    *bench.script("a").answer.lock().unwrap() = Answer::Rejected;
    bench.engine.start();
    bench.until("sign-in", || matches!(bench.state("a"), HealthState::NeedsSignIn { .. })).await;
    bench.engine.nudge(None);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(bench.script("a").polls.load(Ordering::SeqCst), 1, "more tries could lock the account");
    *bench.script("a").answer.lock().unwrap() = Answer::OneAlert;
    bench.engine.credential_changed(&"a".parse().unwrap());
    bench.until("fresh", || bench.state("a") == HealthState::Fresh).await;
    bench.engine.stop().await;
}

#[tokio::test]
async fn what_was_read_of_a_connection_that_is_gone_is_not_written() {
    let bench = Bench::new(&["a"]).await;
    bench.engine.keep_only(|spec| spec.id().as_str() != "a");
    let asked = std::time::Instant::now();
    bench.engine.sync().await;
    assert!(asked.elapsed() < Duration::from_secs(10), "nobody waits for it");
    assert_eq!(bench.script("a").polls.load(Ordering::SeqCst), 1);
    assert!(bench.store.get(&"a/alert/f1".parse().unwrap(), None).await.unwrap().is_none());
    assert!(bench.store.health().await.unwrap().is_empty(), "nor how it stands");
    bench.engine.stop().await;
}

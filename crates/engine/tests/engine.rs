//! The engine with a scripted backend and the real store.
#![allow(clippy::unwrap_used, reason = "a test panics where the engine does something else")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use qd_connector::http::Auth;
use qd_connector::{
    ActError, Action, ActionForm, ActionSpec, Aim, Backend, Backfill, CheckReport, Connection,
    CredentialError, CredentialSpec, Credentials, Descriptor, Detail, PollCx, PollError, Receipt, Risk,
    Secret, Settings, SettingsError, Verdict,
};
use qd_engine::{ActRefusal, ActRequest, ConnectionSpec, Engine, EngineConfig, Parts, unread};
use qd_model::{
    ActionOutcome, Batch, Coverage, Cursor, EntityId, Fact, HealthState, Kind, SourceId, SystemClock, Target,
};
use qd_rules::Catalogue;
use qd_store::{ActionsQuery, Holder, Store};
use qd_store_sqlite::SqliteStore;

/// What the scripted backend does and has seen.
#[derive(Default)]
struct Script {
    polls: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    writes: AtomicUsize,
    poll_takes: Mutex<Duration>,
    answer: Mutex<Answer>,
    act: Mutex<Act>,
}

#[derive(Default, Clone, Copy)]
enum Answer {
    #[default]
    OneAlert,
    /// A round of two batches; the first cannot read something.
    HalfRead,
    Rejected,
    Panic,
}

#[derive(Default, Clone, Copy)]
enum Act {
    #[default]
    Accept,
    Unknown,
}

struct Scripted {
    script: Arc<Script>,
    descriptor: &'static Descriptor,
}

fn descriptor() -> &'static Descriptor {
    static ACTIONS: &[ActionSpec] = &[ActionSpec {
        verb: "silence",
        label: "Silence",
        aim: Aim::Entity(Kind::Alert),
        when: &["firing"],
        risk: Risk::Undoable,
        effect: "it is quiet",
        args: &[],
        previews: false,
    }];
    Box::leak(Box::new(Descriptor {
        backend: "scripted",
        name: "Scripted",
        summary: "does what the test says",
        kinds: &[Kind::Alert],
        url_example: "http://127.0.0.1",
        default_url: None,
        credential: CredentialSpec { label: "", help: "", optional: true, gh: false },
        settings: &[],
        actions: ACTIONS,
        interval: Duration::from_secs(3600),
        readme: "",
        icon: "",
    }))
}

impl Backend for Scripted {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }
    fn connect(&self, settings: Settings) -> Result<Box<dyn Connection>, SettingsError> {
        Ok(Box::new(Line { script: self.script.clone(), source: settings.source }))
    }
    fn auth(&self, _: Option<Secret>) -> Result<Auth, SettingsError> {
        Ok(Auth::None)
    }
}

struct Line {
    script: Arc<Script>,
    source: SourceId,
}

#[async_trait]
impl Connection for Line {
    async fn check(&self, _: &PollCx) -> CheckReport {
        CheckReport::default()
    }

    async fn poll(&self, _: &PollCx, cursor: &Cursor) -> Result<Batch, PollError> {
        self.script.polls.fetch_add(1, Ordering::SeqCst);
        let at_once = self.script.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.script.most_at_once.fetch_max(at_once, Ordering::SeqCst);
        let takes = *self.script.poll_takes.lock().unwrap();
        tokio::time::sleep(takes).await;
        self.script.at_once.fetch_sub(1, Ordering::SeqCst);
        let answer = *self.script.answer.lock().unwrap();
        match answer {
            Answer::OneAlert => Ok(Batch {
                facts: vec![alert(&self.source)],
                coverage: Coverage::Complete(vec![Kind::Alert]),
                next: Cursor::default(),
                more: false,
                problems: Vec::new(),
            }),
            Answer::HalfRead => {
                let first = cursor.read::<bool>() != Some(true);
                Ok(Batch {
                    facts: Vec::new(),
                    coverage: Coverage::Delta,
                    next: Cursor::write(&first),
                    more: first,
                    problems: if first { vec!["issue 7 cannot be read".to_owned()] } else { Vec::new() },
                })
            }
            Answer::Rejected => Err(PollError::Unauthenticated),
            Answer::Panic => panic!("a bug in a connector"),
        }
    }

    async fn detail(&self, _: &PollCx, _: &Fact) -> Result<Detail, PollError> {
        Ok(Detail::default())
    }

    async fn form(&self, _: &PollCx, _: &str, _: Option<&Fact>) -> Result<ActionForm, PollError> {
        Ok(ActionForm::default())
    }

    async fn act(&self, _: &PollCx, _: &Action) -> Result<Receipt, ActError> {
        self.script.writes.fetch_add(1, Ordering::SeqCst);
        let act = *self.script.act.lock().unwrap();
        match act {
            Act::Accept => Ok(Receipt::done("done").undone_by("take_back", &[("note", "7")])),
            Act::Unknown => Err(ActError::Unknown { cause: "reset".into() }),
        }
    }

    async fn verify(&self, _: &PollCx, _: &Action) -> Result<Verdict, PollError> {
        Ok(Verdict::Happened("seen".into()))
    }
}

fn alert(source: &SourceId) -> Fact {
    let json = serde_json::json!({
        "kind": "alert", "id": EntityId::new(source, Kind::Alert, "f1"), "fingerprint": "f1", "name": "Slow",
        "labels": { "service": "shop" }, "annotations": {}, "severity": { "state": "critical", "raw": "critical" },
        "state": { "state": "firing", "raw": "active" }, "starts_at": "2026-03-01T12:00:00Z", "count": 1
    });
    serde_json::from_value(json).unwrap()
}

struct NoCredentials;

#[async_trait]
impl Credentials for NoCredentials {
    fn check_reference(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
    async fn resolve(
        &self,
        _: &SourceId,
        _: &str,
        _: Option<&str>,
    ) -> Result<Option<Secret>, CredentialError> {
        Ok(None)
    }
    async fn keep(&self, _: &SourceId, _: Secret, _: bool) -> Result<(), CredentialError> {
        Ok(())
    }
    async fn forget(&self, _: &SourceId) -> Result<(), CredentialError> {
        Ok(())
    }
    async fn keychain(&self) -> &'static str {
        "ready"
    }
}

struct Bench {
    engine: Engine,
    store: Arc<SqliteStore>,
    scripts: BTreeMap<&'static str, Arc<Script>>,
    _dir: tempfile::TempDir,
}

/// A process of its own over a store that others use, too.
async fn process(
    name: &str,
    store: &Arc<SqliteStore>,
    scripts: &BTreeMap<&'static str, Arc<Script>>,
) -> Engine {
    let engine = Engine::new(Parts {
        store: store.clone(),
        credentials: Arc::new(NoCredentials),
        clock: Arc::new(SystemClock),
        holder: Holder(name.into()),
    });
    let connections = scripts
        .iter()
        .map(|(id, script)| {
            let backend: &'static Scripted =
                Box::leak(Box::new(Scripted { script: script.clone(), descriptor: descriptor() }));
            let settings = Settings {
                source: id.parse().unwrap(),
                url: "http://127.0.0.1:9".parse().unwrap(),
                interval: None,
                ca_file: None,
                own: serde_json::Map::new(),
            };
            ConnectionSpec { backend, settings, credential: "none".into() }
        })
        .collect();
    let config = EngineConfig {
        connections,
        catalogue: Catalogue::default(),
        budget_share: 0.4,
        backfill: Backfill::default(),
        retention: None,
    };
    engine.configure(config).await.unwrap();
    engine
}

impl Bench {
    async fn new(sources: &[&'static str]) -> Self {
        let dir = tempfile::TempDir::new().unwrap();
        let clock = SystemClock;
        let (store, _) =
            SqliteStore::open(&dir.path().join("history.db"), qd_model::Clock::now(&clock)).unwrap();
        let store = Arc::new(store);
        let scripts: BTreeMap<_, _> = sources.iter().map(|id| (*id, Arc::new(Script::default()))).collect();
        let engine = process("test", &store, &scripts).await;
        Self { engine, store, scripts, _dir: dir }
    }

    fn script(&self, id: &str) -> &Script {
        &self.scripts[id]
    }

    fn state(&self, id: &str) -> HealthState {
        let reports = self.engine.reports();
        reports.into_iter().find(|report| report.health.source.as_str() == id).unwrap().health.state
    }

    async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < Duration::from_secs(20), "waited for {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn request(&self, key: &str, seen_seq: Option<u64>) -> ActRequest {
        ActRequest {
            target: Target::Entity("a/alert/f1".parse().unwrap()),
            verb: "silence".into(),
            args: BTreeMap::new(),
            seen_seq,
            idempotency_key: key.into(),
            actor: "test".into(),
        }
    }
}

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
async fn a_poll_that_another_process_never_ended_is_waited_for_and_then_done() {
    let bench = Bench::new(&["a"]).await;
    let now = qd_model::Clock::now(&SystemClock);
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

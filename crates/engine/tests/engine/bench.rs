//! Engines over one store, and a backend that does what a test says.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use qd_connector::http::Auth;
use qd_connector::testkit::{NoCredentials, SILENCE, descriptor};
use qd_connector::{
    ActError, Action, ActionForm, Backend, Backfill, CheckReport, Connection, Descriptor, Detail, Mark,
    PollCx, PollError, Polled, Receipt, Secret, Settings, SettingsError, Verdict,
};
use qd_engine::{ActRequest, ConnectionSpec, Engine, EngineConfig, Parts};
use qd_model::{
    AlertState, Batch, Clock, Coverage, Cursor, Fact, HealthState, Kind, SourceId, SystemClock, Target,
};
use qd_rules::Catalogue;
use qd_store::Holder;
use qd_store::testkit::sample::{alert, at, of_source};
use qd_store_sqlite::SqliteStore;

/// What the scripted backend does and has seen.
#[derive(Default)]
pub struct Script {
    pub polls: AtomicUsize,
    at_once: AtomicUsize,
    pub most_at_once: AtomicUsize,
    pub writes: AtomicUsize,
    pub poll_takes: Mutex<Duration>,
    pub answer: Mutex<Answer>,
    pub act: Mutex<Act>,
    /// By what the answer is recognised.
    pub mark: Mutex<Option<u64>>,
    /// Polls that were left at that.
    pub recognised: AtomicUsize,
}

#[derive(Default, Clone, Copy)]
pub enum Answer {
    #[default]
    OneAlert,
    /// A round of two batches; the first cannot read something.
    HalfRead,
    Rejected,
    Panic,
}

#[derive(Default, Clone, Copy)]
pub enum Act {
    #[default]
    Accept,
    Unknown,
    Rejected,
    NotSent,
}

struct Scripted(Arc<Script>);

static DESCRIPTOR: Descriptor = Descriptor {
    actions: SILENCE,
    interval: Duration::from_secs(3600),
    ..descriptor("scripted", &[Kind::Alert])
};

impl Backend for Scripted {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }
    fn connect(&self, settings: Settings) -> Result<Box<dyn Connection>, SettingsError> {
        Ok(Box::new(Line { script: self.0.clone(), source: settings.source }))
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
                facts: vec![of_source(
                    &self.source,
                    Fact::Alert(alert("f1", AlertState::Firing, Some(at(0)))),
                )],
                coverage: Coverage::Complete(vec![Kind::Alert]),
                next: Cursor::default(),
                more: false,
                told_since: None,
                problems: Vec::new(),
            }),
            Answer::HalfRead => {
                let first = cursor.read::<bool>() != Some(true);
                Ok(Batch {
                    facts: Vec::new(),
                    coverage: Coverage::Delta,
                    next: Cursor::write(&first),
                    more: first,
                    told_since: (!first).then(|| at(-3_600)),
                    problems: if first { vec!["issue 7 cannot be read".to_owned()] } else { Vec::new() },
                })
            }
            Answer::Rejected => Err(PollError::Unauthenticated),
            Answer::Panic => panic!("a bug in a connector"),
        }
    }

    async fn poll_again(
        &self,
        cx: &PollCx,
        cursor: &Cursor,
        kept: Option<Mark>,
    ) -> Result<Polled, PollError> {
        let batch = self.poll(cx, cursor).await?;
        let mark = self.script.mark.lock().unwrap().map(Mark);
        if mark.is_some() && mark == kept {
            self.script.recognised.fetch_add(1, Ordering::SeqCst);
            return Ok(Polled::Same);
        }
        Ok(Polled::New(batch, mark))
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
            Act::Rejected => Err(ActError::Unauthenticated),
            Act::NotSent => Err(ActError::NotSent { cause: "connection refused".into() }),
            Act::Unknown => Err(ActError::Unknown { cause: "reset".into() }),
        }
    }

    async fn verify(&self, _: &PollCx, _: &Action) -> Result<Verdict, PollError> {
        Ok(Verdict::Happened("seen".into()))
    }
}

pub struct Bench {
    pub engine: Engine,
    pub store: Arc<SqliteStore>,
    pub scripts: BTreeMap<&'static str, Arc<Script>>,
    _dir: tempfile::TempDir,
}

/// The engine of a process, without connections.
pub fn engine(name: &str, store: &Arc<SqliteStore>) -> Engine {
    Engine::new(Parts {
        store: store.clone(),
        credentials: Arc::new(NoCredentials),
        clock: Arc::new(SystemClock),
        holder: Holder(name.into()),
    })
}

/// A process of its own over a store that others use, too.
pub async fn process(
    name: &str,
    store: &Arc<SqliteStore>,
    scripts: &BTreeMap<&'static str, Arc<Script>>,
) -> Engine {
    let engine = engine(name, store);
    let connections = scripts
        .iter()
        .map(|(id, script)| {
            let backend: &'static Scripted = Box::leak(Box::new(Scripted(script.clone())));
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
    pub async fn new(sources: &[&'static str]) -> Self {
        let dir = tempfile::TempDir::new().unwrap();
        let (store, _) = SqliteStore::open(&dir.path().join("history.db"), SystemClock.now()).unwrap();
        let store = Arc::new(store);
        let scripts: BTreeMap<_, _> = sources.iter().map(|id| (*id, Arc::new(Script::default()))).collect();
        let engine = process("test", &store, &scripts).await;
        Self { engine, store, scripts, _dir: dir }
    }

    pub fn script(&self, id: &str) -> &Script {
        &self.scripts[id]
    }

    pub fn state(&self, id: &str) -> HealthState {
        let reports = self.engine.reports();
        reports.into_iter().find(|report| report.health.source.as_str() == id).unwrap().health.state
    }

    pub async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(start.elapsed() < Duration::from_secs(20), "waited for {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn request(&self, key: &str, seen_seq: Option<u64>) -> ActRequest {
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

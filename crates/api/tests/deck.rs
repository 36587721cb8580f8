//! What the overview and the deployments tell, over a real store with facts put into it by hand.
#![allow(clippy::unwrap_used, reason = "a test panics where a command fails otherwise")]

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use qd_api::commands::OverviewReq;
use qd_api::deploys::{DeploymentsReq, MatrixReq};
use qd_api::services::{ServiceReq, ServiceSaveReq};
use qd_api::{App, AppParts, LinkOpener, Paths};
use qd_connector::http::Auth;
use qd_connector::{
    Backend, Connection, CredentialError, CredentialSpec, Credentials, Descriptor, Secret, Settings,
    SettingsError,
};
use qd_model::{
    Alert, AlertState, Deployment, DeploymentStatus, EntityId, Fact, Health, HealthState, Kind, Links,
    ManualClock, RunResult, ServiceRef, SourceId, Status,
};
use qd_store::testkit::sample::{alert, at, deployment, named, run};
use qd_store::{Holder, Ingest, Store};
use qd_store_sqlite::SqliteStore;
use tempfile::TempDir;

struct Ci;
struct Bells;

const fn descriptor(backend: &'static str, kinds: &'static [Kind]) -> Descriptor {
    Descriptor {
        backend,
        name: backend,
        summary: "",
        kinds,
        url_example: "http://127.0.0.1",
        default_url: Some("http://127.0.0.1"),
        credential: CredentialSpec { label: "", help: "", optional: true, gh: false },
        settings: &[],
        actions: &[],
        interval: std::time::Duration::from_secs(60),
        readme: "",
        icon: "",
    }
}

static CI: Descriptor = descriptor("ci", &[Kind::Run, Kind::Deployment]);
static BELLS: Descriptor = descriptor("bells", &[Kind::Alert]);

macro_rules! described {
    ($backend:ident, $descriptor:ident) => {
        impl Backend for $backend {
            fn descriptor(&self) -> &'static Descriptor {
                &$descriptor
            }
            fn connect(&self, _: Settings) -> Result<Box<dyn Connection>, SettingsError> {
                Err(SettingsError { field: "url".into(), problem: "only described".into() })
            }
            fn auth(&self, _: Option<Secret>) -> Result<Auth, SettingsError> {
                Ok(Auth::None)
            }
        }
    };
}
described!(Ci, CI);
described!(Bells, BELLS);

const BACKENDS: &[&dyn Backend] = &[&Ci, &Bells];

struct Nobody;

#[async_trait]
impl Credentials for Nobody {
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

impl LinkOpener for Nobody {
    fn open(&self, _: &url::Url) -> Result<(), String> {
        Ok(())
    }
}

/// The instant everything is looked at.
const NOW: i64 = 100_000;

struct Deck {
    app: App,
    store: Arc<SqliteStore>,
    clock: ManualClock,
    _folder: TempDir,
}

async fn deck() -> Deck {
    let folder = TempDir::new().unwrap();
    let paths = Paths::portable(folder.path());
    std::fs::write(
        &paths.config,
        "# the deck\n[[connection]]\nid = \"ci\"\nbackend = \"ci\"\ncredential = \"none\"\n\
         [[connection]]\nid = \"bells\"\nbackend = \"bells\"\ncredential = \"none\"\n",
    )
    .unwrap();
    let clock = ManualClock::at(at(NOW));
    let store = Arc::new(SqliteStore::open(&folder.path().join("history.db"), at(0)).unwrap().0);
    let app = App::open(AppParts {
        paths,
        store: store.clone(),
        credentials: Arc::new(Nobody),
        backends: BACKENDS,
        clock: Arc::new(clock.clone()),
        opener: Arc::new(Nobody),
        holder: Holder("test".to_owned()),
        actor: "test",
        notices: Vec::new(),
        demo: None,
        relaunch: None,
    })
    .await
    .unwrap();
    let deck = Deck { app, store, clock, _folder: folder };
    for source in ["ci", "bells"] {
        deck.read(source, NOW).await;
    }
    deck
}

impl Deck {
    /// A complete answer of a source.
    async fn read(&self, source: &str, secs: i64) {
        let new = Health::new(named(source), at(0), 60);
        let health = Health { state: HealthState::Fresh, as_of: Some(at(secs)), ..new };
        self.store.record_health(&health).await.unwrap();
    }

    async fn put(&self, source: &str, facts: Vec<Fact>, secs: i64) {
        let catalogue = qd_rules_catalogue();
        let linked = facts.into_iter().map(|mut fact| {
            let id = EntityId::new(&named(source), fact.kind(), &fact.id().native);
            match &mut fact {
                Fact::Run(run) => run.origin.id = id,
                Fact::Deployment(deployment) => deployment.origin.id = id,
                Fact::Alert(alert) => alert.origin.id = id,
                Fact::Ticket(ticket) => ticket.origin.id = id,
            }
            let links = catalogue(&fact);
            (fact, links)
        });
        let ingest = Ingest {
            facts: linked.collect(),
            coverage: qd_model::Coverage::Delta,
            next: qd_model::Cursor::default(),
        };
        self.store.ingest(&named(source), ingest, at(secs)).await.unwrap();
    }

    async fn overview(&self) -> qd_api::view::OverviewView {
        self.app.overview(OverviewReq::default()).await.unwrap()
    }
}

/// Links as the inference would give them.
fn qd_rules_catalogue() -> impl Fn(&Fact) -> Links {
    |fact: &Fact| {
        let inferred = !matches!(fact, Fact::Deployment(_));
        let environment = match fact {
            Fact::Deployment(deployment) => Some(deployment.environment.clone()),
            _ => None,
        };
        Links { service: Some(ServiceRef { name: "shop".to_owned(), inferred }), environment }
    }
}

fn deployed(version: &str, environment: &str, status: DeploymentStatus, secs: i64) -> Fact {
    let one = deployment(&format!("{environment}-{version}-{secs}"), environment, status, Some(at(secs)));
    let finished_at = Some(at(secs + 60));
    Fact::Deployment(Deployment { version: version.to_owned(), finished_at, ..one })
}

fn fires(native: &str, state: AlertState) -> Fact {
    Fact::Alert(Alert { ..alert(native, state, Some(at(NOW - 600))) })
}

#[tokio::test]
async fn what_is_live_is_shown_when_the_latest_failed_with_its_drift() {
    use DeploymentStatus::{Failed, Succeeded, Superseded};
    let deck = deck().await;
    let facts = vec![
        deployed("v1", "stage", Superseded, 100),
        deployed("v2", "stage", Superseded, 200),
        deployed("v3", "stage", Succeeded, 300),
        deployed("v1", "prod", Succeeded, 400),
        deployed("v2", "prod", Failed, 500),
    ];
    deck.put("ci", facts, NOW - 60).await;
    let view = deck.overview().await;
    let prod = view.services[0].deployments.iter().find(|cell| cell.environment == "prod").unwrap();
    assert_eq!((prod.live_version.as_deref(), prod.status), (Some("v1"), Status::Failing));
    let drift = prod.drift.as_ref().unwrap();
    assert_eq!(
        (drift.environment.as_str(), drift.version.as_str(), drift.versions),
        ("stage", "v3", Some(2))
    );
    assert_eq!(drift.since, Some(at(260)), "v2 has waited longest");

    let matrix = deck.app.matrix(MatrixReq { limit: 50, ..MatrixReq::default() }).await.unwrap();
    let names: Vec<&str> = matrix.environments.iter().map(|head| head.name.as_str()).collect();
    assert_eq!((names, matrix.total, matrix.drifting), (vec!["stage", "prod"], 1, 1));
    let again = MatrixReq { limit: 50, seen_seq: Some(matrix.seq), ..MatrixReq::default() };
    assert!(deck.app.matrix(again).await.unwrap().unchanged);
}

#[tokio::test]
async fn a_rollback_is_marked_in_the_history_of_a_cell() {
    use DeploymentStatus::{Succeeded, Superseded};
    let deck = deck().await;
    let facts = vec![
        deployed("v1", "prod", Superseded, 100),
        deployed("v2", "prod", Superseded, 1000),
        deployed("v1", "prod", Succeeded, 1660),
        deployed("v2", "stage", Succeeded, 50),
    ];
    deck.put("ci", facts, NOW - 60).await;
    let request = DeploymentsReq { service: "shop".into(), environment: "prod".into(), as_of: None };
    let view = deck.app.deployments(request).await.unwrap();
    let told: Vec<_> =
        view.steps.iter().map(|s| (s.live, s.rollback, s.taken_back_after_secs, s.secs)).collect();
    let expected =
        [(true, true, None, Some(60)), (false, false, Some(660), Some(60)), (false, false, None, Some(60))];
    assert_eq!((told.as_slice(), view.total), (expected.as_slice(), 3));
}

#[tokio::test]
async fn counts_of_alerts_are_stale_with_their_source_and_with_nothing_else() {
    let deck = deck().await;
    deck.put("bells", vec![fires("a", AlertState::Firing)], NOW - 60).await;
    deck.put("ci", vec![Fact::Run(run("1", Some(RunResult::Success), Some(at(NOW - 90))))], NOW - 60).await;
    assert!(!deck.overview().await.services[0].alerts_stale);
    deck.clock.advance(TimeDelta::minutes(10));
    deck.read("ci", NOW + 600).await;
    let row = deck.overview().await.services.remove(0);
    assert!(row.stale && row.alerts_stale, "the bells were not read for ten minutes");
    deck.read("bells", NOW + 600).await;
    deck.clock.advance(TimeDelta::minutes(10));
    deck.read("bells", NOW + 1200).await;
    let row = deck.overview().await.services.remove(0);
    assert!(row.stale && !row.alerts_stale, "a stale build system says nothing against the alerts");
}

#[tokio::test]
async fn no_alert_is_not_known_while_nobody_asks_for_alerts() {
    let deck = deck().await;
    deck.clock.advance(TimeDelta::minutes(10));
    deck.read("ci", NOW + 600).await;
    deck.put("ci", vec![Fact::Run(run("1", Some(RunResult::Success), Some(at(NOW))))], NOW + 590).await;
    let row = deck.overview().await.services.remove(0);
    assert_eq!((row.status, row.alerts.len(), row.alerts_stale), (Status::Ok, 0, true));
}

#[tokio::test]
async fn the_last_day_is_told_by_hours_and_says_what_was_not_read() {
    let deck = deck().await;
    for minute in 0..30 {
        deck.read("ci", NOW - 1_800 + minute * 60).await;
    }
    let failed = Fact::Run(run("1", Some(RunResult::Failure), Some(at(NOW - 7_300))));
    deck.put("ci", vec![failed], NOW - 60).await;
    deck.put("bells", vec![fires("a", AlertState::Firing)], NOW - 60).await;
    let view = deck.app.activity(qd_api::activity::ActivityReq::default()).await.unwrap();
    assert_eq!((view.parts, view.part_secs, view.services.len()), (24, 3600, 1));
    assert_eq!(view.services[0].failed.iter().sum::<u32>(), 1);
    assert_eq!(view.services[0].alerts.last(), Some(&1));
    let bells = view.unread.iter().find(|gaps| gaps.source == "bells").unwrap();
    assert_eq!(bells.parts.len(), 24, "one answer is no hour");
}

#[tokio::test]
async fn a_guessed_service_is_written_down_as_it_was_shown() {
    let deck = deck().await;
    deck.put("ci", vec![Fact::Run(run("1", Some(RunResult::Success), Some(at(NOW))))], NOW - 60).await;
    let draft = deck.app.service_draft(ServiceReq { name: "shop".into() }).await.unwrap();
    assert_eq!(draft.toml, "[[service]]\nname = \"shop\"\nrepositories = [\"ci:acme/shop\"]\n");
    let other = ServiceSaveReq { name: "shop".into(), toml: String::new() };
    assert_eq!(deck.app.service_save(other).await.unwrap_err().code, "stale_view");
    let save = ServiceSaveReq { name: "shop".into(), toml: draft.toml.clone() };
    deck.app.service_save(save.clone()).await.unwrap();
    let file = std::fs::read_to_string(&deck.app.paths().config).unwrap();
    assert!(file.starts_with("# the deck\n") && file.contains(&draft.toml), "{file}");
    assert!(!deck.overview().await.services[0].inferred, "it is certain now");
    assert_eq!(deck.app.service_save(save).await.unwrap_err().code, "refused");
    let nothing = deck.app.service_draft(ServiceReq { name: "moon".into() }).await.unwrap_err();
    assert_eq!(nothing.code, "not_found");
}

//! What the overview and the deployments tell, over a real store with facts put into it by hand.

use std::sync::Arc;

use chrono::TimeDelta;
use qd_api::App;
use qd_api::commands::{EntityReq, OverviewReq, RowsReq};
use qd_api::deploys::{DeploymentsReq, MatrixReq};
use qd_api::services::{ServiceReq, ServiceSaveReq};
use qd_connector::testkit::{Described, descriptor};
use qd_connector::{Backend, Descriptor};
use qd_model::{AlertState, Deployment, DeploymentStatus, Fact, Kind, Links, RunResult, ServiceRef, Status};
use qd_store::testkit::sample::{alert, at, deployment, named, of_source, put_linked, run};
use qd_store_sqlite::SqliteStore;

use crate::home::{Home, read};

static CI: Descriptor = descriptor("ci", &[Kind::Run, Kind::Deployment]);
static BELLS: Descriptor = descriptor("bells", &[Kind::Alert]);
static BACKENDS: &[&dyn Backend] = &[&Described::by(&CI), &Described::by(&BELLS)];

const CONFIG: &str = "# the deck\n[[connection]]\nid = \"ci\"\nbackend = \"ci\"\ncredential = \"none\"\n\
     [[connection]]\nid = \"bells\"\nbackend = \"bells\"\ncredential = \"none\"\n";

/// The instant everything is looked at.
const NOW: i64 = 100_000;

struct Deck {
    app: App,
    store: Arc<SqliteStore>,
    home: Home,
}

async fn deck() -> Deck {
    let home = Home::new(CONFIG, at(NOW));
    let store = home.history();
    let app = home.start(&store, BACKENDS).await;
    let deck = Deck { app, store, home };
    for source in ["ci", "bells"] {
        deck.read(source, NOW).await;
    }
    deck
}

impl Deck {
    /// A complete answer of a source.
    async fn read(&self, source: &str, secs: i64) {
        read(&*self.store, source, secs).await;
    }

    async fn put(&self, source: &str, facts: Vec<Fact>, secs: i64) {
        let source = named(source);
        let linked = facts.into_iter().map(|fact| {
            let links = inferred(&fact);
            (of_source(&source, fact), links)
        });
        put_linked(&*self.store, &source, linked, at(secs)).await;
    }

    async fn overview(&self) -> qd_api::view::OverviewView {
        self.app.overview(OverviewReq::default()).await.unwrap()
    }
}

/// Links as the inference would give them.
fn inferred(fact: &Fact) -> Links {
    let inferred = !matches!(fact, Fact::Deployment(_));
    let environment = match fact {
        Fact::Deployment(deployment) => Some(deployment.environment.clone()),
        _ => None,
    };
    Links { service: Some(ServiceRef { name: "shop".to_owned(), inferred }), environment }
}

fn deployed(version: &str, environment: &str, status: DeploymentStatus, secs: i64) -> Fact {
    let one = deployment(&format!("{environment}-{version}-{secs}"), environment, status, Some(at(secs)));
    let finished_at = Some(at(secs + 60));
    Fact::Deployment(Deployment { version: version.to_owned(), finished_at, ..one })
}

fn fires(native: &str, state: AlertState) -> Fact {
    Fact::Alert(alert(native, state, Some(at(NOW - 600))))
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
    deck.home.clock.advance(TimeDelta::minutes(10));
    deck.read("ci", NOW + 600).await;
    let row = deck.overview().await.services.remove(0);
    assert!(row.stale && row.alerts_stale, "the bells were not read for ten minutes");
    deck.read("bells", NOW + 600).await;
    deck.home.clock.advance(TimeDelta::minutes(10));
    deck.read("bells", NOW + 1200).await;
    let row = deck.overview().await.services.remove(0);
    assert!(!row.stale && !row.alerts_stale, "a stale build system says nothing against what fires now");
    assert!(row.runs_stale && !row.tickets_stale, "its runs are old all the same");
}

#[tokio::test]
async fn an_alert_names_the_deployment_that_came_shortly_before_it_and_nothing_once_that_is_not_sure() {
    let deck = deck().await;
    let began = NOW - 600;
    let facts = vec![
        deployed("v1", "prod", DeploymentStatus::Superseded, began - 7200),
        deployed("v2", "stage", DeploymentStatus::Succeeded, began - 1800),
        deployed("v3", "prod", DeploymentStatus::Succeeded, began - 180),
        deployed("v4", "stage", DeploymentStatus::Succeeded, began + 60),
    ];
    deck.put("ci", facts, NOW - 60).await;
    deck.put("bells", vec![fires("a", AlertState::Firing)], NOW - 60).await;
    let around = async || {
        let request = EntityReq { id: "bells/alert/a".to_owned(), as_of: None };
        deck.app.entity(request).await.unwrap().around
    };
    let likely = around().await.likely.unwrap();
    assert_eq!(
        (likely.version.as_deref(), likely.environment.as_deref(), likely.before_secs, likely.others),
        (Some("v3"), Some("prod"), 180, 1)
    );
    deck.home.clock.advance(TimeDelta::minutes(10));
    deck.read("bells", NOW + 600).await;
    assert_eq!(around().await.likely, None, "a later deployment may be missing");
}

#[tokio::test]
async fn no_alert_is_not_known_while_nobody_asks_for_alerts() {
    let deck = deck().await;
    deck.home.clock.advance(TimeDelta::minutes(10));
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
    assert_eq!((view.services[0].alerts.last(), view.services[0].paging.last()), (Some(&1), Some(&1)));
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

#[tokio::test]
async fn a_filter_chooses_services_and_tells_each_of_them_whole() {
    let deck = deck().await;
    let facts = vec![
        Fact::Run(run("1", Some(RunResult::Failure), Some(at(NOW - 900)))),
        Fact::Run(run("2", Some(RunResult::Success), Some(at(NOW - 90)))),
        deployed("v1", "prod", DeploymentStatus::Succeeded, 400),
    ];
    deck.put("ci", facts, NOW - 60).await;
    deck.put("bells", vec![fires("a", AlertState::Firing)], NOW - 60).await;
    let whole = deck.overview().await.services.remove(0);
    assert_eq!((whole.status, whole.runs.len()), (Status::Paging, 2));
    for (query, waiting) in
        [("state:ok", 0), ("-state:firing", 0), ("state:firing", 1), ("kind:run", 0), ("env:prod", 0)]
    {
        let request = OverviewReq { query: query.to_owned(), ..OverviewReq::default() };
        let view = deck.app.overview(request).await.unwrap();
        assert_eq!(view.services, std::slice::from_ref(&whole), "{query}");
        assert_eq!(view.needs_you.len(), waiting, "{query} narrows what waits");
    }
    for query in ["kind:run state:failing", "state:resolved"] {
        let request = OverviewReq { query: query.to_owned(), ..OverviewReq::default() };
        let view = deck.app.overview(request).await.unwrap();
        assert_eq!((view.services.len(), view.needs_you), (0, Vec::new()), "{query}: it has no such signal");
    }
}

#[tokio::test]
async fn a_filter_of_the_matrix_hides_no_deployment_that_failed_and_no_drift() {
    use DeploymentStatus::{Failed, Succeeded};
    let deck = deck().await;
    let facts = vec![
        deployed("v3", "stage", Succeeded, 300),
        deployed("v1", "prod", Succeeded, 400),
        deployed("v2", "prod", Failed, 500),
    ];
    deck.put("ci", facts, NOW - 60).await;
    let matrix = async |query: &str| {
        let request = MatrixReq { query: query.to_owned(), limit: 50, ..MatrixReq::default() };
        deck.app.matrix(request).await.unwrap()
    };
    let whole = matrix("").await;
    assert_eq!(whole.drifting, 1);
    assert_eq!(matrix("state:ok").await.rows, whole.rows);
    let narrowed = matrix("env:prod").await;
    let columns: Vec<&str> = narrowed.environments.iter().map(|head| head.name.as_str()).collect();
    assert_eq!((columns, narrowed.drifting, narrowed.rows[0].status), (vec!["prod"], 1, Status::Failing));
    assert_eq!((matrix("nowhere").await.total, matrix("nowhere").await.unfiltered), (0, 1));
}

#[tokio::test]
async fn an_alert_that_begins_in_the_future_is_not_young() {
    let deck = deck().await;
    let begins = |native: &str, secs: i64| Fact::Alert(alert(native, AlertState::Firing, Some(at(secs))));
    deck.put("bells", vec![begins("later", NOW + 1_000_000), begins("now", NOW + 5)], NOW - 60).await;
    let request = RowsReq {
        kind: Kind::Alert,
        query: "age:<2h".to_owned(),
        all: false,
        as_of: None,
        newest: false,
        offset: 0,
        limit: 10,
        seen_seq: None,
    };
    let rows = deck.app.rows(request).await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["bells/alert/now"]);
    let request = OverviewReq { query: "age:<2h".to_owned(), ..OverviewReq::default() };
    assert_eq!(deck.app.overview(request).await.unwrap().needs_you.len(), 1, "the reference agrees");
}

#[tokio::test]
async fn what_failed_has_one_age_wherever_it_is_shown() {
    let deck = deck().await;
    let ended = |native: &str, began: i64, ended: Option<i64>| {
        let result = ended.map(|_| RunResult::Failure);
        let one = run(native, result, Some(at(began)));
        Fact::Run(qd_model::PipelineRun {
            finished_at: ended.map(at),
            pipeline_name: native.to_owned(),
            ..one
        })
    };
    deck.put("ci", vec![ended("failed", 100, Some(900)), ended("runs", 200, None)], NOW - 60).await;
    let view = deck.overview().await;
    let reasons = &view.services[0].reasons;
    let request = RowsReq {
        kind: Kind::Run,
        query: String::new(),
        all: false,
        as_of: None,
        newest: false,
        offset: 0,
        limit: 10,
        seen_seq: None,
    };
    let rows = deck.app.rows(request).await.unwrap().rows;
    let of = |native: &str| {
        let id = format!("ci/run/{native}");
        let row = rows.iter().find(|row| row.id == id).unwrap().since;
        let reason = reasons.iter().find(|it| it.entity.as_ref() == Some(&id)).unwrap().since;
        let need = view.needs_you.iter().find(|need| need.row.id == id).map(|need| need.since);
        (row, reason, need)
    };
    assert_eq!(of("failed"), (Some(at(900)), Some(at(900)), Some(Some(at(900)))), "since it failed");
    assert_eq!(of("runs"), (Some(at(200)), Some(at(200)), None), "since it runs");
}

#[tokio::test]
async fn the_matrix_tells_of_alerts_beside_versions_that_went_out_well() {
    let deck = deck().await;
    deck.put("ci", vec![deployed("v1", "prod", DeploymentStatus::Succeeded, 400)], NOW - 60).await;
    let asking = async || {
        let matrix = deck.app.matrix(MatrixReq { limit: 50, ..MatrixReq::default() }).await.unwrap();
        let row = &matrix.rows[0];
        (row.status, row.alerts.map(|alerts| (alerts.status, alerts.stale)), row.cells[0].alerts)
    };
    assert_eq!(asking().await, (Status::Ok, None, None));
    let fires = Fact::Alert(alert("slow", AlertState::Firing, Some(at(500))));
    deck.put("bells", vec![fires], NOW - 50).await;
    assert_eq!(asking().await, (Status::Ok, Some((Status::Paging, false)), None));
    deck.read("bells", NOW - 50_000).await;
    assert_eq!(asking().await.1, Some((Status::Paging, true)), "it fired when it was last read");
}

#[tokio::test]
async fn an_overview_that_is_kept_is_told_only_as_long_as_it_is_true() {
    let deck = deck().await;
    deck.put("ci", vec![Fact::Run(run("1", Some(RunResult::Success), Some(at(NOW - 90))))], NOW - 60).await;
    deck.app.make_ready();
    let first = deck.overview().await;
    assert_eq!(first.services[0].status, Status::Ok);
    assert_eq!(deck.overview().await, first, "nothing changed");
    deck.home.clock.advance(TimeDelta::minutes(10));
    let old = deck.overview().await;
    assert_eq!((old.services[0].status, old.services[0].stale), (Status::Unknown, true), "nobody has looked");
    for source in ["ci", "bells"] {
        deck.read(source, NOW + 600).await;
    }
    assert_eq!(deck.overview().await.services[0].status, Status::Ok);
    deck.put("ci", vec![Fact::Run(run("2", Some(RunResult::Failure), Some(at(NOW))))], NOW + 600).await;
    assert_eq!(deck.overview().await.services[0].status, Status::Failing);
    let of = |query: &str| OverviewReq { query: query.to_owned(), ..OverviewReq::default() };
    assert!(
        deck.app.overview(of("service:other")).await.unwrap().services.is_empty(),
        "what is asked for counts"
    );
}

//! What is told of sources: whether the network is gone, whether what they said is old, and since when they are known.

use std::sync::Arc;

use qd_api::App;
use qd_connector::testkit::{Described, descriptor};
use qd_connector::{Backend, Descriptor};
use qd_model::{Health, HealthState, Kind};
use qd_store::Store;
use qd_store::testkit::sample::{at, named};
use qd_store_sqlite::SqliteStore;
use serde_json::{Value, json};

use crate::home::{Home, connections, read};

static BELLS: Descriptor = descriptor("bells", &[Kind::Alert]);
static BACKENDS: &[&dyn Backend] = &[&Described::by(&BELLS)];

/// The instant everything is looked at.
const NOW: i64 = 100_000;

async fn house(ids: &[&str]) -> (Home, Arc<SqliteStore>, App) {
    let home = Home::new(&connections(ids), at(NOW));
    let store = home.history();
    let app = home.start(&store, BACKENDS).await;
    (home, store, app)
}

#[tokio::test]
async fn only_who_reaches_no_source_at_all_is_offline() {
    let check = async |causes: &[&str], offline: bool| {
        let ids = &["a", "b"][..causes.len()];
        let (_home, store, app) = house(ids).await;
        for (id, cause) in ids.iter().zip(causes) {
            let mut health = Health::new(named(id), at(NOW), 60);
            health.state = HealthState::Unreachable { cause: (*cause).to_owned() };
            store.record_health(&health).await.unwrap();
        }
        assert_eq!(app.sources(None).await.unwrap().offline_since().is_some(), offline, "{causes:?}");
    };
    check(&["connection refused"], true).await;
    check(&["no connection within 5 s", "the name cannot be resolved"], true).await;
    check(&["no answer within 15 s"], false).await;
    check(&["HTTP 503"], false).await;
    check(&["connection refused", "no answer within 15 s"], false).await;
}

#[tokio::test]
async fn json_calls_stale_what_is_not_current_any_more() {
    let (_home, store, app) = house(&["new", "old"]).await;
    read(&*store, "new", NOW - 60).await;
    read(&*store, "old", NOW - 121).await;
    let document = qd_api::document(&app.sources(None).await.unwrap(), Vec::new());
    let told = |at: usize| {
        let health = &document["sources"][at]["health"];
        (health["state"].clone(), health["current"].clone())
    };
    assert_eq!(told(0), (json!("fresh"), json!(true)));
    assert_eq!(told(1), (json!("stale"), json!(false)));
}

#[tokio::test]
async fn before_its_first_reading_nothing_is_known_of_a_source_and_it_says_since_when() {
    let (_home, store, app) = house(&["a"]).await;
    for secs in (0..=1_000).step_by(50) {
        read(&*store, "a", NOW - 1_000 + secs).await;
    }
    let first = at(NOW - 1_000);
    store.put_memo(&qd_engine::first_read_key(&named("a")), &first.to_rfc3339()).await.unwrap();
    for (secs, expected) in [(NOW - 1_001, json!(first)), (NOW - 999, Value::Null)] {
        let sources = app.sources(Some(at(secs))).await.unwrap();
        assert_eq!(json!(sources.views(None)[0])["unknown_before"], expected, "{secs}");
        assert_eq!(sources.current(&named("a")), expected.is_null());
    }
}

#[tokio::test]
async fn what_nobody_read_then_is_not_current_then_however_often_it_is_read_later() {
    let (_home, store, app) = house(&["a"]).await;
    store.put_memo(&qd_engine::first_read_key(&named("a")), &at(0).to_rfc3339()).await.unwrap();
    for secs in [NOW - 1_000, NOW - 950, NOW - 100, NOW - 50, NOW] {
        read(&*store, "a", secs).await;
    }
    let check = async |secs: i64, current: bool, as_of: i64| {
        let sources = app.sources(Some(at(secs))).await.unwrap();
        assert_eq!(sources.current(&named("a")), current, "{secs}");
        assert_eq!(sources.list[0].report.health.as_of, Some(at(as_of)), "{secs}: when it was read last");
    };
    check(NOW - 970, true, NOW).await;
    check(NOW - 500, false, NOW - 950).await;
    check(NOW - 75, true, NOW).await;
    check(NOW, true, NOW).await;
}

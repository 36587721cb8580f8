//! What is read when: back-fill, news, builds that had not ended. Against a Buildbot that exists in memory.
#![allow(clippy::unwrap_used, reason = "a test panics where the fake server does something else")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use qd_connector::http::Auth;
use qd_connector::testkit::{self, FaultServer, RecordedRequest, Reply};
use qd_connector::{Backend, Backfill, Connection, PollCx, Settings};
use qd_connector_buildbot::BuildbotBackend;
use qd_model::{Batch, Cursor, Fact, ManualClock};
use serde_json::{Value, json};

/// A Buildbot with builds of one builder, and the connection to it.
struct Bench {
    builds: Arc<Mutex<Vec<Value>>>,
    server: FaultServer,
    connection: Box<dyn Connection>,
    cx: PollCx,
    cursor: Cursor,
}

impl Bench {
    async fn with(builds: Vec<Value>, backfill: Backfill) -> Self {
        let builds = Arc::new(Mutex::new(builds));
        let shown = builds.clone();
        let server = FaultServer::start(move |request| answer(request, &shown.lock().unwrap())).await;
        let settings = Settings {
            source: "ci".parse().unwrap(),
            url: server.url(),
            interval: None,
            ca_file: None,
            own: serde_json::Map::new(),
        };
        let connection = BuildbotBackend.connect(settings).unwrap();
        let clock = Arc::new(ManualClock::at(testkit::now()));
        let http = testkit::http(&server.url(), Auth::None);
        let cx = PollCx { http, cancel: Default::default(), clock, backfill };
        Self { builds, server, connection, cx, cursor: Cursor::default() }
    }

    /// One poll: the ids it brought, and the batch.
    async fn poll(&mut self) -> (BTreeSet<u64>, Batch) {
        let batch = self.connection.poll(&self.cx, &self.cursor).await.unwrap();
        self.cursor = batch.next.clone();
        let ids: Vec<u64> = batch.facts.iter().map(|fact| fact.id().native.parse().unwrap()).collect();
        let unique: BTreeSet<u64> = ids.iter().copied().collect();
        assert_eq!(unique.len(), ids.len(), "no build is mentioned twice in a batch");
        (unique, batch)
    }

    /// Polls until nothing more is waiting: the ids brought, and the number of polls.
    async fn everything(&mut self) -> (BTreeSet<u64>, usize) {
        let (mut all, mut polls) = (BTreeSet::new(), 0);
        loop {
            let (ids, batch) = self.poll().await;
            all.extend(ids);
            polls += 1;
            if !batch.more {
                return (all, polls);
            }
        }
    }

    fn add(&self, builds: impl IntoIterator<Item = Value>) {
        self.builds.lock().unwrap().extend(builds);
    }

    fn finish(&self, id: u64) {
        for build in self.builds.lock().unwrap().iter_mut().filter(|build| build["buildid"] == id) {
            build["complete"] = json!(true);
            build["results"] = json!(0);
        }
    }
}

/// A build that began so many days ago.
fn build(id: u64, days: i64, complete: bool) -> Value {
    let started = (testkit::now() - TimeDelta::days(days)).timestamp();
    let (results, complete_at) =
        if complete { (json!(0), json!(started + 60)) } else { (Value::Null, Value::Null) };
    json!({ "buildid": id, "builderid": 1, "number": id, "buildrequestid": id, "complete": complete,
            "started_at": started, "complete_at": complete_at, "results": results, "state_string": "", "properties": {} })
}

fn done(ids: std::ops::RangeInclusive<u64>) -> Vec<Value> {
    ids.map(|id| build(id, 1, true)).collect()
}

fn answer(request: &RecordedRequest, builds: &[Value]) -> Reply {
    let numbers = |key: &str| -> Vec<u64> {
        request
            .query
            .iter()
            .filter(|(name, _)| name == key)
            .map(|(_, value)| value.parse().unwrap())
            .collect()
    };
    match request.path.as_str() {
        "/api/v2/builders" => {
            Reply::json(&json!({ "builders": [{ "builderid": 1, "name": "app" }], "meta": {} }))
        }
        "/api/v2/buildrequests" => Reply::json(&json!({ "buildrequests": [], "meta": {} })),
        "/api/v2/builds" => {
            let id = |build: &Value| build["buildid"].as_u64().unwrap_or(u64::MAX);
            let ids = numbers("buildid");
            let mut found: Vec<Value> = builds
                .iter()
                .filter(|build| ids.is_empty() || ids.contains(&id(build)))
                .filter(|build| numbers("buildid__ge").iter().all(|from| id(build) >= *from))
                .filter(|build| numbers("buildid__lt").iter().all(|before| id(build) < *before))
                .cloned()
                .collect();
            found.sort_by_key(id);
            if request.param("order") == Some("-buildid") {
                found.reverse();
            }
            found.truncate(numbers("limit").first().map_or(usize::MAX, |limit| *limit as usize));
            Reply::json(&json!({ "meta": { "total": found.len() }, "builds": found }))
        }
        _ => Reply::status(404),
    }
}

#[tokio::test]
async fn a_first_poll_goes_back_page_by_page_until_everything_is_read() {
    let mut bench = Bench::with(done(1..=250), Backfill::default()).await;
    let (first, batch) = bench.poll().await;
    assert_eq!((first, batch.more), ((151..=250).collect(), true), "the newest come first");
    let (rest, polls) = bench.everything().await;
    assert_eq!((rest, polls), ((1..=150).collect(), 2));
    let (none, batch) = bench.poll().await;
    assert_eq!(none, [].into(), "nothing is new");
    let days = i64::from(Backfill::default().days);
    assert_eq!(batch.told_since, Some(testkit::now() - TimeDelta::days(days)), "all of it is told");
}

#[tokio::test]
async fn a_back_fill_ends_at_its_limits() {
    let number = Backfill { days: 90, entities: 130 };
    let mut bench = Bench::with(done(1..=250), number).await;
    assert_eq!(bench.everything().await, ((121..=250).collect(), 2));
    let began = Some(testkit::now() - TimeDelta::days(1));
    assert_eq!(bench.poll().await.1.told_since, began, "what is told begins with the oldest that was read");

    let old = (1..=250).map(|id| build(id, 250 - i64::try_from(id).unwrap(), true)).collect();
    let (ids, _) = Bench::with(old, Backfill { days: 120, entities: 1000 }).await.everything().await;
    assert_eq!(ids, (130..=250).collect(), "nothing older than 120 days");

    let nothing = Backfill { days: 0, entities: 0 };
    let mut bench = Bench::with(done(1..=5), nothing).await;
    assert_eq!(bench.everything().await.0, BTreeSet::new());
    bench.add([build(6, 0, true)]);
    assert!(bench.poll().await.0.contains(&6), "what comes later is read all the same");
}

#[tokio::test]
async fn news_is_not_held_up_by_a_back_fill() {
    let mut bench = Bench::with(done(1..=250), Backfill::default()).await;
    bench.poll().await;
    bench.add([build(251, 0, true)]);
    let (ids, _) = bench.poll().await;
    assert!(ids.contains(&251) && ids.contains(&51), "news and the next page together: {ids:?}");
}

#[tokio::test]
async fn many_new_builds_come_without_a_gap() {
    let mut bench = Bench::with(done(1..=10), Backfill::default()).await;
    bench.everything().await;
    bench.add(done(11..=260));
    let (ids, polls) = bench.everything().await;
    assert!((11..=260).all(|id| ids.contains(&id)), "{ids:?}");
    assert_eq!(polls, 3);
}

#[tokio::test]
async fn builds_that_had_not_ended_are_read_again_until_they_have() {
    let mut builds = done(1..=20);
    builds[2] = build(3, 200, false);
    let mut bench = Bench::with(builds, Backfill::default()).await;
    assert!(bench.everything().await.0.contains(&3), "a build that runs is shown, however old");
    let (ids, batch) = bench.poll().await;
    assert_eq!(ids, [3].into());
    assert!(batch.facts.iter().any(Fact::is_open));
    bench.finish(3);
    assert!(bench.poll().await.1.facts.iter().all(|fact| !fact.is_open()));
    assert_eq!(bench.poll().await.0, [].into(), "it is not asked for any more");
}

#[tokio::test]
async fn a_history_without_the_newest_known_build_is_read_anew() {
    let mut bench = Bench::with(done(1..=21), Backfill::default()).await;
    bench.everything().await;
    bench.add([build(22, 0, true)]);
    bench.builds.lock().unwrap().retain(|build| build["buildid"] != 21);
    let (ids, batch) = bench.poll().await;
    assert_eq!(ids, (1..=22).filter(|id| *id != 21).collect());
    assert_eq!(batch.problems.len(), 1, "which is told: {:?}", batch.problems);
}

#[tokio::test]
async fn a_quiet_server_costs_few_requests() {
    let mut bench = Bench::with(done(1..=20), Backfill::default()).await;
    bench.everything().await;
    bench.server.clear();
    bench.poll().await;
    let paths: Vec<String> = bench.server.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/api/v2/builds"], "one request when nothing is new");
}

#[tokio::test]
async fn a_build_that_cannot_be_read_does_not_end_the_back_fill() {
    let mut builds = done(1..=250);
    builds[200] = json!({ "buildid": 201, "builderid": null, "number": [] });
    let mut bench = Bench::with(builds, Backfill::default()).await;
    let (ids, _) = bench.everything().await;
    assert_eq!(ids, (1..=250).filter(|id| *id != 201).collect());
}

//! The watch strip and spans of time, over a store that was filled by hand.

use qd_api::App;
use qd_connector::testkit::{Described, descriptor};
use qd_connector::{Backend, Descriptor};
use qd_model::{
    AlertState, DeploymentStatus, Fact, Health, HealthState, Kind, RunResult, TicketStatus, Told,
};
use qd_store::Store;
use qd_store::testkit::sample::{alert, at, deployment, put, run, ticket};
use serde_json::{Value, json};

use crate::home::{Home, read};

/// It observes everything.
static GITHUB: Descriptor = descriptor("github", &Kind::ALL);
static BACKENDS: &[&dyn Backend] = &[&Described::by(&GITHUB)];

const CONFIG: &str = "[[connection]]\nid = \"sample\"\nbackend = \"github\"\ncredential = \"none\"\n\
    [[service]]\nname = \"shop\"\nowner = \"payments\"\n[[service]]\nname = \"till\"\nowner = \"platform\"\n";

/// The product at second 7,200, with two hours behind it: read from 0 to 3,600 and from 5,400 on.
async fn deck() -> (App, Home) {
    let home = Home::new(CONFIG, at(7_200));
    let store = home.history();
    for secs in (0..=3_600).step_by(10).chain((5_400..=7_190).step_by(10)) {
        read(&*store, "sample", secs).await;
    }
    let mut late = run("9", Some(RunResult::Failure), Some(at(1_000)));
    late.finished_at = Some(at(1_900));
    let facts = [
        Fact::Deployment(deployment("1", "prod-eu", DeploymentStatus::Superseded, Some(at(1_000)))),
        Fact::Deployment(deployment("2", "prod-eu", DeploymentStatus::Succeeded, Some(at(1_100)))),
        Fact::Run(late),
        Fact::Ticket(ticket("7", TicketStatus::Done, Some(at(2_000)))),
        Fact::Alert(alert("a", AlertState::Resolved, Some(at(1_200)))),
    ];
    put(&*store, [Fact::Alert(alert("a", AlertState::Firing, Some(at(1_200))))], at(1_205)).await;
    put(&*store, facts, at(2_700)).await;
    (home.start(&store, BACKENDS).await, home)
}

async fn strip(app: &App, query: &str) -> Value {
    let request =
        json!({ "from": at(-900), "to": at(7_200), "step_secs": 900, "query": query, "seen_seq": null });
    app.call("strip", request).await.unwrap()
}

#[tokio::test]
async fn the_strip_shows_what_happened_and_where_nobody_looked() {
    let (app, _home) = deck().await;
    let strip = strip(&app, "").await;
    let mark = |mark: &Value| {
        format!("{} ×{} {}", mark["what"].as_str().unwrap(), mark["count"], mark["first"]["title"])
    };
    let marks: Vec<String> = strip["marks"].as_array().unwrap().iter().map(mark).collect();
    assert_eq!(
        marks,
        ["deployed ×2 \"v1\"", "run_failed ×1 \"Run 9\"", "ticket_opened ×1 \"Ticket 7\""],
        "two deployments of one quarter of an hour are one mark, a run failed when it ended"
    );
    let span = &strip["spans"][0];
    assert_eq!((span["status"].as_str(), span["count"].as_u64()), (Some("paging"), Some(1)));
    assert_eq!(span["to"], json!(at(2_700)), "it was over when it was seen to be over");
    let alerts = strip["gaps"].as_array().unwrap().iter().filter(|gap| gap["kind"] == "alert");
    let gaps: Vec<(Value, Value)> = alerts.map(|gap| (gap["from"].clone(), gap["to"].clone())).collect();
    assert_eq!(
        gaps,
        [(json!(at(-900)), json!(at(0))), (json!(at(3_600)), json!(at(5_400)))],
        "before the first reading, and while it was not read; now it is"
    );
}

#[tokio::test]
async fn the_strip_is_narrowed_and_not_sent_twice() {
    let (app, _home) = deck().await;
    assert_eq!(strip(&app, "service:till").await["marks"], json!([]));
    assert_eq!(strip(&app, "owner:PAYMENTS").await["marks"].as_array().unwrap().len(), 3);
    assert_eq!(strip(&app, "owner:nobody").await["marks"], json!([]));
    let seq = strip(&app, "").await["seq"].clone();
    let again = json!({ "from": at(0), "to": at(7_200), "step_secs": 900, "query": "", "seen_seq": seq });
    assert_eq!(app.call("strip", again).await.unwrap()["unchanged"], true);
    for (from, to, step) in [(0, 0, 900), (0, 7_200, 0), (0, 7_200, 10), (100, 0, 900)] {
        let wrong = json!({ "from": at(from), "to": at(to), "step_secs": step, "seen_seq": null });
        assert_eq!(app.call("strip", wrong).await.unwrap_err().code, "bad_request", "{from} {to} {step}");
    }
}

#[tokio::test]
async fn every_mark_can_be_opened() {
    let (app, _home) = deck().await;
    let request = json!({ "from": at(900), "to": at(1_800), "query": "", "limit": 100 });
    let found = app.call("happened", request).await.unwrap();
    let item = |item: &Value| format!("{} {}", item["what"].as_str().unwrap(), item["id"].as_str().unwrap());
    let items: Vec<String> = found["items"].as_array().unwrap().iter().map(item).collect();
    assert_eq!(
        items,
        ["deployed sample/deployment/1", "deployed sample/deployment/2", "alert_fired sample/alert/a"]
    );
}

#[tokio::test]
async fn lists_and_the_overview_are_narrowed_to_a_span_of_time() {
    let (app, _home) = deck().await;
    let rows = |kind: &'static str, from: i64, to: i64| {
        let app = app.clone();
        async move {
            let rfc = |secs| at(secs).to_rfc3339();
            let query = format!("during:{}..{}", rfc(from), rfc(to));
            let request =
                json!({ "kind": kind, "query": query, "limit": 50, "as_of": null, "seen_seq": null });
            let view = app.call("rows", request).await.unwrap();
            view["rows"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["id"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(rows("alert", 1_300, 1_400).await, ["sample/alert/a"], "it fired then, though it is over now");
    assert_eq!(rows("alert", 3_000, 3_100).await, [""; 0]);
    assert_eq!(rows("ticket", 1_900, 2_100).await, ["sample/ticket/7"], "closed since, and opened then");
    assert_eq!(rows("run", 1_850, 1_950).await, ["sample/run/9"], "it ended then");
    assert_eq!(rows("deployment", 1_050, 1_150).await, ["sample/deployment/2"]);
    let services = |from: i64, to: i64| {
        let (app, query) =
            (app.clone(), format!("during:{}..{}", at(from).to_rfc3339(), at(to).to_rfc3339()));
        async move {
            let view = app
                .call("overview", json!({ "query": query, "as_of": null, "seen_seq": null }))
                .await
                .unwrap();
            view["services"]
                .as_array()
                .unwrap()
                .iter()
                .map(|s| s["name"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(services(1_000, 2_000).await, ["shop"]);
    assert_eq!(services(3_000, 4_000).await, [""; 0], "nothing happened to any service");
}

/// What each view says of the sources within a span of time.
async fn unread_within(app: &App, from: i64, to: i64) -> Value {
    let query = format!("during:{}..{}", at(from).to_rfc3339(), at(to).to_rfc3339());
    let asked = json!({ "query": query, "as_of": null, "seen_seq": null, "limit": 50, "offset": 0 });
    let mut told: Vec<Value> = Vec::new();
    for (command, more) in [
        ("overview", json!({})),
        ("matrix", json!({})),
        ("rows", json!({ "kind": "run" })),
        ("board", json!({ "kind": "alert", "storm": true })),
    ] {
        let mut request = asked.clone();
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let view = app.call(command, request).await.unwrap();
        told.push(view["sources"][0]["unread"].clone());
    }
    assert!(told.iter().all(|unread| *unread == told[0]), "{told:?}");
    told.swap_remove(0)
}

#[tokio::test]
async fn a_span_in_which_nobody_looked_is_told_and_not_merely_empty() {
    let (app, _home) = deck().await;
    let times = |times: &[(i64, i64)]| -> Value {
        times.iter().map(|(from, to)| json!({ "from": at(*from), "to": at(*to) })).collect()
    };
    assert_eq!(unread_within(&app, 1_000, 2_000).await, Value::Null, "it was read all the time");
    assert_eq!(
        unread_within(&app, 4_000, 5_000).await,
        json!({ "whole": true, "times": times(&[(4_000, 5_000)]), "more": 0 })
    );
    assert_eq!(
        unread_within(&app, -600, 9_000).await,
        json!({ "whole": false, "times": times(&[(-600, 0), (3_600, 5_400)]), "more": 0 }),
        "what lies ahead was not missed"
    );
    let doubts = async |from, to| {
        let query = format!("during:{}..{}", at(from).to_rfc3339(), at(to).to_rfc3339());
        app.sources_asked(&query, None).await.unwrap().doubts(None)
    };
    assert_eq!(
        doubts(4_000, 5_000).await,
        ["sample was not read in this time; what happened then may be missing"]
    );
    let short = |secs| at(secs).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let (from, to) = (short(3_600), short(5_000));
    assert_eq!(
        doubts(3_000, 5_000).await,
        [format!("sample was not read from {from} to {to}; what happened then may be missing")]
    );
    assert_eq!(app.sources_asked("", None).await.unwrap().doubts(None), [""; 0]);
    let ahead = format!("during:{}..{}", at(90_000).to_rfc3339(), at(90_100).to_rfc3339());
    assert!(app.sources_asked(&ahead, None).await.is_err(), "nothing has happened in the future");
    let within = |from, to| json!({ "from": at(from), "to": at(to), "query": "", "limit": 10 });
    assert_eq!(app.call("happened", within(4_000, 5_000)).await.unwrap()["unread"], json!(["sample"]));
    assert_eq!(app.call("happened", within(900, 1_800)).await.unwrap()["unread"], json!([]));
}

#[tokio::test]
async fn views_can_be_narrowed_to_what_is_known() {
    let (app, _home) = deck().await;
    let narrow = app.call("narrow", json!({})).await.unwrap();
    assert_eq!(narrow["owners"], json!(["payments", "platform"]));
    let services = narrow["services"].as_array().unwrap();
    assert_eq!(services.iter().map(|s| s["name"].as_str().unwrap()).collect::<Vec<_>>(), ["shop", "till"]);
}

#[tokio::test]
async fn what_a_backend_told_afterwards_is_not_missing_but_nobody_knew_it_then() {
    let (app, home) = deck().await;
    let gaps = async || strip(&app, "").await["gaps"].as_array().unwrap().len();
    assert_eq!((gaps().await, unread_within(&app, 4_000, 5_000).await.is_null()), (8, false));
    let health = Health {
        state: HealthState::Fresh,
        as_of: Some(at(7_195)),
        told: Some(Told { since: at(-900), until: at(7_195) }),
        ..Health::new("sample".parse().unwrap(), at(0), 60)
    };
    home.history().record_health(&health).await.unwrap();
    assert_eq!((gaps().await, unread_within(&app, 4_000, 5_000).await), (0, Value::Null));
    let then = app.sources(Some(at(4_500))).await.unwrap();
    assert!(!then.list[0].read_then, "as of then, nobody had been told yet");
    let query = format!("during:{}..{}", at(4_000).to_rfc3339(), at(4_400).to_rfc3339());
    let then = app.sources_asked(&query, Some(at(4_500))).await.unwrap();
    assert!(then.list[0].unread.is_some(), "and what was asked as of then may miss something");
    let before = format!("during:{}..{}", at(-600).to_rfc3339(), at(-100).to_rfc3339());
    let then = app.sources_asked(&before, Some(at(1_000))).await.unwrap();
    assert!(then.list[0].unread.is_none(), "what the reading before had told was known");
}

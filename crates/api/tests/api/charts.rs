//! Charts over a store that was filled by hand.

use qd_api::App;
use qd_api::charts::ChartWords;
use qd_api::view::{ChartKind, ChartsReq};
use qd_connector::testkit::{Described, descriptor};
use qd_connector::{Backend, Descriptor};
use qd_model::{AlertState, DeploymentStatus, Fact, Kind, PipelineRun, RunResult};
use qd_store::testkit::sample::{alert, at, deployment, put, run};
use serde_json::{Value, json};

use crate::home::{Home, read};

/// It observes everything but tickets.
static GITHUB: Descriptor = descriptor("github", &[Kind::Run, Kind::Deployment, Kind::Alert]);
static BACKENDS: &[&dyn Backend] = &[&Described::by(&GITHUB)];

const CONFIG: &str = "[[connection]]\nid = \"sample\"\nbackend = \"github\"\ncredential = \"none\"\n";
/// The samples' beginning of time is no full hour: this much later one begins.
const HOUR: i64 = 400;

fn ended(native: &str, result: RunResult, began: Option<i64>, ended: i64) -> Fact {
    let run = run(native, Some(result), began.map(|secs| at(HOUR + secs)));
    Fact::Run(PipelineRun { finished_at: Some(at(HOUR + ended)), ..run })
}

/// The product three and a half hours after a full hour; the second hour was not read to its end.
async fn deck(config: &str) -> (App, Home) {
    let home = Home::new(config, at(HOUR + 12_600));
    let store = home.history();
    for secs in (-60..=5_400).step_by(30).chain((7_200..=12_600).step_by(30)) {
        read(&*store, "sample", HOUR + secs).await;
    }
    let fires =
        |native: &str, secs: i64| Fact::Alert(alert(native, AlertState::Firing, Some(at(HOUR + secs))));
    put(&*store, [fires("a", 600), fires("b", 700)], at(HOUR + 720)).await;
    let facts = [
        fires("c", 4_000),
        Fact::Deployment(deployment("1", "prod-eu", DeploymentStatus::Succeeded, Some(at(HOUR + 100)))),
        Fact::Deployment(deployment("2", "dev", DeploymentStatus::Failed, Some(at(HOUR + 200)))),
        ended("1", RunResult::Success, Some(0), 60),
        ended("2", RunResult::Failure, Some(0), 600),
        ended("3", RunResult::Cancellation, Some(0), 900),
        ended("4", RunResult::Success, None, 1_000),
        ended("5", RunResult::Success, Some(3_500), 3_700),
    ];
    put(&*store, facts, at(HOUR + 5_000)).await;
    (home.start(&store, BACKENDS).await, home)
}

async fn charts(app: &App, query: &str) -> Value {
    let request = json!({ "query": query, "hours": 24, "as_of": null, "width": 600, "height": 160 });
    app.call("charts", request).await.unwrap()
}

/// `count/bad known` of the last four parts, the hours of [`deck`]; `median/p90` for durations.
fn told(chart: &Value) -> Vec<String> {
    let mark = |mark: &Value| {
        let took = match mark["median_secs"].as_u64() {
            Some(median) => format!(" {median}/{}", mark["p90_secs"]),
            None => String::new(),
        };
        format!("{}/{}{took} {}", mark["count"], mark["bad"], mark["known"].as_str().unwrap())
    };
    let marks = chart["marks"].as_array().unwrap();
    marks.iter().skip(marks.len() - 4).map(mark).collect()
}

#[tokio::test]
async fn each_hour_tells_what_began_or_ended_in_it_and_whether_anybody_looked() {
    let (app, _home) = deck(CONFIG).await;
    let short = charts(&app, "during:2025-10-09T09:20:00Z..2025-10-09T12:50:00Z").await;
    assert_eq!(short["part_secs"], 900, "a short span has short parts");
    let view = charts(&app, "").await;
    assert_eq!((view["to"].clone(), view["part_secs"].clone()), (json!(at(HOUR + 4 * 3_600)), json!(3_600)));
    let [alerts, deployments, durations] = [0, 1, 2].map(|at| view["charts"][at].clone());
    assert_eq!(told(&alerts), ["2/2 read", "1/1 unread", "0/0 read", "0/0 read"]);
    assert_eq!(told(&deployments), ["2/1 read", "0/0 unread", "0/0 read", "0/0 read"]);
    assert_eq!(told(&durations), ["2/1 60/600 read", "1/0 200/200 unread", "0/0 read", "0/0 read"]);
    assert_eq!(alerts["summary"]["unread"], 21, "the hour of the pause, and those before the first poll");
    assert_eq!(alerts["summary"]["peak"], 20);
    assert_eq!(durations["summary"]["excluded"], 2);
    assert_eq!(
        (&durations["summary"]["median_secs"], &durations["summary"]["p90_secs"]),
        (&json!(200), &json!(600))
    );
    let inks = |chart: &Value| -> Vec<String> {
        let layers = chart["drawing"]["layers"].as_array().unwrap();
        layers.iter().map(|layer| layer["ink"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(inks(&alerts), ["unread", "grid", "bar", "at_least", "bad"]);
    assert_eq!(inks(&durations), ["unread", "grid", "spread", "middle"]);
}

#[tokio::test]
async fn every_number_opens_exactly_the_rows_that_made_it() {
    let (app, _home) = deck(CONFIG).await;
    let view = charts(&app, "").await;
    for chart in view["charts"].as_array().unwrap() {
        for mark in chart["marks"].as_array().unwrap() {
            let request = json!({
                "chart": chart["chart"], "query": "", "from": mark["from"], "to": mark["until"], "as_of": null,
            });
            let found = app.call("chart_rows", request).await.unwrap();
            assert_eq!(found["count"], mark["count"], "{} {}", chart["chart"], mark["from"]);
            assert_eq!(found["rows"].as_array().unwrap().len() as u64, mark["count"].as_u64().unwrap());
        }
    }
    let request = json!({
        "chart": "durations", "query": "during:2000-01-01..2000-01-02",
        "from": at(HOUR), "to": at(HOUR + 3_600), "as_of": null,
    });
    let rows = app.call("chart_rows", request).await.unwrap()["rows"].clone();
    let row = |row: &Value| format!("{} {} {}", row["id"].as_str().unwrap(), row["secs"], row["bad"]);
    let rows: Vec<String> = rows.as_array().unwrap().iter().map(row).collect();
    assert_eq!(rows, ["sample/run/1 60 false", "sample/run/2 600 true"]);
}

#[tokio::test]
async fn charts_are_narrowed_and_end_at_the_moment_that_is_looked_at() {
    let (app, _home) = deck(CONFIG).await;
    let view = charts(&app, "prod-eu").await;
    assert_eq!(view["charts"][1]["summary"]["count"], 1);
    let request = json!({
        "query": "", "hours": 1, "as_of": at(HOUR + 650), "width": 600, "height": 160,
    });
    let then = app.call("charts", request).await.unwrap();
    assert_eq!(then["charts"][0]["summary"]["count"], 1, "the second alert came later");
    let wrong = json!({ "query": "servce:x", "hours": 4, "as_of": null, "width": 1, "height": 1 });
    assert_eq!(app.call("charts", wrong).await.unwrap_err().code, "bad_query");
}

#[tokio::test]
async fn nothing_is_known_where_nothing_is_connected() {
    let (app, _home) = deck("").await;
    let view = charts(&app, "").await;
    for chart in view["charts"].as_array().unwrap() {
        assert_eq!(chart["summary"]["unobserved"], true);
        let known = |mark: &Value| mark["known"] == "unread";
        assert!(chart["marks"].as_array().unwrap().iter().all(known), "{}", chart["chart"]);
    }
}

#[tokio::test]
async fn a_file_holds_the_words_it_was_given_as_text() {
    let (app, _home) = deck(CONFIG).await;
    let request = ChartsReq { hours: 24, width: 600, height: 160, ..ChartsReq::default() };
    let words = ChartWords {
        title: "<script>alert(1)</script>",
        description: "a & b",
        time: &|at| at.to_rfc3339(),
        value: &|value| value.to_string(),
        legend: &[],
    };
    let (view, file) = app.chart_file(ChartKind::Alerts, request, |_, write| write(&words)).await.unwrap();
    assert_eq!(view.charts.len(), 1);
    assert!(file.contains("&lt;script&gt;") && !file.contains("<script"), "{file}");
    assert!(file.contains("<desc id=\"desc\">a &amp; b</desc>") && file.contains("url(#unread)"));
}

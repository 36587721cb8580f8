//! The contract that every connector keeps, put to this one with a small GitHub.
#![allow(clippy::unwrap_used, reason = "a test panics where it is wrong")]

mod hub;

use std::sync::{Arc, Mutex};

use hub::{Hub, deployment, issue, run, status};
use qd_connector::testkit::{RecordedRequest, Reply, SampleAction, Suite, conformance};
use qd_connector_github::GithubBackend;
use qd_model::Fact;
use serde_json::{Value, json};

fn small() -> Hub {
    let mut hub = Hub {
        runs: vec![run(41, 60, "completed", Some("failure")), run(42, 5, "in_progress", None)],
        deployments: vec![deployment(7, 50, "production")],
        issues: vec![issue(17, 30, "open"), issue(16, 300, "closed")],
        releases: vec![json!({ "tag_name": "v1.0", "published_at": hub::ago(500) })],
        ..Hub::default()
    };
    hub.commits = (40..=42).map(|number| hub::commit(number, "Mend the cart (#17)")).collect();
    hub.files = 2;
    hub.statuses.insert(7, vec![status(71, 45, "success"), status(70, 48, "in_progress")]);
    hub.jobs.insert(
        41,
        vec![json!({ "id": 411, "name": "test", "status": "completed", "conclusion": "failure",
        "started_at": hub::ago(60), "completed_at": hub::ago(59),
        "steps": [{ "number": 1, "name": "npm test", "status": "completed", "conclusion": "failure" }] })],
    );
    hub
}

fn unknown(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(unknown),
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match key.as_str() {
                    "status" | "state" | "conclusion" if !value.is_null() => *value = json!("flurbish"),
                    _ => unknown(value),
                }
            }
        }
        _ => {}
    }
}

fn timeless(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(timeless),
        Value::Object(map) => {
            map.retain(|key, _| !key.ends_with("_at"));
            map.values_mut().for_each(timeless);
        }
        _ => {}
    }
}

#[tokio::test]
async fn github_keeps_the_contract() {
    let hub = Arc::new(Mutex::new(small()));
    let (healthy, unknown_hub, timeless_hub) = (hub.clone(), hub.clone(), hub);
    let answers = move |request: &RecordedRequest| -> Reply { hub::answer(&healthy, request) };
    let suite = Suite::new(&GithubBackend, answers)
        .settings(json!({ "repositories": ["acme/shop"] }))
        .credential("ghp_canary7f3a91d2")
        .base_path("/api/v3")
        .unknown_words("flurbish", move |request| hub::answer(&unknown_hub, request).map_json(unknown))
        .without_times(move |request| hub::answer(&timeless_hub, request).map_json(timeless))
        .action(SampleAction::on_entity("rerun", |fact| {
            matches!(fact, Fact::Run(_)) && fact.state_word() == "failure"
        }))
        .action(SampleAction::on_entity("rerun_failed", |fact| fact.state_word() == "failure"))
        .action(SampleAction::on_entity("cancel", |fact| fact.state_word() == "executing"))
        .action(
            SampleAction::on_entity("comment", |fact| matches!(fact, Fact::Ticket(_))).arg("body", "on it"),
        )
        .action(SampleAction::on_entity("close", |fact| fact.state_word() == "todo"))
        .excuse(
            "17: a missing permission is named",
            "workflow runs, deployments and issues have a permission each, so each of the three lists is asked once",
        )
        .action(SampleAction::on_source("create").arg("title", "It broke").arg("body", "again"));
    conformance::run(suite).await.assert_passed();
}

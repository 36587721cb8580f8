//! The contract that every connector keeps, put to this one with a small Buildbot made of recorded answers.
#![allow(clippy::unwrap_used, reason = "a test panics where a fixture is not what it was")]

use qd_connector::testkit::{RecordedRequest, Reply, SampleAction, Suite, conformance};
use qd_connector_buildbot::BuildbotBackend;
use qd_model::Fact;
use serde_json::{Value, json};

/// The values of a repeated query parameter, as numbers.
fn numbers(request: &RecordedRequest, key: &str) -> Vec<u64> {
    request.query.iter().filter(|(name, _)| name == key).filter_map(|(_, value)| value.parse().ok()).collect()
}

/// `GET builds` with the filters, the order and the limit that a poll uses.
fn builds(request: &RecordedRequest) -> Reply {
    let mut answer: Value = serde_json::from_str(include_str!("../fixtures/builds.json")).unwrap();
    let builds = answer["builds"].as_array_mut().unwrap();
    let id = |build: &Value| build["buildid"].as_u64().unwrap();
    let ids = numbers(request, "buildid");
    builds.retain(|build| ids.is_empty() || ids.contains(&id(build)));
    builds.retain(|build| numbers(request, "buildid__ge").iter().all(|from| id(build) >= *from));
    builds.retain(|build| numbers(request, "buildid__lt").iter().all(|before| id(build) < *before));
    builds.sort_by_key(id);
    if request.param("order") == Some("-buildid") {
        builds.reverse();
    }
    builds.truncate(numbers(request, "limit").first().map_or(usize::MAX, |limit| *limit as usize));
    Reply::json(&answer)
}

/// One build, changes of none.
fn build(id: &str, rest: Option<&str>) -> Reply {
    let mut answer: Value = serde_json::from_str(include_str!("../fixtures/builds.json")).unwrap();
    answer["builds"].as_array_mut().unwrap().retain(|build| build["buildid"].as_u64() == id.parse().ok());
    let steps = match id {
        "8" => include_str!("../fixtures/steps-running.json"),
        "6" => include_str!("../fixtures/steps-stopped.json"),
        _ => include_str!("../fixtures/steps-failed.json"),
    };
    match rest {
        None => Reply::json(&answer),
        Some("steps") => Reply::json_text(steps),
        Some("changes") => Reply::json_text(include_str!("../fixtures/changes.json")),
        Some(_) => Reply::status(404),
    }
}

fn healthy(request: &RecordedRequest) -> Reply {
    if request.path == "/auth/login" {
        // Two cookies of one name, as Buildbot sets them: the second is the one that is signed in.
        return Reply::redirect(302, "/#/")
            .header("set-cookie", "TWISTED_SESSION=nobody; Path=/")
            .header("set-cookie", "TWISTED_SESSION=somebody; Path=/");
    }
    if request.path == "/config" {
        return Reply::json_text(include_str!("../fixtures/config-signed-in.json"));
    }
    let Some(resource) = request.path.strip_prefix("/api/v2") else { return Reply::status(404) };
    let parts: Vec<&str> = resource.split('/').skip(1).collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", []) => Reply::json_text(include_str!("../fixtures/root.json")),
        ("GET", ["builds"]) => builds(request),
        ("GET", ["builds", id]) => build(id, None),
        ("GET", ["builds", id, rest]) => build(id, Some(rest)),
        ("GET", ["builders"]) => Reply::json_text(include_str!("../fixtures/builders.json")),
        ("GET", ["projects"]) => Reply::json_text(include_str!("../fixtures/projects.json")),
        ("GET", ["changes"]) => Reply::json_text(include_str!("../fixtures/changes.json")),
        ("GET", ["buildrequests"]) => Reply::json_text(include_str!("../fixtures/buildrequests.json")),
        ("GET", ["workers"]) => {
            Reply::json(&json!({ "workers": [{ "connected_to": [{ "masterid": 1 }] }], "meta": {} }))
        }
        ("GET", ["steps", _, "logs"]) => Reply::json_text(include_str!("../fixtures/logs.json")),
        ("GET", ["logs", _, "contents"]) => Reply::json_text(include_str!("../fixtures/logchunk-tail.json")),
        ("GET", ["forceschedulers"]) => Reply::json_text(include_str!("../fixtures/forceschedulers.json")),
        ("POST", ["forceschedulers", _]) => Reply::json_text(include_str!("../fixtures/force.json")),
        ("POST", ["builds", _]) if request.json()["method"] == "rebuild" => {
            Reply::json_text(include_str!("../fixtures/force.json"))
        }
        ("POST", ["builds", _]) => Reply::json_text(include_str!("../fixtures/stop.json")),
        _ => Reply::status(404)
            .header("content-type", "text/plain")
            .body(include_str!("../fixtures/error-404.txt")),
    }
}

/// The same builds, ended with a result that nobody knows.
fn unknown_words(request: &RecordedRequest) -> Reply {
    healthy(request).map_json(|answer| {
        for build in answer["builds"].as_array_mut().into_iter().flatten() {
            build["complete"] = json!(true);
            build["results"] = json!("flurbish");
        }
    })
}

fn without_times(request: &RecordedRequest) -> Reply {
    fn strip(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Object(map) => {
                map.retain(|key, _| !key.ends_with("_at"));
                map.values_mut().for_each(strip);
            }
            _ => {}
        }
    }
    healthy(request).map_json(strip)
}

fn suite() -> Suite {
    Suite::new(&BuildbotBackend, healthy)
        .settings(json!({
            "deployments": [{ "builder": "deploy-production", "environment": "production", "service": "shop" }],
        }))
        .unknown_words("flurbish", unknown_words)
        .without_times(without_times)
        .action(SampleAction::on_source("force").arg("builder", "fixable").arg("reason", "try it"))
        .action(SampleAction::on_entity(
            "rebuild",
            |fact| matches!(fact, Fact::Run(run) if run.state_word() == "failure"),
        ))
        .action(SampleAction::on_entity("stop", |fact| fact.state_word() == "executing"))
        .action(SampleAction::on_entity("redeploy", |fact| matches!(fact, Fact::Deployment(_))))
}

#[tokio::test]
async fn buildbot_keeps_the_contract() {
    conformance::run(suite()).await.assert_passed();
}

/// With a sign-in before the first request, which every fault of a poll hits.
#[tokio::test]
async fn buildbot_keeps_the_contract_when_it_signs_in() {
    const AGAIN: &str = "a refused session is signed in to anew, once, and the refused write is sent again";
    let mut suite = suite().credential("ada:canary-7f3a91d2");
    for claim in [
        "'force': 16:",
        "'force': 17:",
        "'rebuild': 16:",
        "'rebuild': 17:",
        "'stop': 16:",
        "'stop': 17:",
        "'redeploy': 16:",
        "'redeploy': 17:",
    ] {
        suite = suite.excuse(claim, AGAIN);
    }
    conformance::run(suite).await.assert_passed();
}

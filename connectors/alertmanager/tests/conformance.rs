//! The claims every connector must keep, put to this one.

use qd_connector::testkit::{RecordedRequest, Reply, SampleAction, Suite, conformance};
use qd_connector_alertmanager::AlertmanagerBackend;
use qd_model::Fact;
use serde_json::{Value, json};

/// The silence of the recorded answers.
const SILENCE: &str = "6a39df1a-57ce-49ec-bb34-c28e79bc8a89";

/// What a healthy Alertmanager answers: one alert fires, one is silenced, one inhibited.
fn healthy(request: &RecordedRequest) -> Reply {
    let silences = include_str!("../fixtures/silences.json");
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/api/v2/status") => Reply::json_text(include_str!("../fixtures/status.json")),
        ("GET", "/api/v2/receivers") => Reply::json_text(include_str!("../fixtures/receivers.json")),
        ("GET", "/api/v2/alerts") => {
            Reply::json_text(include_str!("../fixtures/alerts-silenced-inhibited.json"))
        }
        ("GET", "/api/v2/alerts/groups") => Reply::json_text(include_str!("../fixtures/groups.json")),
        ("GET", "/api/v2/silences") => Reply::json_text(silences),
        ("GET", "/api/v2/silence/6a39df1a-57ce-49ec-bb34-c28e79bc8a89") => {
            Reply::json_text(silences).map_json(|list| *list = list[0].take())
        }
        ("POST", "/api/v2/silences") if request.header("content-type") != Some("application/json") => {
            Reply::status(415)
        }
        ("POST", "/api/v2/silences") => Reply::json_text(include_str!("../fixtures/silence-create.json")),
        ("DELETE", path) if path.starts_with("/api/v2/silence/") => Reply::status(200),
        _ => Reply::status(404),
    }
}

fn without_times(request: &RecordedRequest) -> Reply {
    fn strip(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Object(map) => {
                map.retain(|key, _| !key.ends_with("At"));
                map.values_mut().for_each(strip);
            }
            _ => {}
        }
    }
    healthy(request).map_json(strip)
}

fn is(fact: &Fact, word: &str) -> bool {
    fact.state_word() == word
}

#[tokio::test]
async fn alertmanager_keeps_the_contract() {
    let silenced = |fact: &Fact| matches!(fact, Fact::Alert(alert) if !alert.silenced_by.is_empty());
    let suite = Suite::new(&AlertmanagerBackend, healthy)
        // The kit's bodies are small; the limit of this list is not.
        .settings(json!({ "largest_answer_mib": 1 }))
        .credential("alice:canary-7f3a91d2")
        .unknown_words("flurbish", |request| healthy(request).replace("\"active\"", "\"flurbish\""))
        .without_times(without_times)
        .action(
            SampleAction::on_entity("silence", |fact| is(fact, "firing"))
                .arg("comment", "on it")
                .arg("duration", "2h"),
        )
        .action(SampleAction::on_entity("extend", silenced).arg("duration", "1h"))
        .action(SampleAction::on_entity("expire", silenced))
        .action(
            SampleAction::on_source("create_silence").arg("matchers", "team=\"sre\"").arg("comment", "move"),
        )
        .action(SampleAction::on_source("extend_silence").arg("silence", SILENCE).arg("duration", "1h"))
        .action(SampleAction::on_source("expire_silence").arg("silence", SILENCE));
    conformance::run(suite).await.assert_passed();
}

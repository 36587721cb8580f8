//! The claims every connector must keep, put to this one.
//!
//! Alone in its program: the suite listens to the log of its own thread, which other tests at the same time would
//! switch off.
#![allow(clippy::unwrap_used, reason = "a test panics where a fixture does not fit")]

mod fake;

use fake::Server;
use qd_connector::testkit::{Reply, SampleAction, Suite, conformance};
use qd_connector_redmine::RedmineBackend;
use serde_json::Value;

fn without_times(reply: Reply) -> Reply {
    fn strip(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Object(map) => {
                map.retain(|key, _| !key.ends_with("_on"));
                map.values_mut().for_each(strip);
            }
            _ => {}
        }
    }
    reply.map_json(strip)
}

#[tokio::test]
async fn redmine_keeps_the_contract() {
    let (healthy, unknown, timeless) = (Server::default(), Server::default(), Server::default());
    let suite = Suite::new(&RedmineBackend, move |request| healthy.answer(request))
        .credential("canary-7f3a91d2c0ffee")
        .unknown_words("flurbish", move |request| {
            unknown.answer(request).replace("\"In Progress\"", "\"flurbish\"")
        })
        .without_times(move |request| without_times(timeless.answer(request)))
        .action(SampleAction::on_entity("comment", |_| true).arg("comment", "Looking into it."))
        .action(SampleAction::on_entity("status", |_| true).arg("status", "Closed").arg("comment", "Done."))
        .action(SampleAction::on_entity("assign", |_| true).arg("assignee", "Alice Ops"))
        .action(
            SampleAction::on_source("create")
                .arg("project", "shop")
                .arg("tracker", "Bug")
                .arg("subject", "Card declined")
                .arg("priority", "High"),
        );
    conformance::run(suite).await.assert_passed();
}

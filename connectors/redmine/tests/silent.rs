//! Redmine answers a PUT with 204 and leaves out in silence what a role may not do.
#![allow(clippy::unwrap_used, reason = "a test panics where a fixture does not fit")]

mod fake;

use std::sync::Arc;

use fake::Server;
use qd_connector::testkit::{self, FaultServer, Reply};
use qd_connector::{ActError, Action, Backend, Backfill, PollCx, Secret, Settings};
use qd_connector_redmine::RedmineBackend;
use qd_model::{Cursor, Fact, ManualClock, Target};
use serde_json::Value;

/// Carries an action out against a server that takes every change and does none.
#[track_caller]
fn check(verb: &'static str, args: &'static [(&'static str, &'static str)], reason: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = runtime.block_on(async {
        let deaf = Server::default();
        let server = FaultServer::start(move |request| match request.method.as_str() {
            "PUT" => Reply::status(204),
            // An older server, which does not tell what the workflow allows.
            _ => deaf.answer(request).map_json(|answer| {
                if let Some(issue) = answer.get_mut("issue").and_then(Value::as_object_mut) {
                    issue.remove("allowed_statuses");
                }
            }),
        })
        .await;
        let source: qd_model::SourceId = "tickets".parse().unwrap();
        let settings =
            Settings { source, url: server.url(), interval: None, ca_file: None, own: Default::default() };
        let connection = RedmineBackend.connect(settings).unwrap();
        let auth = RedmineBackend.auth(Some(Secret::from("key".to_owned()))).unwrap();
        let cx = PollCx {
            http: testkit::http(&server.url(), auth),
            cancel: Default::default(),
            clock: Arc::new(ManualClock::at(testkit::now())),
            backfill: Backfill::default(),
        };
        let fact: Fact = connection.poll(&cx, &Cursor::default()).await.unwrap().facts.remove(0);
        let action = Action {
            target: Target::Entity(fact.id().clone()),
            fact: Some(fact),
            verb: verb.to_owned(),
            args: args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            idempotency_key: "key".to_owned(),
            proposed_at: testkit::now(),
        };
        connection.act(&cx, &action).await
    });
    match outcome {
        Err(ActError::Refused { reason: given }) => assert!(given.contains(reason), "{given}"),
        other => panic!("a change that did not happen must be refused: {other:?}"),
    }
}

#[test]
fn a_change_that_redmine_left_out_in_silence_is_refused() {
    check("status", &[("status", "Closed")], "stayed Feedback: the workflow does not allow Closed");
    check("comment", &[("comment", "hello")], "kept no comment");
    check("assign", &[("assignee", "5")], "kept the assignee");
}

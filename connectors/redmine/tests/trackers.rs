//! A project need not have all trackers: offered are those that can be chosen, and others are refused before anything is sent.
#![allow(clippy::unwrap_used, reason = "a test panics where a fixture does not fit")]

mod fake;

use std::sync::Arc;

use fake::Server;
use qd_connector::testkit::{self, FaultServer, Reply};
use qd_connector::{ActError, Action, Backend, Backfill, Connection, PollCx, Secret, Settings};
use qd_connector_redmine::RedmineBackend;
use qd_model::{ManualClock, SourceId, Target};
use serde_json::{Value, json};

/// A server whose projects have these trackers, by their numbers. `None`: it does not tell, as old versions.
async fn server(trackers: &'static [(&'static str, Option<&'static [u32]>)]) -> FaultServer {
    let fake = Server::default();
    FaultServer::start(move |request| {
        let reply = fake.answer(request);
        if request.path != "/projects.json" {
            return reply;
        }
        let project = |(at, (name, of)): (usize, &(&str, Option<&[u32]>))| {
            let mut project =
                json!({ "id": at + 1, "name": name, "identifier": name.to_lowercase(), "status": 1 });
            if let (Some(of), Some("trackers")) = (of, request.param("include")) {
                project["trackers"] = of.iter().map(|id| json!({ "id": id, "name": "any" })).collect();
            }
            project
        };
        let projects: Vec<Value> = trackers.iter().enumerate().map(project).collect();
        Reply::json(
            &json!({ "projects": projects, "total_count": projects.len(), "offset": 0, "limit": 100 }),
        )
    })
    .await
}

fn connect(server: &FaultServer) -> (Box<dyn Connection>, PollCx, SourceId) {
    let source: SourceId = "tickets".parse().unwrap();
    let url = server.url();
    let settings =
        Settings { source: source.clone(), url, interval: None, ca_file: None, own: Default::default() };
    let auth = RedmineBackend.auth(Some(Secret::from("key".to_owned()))).unwrap();
    let cx = PollCx {
        http: testkit::http(&server.url(), auth),
        cancel: Default::default(),
        clock: Arc::new(ManualClock::at(testkit::now())),
        backfill: Backfill::default(),
    };
    (RedmineBackend.connect(settings).unwrap(), cx, source)
}

#[tokio::test]
async fn offered_are_the_trackers_that_some_project_to_choose_from_has() {
    async fn check(trackers: &'static [(&'static str, Option<&'static [u32]>)], expected: &[&str]) {
        let server = server(trackers).await;
        let (connection, cx, _) = connect(&server);
        let form = connection.form(&cx, "create", None).await.unwrap();
        let field = form.fields.iter().find(|field| field.key == "tracker").unwrap();
        let labels: Vec<&str> = field.choices.iter().map(|choice| choice.label.as_str()).collect();
        assert_eq!(labels, expected, "{trackers:?}");
    }
    check(&[("Shop", Some(&[1]))], &["Bug"]).await;
    check(&[("Shop", Some(&[1])), ("Web", Some(&[2]))], &["Bug", "Feature"]).await;
    check(&[("Shop", Some(&[1])), ("Web", None)], &["Bug", "Feature", "Support"]).await;
}

#[tokio::test]
async fn a_tracker_its_project_lacks_is_refused_with_those_it_has() {
    let server = server(&[("Shop", Some(&[1])), ("Web", Some(&[2, 3]))]).await;
    let (connection, cx, source) = connect(&server);
    let args = [("project", "web"), ("tracker", "Bug"), ("subject", "Slow")];
    let action = Action {
        target: Target::Source(source),
        fact: None,
        verb: "create".to_owned(),
        args: args.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        idempotency_key: "key".to_owned(),
        proposed_at: testkit::now(),
    };
    match connection.act(&cx, &action).await {
        Err(ActError::Refused { reason }) => {
            assert_eq!(reason, "there is no tracker of Web 'Bug' to choose; there are: Feature, Support");
        }
        other => panic!("{other:?}"),
    }
    assert!(server.requests().iter().all(|request| request.method == "GET"), "nothing was sent");
}

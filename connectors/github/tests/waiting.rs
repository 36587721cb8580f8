//! What a run or a deployment waits for, what protects an environment, and which release a version is.
#![allow(clippy::unwrap_used, reason = "a test panics where it is wrong")]

mod hub;

use hub::{Bench, Hub, ago, deployment, run, status};
use qd_connector::Section;
use qd_connector::testkit::Reply;
use qd_connector_github::deploy::Versions;
use qd_connector_github::detail::{environment, release};
use qd_connector_github::wire;
use qd_model::{Cursor, Fact, Status};
use serde_json::{Value, json};

fn pending() -> Value {
    json!({ "environment": { "id": 1, "name": "production" }, "wait_timer": 30, "wait_timer_started_at": ago(10),
        "current_user_can_approve": true,
        "reviewers": [{ "type": "User", "reviewer": { "login": "noor" } },
            { "type": "Team", "reviewer": { "name": "Release crew", "slug": "release-crew" } }] })
}

/// A run that waits, and the deployment it is to make.
fn waiting() -> Hub {
    let mut hub = Hub {
        runs: vec![run(42, 20, "waiting", None)],
        deployments: vec![deployment(7, 20, "production")],
        ..Hub::default()
    };
    let mut held = status(71, 19, "waiting");
    held["log_url"] = json!("https://github.com/acme/shop/actions/runs/42/job/421");
    hub.statuses.insert(7, vec![held]);
    hub.pending.insert(42, vec![pending(), json!({ "environment": { "name": "eu" }, "reviewers": [] })]);
    hub
}

/// The rows of the section "Waits for" of each fact.
async fn waits(bench: &Bench) -> Vec<(Fact, Vec<(String, String)>)> {
    let facts = bench.connection.poll(&bench.cx, &Cursor::default()).await.unwrap().facts;
    let mut all = Vec::new();
    for fact in facts {
        let detail = bench.connection.detail(&bench.cx, &fact).await.unwrap();
        let rows = detail.sections.into_iter().find_map(|section| match section {
            Section::Fields { title, rows } if title == "Waits for" => Some(rows),
            _ => None,
        });
        all.push((fact, rows.unwrap_or_default()));
    }
    all
}

#[tokio::test]
async fn who_is_waited_for_is_named_for_the_run_and_for_its_deployment() {
    let bench = Bench::new(waiting()).await;
    for (fact, rows) in waits(&bench).await {
        assert_eq!(fact.signal().status, Status::Waiting, "{}", fact.id());
        let expected = format!(
            "approval by one of noor, team Release crew (you can), and a timer of 30 min since {}",
            ago(10)
        );
        assert_eq!(rows[0], ("production".to_owned(), expected));
        match fact {
            Fact::Run(_) => assert_eq!(rows[1], ("eu".to_owned(), "a protection rule".to_owned())),
            _ => assert_eq!(rows.len(), 1, "a deployment waits for its own environment alone"),
        }
    }
}

#[tokio::test]
async fn without_permission_the_rest_of_the_details_is_shown() {
    let bench = Bench::new(waiting()).await;
    bench.hub().instead.insert("actions/runs/42/pending_deployments", Reply::status(403));
    for (_, rows) in waits(&bench).await {
        assert_eq!(rows, []);
    }
}

#[test]
fn the_published_environment_says_what_stands_before_it() {
    let page: wire::EnvironmentPage =
        serde_json::from_str(include_str!("../fixtures/example-environments.json")).unwrap();
    let (environments, problems) = wire::items::<wire::Environment>(page.environments, "environment");
    assert_eq!(problems, [""; 0]);
    let rows = environment::protection(&environments[0]);
    let rows: Vec<(&str, &str)> = rows.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        rows,
        [
            ("Waits before", "30 min"),
            ("Approval by", "one of octocat, team Justice League"),
            ("Branches", "certain branches and tags only"),
        ]
    );
}

fn releases() -> Vec<wire::Release> {
    serde_json::from_value(json!([
        { "tag_name": "v1.3", "draft": true, "published_at": null },
        { "tag_name": "v1.2", "prerelease": true, "published_at": "2026-01-02T10:00:00Z",
          "html_url": "https://github.com/acme/shop/releases/tag/v1.2", "author": { "login": "ada" },
          "name": "Carts", "body": "## Faster carts\n<script>" },
        { "tag_name": "v1.1", "published_at": "2026-01-01T10:00:00Z" },
    ]))
    .unwrap()
}

#[test]
fn the_release_of_a_commit_is_shown_whole_and_no_other_is_taken_for_it() {
    let tags: Vec<wire::Tag> =
        serde_json::from_value(json!([{ "name": "v1.2", "commit": { "sha": "aaa" } }])).unwrap();
    let versions = Versions::of(&releases(), &tags);
    let shown = release::sections(releases(), &versions, Some("main"), Some("aaa"));
    let text = serde_json::to_string(&shown).unwrap();
    for part in
        ["v1.2", "Carts", "pre-release", "2026-01-02T10:00:00Z", "ada", "releases/tag/v1.2", "Faster carts"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert_eq!(shown.len(), 3, "the release, its notes, the latest ones");
    let other = release::sections(releases(), &versions, Some("main"), Some("bbb"));
    assert_eq!(other.len(), 1, "only the latest ones: {other:?}");
    assert!(!serde_json::to_string(&other).unwrap().contains("v1.3"), "a draft is nobody's release");
}

//! Repositories to choose from, against a GitHub on loopback that checks every parameter.
#![allow(clippy::unwrap_used, reason = "a test panics where it is wrong")]

mod hub;

use hub::{Bench, Hub, TOKEN, repository};
use qd_connector::testkit::{self, Reply};
use qd_connector::{Backend, Backfill, PollError, Proposals, Proposes};
use qd_connector_github::GithubBackend;
use serde_json::{Value, json};

async fn proposals(bench: &Bench) -> Result<Proposals, PollError> {
    GithubBackend.proposals(&bench.cx).await
}

fn hub(repositories: Vec<Value>) -> Hub {
    Hub { repositories, ..Hub::default() }
}

fn with(name: &str, days: i64, change: &Value) -> Value {
    let mut repository = repository(name, days);
    repository.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    repository
}

/// Values with what they are, and which are preselected.
fn told(proposals: &Proposals) -> (Vec<String>, Vec<&str>) {
    let all = proposals.items.iter().map(|item| format!("{} {}", item.value, item.about).trim().to_owned());
    let chosen = proposals.preselected(testkit::now());
    (all.collect(), chosen.iter().map(|at| proposals.items[*at].value.as_str()).collect())
}

#[tokio::test]
async fn what_was_pushed_to_lately_is_preselected_and_the_rest_can_be_chosen() {
    let bench = Bench::at(
        "/api/v3",
        hub(vec![
            repository("acme/old", 120),
            with("acme/secret", 1, &json!({ "private": true, "fork": true })),
            with("acme/gone", 2, &json!({ "archived": true })),
            repository("acme/shop", 3),
            with("acme/empty", 0, &json!({ "pushed_at": null })),
        ]),
        Backfill::default(),
    )
    .await;
    let found = proposals(&bench).await.unwrap();
    let (all, chosen) = told(&found);
    assert_eq!(
        all,
        ["acme/secret private, fork", "acme/gone archived", "acme/shop", "acme/old", "acme/empty"],
        "the latest first, what has no time last"
    );
    assert_eq!(chosen, ["acme/secret", "acme/shop"]);
    assert!(!found.more);
    let requests = bench.server.requests();
    assert_eq!(requests.len(), 1, "one request");
    assert_eq!(requests[0].path, "/api/v3/user/repos");
    assert!(requests[0].header("authorization").is_some_and(|header| header.ends_with(TOKEN)));
}

#[tokio::test]
async fn more_than_a_page_is_said_and_at_most_twenty_five_are_preselected() {
    let many = (0..130).map(|n| repository(&format!("acme/r{n:03}"), n / 2)).collect();
    let bench = Bench::new(hub(many)).await;
    let found = proposals(&bench).await.unwrap();
    assert_eq!((found.items.len(), found.more), (100, true));
    assert_eq!(found.preselected(testkit::now()).len(), 25);
    assert_eq!(bench.server.requests().len(), 1, "further pages are not asked for");
}

#[tokio::test]
async fn one_that_cannot_be_read_is_told_and_the_others_are_proposed() {
    let broken = json!({ "id": 9, "full_name": 9, "pushed_at": "yesterday" });
    let bench = Bench::new(hub(vec![repository("acme/shop", 1), broken])).await;
    let found = proposals(&bench).await.unwrap();
    assert_eq!(told(&found).0, ["acme/shop"]);
    assert!(found.problems[0].starts_with("repository 9 could not be read"), "{:?}", found.problems);
}

#[tokio::test]
async fn a_refusal_is_an_error_and_not_an_empty_list() {
    let check = async |reply: Reply, fits: fn(&PollError) -> bool| {
        let mut hub = hub(vec![repository("acme/shop", 1)]);
        hub.instead.insert("user/repos", reply);
        let error = proposals(&Bench::new(hub).await).await.unwrap_err();
        assert!(fits(&error), "{error}");
        assert!(!error.to_string().contains(TOKEN));
    };
    let message = |text: &str| Reply::json(&json!({ "message": text }));
    check(message("Bad credentials").status_of(401), |e| matches!(e, PollError::Unauthenticated)).await;
    check(message("Resource not accessible by integration").status_of(403), |e| {
        matches!(e, PollError::Forbidden { .. })
    })
    .await;
    check(message("x").status_of(502), |e| matches!(e, PollError::Unreachable { .. })).await;
    check(Reply::json(&json!({ "not": "a list" })), |e| matches!(e, PollError::Unexpected { .. })).await;
}

/// The estimate is made of [`Proposes::spec`]; this holds it against what a quiet poll really sends.
#[tokio::test]
async fn a_poll_without_news_sends_no_more_than_the_estimate_says() {
    let mut full = hub(Vec::new());
    full.runs.push(hub::run(1, 60, "completed", Some("success")));
    full.deployments.push(hub::deployment(1, 60, "production"));
    full.statuses.insert(1, vec![hub::status(1, 50, "success")]);
    full.releases.push(json!({ "tag_name": "v1", "published_at": hub::ago(50) }));
    full.tags.push(json!({ "name": "v1", "commit": { "sha": format!("{:040x}", 1) } }));
    let bench = Bench::new(full).await;
    let mut cursor = qd_model::Cursor::default();
    for _ in 0..6 {
        cursor = bench.connection.poll(&bench.cx, &cursor).await.unwrap().next;
    }
    let before = bench.cx.http.stats();
    bench.connection.poll(&bench.cx, &cursor).await.unwrap();
    let after = bench.cx.http.stats();
    let cost = GithubBackend.proposes().unwrap().spec().cost;
    assert_eq!(after.requests - before.requests, u64::from(cost.requests));
    assert_eq!(after.not_modified - before.not_modified, after.requests - before.requests, "all free");

    // A run begins: what is counted then are the two lists of runs.
    bench.hub().runs.push(hub::run(2, 1, "in_progress", None));
    let used = bench.hub().used;
    bench.connection.poll(&bench.cx, &cursor).await.unwrap();
    assert_eq!(bench.hub().used - used, u64::from(cost.changing));
}

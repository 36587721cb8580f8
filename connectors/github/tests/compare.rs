//! Versions compared against a GitHub on loopback.
#![allow(clippy::unwrap_used, reason = "a test panics where it is wrong")]

mod hub;

use hub::{Bench, Hub, commit, run};
use qd_connector::{Comparison, Head, PollError};
use qd_connector_github::{compare, map, wire};
use qd_model::{Cursor, Fact};

/// A shop with so many commits, each with a run of its own number.
async fn shop(commits: u64, runs: &[u64]) -> (Bench, Vec<Fact>) {
    let mut hub = Hub { files: 3, ..Hub::default() };
    hub.commits =
        (1..=commits).map(|number| commit(number, &format!("Change {number}\n\nFixes #{number}."))).collect();
    hub.runs = runs.iter().map(|number| run(*number, 100, "completed", Some("success"))).collect();
    let bench = Bench::new(hub).await;
    let mut facts = bench.connection.poll(&bench.cx, &Cursor::default()).await.unwrap().facts;
    facts.sort_by_key(|fact| fact.id().native.parse::<u64>().unwrap());
    (bench, facts)
}

async fn compared(bench: &Bench, base: &Fact, head: Head<'_>) -> Comparison {
    bench.connection.compare(&bench.cx, base, head).await.unwrap().unwrap()
}

#[tokio::test]
async fn commits_come_newest_first_with_authors_files_and_the_tickets_they_name() {
    let (bench, facts) = shop(5, &[2, 5]).await;
    let found = compared(&bench, &facts[0], Head::Entity(&facts[1])).await;
    let titles: Vec<&str> = found.commits.iter().map(|commit| commit.title.as_str()).collect();
    assert_eq!(titles, ["Change 5", "Change 4", "Change 3"]);
    assert_eq!(found.commits[0].author.as_deref(), Some("ada"));
    assert!(found.commits[0].at.is_some() && found.commits[0].url.is_some());
    assert_eq!((found.ahead_by, found.behind_by, found.files_changed), (Some(3), Some(0), Some(3)));
    let tickets: Vec<String> =
        found.tickets.iter().map(|ticket| ticket.id.as_ref().unwrap().to_string()).collect();
    assert_eq!(tickets, ["gh/ticket/acme/shop/5", "gh/ticket/acme/shop/4", "gh/ticket/acme/shop/3"]);
    assert!(!found.truncated);
}

#[tokio::test]
async fn going_back_brings_no_commits_and_says_by_how_many() {
    let (bench, facts) = shop(5, &[2, 5]).await;
    let found = compared(&bench, &facts[1], Head::Entity(&facts[0])).await;
    assert_eq!((found.ahead_by, found.behind_by, found.commits.len()), (Some(0), Some(3), 0));
}

#[tokio::test]
async fn at_most_250_commits_are_kept_and_the_rest_is_told() {
    let (bench, facts) = shop(400, &[1, 400]).await;
    let found = compared(&bench, &facts[0], Head::Entity(&facts[1])).await;
    assert_eq!((found.ahead_by, found.commits.len(), found.truncated), (Some(399), 250, true));
    let asked = bench.server.requests().iter().filter(|request| request.path.contains("/compare/")).count();
    assert_eq!(asked, 3, "a bounded number of pages");
}

#[tokio::test]
async fn three_hundred_files_may_be_more() {
    let (bench, facts) = shop(2, &[1, 2]).await;
    bench.hub().files = 300;
    assert!(compared(&bench, &facts[0], Head::Entity(&facts[1])).await.truncated);
}

#[tokio::test]
async fn the_same_question_is_a_304_the_second_time() {
    let (bench, facts) = shop(5, &[2, 5]).await;
    let first = compared(&bench, &facts[0], Head::Entity(&facts[1])).await;
    let used = bench.hub().used;
    assert_eq!(compared(&bench, &facts[0], Head::Entity(&facts[1])).await, first);
    assert_eq!(bench.hub().used, used, "it cost nothing");
}

#[tokio::test]
async fn a_reference_stays_one_segment_and_what_is_not_there_is_not_found() {
    let (bench, facts) = shop(2, &[1]).await;
    for reference in ["feature/x", "..", "a b", "../../issues"] {
        let found = bench.connection.compare(&bench.cx, &facts[0], Head::Reference(reference)).await;
        assert!(matches!(found, Err(PollError::NotFound { .. })), "{reference}: {found:?}");
    }
    let paths: Vec<String> = bench.server.requests().into_iter().map(|request| request.path).collect();
    assert!(paths.iter().any(|path| path.ends_with("...feature%2Fx")), "{paths:?}");
    assert!(!paths.iter().any(|path| path.ends_with("/issues/")), "{paths:?}");
}

#[test]
fn the_published_example_is_read() {
    let page: wire::Comparison =
        serde_json::from_str(include_str!("../fixtures/example-compare.json")).unwrap();
    let place = map::Place {
        source: "gh".parse().unwrap(),
        repository: "octocat/Hello-World".to_owned(),
        page: Some("https://github.com/octocat/Hello-World".to_owned()),
    };
    let found = compare::comparison(&place, "master", "topic", vec![page]);
    assert_eq!((found.ahead_by, found.behind_by, found.files_changed), (Some(1), Some(2), Some(1)));
    let only = &found.commits[0];
    assert_eq!((only.title.as_str(), only.author.as_deref()), ("Fix all the bugs", Some("octocat")));
    assert_eq!(only.at.unwrap().to_rfc3339(), "2011-04-14T16:00:49+00:00");
}

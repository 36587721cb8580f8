//! Polls, details and writes against a GitHub on loopback that checks every parameter.
#![allow(clippy::unwrap_used, reason = "a test panics where it is wrong")]

mod hub;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use hub::{Bench, Hub, TOKEN, ago, deployment, issue, run, status};
use qd_connector::testkit::{self, FaultServer, Reply};
use qd_connector::{Action, Backfill, CheckOutcome, PollError, Section, Verdict};
use qd_model::{Batch, Cursor, Fact, Target};
use serde_json::json;

/// Polls until nothing more is waiting. Returns the facts in their order.
async fn drain(bench: &Bench, cursor: &mut Cursor) -> Vec<Fact> {
    let mut facts = Vec::new();
    for _ in 0..100 {
        let batch = poll(bench, cursor).await.unwrap();
        facts.extend(batch.facts);
        if !batch.more {
            return facts;
        }
    }
    panic!("it never comes to an end");
}

/// One poll; the cursor goes through text, as it does through the store.
async fn poll(bench: &Bench, cursor: &mut Cursor) -> Result<Batch, PollError> {
    let batch = bench.connection.poll(&bench.cx, cursor).await?;
    *cursor = serde_json::from_str(&serde_json::to_string(&batch.next).unwrap()).unwrap();
    Ok(batch)
}

fn natives(facts: &[Fact], kind: &str) -> Vec<String> {
    let of_kind = facts.iter().filter(|fact| fact.kind().as_str() == kind);
    of_kind.map(|fact| fact.id().native.clone()).collect()
}

fn word(facts: &[Fact], native: &str) -> Option<String> {
    facts.iter().rev().find(|fact| fact.id().native == native).map(|fact| fact.state_word().to_owned())
}

fn large() -> Hub {
    let mut hub = Hub::default();
    for id in 1..=250 {
        // Ten runs share each instant, so windows end in the middle of one.
        hub.runs.push(run(id, 6000 - i64::try_from(id / 10).unwrap() * 10, "completed", Some("success")));
        hub.issues.push(issue(id, 9000 - i64::try_from(id).unwrap(), "open"));
    }
    hub.issues[100]["pull_request"] = json!({ "url": "x" });
    for id in 1..=120 {
        hub.deployments.push(deployment(id, 5000 - i64::try_from(id).unwrap(), &format!("env-{id}")));
        hub.statuses.insert(id, vec![status(id, 4000, "success")]);
    }
    hub
}

#[tokio::test]
async fn a_back_fill_that_is_cut_goes_on_without_loss_and_without_duplicates() {
    let bench = Bench::new(large()).await;
    let mut cursor = Cursor::default();
    let mut facts = poll(&bench, &mut cursor).await.unwrap().facts;
    assert_eq!(natives(&facts, "run")[0], "250", "newest first");

    // The connection breaks, and meanwhile things happen.
    for list in ["actions/runs", "deployments", "issues"] {
        bench.hub().instead.insert(list, Reply::status(502));
    }
    assert!(matches!(poll(&bench, &mut cursor).await, Err(PollError::Unreachable { .. })));
    bench.hub().instead.clear();
    bench.hub().runs.push(run(251, 3, "completed", Some("failure")));
    bench.hub().runs.retain(|run| run["id"] != 249);
    bench.hub().issues.push(issue(251, 3, "open"));

    facts.extend(drain(&bench, &mut cursor).await);
    facts.extend(drain(&bench, &mut cursor).await);
    for (kind, expected) in [("run", 251), ("ticket", 250), ("deployment", 120)] {
        let all = natives(&facts, kind);
        let unique: BTreeSet<&String> = all.iter().collect();
        assert_eq!(unique.len(), expected, "every {kind} came");
    }
    assert!(!natives(&facts, "ticket").contains(&"acme/shop/101".to_owned()), "a pull request is no ticket");
    let back_fill: Vec<String> = natives(&facts, "run").into_iter().take(250).collect();
    assert_eq!(back_fill.iter().collect::<BTreeSet<_>>().len(), 250, "no run came twice in the back-fill");
    let numbers: Vec<u64> = back_fill.iter().take(249).map(|id| id.parse().unwrap()).collect();
    assert!(numbers.is_sorted_by(|newer, older| newer > older), "newest first to the end");
}

#[tokio::test]
async fn a_back_fill_ends_at_its_days_and_its_number_of_entities() {
    let few = Backfill { days: 90, entities: 30 };
    let bench = Bench::at("", large(), few).await;
    let mut cursor = Cursor::default();
    let facts = drain(&bench, &mut cursor).await;
    for kind in ["run", "ticket", "deployment"] {
        let unique: BTreeSet<String> = natives(&facts, kind).into_iter().collect();
        assert_eq!(unique.len(), 30, "{kind}");
    }
    let short = Backfill { days: 4, entities: 1000 };
    let bench = Bench::at("", large(), short).await;
    let facts = drain(&bench, &mut Cursor::default()).await;
    let from = testkit::now() - TimeDelta::days(4);
    assert!(!facts.is_empty());
    assert!(facts.iter().all(|fact| fact.origin().changed_at >= Some(from)), "nothing older than four days");
}

/// The last batch of a round.
async fn last(bench: &Bench, cursor: &mut Cursor) -> Batch {
    loop {
        let batch = poll(bench, cursor).await.unwrap();
        if !batch.more {
            return batch;
        }
    }
}

#[tokio::test]
async fn everything_is_told_since_the_back_fill_ended_and_after_a_pause_without_a_hole() {
    let since = |minutes| Some(testkit::now() - TimeDelta::minutes(minutes));
    let bench = Bench::at("", large(), Backfill { days: 4, entities: 1000 }).await;
    let mut cursor = Cursor::default();
    assert_eq!(last(&bench, &mut cursor).await.told_since, since(4 * 24 * 60), "to the end of its days");

    for id in 251..=450 {
        bench.hub().runs.push(run(id, 3, "completed", Some("failure")));
    }
    let after = last(&bench, &mut cursor).await;
    assert_eq!(after.told_since, since(4 * 24 * 60), "more than a page of news, and none left out");

    let bench = Bench::at("", large(), Backfill { days: 90, entities: 30 }).await;
    let mut cursor = Cursor::default();
    let few = last(&bench, &mut cursor).await.told_since;
    assert_eq!(few, since(4_909), "to the creation of the thirtieth deployment: other lists go further back");
    for id in 251..=450 {
        bench.hub().runs.push(run(id, 4_000 - i64::try_from(id).unwrap(), "completed", Some("failure")));
    }
    let cut = last(&bench, &mut cursor).await.told_since;
    assert_eq!(cut, since(3_678), "a page and thirty more, one of them on both: there is a hole before");

    let older = serde_json::to_string(&cursor).unwrap().replace("\"told\"", "\"unheard_of\"");
    let mut older: Cursor = serde_json::from_str(&older).unwrap();
    assert_eq!(last(&bench, &mut older).await.told_since, since(0), "a cursor that does not tell begins now");
}

#[tokio::test]
async fn polls_without_news_are_304s_and_cost_nothing() {
    let bench = Bench::new(large()).await;
    let mut cursor = Cursor::default();
    drain(&bench, &mut cursor).await;
    drain(&bench, &mut cursor).await;
    drain(&bench, &mut cursor).await;
    let (used, before) = (bench.hub().used, bench.cx.http.stats());
    let quota = bench.cx.http.quota().unwrap().remaining;

    let facts = drain(&bench, &mut cursor).await;

    let after = bench.cx.http.stats();
    assert_eq!(facts, [], "nothing has changed");
    assert_eq!(bench.hub().used, used, "the server counted nothing");
    assert!(after.requests > before.requests, "it did ask");
    assert_eq!(after.not_modified - before.not_modified, after.requests - before.requests, "only 304s");
    assert_eq!(bench.cx.http.quota().unwrap().remaining, quota, "the quota is seen to be untouched");
}

#[tokio::test]
async fn every_list_is_asked_for_as_the_manual_says() {
    let bench = Bench::at("/api/v3", large(), Backfill::default()).await;
    let mut cursor = Cursor::default();
    drain(&bench, &mut cursor).await;
    bench.server.clear();
    drain(&bench, &mut cursor).await;
    let asked: BTreeMap<String, Vec<(String, String)>> =
        bench.server.requests().into_iter().map(|request| (request.path, request.query)).collect();
    assert!(
        asked.keys().all(|path| path.starts_with("/api/v3/repos/acme/shop/")),
        "below the address: {asked:?}"
    );
    let pairs =
        |list: &str| asked.get(&format!("/api/v3/repos/acme/shop/{list}")).cloned().unwrap_or_default();
    let text = |pairs: Vec<(String, String)>| {
        pairs.into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(text(pairs("deployments")), "per_page=100");
    let issues = text(pairs("issues"));
    assert!(issues.starts_with("state=all sort=updated direction=asc since=2026-"), "{issues}");
    assert!(asked.contains_key("/api/v3/repos/acme/shop/actions/runs"));
    for request in bench.server.requests() {
        assert!(request.header("authorization").is_some_and(|header| header.ends_with(TOKEN)));
        assert!(request.header("if-none-match").is_some() || request.number > 0);
    }
}

#[tokio::test]
async fn a_run_is_followed_to_its_end_even_when_newer_ones_push_it_off_the_page() {
    let bench = Bench::new(Hub { runs: vec![run(1, 300, "queued", None)], ..Hub::default() }).await;
    let mut cursor = Cursor::default();
    assert_eq!(word(&drain(&bench, &mut cursor).await, "1").as_deref(), Some("pending"));
    for id in 2..=260 {
        bench.hub().runs.push(run(id, 290 - i64::try_from(id).unwrap(), "completed", Some("success")));
    }
    let facts = drain(&bench, &mut cursor).await;
    let seen: BTreeSet<String> = natives(&facts, "run").into_iter().collect();
    assert_eq!(
        seen.len(),
        260,
        "two hundred and fifty-nine new ones need more than a page, and none is lost"
    );
    bench.hub().runs[0]["status"] = json!("completed");
    bench.hub().runs[0]["conclusion"] = json!("failure");
    assert_eq!(word(&drain(&bench, &mut cursor).await, "1").as_deref(), Some("failure"));
}

#[tokio::test]
async fn a_re_run_of_an_old_run_is_seen_and_followed() {
    let bench = Bench::new(large()).await;
    let mut cursor = Cursor::default();
    drain(&bench, &mut cursor).await;
    drain(&bench, &mut cursor).await;
    bench.hub().runs[0]["status"] = json!("in_progress");
    bench.hub().runs[0]["conclusion"] = json!(null);
    bench.hub().runs[0]["run_attempt"] = json!(2);
    assert_eq!(word(&drain(&bench, &mut cursor).await, "1").as_deref(), Some("executing"));
    bench.hub().runs[0]["status"] = json!("completed");
    bench.hub().runs[0]["conclusion"] = json!("success");
    assert_eq!(word(&drain(&bench, &mut cursor).await, "1").as_deref(), Some("success"));
}

#[tokio::test]
async fn statuses_are_read_for_what_is_new_or_unsettled_and_for_what_was_replaced() {
    let mut hub = Hub { deployments: vec![deployment(1, 90, "production")], ..Hub::default() };
    hub.statuses.insert(1, vec![status(1, 80, "success")]);
    let bench = Bench::new(hub).await;
    let mut cursor = Cursor::default();
    drain(&bench, &mut cursor).await;
    bench.server.clear();
    drain(&bench, &mut cursor).await;
    let statuses =
        |bench: &Bench| bench.server.requests().iter().filter(|r| r.path.ends_with("/statuses")).count();
    assert_eq!(statuses(&bench), 0, "what is settled is not asked for again");

    bench.hub().deployments.push(deployment(2, 5, "production"));
    bench.hub().statuses.insert(2, vec![status(2, 4, "in_progress")]);
    assert_eq!(word(&drain(&bench, &mut cursor).await, "2").as_deref(), Some("in_progress"));
    // It goes live, the other one becomes inactive; neither deployment's own record changes.
    bench.hub().statuses.insert(2, vec![status(3, 3, "success"), status(2, 4, "in_progress")]);
    bench.hub().statuses.insert(1, vec![status(4, 3, "inactive"), status(1, 80, "success")]);
    let facts = drain(&bench, &mut cursor).await;
    assert_eq!(word(&facts, "2").as_deref(), Some("succeeded"));
    assert_eq!(word(&facts, "1").as_deref(), Some("superseded"));

    bench.hub().releases.push(json!({ "tag_name": "v2.0", "published_at": ago(1) }));
    bench.hub().tags.push(json!({ "name": "v2.0", "commit": { "sha": format!("{:040x}", 2) } }));
    let facts = drain(&bench, &mut cursor).await;
    let versions: Vec<&str> = facts.iter().map(Fact::title).collect();
    assert_eq!(versions, ["v2.0"], "a release that comes later gives its name to what is deployed");
}

#[tokio::test]
async fn an_updated_issue_comes_again_and_alone() {
    let bench = Bench::new(large()).await;
    let mut cursor = Cursor::default();
    drain(&bench, &mut cursor).await;
    drain(&bench, &mut cursor).await;
    bench.hub().issues[4]["state"] = json!("closed");
    bench.hub().issues[4]["state_reason"] = json!("not_planned");
    bench.hub().issues[4]["updated_at"] = json!(ago(1));
    let facts = drain(&bench, &mut cursor).await;
    assert_eq!(word(&facts, "acme/shop/5").as_deref(), Some("done"));
    assert!(natives(&facts, "ticket").len() <= 3, "with at most what the overlap holds");
}

#[tokio::test]
async fn a_list_that_may_not_be_read_is_a_problem_and_the_others_go_on() {
    let mut hub = large();
    let refused = Reply::json(&json!({ "message": "Resource not accessible by personal access token" }))
        .status_of(403)
        .header("x-accepted-github-permissions", "deployments=read");
    hub.instead.insert("deployments", refused.clone());
    let bench = Bench::new(hub).await;
    let mut cursor = Cursor::default();
    let batch = poll(&bench, &mut cursor).await.unwrap();
    assert!(!natives(&batch.facts, "run").is_empty() && !natives(&batch.facts, "ticket").is_empty());
    let problem = &batch.problems[0];
    assert!(
        problem.contains("deployments of acme/shop") && problem.contains("deployments=read"),
        "{problem}"
    );
    drain(&bench, &mut cursor).await;

    for list in ["actions/runs", "issues"] {
        bench.hub().instead.insert(list, refused.clone());
    }
    let error = poll(&bench, &mut cursor).await.unwrap_err();
    assert!(matches!(error, PollError::Forbidden { .. }), "nothing can be read: {error}");
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_exactly_and_nothing_is_asked_meanwhile() {
    let primary = Reply::json(&json!({ "message": "API rate limit exceeded" }))
        .status_of(403)
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", (testkit::now().timestamp() + 600).to_string());
    let secondary = Reply::json(&json!({ "message": "You have exceeded a secondary rate limit." }))
        .status_of(403)
        .header("retry-after", "120");
    for (reply, seconds) in [(primary, 600), (secondary, 120)] {
        let mut hub = large();
        hub.instead.insert("actions/runs", reply);
        let bench = Bench::new(hub).await;
        let mut cursor = Cursor::default();
        for _ in 0..2 {
            let error = poll(&bench, &mut cursor).await.unwrap_err();
            let PollError::RateLimited { until } = error else { panic!("{error}") };
            let wait = (until - testkit::now()).num_seconds();
            assert!((seconds..=seconds + 2).contains(&wait), "{wait} instead of {seconds}");
        }
        assert_eq!(bench.server.requests().len(), 1, "the second poll did not ask");
        bench.hub().instead.clear();
        bench.clock.advance(TimeDelta::seconds(seconds + 3));
        assert!(!drain(&bench, &mut cursor).await.is_empty(), "and then it goes on");
    }
}

#[tokio::test]
async fn what_was_read_before_a_limit_is_kept() {
    let mut hub = large();
    let limited =
        Reply::json(&json!({ "message": "secondary rate limit" })).status_of(403).header("retry-after", "60");
    hub.instead.insert("issues", limited);
    let bench = Bench::new(hub).await;
    let mut cursor = Cursor::default();
    let batch = poll(&bench, &mut cursor).await.unwrap();
    assert_eq!(natives(&batch.facts, "run").len(), 100);
    assert!(batch.more, "the next call says what the matter is");
    let error = poll(&bench, &mut cursor).await.unwrap_err();
    assert!(matches!(error, PollError::RateLimited { .. }), "{error}");
}

fn action(bench: &Bench, verb: &str, fact: &Fact, args: &[(&str, &str)]) -> Action {
    let _ = bench;
    Action {
        target: Target::Entity(fact.id().clone()),
        fact: Some(fact.clone()),
        verb: verb.to_owned(),
        args: args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        idempotency_key: "one".to_owned(),
        proposed_at: testkit::now(),
    }
}

#[tokio::test]
async fn writes_are_one_request_each_and_a_closed_issue_is_left_alone() {
    let mut hub = Hub {
        runs: vec![run(41, 60, "completed", Some("failure"))],
        issues: vec![issue(17, 30, "open"), issue(16, 40, "closed")],
        ..Hub::default()
    };
    hub.comments = vec![json!({ "id": 1, "body": "on it\r\n", "created_at": ago(0) })];
    let bench = Bench::new(hub).await;
    let facts = drain(&bench, &mut Cursor::default()).await;
    let fact = |native: &str| facts.iter().find(|fact| fact.id().native == native).unwrap();
    let writes = |bench: &Bench| -> Vec<String> {
        let all = bench.server.requests().into_iter().filter(|request| request.method != "GET");
        all.map(|request| format!("{} {} {}", request.method, request.path, request.json())).collect()
    };
    let cases = [
        ("rerun", "41", "POST /repos/acme/shop/actions/runs/41/rerun null"),
        ("rerun_failed", "41", "POST /repos/acme/shop/actions/runs/41/rerun-failed-jobs null"),
        ("cancel", "41", "POST /repos/acme/shop/actions/runs/41/cancel null"),
        ("comment", "acme/shop/17", r#"POST /repos/acme/shop/issues/17/comments {"body":"on it"}"#),
        (
            "close",
            "acme/shop/17",
            r#"PATCH /repos/acme/shop/issues/17 {"state":"closed","state_reason":"completed"}"#,
        ),
    ];
    for (verb, native, expected) in cases {
        bench.server.clear();
        let action = action(&bench, verb, fact(native), &[("body", "on it")]);
        bench.connection.act(&bench.cx, &action).await.unwrap();
        assert_eq!(writes(&bench), [expected]);
    }
    bench.server.clear();
    let closing = action(&bench, "close", fact("acme/shop/16"), &[]);
    assert!(bench.connection.act(&bench.cx, &closing).await.unwrap().already);
    assert_eq!(writes(&bench), [""; 0]);

    let verify = async |verb: &str, native: &str, text: &str| {
        bench
            .connection
            .verify(&bench.cx, &action(&bench, verb, fact(native), &[("body", text)]))
            .await
            .unwrap()
    };
    assert!(matches!(verify("comment", "acme/shop/17", "on it").await, Verdict::Happened(_)));
    assert_eq!(verify("comment", "acme/shop/17", "something else").await, Verdict::DidNotHappen);
    assert_eq!(verify("close", "acme/shop/17", "").await, Verdict::DidNotHappen);
    assert_eq!(verify("rerun", "41", "").await, Verdict::DidNotHappen);
    bench.hub().runs[0]["run_attempt"] = json!(2);
    assert!(matches!(verify("rerun", "41", "").await, Verdict::Happened(_)));
}

#[tokio::test]
async fn a_log_is_fetched_from_its_storage_without_the_credential() {
    let log = "2026-01-15T11:00:05.1Z > npm test\n2026-01-15T11:00:06.1Z expected 3, got 4\n2026-01-15T11:00:30.1Z bye\n";
    let storage =
        FaultServer::start(move |_| Reply::status(200).header("content-type", "text/plain").body(log)).await;
    let mut hub = Hub { runs: vec![run(41, 60, "completed", Some("failure"))], ..Hub::default() };
    hub.jobs.insert(
        41,
        vec![json!({ "id": 411, "name": "test", "status": "completed", "conclusion": "failure",
        "steps": [
            { "number": 1, "name": "checkout", "status": "completed", "conclusion": "success" },
            { "number": 2, "name": "npm test", "status": "completed", "conclusion": "failure",
              "started_at": "2026-01-15T11:00:05Z", "completed_at": "2026-01-15T11:00:06Z" },
            { "number": 3, "name": "clean up", "status": "completed", "conclusion": "success" },
        ] })],
    );
    hub.storage = Some(storage.url().join("/log?sig=secret").unwrap().to_string());
    let bench = Bench::new(hub).await;
    let facts = drain(&bench, &mut Cursor::default()).await;

    let tail = bench.connection.log(&bench.cx, &facts[0]).await.unwrap().unwrap();

    assert_eq!((tail.job.as_str(), tail.step.as_deref()), ("test", Some("npm test")));
    assert_eq!(tail.lines, ["> npm test", "expected 3, got 4"]);
    let asked = storage.requests();
    assert_eq!(asked.len(), 1);
    assert!(
        !asked[0].head.contains("canary") && asked[0].header("authorization").is_none(),
        "{}",
        asked[0].head
    );

    bench.hub().storage = None;
    assert_eq!(
        bench.connection.log(&bench.cx, &facts[0]).await.unwrap(),
        None,
        "a log that is gone is no error"
    );
}

#[tokio::test]
async fn details_show_jobs_statuses_environment_releases_and_comments() {
    let mut hub = Hub {
        runs: vec![run(41, 60, "completed", Some("failure"))],
        deployments: vec![deployment(7, 50, "production")],
        issues: vec![issue(17, 30, "open")],
        ..Hub::default()
    };
    hub.statuses.insert(7, vec![status(71, 45, "success")]);
    hub.environments =
        vec![json!({ "name": "production", "protection_rules": [{ "type": "required_reviewers",
            "reviewers": [{ "type": "User", "reviewer": { "login": "ada" } },
                { "type": "Team", "reviewer": { "name": "ops", "slug": "ops" } }] }] })];
    hub.releases = vec![json!({ "tag_name": "v1.0", "published_at": ago(10), "body": "Faster carts.",
        "author": { "login": "ada" } })];
    hub.tags = vec![json!({ "name": "v1.0", "commit": { "sha": format!("{:040x}", 7) } })];
    hub.issues[0]["comments"] = json!(1);
    hub.comments = vec![json!({ "id": 1, "body": "Same here", "user": null, "created_at": ago(5) })];
    let bench = Bench::new(hub).await;
    let facts = drain(&bench, &mut Cursor::default()).await;
    let mut text = String::new();
    for fact in &facts {
        let detail = bench.connection.detail(&bench.cx, fact).await.unwrap();
        text.push_str(&serde_json::to_string(&detail).unwrap());
        let jobs = detail.sections.iter().any(|section| matches!(section, Section::Jobs { .. }));
        assert_eq!(jobs, matches!(fact, Fact::Run(_)), "a run has jobs, even when none is listed");
    }
    for part in [
        "one of ada, team ops",
        "success by ada",
        "Faster carts.",
        "v1.0",
        "this commit",
        "It broke.",
        "Same here",
        "ghost",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[tokio::test]
async fn the_check_names_who_signs_in_and_what_is_missing() {
    let mut hub = large();
    let refused = Reply::json(&json!({ "message": "no" }))
        .status_of(403)
        .header("x-accepted-github-permissions", "actions=read");
    hub.instead.insert("actions/runs", refused);
    let bench = Bench::new(hub).await;
    let report = bench.connection.check(&bench.cx).await;
    let text = serde_json::to_string_pretty(&report).unwrap();
    assert!(report.passed(), "{text}");
    assert_eq!(report.identity.as_deref(), Some("octocat"));
    assert_eq!(report.quota.as_ref().map(|quota| quota.limit), Some(5000));
    let missing = report.steps.iter().find(|step| step.outcome == CheckOutcome::Warning).unwrap();
    assert!(missing.text.contains("actions=read"), "{text}");
    assert!(text.contains("repo, workflow"), "{text}");

    bench.hub().instead.insert("", Reply::status(404));
    let report = bench.connection.check(&bench.cx).await;
    assert!(!report.passed(), "a repository that is not there fails");
}

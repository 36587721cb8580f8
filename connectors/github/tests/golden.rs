//! Mappings of GitHub's published examples and of recorded answers, one line a fact.
#![allow(clippy::unwrap_used, reason = "a test panics where a fixture does not fit")]

use expect_test::{Expect, expect};
use qd_connector_github::deploy::{self, Versions};
use qd_connector_github::map::{self, Place};
use qd_connector_github::{detail, wire};
use qd_model::{Deployment, Fact, PipelineRun, Ticket};
use serde_json::{Value, json};

fn place() -> Place {
    Place::new(&"gh".parse().unwrap(), &"https://api.github.com".parse().unwrap(), "acme/shop")
}

fn time(at: Option<chrono::DateTime<chrono::Utc>>) -> String {
    at.map_or("—".to_owned(), |at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

fn run_line(run: &PipelineRun) -> String {
    format!(
        "{} {} {} \"{}\" | {} ({}) | {:?} {:?} by {:?} on {:?} | queued {} started {} finished {} attempt {:?}",
        run.origin.id,
        run.pipeline_name,
        run.run_id,
        run.title,
        run.state_word(),
        run.raw_status(),
        run.reference,
        run.revision.as_deref().map(|revision| &revision[..7.min(revision.len())]),
        run.author,
        run.trigger,
        time(run.queued_at),
        time(run.started_at),
        time(run.finished_at),
        run.attempt,
    )
}

fn deployment_line(deployment: &Deployment) -> String {
    format!(
        "{} {} -> {} | {:?} ({}) | {:?} by {:?} | created {} started {} finished {} | {:?} | {}",
        deployment.origin.id,
        deployment.version,
        deployment.environment,
        deployment.status.state,
        deployment.status.raw,
        deployment.driver,
        deployment.initiator,
        time(deployment.created_at),
        time(deployment.started_at),
        time(deployment.finished_at),
        deployment.description,
        deployment.origin.url.as_deref().unwrap_or("—"),
    )
}

fn ticket_line(ticket: &Ticket) -> String {
    format!(
        "{} {} \"{}\" | {:?} ({}) {:?} | {:?} ({}) | {:?} by {:?} to {:?} in {:?} | {} {} comments {:?}",
        ticket.origin.id,
        ticket.key,
        ticket.summary,
        ticket.status.state,
        ticket.status.raw,
        ticket.resolution,
        ticket.ticket_type.state,
        ticket.ticket_type.raw,
        ticket.labels,
        ticket.reporter,
        ticket.assignees,
        ticket.milestone,
        time(ticket.created_at),
        time(ticket.closed_at),
        ticket.comments,
    )
}

fn line(fact: &Fact) -> String {
    match fact {
        Fact::Run(run) => run_line(run),
        Fact::Deployment(deployment) => deployment_line(deployment),
        Fact::Ticket(ticket) => ticket_line(ticket),
        Fact::Alert(_) => panic!("GitHub has no alerts"),
    }
}

#[track_caller]
fn check(facts: impl IntoIterator<Item = Fact>, expected: Expect) {
    let lines: Vec<String> = facts.into_iter().map(|fact| line(&fact)).collect();
    expected.assert_eq(&lines.join("\n"));
}

fn runs(text: &str) -> Vec<Fact> {
    let page: wire::RunPage = serde_json::from_str(text).unwrap();
    let (runs, problems) = wire::items(page.workflow_runs, "run");
    assert!(problems.is_empty(), "{problems:?}");
    runs.into_iter().map(|run| map::run(&place(), run)).collect()
}

fn deployments(text: &str, statuses: &str) -> Vec<Fact> {
    let list: Vec<wire::Deployment> = serde_json::from_str(text).unwrap();
    let statuses: Vec<wire::DeploymentStatus> = serde_json::from_str(statuses).unwrap();
    let none = Versions::default();
    list.iter().map(|item| Fact::Deployment(deploy::deployment(&place(), item, &statuses, &none))).collect()
}

fn issues(text: &str) -> Vec<Fact> {
    let list: Vec<wire::Issue> = serde_json::from_str(text).unwrap();
    list.into_iter().filter_map(|issue| map::issue(&place(), issue)).collect()
}

#[test]
fn recorded_runs_are_read_although_they_lack_what_the_description_requires() {
    check(
        runs(include_str!("../fixtures/recorded-runs.json")),
        expect![[
            r#"gh/run/3109327341 test #3 "test" | success (success) | Some("main") Some("f5b9db8") by Some("octokit-login") on Some("workflow_dispatch") | queued 2022-09-22T23:06:16Z started 2022-09-22T23:06:16Z finished 2022-09-22T23:06:34Z attempt Some(1)"#
        ]],
    );
    check(runs(include_str!("../fixtures/recorded-runs-empty.json")), expect![[""]]);
}

#[test]
fn a_queued_run_has_not_started_whatever_run_started_at_says() {
    check(
        runs(include_str!("../fixtures/example-runs.json")),
        expect![[
            r#"gh/run/30433642 Build #562 "Update README.md" | pending (queued) | Some("master") Some("acb5820") by Some("octocat") on Some("push") | queued 2020-01-22T19:33:08Z started — finished — attempt Some(1)"#
        ]],
    );
}

#[test]
fn a_deployment_of_2018_nobody_reported_on_is_queued() {
    check(
        deployments(include_str!("../fixtures/recorded-deployments.json"), "[]"),
        expect![[r#"
        gh/deployment/78405344 138e891 -> production | Queued () | Unknown by Some("octokit-login") | created 2018-03-30T18:59:20Z started — finished — | None | https://github.com/acme/shop/deployments/production
        gh/deployment/7840530 138e891 -> production | Queued () | Unknown by Some("octokit-login") | created 2018-03-30T18:59:15Z started — finished — | None | https://github.com/acme/shop/deployments/production"#]],
    );
}

#[test]
fn the_latest_status_decides_a_deployment() {
    let statuses = include_str!("../fixtures/example-deployment-statuses.json");
    check(
        deployments(include_str!("../fixtures/example-deployments.json"), statuses),
        expect![[
            r#"gh/deployment/1 a84d88e -> production | Succeeded (success) | Unknown by Some("octocat") | created 2012-07-20T01:19:13Z started — finished 2012-07-20T01:19:13Z | Some("Deployment finished successfully.") | https://github.com/acme/shop/deployments/production"#
        ]],
    );
    let statuses = include_str!("../fixtures/recorded-deployment-status.json");
    check(
        deployments(include_str!("../fixtures/example-deployments.json"), statuses),
        expect![[
            r#"gh/deployment/1 a84d88e -> production | Succeeded (success) | Unknown by Some("octocat") | created 2012-07-20T01:19:13Z started — finished 2018-03-30T19:04:41Z | Some("Deploy request from hubot") | https://github.com/acme/shop/deployments/production"#
        ]],
    );
}

#[test]
fn issues_are_tickets_and_pull_requests_are_not() {
    check(
        issues(include_str!("../fixtures/recorded-issues.json")),
        expect![[r#"
        gh/ticket/acme/shop/13 #13 "Test issue 13" | Todo (open) None | Other () | [] by Some("octokit-fixture-user-a") to [] in None | 2017-10-10T16:00:00Z — comments Some(42)
        gh/ticket/acme/shop/12 #12 "Test issue 12" | Todo (open) None | Other () | [] by Some("octokit-fixture-user-a") to [] in None | 2017-10-10T16:00:00Z — comments Some(42)"#]],
    );
    let example: Value = serde_json::from_str(include_str!("../fixtures/example-issues.json")).unwrap();
    assert!(example[0]["pull_request"].is_object(), "GitHub's own example of an issue is a pull request");
    check(issues(&example.to_string()), expect![[""]]);
    let mut issue = example;
    issue[0].as_object_mut().unwrap().remove("pull_request");
    check(
        issues(&issue.to_string()),
        expect![[
            r#"gh/ticket/acme/shop/1347 #1347 "Found a bug" | Todo (open) None | Bug (bug) | ["bug"] by Some("octocat") to ["octocat"] in Some("v1.0") | 2011-04-22T13:33:48Z — comments Some(0)"#
        ]],
    );
}

#[test]
fn every_status_and_conclusion_has_one_meaning() {
    let words = [
        ("queued", None),
        ("requested", None),
        ("pending", None),
        ("waiting", None),
        ("in_progress", None),
        ("completed", Some("success")),
        ("completed", Some("failure")),
        ("completed", Some("cancelled")),
        ("completed", Some("skipped")),
        ("completed", Some("timed_out")),
        ("completed", Some("action_required")),
        ("completed", Some("neutral")),
        ("completed", Some("stale")),
        ("completed", Some("startup_failure")),
        ("completed", None),
        ("completed", Some("flurbish")),
        ("flurbish", None),
    ];
    let lines: Vec<String> = words
        .into_iter()
        .map(|(status, conclusion)| {
            let run = json!({ "workflow_runs": [{ "id": 1, "status": status, "conclusion": conclusion }] });
            let Fact::Run(run) = runs(&run.to_string()).remove(0) else { panic!("not a run") };
            let signal = run.signal().status.as_str();
            format!(
                "{status} {} -> {} ({}) {signal}",
                conclusion.unwrap_or("—"),
                run.state_word(),
                run.raw_status()
            )
        })
        .collect();
    expect![[r#"
        queued — -> pending (queued) running
        requested — -> pending (requested) running
        pending — -> pending (pending) running
        waiting — -> waiting (waiting) waiting
        in_progress — -> executing (in_progress) running
        completed success -> success (success) ok
        completed failure -> failure (failure) failing
        completed cancelled -> cancellation (cancelled) inactive
        completed skipped -> skip (skipped) inactive
        completed timed_out -> timeout (timed_out) failing
        completed action_required -> waiting (action_required) waiting
        completed neutral -> skip (neutral) inactive
        completed stale -> cancellation (stale) inactive
        completed startup_failure -> error (startup_failure) failing
        completed — -> unknown () unknown
        completed flurbish -> unknown (flurbish) unknown
        flurbish — -> unknown (flurbish) unknown"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn every_status_of_a_deployment_has_one_meaning() {
    let words = [
        "error",
        "failure",
        "inactive",
        "in_progress",
        "queued",
        "pending",
        "success",
        "waiting",
        "flurbish",
    ];
    let lines: Vec<String> = words
        .into_iter()
        .map(|word| {
            let status = deploy::status(Some(word));
            format!("{word} -> {} ({})", status.state.as_str(), status.raw)
        })
        .collect();
    expect![[r#"
        error -> failed (error)
        failure -> failed (failure)
        inactive -> superseded (inactive)
        in_progress -> in_progress (in_progress)
        queued -> queued (queued)
        pending -> queued (pending)
        success -> succeeded (success)
        waiting -> blocked (waiting)
        flurbish -> unknown (flurbish)"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn a_deployment_ended_when_it_went_live_and_not_when_it_was_replaced() {
    let deployment = json!([{ "id": 7, "environment": "production", "sha": "aaaaaaaaaa", "ref": "main",
        "creator": { "login": "github-actions[bot]" }, "created_at": "2026-01-01T10:00:00Z" }]);
    let statuses = json!([
        { "id": 3, "state": "inactive", "created_at": "2026-01-02T10:00:00Z" },
        { "id": 2, "state": "success", "created_at": "2026-01-01T10:05:00Z", "environment_url": "https://shop.example" },
        { "id": 1, "state": "in_progress", "created_at": "2026-01-01T10:01:00Z" },
    ]);
    check(
        deployments(&deployment.to_string(), &statuses.to_string()),
        expect![[
            r#"gh/deployment/7 aaaaaaa -> production | Superseded (inactive) | Pipeline by Some("github-actions[bot]") | created 2026-01-01T10:00:00Z started 2026-01-01T10:01:00Z finished 2026-01-01T10:05:00Z | None | https://github.com/acme/shop/deployments/production"#
        ]],
    );
}

#[test]
fn a_deployment_is_called_by_its_release() {
    let releases: Vec<wire::Release> =
        serde_json::from_value(json!([{ "tag_name": "v2.1" }, { "tag_name": "draft", "draft": true }]))
            .unwrap();
    let tags: Vec<wire::Tag> = serde_json::from_value(json!([
        { "name": "v2.1", "commit": { "sha": "1111111111" } }, { "name": "nightly", "commit": { "sha": "2222222222" } },
    ]))
    .unwrap();
    let versions = Versions::of(&releases, &tags);
    let check = |reference: Option<&str>, revision: Option<&str>, expected: &str| {
        assert_eq!(versions.name(reference, revision), expected, "{reference:?} {revision:?}");
    };
    check(Some("v2.1"), Some("1111111111"), "v2.1");
    check(Some("refs/tags/v2.1"), None, "v2.1");
    check(Some("main"), Some("1111111111"), "v2.1");
    check(Some("main"), Some("2222222222"), "2222222");
    check(Some("2026.01.3"), Some("2222222222"), "2026.01.3");
    check(Some("feature/1.2"), Some("3333333333"), "3333333");
    check(Some("main"), None, "main");
    check(None, None, "");
}

#[test]
fn pages_for_people_follow_from_the_address_of_the_api() {
    let check = |base: &str, expected: Option<&str>| {
        let place = Place::new(&"gh".parse().unwrap(), &base.parse().unwrap(), "acme/shop");
        assert_eq!(place.page.as_deref(), expected, "{base}");
    };
    check("https://api.github.com", Some("https://github.com/acme/shop"));
    check("https://git.example.org/api/v3", Some("https://git.example.org/acme/shop"));
    check("https://git.example.org:8443/api/v3/", Some("https://git.example.org:8443/acme/shop"));
    check("https://api.acme.ghe.com", Some("https://acme.ghe.com/acme/shop"));
    check("http://127.0.0.1:4711", None);
}

#[test]
fn jobs_show_their_steps_and_mark_the_first_that_failed() {
    let page: wire::JobPage = serde_json::from_str(include_str!("../fixtures/recorded-jobs.json")).unwrap();
    let (mut jobs, problems) = wire::items::<wire::Job>(page.jobs, "job");
    assert!(problems.is_empty(), "{problems:?}");
    jobs[0].conclusion = Some("failure".to_owned());
    for failed in [2, 3] {
        jobs[0].steps[failed].conclusion = Some("failure".to_owned());
    }
    let tasks = detail::tasks(&jobs);
    let lines: Vec<String> = tasks
        .iter()
        .flat_map(|task| &task.steps)
        .map(|step| {
            let result = step.result.as_ref().map_or("—", |result| &result.raw);
            let mark = if step.first_failure { " <- here" } else { "" };
            format!("{} {} {result} {}{mark}", step.number, step.name, time(step.started_at))
        })
        .collect();
    expect![[r#"
        1 Set up job success 2022-10-01T04:53:26Z
        2 Step 1 - Create a temporary artifact downloads folder success 2022-10-01T04:53:27Z
        3 step 2 - Add artifacts to publish to the temp folder failure 2022-10-01T04:53:27Z <- here
        4 Step 3 - Use the Upload Artifact GitHub Action failure 2022-10-01T04:53:27Z
        5 Complete job success 2022-10-01T04:53:27Z"#]]
    .assert_eq(&lines.join("\n"));
    let page: wire::JobPage = serde_json::from_str(include_str!("../fixtures/example-jobs.json")).unwrap();
    let (jobs, problems) = wire::items::<wire::Job>(page.jobs, "job");
    assert_eq!((jobs.len(), problems.len()), (1, 0));
}

#[test]
fn one_unreadable_item_is_a_problem_and_not_the_end_of_the_page() {
    let values = vec![json!({ "id": "17" }), json!({ "id": 18, "created_at": "yesterday" }), json!({})];
    let values = values.into_iter().map(|value| value.as_object().unwrap().clone()).collect();
    let (read, problems) = wire::items::<wire::Run>(values, "workflow run of acme/shop");
    assert_eq!(read[0].id, wire::Id("17".to_owned()), "ids may be texts");
    assert_eq!(problems.len(), 2);
    assert!(problems[0].contains("workflow run of acme/shop 18"), "{}", problems[0]);
}

/// Why octocrab's own models are not used for lists (docs/adr/0004-octocrab-on-our-facade.md). When this fails, they have
/// become tolerant enough to be looked at again.
#[test]
fn octocrabs_models_refuse_answers_that_github_has_given() {
    let jobs: Value = serde_json::from_str(include_str!("../fixtures/recorded-jobs.json")).unwrap();
    assert!(serde_json::from_value::<octocrab::models::workflows::Job>(jobs["jobs"][0].clone()).is_err());
    let limit: Value = serde_json::from_str(include_str!("../fixtures/example-rate-limit.json")).unwrap();
    assert!(
        serde_json::from_value::<octocrab::models::RateLimit>(limit).is_ok(),
        "this one is used by the check"
    );
}

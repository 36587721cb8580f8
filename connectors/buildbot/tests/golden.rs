//! What Buildbot's words become, on recorded answers and on variations of them.
#![allow(clippy::unwrap_used, reason = "a test panics where a fixture is not what it was")]

use expect_test::{Expect, expect};
use qd_connector_buildbot::map::{self, Mapper, Surroundings};
use qd_connector_buildbot::wire::{Answer, Build, BuildRequest, Builder, Change, Config, Project, Step};
use qd_connector_buildbot::{DeploymentRule, map::first_failure};
use qd_model::{DeploymentKind, EntityId, Fact, Kind, SourceId};
use serde_json::{Value, json};

fn list<T: serde::de::DeserializeOwned>(text: &str, plural: &str) -> Vec<T> {
    let answer: Answer = serde_json::from_str(text).unwrap();
    let (items, unreadable) = answer.list(plural).unwrap();
    assert_eq!(unreadable, 0, "every item of the {plural} is read");
    items
}

fn around() -> Surroundings {
    let builders: Vec<Builder> = list(include_str!("../fixtures/builders.json"), "builders");
    let projects: Vec<Project> = list(include_str!("../fixtures/projects.json"), "projects");
    let changes: Vec<Change> = list(include_str!("../fixtures/changes.json"), "changes");
    let requests: Vec<BuildRequest> = list(include_str!("../fixtures/buildrequests.json"), "buildrequests");
    let steps: Vec<Step> = list(include_str!("../fixtures/steps-failed.json"), "steps");
    Surroundings {
        builders: builders.into_iter().map(|builder| (builder.builderid, builder)).collect(),
        projects: projects.into_iter().map(|project| (project.projectid, project.name)).collect(),
        changes: changes.into_iter().map(|change| (change.revision.clone().unwrap(), change)).collect(),
        queued: requests
            .into_iter()
            .map(|request| (request.buildrequestid, request.submitted_at.unwrap()))
            .collect(),
        failed_steps: [(5, map::step_name(first_failure(&steps).unwrap()))].into(),
    }
}

fn facts(builds: &[Build], around: &Surroundings, base: &str) -> Vec<Fact> {
    let source: SourceId = "ci".parse().unwrap();
    let rule = DeploymentRule {
        builder: "deploy-production".to_owned(),
        environment: "production".to_owned(),
        service: Some("shop".to_owned()),
    };
    let base = base.parse().unwrap();
    let mapper = Mapper { source: &source, base: &base, deployments: &[rule], around };
    builds.iter().flat_map(|build| mapper.facts(build)).collect()
}

/// Everything a list shows of a fact, in a line.
fn line(fact: &Fact) -> String {
    let at = |time: Option<chrono::DateTime<chrono::Utc>>| {
        time.map_or("-".to_owned(), |time| time.format("%T").to_string())
    };
    let or = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
    match fact {
        Fact::Run(run) => format!(
            "{} {} #{} '{}' {} ({}) ref {} rev {} by {} for {} of {}/{} queued {} {}..{} failed {}{}",
            run.origin.id,
            run.pipeline_name,
            run.run_id,
            run.title,
            run.state_word(),
            run.raw_status(),
            or(&run.reference),
            or(&run.revision),
            or(&run.trigger),
            or(&run.author),
            or(&run.origin.project),
            or(&run.origin.repository),
            at(run.queued_at),
            at(run.started_at),
            at(run.finished_at),
            or(&run.failed_step),
            run.environment
                .as_ref()
                .map_or_else(String::new, |place| format!(" deploys {} to {place}", or(&run.service))),
        ),
        Fact::Deployment(it) => format!(
            "{} {} of {} to {} {} ({}) {:?} by {} {}..{}",
            it.origin.id,
            it.version,
            or(&it.service),
            it.environment,
            it.status.state.as_str(),
            it.status.raw,
            it.deployment_kind,
            or(&it.initiator),
            at(it.started_at),
            at(it.finished_at),
        ),
        other => format!("{other:?}"),
    }
}

fn check(facts: &[Fact], expected: Expect) {
    expected.assert_eq(&facts.iter().map(|fact| line(fact) + "\n").collect::<String>());
}

/// The deploying build of the fixtures with other values.
fn variation(change: impl FnOnce(&mut Value)) -> Build {
    let recorded: Vec<Value> = list(include_str!("../fixtures/builds.json"), "builds");
    let mut build = recorded.into_iter().find(|build| build["buildid"] == 4).unwrap();
    change(&mut build);
    serde_json::from_value(build).unwrap()
}

#[test]
fn recorded_builds_become_runs_and_deployments() {
    let builds: Vec<Build> = list(include_str!("../fixtures/builds.json"), "builds");
    check(
        &facts(&builds, &around(), "https://ci.example.org/bb"),
        expect![[r#"
        ci/run/8 long-running #2 'try the new worker' executing (building) ref - rev - by force-long-running for ada@example.org of -/- queued - 02:28:57..- failed -
        ci/run/7 fixable #2 'force build' failure (failure) ref - rev - by force-fixable for - of shop/- queued 02:18:23 02:18:23..02:18:24 failed -
        ci/run/6 long-running #1 'force build' cancellation (cancelled) ref - rev - by force-long-running for ada@example.org of -/- queued 02:14:26 02:14:30..02:20:29 failed -
        ci/run/5 fixable #1 'force build' failure (failure) ref - rev - by force-fixable for - of shop/- queued 02:14:26 02:14:29..02:14:30 failed unit tests
        ci/run/4 deploy-production #1 'release 1.2' success (success) ref - rev - by force-deploy-production for - of -/- queued 02:14:26 02:14:28..02:14:30 failed - deploys shop to production
        ci/deployment/build:4 #1 of shop to production succeeded (success) Deployed by - 02:14:28..02:14:30
        ci/run/3 app-warn #1 'Charge the right card' success (success) ref main rev 4f2c9e1a7b6d by main for Ada of shop/acme/shop queued 02:14:26 02:14:28..02:14:29 failed -
        ci/run/2 app-flaky #1 'Charge the right card' failure (failure) ref main rev 4f2c9e1a7b6d by main for Ada of shop/acme/shop queued 02:14:26 02:14:27..02:14:28 failed -
        ci/run/1 app-build #1 'Charge the right card' success (success) ref main rev 4f2c9e1a7b6d by main for Ada of shop/acme/shop queued 02:14:26 02:14:27..02:14:28 failed -
    "#]],
    );
}

#[test]
fn every_result_code_has_its_meaning_and_an_unknown_one_stays_unknown() {
    let codes = [
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(4),
        json!(5),
        json!(6),
        json!(99),
        json!("flurbish"),
        Value::Null,
    ];
    let facts: Vec<String> = codes
        .into_iter()
        .flat_map(|code| {
            facts(&[variation(|build| build["results"] = code)], &Surroundings::default(), "http://ci")
        })
        .map(|fact| format!("{} {} ({})", fact.kind(), fact.state_word(), fact.raw_status()))
        .collect();
    expect![[r#"
        run success (success)
        deployment succeeded (success)
        run success (warnings)
        deployment succeeded (warnings)
        run failure (failure)
        deployment failed (failure)
        run skip (skipped)
        deployment cancelled (skipped)
        run error (exception)
        deployment failed (exception)
        run error (retry)
        deployment failed (retry)
        run cancellation (cancelled)
        deployment cancelled (cancelled)
        run unknown (99)
        deployment unknown (99)
        run unknown (flurbish)
        deployment unknown (flurbish)
        run unknown ()
        deployment unknown ()"#]]
    .assert_eq(&facts.join("\n"));
}

#[test]
fn a_build_that_runs_is_open_and_has_no_result() {
    let running = variation(|build| {
        build["complete"] = json!(false);
        build["complete_at"] = Value::Null;
        build["results"] = Value::Null;
        build["state_string"] = json!("acquiring locks");
    });
    let facts = facts(&[running], &Surroundings::default(), "http://ci");
    assert!(facts.iter().all(Fact::is_open), "neither the run nor the deployment is over");
    assert_eq!(facts.iter().map(Fact::state_word).collect::<Vec<_>>(), ["executing", "in_progress"]);
    assert_eq!(facts[0].raw_status(), "acquiring locks", "Buildbot's own sentence is kept");
}

#[test]
fn a_deployment_says_what_went_live() {
    let version = |properties: Value| {
        let build = variation(|build| {
            for (name, value) in properties.as_object().unwrap() {
                build["properties"][name] = json!([value, "test"]);
            }
        });
        match facts(&[build], &Surroundings::default(), "http://ci").pop().unwrap() {
            Fact::Deployment(deployment) => (deployment.version, deployment.deployment_kind),
            other => panic!("not a deployment: {other:?}"),
        }
    };
    let deployed = |text: &str| (text.to_owned(), DeploymentKind::Deployed);
    let commit = "4f2c9e1a7b6d4f2c9e1a7b6d4f2c9e1a7b6d4f2c";
    assert_eq!(version(json!({})), deployed("#1"), "nothing else is known");
    assert_eq!(version(json!({ "version": "1.2.0", "revision": commit })), deployed("1.2.0"));
    assert_eq!(version(json!({ "version": 7 })), deployed("7"));
    assert_eq!(version(json!({ "version": " ", "revision": commit })), deployed("4f2c9e1a7b6d"));
    assert_eq!(version(json!({ "got_revision": commit, "revision": "main" })), deployed("4f2c9e1a7b6d"));
    assert_eq!(
        version(json!({ "got_revision": { "app": commit } })),
        deployed("#1"),
        "one of several codebases is none"
    );
    assert_eq!(
        version(json!({ "version": "1.1", "rollback": true })),
        ("1.1".to_owned(), DeploymentKind::Rolledback)
    );
    assert_eq!(version(json!({ "version": "1.1", "rollback": "false" })), deployed("1.1"));
}

#[test]
fn what_buildbot_leaves_out_stays_absent() {
    let bare = json!({ "buildid": "17", "builderid": 3, "number": 2 });
    let facts = facts(&[serde_json::from_value(bare).unwrap()], &Surroundings::default(), "http://ci/");
    check(
        &facts,
        expect![[r#"
        ci/run/17 builder 3 #2 'builder 3 #2' executing () ref - rev - by - for - of -/- queued - -..- failed -
    "#]],
    );
    let Fact::Run(run) = &facts[0] else { panic!("not a run") };
    assert_eq!(run.origin.changed_at, None);
    assert_eq!(run.origin.url.as_deref(), Some("http://ci/#/builders/3/builds/2"));
}

#[test]
fn one_item_that_cannot_be_read_hides_only_itself() {
    let text = r#"{"builds":[{"buildid":1,"builderid":1,"number":1},{"buildid":"x"},null,7],"meta":{}}"#;
    let (builds, unreadable) = serde_json::from_str::<Answer>(text).unwrap().list::<Build>("builds").unwrap();
    assert_eq!((builds.len(), unreadable), (1, 3));
}

#[test]
fn a_title_is_one_line_and_never_empty() {
    let title = |reason: &str| {
        let build = variation(|build| build["properties"]["reason"] = json!([reason, "test"]));
        facts(&[build], &Surroundings::default(), "http://ci")[0].title().to_owned()
    };
    assert_eq!(title("release 1.2"), "release 1.2");
    assert_eq!(title("\n  first\u{7} line \nsecond"), "first line");
    assert_eq!(title("\u{1b}\u{0}"), "deploy-production #1", "nothing is left of it");
    assert_eq!(title(""), "deploy-production #1");
    assert_eq!(title(&"x".repeat(5000)).len(), 300);
}

#[test]
fn a_repository_is_named_as_its_host_names_it() {
    let check = |address: &str, expected: Option<&str>| {
        assert_eq!(map::repository(address).as_deref(), expected, "{address}")
    };
    check("https://git.example.org/acme/shop.git", Some("acme/shop"));
    check("ssh://git@git.example.org:2222/acme/shop", Some("acme/shop"));
    check("git@git.example.org:acme/shop.git", Some("acme/shop"));
    check("acme/shop", Some("acme/shop"));
    check("/srv/git/shop.git", Some("srv/git/shop"));
    check("https://git.example.org/", None);
}

#[test]
fn an_author_is_a_name() {
    assert_eq!(map::name_of("Ada <ada@shop.example>"), "Ada");
    assert_eq!(map::name_of("<ada@shop.example>"), "ada@shop.example");
    assert_eq!(map::name_of("ada"), "ada");
}

#[test]
fn an_id_leads_back_to_its_build_and_to_nothing_else() {
    let build = |kind, native: &str| map::build_id(&EntityId::new(&"ci".parse().unwrap(), kind, native));
    assert_eq!(build(Kind::Run, "17"), Some(17));
    assert_eq!(build(Kind::Deployment, "build:17"), Some(17));
    assert_eq!(build(Kind::Run, "build:17"), None);
    assert_eq!(build(Kind::Run, "17/stop"), None);
    assert_eq!(build(Kind::Deployment, "17"), None);
    assert_eq!(build(Kind::Ticket, "17"), None);
}

#[test]
fn the_page_for_people_tells_version_and_user() {
    let anonymous: Config = serde_json::from_str(include_str!("../fixtures/config-anonymous.json")).unwrap();
    let signed_in: Config = serde_json::from_str(include_str!("../fixtures/config-signed-in.json")).unwrap();
    assert_eq!(anonymous.version().as_deref(), Some("4.3.0"));
    assert_eq!((anonymous.user_name(), anonymous.auth_name()), (None, Some("UserPasswordAuth")));
    assert_eq!(signed_in.user_name().as_deref(), Some("admin"));
    assert_eq!(Config::default().user_name(), None, "nothing is not somebody");
}

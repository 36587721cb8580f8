//! Against a real Buildbot: a build fails, is rebuilt and passes; a deployment; a stop; a server that dies; a sign-in.
#![allow(clippy::unwrap_used, reason = "a test panics where the real server does something else")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use qd_connector::http::{Budget, Http, HttpConfig, Limits, MemoryCache};
use qd_connector::{
    ActError, Action, Backend, Backfill, CheckOutcome, Connection, PollCx, PollError, Section, Settings,
    Verdict,
};
use qd_connector_buildbot::BuildbotBackend;
use qd_model::{Clock, Coverage, Cursor, Fact, Kind, PipelineRun, SourceId, SystemClock, Target};
use qd_servers::{Buildbot, or_skip};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to a real server, as the engine would hold it.
struct Bench {
    connection: Box<dyn Connection>,
    cx: PollCx,
    source: SourceId,
    cursor: Cursor,
    /// What the polls have brought so far, by id.
    known: BTreeMap<String, Fact>,
}

impl Bench {
    fn new(url: &str, credential: Option<&str>, own: Value) -> Self {
        let source: SourceId = "ci".parse().unwrap();
        let url: url::Url = url.parse().unwrap();
        let own = own.as_object().unwrap().clone();
        let settings =
            Settings { source: source.clone(), url: url.clone(), interval: None, ca_file: None, own };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let http = Http::new(HttpConfig {
            base: url,
            auth: BuildbotBackend.auth(credential.map(|text| text.to_owned().into())).unwrap(),
            ca_pem: None,
            limits: Limits { retry_base: Duration::from_millis(10), ..Limits::default() },
            cache: Arc::new(MemoryCache::default()),
            budget: Arc::new(Budget::new(Budget::SHARE, clock.clone())),
            clock: clock.clone(),
            user_agent: "quarterdeck-test".to_owned(),
        });
        let cx =
            PollCx { http: http.unwrap(), cancel: Default::default(), clock, backfill: Backfill::default() };
        let connection = BuildbotBackend.connect(settings).unwrap();
        Self { connection, cx, source, cursor: Cursor::default(), known: BTreeMap::new() }
    }

    /// Polls until nothing more is waiting; returns how often an entity was mentioned.
    async fn poll(&mut self) -> usize {
        let mut mentioned = 0;
        loop {
            let batch = self.connection.poll(&self.cx, &self.cursor).await.unwrap();
            assert_eq!((batch.coverage, batch.problems), (Coverage::Delta, Vec::new()));
            mentioned += batch.facts.len();
            self.known.extend(batch.facts.into_iter().map(|fact| (fact.id().to_string(), fact)));
            self.cursor = batch.next;
            if !batch.more {
                return mentioned;
            }
        }
    }

    /// Polls until an entity is as wanted.
    async fn eventually(&mut self, what: &str, good: impl Fn(&Fact) -> bool) -> Fact {
        let began = Instant::now();
        loop {
            self.poll().await;
            if let Some(fact) = self.known.values().find(|fact| good(fact)) {
                return fact.clone();
            }
            assert!(began.elapsed() < PATIENCE, "{what}: {:#?}", self.known.values());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn runs(&self, builder: &str) -> Vec<&PipelineRun> {
        let facts = self.known.values();
        let runs = facts.filter_map(|fact| if let Fact::Run(run) = fact { Some(run) } else { None });
        runs.filter(|run| run.pipeline_name == builder).collect()
    }

    fn action(&self, verb: &str, fact: Option<&Fact>, args: &[(&str, &str)]) -> Action {
        Action {
            target: fact
                .map_or(Target::Source(self.source.clone()), |fact| Target::Entity(fact.id().clone())),
            fact: fact.cloned(),
            verb: verb.to_owned(),
            args: args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            idempotency_key: "key".to_owned(),
            proposed_at: self.cx.now(),
        }
    }

    async fn act(&self, action: &Action) -> Result<String, ActError> {
        self.connection.act(&self.cx, action).await.map(|receipt| receipt.message)
    }
}

fn refusal(outcome: Result<String, ActError>) -> String {
    match outcome {
        Err(ActError::Refused { reason }) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

fn is_run(fact: &Fact, builder: &str, number: &str, state: &str) -> bool {
    matches!(fact, Fact::Run(run) if run.pipeline_name == builder && run.run_id == number && run.state_word() == state)
}

#[tokio::test]
async fn a_build_fails_with_its_step_and_log_is_rebuilt_and_passes() {
    let dir = tempfile::tempdir().unwrap();
    let name = "a_build_fails_with_its_step_and_log_is_rebuilt_and_passes";
    let Some(server) = or_skip(name, Buildbot::start(dir.path())) else { return };
    let mut bench = Bench::new(&server.url(), None, json!({}));
    assert_eq!(bench.poll().await, 0, "nothing has been built yet");

    let force = bench.action("force", None, &[("builder", "app-flaky"), ("reason", "try it")]);
    assert_eq!(bench.connection.verify(&bench.cx, &force).await.unwrap(), Verdict::DidNotHappen);
    bench.act(&force).await.unwrap();
    let verdict = bench.connection.verify(&bench.cx, &force).await.unwrap();
    assert!(matches!(verdict, Verdict::Happened(_)), "a re-read finds it: {verdict:?}");

    let failed = bench.eventually("it fails", |fact| is_run(fact, "app-flaky", "1", "failure")).await;
    let Fact::Run(run) = &failed else { panic!("not a run") };
    assert_eq!(run.failed_step.as_deref(), Some("unit tests"), "the poll names the failing step");
    assert_eq!((run.title.as_str(), run.trigger.as_deref()), ("try it", Some("force-app-flaky")));
    assert!(run.queued_at <= run.started_at && run.started_at <= run.finished_at, "{run:?}");
    assert!(run.queued_at.is_some(), "the request tells when it was queued");
    assert_eq!(bench.runs("app-flaky").len(), 1, "one build, one run");

    let detail = bench.connection.detail(&bench.cx, &failed).await.unwrap();
    let [Section::Jobs { jobs }, ..] = detail.sections.as_slice() else { panic!("{detail:?}") };
    let marked: Vec<&str> =
        jobs[0].steps.iter().filter(|step| step.first_failure).map(|step| step.name.as_str()).collect();
    assert_eq!((jobs.len(), marked, jobs[0].worker.as_deref()), (1, vec!["unit tests"], Some("w1")));
    let log = bench.connection.log(&bench.cx, &failed).await.unwrap().unwrap();
    assert_eq!((log.job.as_str(), log.step.as_deref()), ("app-flaky", Some("unit tests")));
    assert!(
        log.lines.contains(&"test_login ... FAILED: expected 200, got 500".to_owned()),
        "{:#?}",
        log.lines
    );
    assert!(
        !log.lines.iter().any(|line| line.contains("PATH=")),
        "without the environment: {:#?}",
        log.lines
    );

    server.fix().unwrap();
    let rebuild = bench.action("rebuild", Some(&failed), &[]);
    assert_eq!(bench.connection.verify(&bench.cx, &rebuild).await.unwrap(), Verdict::DidNotHappen);
    bench.act(&rebuild).await.unwrap();
    let verdict = bench.connection.verify(&bench.cx, &rebuild).await.unwrap();
    assert!(matches!(verdict, Verdict::Happened(_)), "a re-read finds it: {verdict:?}");
    let passed =
        bench.eventually("the rebuild passes", |fact| is_run(fact, "app-flaky", "2", "success")).await;
    assert_eq!(passed.line(), failed.line(), "they follow each other");
    assert_eq!(bench.connection.log(&bench.cx, &passed).await.unwrap(), None, "nothing failed");
    assert_eq!(bench.runs("app-flaky").len(), 2);
    assert_eq!(bench.poll().await, 0, "a poll without news brings nothing");
}

#[tokio::test]
async fn builds_of_a_deploying_builder_are_deployments() {
    let dir = tempfile::tempdir().unwrap();
    let name = "builds_of_a_deploying_builder_are_deployments";
    let Some(server) = or_skip(name, Buildbot::start(dir.path())) else { return };
    let own = json!({ "deployments": [{ "builder": "deploy-production", "environment": "production", "service": "shop" }] });
    let mut bench = Bench::new(&server.url(), None, own);

    let form = bench.connection.form(&bench.cx, "force", None).await.unwrap();
    let builders = form.fields.iter().find(|field| field.key == "builder").unwrap();
    assert!(builders.choices.iter().any(|choice| choice.value == "deploy-production"), "{builders:?}");
    bench.act(&bench.action("force", None, &[("builder", "deploy-production")])).await.unwrap();
    let is_live = |fact: &Fact| fact.kind() == Kind::Deployment && fact.state_word() == "succeeded";
    let Fact::Deployment(live) = bench.eventually("it is live", is_live).await else {
        panic!("not a deployment")
    };
    assert_eq!((live.environment.as_str(), live.service.as_deref()), ("production", Some("shop")));
    assert_eq!((live.version.as_str(), live.origin.id.native.as_str()), ("#1", "build:1"));
    assert_eq!(bench.runs("deploy-production").len(), 1, "its build is a run too");

    // Deploying again is asked for by name.
    let run = Fact::Run(bench.runs("deploy-production")[0].clone());
    assert!(refusal(bench.act(&bench.action("rebuild", Some(&run), &[])).await).contains("redeploy"));
    bench.act(&bench.action("redeploy", Some(&Fact::Deployment(live)), &[])).await.unwrap();
    bench.eventually("it is live again", |fact| is_live(fact) && fact.id().native == "build:2").await;
}

#[tokio::test]
async fn a_running_build_is_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let Some(server) = or_skip("a_running_build_is_stopped", Buildbot::start(dir.path())) else { return };
    let mut bench = Bench::new(&server.url(), None, json!({}));
    bench.act(&bench.action("force", None, &[("builder", "long-running")])).await.unwrap();
    let running = bench.eventually("it runs", |fact| is_run(fact, "long-running", "1", "executing")).await;
    let began = Instant::now();
    while bench
        .connection
        .log(&bench.cx, &running)
        .await
        .unwrap()
        .is_none_or(|log| !log.lines.contains(&"waiting".to_owned()))
    {
        assert!(began.elapsed() < PATIENCE, "the log of the running step is shown");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(refusal(bench.act(&bench.action("rebuild", Some(&running), &[])).await).contains("still runs"));

    let stop = bench.action("stop", Some(&running), &[("reason", "wrong branch")]);
    assert_eq!(
        bench.connection.verify(&bench.cx, &stop).await.unwrap(),
        Verdict::CannotTell,
        "it still runs"
    );
    bench.act(&stop).await.unwrap();
    let stopped =
        bench.eventually("it stops", |fact| is_run(fact, "long-running", "1", "cancellation")).await;
    assert_eq!(stopped.raw_status(), "cancelled");
    assert!(matches!(bench.connection.verify(&bench.cx, &stop).await.unwrap(), Verdict::Happened(_)));
    let again = bench.connection.act(&bench.cx, &stop).await.unwrap();
    assert!(again.already, "a build that has ended is not stopped again: {again:?}");

    let nothing = refusal(bench.act(&bench.action("force", None, &[("builder", "no-such")])).await);
    assert!(nothing.contains("no force scheduler starts 'no-such'"), "{nothing}");
    let field = [("builder", "app-build"), ("properties", "version=1")];
    assert!(
        refusal(bench.act(&bench.action("force", None, &field)).await).contains("has no field 'version'")
    );
    let number = [("builder", "app-build"), ("properties", "priority=high")];
    let words = refusal(bench.act(&bench.action("force", None, &number)).await);
    assert!(words.contains("priority invalid literal"), "in Buildbot's words: {words}");
    assert_eq!(server.builds("app-build").unwrap(), [], "nothing of this was started");
}

#[tokio::test]
async fn a_dead_server_is_unreachable_and_comes_back_with_its_history() {
    let dir = tempfile::tempdir().unwrap();
    let name = "a_dead_server_is_unreachable_and_comes_back_with_its_history";
    let Some(mut server) = or_skip(name, Buildbot::start(dir.path())) else { return };
    let mut bench = Bench::new(&server.url(), None, json!({}));
    let build = server.force("app-build").unwrap();
    server.wait_for(build, PATIENCE).unwrap();
    bench.eventually("it passes", |fact| is_run(fact, "app-build", "1", "success")).await;
    let report = bench.connection.check(&bench.cx).await;
    assert!(report.passed(), "{report:?}");
    assert_eq!(report.version.as_deref(), Some("4.3.0"));
    let texts: Vec<&str> = report.steps.iter().map(|step| step.text.as_str()).collect();
    assert!(texts.contains(&"4 builders") && texts.contains(&"1 of 1 workers are connected"), "{texts:?}");

    server.kill();
    let error = bench.connection.poll(&bench.cx, &bench.cursor).await.unwrap_err();
    assert!(matches!(error, PollError::Unreachable { .. }), "{error:?}");
    let refused = bench.act(&bench.action("force", None, &[("builder", "app-build")])).await;
    assert!(matches!(refused, Err(ActError::NotSent { .. })), "{refused:?}");
    let report = bench.connection.check(&bench.cx).await;
    assert_eq!(report.steps.last().map(|step| step.outcome), Some(CheckOutcome::Failed), "{report:?}");

    server.restart().unwrap();
    let second = server.force("app-build").unwrap();
    server.wait_for(second, PATIENCE).unwrap();
    bench.eventually("the next one passes", |fact| is_run(fact, "app-build", "2", "success")).await;
    assert_eq!(bench.runs("app-build").len(), 2, "the cursor held over the restart");
}

#[tokio::test]
async fn a_history_that_began_anew_is_read_anew() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let name = "a_history_that_began_anew_is_read_anew";
    let Some(server) = or_skip(name, Buildbot::start(first.path())) else { return };
    let mut bench = Bench::new(&server.url(), None, json!({}));
    for _ in 0..2 {
        server.wait_for(server.force("app-build").unwrap(), PATIENCE).unwrap();
    }
    bench.eventually("both are read", |fact| is_run(fact, "app-build", "2", "success")).await;
    drop(server);

    let server = Buildbot::start(second.path()).unwrap();
    server.wait_for(server.force("deploy-production").unwrap(), PATIENCE).unwrap();
    let fresh = Bench::new(&server.url(), None, json!({}));
    let batch = fresh.connection.poll(&fresh.cx, &bench.cursor).await.unwrap();
    assert!(
        batch.facts.iter().any(|fact| is_run(fact, "deploy-production", "1", "success")),
        "{:?}",
        batch.facts
    );
    assert_eq!(batch.problems.len(), 1, "and it says so: {:?}", batch.problems);
}

/// Lets the server of `dir` ask for a sign-in before anybody may act.
fn ask_for_sign_in(dir: &std::path::Path, server: &mut Buildbot) {
    let file = dir.join("master/master.cfg");
    let mut config = std::fs::read_to_string(&file).unwrap();
    config.push_str(
        "\nc['www']['auth'] = util.UserPasswordAuth({'ada': 'correct horse'})\n\
         c['www']['authz'] = util.Authz(allowRules=[util.AnyControlEndpointMatcher(role='admins')],\n\
         \x20   roleMatchers=[util.RolesFromUsername(roles=['admins'], usernames=['ada'])])\n",
    );
    std::fs::write(file, config).unwrap();
    server.restart().unwrap();
}

#[tokio::test]
async fn acting_needs_the_right_password_where_the_master_asks_for_one() {
    let dir = tempfile::tempdir().unwrap();
    let name = "acting_needs_the_right_password_where_the_master_asks_for_one";
    let Some(mut server) = or_skip(name, Buildbot::start(dir.path())) else { return };
    ask_for_sign_in(dir.path(), &mut server);

    let anonymous = Bench::new(&server.url(), None, json!({}));
    let report = anonymous.connection.check(&anonymous.cx).await;
    assert!(report.passed() && report.identity.is_none(), "everybody may read: {report:?}");
    assert!(
        report.steps.iter().any(|step| step.outcome == CheckOutcome::Warning),
        "but may not act: {report:?}"
    );
    let force = anonymous.action("force", None, &[("builder", "app-build")]);
    let refused = anonymous.act(&force).await;
    assert!(
        matches!(&refused, Err(ActError::Forbidden { missing }) if missing.contains("admins")),
        "{refused:?}"
    );

    let wrong = Bench::new(&server.url(), Some("ada:wrong"), json!({}));
    let error = wrong.connection.poll(&wrong.cx, &wrong.cursor).await.unwrap_err();
    assert!(
        matches!(error, PollError::Unauthenticated),
        "a wrong password is not taken for anonymous: {error:?}"
    );
    let report = wrong.connection.check(&wrong.cx).await;
    assert!(!report.passed() && !format!("{report:?}").contains("wrong"), "{report:?}");

    let mut ada = Bench::new(&server.url(), Some("ada:correct horse"), json!({}));
    let report = ada.connection.check(&ada.cx).await;
    assert_eq!((report.passed(), report.identity.as_deref()), (true, Some("ada")), "{report:?}");
    ada.act(&force).await.unwrap();
    let Fact::Run(run) = ada.eventually("it passes", |fact| is_run(fact, "app-build", "1", "success")).await
    else {
        panic!("not a run")
    };
    assert_eq!(run.author.as_deref(), Some("ada"), "Buildbot knows who forced it");
}

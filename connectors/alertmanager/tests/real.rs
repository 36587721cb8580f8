//! Against a real Alertmanager: an alert fires, is silenced, extended, freed again; the server dies and comes back.
#![allow(clippy::unwrap_used, reason = "a test panics where the real server does something else")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use qd_connector::http::{Auth, Budget, Http, HttpConfig, Limits, MemoryCache};
use qd_connector::{
    ActError, Action, Backend, Backfill, CheckOutcome, Connection, PollCx, PollError, Polled, Section,
    Settings, Verdict,
};
use qd_connector_alertmanager::AlertmanagerBackend;
use qd_model::{
    Alert, AlertState, Clock, Coverage, Cursor, Fact, Kind, SilenceState, SourceId, SystemClock, Target,
};
use qd_servers::{Alertmanager, Prometheus, or_skip};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a real server, as the engine would hold it.
struct Bench {
    connection: Box<dyn Connection>,
    cx: PollCx,
    source: SourceId,
}

impl Bench {
    fn new(url: &str, own: serde_json::Value) -> Self {
        let source: SourceId = "alerts".parse().unwrap();
        let url: url::Url = url.parse().unwrap();
        let own = own.as_object().unwrap().clone();
        let settings =
            Settings { source: source.clone(), url: url.clone(), interval: None, ca_file: None, own };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let http = Http::new(HttpConfig {
            base: url,
            auth: Auth::None,
            ca_pem: None,
            limits: Limits { retry_base: Duration::from_millis(10), ..Limits::default() },
            cache: Arc::new(MemoryCache::default()),
            budget: Arc::new(Budget::new(Budget::SHARE, clock.clone())),
            clock: clock.clone(),
            user_agent: "quarterdeck-test".to_owned(),
        });
        let cx =
            PollCx { http: http.unwrap(), cancel: Default::default(), clock, backfill: Backfill::default() };
        Self { connection: AlertmanagerBackend.connect(settings).unwrap(), cx, source }
    }

    async fn alerts(&self) -> Vec<Alert> {
        let batch = self.connection.poll(&self.cx, &Cursor::default()).await.unwrap();
        assert_eq!(batch.coverage, Coverage::Complete(vec![Kind::Alert]));
        assert_eq!(batch.problems, Vec::<String>::new());
        let alert = |fact| if let Fact::Alert(alert) = fact { alert } else { panic!("not an alert") };
        batch.facts.into_iter().map(alert).collect()
    }

    async fn alert(&self, name: &str) -> Alert {
        self.eventually(&format!("{name} is listed"), name, |_| true).await
    }

    async fn eventually(&self, what: &str, name: &str, good: impl Fn(&Alert) -> bool) -> Alert {
        let began = Instant::now();
        loop {
            if let Some(alert) =
                self.alerts().await.into_iter().find(|alert| alert.name == name && good(alert))
            {
                return alert;
            }
            assert!(began.elapsed() < PATIENCE, "{what}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn action(&self, verb: &str, alert: Option<&Alert>, args: &[(&str, &str)]) -> Action {
        let target = match alert {
            Some(alert) => Target::Entity(alert.origin.id.clone()),
            None => Target::Source(self.source.clone()),
        };
        Action {
            target,
            fact: alert.cloned().map(Fact::Alert),
            verb: verb.to_owned(),
            args: arguments(args),
            idempotency_key: "key".to_owned(),
            proposed_at: self.cx.now(),
        }
    }
}

fn arguments(args: &[(&str, &str)]) -> BTreeMap<String, String> {
    args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, ActError>) -> String {
    match outcome {
        Err(ActError::Refused { reason }) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn an_alert_is_silenced_extended_and_freed_again() {
    let dir = tempfile::tempdir().unwrap();
    let name = "an_alert_is_silenced_extended_and_freed_again";
    let Some(server) = or_skip(name, Alertmanager::start(dir.path())) else { return };
    let bench = Bench::new(&server.url(), json!({ "created_by": "alice" }));
    server
        .post_alerts(&json!([
            { "labels": { "alertname": "DiskFull", "severity": "critical", "service": "db", "odd": "a\"b\\c\nd" },
              "annotations": { "summary": "/ is full", "runbook_url": "https://runbooks.example/disk" },
              "generatorURL": "http://prometheus.example/graph" },
            { "labels": { "alertname": "SlowQueries", "severity": "warning", "service": "db" } },
            { "labels": { "alertname": "Other", "severity": "warning", "service": "shop" } },
        ]))
        .unwrap();

    let firing = bench.alert("DiskFull").await;
    assert_eq!((firing.state.state, firing.ends_at), (AlertState::Firing, None), "it fires and has no end");
    let inhibited =
        bench.eventually("it is inhibited", "SlowQueries", |it| !it.inhibited_by.is_empty()).await;
    assert_eq!(inhibited.state.state, AlertState::Suppressed);
    assert_eq!(
        inhibited.inhibited_by,
        std::slice::from_ref(&firing.fingerprint),
        "the inhibiting alert is named"
    );

    // The form proposes matchers that hit this alert and nothing else.
    let fact = Fact::Alert(firing.clone());
    let form = bench.connection.form(&bench.cx, "silence", Some(&fact)).await.unwrap();
    let mut args: BTreeMap<_, _> = form.fields.into_iter().map(|field| (field.key, field.value)).collect();
    assert_eq!(args["created_by"], "alice");
    let hits: Vec<String> = bench
        .alerts()
        .await
        .into_iter()
        .filter(|alert| bench.connection.hits("silence", &args, &Fact::Alert(alert.clone())))
        .map(|alert| alert.name)
        .collect();
    assert_eq!(hits, ["DiskFull"]);

    args.insert("comment".to_owned(), "working on it".to_owned());
    let mut silence = bench.action("silence", Some(&firing), &[]);
    silence.args = args;
    assert_eq!(bench.connection.verify(&bench.cx, &silence).await.unwrap(), Verdict::DidNotHappen);
    let receipt = bench.connection.act(&bench.cx, &silence).await.unwrap();
    assert!(receipt.message.contains("holds until"), "{}", receipt.message);
    let verdict = bench.connection.verify(&bench.cx, &silence).await.unwrap();
    assert!(matches!(verdict, Verdict::Happened(_)), "a re-read finds it: {verdict:?}");

    let held =
        bench.eventually("it is suppressed", "DiskFull", |it| it.state.state == AlertState::Suppressed).await;
    let [by] = held.silenced_by.as_slice() else { panic!("one silence: {:?}", held.silenced_by) };
    assert_eq!((by.created_by.as_str(), by.comment.as_str()), ("alice", "working on it"));
    assert_eq!(by.state, SilenceState::Active, "it does not wait for the clocks");
    let length = by.ends_at.unwrap() - by.starts_at.unwrap();
    assert!((length - TimeDelta::hours(2)).abs() < TimeDelta::seconds(10), "{length}");
    assert_detail(&bench, &held).await;

    // Extend: the same silence, a later end.
    let extend = bench.action("extend", Some(&held), &[("duration", "1h")]);
    assert_eq!(bench.connection.verify(&bench.cx, &extend).await.unwrap(), Verdict::DidNotHappen);
    bench.connection.act(&bench.cx, &extend).await.unwrap();
    assert!(matches!(bench.connection.verify(&bench.cx, &extend).await.unwrap(), Verdict::Happened(_)));
    let later =
        bench.eventually("it ends later", "DiskFull", |it| it.silenced_by[0].ends_at > by.ends_at).await;
    assert_eq!(later.silenced_by[0].id, by.id, "the silence stays the same");
    assert_eq!(later.silenced_by[0].ends_at.unwrap() - by.ends_at.unwrap(), TimeDelta::hours(1));

    // End it: the alert fires again; a second time there is nothing left to end.
    let expire = bench.action("expire", Some(&later), &[("silence", &by.id)]);
    assert!(!bench.connection.act(&bench.cx, &expire).await.unwrap().already);
    assert!(matches!(bench.connection.verify(&bench.cx, &expire).await.unwrap(), Verdict::Happened(_)));
    bench.eventually("it fires again", "DiskFull", |it| it.state.state == AlertState::Firing).await;
    assert!(bench.connection.act(&bench.cx, &expire).await.unwrap().already, "it had ended already");
    assert_eq!(
        refusal(bench.connection.act(&bench.cx, &extend).await),
        "the silence has ended meanwhile; make a new one"
    );
}

async fn assert_detail(bench: &Bench, held: &Alert) {
    let detail = bench.connection.detail(&bench.cx, &Fact::Alert(held.clone())).await.unwrap();
    let title = |section: &Section| match section {
        Section::Fields { title, .. } | Section::Body { title, .. } => title.clone(),
        Section::Silences { silences } => format!("silenced by {}", silences[0].created_by),
        _ => "unexpected".to_owned(),
    };
    let titles: Vec<String> = detail.sections.iter().map(title).collect();
    assert_eq!(titles, ["Routing", "silenced by alice"], "what the alert tells itself is not told again");
    let Section::Fields { rows, .. } = &detail.sections[0] else { panic!("no routing") };
    let grouped =
        ("Receiver team-critical".to_owned(), "grouped by alertname=DiskFull, service=db".to_owned());
    assert!(rows.contains(&grouped), "{rows:?}");
}

#[tokio::test]
async fn a_silence_is_made_for_alerts_to_come_and_nonsense_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let name = "a_silence_is_made_for_alerts_to_come_and_nonsense_is_refused";
    let Some(server) = or_skip(name, Alertmanager::start(dir.path())) else { return };
    let bench = Bench::new(&server.url(), json!({ "filter": ["team=~\"sre|db\""] }));
    let make = |args: &[(&str, &str)]| bench.action("create_silence", None, args);

    let refused = |args: Vec<(&'static str, &'static str)>| {
        let action = make(&args);
        async { refusal(bench.connection.act(&bench.cx, &{ action }).await) }
    };
    assert_eq!(refused(vec![("comment", "x")]).await, "'matchers' is missing; nothing was sent");
    assert_eq!(refused(vec![("matchers", "team=sre")]).await, "'comment' is missing; nothing was sent");
    let odd = refused(vec![("matchers", "team=sre"), ("comment", "x"), ("duration", "soon")]).await;
    assert_eq!(odd, "'soon' is not a duration; write 30m, 2h, 1d or 1h30m");
    let all = refused(vec![("matchers", "team=~\".*\""), ("comment", "x")]).await;
    assert_eq!(all, "at least one matcher must not match the empty string");
    assert_eq!(server.silences().unwrap(), json!([]), "nothing of this was sent");

    let good =
        make(&[("matchers", "team=\"sre\"\nseverity!~\"crit.*\""), ("comment", "move"), ("duration", "30m")]);
    bench.connection.act(&bench.cx, &good).await.unwrap();
    server
        .post_alerts(&json!([
            { "labels": { "alertname": "Held", "severity": "warning", "team": "sre" } },
            { "labels": { "alertname": "Fires", "severity": "critical", "team": "sre" } },
            { "labels": { "alertname": "Elsewhere", "severity": "warning", "team": "web" } },
        ]))
        .unwrap();
    bench.eventually("it is held", "Held", |it| it.state.state == AlertState::Suppressed).await;
    let all = bench.alerts().await;
    assert!(all.iter().all(|alert| alert.name != "Elsewhere"), "the filter leaves other teams out");
    for alert in all {
        let held = alert.state.state == AlertState::Suppressed;
        let hit = bench.connection.hits("create_silence", &good.args, &Fact::Alert(alert.clone()));
        assert_eq!(hit, held, "the preview and the server agree on {}", alert.name);
    }
    let held = bench.alert("Held").await;
    let elsewhere = bench.action("silence", Some(&held), &[("matchers", "team=web"), ("comment", "x")]);
    let reason = refusal(bench.connection.act(&bench.cx, &elsewhere).await);
    assert_eq!(reason, "these matchers do not match the alert itself; nothing was sent");
    for (id, reason) in [
        ("../silences", "'../silences' is not the id of a silence"),
        (
            "6a39df1a-57ce-49ec-bb34-c28e79bc8a89",
            "there is no silence 6a39df1a-57ce-49ec-bb34-c28e79bc8a89 any more",
        ),
    ] {
        let unknown = bench.action("expire", Some(&held), &[("silence", id)]);
        assert_eq!(refusal(bench.connection.act(&bench.cx, &unknown).await), reason);
    }
}

#[tokio::test]
async fn a_server_that_dies_is_unreachable_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let name = "a_server_that_dies_is_unreachable_and_recovers";
    let Some(mut server) = or_skip(name, Alertmanager::start(dir.path())) else { return };
    let bench = Bench::new(&server.url(), json!({}));
    let report = bench.connection.check(&bench.cx).await;
    assert!(report.passed(), "{report:?}");
    assert!(report.version.is_some_and(|version| version.starts_with("0.")));
    let steps: Vec<_> = report.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(steps, ["reach", "cluster", "read alerts", "read silences", "permissions"]);

    server.post_alerts(&json!([{ "labels": { "alertname": "Up", "severity": "info" } }])).unwrap();
    let alert = bench.alert("Up").await;
    server.kill();
    let error = bench.connection.poll(&bench.cx, &Cursor::default()).await.unwrap_err();
    assert!(matches!(error, PollError::Unreachable { .. }), "{error}");
    let silence = bench.action("silence", Some(&alert), &[("comment", "x")]);
    let error = bench.connection.act(&bench.cx, &silence).await.unwrap_err();
    assert!(matches!(error, ActError::NotSent { .. }), "nothing listens, so nothing was sent: {error}");
    let report = bench.connection.check(&bench.cx).await;
    assert_eq!(report.steps.last().map(|step| step.outcome), Some(CheckOutcome::Failed));

    server.restart().unwrap();
    assert_eq!(bench.alerts().await, [], "a restarted Alertmanager waits to be told again");
}

#[tokio::test]
async fn alerts_of_a_real_prometheus_have_their_rule_as_generator() {
    let name = "alerts_of_a_real_prometheus_have_their_rule_as_generator";
    let (alerts, metrics) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(server) = or_skip(name, Alertmanager::start(alerts.path())) else { return };
    let Some(_prometheus) = or_skip(name, Prometheus::start(metrics.path(), &server.url())) else { return };
    let bench = Bench::new(&server.url(), json!({}));
    let alert = bench.alert("TargetDown").await;
    let generator = alert.origin.links.iter().find(|link| link.kind == qd_model::LinkKind::Generator);
    assert!(generator.is_some_and(|link| link.url.contains("/graph?g0.expr=")), "{:?}", alert.origin.links);
    assert!(alert.starts_at.is_some(), "Prometheus tells the begin");
}

#[tokio::test]
async fn ten_thousand_alerts_are_one_poll() {
    let dir = tempfile::tempdir().unwrap();
    let started = Alertmanager::start_for_many(dir.path(), true);
    let Some(server) = or_skip("ten_thousand_alerts_are_one_poll", started) else { return };
    for part in 0..10 {
        let alert = |n: usize| {
            json!({ "labels": { "alertname": format!("Alert{n}"), "severity": "warning", "instance": format!("host-{n}.example.org:9100"), "service": "load" },
                "annotations": { "summary": "one of many", "description": "d".repeat(200) } })
        };
        let alerts: Vec<_> = (part * 1000..(part + 1) * 1000).map(alert).collect();
        server.post_alerts(&json!(alerts)).unwrap();
    }
    let bench = Bench::new(&server.url(), json!({}));
    let began = Instant::now();
    let alerts = bench.alerts().await;
    assert_eq!(alerts.len(), 10_000);
    assert!(began.elapsed() < Duration::from_secs(10), "also in a debug build: {:?}", began.elapsed());
    let args = arguments(&[("matchers", "service=~\"lo.d\"")]);
    let began = Instant::now();
    let hits = alerts
        .into_iter()
        .filter(|it| bench.connection.hits("create_silence", &args, &Fact::Alert(it.clone())));
    assert_eq!(hits.count(), 10_000);
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "the expression is compiled once: {:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn what_is_repeated_is_recognised_and_who_inhibits_an_alert_stays_named() {
    let dir = tempfile::tempdir().unwrap();
    let name = "what_is_repeated_is_recognised_and_who_inhibits_an_alert_stays_named";
    let Some(server) = or_skip(name, Alertmanager::start(dir.path())) else { return };
    let send = |severity: &str, count: usize| {
        let one = |n| json!({ "labels": { "alertname": format!("{severity}{n}"), "severity": severity, "service": "shop" } });
        server.post_alerts(&json!((0..count).map(one).collect::<Vec<_>>())).unwrap();
    };
    send("critical", 8);
    send("warning", 8);
    let bench = Bench::new(&server.url(), json!({}));
    let inhibitors = || async {
        let alerts = bench.alerts().await;
        alerts.into_iter().map(|it| (it.name, it.inhibited_by)).collect::<BTreeMap<_, _>>()
    };
    bench.eventually("the last is inhibited", "warning7", |it| !it.inhibited_by.is_empty()).await;
    let first = inhibitors().await;
    let start = Cursor::default();
    let again = |kept| bench.connection.poll_again(&bench.cx, &start, kept);
    let Polled::New(_, Some(mark)) = again(None).await.unwrap() else { panic!("there is no mark") };
    for _ in 0..10 {
        assert_eq!(inhibitors().await, first, "Alertmanager names another one with every answer");
        send("critical", 8);
        assert!(matches!(again(Some(mark)).await.unwrap(), Polled::Same), "repeating changes nothing");
    }
    send("critical", 9);
    let Polled::New(batch, Some(next)) = again(Some(mark)).await.unwrap() else { panic!("one is new") };
    assert_eq!(batch.facts.len(), 17);
    assert_ne!(next, mark);
}

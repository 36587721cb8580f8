//! Mappings of recorded answers, one line an alert.
#![allow(clippy::unwrap_used, reason = "a test panics where a fixture does not fit")]

use std::collections::{BTreeMap, HashMap};

use expect_test::{Expect, expect};
use qd_connector::Backend;
use qd_connector_alertmanager::AlertmanagerBackend;
use qd_connector_alertmanager::{map, wire};
use qd_model::{Alert, Fact, SilenceState, SourceId};
use url::Url;

fn alerts(alerts: &str, silences: &str) -> Vec<Alert> {
    let source: SourceId = "alerts".parse().unwrap();
    let ui = Url::parse("http://am.example:9093/alertmanager/").unwrap();
    let silences: Vec<wire::Silence> = serde_json::from_str(silences).unwrap();
    let by_id: HashMap<&str, &wire::Silence> = silences.iter().map(|it| (it.id.as_str(), it)).collect();
    let alerts: Vec<wire::Alert> = serde_json::from_str(alerts).unwrap();
    let facts = alerts.into_iter().map(|alert| map::alert(&source, &ui, alert, &by_id));
    facts.map(|fact| if let Fact::Alert(alert) = fact { alert } else { panic!("not an alert") }).collect()
}

fn line(alert: &Alert) -> String {
    let held = alert.silenced_by.iter().map(|silence| {
        let end = silence.ends_at.map_or("—".to_owned(), |end| end.to_rfc3339());
        format!(
            " silenced by {:?} ({:?}) {:?} until {end}",
            silence.created_by, silence.comment, silence.state
        )
    });
    let links = alert.origin.links.iter().map(|link| format!(" {:?}={}", link.kind, link.url));
    format!(
        "{} {} | {:?} ({}) | {:?} ({}) | {} | ends {:?} | {:?}{}{}{}",
        alert.origin.id,
        alert.name,
        alert.state.state,
        alert.state.raw,
        alert.severity.state,
        alert.severity.raw,
        alert.starts_at.map_or("—".to_owned(), |at| at.to_rfc3339()),
        alert.ends_at,
        alert.receivers,
        if alert.inhibited_by.is_empty() {
            String::new()
        } else {
            format!(" inhibited by {:?}", alert.inhibited_by)
        },
        held.collect::<String>(),
        links.collect::<String>(),
    )
}

#[track_caller]
fn check(listed: &str, silences: &str, expected: Expect) {
    let lines: Vec<String> = alerts(listed, silences).iter().map(line).collect();
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn firing_silenced_and_inhibited_alerts_say_who_holds_them_and_have_no_end() {
    check(
        include_str!("../fixtures/alerts-silenced-inhibited.json"),
        include_str!("../fixtures/silences.json"),
        expect![[r#"
            alerts/alert/1b821551d31d953a DiskFull | Suppressed (suppressed) | Critical (critical) | 2026-11-20T23:52:43+00:00 | ends None | ["team-critical"] silenced by "alice" ("working on it") Active until 2026-11-21T00:52:45+00:00 Generator=http://prom.invalid/graph
            alerts/alert/24eaf25ed9a7e523 TargetDown | Firing (active) | Critical (critical) | 2026-11-20T23:52:40.276+00:00 | ends None | ["team-critical"] Runbook=https://runbooks.invalid/target-down Generator=http://prometheus.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1
            alerts/alert/4b8a06f4a0194e7f SlowQueries | Suppressed (suppressed) | Warning (warning) | 2026-11-20T23:52:43.657+00:00 | ends None | ["team-ops"] inhibited by ["1b821551d31d953a"]
        "#]],
    );
}

#[test]
fn alerts_of_a_prometheus_carry_their_generator_and_runbook() {
    check(
        include_str!("../fixtures/alerts-from-prometheus.json"),
        "[]",
        expect![[r#"
        alerts/alert/24eaf25ed9a7e523 TargetDown | Firing (active) | Critical (critical) | 2026-11-21T00:32:39.276+00:00 | ends None | ["team-critical"] Runbook=https://runbooks.invalid/target-down Generator=http://prometheus.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1
        alerts/alert/922461016cb02694 AlwaysWarning | Firing (active) | Warning (warning) | 2026-11-21T00:32:32.276+00:00 | ends None | ["team-ops"] Generator=http://prometheus.example:9090/graph?g0.expr=vector%281%29&g0.tab=1
    "#]],
    );
}

#[test]
fn unknown_words_are_kept_absent_times_stay_absent_and_prose_is_no_link() {
    check(
        include_str!("../fixtures/alerts-odd.json"),
        "[]",
        expect![[r#"
        alerts/alert/0000000000000001 alert 0000000000000001 | Unknown (muted-by-the-moon) | Critical (SEV1) | — | ends None | []
        alerts/alert/0000000000000002 Fresh | Firing (unprocessed) | Unknown (loud) | — | ends None | [] Dashboard=https://dash.example/d/1
        alerts/alert/0000000000000003 Held | Suppressed (suppressed) | Unknown () | — | ends None | [] silenced by "" ("") Unknown until —
    "#]],
    );
}

#[test]
fn a_deleted_silence_is_expired_not_gone() {
    let held = alerts(
        include_str!("../fixtures/alerts-silenced-inhibited.json"),
        include_str!("../fixtures/silences-after-delete.json"),
    );
    assert_eq!(held[0].silenced_by[0].state, SilenceState::Expired);
}

#[test]
fn the_page_of_an_alert_filters_for_its_labels_and_stays_openable() {
    let all = alerts(include_str!("../fixtures/alerts-from-prometheus.json"), "[]");
    expect!["http://am.example:9093/alertmanager/#/alerts?silenced=true&inhibited=true&muted=true&active=true&filter=%7Balertname%3D%22AlwaysWarning%22%2C%20cluster%3D%22test%22%2C%20service%3D%22demo%22%2C%20severity%3D%22warning%22%7D"].assert_eq(all[1].origin.url.as_deref().unwrap_or("none"));

    let long = format!(
        r#"[{{"fingerprint":"1","labels":{{"alertname":"Long","text":"{}"}}}},
            {{"fingerprint":"2","labels":{{"text":"{}"}}}}]"#,
        "x".repeat(5000),
        "x".repeat(5000)
    );
    let long = alerts(&long, "[]");
    let shortened = long[0].origin.url.as_deref().unwrap_or_default();
    assert!(shortened.ends_with("filter=%7Balertname%3D%22Long%22%7D"), "{shortened}");
    assert_eq!(long[1].origin.url, None, "there is no short filter for an alert without a name");
}

#[test]
fn a_huge_annotation_is_cut_and_says_so() {
    let huge = format!(r#"[{{"fingerprint":"1","annotations":{{"summary":"{}"}}}}]"#, "ü".repeat(100_000));
    let summary = alerts(&huge, "[]")[0].annotations["summary"].clone();
    assert!(summary.len() < 17 * 1024, "{} bytes", summary.len());
    assert!(summary.ends_with("… (truncated)"));
}

#[test]
fn a_duration_that_is_none_is_refused_at_its_field() {
    for (duration, fits) in [("2h", true), ("", true), ("0s", false), ("soon", false), ("-1h", false)] {
        let args = BTreeMap::from([("duration".to_owned(), duration.to_owned())]);
        let error = AlertmanagerBackend.check_args("extend", &args).err();
        assert_eq!(error.map(|error| error.field), (!fits).then_some("duration"), "{duration:?}");
    }
}

#[test]
fn matchers_that_alertmanager_would_refuse_are_refused_at_their_field() {
    for (matchers, problem) in [
        ("alertname=\"Slow\"", None),
        ("alertname=~\".*\"\nteam=\"ops\"", None),
        ("severity=~\"(\"", Some("'(' is not a regular expression")),
        ("severity", Some("'severity' is not a matcher; write name=\"value\", !=, =~ or !~")),
        (
            "severity=\"warning",
            Some("'severity=\"warning' is not a matcher; write name=\"value\", !=, =~ or !~"),
        ),
        ("alertname=~\".*\"", Some("at least one matcher must not match the empty string")),
        ("", Some("a silence needs at least one matcher")),
    ] {
        let args = BTreeMap::from([("matchers".to_owned(), matchers.to_owned())]);
        for verb in ["silence", "create_silence"] {
            let error = AlertmanagerBackend.check_args(verb, &args).err();
            let told = error.as_ref().map(|error| (error.field, error.problem.as_str()));
            assert_eq!(told, problem.map(|problem| ("matchers", problem)), "{verb} {matchers}");
        }
        assert!(AlertmanagerBackend.check_args("expire", &args).is_ok(), "ending asks for no matchers");
    }
}

#[test]
fn durations_that_cannot_be_sent_are_refused_before() {
    let check = |duration: &str, refused: bool| {
        let args = BTreeMap::from([("duration".to_owned(), duration.to_owned())]);
        let error = AlertmanagerBackend.check_args("extend", &args).err();
        assert_eq!(error.map(|error| error.field), refused.then_some("duration"), "{duration:?}");
    };
    check("2h", false);
    check("0s", true);
    check("soon", true);
    // Told as missing, where it is required.
    check("", false);
}

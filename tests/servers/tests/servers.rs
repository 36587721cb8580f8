//! Each server starts, answers, stops, comes back, and listens on loopback only.

use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use qd_servers::{Alertmanager, Buildbot, Prometheus, Redmine, http, listening_addresses, or_skip};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn alertmanager_takes_alerts_inhibits_warnings_and_survives_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let test = "alertmanager_takes_alerts_inhibits_warnings_and_survives_a_crash";
    let Some(mut server) = or_skip(test, Alertmanager::start(dir.path())) else { return };
    assert_loopback_only(server.pid());
    server
        .post_alerts(&json!([
            { "labels": { "alertname": "Down", "severity": "critical", "service": "shop" } },
            { "labels": { "alertname": "Slow", "severity": "warning", "service": "shop" } },
        ]))
        .unwrap();
    eventually("the warning is inhibited by the critical alert of its service", || {
        let alerts = server.alerts().unwrap();
        alerts.as_array().unwrap().iter().any(|alert| {
            alert["labels"]["alertname"] == "Slow"
                && alert["status"]["inhibitedBy"].as_array().is_some_and(|by| !by.is_empty())
        })
    });
    assert_eq!(server.silences().unwrap(), json!([]));

    let url = server.url();
    server.kill();
    assert!(http::get(&url, &[]).is_err(), "a killed server does not answer");
    server.restart().unwrap();
    assert_eq!(server.url(), url, "it comes back where it was");
    assert_ends(&url, server);
}

#[test]
fn prometheus_fires_its_rules_into_alertmanager() {
    let test = "prometheus_fires_its_rules_into_alertmanager";
    let (alerts, metrics) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(alertmanager) = or_skip(test, Alertmanager::start(alerts.path())) else { return };
    let Some(mut prometheus) = or_skip(test, Prometheus::start(metrics.path(), &alertmanager.url())) else {
        return;
    };
    assert_loopback_only(prometheus.pid());
    for name in ["TargetDown", "AlwaysWarning"] {
        eventually("the rule reaches Alertmanager", || {
            let alerts = alertmanager.alerts().unwrap();
            alerts.as_array().unwrap().iter().any(|alert| alert["labels"]["alertname"] == name)
        });
    }
    prometheus.restart().unwrap();
    assert!(prometheus.alerts().unwrap()["data"]["alerts"].is_array());
    assert_ends(&prometheus.url(), prometheus);
}

#[test]
fn buildbot_builds_fail_until_they_are_fixed() {
    let dir = tempfile::tempdir().unwrap();
    let test = "buildbot_builds_fail_until_they_are_fixed";
    let Some(mut server) = or_skip(test, Buildbot::start(dir.path())) else { return };
    assert_loopback_only(server.pid());
    let worker = listening_addresses(server.worker_pid()).unwrap();
    assert!(worker.is_empty(), "a worker calls its master and listens nowhere: {worker:?}");
    let result_of = |server: &Buildbot, builder: &str| {
        let build = server.force(builder).unwrap();
        server.wait_for(build, PATIENCE).unwrap().results
    };
    assert_eq!(result_of(&server, "app-build"), Some(0), "success");
    assert_eq!(result_of(&server, "deploy-production"), Some(0), "success");
    assert_eq!(result_of(&server, "app-flaky"), Some(2), "failure");
    server.fix().unwrap();
    assert_eq!(result_of(&server, "app-flaky"), Some(0), "fixed");
    server.unfix().unwrap();
    assert_eq!(result_of(&server, "app-flaky"), Some(2), "failing again");
    let endless = server.force("long-running").unwrap();
    assert!(server.wait_for(endless, Duration::from_millis(200)).is_err(), "it runs until somebody stops it");

    let url = server.url();
    server.kill();
    assert!(http::get(&url, &[]).is_err(), "a killed server does not answer");
    server.restart().unwrap();
    assert_eq!(server.url(), url, "it comes back where it was");
    assert_eq!(server.builds("app-flaky").unwrap().len(), 3, "the history survives");
    assert_ends(&url, server);
}

#[test]
fn redmine_has_tickets_and_a_key_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let test = "redmine_has_tickets_and_a_key_of_its_own";
    let Some(mut server) = or_skip(test, Redmine::start(dir.path())) else { return };
    assert_loopback_only(server.pid());
    let current_user = format!("{}/users/current.json", server.url());
    let me = http::get(&current_user, &[("X-Redmine-API-Key", server.api_key())]).unwrap().json().unwrap();
    assert_eq!(me["user"]["login"], "admin");
    let stranger = http::get(&current_user, &[("X-Redmine-API-Key", &"0".repeat(40))]).unwrap();
    assert_eq!(stranger.status, 401, "another key is refused");
    let listed =
        http::get(&format!("{}/issues.json?status_id=*", server.url()), &[]).unwrap().json().unwrap();
    assert_eq!(listed["total_count"], 14);

    let id = server.create_issue("shop", "Created by a test", "").unwrap();
    server.kill();
    server.restart().unwrap();
    assert_eq!(server.issue(id).unwrap()["subject"], "Created by a test", "the ticket survives a crash");
    assert!(!format!("{server:?}").contains(server.api_key()), "the key is not in the debug output");
    let system_log = Path::new("/var/log/redmine/default/production.log");
    let url = server.url();
    assert!(
        !std::fs::read_to_string(system_log).unwrap_or_default().contains(&url),
        "nothing of it is system-wide"
    );
    assert_ends(&url, server);
}

fn eventually(claim: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{claim}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn assert_loopback_only(pid: u32) {
    let addresses = listening_addresses(pid).expect("proc is readable");
    assert!(!addresses.is_empty(), "a server that answers listens somewhere");
    assert!(
        addresses.iter().all(|address| address.ip().is_loopback()),
        "listens beyond loopback: {addresses:?}"
    );
}

fn assert_ends<T>(url: &str, server: T) {
    let address = url.trim_start_matches("http://");
    assert!(TcpStream::connect(address).is_ok(), "it listens until it is dropped");
    drop(server);
    assert!(TcpStream::connect(address).is_err(), "nobody listens after the drop");
}

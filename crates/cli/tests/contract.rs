//! What scripts depend on: exit codes, streams, the JSON envelope.
#![allow(clippy::unwrap_used, reason = "a test panics where qd does something else")]

use std::process::{Command, Output, Stdio};

use qd_servers::{Alertmanager, or_skip};
use serde_json::{Value, json};
use tempfile::TempDir;

fn qd(home: &TempDir, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qd"));
    command.args(args).env("QUARTERDECK_HOME", home.path()).stdin(Stdio::null()).output().unwrap()
}

fn check(home: &TempDir, args: &[&str], code: i32, stderr: &str) -> Value {
    let output = qd(home, args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(stderr), "{args:?} says {said:?}");
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

#[test]
fn usage_errors_and_unknown_things_are_told_apart() {
    let home = TempDir::new().unwrap();
    check(&home, &["launch"], 2, "unrecognized subcommand");
    check(&home, &["act", "x/alert/1", "silence", "--set", "comment"], 2, "KEY=VALUE");
    check(&home, &["show", "nonsense"], 2, "SOURCE/KIND/ID");
    check(&home, &["show", "a/alert/1"], 1, "not known");
    check(&home, &["alerts", "--filter", "servce:shop"], 2, "did you mean 'service'?");
    check(&home, &["conn", "test", "nobody"], 1, "no connection 'nobody'");
    check(
        &home,
        &["conn", "add", "x", "--backend", "nagios", "--url", "http://127.0.0.1"],
        2,
        "there are: alertmanager",
    );
    check(&home, &["status"], 0, "No connections yet");
    check(&home, &["alerts", "--as-of", "2999-01-01T00:00:00Z"], 2, "in the future");
    check(&home, &["alerts", "--filter", "-shop"], 0, "");
}

#[test]
fn a_chart_is_a_table_json_or_a_picture_and_what_nobody_read_is_no_zero() {
    let home = TempDir::new().unwrap();
    check(&home, &["chart", "pies"], 2, "possible values: alerts, deployments, durations");
    check(&home, &["chart", "alerts", "--filter", "servce:shop"], 2, "did you mean 'service'?");
    check(
        &home,
        &["chart", "alerts", "--hours", "24", "--during", "2026-11-20..2026-11-21"],
        2,
        "cannot be used",
    );
    check(&home, &["chart", "alerts"], 0, "No connection observes this.");
    let document = check(&home, &["chart", "alerts", "--json"], 0, "");
    assert_eq!(document["items"].as_array().map(Vec::len), Some(24));
    assert_eq!(
        (&document["items"][0]["known"], &document["items"][0]["count"]),
        (&json!("unread"), &Value::Null)
    );
    let file = home.path().join("chart.svg");
    let hostile = "\"</title><script>alert(1)</script>\"";
    check(
        &home,
        &["chart", "durations", "--filter", hostile, "--output", file.to_str().unwrap()],
        0,
        "written",
    );
    let picture = std::fs::read_to_string(&file).unwrap();
    assert!(picture.starts_with("<svg ") && picture.contains("&lt;script&gt;"), "{picture}");
    assert!(!picture.contains("<script"), "what is typed stays text");
    check(&home, &["chart", "alerts", "--output", "/nowhere/chart.svg"], 1, "could not be written");
}

#[test]
fn a_mistake_in_the_configuration_has_its_line_and_no_echo() {
    let home = TempDir::new().unwrap();
    let token = "ghp_0123456789abcdef";
    let text = format!(
        "[[connection]]\nid = \"a\"\nbackend = \"alertmanager\"\nurl = \"http://127.0.0.1:1\"\ncredential = \"{token}\"\ncolour = 1\n"
    );
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    let output = qd(&home, &["config", "validate"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    check(&home, &["status"], 5, "");
    assert!(said.contains("config.toml:6: unknown key 'colour'"), "{said}");
    assert!(!said.contains(token), "a token in the wrong place is not repeated");
}

#[test]
fn problems_are_listed_with_their_place_and_an_exit_code() {
    let home = TempDir::new().unwrap();
    check(&home, &["problems"], 0, "");
    assert_eq!(String::from_utf8_lossy(&qd(&home, &["problems"]).stdout), "No problems.\n");
    std::fs::write(home.path().join("config.toml"), "[window]\nthem = \"dark\"\n").unwrap();
    let found = check(&home, &["problems", "--json"], 3, "");
    assert_eq!(found["items"][0]["line"], 2);
    let told = qd(&home, &["problems"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("config.toml:2"), "{told:?}");
}

#[test]
fn proposals_are_asked_for_a_connection_or_a_backend_and_cost_nothing_without_a_credential() {
    let home = TempDir::new().unwrap();
    check(&home, &["conn", "propose"], 2, "");
    check(&home, &["conn", "propose", "nobody"], 1, "no connection 'nobody'");
    check(
        &home,
        &["conn", "propose", "--backend", "alertmanager", "--credential", "none"],
        2,
        "proposes nothing",
    );
    let found =
        check(&home, &["conn", "propose", "--backend", "github", "--credential", "none", "--json"], 0, "");
    assert_eq!(found["items"], json!([]));
    assert_eq!(found["proposals"]["field"], "repositories");
    assert!(found["proposals"]["notes"][0].as_str().unwrap().contains("Sign in"), "{found}");
}

#[test]
fn a_saved_view_is_the_same_list_in_the_terminal() {
    let home = TempDir::new().unwrap();
    let text = "[[view]]\nname = \"Watch\"\nview = \"alerts\"\nquery = \"servce:shop\"\n\
                [[view]]\nname = \"Calls\"\nview = \"alerts\"\nquery = \"severity:critical\"\n";
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    let views = check(&home, &["view", "list", "--json"], 1, "config.toml:2: 'query' cannot be read");
    assert_eq!(views["items"].as_array().map(Vec::len), Some(1), "what cannot be read is left out");
    check(&home, &["alerts", "--view", "Watch"], 2, "there are: Calls");
    check(&home, &["tickets", "--view", "Calls"], 2, "a view of alerts");
    check(&home, &["alerts", "--view", "Calls", "--filter", "servce:x"], 2, "did you mean 'service'?");
}

#[test]
fn an_alert_is_read_listed_and_acted_on_with_the_promised_exit_codes() {
    let (home, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let test = "an_alert_is_read_listed_and_acted_on_with_the_promised_exit_codes";
    let Some(mut server) = or_skip(test, Alertmanager::start(dir.path())) else { return };
    let labels = json!({ "alertname": "Slow", "service": "shop", "severity": "critical" });
    server.post_alerts(&json!([{ "labels": labels }])).unwrap();
    let url = server.url();
    check(
        &home,
        &["conn", "add", "alerts", "--backend", "alertmanager", "--url", &url, "--credential", "none"],
        0,
        "saved",
    );
    check(&home, &["sync"], 0, "");
    check(&home, &["status"], 3, "");

    let document = check(&home, &["alerts", "--json"], 0, "");
    assert_eq!(document["schema"], "quarterdeck/v1");
    assert_eq!(document["sources"][0]["health"]["state"], "fresh");
    let item = &document["items"][0];
    for (field, value) in [
        ("name", "Slow"),
        ("state", "firing"),
        ("severity", "critical"),
        ("service", "shop"),
        ("source", "alerts"),
    ] {
        assert_eq!(item[field], value, "{field}");
    }
    let id = item["id"].as_str().unwrap();
    check(&home, &["act", id, "silence"], 2, "'silence' needs 'comment'");
    let done = check(&home, &["act", id, "silence", "--set", "comment=known", "--json"], 0, "");
    assert_eq!(done["items"][0]["outcome"], "accepted");
    check(&home, &["sync"], 0, "");
    assert_eq!(check(&home, &["alerts", "--json"], 0, "")["items"][0]["state"], "suppressed");
    let past = item["first_seen"].as_str().unwrap();
    assert_eq!(check(&home, &["alerts", "--as-of", past, "--json"], 0, "")["items"][0]["state"], "firing");

    let all =
        check(&home, &["alerts", "--filter", "state:failing", "--all", "--as-of", past, "--json"], 0, "");
    assert_eq!(all["items"][0]["name"], "Slow", "what pages is failing too");
    let before = check(&home, &["alerts", "--as-of", "2020-01-01T00:00:00Z", "--json"], 5, "");
    assert_eq!(before["sources"][0]["health"]["current"], false, "nothing is known of that time");

    server.kill();
    check(&home, &["sync"], 5, "");
    let dead = check(&home, &["alerts", "--json"], 5, "");
    assert_eq!(dead["items"][0]["stale"], true, "what cannot be read is old, and says so");
    check(&home, &["act", id, "expire"], 1, "");
    check(&home, &["conn", "remove", "alerts"], 0, "Removed alerts");
    assert_eq!(check(&home, &["alerts", "--all", "--json"], 0, "")["items"], json!([]));
}

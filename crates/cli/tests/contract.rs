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
    for key in ["", " "] {
        let act = ["act", "x/alert/1", "silence", "--idempotency-key", key];
        check(&home, &act, 2, "a key needs a character");
    }
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
    let add = ["conn", "add", "x", "--backend", "alertmanager", "--url", "https://127.0.0.1:1"];
    let output = qd(&home, &[&add[..], &["--credential", "none", "--ca-file", "/nosuch"]].concat());
    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2), "{found}");
    assert!(found.contains("CA file  ca_file /nosuch cannot be read"), "{found}");
    let add = ["conn", "add", "x", "--backend", "github", "--set"];
    check(&home, &[&add[..], &["repos=a/b"]].concat(), 2, "no setting 'repos'; did you mean 'repositories'?");
    check(&home, &[&add[..], &["colour=red"]].concat(), 2, "no setting 'colour'; it has: repositories");
    check(&home, &["backend", "show", "gitbub"], 2, "no backend 'gitbub'; did you mean 'github'?");
    check(&home, &["status"], 5, "No connections yet");
    check(&home, &["alerts", "--as-of", "2999-01-01T00:00:00Z"], 2, "in the future");
    for time in ["yesterday", "2026-11-20T09:00:00"] {
        check(&home, &["alerts", "--as-of", time], 2, "write 2026-11-20T09:00:00Z, ");
        check(&home, &["chart", "alerts", "--as-of", time], 2, "write 2026-11-20T09:00:00Z, ");
    }
    check(&home, &["alerts", "--as-of", "2026-11-20"], 0, "");
    check(&home, &["alerts", "--filter", "-shop"], 0, "");
    check(&home, &["alerts", "--filter", &"a ".repeat(50_000)], 2, "more than 4096 characters");
    check(&home, &["alerts", "--filter", &"a ".repeat(65)], 2, "has 65 terms");
}

#[test]
fn deploying_builders_are_taken_as_people_write_them() {
    let home = TempDir::new().unwrap();
    let said = String::from_utf8(qd(&home, &["config", "validate"]).stdout).unwrap();
    assert!(said.starts_with("there is no ") && said.contains("qd conn add"), "{said}");
    let rule = "{ builder = \"deploy-production\", environment = \"production\", service = \"shop\" }";
    let add = |id: &str, setting: String, code: i32, stderr: &str| {
        let url = "http://127.0.0.1:1";
        let head =
            ["conn", "add", id, "--backend", "buildbot", "--url", url, "--credential", "none", "--no-test"];
        check(&home, &[&head[..], &["--set", &setting]].concat(), code, stderr);
    };
    add("a", format!("deploy={rule}"), 0, "saved a");
    add("b", format!("deployments={rule}"), 0, "saved b");
    add("c", "deploy=deploy-production".to_owned(), 2, "for example: { builder = \"deploy-production\"");
    let file = home.path().join("config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let head = "[[connection]]\nid = \"d\"\nbackend = \"buildbot\"\nurl = \"http://127.0.0.1:1\"\ncredential = \"none\"\n";
    std::fs::write(&file, format!("{text}\n{head}[connection.settings]\ndeploy = {rule}\n")).unwrap();
    check(&home, &["config", "validate"], 0, "");
    let all = check(&home, &["conn", "list", "--json"], 0, "");
    let read = |item: &Value| (item["settings"]["deployments"].clone(), item["problems"].clone());
    let read: Vec<_> = all["items"].as_array().unwrap().iter().map(read).collect();
    let rule = json!([{ "builder": "deploy-production", "environment": "production", "service": "shop" }]);
    assert_eq!(read, vec![(rule, json!([])); 3], "the same rule in each");
    let words = ["id", "backend", "url", "credential"].map(|word| all["items"][0][word].clone());
    assert_eq!(words, ["a", "buildbot", "http://127.0.0.1:1", "none"].map(Value::from), "as in the file");
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
fn settings_that_do_not_fit_are_told_with_their_line() {
    let home = TempDir::new().unwrap();
    let text = "[[connection]]\nid = \"a\"\nbackend = \"buildbot\"\nurl = \"http://127.0.0.1:1\"\ncredential = \"none\"\n\
                [connection.settings]\nbuilders = [\"x\"]\ndeploy = 7\n";
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    check(&home, &["config", "validate"], 1, "config.toml:8: connection 'a': deployments: invalid type");
    let all = check(&home, &["conn", "list", "--json"], 0, "config.toml:8: ");
    let problem = all["items"][0]["problems"][0].as_str().unwrap();
    assert!(problem.starts_with("line 8: deployments: "), "{problem}");
}

#[test]
fn what_needs_no_history_is_answered_without_one() {
    let home = TempDir::new().unwrap();
    std::fs::create_dir(home.path().join("history.db")).unwrap();
    check(&home, &["status"], 1, "history.db");
    assert!(check(&home, &["backend", "list", "--json"], 0, "")["items"].as_array().unwrap().len() >= 4);
    let shown = check(&home, &["backend", "show", "redmine", "--json"], 0, "");
    assert_eq!((&shown["items"][0]["backend"], &shown["sources"]), (&json!("redmine"), &json!([])));
    check(&home, &["backend", "show", "nagios"], 2, "there are: alertmanager");
    check(&home, &["config", "validate"], 0, "");
    let empty = TempDir::new().unwrap();
    check(&empty, &["config", "validate"], 0, "");
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "nothing is made");
}

#[test]
fn a_relative_home_is_refused_in_words() {
    let place = TempDir::new().unwrap();
    let told = |variable: &str, other: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qd"));
        let output = command.arg("status").env_remove(other).env(variable, "some/where").current_dir(&place);
        let output = output.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("is relative") && said.contains(&format!("set {variable} ")), "{said}");
        assert_eq!(std::fs::read_dir(&place).unwrap().count(), 0, "nothing is made");
    };
    told("QUARTERDECK_HOME", "XDG_CONFIG_HOME");
    #[cfg(target_os = "linux")]
    told("HOME", "QUARTERDECK_HOME");
}

#[cfg(target_os = "linux")]
#[test]
fn collecting_ends_cleanly_however_it_is_asked_to() {
    use std::io::{BufRead, BufReader, Read};
    for (signal, words) in
        [("-INT", "Ctrl-C"), ("-TERM", "asked to terminate"), ("-HUP", "the terminal is gone")]
    {
        let home = TempDir::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_qd"));
        let command = command.arg("collect").env("QUARTERDECK_HOME", home.path()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert!(line.starts_with("collecting from 0 connections"), "{line}");
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let asked = std::time::Instant::now();
        let status = child.wait().unwrap();
        assert!(asked.elapsed().as_secs() < 3, "{signal}: {:?}", asked.elapsed());
        let mut rest = String::new();
        said.read_to_string(&mut rest).unwrap();
        assert_eq!((status.code(), rest.as_str()), (Some(0), format!("stopping ({words})\n").as_str()));
    }
}

#[test]
fn problems_are_listed_with_their_place_and_an_exit_code() {
    let home = TempDir::new().unwrap();
    check(&home, &["problems"], 0, "");
    assert_eq!(String::from_utf8_lossy(&qd(&home, &["problems"]).stdout), "No problems.\n");
    std::fs::write(home.path().join("config.toml"), "[window]\nthem = \"dark\"\n").unwrap();
    let found = check(&home, &["problems", "--json"], 0, "");
    assert_eq!(found["items"][0]["line"], 2);
    let told = qd(&home, &["problems"]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("warning  ") && told.contains("config.toml:2"), "{told}");
    let text = "[[connection]]\nid = \"a\"\nbackend = \"nagios\"\nurl = \"http://127.0.0.1:1\"\n";
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    let found = check(&home, &["problems", "--json"], 3, "");
    assert_eq!(found["items"][0]["broken"], true, "{found}");
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
fn a_damaged_history_is_told_with_the_place_where_it_was_kept() {
    let home = TempDir::new().unwrap();
    check(&home, &["status"], 5, "");
    let history = home.path().join("history.db");
    assert!(history.exists(), "the file that is damaged here is the one that is read");
    std::fs::write(&history, "no database ".repeat(1000)).unwrap();
    let kept = format!("{}.damaged-", history.display());
    check(&home, &["status"], 5, &kept);
}

#[test]
fn a_list_that_is_cut_says_so_and_names_the_source_not_to_rely_on() {
    let home = TempDir::new().unwrap();
    let connection = "[[connection]]\nid = \"alerts\"\nbackend = \"alertmanager\"\nurl = \"http://127.0.0.1:1\"\ncredential = \"none\"\n";
    let text = format!("{connection}[[service]]\nname = \"shop\"\n[[service]]\nname = \"ledger\"\n");
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    let told = |args: &[&str], expected: &str| {
        let output = qd(&home, args);
        assert_eq!(output.status.code(), Some(5), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), expected, "{args:?}");
    };
    let old = "alerts: not polled yet; what is shown may be old\n";
    told(&["services"], old);
    told(&["services", "--limit", "1"], &format!("1 of 2; more with --limit\n{old}"));
    told(&["services", "--limit", "1", "--json"], "1 of 2; more with --limit\n");
    told(&["alerts"], old);
    check(&home, &["actions", "--limit", "0"], 2, "0 is not in 1..=1000");
    check(&home, &["notes", "--limit", "0"], 2, "0 is not in 1..=500");
    check(&home, &["actions", "--limit", "1000"], 0, "");
}

#[test]
fn a_name_that_nobody_knows_is_told_and_changes_no_exit_code() {
    let home = TempDir::new().unwrap();
    let text = "[[service]]\nname = \"checkout\"\nowner = \"payments\"\n\
                [[connection]]\nid = \"github\"\nbackend = \"github\"\nurl = \"http://127.0.0.1:1\"\ncredential = \"none\"\n";
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    let told = |args: &[&str], expected: &str| {
        let known = check(&home, &[&args[..1], &["--json"]].concat(), 5, "");
        let said = qd(&home, args);
        assert_eq!(said.status.code(), Some(5), "as without the name: nothing was read yet");
        let said = String::from_utf8(said.stderr).unwrap();
        let mut told = said.lines().filter(|line| line.contains("is known"));
        assert_eq!(told.next().unwrap_or_default(), expected, "{args:?}: {said}");
        assert_eq!(told.next(), None, "{said}");
        assert_eq!(check(&home, &[args, &["--json"]].concat(), 5, expected)["schema"], known["schema"]);
    };
    told(&["runs", "--filter", "source:git"], "qd: no connection 'git' is known; did you mean 'github'?");
    told(&["runs", "--filter", "-source:gh"], "qd: no connection 'gh' is known; there are: github");
    told(&["runs", "--service", "chekout"], "qd: no service 'chekout' is known; did you mean 'checkout'?");
    told(
        &["services", "--filter", "service:nosuch"],
        "qd: no service 'nosuch' is known; there are: checkout",
    );
    told(&["runs", "--owner", "payment"], "qd: no owner 'payment' is known; did you mean 'payments'?");
    let near = "qd: no environment 'prodution' is known; did you mean 'production'?";
    told(&["deployments", "--env", "prodution"], near);
    told(&["runs", "--filter", "service:check*,none source:GitHub env:production owner:Payments"], "");
    let near = "qd: no connection 'githup' is known; did you mean 'github'?";
    check(&home, &["chart", "deployments", "--filter", "source:githup"], 5, near);
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
    assert!(item["changed_at"].is_string() && item["updated_at"].is_null(), "{item}");
    assert_eq!(item.get("changed"), None, "one name for one thing");
    let services = check(&home, &["services", "--json"], 3, "");
    assert_eq!((&services["items"][0]["note_count"], services["items"][0].get("notes")), (&json!(0), None));
    let id = item["id"].as_str().unwrap();
    check(
        &home,
        &["act", id, "nonsense"],
        2,
        &format!("“nonsense” cannot be done with {id}; what can: silence."),
    );
    check(&home, &["act", "alerts", "nonsense"], 2, "cannot be done with alerts; what can: create_silence");
    check(
        &home,
        &["act", id, "silence", "--set", "coment=x"],
        2,
        "takes no 'coment'; did you mean 'comment'?",
    );
    check(&home, &["act", id, "silence"], 2, "'silence' needs 'comment'");
    let preview = ["act", id, "silence", "--preview"];
    check(&home, &preview, 0, "to be sent, 'silence' needs 'comment'");
    check(&home, &[&preview[..], &["--set", "comment=x", "--set", "duration=0s"]].concat(), 2, "For: ");
    for matchers in ["severity=~\"(\"", "severity", "severity=\"warning", "alertname=~\".*\""] {
        let set = format!("matchers={matchers}");
        check(&home, &["act", id, "silence", "--preview", "--set", &set], 2, "Matchers: ");
        check(&home, &["act", id, "silence", "--set", &set, "--set", "comment=x"], 2, "Matchers: ");
    }
    check(&home, &["act", id, "silence", "--set", "comment=x", "--set", "duration=0s"], 2, "For: ");
    assert_eq!(
        check(&home, &["actions", "--json"], 0, "")["items"],
        json!([]),
        "what cannot be read is not sent"
    );
    let now = format!("alerts was read again: {id} is suppressed");
    let done = check(&home, &["act", id, "silence", "--set", "comment=known", "--json"], 0, &now);
    assert_eq!(done["items"][0]["outcome"], "accepted");
    assert_eq!(check(&home, &["alerts", "--json"], 0, "")["items"][0]["state"], "suppressed");
    check(&home, &preview, 0, "an active silence with the same matchers holds until 20");
    let past = item["first_seen"].as_str().unwrap();
    assert_eq!(check(&home, &["alerts", "--as-of", past, "--json"], 0, "")["items"][0]["state"], "firing");

    let all =
        check(&home, &["alerts", "--filter", "state:failing", "--all", "--as-of", past, "--json"], 0, "");
    assert_eq!(all["items"][0]["name"], "Slow", "what pages is failing too");
    let before = check(&home, &["alerts", "--as-of", "2020-01-01T00:00:00Z", "--json"], 5, "");
    assert_eq!(before["sources"][0]["health"]["current"], false, "nothing is known of that time");
    check(&home, &["alerts", "--as-of", "2020-01-01"], 5, "alerts was first read at 20");
    check(&home, &["alerts", "--as-of", "2020-01-01"], 5, "Z; nothing is known of it before");

    server.kill();
    check(&home, &["sync"], 5, "");
    let dead = check(&home, &["alerts", "--json"], 5, "");
    assert_eq!(dead["items"][0]["stale"], true, "what cannot be read is old, and says so");
    check(&home, &["act", id, "expire"], 5, "");
    check(&home, &["conn", "remove", "alerts"], 0, "Removed alerts");
    assert_eq!(check(&home, &["alerts", "--all", "--json"], 0, "")["items"], json!([]));
}

#[test]
fn the_same_alert_of_two_alertmanagers_is_one_line_and_counts_once() {
    let (home, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let test = "the_same_alert_of_two_alertmanagers_is_one_line_and_counts_once";
    let Some(server) = or_skip(test, Alertmanager::start(dir.path())) else { return };
    let labels = json!({ "alertname": "Slow", "service": "shop", "severity": "critical" });
    server.post_alerts(&json!([{ "labels": labels }])).unwrap();
    let url = server.url();
    let head = ["--backend", "alertmanager", "--credential", "none", "--url", &url];
    for id in ["first", "second"] {
        check(&home, &[&["conn", "add", id][..], &head].concat(), 0, "saved");
    }
    check(&home, &["sync"], 0, "");
    let listed = check(&home, &["alerts", "--json"], 0, "");
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(listed["items"][0]["sources"], json!(["first", "second"]));
    let table = String::from_utf8(qd(&home, &["alerts"]).stdout).unwrap();
    assert!(table.contains("Slow (also in second)"), "{table}");
    let status = check(&home, &["status", "--json"], 3, "");
    let counts = json!([{ "kind": "alert", "status": "paging", "count": 1, "stale": 0 }]);
    assert_eq!(status["status"]["counts"], counts);
    let services = check(&home, &["services", "--json"], 3, "");
    assert_eq!(services["items"][0]["alerts"], json!([{ "severity": "critical", "count": 1 }]));
}

#[test]
fn an_inhibited_alert_tells_who_inhibits_it_where_its_links_lead_and_what_can_be_set() {
    let (home, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let test = "an_inhibited_alert_tells_who_inhibits_it_where_its_links_lead_and_what_can_be_set";
    let Some(server) = or_skip(test, Alertmanager::start(dir.path())) else { return };
    let alert = |name: &str, severity: &str| {
        json!({
            "labels": { "alertname": name, "severity": severity, "service": "shop" },
            "annotations": { "runbook_url": format!("https://runbooks.example/{name}") },
            "generatorURL": "https://prometheus.example/graph",
        })
    };
    server.post_alerts(&json!([alert("Down", "critical"), alert("Slow", "warning")])).unwrap();
    let url = server.url();
    let head = ["conn", "add", "alerts", "--backend", "alertmanager", "--credential", "none", "--url"];
    check(&home, &[&head[..], &[&url]].concat(), 0, "saved");
    let listed = |name: &str| {
        let all = check(&home, &["alerts", "--filter", name, "--json"], 0, "");
        let id = all["items"][0]["id"].as_str().unwrap().to_owned();
        (id, all["items"][0]["state"].clone())
    };
    // Alertmanager notices an inhibition when it next looks at the group.
    for _ in 0..40 {
        check(&home, &["sync"], 0, "");
        if listed("Slow").1 == "suppressed" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    let ((slow, state), (down, _)) = (listed("Slow"), listed("Down"));
    assert_eq!(state, "suppressed");
    let said = |args: &[&str]| String::from_utf8(qd(&home, args).stdout).unwrap();
    let shown = said(&["show", &slow]);
    for part in [
        &format!("Inhibited by\n  Down  {down}"),
        "runbook      https://runbooks.example/Slow",
        "generator    https://prometheus.example/graph",
        "Actions: silence  (",
    ] {
        assert!(shown.contains(part), "{part:?} in {shown}");
    }
    let offers = said(&["act", &slow]);
    assert!(!offers.contains("expire"), "no silence holds it: {offers}");
    let refused = "'expire' is not offered for";
    check(&home, &["act", &slow, "expire", "--set", "silence=8c2f"], 2, refused);
    check(&home, &["act", &slow, "expire", "--preview"], 2, "offered are: silence");
    let log = || check(&home, &["actions", "--json"], 0, "")["items"].as_array().map(Vec::len);
    assert_eq!(log(), Some(0), "what is not offered is not written down either");
    for part in
        ["matchers (matchers, required)", "comment (long_text, required)", "duration (duration, required)"]
    {
        assert!(offers.contains(part), "{part:?} in {offers}");
    }
    let act = |comment: &str, code: i32, stderr: &str| {
        check(&home, &["act", &slow, "silence", "--set", comment, "--idempotency-key", "k-1"], code, stderr);
    };
    act("comment=one", 0, "silence hits 1: Slow\n");
    act("comment=one", 0, "nothing is sent again");
    act("comment=other", 2, "used for another action already ('silence' with other arguments)");
    assert_eq!(log(), Some(1));
    check(&home, &["act", &slow, "silence", "--set", "comment=two"], 0, "hits 1");
    check(&home, &["sync"], 0, "");
    let held = check(&home, &["silences", "--filter", "one", "--json"], 0, "");
    let (matcher, state) = (&held["items"][0]["matchers"][0], &held["items"][0]["state"]);
    assert_eq!((&matcher["name"], &matcher["is_regex"]), (&json!("alertname"), &json!(false)));
    assert_eq!((&held["items"][0]["source"], state), (&json!("alerts"), &json!("active")));
    let whole = check(&home, &["show", &slow, "--json"], 0, "")["items"][0].clone();
    assert_eq!((&whole["name"], &whole["state"]), (&json!("Slow"), &json!("suppressed")));
    assert_eq!(whole["runbook_url"], "https://runbooks.example/Slow");
    assert_eq!(whole["last_action"]["outcome"], "accepted");
    assert!(whole["history"][0]["raw_status"].is_string(), "{whole}");
    assert_eq!(whole["detail"]["silences"].as_array().map(Vec::len), Some(2));
    assert_eq!(whole["detail"]["silences"][0]["matchers"][0]["is_equal"], true);
    let offers = said(&["act", &slow]);
    assert!(
        offers.contains(": one (until ") && offers.contains(": two (until "),
        "both can be chosen: {offers}"
    );
    check(&home, &["act", &slow, "expire"], 2, "'expire' needs 'silence'; there are: ");
}

//! Notes on the command line: what is printed, what is taken, exit codes.
#![allow(clippy::unwrap_used, reason = "a test panics where qd does something else")]

use std::io::Write;
use std::process::{Command, Stdio};

use qd_servers::{Alertmanager, StartError, or_skip};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Said {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs `qd` as `ana`, with a text on its standard input.
fn qd(home: &TempDir, args: &[&str], piped: &str) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qd"));
    command.env("USER", "ana");
    run(command, home, args, piped)
}

/// Runs `qd` where no variable says who is logged in, as services and containers are started.
fn nameless(home: &TempDir, args: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qd"));
    for name in ["USER", "LOGNAME", "USERNAME"] {
        command.env_remove(name);
    }
    run(command, home, args, "")
}

/// What the system calls the user of this process.
fn own_name(test: &str) -> Option<String> {
    let missing = || StartError::Missing { what: "id".to_owned(), how: "coreutils".to_owned() };
    let told = Command::new("id").arg("-un").output().ok().filter(|output| output.status.success());
    let told = or_skip(test, told.ok_or_else(missing))?;
    Some(String::from_utf8_lossy(&told.stdout).trim().to_owned())
}

fn run(mut command: Command, home: &TempDir, args: &[&str], piped: &str) -> Said {
    let mut child = command
        .args(args)
        .env("QUARTERDECK_HOME", home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who does not read it may have ended already.
    let _ = child.stdin.take().unwrap().write_all(piped.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn items(home: &TempDir, args: &[&str]) -> Value {
    let said = qd(home, &[args, &["--json"]].concat(), "");
    assert_eq!(said.code, Some(0), "{args:?}: {}", said.stderr);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(document["schema"], "quarterdeck/v1");
    document["items"].clone()
}

fn shop() -> TempDir {
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("config.toml"), "[[service]]\nname = \"shop\"\n").unwrap();
    home
}

/// The output with its times taken out.
fn timeless(text: &str) -> String {
    let word = |word: &str| {
        let time = word.len() == 20 && word.ends_with('Z') && word.contains('T');
        let age = word.ends_with('s') && word[..word.len() - 1].parse::<u32>().is_ok();
        if time {
            "TIME".to_owned()
        } else if age {
            "AGE".to_owned()
        } else {
            word.to_owned()
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_note_is_written_from_the_argument_or_standard_input_listed_and_removed() {
    let home = shop();
    let said = qd(&home, &["note", "service:shop"], "");
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), ""), "nothing is written there yet");
    let said = qd(&home, &["note", "service:shop", "  freeze until Monday "], "");
    assert_eq!(
        timeless(&said.stdout),
        "service:shop  shop\n  1  ana  TIME  AGE ago\n    freeze until Monday\n"
    );
    assert_eq!(said.stderr, "Note 1 is kept on this machine.\n");
    let said = qd(&home, &["note", "service:shop"], "line one\nline two\n");
    assert_eq!(said.stderr, "Note 2 is kept on this machine.\n");
    let listed = "service:shop  shop\n  2  ana  TIME  AGE ago\n    line one\n    line two\n\
                  service:shop  shop\n  1  ana  TIME  AGE ago\n    freeze until Monday\n";
    for args in [&["note", "service:shop"][..], &["notes"]] {
        assert_eq!(timeless(&qd(&home, args, "").stdout), listed, "{args:?}");
    }
    let said = qd(&home, &["notes", "--limit", "1"], "");
    assert!(said.stderr.contains("1 more; --limit shows them"), "{}", said.stderr);
    let found = items(&home, &["notes", "--filter", "MONDAY"]);
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    for (field, value) in [
        ("id", json!(1)),
        ("subject", json!("service:shop")),
        ("author", json!("ana")),
        ("text", json!("freeze until Monday")),
        ("earlier_firing", json!(false)),
    ] {
        assert_eq!(found[0][field], value, "{field}");
    }
    let said = qd(&home, &["note", "--remove", "2"], "");
    assert_eq!(
        timeless(&said.stdout),
        "service:shop  shop\n  2  ana  TIME  AGE ago\n    line one\n    line two\n"
    );
    assert_eq!(items(&home, &["notes"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn who_writes_is_named_also_where_no_variable_says_it() {
    let Some(name) = own_name("who_writes_is_named_also_where_no_variable_says_it") else { return };
    let home = shop();
    let said = nameless(&home, &["note", "service:shop", "freeze until Monday"]);
    assert!(said.stdout.contains(&format!("  1  {name}  ")), "{}{}", said.stdout, said.stderr);
}

#[test]
fn what_cannot_be_done_says_why_and_how() {
    let home = shop();
    for (args, code, says) in [
        (&["note"][..], 2, "<ID>"),
        (&["note", "shop", "x"], 2, "service:NAME"),
        (&["note", "service:shpo", "x"], 1, "no service “shpo”"),
        (&["note", "a/alert/1", "x"], 1, "not known"),
        (&["note", "service:shop", " "], 2, "A note needs words."),
        (&["note", "service:shop", "\u{1b}[31m"], 2, "U+001B"),
        (&["note", "--remove", "7"], 1, "no note 7"),
        (&["note", "--remove", "7", "service:shop"], 2, "cannot be used with"),
    ] {
        let said = qd(&home, args, "");
        assert_eq!(said.code, Some(code), "{args:?}: {}", said.stderr);
        assert!(said.stderr.contains(says), "{args:?}: {}", said.stderr);
    }
    assert_eq!(items(&home, &["notes"]), json!([]));
}

#[test]
fn help_has_examples_and_completions_know_the_commands() {
    let home = shop();
    let help = qd(&home, &["note", "--help"], "").stdout;
    assert!(help.contains("qd note --remove 17") && help.contains("never sent to a backend"), "{help}");
    let script = qd(&home, &["completions", "bash"], "").stdout;
    assert!(script.contains("qd__subcmd__notes") || script.contains("qd__notes"), "completions");
}

#[test]
fn an_entity_is_shown_and_listed_with_its_notes() {
    let (home, dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let Some(server) =
        or_skip("an_entity_is_shown_and_listed_with_its_notes", Alertmanager::start(dir.path()))
    else {
        return;
    };
    server.post_alerts(&json!([{ "labels": { "alertname": "Slow", "service": "shop" } }])).unwrap();
    let url = server.url();
    let add = ["conn", "add", "alerts", "--backend", "alertmanager", "--credential", "none", "--url", &url];
    assert_eq!(qd(&home, &add, "").code, Some(0));
    qd(&home, &["sync"], "");
    let id = items(&home, &["alerts"])[0]["id"].as_str().unwrap().to_owned();
    qd(&home, &["note", &id, "look at node 3"], "");
    let shown = timeless(&qd(&home, &["show", &id, "--offline"], "").stdout);
    assert!(shown.contains("Notes (1)\n  1  ana  TIME  AGE ago\n    look at node 3\n"), "{shown}");
    for args in [&["show", &id, "--offline"][..], &["alerts"], &["alerts", "--all"]] {
        let found = &items(&home, args)[0];
        assert_eq!(found["id"], json!(id), "{args:?}");
        assert_eq!(found["notes"].as_array().map(Vec::len), Some(1), "{args:?}");
        assert_eq!(found["notes"][0]["text"], "look at node 3", "{args:?}");
    }
    if let Some(name) = own_name("an_entity_is_shown_and_listed_with_its_notes") {
        let said =
            nameless(&home, &["act", &id, "silence", "--set", "comment=known", "--set", "duration=1h"]);
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        assert_eq!(items(&home, &["silences"])[0]["created_by"], name, "a silence, too, says who made it");
    }
    let before = items(&home, &["show", &id, "--offline"])[0]["first_seen"].as_str().unwrap().to_owned();
    let then = items(&home, &["alerts", "--as-of", &before]);
    assert_eq!((&then[0]["id"], &then[0]["notes"]), (&json!(id), &json!([])), "nothing was written by then");
    assert!(qd(&home, &["alerts"], "").stdout.contains("Slow (1 note)  alerts/alert/"));
    let history = qd(&home, &["history", &id], "").stdout;
    assert!(
        timeless(&history).ends_with("Notes (1)\n  1  ana  TIME  AGE ago\n    look at node 3\n"),
        "{history}"
    );
    let history: Value = serde_json::from_str(&qd(&home, &["history", &id, "--json"], "").stdout).unwrap();
    assert_eq!(history["notes"][0]["text"], "look at node 3", "beside the states, which are the items");
    assert_eq!(history["items"][0]["to"], "firing");
}

//! What is told when a backend is not as it should be: each kind of trouble in words, with its exit code.
#![allow(clippy::unwrap_used, reason = "a test panics where qd does something else")]

use std::process::{Command, Stdio};

use qd_connector::testkit::{FaultServer, RecordedRequest, Reply};
use serde_json::json;
use tempfile::TempDir;

/// Exit code, standard output, standard error.
type Said = (Option<i32>, String, String);

/// Runs `qd` beside a server of this process.
async fn qd(home: &TempDir, args: &[&str]) -> Said {
    let mut command = tokio::process::Command::from(Command::new(env!("CARGO_BIN_EXE_qd")));
    let command = command.args(args).env("QUARTERDECK_HOME", home.path()).stdin(Stdio::null());
    let output = command.output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// An Alertmanager without alerts, whose cluster is in some state.
fn alertmanager(request: &RecordedRequest, cluster: &str) -> Reply {
    match request.path.as_str() {
        "/api/v2/status" => Reply::json(&json!({
            "cluster": { "status": cluster, "peers": [] },
            "versionInfo": { "version": "0.28.1" },
            "config": { "original": "" },
            "uptime": "2026-11-20T00:00:00Z",
        })),
        _ => Reply::json(&json!([])),
    }
}

async fn add(home: &TempDir, url: &str) -> Said {
    let add = ["conn", "add", "alerts", "--backend", "alertmanager", "--credential", "none", "--url", url];
    qd(home, &add).await
}

#[tokio::test]
async fn what_keeps_a_source_is_told_in_words_and_whole_seconds() {
    let home = TempDir::new().unwrap();
    let server = FaultServer::start(|_| Reply::status(429).header("retry-after", "120")).await;
    let text = |credential: &str| {
        let head = "[[connection]]\nid = \"alerts\"\nbackend = \"alertmanager\"\n";
        format!("{head}url = \"{}\"\ncredential = \"{credential}\"\n", server.url())
    };
    let file = home.path().join("config.toml");
    std::fs::write(&file, text("none")).unwrap();
    let (code, out, _) = qd(&home, &["sync"]).await;
    assert_eq!(code, Some(5), "{out}");
    let until = out.split("  until ").nth(1).unwrap().trim();
    assert!(out.contains("  throttled  ") && until.len() == 20 && until.ends_with('Z'), "{out}");
    let (_, out, _) = qd(&home, &["conn", "test", "alerts"]).await;
    let until = out.split("rate limited until ").nth(1).unwrap().trim();
    assert!(until.len() == 20 && until.ends_with('Z'), "{out}");
    std::fs::write(&file, text("env:QUARTERDECK_NOBODY_SETS_THIS")).unwrap();
    let sentence = "The environment variable is not set. Set it before Quarterdeck starts";
    for (args, code, said) in [
        (&["sync"][..], 4, ""),
        (&["status"], 4, ""),
        (&["problems"], 3, ""),
        (&["alerts"], 4, "; what is shown may be old"),
    ] {
        let (found, out, err) = qd(&home, args).await;
        assert_eq!(found, Some(code), "{args:?}: {out}{err}");
        assert!(format!("{out}{err}").contains(&format!("{sentence}{said}")), "{args:?}: {out}{err}");
        assert!(format!("{out}{err}").contains("needs sign-in"), "{args:?}: {out}{err}");
        assert!(!format!("{out}{err}").contains("env_unset"), "{args:?}: {out}{err}");
    }
    let (_, out, _) = qd(&home, &["conn", "list"]).await;
    assert!(out.contains("needs sign-in"), "{out}");
    let (code, _, err) = qd(&home, &["act", "alerts", "create_silence"]).await;
    assert_eq!(code, Some(4), "{err}");
    assert!(err.contains("alerts cannot be asked now: The environment variable"), "{err}");
}

#[tokio::test]
async fn a_server_that_fails_was_reached() {
    let home = TempDir::new().unwrap();
    let server = FaultServer::start(|_| Reply::status(500)).await;
    let (code, out, _) = add(&home, server.url().as_str()).await;
    assert_eq!(code, Some(5), "{out}");
    assert!(out.contains(&format!("{} answered HTTP 500", server.address())), "{out}");
    let head = "[[connection]]\nid = \"alerts\"\nbackend = \"alertmanager\"\n";
    let text = format!("{head}url = \"{}\"\ncredential = \"none\"\n", server.url());
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    let (code, out, _) = qd(&home, &["sync"]).await;
    assert_eq!(code, Some(5), "{out}");
    assert!(out.contains("  unreachable  ") && out.contains("  it answered HTTP 500\n"), "{out}");
}

#[tokio::test]
async fn a_test_that_passes_with_a_warning_says_it_also_when_a_connection_is_added() {
    let home = TempDir::new().unwrap();
    let server = FaultServer::start(|request| alertmanager(request, "settling")).await;
    let (code, out, said) = add(&home, server.url().as_str()).await;
    assert_eq!((code, out.as_str()), (Some(0), ""), "{said}");
    assert_eq!(
        said,
        "OUTCOME  STEP     FOUND\n\
         warning  cluster  settling: silences may still be missing here\n\
         saved alerts; read it now with qd sync\n"
    );
    let home = TempDir::new().unwrap();
    let server = FaultServer::start(|request| alertmanager(request, "disabled")).await;
    let (code, _, said) = add(&home, server.url().as_str()).await;
    assert_eq!((code, said.as_str()), (Some(0), "saved alerts; read it now with qd sync\n"));
}

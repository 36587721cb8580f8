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

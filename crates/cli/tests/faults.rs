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
    let sentence =
        "The environment variable QUARTERDECK_NOBODY_SETS_THIS is not set. Set it before Quarterdeck starts";
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

/// What is needed to add a connection of each backend.
const BACKENDS: [(&str, &str, &[&str]); 4] = [
    ("alertmanager", "Alertmanager", &["--credential", "none"]),
    ("buildbot", "Buildbot", &["--credential", "none"]),
    ("github", "GitHub", &["--credential", "none", "--set", "repositories=acme/shop"]),
    ("redmine", "Redmine", &["--credential", "env:PATH"]),
];

#[tokio::test]
async fn a_wrong_path_is_told_with_the_host_that_answers() {
    let server = FaultServer::start(|_| Reply::status(404)).await;
    let url = format!("{}nowhere", server.url());
    for (backend, name, rest) in BACKENDS {
        let home = TempDir::new().unwrap();
        let told = |name: &str| {
            let address = server.address();
            format!("{address} answers, but there is no {name} at /nowhere: check the address and its path")
        };
        let add = [&["conn", "add", "a", "--backend", backend, "--url", &url], rest].concat();
        let (code, out, _) = qd(&home, &add).await;
        let api = if backend == "github" { "GitHub API" } else { name };
        assert!(code == Some(5) && out.contains(&told(api)), "{backend}: {out}");
        let (code, _, err) = qd(&home, &[&add[..], &["--no-test"]].concat()).await;
        assert_eq!(code, Some(0), "{err}");
        if backend == "github" {
            continue; // A repository that is not there has words of its own.
        }
        let (code, out, _) = qd(&home, &["sync"]).await;
        assert!(code == Some(5) && out.contains(&told(name)), "{backend}: {out}");
    }
}

#[tokio::test]
async fn who_gives_no_credential_where_one_is_asked_for_is_told_how_to_give_one() {
    let asks = "the server asks for a credential, and none was given";
    let may_want = "no credential is given, and the server may want one";
    for (status, tested, synced) in [
        (401, asks, "It asks for a credential, and this connection gives none. Give it one: in the window"),
        (403, may_want, may_want),
    ] {
        let server = FaultServer::start(move |_| Reply::status(status)).await;
        let url = server.url();
        for (backend, _, rest) in BACKENDS.iter().take(3) {
            let home = TempDir::new().unwrap();
            let add = [&["conn", "add", "a", "--backend", backend, "--url", url.as_str()], *rest].concat();
            let (code, out, _) = qd(&home, &add).await;
            assert_eq!(code, Some(4), "{backend} {status}: {out}");
            let told = format!(
                "{tested}: give one in the form, with qd conn add --credential (keychain or env:NAME)"
            );
            assert!(out.contains(&told), "{backend} {status}: {out}");
            qd(&home, &[&add[..], &["--no-test"]].concat()).await;
            let (_, out, err) = qd(&home, &["sync"]).await;
            assert!(out.contains(synced), "{backend} {status}: {out}{err}");
        }
    }
    let home = TempDir::new().unwrap();
    let add = ["conn", "add", "a", "--backend", "redmine", "--url", "http://127.0.0.1:1"];
    let (code, _, err) = qd(&home, &add).await;
    assert!(code == Some(1) && err.contains("--credential env:NAME; it does not work with none"), "{err}");
    let (code, out, _) = qd(&home, &[&add[..], &["--credential", "none"]].concat()).await;
    assert!(code == Some(4) && out.contains("this connection gives none. Give it one"), "{out}");
    let add = ["conn", "add", "a", "--backend", "alertmanager", "--url", "http://127.0.0.1:1", "--no-test"];
    let (code, _, err) = qd(&home, &add).await;
    assert!(code == Some(0) && err.contains("as with --credential none; --credential env:NAME"), "{err}");
}

#[tokio::test]
async fn an_address_without_a_scheme_is_told_with_the_one_that_was_meant() {
    let home = TempDir::new().unwrap();
    let (code, _, err) = add(&home, "localhost:9093").await;
    assert_eq!(code, Some(2), "{err}");
    let told = "The address must begin with http:// or https://; did you mean http://localhost:9093?";
    assert!(err.contains(told) && !err.contains("?."), "{err}");
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

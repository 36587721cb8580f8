//! Credentials by reference: the environment and the GitHub CLI's login.
#![cfg(unix)] // The stand-ins for `gh` are shell scripts.
#![allow(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod support;

use std::{
    ffi::OsString,
    os::unix::{ffi::OsStringExt, fs::PermissionsExt},
    path::Path,
    time::{Duration, Instant},
};

use qd_secrets::{CredentialRef, Environment, GhError, Options, Vault, VaultError};
use support::options;

async fn resolve(
    options: Options,
    reference: CredentialRef,
    host: Option<&str>,
) -> Result<String, VaultError> {
    let found = Vault::session_only(options).resolve("code", &reference, host).await?;
    Ok(found.expect("this reference needs a credential").expose().to_owned())
}

async fn variable(value: Option<&[u8]>) -> Result<String, VaultError> {
    let set = value.map(|value| ("TOKEN", OsString::from_vec(value.to_vec())));
    let options = Options { environment: Environment::of(set), ..options() };
    resolve(options, CredentialRef::Env("TOKEN".into()), None).await
}

#[tokio::test]
async fn a_variable_gives_its_value_without_the_line_break_at_its_end() {
    assert_eq!(variable(Some(b"secret\n")).await.unwrap(), "secret");
}

#[tokio::test]
async fn an_unset_empty_or_blank_variable_is_told_by_name() {
    for value in [None, Some(&b""[..]), Some(b" \n")] {
        assert_eq!(variable(value).await, Err(VaultError::EnvUnset { name: "TOKEN".into() }), "{value:?}");
    }
}

#[tokio::test]
async fn a_variable_that_is_not_text_is_no_credential() {
    assert_eq!(variable(Some(&[b'a', 0xff])).await, Err(VaultError::BadEncoding));
}

#[tokio::test]
async fn none_needs_nothing() {
    let vault = Vault::session_only(options());
    assert!(vault.resolve("code", &CredentialRef::None, None).await.unwrap().is_none());
}

/// Asks a stand-in for `gh` that runs this shell script.
async fn gh(script: &str, host: Option<&str>) -> Result<String, VaultError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gh");
    write_program(&path, script);
    let options = Options { gh: path, gh_timeout: Duration::from_secs(4), ..options() };
    resolve(options, CredentialRef::Gh, host).await
}

/// Written by a child: a file this process has open for writing can't be run, and other tests fork at any time.
fn write_program(path: &Path, script: &str) {
    let write = format!("printf '%s\\n' \"$1\" > \"{}\"", path.display());
    let text = format!("#!/bin/sh\n{script}");
    assert!(std::process::Command::new("sh").args(["-c", &write, "sh", &text]).status().unwrap().success());
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn gh_is_asked_for_the_login_of_the_connections_host() {
    let echo = r#"echo "$*""#;
    let spaced = r#"[ "$*" = "auth token --hostname ghe.acme.example" ] && echo gho_work"#;
    assert_eq!(gh(spaced, Some("ghe.acme.example")).await.unwrap(), "gho_work");
    let default = r#"[ "$4" = github.com ] && echo gho_home"#;
    assert_eq!(gh(default, None).await.unwrap(), "gho_home");
    assert_eq!(gh(default, Some("api.github.com")).await.unwrap(), "gho_home");
    assert_eq!(gh(echo, None).await, Err(GhError::Failed.into()), "a sentence is no token");
}

#[tokio::test]
async fn gh_without_a_login_is_told_with_the_host() {
    let script = "echo 'no oauth token found for ghe.acme.example' >&2; exit 1";
    let expected = GhError::NotLoggedIn { host: "ghe.acme.example".into() };
    assert_eq!(gh(script, Some("ghe.acme.example")).await, Err(expected.into()));
    assert_eq!(gh("exit 0", None).await, Err(GhError::NotLoggedIn { host: "github.com".into() }.into()));
}

#[tokio::test]
async fn gh_that_fails_floods_or_hangs_is_given_up() {
    assert_eq!(gh("echo 'unknown command' >&2; exit 2", None).await, Err(GhError::Failed.into()));
    assert_eq!(gh("head -c 100000 /dev/zero | tr '\\0' x", None).await, Err(GhError::Failed.into()));
    let began = Instant::now();
    assert_eq!(gh("exec sleep 60", None).await, Err(GhError::Failed.into()));
    assert!(began.elapsed() < Duration::from_secs(20), "it was not waited for");
}

#[tokio::test]
async fn a_host_that_is_an_option_never_reaches_gh() {
    assert_eq!(gh("echo gho_own", Some("--help")).await, Err(GhError::Failed.into()));
}

/// Without `gh`, with this `hosts.yml` in its folder.
async fn from_file(text: Option<&str>) -> Result<String, VaultError> {
    let folder = tempfile::tempdir().unwrap();
    if let Some(text) = text {
        std::fs::write(folder.path().join("hosts.yml"), text).unwrap();
    }
    let environment = Environment::of([("GH_CONFIG_DIR", folder.path())]);
    resolve(Options { environment, ..options() }, CredentialRef::Gh, None).await
}

#[tokio::test]
async fn without_gh_its_login_file_is_read() {
    let text = "github.com:\n    user: monalisa\n    oauth_token: gho_file\n";
    assert_eq!(from_file(Some(text)).await.unwrap(), "gho_file");
    let other_host = GhError::NotLoggedIn { host: "github.com".into() };
    assert_eq!(from_file(Some("ghe.example:\n    oauth_token: gho_file\n")).await, Err(other_host.into()));
    assert_eq!(from_file(None).await, Err(GhError::NotInstalled.into()));
}

#[tokio::test]
async fn a_login_file_of_absurd_size_is_not_read() {
    let text = format!("github.com:\n    oauth_token: gho_file\n{}", "#".repeat(300_000));
    assert_eq!(from_file(Some(&text)).await, Err(GhError::Failed.into()));
}

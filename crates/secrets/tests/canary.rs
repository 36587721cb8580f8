//! No secret in any error, `Debug` output or log event, at the most talkative level. One test: it owns the process's log.
#![cfg(unix)] // The stand-in for `gh` is a shell script.
#![allow(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod support;

use std::{
    ffi::OsString,
    io::{self, Write},
    os::unix::{ffi::OsStringExt, fs::PermissionsExt},
    sync::{Arc, Mutex},
};

use keyring::Error;
use qd_secrets::{CredentialRef, Durability, Environment, KeychainState, Secret, Vault, VaultError};
use support::{Call, Fake, cause, options};

const CANARY: &str = "c4n4ry-7f3a";

/// Everything that was logged, through `tracing` and `log`.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn install() -> Log {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .init();
        log::set_boxed_logger(Box::new(log.clone())).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        log
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        writeln!(self.0.lock().unwrap(), "{}", record.args()).unwrap();
    }

    fn flush(&self) {}
}

/// The canary as it is, as a list of bytes, as hex.
fn leaks(text: &str) -> bool {
    let bytes = CANARY.as_bytes();
    let list = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [CANARY, &list, &hex].iter().any(|form| text.contains(form))
}

fn assert_quiet(error: &VaultError) {
    let shown = format!("{error} {error:?} {error:#?} {}", error.code());
    assert!(!leaks(&shown), "{shown}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        assert!(!leaks(&format!("{cause} {cause:?}")));
        source = cause.source();
    }
}

/// Errors as keyring stores make them, each with the canary wherever it has room for one.
fn leaky_errors() -> Vec<fn() -> Error> {
    vec![
        || Error::BadEncoding(CANARY.into()),
        || Error::BadDataFormat(CANARY.into(), cause(CANARY)),
        || Error::BadStoreFormat(CANARY.into()),
        || Error::PlatformFailure(cause(CANARY)),
        || Error::NoStorageAccess(cause(CANARY)),
        || Error::TooLong(CANARY.into(), 1),
        || Error::Invalid(CANARY.into(), CANARY.into()),
        || Error::NotSupportedByStore(CANARY.into()),
        || Error::NoDefaultStore,
    ]
}

async fn every_call(vault: &Vault) -> Vec<VaultError> {
    let secret = || Secret::new(CANARY);
    let mut errors = Vec::new();
    errors.extend(vault.set("alerts", secret(), Durability::Keychain).await.err());
    errors.extend(vault.resolve("alerts", &CredentialRef::Keychain, None).await.err());
    errors.extend(vault.ask_again("alerts").await.err());
    errors.extend(vault.delete("alerts").await.err());
    errors
}

#[tokio::test]
async fn no_secret_is_ever_shown() {
    let log = Log::install();
    for call in [Call::Open, Call::Get, Call::Set, Call::Delete] {
        for make in leaky_errors() {
            let fake = Fake::new();
            fake.fail(move |it| (it == call).then(make));
            let vault = fake.vault();
            let errors = every_call(&vault).await;
            assert!(!errors.is_empty(), "{call:?} was to fail");
            errors.iter().for_each(assert_quiet);
            assert!(!leaks(&format!("{vault:?} {:?}", vault.state().await)));
        }
    }
    by_reference().await;
    late_answers().await;
    duplicates().await;
    assert!(!leaks(&log.text()), "{}", log.text());
    assert!(log.text().contains("the keychain answered late"), "the log was listened to");

    // The scan itself is proven: a leak of each form turns it red.
    tracing::trace!(error = ?Error::BadEncoding(CANARY.into()), "seeded leak");
    assert!(leaks(&log.text()), "keyring's own Debug leaks, and the scan sees it");
    assert!(leaks(&format!("{:?}", Secret::new(CANARY).expose())));
}

async fn by_reference() {
    let mut not_text = CANARY.as_bytes().to_vec();
    not_text.push(0xff);
    let folder = tempfile::tempdir().unwrap();
    let gh = folder.path().join("gh");
    let write = format!(
        "printf '#!/bin/sh\\necho {CANARY} x; echo {CANARY} >&2; exit $CODE\\n' > '{}'",
        gh.display()
    );
    assert!(std::process::Command::new("sh").args(["-c", &write]).status().unwrap().success());
    std::fs::set_permissions(&gh, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut options = options();
    options.gh = gh;
    options.environment = Environment::of([("TOKEN", OsString::from_vec(not_text))]);
    assert!(!leaks(&format!("{options:?}")));
    let vault = Vault::session_only(options);
    for reference in [CredentialRef::Env("TOKEN".into()), CredentialRef::Gh] {
        assert_quiet(&vault.resolve("code", &reference, None).await.unwrap_err());
    }
}

async fn late_answers() {
    let fake = Fake::new();
    fake.put("alerts", CANARY.as_bytes());
    fake.now().state = KeychainState::Locked;
    fake.now().blocked = true;
    let vault = fake.vault();
    every_call(&vault).await.iter().for_each(assert_quiet);
    let mut seen = vault.watch();
    seen.mark_unchanged();
    fake.unblock();
    seen.changed().await.unwrap();
    assert!(!leaks(&format!("{vault:?}")));
}

async fn duplicates() {
    let fake = Fake::new();
    fake.put("alerts", CANARY.as_bytes());
    fake.put("alerts", CANARY.as_bytes());
    every_call(&fake.vault()).await.iter().for_each(assert_quiet);
}

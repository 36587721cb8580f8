//! A real GNOME Keyring in a private D-Bus session, in each state it can be in.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy allows them in test functions, not in their helpers"
)]

#[path = "support/session.rs"]
mod session;

use std::{
    io::{self, Write},
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use qd_secrets::{CredentialRef, Durability, Environment, KeychainState, Options, Secret, Vault, VaultError};
use session::{Keyring, SilentPrompter, in_session, is_installed, without_a_bus};

const ID: &str = "alerts";
const TOKEN: &str = "c4n4ry-Tür-42";
const SERVICE: &str = "quarterdeck-test";
/// The product's promise: a named state after three seconds at the latest. Slack for a busy machine.
const PROMISED: Duration = Duration::from_secs(4);

fn options() -> Options {
    Options { service: SERVICE.into(), ..Options::default() }
}

fn vault() -> Vault {
    Vault::system_with(options())
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn read(vault: &Vault) -> Result<String, VaultError> {
    let found = run(vault.resolve(ID, &CredentialRef::Keychain, None))?;
    Ok(found.expect("a credential or an error").expose().to_owned())
}

fn save(vault: &Vault) -> Result<(), VaultError> {
    run(vault.set(ID, Secret::new(TOKEN), Durability::Keychain))
}

/// Asking, reading and saving tell this state, each in the promised time.
fn check(vault: &Vault, expected: KeychainState) {
    let began = Instant::now();
    assert_eq!(run(vault.state()), expected, "asked for its state");
    assert_eq!(read(vault), Err(VaultError::Keychain(expected)), "reading");
    assert_eq!(save(vault), Err(VaultError::Keychain(expected)), "saving");
    assert!(began.elapsed() < 3 * PROMISED, "{:?}", began.elapsed());
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What `secret-tool` finds for our item. `None` when it finds nothing.
fn seen_by_secret_tool() -> Option<String> {
    let found =
        Command::new("secret-tool").args(["lookup", "service", SERVICE, "username", ID]).output().unwrap();
    found.status.success().then(|| String::from_utf8(found.stdout).unwrap())
}

#[test]
fn a_credential_is_saved_for_all_to_find_and_removed_without_trace() {
    in_session("a_credential_is_saved_for_all_to_find_and_removed_without_trace", || {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .init();
        let _keyring = Keyring::unlocked();
        let vault = vault();
        assert_eq!(run(vault.state()), KeychainState::Ready);
        assert_eq!(read(&vault), Err(VaultError::Missing));
        save(&vault).unwrap();
        assert_eq!(read(&vault).unwrap(), TOKEN);
        assert_eq!(read(&self::vault()).unwrap(), TOKEN, "it survives the vault that saved it");
        let with_tool = is_installed("secret-tool");
        if with_tool {
            assert_eq!(seen_by_secret_tool().as_deref(), Some(TOKEN));
        } else {
            println!("skipped: the look with secret-tool, which is not installed");
        }
        run(vault.delete(ID)).unwrap();
        run(vault.delete(ID)).expect("deleting what is absent is fine");
        assert_eq!(read(&vault), Err(VaultError::Missing));
        if with_tool {
            assert_eq!(seen_by_secret_tool(), None);
        }
        let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
        assert!(log.contains("zbus"), "the bus's own events were listened to");
        assert!(!log.contains("c4n4ry"), "no event shows the secret");
    });
}

#[test]
fn no_bus_is_told_and_the_session_still_serves() {
    without_a_bus("no_bus_is_told_and_the_session_still_serves", || {
        let vault = vault();
        check(&vault, KeychainState::NoSessionBus);
        run(vault.set(ID, Secret::new(TOKEN), Durability::SessionOnly)).unwrap();
        assert_eq!(read(&vault).unwrap(), TOKEN);
    });
}

#[test]
fn no_service_is_told_and_one_that_starts_later_is_found() {
    in_session("no_service_is_told_and_one_that_starts_later_is_found", || {
        let vault = vault();
        check(&vault, KeychainState::NoService);
        let _keyring = Keyring::unlocked();
        save(&vault).unwrap();
        assert_eq!(read(&vault).unwrap(), TOKEN);
    });
}

#[test]
fn no_collection_is_not_taken_for_no_token() {
    in_session("no_collection_is_not_taken_for_no_token", || {
        let _keyring = Keyring::locked();
        check(&vault(), KeychainState::NoCollection);
    });
}

#[test]
fn locked_with_nobody_to_ask_is_locked_until_it_is_unlocked() {
    in_session("locked_with_nobody_to_ask_is_locked_until_it_is_unlocked", || {
        let keyring = Keyring::unlocked();
        save(&vault()).unwrap();
        keyring.die();
        let keyring = Keyring::locked();
        let vault = vault();
        check(&vault, KeychainState::Locked);
        keyring.die();
        let _keyring = Keyring::unlocked();
        assert_eq!(read(&vault).unwrap(), TOKEN, "it has been there all the time");
        assert_eq!(run(vault.state()), KeychainState::Ready);
    });
}

#[test]
fn locked_with_a_screen_and_a_prompt_that_comes_to_nothing_is_a_dismissed_prompt() {
    in_session("locked_with_a_screen_and_a_prompt_that_comes_to_nothing_is_a_dismissed_prompt", || {
        let keyring = Keyring::unlocked();
        save(&vault()).unwrap();
        keyring.die();
        let _keyring = Keyring::locked();
        let environment = Environment::of([("DISPLAY", ":0")]);
        let vault = Vault::system_with(Options { environment, ..options() });
        assert_eq!(read(&vault), Err(VaultError::Keychain(KeychainState::PromptDismissed)));
        assert_eq!(read(&vault), Err(VaultError::Keychain(KeychainState::Locked)), "not prompted again");
    });
}

#[test]
fn a_keyring_that_dies_is_told_and_its_return_is_noticed() {
    in_session("a_keyring_that_dies_is_told_and_its_return_is_noticed", || {
        let keyring = Keyring::unlocked();
        let vault = vault();
        save(&vault).unwrap();
        keyring.die();
        check(&vault, KeychainState::NoService);
        let keyring = Keyring::unlocked();
        assert_eq!(read(&vault).unwrap(), TOKEN);
        // And once more without a call in between that could notice.
        keyring.die();
        let _keyring = Keyring::unlocked();
        assert_eq!(read(&vault).unwrap(), TOKEN);
        assert_eq!(run(vault.state()), KeychainState::Ready);
    });
}

#[test]
fn a_prompt_nobody_answers_is_told_and_a_keyring_that_dies_under_it_is_got_over() {
    in_session("a_prompt_nobody_answers_is_told_and_a_keyring_that_dies_under_it_is_got_over", || {
        let keyring = Keyring::unlocked();
        save(&vault()).unwrap();
        keyring.die();
        let keyring = Keyring::locked();
        let _prompter = SilentPrompter::start();
        let soft = Duration::from_secs(2);
        let hard = Duration::from_secs(3);
        let environment = Environment::of([("DISPLAY", ":0")]);
        let vault =
            Vault::system_with(Options { environment, soft_timeout: soft, hard_timeout: hard, ..options() });
        let ignored = VaultError::Keychain(KeychainState::PromptIgnored { after: soft });
        assert_eq!(read(&vault), Err(ignored));
        // Under the open prompt, the keyring crashes and is back, unlocked. The blocked call will never end.
        keyring.die();
        let _keyring = Keyring::unlocked();
        std::thread::sleep(hard);
        assert_eq!(read(&vault).unwrap(), TOKEN, "asked anew after the hard time-out");
    });
}

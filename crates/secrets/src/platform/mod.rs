//! The keychain of the operating system, behind a port that tests can stand in for.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry};

use crate::KeychainState;

#[cfg(target_os = "macos")]
mod apple;
#[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
mod secret_service;
#[cfg(target_os = "windows")]
mod windows;

/// A keychain, as the vault's thread uses it. All calls may block; none is made from an async worker.
pub trait Platform: Send + Sync + 'static {
    /// Starts a store. Called on first use and again after a failure: nothing may be cached here.
    fn open(&self) -> keyring::Result<Arc<CredentialStore>>;

    /// How the keychain stands, found out without ever prompting the person.
    fn probe(&self) -> KeychainState;

    /// Whether a prompt could reach a person: without a screen, a locked keychain stays locked.
    fn can_prompt(&self) -> bool;

    /// The entry for `user` in `service`, with the extras this keychain knows.
    fn entry(&self, store: &CredentialStore, service: &str, user: &str) -> keyring::Result<Entry> {
        store.build(service, user, None)
    }
}

/// The keychain of this operating system.
#[cfg_attr(
    not(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android")))),
    expect(unused_variables, reason = "only the Secret Service depends on the environment")
)]
pub(crate) fn system(environment: &crate::Environment) -> Arc<dyn Platform> {
    #[cfg(target_os = "macos")]
    return Arc::new(apple::Keychain);
    #[cfg(target_os = "windows")]
    return Arc::new(windows::CredentialManager);
    #[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
    return Arc::new(secret_service::SecretService::new(environment));
    #[cfg(any(target_os = "ios", target_os = "android", not(any(unix, windows))))]
    return Arc::new(Absent { what: "a keychain for this operating system" });
}

/// A platform without a keychain: credentials can live in this session's memory only.
pub(crate) struct Absent {
    pub(crate) what: &'static str,
}

impl Platform for Absent {
    fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
        Err(keyring::Error::NotSupportedByStore(self.what.to_owned()))
    }

    fn probe(&self) -> KeychainState {
        KeychainState::Unsupported { what: self.what }
    }

    fn can_prompt(&self) -> bool {
        false
    }
}

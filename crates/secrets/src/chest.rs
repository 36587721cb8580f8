//! The keychain as the vault's thread sees it: blocking calls, and what their outcomes mean.
//!
//! Errors of the keyring crates can carry the raw bytes of a secret. They are turned into [`Trouble`] where they arise
//! and go no further.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry};
use zeroize::Zeroize;

use crate::{
    KeychainState, Platform, Secret, VaultError,
    account::Account,
    worker::{Progress, WaitsFor},
};

/// Who asked. Work in the background must not open a prompt again that the person has just closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AskedBy {
    Background,
    Person,
}

/// One platform keychain with its opened store. Lives on the vault's thread.
pub(crate) struct Chest {
    platform: Arc<dyn Platform>,
    service: String,
    progress: Arc<Progress>,
    store: Option<Arc<CredentialStore>>,
    /// What [`Chest::state`] was when the last prompt came to nothing. While it stays so, only a person asks again.
    refused: Option<KeychainState>,
}

/// What went wrong in a call, without the payload of the error it came from.
enum Trouble {
    NoEntry,
    NoAccess,
    Failed,
    TooLong(u32),
    Ambiguous(Vec<Entry>),
    NotText,
}

/// What was being done when it went wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Reading,
    Writing,
}

impl Chest {
    pub(crate) fn new(platform: Arc<dyn Platform>, service: String, progress: Arc<Progress>) -> Chest {
        Chest { platform, service, progress, store: None, refused: None }
    }

    /// How the keychain stands. Never prompts. A store of a keychain that is gone is let go, to be opened anew.
    pub(crate) fn state(&mut self) -> KeychainState {
        self.progress.waits_for(WaitsFor::Keychain);
        let state = self.platform.probe();
        if self.refused.is_some_and(|then| then != state) {
            self.refused = None;
        }
        if matches!(state, KeychainState::NoSessionBus | KeychainState::NoService) {
            self.store = None;
        }
        state
    }

    /// The saved credential, or [`VaultError::Missing`].
    pub(crate) fn get(&mut self, account: &Account, asked_by: AskedBy) -> Result<Secret, VaultError> {
        let state = self.ready_to_ask(asked_by)?;
        match self.with_entry(account, Entry::get_secret) {
            Ok(bytes) => Secret::from_bytes(bytes).ok_or(VaultError::BadEncoding),
            Err(Trouble::NoEntry) if state == KeychainState::NoCollection => Err(VaultError::Keychain(state)),
            Err(trouble) => Err(self.meaning(trouble, Doing::Reading)),
        }
    }

    /// Saves the credential, and reads it back to be sure. What does not come back as it went in is removed.
    pub(crate) fn set(&mut self, account: &Account, secret: &Secret) -> Result<(), VaultError> {
        let state = self.ready_to_ask(AskedBy::Person)?;
        if state == KeychainState::NoCollection {
            return Err(VaultError::Keychain(state));
        }
        self.with_entry(account, |entry| entry.set_secret(secret.expose().as_bytes()))
            .map_err(|trouble| self.meaning(trouble, Doing::Writing))?;
        let mut read = match self.with_entry(account, Entry::get_secret) {
            Ok(bytes) => bytes,
            Err(Trouble::NoEntry) => return Err(VaultError::ReadBackDiffers),
            Err(trouble) => return Err(self.meaning(trouble, Doing::Reading)),
        };
        let same = read == secret.expose().as_bytes();
        read.zeroize();
        if same {
            return Ok(());
        }
        self.delete(account)?;
        Err(VaultError::ReadBackDiffers)
    }

    /// Removes the credential, and every duplicate of it. Nothing there is fine.
    pub(crate) fn delete(&mut self, account: &Account) -> Result<(), VaultError> {
        self.ready_to_ask(AskedBy::Person)?;
        let trouble = match self.with_entry(account, Entry::delete_credential) {
            Ok(()) => return Ok(()),
            Err(trouble) => trouble,
        };
        match trouble {
            Trouble::NoEntry => Ok(()),
            Trouble::Ambiguous(entries) => {
                entries.iter().try_for_each(|entry| match entry.delete_credential().map_err(Trouble::from) {
                    Ok(()) | Err(Trouble::NoEntry) => Ok(()),
                    Err(trouble) => Err(self.meaning(trouble, Doing::Writing)),
                })
            }
            trouble => Err(self.meaning(trouble, Doing::Writing)),
        }
    }

    /// The state, if it makes sense to go on with a call that may prompt.
    fn ready_to_ask(&mut self, asked_by: AskedBy) -> Result<KeychainState, VaultError> {
        let state = self.state();
        match state {
            _ if self.refused.is_some() && asked_by == AskedBy::Background => {
                Err(VaultError::Keychain(KeychainState::Locked))
            }
            KeychainState::Ready | KeychainState::NoCollection => Ok(state),
            KeychainState::Locked => {
                self.progress.waits_for(WaitsFor::Person);
                Ok(state)
            }
            _ => Err(VaultError::Keychain(state)),
        }
    }

    /// Makes one call. A store that was opened earlier may have lost its session (the keychain was restarted), so a
    /// failure of it is tried once more with a fresh one; all calls made through here can be repeated.
    fn with_entry<T>(
        &mut self,
        account: &Account,
        call: impl Fn(&Entry) -> keyring::Result<T>,
    ) -> Result<T, Trouble> {
        let opened_before = self.store.is_some();
        let mut outcome = self.attempt(account, &call);
        if opened_before && matches!(outcome, Err(Trouble::Failed)) {
            self.store = None;
            outcome = self.attempt(account, &call);
        }
        if outcome.is_ok() {
            self.refused = None;
        }
        outcome
    }

    fn attempt<T>(
        &mut self,
        account: &Account,
        call: &impl Fn(&Entry) -> keyring::Result<T>,
    ) -> Result<T, Trouble> {
        let store = match &self.store {
            Some(store) => store,
            None => self.store.insert(self.platform.open()?),
        };
        let entry = self.platform.entry(store.as_ref(), &self.service, account.user())?;
        Ok(call(&entry)?)
    }

    /// Names the trouble, asking the keychain again where the crates' errors don't tell enough.
    fn meaning(&mut self, trouble: Trouble, doing: Doing) -> VaultError {
        let state = match trouble {
            Trouble::NoEntry => return VaultError::Missing,
            Trouble::TooLong(limit) => return VaultError::TooLong { limit },
            Trouble::Ambiguous(_) => return VaultError::Ambiguous,
            Trouble::NotText => return VaultError::BadEncoding,
            Trouble::NoAccess => match self.state() {
                state @ (KeychainState::Ready | KeychainState::Locked) => {
                    self.refused = Some(state);
                    if self.platform.can_prompt() {
                        KeychainState::PromptDismissed
                    } else {
                        KeychainState::Locked
                    }
                }
                state => state,
            },
            Trouble::Failed => match self.state() {
                KeychainState::Ready if doing == Doing::Writing => KeychainState::ReadOnly,
                KeychainState::Ready => KeychainState::Failing,
                state => state,
            },
        };
        VaultError::Keychain(state)
    }
}

impl From<keyring::Error> for Trouble {
    fn from(error: keyring::Error) -> Trouble {
        match error {
            keyring::Error::NoEntry => Trouble::NoEntry,
            keyring::Error::NoStorageAccess(_) => Trouble::NoAccess,
            keyring::Error::TooLong(_, limit) => Trouble::TooLong(limit),
            keyring::Error::Ambiguous(entries) => Trouble::Ambiguous(entries),
            keyring::Error::BadEncoding(mut bytes) | keyring::Error::BadDataFormat(mut bytes, _) => {
                bytes.zeroize();
                Trouble::NotText
            }
            _ => Trouble::Failed,
        }
    }
}

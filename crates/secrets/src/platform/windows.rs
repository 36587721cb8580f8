//! Windows: the Credential Manager.

use std::{collections::HashMap, sync::Arc};

use keyring_core::{CredentialStore, Entry};

use super::Platform;
use crate::KeychainState;

/// The user's generic credentials.
pub(super) struct CredentialManager;

impl Platform for CredentialManager {
    fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
        let store: Arc<CredentialStore> = windows_native_keyring_store::Store::new()?;
        Ok(store)
    }

    /// It is open for as long as the person is signed in, and never prompts.
    fn probe(&self) -> KeychainState {
        KeychainState::Ready
    }

    fn can_prompt(&self) -> bool {
        false
    }

    /// Kept on this machine: the store's default (`Enterprise`) may roam to others with the profile.
    fn entry(&self, store: &CredentialStore, service: &str, user: &str) -> keyring::Result<Entry> {
        store.build(service, user, Some(&HashMap::from([("persistence", "Local")])))
    }
}

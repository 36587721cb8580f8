//! macOS: the login keychain.

use std::sync::Arc;

use keyring_core::CredentialStore;

use super::Platform;
use crate::KeychainState;

/// The user's keychain through the Security framework.
pub(super) struct Keychain;

impl Platform for Keychain {
    fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
        let store: Arc<CredentialStore> = apple_native_keyring_store::keychain::Store::new()?;
        Ok(store)
    }

    /// The framework has no question that is sure not to prompt, so the state shows when an item is asked for.
    fn probe(&self) -> KeychainState {
        KeychainState::Ready
    }

    fn can_prompt(&self) -> bool {
        true
    }
}

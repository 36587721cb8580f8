//! What can stand between a connection and its credential: one value per different next step.
//!
//! Nothing here holds text from a keychain, a tool or the person, except names they chose themselves.

use std::time::Duration;

use serde::Serialize;

/// How the OS keychain stands. Sentences for people are made from [`KeychainState::code`] elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeychainState {
    /// It answers, and is unlocked.
    Ready,
    /// There is no D-Bus session to ask (a server, a container, a bare `ssh`).
    NoSessionBus,
    /// The session has no Secret Service (no GNOME Keyring, KWallet or KeePassXC).
    NoService,
    /// The Secret Service has no default collection to save into.
    NoCollection,
    /// It is locked, and nobody is being asked to unlock it.
    Locked,
    /// It is locked, and the person closed the prompt to unlock it.
    PromptDismissed,
    /// It is locked, and the prompt to unlock it has not been answered for this long. It may still be.
    PromptIgnored {
        /// How long the caller waited.
        after: Duration,
    },
    /// It was asked and has not answered for this long, though no prompt should be open.
    NotAnswering {
        /// How long the caller waited.
        after: Duration,
    },
    /// It answers and reads, but refuses to save.
    ReadOnly,
    /// It answers, but a request failed for a reason it doesn't tell.
    Failing,
    /// There is no keychain here that this program can use.
    Unsupported {
        /// What is missing.
        what: &'static str,
    },
}

impl KeychainState {
    /// The machine's word for this state: stable, for the window, scripts and logs.
    pub fn code(&self) -> &'static str {
        match self {
            KeychainState::Ready => "ready",
            KeychainState::NoSessionBus => "no_session_bus",
            KeychainState::NoService => "no_service",
            KeychainState::NoCollection => "no_collection",
            KeychainState::Locked => "locked",
            KeychainState::PromptDismissed => "prompt_dismissed",
            KeychainState::PromptIgnored { .. } => "prompt_ignored",
            KeychainState::NotAnswering { .. } => "not_answering",
            KeychainState::ReadOnly => "read_only",
            KeychainState::Failing => "failing",
            KeychainState::Unsupported { .. } => "unsupported",
        }
    }
}

impl Serialize for KeychainState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Why there is no credential, or why it could not be saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The keychain was asked, and holds no credential for this connection.
    #[error("no credential is saved for this connection")]
    Missing,
    /// The keychain could not be asked.
    #[error("the keychain is not usable: {}", .0.code())]
    Keychain(KeychainState),
    /// The keychain takes nothing that long.
    #[error("the credential is longer than the keychain takes ({limit})")]
    TooLong {
        /// The keychain's limit in its own unit, bytes where it is known.
        limit: u32,
    },
    /// The keychain holds several credentials under this connection's name. Deleting removes them all.
    #[error("the keychain holds several credentials for this connection")]
    Ambiguous,
    /// What was found is not text.
    #[error("the credential is not text")]
    BadEncoding,
    /// The credential to save is empty.
    #[error("the credential is empty")]
    Empty,
    /// The connection's id can't name a keychain item.
    #[error("a connection's id is 1 to 128 letters, digits, dots, dashes or underscores")]
    BadId,
    /// The environment variable is unset or empty.
    #[error("the environment variable {name} is not set")]
    EnvUnset {
        /// Its name, as the configuration wrote it.
        name: String,
    },
    /// The GitHub CLI's login could not be read.
    #[error("could not read the login of the GitHub CLI: {0}")]
    Gh(#[from] GhError),
    /// The keychain said it saved the credential, but gives back another. It was removed again.
    #[error("the keychain does not give back what was saved")]
    ReadBackDiffers,
}

impl VaultError {
    /// The machine's word for this error: stable, for the window, scripts and logs.
    pub fn code(&self) -> &'static str {
        match self {
            VaultError::Missing => "credential_missing",
            VaultError::Keychain(state) => state.code(),
            VaultError::TooLong { .. } => "credential_too_long",
            VaultError::Ambiguous => "credential_ambiguous",
            VaultError::BadEncoding => "credential_not_text",
            VaultError::Empty => "credential_empty",
            VaultError::BadId => "bad_connection_id",
            VaultError::EnvUnset { .. } => "env_unset",
            VaultError::Gh(GhError::NotInstalled) => "gh_not_installed",
            VaultError::Gh(GhError::NotLoggedIn { .. }) => "gh_not_logged_in",
            VaultError::Gh(GhError::Failed) => "gh_failed",
            VaultError::ReadBackDiffers => "read_back_differs",
        }
    }
}

/// Why the GitHub CLI's login could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GhError {
    /// Neither the `gh` command nor a login file of it was found.
    #[error("gh is not installed")]
    NotInstalled,
    /// It has no login for this host.
    #[error("gh is not logged in to {host}")]
    NotLoggedIn {
        /// The host that was asked for.
        host: String,
    },
    /// It did not answer in time, or not with a token.
    #[error("gh did not answer with a token")]
    Failed,
}

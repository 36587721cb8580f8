//! Where credentials come from, as the engine and the front ends see it.

use async_trait::async_trait;
use qd_model::SourceId;

use crate::Secret;

/// The keeper of credentials. One value of `credential = "…"` in the configuration is a *reference*: `keychain`,
/// `env:NAME`, `gh` or `none`.
#[async_trait]
pub trait Credentials: Send + Sync + 'static {
    /// Whether a text is a reference at all.
    ///
    /// # Errors
    /// Says what to write instead; never repeats the text, which may be a secret written in the wrong place.
    fn check_reference(&self, reference: &str) -> Result<(), String>;

    /// The credential of a connection. `None` for the reference `none`.
    ///
    /// # Errors
    /// What is in the way, see [`CredentialError`].
    async fn resolve(
        &self,
        source: &SourceId,
        reference: &str,
        host: Option<&str>,
    ) -> Result<Option<Secret>, CredentialError>;

    /// Keeps a credential in the keychain, or for this session only.
    ///
    /// # Errors
    /// It was not kept.
    async fn keep(
        &self,
        source: &SourceId,
        secret: Secret,
        session_only: bool,
    ) -> Result<(), CredentialError>;

    /// Removes a credential; that there is none is fine.
    ///
    /// # Errors
    /// It may still be there.
    async fn forget(&self, source: &SourceId) -> Result<(), CredentialError>;

    /// The person is there and wants this connection to work: a prompt of the keychain that they closed may come once
    /// more. Work in the background never brings it back by itself. Whether it helped is seen when the credential is
    /// resolved.
    async fn ask_again(&self, _source: &SourceId) {}

    /// How the keychain stands now: `ready`, `locked`, `no_service`, ….
    async fn keychain(&self) -> &'static str;
}

/// What stands between a connection and its credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CredentialError {
    /// Machine word: `credential_missing`, `locked`, `no_service`, `env_unset`, `gh_not_logged_in`, ….
    pub code: &'static str,
    /// In plain words. Never holds a secret.
    pub message: String,
}

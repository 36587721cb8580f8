//! The vault as the engine and the front ends know it.

use async_trait::async_trait;
use qd_connector::{CredentialError, Credentials};
use qd_model::SourceId;
use secrecy::ExposeSecret;

use crate::{CredentialRef, Durability, KeychainState, Secret, Vault, VaultError};

#[async_trait]
impl Credentials for Vault {
    fn check_reference(&self, reference: &str) -> Result<(), String> {
        reference.parse::<CredentialRef>().map(|_| ()).map_err(|error| error.to_string())
    }

    async fn resolve(
        &self,
        source: &SourceId,
        reference: &str,
        host: Option<&str>,
    ) -> Result<Option<qd_connector::Secret>, CredentialError> {
        let reference: CredentialRef = reference.parse().map_err(|error: crate::CredentialRefError| {
            CredentialError { code: "bad_reference", message: error.to_string() }
        })?;
        let secret = Vault::resolve(self, source.as_str(), &reference, host).await.map_err(error)?;
        Ok(secret.map(|secret| qd_connector::Secret::from(secret.expose().to_owned())))
    }

    async fn keep(
        &self,
        source: &SourceId,
        secret: qd_connector::Secret,
        session_only: bool,
    ) -> Result<(), CredentialError> {
        let durability = if session_only { Durability::SessionOnly } else { Durability::Keychain };
        let secret = Secret::new(secret.expose_secret().to_owned());
        self.set(source.as_str(), secret, durability).await.map_err(error)
    }

    async fn forget(&self, source: &SourceId) -> Result<(), CredentialError> {
        self.delete(source.as_str()).await.map_err(error)
    }

    async fn ask_again(&self, source: &SourceId) {
        if let Err(error) = Vault::ask_again(self, source.as_str()).await {
            tracing::debug!(%source, error = error.code(), "the keychain was asked again");
        }
    }

    async fn keychain(&self) -> &'static str {
        KeychainState::code(&self.state().await)
    }
}

fn error(error: VaultError) -> CredentialError {
    CredentialError { code: error.code(), message: error.to_string() }
}

//! Stand-ins for tests that need a backend or a keeper of credentials, but ask neither anything.

use std::time::Duration;

use async_trait::async_trait;
use qd_model::{Kind, SourceId};

use crate::http::Auth;
use crate::{
    ActionSpec, Aim, Backend, Connection, CredentialError, CredentialSpec, Credentials, Descriptor, Risk,
    Secret, Settings, SettingsError,
};

/// A descriptor to begin with: an address of its own, no settings, no actions, works without a credential, a poll a
/// minute. A test writes what else it needs over it: `Descriptor { settings: &[…], ..descriptor("ci", &[Kind::Run]) }`.
pub const fn descriptor(backend: &'static str, kinds: &'static [Kind]) -> Descriptor {
    Descriptor {
        backend,
        name: backend,
        summary: "",
        kinds,
        url_example: "https://backend.example.org",
        default_url: Some("https://backend.example.org"),
        credential: CredentialSpec { label: "", help: "", optional: true, gh: false },
        settings: &[],
        actions: &[],
        interval: Duration::from_secs(60),
        readme: "",
        icon: "",
    }
}

/// The one action of a backend whose alerts can be silenced while they fire.
pub const SILENCE: &[ActionSpec] = &[ActionSpec {
    verb: "silence",
    label: "Silence",
    aim: Aim::Entity(Kind::Alert),
    when: &["firing"],
    risk: Risk::Undoable,
    effect: "it is quiet",
    args: &[],
    previews: false,
}];

/// A backend that is only ever described: every attempt to connect to it fails.
pub struct Described {
    /// What it tells of itself.
    pub descriptor: &'static Descriptor,
    /// [`Backend::setting_aliases`].
    pub aliases: &'static [(&'static str, &'static str)],
}

impl Described {
    /// A backend whose settings have one name each.
    pub const fn by(descriptor: &'static Descriptor) -> Self {
        Self { descriptor, aliases: &[] }
    }
}

impl Backend for Described {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    fn connect(&self, _: Settings) -> Result<Box<dyn Connection>, SettingsError> {
        Err(SettingsError { field: "url".into(), problem: "only described".into() })
    }

    fn auth(&self, _: Option<Secret>) -> Result<Auth, SettingsError> {
        Ok(Auth::None)
    }

    fn setting_aliases(&self) -> &'static [(&'static str, &'static str)] {
        self.aliases
    }
}

/// A keeper that holds nothing and takes every text for a reference. `env:UNSET` names a variable that is not set; every
/// other reference stands for no credential.
pub struct NoCredentials;

#[async_trait]
impl Credentials for NoCredentials {
    fn check_reference(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    async fn resolve(
        &self,
        _: &SourceId,
        reference: &str,
        _: Option<&str>,
    ) -> Result<Option<Secret>, CredentialError> {
        match reference {
            "env:UNSET" => Err(CredentialError { code: "env_unset", message: "it is not set".to_owned() }),
            _ => Ok(None),
        }
    }

    async fn keep(&self, _: &SourceId, _: Secret, _: bool) -> Result<(), CredentialError> {
        Ok(())
    }

    async fn forget(&self, _: &SourceId) -> Result<(), CredentialError> {
        Ok(())
    }

    async fn keychain(&self) -> &'static str {
        "ready"
    }
}

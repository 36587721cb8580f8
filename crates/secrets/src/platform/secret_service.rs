//! Linux and the BSDs: the Secret Service on the D-Bus session (GNOME Keyring, KWallet, KeePassXC).
//!
//! The store crate says `NoEntry` both for "nothing saved" and for "nothing to save into", and can't be asked whether
//! it would prompt. [`SecretService::probe`] asks the service itself.
//! Source: <https://specifications.freedesktop.org/secret-service/latest/>

use std::{collections::HashMap, sync::Arc};

use keyring_core::{CredentialStore, Entry};
use zbus::{
    blocking::{Connection, Proxy},
    fdo,
    zvariant::OwnedObjectPath,
};

use super::Platform;
use crate::{Environment, KeychainState};

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";

/// The Secret Service of the session this process runs in.
pub(super) struct SecretService {
    has_screen: bool,
}

impl SecretService {
    pub(super) fn new(environment: &Environment) -> SecretService {
        let has_screen = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| environment.get(name).is_some());
        SecretService { has_screen }
    }
}

impl Platform for SecretService {
    fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
        let store: Arc<CredentialStore> = zbus_secret_service_keyring_store::Store::new()?;
        Ok(store)
    }

    fn probe(&self) -> KeychainState {
        let Ok(bus) = Connection::session() else {
            return KeychainState::NoSessionBus;
        };
        match default_collection_is_locked(&bus) {
            Ok(Some(false)) => KeychainState::Ready,
            Ok(Some(true)) => KeychainState::Locked,
            Ok(None) => KeychainState::NoCollection,
            Err(error) => state_of(&error),
        }
    }

    fn can_prompt(&self) -> bool {
        self.has_screen
    }

    /// Labelled, so that the person recognises it in Seahorse or KWalletManager.
    fn entry(&self, store: &CredentialStore, service: &str, user: &str) -> keyring::Result<Entry> {
        let label = format!("Quarterdeck: {user}");
        store.build(service, user, Some(&HashMap::from([("label", label.as_str())])))
    }
}

/// `None` when there is no default collection. The path `/` stands for "none" in this interface.
fn default_collection_is_locked(bus: &Connection) -> zbus::Result<Option<bool>> {
    let path: OwnedObjectPath = Proxy::new(bus, NAME, PATH, SERVICE)?.call("ReadAlias", &("default",))?;
    if path.as_str() == "/" {
        return Ok(None);
    }
    Proxy::new(bus, NAME, path, COLLECTION)?.get_property("Locked").map(Some)
}

fn state_of(error: &zbus::Error) -> KeychainState {
    match error {
        zbus::Error::MethodError(name, ..) => state_of_name(name.as_str()),
        zbus::Error::FDO(error) => match **error {
            fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_) => KeychainState::NoService,
            fdo::Error::Disconnected(_) | fdo::Error::IOError(_) => KeychainState::NoSessionBus,
            _ => KeychainState::Failing,
        },
        zbus::Error::InputOutput(_) => KeychainState::NoSessionBus,
        _ => KeychainState::Failing,
    }
}

/// A service that the bus can't start (its program is missing, or quits) is as good as none. `NoReply` is what the bus
/// says when a service dies while it is being asked.
fn state_of_name(name: &str) -> KeychainState {
    match name.strip_prefix("org.freedesktop.DBus.Error.") {
        Some("ServiceUnknown" | "NameHasNoOwner" | "NoReply") => KeychainState::NoService,
        Some("Disconnected") => KeychainState::NoSessionBus,
        Some(other) if other.starts_with("Spawn.") => KeychainState::NoService,
        _ => KeychainState::Failing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_bus_become_states() {
        for (name, state) in [
            ("org.freedesktop.DBus.Error.ServiceUnknown", KeychainState::NoService),
            ("org.freedesktop.DBus.Error.Spawn.ExecFailed", KeychainState::NoService),
            ("org.freedesktop.DBus.Error.NoReply", KeychainState::NoService),
            ("org.freedesktop.DBus.Error.Disconnected", KeychainState::NoSessionBus),
            ("org.freedesktop.DBus.Error.AccessDenied", KeychainState::Failing),
            ("org.freedesktop.Secret.Error.NoSuchObject", KeychainState::Failing),
        ] {
            assert_eq!(state_of_name(name), state, "{name}");
        }
    }

    #[test]
    fn a_prompt_needs_a_screen() {
        assert!(!SecretService::new(&Environment::of([("TERM", "xterm")])).can_prompt());
        assert!(SecretService::new(&Environment::of([("WAYLAND_DISPLAY", "wayland-0")])).can_prompt());
    }
}

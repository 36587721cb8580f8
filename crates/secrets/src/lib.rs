//! Credentials of connections: kept in the OS keychain, or read by reference from the environment or the GitHub CLI.
//!
//! [`Vault`] is the one door. It answers with a [`Secret`], or with a [`VaultError`] that says which of a few clearly
//! told-apart things is in the way, so that the window can name it and offer the next step.
//!
//! *Invariants:* a secret is never written anywhere but the OS keychain; no error, log event or `Debug` output holds
//! one; no keychain call runs on an async worker thread; a keychain that could not be reached is tried again on the
//! next use.

mod account;
mod chest;
mod credentials;
mod environment;
mod errors;
mod gh;
mod memory;
mod platform;
mod reference;
mod secret;
mod vault;
mod worker;

pub use environment::Environment;
pub use errors::{GhError, KeychainState, VaultError};
pub use platform::Platform;
pub use reference::{CredentialRef, CredentialRefError};
pub use secret::Secret;
pub use vault::{Durability, Options, Vault};

//! The one door to credentials.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    CredentialRef, Environment, KeychainState, Platform, Secret, VaultError,
    account::Account,
    chest::{AskedBy, Chest},
    gh,
    memory::Memory,
    platform::{self, Absent},
    worker::{Patience, Worker, lock},
};

/// How long a credential that is set shall last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// In the OS keychain, until it is deleted there.
    Keychain,
    /// In this process's memory, until it ends. The person's choice when there is no keychain.
    SessionOnly,
}

/// What can differ between the product and a test of it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The service name of all keychain items. Development and tests use another than the product's `quarterdeck`.
    pub service: String,
    /// Tells apart homes of one person in one keychain: a short name of the home, letters and digits. `None`: the
    /// platform's own folders.
    pub home: Option<String>,
    /// How long a caller waits for the keychain before it is told what blocks it.
    pub soft_timeout: Duration,
    /// How long a keychain call may block before it is given up for dead.
    pub hard_timeout: Duration,
    /// Where `env:NAME` and the GitHub CLI's folders are looked up.
    pub environment: Environment,
    /// The GitHub CLI's command: a name to search in the `PATH`, or a path.
    pub gh: PathBuf,
    /// How long the GitHub CLI may take to answer.
    pub gh_timeout: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            service: "quarterdeck".into(),
            home: None,
            soft_timeout: Duration::from_secs(3),
            hard_timeout: Duration::from_secs(120),
            environment: Environment::of_process(),
            gh: "gh".into(),
            gh_timeout: Duration::from_secs(5),
        }
    }
}

/// Finds, saves and removes credentials of connections.
pub struct Vault {
    worker: Worker,
    memory: Arc<Mutex<Memory>>,
    state: watch::Sender<Option<KeychainState>>,
    options: Options,
}

impl Vault {
    /// The keychain of this operating system.
    pub fn system() -> Vault {
        let options = Options::default();
        Vault::with_store(platform::system(&options.environment), options)
    }

    /// The keychain of this operating system, with other options than the product's.
    pub fn system_with(options: Options) -> Vault {
        Vault::with_store(platform::system(&options.environment), options)
    }

    /// Another keychain: a test's.
    pub fn with_store(platform: Arc<dyn Platform>, options: Options) -> Vault {
        let patience = Patience { soft: options.soft_timeout, hard: options.hard_timeout };
        Vault {
            worker: Worker::new(platform, options.service.clone(), patience),
            memory: Arc::default(),
            state: watch::Sender::new(None),
            options,
        }
    }

    /// No keychain at all: credentials last for this session, or come by reference.
    pub fn session_only(options: Options) -> Vault {
        Vault::with_store(Arc::new(Absent { what: "a keychain, by choice" }), options)
    }

    /// The credential `reference` points to, for the connection `id`. `None` exactly for [`CredentialRef::None`].
    ///
    /// `host` is the connection's host without scheme; only `gh` needs it, and takes `github.com` without one.
    ///
    /// # Errors
    /// [`VaultError::Missing`] when the keychain holds nothing for this connection; otherwise what is in the way. When
    /// a prompt is in the way, and is answered later, the next call gets the credential and [`Vault::watch`] tells when.
    pub async fn resolve(
        &self,
        id: &str,
        reference: &CredentialRef,
        host: Option<&str>,
    ) -> Result<Option<Secret>, VaultError> {
        match reference {
            CredentialRef::Keychain => self.saved(self.account(id)?).await.map(Some),
            CredentialRef::Env(name) => self.variable(name).map(Some),
            CredentialRef::Gh => Ok(Some(gh::token(&self.options, host).await?)),
            CredentialRef::None => Ok(None),
        }
    }

    /// Saves the credential of the connection `id`, replacing the one before.
    ///
    /// # Errors
    /// What is in the way. When the keychain was waiting for the person, the credential may still be saved once they
    /// answer, unless another `set` or `delete` for this connection comes first.
    pub async fn set(&self, id: &str, secret: Secret, durability: Durability) -> Result<(), VaultError> {
        let account = self.account(id)?;
        if secret.expose().is_empty() {
            return Err(VaultError::Empty);
        }
        match durability {
            Durability::SessionOnly => {
                lock(&self.memory).keep_for_session(account, secret);
                Ok(())
            }
            Durability::Keychain => self.save(account, secret).await,
        }
    }

    /// Forgets the credential of the connection `id`, here and in the keychain. Nothing there is fine.
    ///
    /// # Errors
    /// What keeps the keychain from removing it. It is gone from this process's memory in any case.
    pub async fn delete(&self, id: &str) -> Result<(), VaultError> {
        let account = self.account(id)?;
        lock(&self.memory).forget(&account);
        let state = self.state.clone();
        let outcome = self
            .worker
            .run(move |chest| chest.delete(&account), move |late| note_late(&state, "delete", &late))
            .await;
        note(&self.state, &outcome);
        match outcome {
            // Without a keychain there is nothing to remove from it.
            Err(VaultError::Keychain(KeychainState::Unsupported { .. })) => Ok(()),
            outcome => outcome,
        }
    }

    /// How the keychain stands now. Never prompts.
    pub async fn state(&self) -> KeychainState {
        let outcome = self.worker.run(|chest| Ok(chest.state()), |_late| {}).await;
        let state = match outcome {
            Ok(state) | Err(VaultError::Keychain(state)) => state,
            Err(_) => KeychainState::Failing,
        };
        self.state.send_replace(Some(state));
        state
    }

    /// The keychain's state as last seen, `None` before its first use. Rings when a late answer shows a new one, so
    /// that whoever went without a credential can ask again.
    pub fn watch(&self) -> watch::Receiver<Option<KeychainState>> {
        self.state.subscribe()
    }

    /// Asks the keychain again on behalf of the person ("try again" after they closed the prompt to unlock it), which
    /// may prompt them once more. Work in the background doesn't prompt again by itself.
    ///
    /// # Errors
    /// As [`Vault::resolve`] with [`CredentialRef::Keychain`].
    pub async fn ask_again(&self, id: &str) -> Result<Secret, VaultError> {
        self.ask_keychain(self.account(id)?, AskedBy::Person).await
    }

    fn account(&self, id: &str) -> Result<Account, VaultError> {
        Account::of(id, self.options.home.as_deref())
    }

    async fn saved(&self, account: Account) -> Result<Secret, VaultError> {
        let in_memory = lock(&self.memory).take(&account);
        match in_memory {
            Some(secret) => Ok(secret),
            None => self.ask_keychain(account, AskedBy::Background).await,
        }
    }

    async fn ask_keychain(&self, account: Account, asked_by: AskedBy) -> Result<Secret, VaultError> {
        let (memory, state, late_for) = (Arc::clone(&self.memory), self.state.clone(), account.clone());
        let asked = lock(&self.memory).latest();
        let late = move |outcome: Result<Secret, VaultError>| {
            if let Ok(secret) = &outcome {
                lock(&memory).keep_late(late_for, secret.clone(), asked);
            }
            note_late(&state, "get", &outcome);
        };
        let outcome = self.worker.run(move |chest| chest.get(&account, asked_by), late).await;
        note(&self.state, &outcome);
        outcome
    }

    async fn save(&self, account: Account, secret: Secret) -> Result<(), VaultError> {
        let decision = lock(&self.memory).decide(&account);
        let (memory, state) = (Arc::clone(&self.memory), self.state.clone());
        let work = move |chest: &mut Chest| {
            chest.set(&account, &secret)?;
            let wanted = lock(&memory).saved(&account, decision);
            if wanted { Ok(()) } else { chest.delete(&account) }
        };
        let outcome = self.worker.run(work, move |late| note_late(&state, "set", &late)).await;
        note(&self.state, &outcome);
        outcome
    }

    fn variable(&self, name: &str) -> Result<Secret, VaultError> {
        let unset = || VaultError::EnvUnset { name: name.to_owned() };
        let value = self.options.environment.get(name).ok_or_else(unset)?;
        let text = value.into_string().map_err(|_| VaultError::BadEncoding)?;
        Secret::trimmed(text).ok_or_else(unset)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("service", &self.options.service).finish_non_exhaustive()
    }
}

type State = watch::Sender<Option<KeychainState>>;

/// Tells watchers what an outcome shows of the keychain's state.
fn note<T>(state: &State, outcome: &Result<T, VaultError>) {
    let seen = match outcome {
        Err(VaultError::Keychain(state)) => *state,
        _ => KeychainState::Ready,
    };
    state.send_if_modified(|known| known.replace(seen) != Some(seen));
}

/// The same for an outcome that nobody waited for any more. A success rings in any case: there is something to fetch.
fn note_late<T>(state: &State, call: &'static str, outcome: &Result<T, VaultError>) {
    match outcome {
        Ok(_) => {
            tracing::info!(call, "the keychain answered late");
            state.send_replace(Some(KeychainState::Ready));
        }
        Err(error) => {
            tracing::info!(call, error = error.code(), "the keychain answered late");
            note(state, outcome);
        }
    }
}

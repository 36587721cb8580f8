//! A keychain under the test's control, and a vault upon it.
#![allow(dead_code, reason = "each test program uses a part of this")]

use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::Duration,
};

use keyring_core::{
    CredentialStore, Entry,
    api::{Credential, CredentialApi, CredentialStoreApi},
};
use qd_secrets::{Environment, KeychainState, Options, Platform, Vault};

/// Short, so that tests of blocked calls are quick; long enough for a loaded machine to answer what isn't blocked.
pub const SOFT: Duration = Duration::from_secs(1);

/// What a keychain is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Open,
    Get,
    Set,
    Delete,
}

type Fault = Box<dyn Fn(Call) -> Option<keyring::Error> + Send>;

/// The inside of the fake keychain.
pub struct Inner {
    pub state: KeychainState,
    pub screen: bool,
    pub items: HashMap<String, Vec<Vec<u8>>>,
    pub calls: Vec<Call>,
    /// Whether item calls block, as under an open prompt.
    pub blocked: bool,
    /// Whether what is saved comes back changed.
    pub garbles: bool,
    fault: Option<Fault>,
    panics: Option<Box<dyn Fn(Call) -> bool + Send>>,
}

/// A keychain under the test's control.
#[derive(Clone)]
pub struct Fake(Arc<(Mutex<Inner>, Condvar)>);

impl Fake {
    pub fn new() -> Fake {
        let inner = Inner {
            state: KeychainState::Ready,
            screen: true,
            items: HashMap::new(),
            calls: Vec::new(),
            blocked: false,
            garbles: false,
            fault: None,
            panics: None,
        };
        Fake(Arc::new((Mutex::new(inner), Condvar::new())))
    }

    pub fn now(&self) -> MutexGuard<'_, Inner> {
        self.0.0.lock().unwrap()
    }

    /// Makes calls fail from now on, as the closure says.
    pub fn fail(&self, fault: impl Fn(Call) -> Option<keyring::Error> + Send + 'static) {
        self.now().fault = Some(Box::new(fault));
    }

    /// Makes calls panic from now on, as the closure says.
    pub fn panic_if(&self, panics: impl Fn(Call) -> bool + Send + 'static) {
        self.now().panics = Some(Box::new(panics));
    }

    pub fn work_again(&self) {
        self.now().fault = None;
        self.now().state = KeychainState::Ready;
    }

    /// Lets blocked calls go on: the prompt was answered.
    pub fn unblock(&self) {
        self.now().blocked = false;
        self.0.1.notify_all();
    }

    pub fn holds(&self, user: &str) -> Vec<Vec<u8>> {
        self.now().items.get(user).cloned().unwrap_or_default()
    }

    pub fn put(&self, user: &str, secret: &[u8]) {
        self.now().items.entry(user.into()).or_default().push(secret.to_vec());
    }

    pub fn count(&self, call: Call) -> usize {
        self.now().calls.iter().filter(|it| **it == call).count()
    }

    pub fn vault(&self) -> Vault {
        self.vault_with(|_| {})
    }

    pub fn vault_with(&self, adjust: impl FnOnce(&mut Options)) -> Vault {
        let mut options = options();
        adjust(&mut options);
        Vault::with_store(Arc::new(self.clone()), options)
    }

    fn enter(&self, call: Call) -> keyring::Result<MutexGuard<'_, Inner>> {
        let mut inner = self.now();
        inner.calls.push(call);
        while inner.blocked && call != Call::Open {
            inner = self.0.1.wait(inner).unwrap();
        }
        if inner.panics.as_ref().is_some_and(|panics| panics(call)) {
            drop(inner);
            panic!("a keychain library panicked");
        }
        match inner.fault.as_ref().and_then(|fault| fault(call)) {
            Some(error) => Err(error),
            None => Ok(inner),
        }
    }
}

/// Options with an empty environment and no GitHub CLI.
pub fn options() -> Options {
    Options {
        service: "quarterdeck-test".into(),
        soft_timeout: SOFT,
        environment: Environment::of::<String, String>([]),
        gh: "no-such-program-gh".into(),
        ..Options::default()
    }
}

/// An error of the operating system below the keychain.
pub fn cause(text: &'static str) -> Box<dyn std::error::Error + Send + Sync> {
    text.into()
}

impl Platform for Fake {
    fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
        drop(self.enter(Call::Open)?);
        Ok(Arc::new(FakeStore(self.clone())))
    }

    fn probe(&self) -> KeychainState {
        self.now().state
    }

    fn can_prompt(&self) -> bool {
        self.now().screen
    }
}

#[derive(Clone)]
struct FakeStore(Fake);

impl CredentialStoreApi for FakeStore {
    fn vendor(&self) -> String {
        "fake".into()
    }

    fn id(&self) -> String {
        "fake".into()
    }

    fn build(&self, _: &str, user: &str, _: Option<&HashMap<&str, &str>>) -> keyring::Result<Entry> {
        Ok(Entry::new_with_credential(Arc::new(Item { fake: self.0.clone(), user: user.into(), nth: None })))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `nth` is set for one of several items of the same name.
struct Item {
    fake: Fake,
    user: String,
    nth: Option<usize>,
}

impl Item {
    fn only_one(&self, inner: &Inner) -> keyring::Result<usize> {
        match (self.nth, inner.items.get(&self.user).map_or(0, Vec::len)) {
            (_, 0) => Err(keyring::Error::NoEntry),
            (Some(_), _) | (None, 1) => Ok(0),
            (None, several) => Err(keyring::Error::Ambiguous(
                (0..several)
                    .map(|nth| {
                        let item = Item { fake: self.fake.clone(), user: self.user.clone(), nth: Some(nth) };
                        Entry::new_with_credential(Arc::new(item))
                    })
                    .collect(),
            )),
        }
    }
}

impl CredentialApi for Item {
    fn set_secret(&self, secret: &[u8]) -> keyring::Result<()> {
        let mut inner = self.fake.enter(Call::Set)?;
        match self.only_one(&inner) {
            Ok(_) | Err(keyring::Error::NoEntry) => {
                let mut kept = secret.to_vec();
                if inner.garbles {
                    kept.push(b'?');
                }
                inner.items.insert(self.user.clone(), vec![kept]);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn get_secret(&self) -> keyring::Result<Vec<u8>> {
        let inner = self.fake.enter(Call::Get)?;
        self.only_one(&inner).map(|at| inner.items[&self.user][at].clone())
    }

    fn delete_credential(&self) -> keyring::Result<()> {
        let mut inner = self.fake.enter(Call::Delete)?;
        let at = self.only_one(&inner)?;
        inner.items.get_mut(&self.user).unwrap().remove(at);
        Ok(())
    }

    fn get_credential(&self) -> keyring::Result<Option<Arc<Credential>>> {
        Ok(None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        None
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

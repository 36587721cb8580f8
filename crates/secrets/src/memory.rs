//! Credentials in this process, and which decision about each of them was the last.

use std::collections::HashMap;

use crate::{Secret, account::Account};

/// Numbers the decisions (set, delete) of the person, in the order they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Decision(u64);

/// Credentials that are in this process only.
#[derive(Default)]
pub(crate) struct Memory {
    /// Chosen by the person to last for this session, and when. They go before the keychain's.
    session: HashMap<Account, (Secret, Decision)>,
    /// Read from the keychain after the caller had stopped waiting: the next caller gets them, once.
    late: HashMap<Account, Secret>,
    decisions: HashMap<Account, Decision>,
    latest: Decision,
}

impl Memory {
    /// Notes that the person decides anew about this account. What was read before doesn't count any more.
    pub(crate) fn decide(&mut self, account: &Account) -> Decision {
        self.latest.0 += 1;
        self.decisions.insert(account.clone(), self.latest);
        self.late.remove(account);
        self.latest
    }

    /// The last decision about anything so far.
    pub(crate) fn latest(&self) -> Decision {
        self.latest
    }

    /// The session's credential, else one that came late.
    pub(crate) fn take(&mut self, account: &Account) -> Option<Secret> {
        match self.session.get(account) {
            Some((secret, _)) => Some(secret.clone()),
            None => self.late.remove(account),
        }
    }

    /// Keeps a credential for this session.
    pub(crate) fn keep_for_session(&mut self, account: Account, secret: Secret) {
        let decision = self.decide(&account);
        self.session.insert(account, (secret, decision));
    }

    /// Keeps a credential that came late, unless a decision was made since it was asked for.
    pub(crate) fn keep_late(&mut self, account: Account, secret: Secret, asked: Decision) {
        if self.decisions.get(&account).copied().unwrap_or_default() <= asked {
            self.late.insert(account, secret);
        }
    }

    /// Forgets the session's credential.
    pub(crate) fn forget(&mut self, account: &Account) {
        self.decide(account);
        self.session.remove(account);
    }

    /// Notes that the keychain holds the credential of this decision. False when the person has chosen the session
    /// since: then the keychain must not hold it.
    pub(crate) fn saved(&mut self, account: &Account, decision: Decision) -> bool {
        let latest = self.decisions.get(account).copied().unwrap_or_default();
        let session_chosen_since =
            self.session.get(account).is_some_and(|(_, kept)| *kept > decision && *kept == latest);
        if !session_chosen_since && latest == decision {
            self.session.remove(account);
        }
        !session_chosen_since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account::of("alerts", None).unwrap()
    }

    #[test]
    fn a_late_credential_is_handed_out_once() {
        let mut memory = Memory::default();
        let asked = memory.latest();
        memory.keep_late(account(), Secret::new("old"), asked);
        assert_eq!(memory.take(&account()).unwrap().expose(), "old");
        assert!(memory.take(&account()).is_none(), "later callers ask the keychain");
    }

    #[test]
    fn a_late_credential_from_before_a_decision_is_dropped() {
        let mut memory = Memory::default();
        let asked = memory.latest();
        memory.decide(&account());
        memory.keep_late(account(), Secret::new("old"), asked);
        assert!(memory.take(&account()).is_none());
    }

    #[test]
    fn a_session_credential_yields_to_a_newer_one_in_the_keychain() {
        let mut memory = Memory::default();
        memory.keep_for_session(account(), Secret::new("session"));
        let decision = memory.decide(&account());
        assert!(memory.saved(&account(), decision));
        assert!(memory.take(&account()).is_none(), "the keychain's is the newer one");
    }

    #[test]
    fn a_choice_for_the_session_outlives_an_older_save_that_ends_late() {
        let mut memory = Memory::default();
        let decision = memory.decide(&account());
        memory.keep_for_session(account(), Secret::new("session"));
        assert!(!memory.saved(&account(), decision), "the keychain must not keep it");
        assert_eq!(memory.take(&account()).unwrap().expose(), "session");
    }
}

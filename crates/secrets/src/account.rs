//! Under which name a credential lies in the keychain.

use crate::VaultError;

/// Longest connection id taken as an account name, in bytes.
const LONGEST_ID: usize = 128;

/// The account of one connection in the keychain.
///
/// Each connection has one credential today. Ids hold no `/`, so that a second one (a token that may write, beside
/// one that only reads) can later be `alerts/write` without touching what is already saved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Account(String);

impl Account {
    /// The account of the connection with this id.
    ///
    /// # Errors
    /// [`VaultError::BadId`] unless the id is 1 to 128 ASCII letters, digits, `.`, `_` or `-`.
    pub(crate) fn of(connection: &str) -> Result<Account, VaultError> {
        let sound = (1..=LONGEST_ID).contains(&connection.len())
            && connection.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if sound { Ok(Account(connection.to_owned())) } else { Err(VaultError::BadId) }
    }

    /// The user name of the keychain item.
    pub(crate) fn user(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_user_name() {
        assert_eq!(Account::of("build-farm.2_a").unwrap().user(), "build-farm.2_a");
    }

    #[test]
    fn ids_that_could_collide_with_later_names_are_refused() {
        for id in ["", "alerts/write", "a b", "é", "a\n", &"a".repeat(129)] {
            assert!(matches!(Account::of(id), Err(VaultError::BadId)), "{id:?} is refused");
        }
    }
}

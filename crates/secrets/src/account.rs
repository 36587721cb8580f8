//! Under which name a credential lies in the keychain.

use crate::VaultError;

/// Longest connection id taken as an account name, in bytes.
const LONGEST_ID: usize = 128;

/// The account of one connection in the keychain.
///
/// Each connection has one credential today. Ids hold no `/`, so that a second one (a token that may write, beside
/// one that only reads) can later be `alerts/write` without touching what is already saved. Ids hold no `@` either: what
/// follows one tells apart the homes of one person, whose connections may have the same ids and lead elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Account(String);

impl Account {
    /// The account of the connection with this id in a home. `None`: the platform's own folders.
    ///
    /// # Errors
    /// [`VaultError::BadId`] unless the id is 1 to 128 ASCII letters, digits, `.`, `_` or `-`.
    pub(crate) fn of(connection: &str, home: Option<&str>) -> Result<Account, VaultError> {
        let sound = (1..=LONGEST_ID).contains(&connection.len())
            && connection.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        match (sound, home) {
            (true, None) => Ok(Account(connection.to_owned())),
            (true, Some(home)) => Ok(Account(format!("{connection}@{home}"))),
            (false, _) => Err(VaultError::BadId),
        }
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
        assert_eq!(Account::of("build-farm.2_a", None).unwrap().user(), "build-farm.2_a");
    }

    #[test]
    fn the_same_id_in_two_homes_is_two_accounts() {
        let user = |home| Account::of("alerts", home).unwrap().user().to_owned();
        assert_eq!(user(Some("9f31")), "alerts@9f31");
        assert_ne!(user(Some("9f31")), user(Some("9f32")));
        assert_ne!(user(Some("9f31")), user(None));
    }

    #[test]
    fn ids_that_could_collide_with_later_names_are_refused() {
        for id in ["", "alerts/write", "alerts@9f31", "a b", "é", "a\n", &"a".repeat(129)] {
            assert!(matches!(Account::of(id, None), Err(VaultError::BadId)), "{id:?} is refused");
        }
    }
}

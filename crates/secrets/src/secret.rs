//! A credential in memory.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

/// A token, key or password. Wiped from memory when dropped; never shown by `Debug`, never serialised.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes over a credential as it was typed or read.
    pub fn new(value: impl Into<SecretString>) -> Secret {
        Secret(value.into())
    }

    /// Takes over bytes a store returned. `None` when they aren't UTF-8; the bytes are wiped then.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Option<Secret> {
        match String::from_utf8(bytes) {
            Ok(text) => Some(Secret::new(text)),
            Err(error) => {
                error.into_bytes().zeroize();
                None
            }
        }
    }

    /// The same credential without surrounding white space (`$(cat file)` leaves a line break). `None` when nothing
    /// is left.
    pub(crate) fn trimmed(mut text: String) -> Option<Secret> {
        let trimmed = text.trim();
        let secret = (!trimmed.is_empty()).then(|| Secret::new(trimmed));
        text.zeroize();
        secret
    }

    /// The credential itself. Call this only where it is put on the wire.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_secret() {
        assert_eq!(format!("{:?}", Some(Secret::new("canary"))), "Some(Secret(…))");
    }

    #[test]
    fn white_space_around_a_token_is_dropped() {
        assert_eq!(Secret::trimmed(" token\n".into()).unwrap().expose(), "token");
        assert!(Secret::trimmed(" \n".into()).is_none(), "only white space is no token");
    }

    #[test]
    fn bytes_that_are_not_text_are_no_secret() {
        assert!(Secret::from_bytes(vec![0xff, b'a']).is_none());
    }
}

//! Where a connection's credential comes from, as `config.toml` writes it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Longest variable name taken, in bytes.
const LONGEST_NAME: usize = 128;

/// How well-known tokens begin. Some of them could pass as the name of a variable, and names appear in messages.
const TOKEN_PREFIXES: [&str; 10] =
    ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat", "gldt", "xox", "sk_live_"];

/// Where a connection's credential comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum CredentialRef {
    /// `"keychain"`: the OS keychain, or this session's memory when the person chose that.
    #[default]
    Keychain,
    /// `"env:NAME"`: the environment variable of that name.
    Env(String),
    /// `"gh"`: the login of the GitHub CLI for the connection's host.
    Gh,
    /// `"none"`: the backend is asked without a credential.
    None,
}

/// The text is not a reference. Never repeats it: it may well be a token put there by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    r#"credential must be "keychain", "env:NAME", "gh" or "none", never the token itself (what was written is not repeated here)"#
)]
pub struct CredentialRefError;

impl FromStr for CredentialRef {
    type Err = CredentialRefError;

    fn from_str(text: &str) -> Result<CredentialRef, CredentialRefError> {
        match text {
            "keychain" => Ok(CredentialRef::Keychain),
            "gh" => Ok(CredentialRef::Gh),
            "none" => Ok(CredentialRef::None),
            _ => match text.strip_prefix("env:") {
                Some(name) if is_variable_name(name) => Ok(CredentialRef::Env(name.to_owned())),
                _ => Err(CredentialRefError),
            },
        }
    }
}

fn is_variable_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !TOKEN_PREFIXES.iter().any(|prefix| lower.starts_with(prefix))
}

impl fmt::Display for CredentialRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CredentialRef::Keychain => f.write_str("keychain"),
            CredentialRef::Env(name) => write!(f, "env:{name}"),
            CredentialRef::Gh => f.write_str("gh"),
            CredentialRef::None => f.write_str("none"),
        }
    }
}

impl Serialize for CredentialRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CredentialRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CredentialRef, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// Reads the field. Values of other types are refused here, because serde's own refusal would repeat them.
struct Written;

impl<'de> de::Visitor<'de> for Written {
    type Value = CredentialRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#""keychain", "env:NAME", "gh" or "none""#)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<CredentialRef, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<CredentialRef, E> {
        Err(E::custom(CredentialRefError))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<CredentialRef, E> {
        Err(E::custom(CredentialRefError))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<CredentialRef, E> {
        Err(E::custom(CredentialRefError))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<CredentialRef, E> {
        Err(E::custom(CredentialRefError))
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<CredentialRef, E> {
        Err(E::custom(CredentialRefError))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_reads_as_it_was_written() {
        for (text, reference) in [
            ("keychain", CredentialRef::Keychain),
            ("env:REDMINE_KEY", CredentialRef::Env("REDMINE_KEY".into())),
            ("gh", CredentialRef::Gh),
            ("none", CredentialRef::None),
        ] {
            assert_eq!(text.parse(), Ok(reference.clone()));
            assert_eq!(reference.to_string(), text);
            let json = format!("{text:?}");
            assert_eq!(serde_json::to_string(&reference).unwrap(), json);
            assert_eq!(serde_json::from_str::<CredentialRef>(&json).unwrap(), reference);
        }
    }

    #[test]
    fn a_token_in_the_field_is_refused_and_never_repeated() {
        for token in [
            "ghp_c4n4ryc4n4ryc4n4ry",
            "env:ghp_c4n4ryc4n4ryc4n4ry",
            "env:github_pat_c4n4ry",
            "env:glpat-c4n4ry",
            "c4n4ry",
            "env:",
            "env:1c4n4ry",
            "Keychain c4n4ry",
            "",
        ] {
            let error = token.parse::<CredentialRef>().unwrap_err();
            let read =
                serde_json::from_str::<CredentialRef>(&serde_json::to_string(token).unwrap()).unwrap_err();
            for shown in [error.to_string(), format!("{error:?}"), read.to_string(), format!("{read:?}")] {
                assert!(!shown.contains("c4n4ry"), "{shown}");
            }
            assert!(read.to_string().contains("never the token itself"), "{read}");
        }
    }

    #[test]
    fn a_value_of_another_type_is_refused_and_never_repeated() {
        for json in
            ["8675309", "-8675309", "8675309.5", "true", "[8675309]", r#"{"token":"8675309"}"#, "null"]
        {
            let error = serde_json::from_str::<CredentialRef>(json).unwrap_err();
            assert!(!error.to_string().contains("8675309"), "{error}");
        }
    }
}

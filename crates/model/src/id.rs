//! Identities: which source, which kind, which native id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The name of one configured connection, as written in `config.toml` (`id = "alerts"`).
///
/// Lower-case letters, digits, `-`, `_` and `.`; 1 to 64 characters; starts with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(String);

impl SourceId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The connection's name has a character that is not allowed, is empty or too long.
    #[error(
        "a connection id has 1 to 64 lower-case letters, digits, '-', '_' or '.', and starts with a letter or digit"
    )]
    Source,
    /// The kind is none of the four.
    #[error("the kind is one of run, deployment, alert, ticket")]
    Kind,
    /// The text is not of the form `source/kind/native`.
    #[error("an entity id has the form SOURCE/KIND/ID, for example alerts/alert/4f5e6d")]
    Form,
}

impl FromStr for SourceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if starts_well && text.len() <= 64 && text.chars().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::Source)
        }
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The four kinds of entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A pipeline run (build, workflow run).
    Run,
    /// A deployment of a service to an environment.
    Deployment,
    /// An alert.
    Alert,
    /// A feedback or work ticket.
    Ticket,
}

impl Kind {
    /// All kinds, in the order in which the window lists them.
    pub const ALL: [Self; 4] = [Self::Run, Self::Deployment, Self::Alert, Self::Ticket];

    /// The word used in ids and queries.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Deployment => "deployment",
            Self::Alert => "alert",
            Self::Ticket => "ticket",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(IdError::Kind)
    }
}

/// The identity of one entity: stable over polls and restarts.
///
/// Written `source/kind/native`; the native part is the backend's own id and may contain any character, `/` too.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId {
    /// The connection that observed it.
    pub source: SourceId,
    /// What it is.
    pub kind: Kind,
    /// The backend's own id, always text. Unique within source and kind.
    pub native: String,
}

impl EntityId {
    /// Joins the three parts.
    pub fn new(source: &SourceId, kind: Kind, native: impl Into<String>) -> Self {
        Self { source: source.clone(), kind, native: native.into() }
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.source, self.kind, self.native)
    }
}

impl FromStr for EntityId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut parts = text.splitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(source), Some(kind), Some(native)) if !native.is_empty() => {
                Ok(Self { source: source.parse()?, kind: kind.parse()?, native: native.to_owned() })
            }
            _ => Err(IdError::Form),
        }
    }
}

macro_rules! serde_as_text {
    ($($name:ty),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
serde_as_text!(SourceId, EntityId);

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(), IdError>) {
        let parsed = text.parse::<EntityId>();
        assert_eq!(parsed.as_ref().map(|_| ()).map_err(Clone::clone), expected, "{text}");
        if let Ok(id) = parsed {
            assert_eq!(id.to_string(), text, "an id reads back as it was written");
        }
    }

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        check("alerts/alert/4f5e", Ok(()));
        check("gh/run/acme/shop/17", Ok(()));
        check("gh/build/17", Err(IdError::Kind));
        check("GH/run/17", Err(IdError::Source));
        check("gh/run/", Err(IdError::Form));
        check("gh/run", Err(IdError::Form));
        check("", Err(IdError::Form));
    }
}

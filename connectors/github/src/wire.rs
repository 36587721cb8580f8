//! GitHub's JSON, read tolerantly.
//!
//! GitHub's answers do not satisfy GitHub's own OpenAPI description: fields that are "required" there are missing from
//! older servers and recordings, and `null` comes where the schema has none. So everything is optional here that a real
//! answer was seen without, ids are text whether they come as numbers or not, and lists are read item by item
//! ([`items`]): one unreadable entity is a problem of its own and not of the page. octocrab's models are stricter
//! (`docs/adr/0004-octocrab-on-our-facade.md`).

mod compare;
mod deployments;
mod issues;
mod runs;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde_json::Value;

pub use compare::*;
pub use deployments::*;
pub use issues::*;
pub use runs::*;

/// An id: a number on GitHub, text on some servers that speak its language.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(pub String);

impl Id {
    /// As a number, for ordering. 0 when it is none.
    pub fn number(&self) -> u64 {
        self.0.parse().unwrap_or(0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Id;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id (number or text)")
            }
            fn visit_u64<E: de::Error>(self, id: u64) -> Result<Id, E> {
                Ok(Id(id.to_string()))
            }
            fn visit_str<E: de::Error>(self, id: &str) -> Result<Id, E> {
                if id.is_empty() { Err(E::custom("empty id")) } else { Ok(Id(id.to_owned())) }
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// One item of a list, not read yet. A list of anything but objects is not an answer of GitHub.
pub type Entity = serde_json::Map<String, Value>;

/// Somebody, as far as we need to know. `null` for deleted accounts.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct User {
    /// Name of the account; bots end in `[bot]`.
    pub login: Option<String>,
}

/// A repository, from `GET /repos/{owner}/{repo}` and `GET /user/repos`.
/// <https://docs.github.com/en/rest/repos/repos#get-a-repository>
#[derive(Debug, Clone, Deserialize)]
pub struct Repository {
    /// `owner/name`, as it is called today.
    pub full_name: Option<String>,
    /// Whether issues are switched on.
    pub has_issues: Option<bool>,
    /// What the credential may do, for people; missing for apps.
    pub permissions: Option<Permissions>,
    /// When somebody last pushed to it. `null` for one that is empty.
    pub pushed_at: Option<DateTime<Utc>>,
    /// Whether only some may see it.
    pub private: Option<bool>,
    /// Whether it is a copy of another one.
    pub fork: Option<bool>,
    /// Whether it was put away: nothing in it can change.
    pub archived: Option<bool>,
    /// Whether GitHub has switched it off.
    pub disabled: Option<bool>,
}

/// What a person may do in a repository.
#[derive(Debug, Clone, Deserialize)]
pub struct Permissions {
    /// Write, which re-runs and closing issues need.
    #[serde(default)]
    pub push: bool,
}

/// Reads a list item by item: what can be read, and a sentence for each item that cannot.
///
/// `what` names the list (`workflow run of acme/shop`).
pub fn items<T: DeserializeOwned>(values: Vec<Entity>, what: &str) -> (Vec<T>, Vec<String>) {
    let mut read = Vec::with_capacity(values.len());
    let mut problems = Vec::new();
    for value in values {
        let name = name_of(&value);
        match T::deserialize(Value::Object(value)) {
            Ok(item) => read.push(item),
            Err(error) => problems.push(format!("{what} {name} could not be read: {}", describe(&error))),
        }
    }
    (read, problems)
}

/// The number or id of an item, for messages.
fn name_of(value: &Entity) -> String {
    ["number", "id", "tag_name", "name"]
        .iter()
        .find_map(|key| match value.get(*key) {
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::String(text)) => Some(text.chars().take(40).collect()),
            _ => None,
        })
        .unwrap_or_else(|| "without an id".to_owned())
}

/// What does not fit, without the values serde quotes.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected ") {
        _ if text.starts_with("missing field") => text,
        Some((_, expected)) => format!("expected {expected}"),
        None => "a value that does not fit".to_owned(),
    }
}

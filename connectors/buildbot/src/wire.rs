//! Buildbot's JSON (REST API v2, <https://docs.buildbot.net/latest/developer/rest.html>).
//!
//! Lists are read item by item, so that one item that does not fit hides only itself. Times are whole seconds since the
//! Unix epoch; ids are numbers, but numbers written as text are taken too.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// An answer of `GET /api/v2/…`: one list under the resource's plural, also for a single resource, and `meta`.
#[derive(Debug, Clone, Deserialize)]
pub struct Answer(Map<String, Value>);

impl Answer {
    /// The items under `plural` that fit, and how many do not. `None`: the answer has no such list.
    pub fn list<T: DeserializeOwned>(&self, plural: &str) -> Option<(Vec<T>, usize)> {
        let items = self.0.get(plural)?.as_array()?;
        let read: Vec<T> = items.iter().filter_map(|item| T::deserialize(item).ok()).collect();
        let unreadable = items.len() - read.len();
        Some((read, unreadable))
    }
}

/// One build, from `GET builds` (<https://docs.buildbot.net/latest/developer/raml/build.html>).
#[derive(Debug, Clone, Deserialize)]
pub struct Build {
    /// Unique in this master.
    #[serde(deserialize_with = "id")]
    pub buildid: u64,
    /// Its builder.
    #[serde(deserialize_with = "id")]
    pub builderid: u64,
    /// Counts within its builder, from 1.
    #[serde(deserialize_with = "id")]
    pub number: u64,
    /// The request it was made for.
    #[serde(default, deserialize_with = "maybe_id")]
    pub buildrequestid: Option<u64>,
    /// Whether it has ended.
    #[serde(default)]
    pub complete: Option<bool>,
    /// Begin.
    #[serde(default, deserialize_with = "instant")]
    pub started_at: Option<DateTime<Utc>>,
    /// End; `null` while it runs.
    #[serde(default, deserialize_with = "instant")]
    pub complete_at: Option<DateTime<Utc>>,
    /// Result code; `null` while it runs.
    #[serde(default)]
    pub results: Value,
    /// A sentence on how it stands: `building`, `failed 'make test' (failure)`.
    #[serde(default, deserialize_with = "maybe_text")]
    pub state_string: Option<String>,
    /// Those that were asked for with `property=`.
    #[serde(default)]
    pub properties: Option<Properties>,
}

impl Build {
    /// Whether it has ended.
    pub fn is_complete(&self) -> bool {
        self.complete.unwrap_or(self.complete_at.is_some())
    }

    /// A property as text: its trimmed text, or its number. `None`: absent, empty, or of another type.
    pub fn property(&self, name: &str) -> Option<String> {
        scalar(self.properties.as_ref()?.get(name)?.get(0)?)
    }

    /// A property's raw value.
    pub fn property_value(&self, name: &str) -> Option<&Value> {
        self.properties.as_ref()?.get(name)?.get(0)
    }
}

/// Properties by name; each is `[value, source]`.
pub type Properties = BTreeMap<String, Value>;

/// One builder, from `GET builders` (<https://docs.buildbot.net/latest/developer/raml/builder.html>). The list has
/// builders too that the configuration no longer names; their ids do not follow the configuration's order.
#[derive(Debug, Clone, Deserialize)]
pub struct Builder {
    /// Unique in this master.
    #[serde(deserialize_with = "id")]
    pub builderid: u64,
    /// Name.
    pub name: String,
    /// Its project. `None`: it has none, or the version knows no projects.
    #[serde(default, deserialize_with = "maybe_id")]
    pub projectid: Option<u64>,
    /// The masters that run it; empty when the configuration no longer names it.
    #[serde(default)]
    pub masterids: Vec<Value>,
}

/// One project, from `GET projects` (<https://docs.buildbot.net/latest/developer/raml/project.html>).
#[derive(Debug, Clone, Deserialize)]
pub struct Project {
    /// Unique in this master.
    #[serde(deserialize_with = "id")]
    pub projectid: u64,
    /// Name.
    pub name: String,
}

/// One change, from `GET changes` (<https://docs.buildbot.net/latest/developer/raml/change.html>).
#[derive(Debug, Clone, Deserialize)]
pub struct Change {
    /// Commit.
    #[serde(default, deserialize_with = "maybe_text")]
    pub revision: Option<String>,
    /// `Ada <ada@shop.example>`.
    #[serde(default, deserialize_with = "maybe_text")]
    pub author: Option<String>,
    /// Commit message.
    #[serde(default, deserialize_with = "maybe_text")]
    pub comments: Option<String>,
    /// When it was made.
    #[serde(default, rename = "when_timestamp", deserialize_with = "instant")]
    pub when: Option<DateTime<Utc>>,
    /// Address of the commit.
    #[serde(default, deserialize_with = "maybe_text")]
    pub revlink: Option<String>,
}

/// One build request, from `GET buildrequests` (<https://docs.buildbot.net/latest/developer/raml/buildrequest.html>).
#[derive(Debug, Clone, Deserialize)]
pub struct BuildRequest {
    /// Unique in this master.
    #[serde(deserialize_with = "id")]
    pub buildrequestid: u64,
    /// The buildset it belongs to.
    #[serde(default, deserialize_with = "maybe_id")]
    pub buildsetid: Option<u64>,
    /// The builder it asks.
    #[serde(default, deserialize_with = "maybe_id")]
    pub builderid: Option<u64>,
    /// When it was made.
    #[serde(default, deserialize_with = "instant")]
    pub submitted_at: Option<DateTime<Utc>>,
    /// Those that were asked for with `property=`.
    #[serde(default)]
    pub properties: Option<Properties>,
}

/// One buildset, from `GET buildsets` (<https://docs.buildbot.net/latest/developer/raml/buildset.html>).
#[derive(Debug, Clone, Deserialize)]
pub struct Buildset {
    /// Unique in this master.
    #[serde(deserialize_with = "id")]
    pub bsid: u64,
    /// When it was made.
    #[serde(default, deserialize_with = "instant")]
    pub submitted_at: Option<DateTime<Utc>>,
    /// For a rebuild: the first build of the chain. A rebuild of a rebuild names the first one too.
    #[serde(default, deserialize_with = "maybe_id")]
    pub rebuilt_buildid: Option<u64>,
}

/// One step, from `GET builds/ID/steps` (<https://docs.buildbot.net/latest/developer/raml/step.html>).
#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    /// Unique in this master.
    #[serde(deserialize_with = "id")]
    pub stepid: u64,
    /// Counts within its build, from 0; 0 is the preparation of the worker.
    #[serde(deserialize_with = "id")]
    pub number: u64,
    /// Name.
    #[serde(default, deserialize_with = "maybe_text")]
    pub name: Option<String>,
    /// Whether it has ended.
    #[serde(default)]
    pub complete: bool,
    /// Begin; `null` for a step that has not begun.
    #[serde(default, deserialize_with = "instant")]
    pub started_at: Option<DateTime<Utc>>,
    /// End; `null` while it runs.
    #[serde(default, deserialize_with = "instant")]
    pub complete_at: Option<DateTime<Utc>>,
    /// Result code; `null` while it runs.
    #[serde(default)]
    pub results: Value,
    /// A sentence on how it stands.
    #[serde(default, deserialize_with = "maybe_text")]
    pub state_string: Option<String>,
}

/// One log, from `GET steps/ID/logs` (<https://docs.buildbot.net/latest/developer/raml/log.html>).
#[derive(Debug, Clone, Deserialize)]
pub struct Log {
    /// Unique in this master.
    #[serde(deserialize_with = "id")]
    pub logid: u64,
    /// Name: `stdio`, `err.text`.
    #[serde(default, deserialize_with = "maybe_text")]
    pub name: Option<String>,
    /// Lines so far.
    #[serde(default, deserialize_with = "maybe_id")]
    pub num_lines: Option<u64>,
    /// `s`: each line begins with the letter of its channel; `t`: text; `h`: HTML; `d`: deleted.
    #[serde(default, rename = "type", deserialize_with = "maybe_text")]
    pub kind: Option<String>,
}

/// A part of a log, from `GET logs/ID/contents` (<https://docs.buildbot.net/latest/developer/raml/logchunk.html>).
#[derive(Debug, Clone, Deserialize)]
pub struct LogChunk {
    /// Its lines.
    #[serde(default)]
    pub content: String,
}

/// One worker, from `GET workers` (<https://docs.buildbot.net/latest/developer/raml/worker.html>).
#[derive(Debug, Clone, Deserialize)]
pub struct Worker {
    /// The masters it is connected to.
    #[serde(default)]
    pub connected_to: Vec<Value>,
}

/// One force scheduler, from `GET forceschedulers`
/// (<https://docs.buildbot.net/latest/developer/raml/forcescheduler.html>).
#[derive(Debug, Clone, Deserialize)]
pub struct ForceScheduler {
    /// Name, part of the address.
    pub name: String,
    /// The builders it may start.
    #[serde(default)]
    pub builder_names: Vec<String>,
    /// Whether it is switched on.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Its form.
    #[serde(default)]
    pub all_fields: Vec<ForceField>,
}

/// One field of a force scheduler's form; a field may hold further ones.
#[derive(Debug, Clone, Deserialize)]
pub struct ForceField {
    /// The key it is sent under. `None` for a mere group.
    #[serde(default, rename = "fullName")]
    pub full_name: Option<String>,
    /// `text`, `int`, `bool`, `list`, `username`, `nested`, ….
    #[serde(default, rename = "type", deserialize_with = "maybe_text")]
    pub kind: Option<String>,
    /// Whether it takes several values.
    #[serde(default)]
    pub multiple: Option<bool>,
    /// The fields it holds.
    #[serde(default)]
    pub fields: Vec<ForceField>,
}

impl ForceField {
    /// The field of that key, here or below.
    pub fn find<'f>(fields: &'f [Self], key: &str) -> Option<&'f Self> {
        fields.iter().find_map(|field| {
            match field.full_name.as_deref() == Some(key) && field.fields.is_empty() {
                true => Some(field),
                false => Self::find(&field.fields, key),
            }
        })
    }

    /// The keys of all fields that take a value.
    pub fn keys(fields: &[Self]) -> Vec<&str> {
        let mut keys = Vec::new();
        for field in fields {
            match (&field.full_name, field.fields.is_empty()) {
                (Some(name), true) if !name.is_empty() => keys.push(name.as_str()),
                _ => keys.extend(Self::keys(&field.fields)),
            }
        }
        keys
    }
}

/// What the web pages are told, from `GET /config` (outside `/api/v2`): the only place that names version and user.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Config {
    /// The title of the web pages.
    #[serde(default, deserialize_with = "maybe_text")]
    pub title: Option<String>,
    /// Pairs of name and version, among them `Buildbot`.
    #[serde(default)]
    pub versions: Vec<Value>,
    /// How people sign in: `{"name": "NoAuth"}`.
    #[serde(default)]
    pub auth: Value,
    /// Who asks: `{"anonymous": true}`, or `username`, `email`, `full_name`.
    #[serde(default)]
    pub user: Value,
}

impl Config {
    /// Buildbot's version.
    pub fn version(&self) -> Option<String> {
        let pair =
            self.versions.iter().find(|pair| pair.get(0).and_then(Value::as_str) == Some("Buildbot"))?;
        scalar(pair.get(1)?)
    }

    /// The name of the kind of sign-in; `NoAuth` when there is none.
    pub fn auth_name(&self) -> Option<&str> {
        self.auth.get("name")?.as_str()
    }

    /// Who asks. `None`: nobody is signed in.
    pub fn user_name(&self) -> Option<String> {
        if self.user.get("anonymous").and_then(Value::as_bool) == Some(true) {
            return None;
        }
        ["username", "full_name", "email"].iter().find_map(|key| scalar(self.user.get(*key)?))
    }
}

/// The answer to a JSON-RPC call.
#[derive(Debug, Clone, Deserialize)]
pub struct RpcAnswer {
    /// `null` where the method gives nothing back.
    #[serde(default)]
    pub result: Value,
    /// `{code, message}`; the message may be an object of field and problem.
    #[serde(default)]
    pub error: Option<Value>,
}

/// A text without surrounding space, or a number. `None`: empty, or something else.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    maybe_id(deserializer)?.ok_or_else(|| serde::de::Error::custom("expected an id"))
}

fn maybe_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

fn maybe_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(scalar(&Value::deserialize(deserializer)?))
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float-to-integer cast saturates; the range is checked next"
    )]
    let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64));
    Ok(seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)))
}

//! What Alertmanager sends and takes (API v2).
//!
//! Source: <https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>. Fields that Mimir, Amazon's
//! managed service or older versions leave out are optional here, whatever the specification says.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Deserializer, Serialize};

/// One alert, from `GET api/v2/alerts`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// Hash of the label set, 16 hex digits.
    pub fingerprint: String,
    /// Identity.
    #[serde(default, deserialize_with = "or_default")]
    pub labels: BTreeMap<String, String>,
    /// Prose.
    #[serde(default, deserialize_with = "or_default")]
    pub annotations: BTreeMap<String, String>,
    /// When the client says it began.
    #[serde(default, deserialize_with = "time")]
    pub starts_at: Option<DateTime<Utc>>,
    /// While it fires: when Alertmanager will take it for resolved if nobody repeats it. Not an end.
    #[serde(default, deserialize_with = "time")]
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether it is silenced or inhibited.
    #[serde(default, deserialize_with = "or_default")]
    pub status: AlertStatus,
    /// Who is told, by the routing tree.
    #[serde(default, deserialize_with = "or_default")]
    pub receivers: Vec<Receiver>,
    /// Where it was raised; left out when the client gave none.
    #[serde(default, rename = "generatorURL")]
    pub generator_url: Option<String>,
}

/// State of an alert.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertStatus {
    /// `unprocessed`, `active` or `suppressed`.
    #[serde(default, deserialize_with = "or_default")]
    pub state: String,
    /// Ids of silences.
    #[serde(default, deserialize_with = "or_default")]
    pub silenced_by: Vec<String>,
    /// Fingerprints of alerts.
    #[serde(default, deserialize_with = "or_default")]
    pub inhibited_by: Vec<String>,
    /// Names of time intervals that mute its route; since 0.28.
    #[serde(default, deserialize_with = "or_default")]
    pub muted_by: Vec<String>,
}

/// A receiver of the routing tree.
#[derive(Debug, Clone, Deserialize)]
pub struct Receiver {
    /// Name in the configuration.
    pub name: String,
}

/// One group, from `GET api/v2/alerts/groups`; its alerts are read elsewhere.
#[derive(Debug, Clone, Deserialize)]
pub struct Group {
    /// The labels it is grouped by, with their values.
    #[serde(default, deserialize_with = "or_default")]
    pub labels: BTreeMap<String, String>,
    /// Who is told.
    pub receiver: Receiver,
    /// Its alerts.
    #[serde(default, deserialize_with = "or_default")]
    pub alerts: Vec<GroupMember>,
}

/// An alert as a member of a group.
#[derive(Debug, Clone, Deserialize)]
pub struct GroupMember {
    /// Which alert.
    pub fingerprint: String,
}

/// One silence, from `GET api/v2/silences` or `GET api/v2/silence/{id}`. A deleted one stays listed as expired.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Silence {
    /// A UUID, or a ULID in newer versions.
    pub id: String,
    /// Whether it holds.
    #[serde(default, deserialize_with = "or_default")]
    pub status: SilenceStatus,
    /// Last change.
    #[serde(default, deserialize_with = "time")]
    pub updated_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(default, deserialize_with = "or_default")]
    pub comment: String,
    /// Who, as a claim.
    #[serde(default, deserialize_with = "or_default")]
    pub created_by: String,
    /// Begin.
    #[serde(default, deserialize_with = "time")]
    pub starts_at: Option<DateTime<Utc>>,
    /// End.
    #[serde(default, deserialize_with = "time")]
    pub ends_at: Option<DateTime<Utc>>,
    /// All must match.
    #[serde(default, deserialize_with = "or_default")]
    pub matchers: Vec<Matcher>,
}

/// State of a silence.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SilenceStatus {
    /// `expired`, `active` or `pending`.
    #[serde(default, deserialize_with = "or_default")]
    pub state: String,
}

/// One condition of a silence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Matcher {
    /// Label.
    pub name: String,
    /// Value or anchored expression.
    #[serde(default)]
    pub value: String,
    /// `=~` or `!~`.
    #[serde(default)]
    pub is_regex: bool,
    /// `=` or `=~`. Versions before 0.22 do not send it and know only these two.
    #[serde(default = "yes")]
    pub is_equal: bool,
}

/// Body of `POST api/v2/silences`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostableSilence {
    /// Left out: a new silence. Given: that one is changed, or replaced when matchers or a past begin differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// At least one must not match the empty string.
    pub matchers: Vec<Matcher>,
    /// A begin in the past becomes the server's present.
    pub starts_at: DateTime<Utc>,
    /// Must lie ahead of the server's clock.
    pub ends_at: DateTime<Utc>,
    /// Required.
    pub created_by: String,
    /// Required.
    pub comment: String,
}

/// Answer to `POST api/v2/silences`.
#[derive(Debug, Clone, Deserialize)]
pub struct SilenceCreated {
    /// Id of the silence that holds now.
    #[serde(rename = "silenceID")]
    pub silence_id: String,
}

/// `GET api/v2/status`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `null` in managed services.
    #[serde(default)]
    pub cluster: Option<Cluster>,
    /// `null` in managed services.
    #[serde(default)]
    pub version_info: Option<VersionInfo>,
}

/// The cluster this instance belongs to.
#[derive(Debug, Clone, Deserialize)]
pub struct Cluster {
    /// `ready`, `settling` or `disabled`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// Left out or `null` when there are none.
    #[serde(default, deserialize_with = "or_default")]
    pub peers: Vec<serde::de::IgnoredAny>,
}

/// Build information.
#[derive(Debug, Clone, Deserialize)]
pub struct VersionInfo {
    /// `0.25.0`.
    #[serde(default, deserialize_with = "or_default")]
    pub version: String,
}

fn yes() -> bool {
    true
}

/// `null` reads like a missing field: Go writes it for nil maps and slices.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A time that cannot be read, or Go's zero time (year 1), is absent.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let parsed = text.and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
    Ok(parsed.map(|time| time.to_utc()).filter(|time| time.year() > 1))
}

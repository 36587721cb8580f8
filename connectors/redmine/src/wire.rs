//! What Redmine sends (REST API, JSON).
//!
//! Source: <https://www.redmine.org/projects/redmine/wiki/Rest_api> and the pages it links. What older versions leave
//! out is optional.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

/// A reference: id and name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Named {
    /// Number, kept as text.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// What people call it.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
}

/// A status, of an issue or of the list.
#[derive(Debug, Clone, Deserialize)]
pub struct Status {
    /// Number.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Its name, which the administrator chose.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Whether it ends an issue. Issues carry it since 5.0; the list of statuses always does.
    #[serde(default)]
    pub is_closed: Option<bool>,
}

/// One issue, from `GET issues.json` or `GET issues/{id}.json`
/// (<https://www.redmine.org/projects/redmine/wiki/Rest_Issues>).
#[derive(Debug, Clone, Deserialize)]
pub struct Issue {
    /// Number, unique over all projects.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Project.
    #[serde(default)]
    pub project: Option<Named>,
    /// Tracker: the kind of issue.
    #[serde(default)]
    pub tracker: Option<Named>,
    /// Status.
    #[serde(default)]
    pub status: Option<Status>,
    /// Priority.
    #[serde(default)]
    pub priority: Option<Named>,
    /// Who opened it.
    #[serde(default)]
    pub author: Option<Named>,
    /// A user or group.
    #[serde(default)]
    pub assigned_to: Option<Named>,
    /// Category within the project.
    #[serde(default)]
    pub category: Option<Named>,
    /// Target version.
    #[serde(default)]
    pub fixed_version: Option<Named>,
    /// One line.
    #[serde(default, deserialize_with = "or_default")]
    pub subject: String,
    /// Textile or Markdown, as the administrator chose.
    #[serde(default)]
    pub description: Option<String>,
    /// A date.
    #[serde(default)]
    pub start_date: Option<String>,
    /// A date.
    #[serde(default)]
    pub due_date: Option<String>,
    /// Per cent.
    #[serde(default)]
    pub done_ratio: Option<u32>,
    /// Seen by some roles only.
    #[serde(default)]
    pub is_private: Option<bool>,
    /// Fields of the administrator's own.
    #[serde(default, deserialize_with = "or_default")]
    pub custom_fields: Vec<CustomField>,
    /// Creation.
    #[serde(default, deserialize_with = "time")]
    pub created_on: Option<DateTime<Utc>>,
    /// Last change or comment.
    #[serde(default, deserialize_with = "time")]
    pub updated_on: Option<DateTime<Utc>>,
    /// When it was closed last; stays when it is opened again.
    #[serde(default, deserialize_with = "time")]
    pub closed_on: Option<DateTime<Utc>>,
    /// With `include=journals`; newest first when the user prefers that.
    #[serde(default, deserialize_with = "or_default")]
    pub journals: Vec<Journal>,
    /// With `include=allowed_statuses`, since 5.0: what this user may set, the present one included.
    #[serde(default)]
    pub allowed_statuses: Option<Vec<Status>>,
}

/// A field of the administrator's own.
#[derive(Debug, Clone, Deserialize)]
pub struct CustomField {
    /// Label.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// A text, a list of texts, or null.
    #[serde(default)]
    pub value: serde_json::Value,
}

/// One entry of an issue's history: a comment, changes, or both.
#[derive(Debug, Clone, Deserialize)]
pub struct Journal {
    /// Who.
    #[serde(default)]
    pub user: Option<Named>,
    /// The comment; empty for mere changes.
    #[serde(default, deserialize_with = "or_default")]
    pub notes: String,
    /// When.
    #[serde(default, deserialize_with = "time")]
    pub created_on: Option<DateTime<Utc>>,
    /// Seen by some roles only.
    #[serde(default)]
    pub private_notes: bool,
}

/// A page of issues.
#[derive(Debug, Clone, Deserialize)]
pub struct Issues<T> {
    /// At most as many as asked for.
    pub issues: Vec<T>,
    /// Of the whole list.
    #[serde(default)]
    pub total_count: u64,
}

/// `GET issues/{id}.json`, and the answer to `POST issues.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct OneIssue {
    /// The issue.
    pub issue: Issue,
}

/// `GET projects.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Projects {
    /// Those the user may see.
    pub projects: Vec<Project>,
    /// Of the whole list.
    #[serde(default)]
    pub total_count: u64,
}

/// A project.
#[derive(Debug, Clone, Deserialize)]
pub struct Project {
    /// Number.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// What people call it.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The word in addresses; never changes.
    #[serde(default, deserialize_with = "or_default")]
    pub identifier: String,
    /// 1 active, 5 closed, 9 archived. Left out by versions before 2.
    #[serde(default)]
    pub status: Option<u32>,
    /// What kinds of tickets it has, where `include=trackers` asked for them. Left out by versions before 2.6.
    #[serde(default)]
    pub trackers: Option<Vec<Named>>,
}

/// `GET issue_statuses.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Statuses {
    /// All of them.
    pub issue_statuses: Vec<Status>,
}

/// `GET trackers.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Trackers {
    /// All of them.
    pub trackers: Vec<Tracker>,
}

/// A tracker.
#[derive(Debug, Clone, Deserialize)]
pub struct Tracker {
    /// Number.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The status of new issues.
    #[serde(default)]
    pub default_status: Option<Named>,
}

/// `GET enumerations/issue_priorities.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Priorities {
    /// All of them, lowest first.
    pub issue_priorities: Vec<Priority>,
}

/// A priority.
#[derive(Debug, Clone, Deserialize)]
pub struct Priority {
    /// Number.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Name.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// That of new issues.
    #[serde(default)]
    pub is_default: bool,
    /// `false`: no longer offered. Left out before 4.
    #[serde(default)]
    pub active: Option<bool>,
}

/// `GET projects/{id}/memberships.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Memberships {
    /// Users and groups.
    pub memberships: Vec<Membership>,
    /// Of the whole list.
    #[serde(default)]
    pub total_count: u64,
}

/// A user or a group in a project, with roles.
#[derive(Debug, Clone, Deserialize)]
pub struct Membership {
    /// Set for users.
    #[serde(default)]
    pub user: Option<Named>,
    /// Set for groups.
    #[serde(default)]
    pub group: Option<Named>,
    /// Their roles.
    #[serde(default, deserialize_with = "or_default")]
    pub roles: Vec<Named>,
}

/// `GET users/current.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct CurrentUser {
    /// The owner of the credential.
    pub user: User,
}

/// The owner of the credential. The answer also holds the API key itself, which is never read from it.
#[derive(Debug, Clone, Deserialize)]
pub struct User {
    /// Number.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Login.
    #[serde(default, deserialize_with = "or_default")]
    pub login: String,
    /// First name.
    #[serde(default, deserialize_with = "or_default")]
    pub firstname: String,
    /// Last name.
    #[serde(default, deserialize_with = "or_default")]
    pub lastname: String,
    /// May do everything.
    #[serde(default)]
    pub admin: bool,
    /// With `include=memberships`.
    #[serde(default, deserialize_with = "or_default")]
    pub memberships: Vec<Membership>,
}

/// `GET roles/{id}.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct OneRole {
    /// The role.
    pub role: Role,
}

/// A role.
#[derive(Debug, Clone, Deserialize)]
pub struct Role {
    /// `add_issues`, `add_issue_notes`, `edit_issues`, ….
    #[serde(default, deserialize_with = "or_default")]
    pub permissions: Vec<String>,
}

/// Ids are numbers; proxies and forks send them as text too.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Id {
        Number(u64),
        Text(String),
    }
    Ok(match Id::deserialize(deserializer)? {
        Id::Number(number) => number.to_string(),
        Id::Text(text) => text,
    })
}

fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A time that cannot be read is absent.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| DateTime::parse_from_rfc3339(&text).ok()).map(|time| time.to_utc()))
}

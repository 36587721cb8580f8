//! Issues and their comments.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{Id, User};

/// One issue, from `GET /repos/{owner}/{repo}/issues`. Pull requests come too, marked by `pull_request`.
/// <https://docs.github.com/en/rest/issues/issues#list-repository-issues>
#[derive(Debug, Clone, Deserialize)]
pub struct Issue {
    /// Counts per repository.
    pub number: u64,
    /// One line.
    pub title: Option<String>,
    /// Markdown.
    pub body: Option<String>,
    /// `open` or `closed`.
    pub state: Option<String>,
    /// `completed`, `not_planned`, `duplicate`, `reopened`. Missing on older servers.
    pub state_reason: Option<String>,
    /// Who opened it.
    pub user: Option<User>,
    /// Labels; old answers have plain texts here.
    #[serde(default)]
    pub labels: Vec<Label>,
    /// Who works on it.
    #[serde(default)]
    pub assignees: Vec<User>,
    /// The milestone.
    pub milestone: Option<Milestone>,
    /// The organisation's issue type. Missing where there are none.
    #[serde(rename = "type")]
    pub issue_type: Option<IssueType>,
    /// Number of comments.
    pub comments: Option<u32>,
    /// Its page.
    pub html_url: Option<String>,
    /// When it was opened.
    pub created_at: Option<DateTime<Utc>>,
    /// Last change.
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Present when it is a pull request.
    pub pull_request: Option<Value>,
}

/// A label, as an object or as a plain text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Label {
    /// Its name.
    Name(String),
    /// The whole label.
    Whole {
        /// Its name.
        name: Option<String>,
    },
}

impl Label {
    /// Its name.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Whole { name } => name.as_deref(),
        }
    }
}

/// A milestone.
#[derive(Debug, Clone, Deserialize)]
pub struct Milestone {
    /// Its name.
    pub title: Option<String>,
}

/// An issue type of the organisation.
#[derive(Debug, Clone, Deserialize)]
pub struct IssueType {
    /// `Bug`, `Feature`, `Task`, or the organisation's own.
    pub name: Option<String>,
}

/// A comment of an issue, from `GET /repos/{owner}/{repo}/issues/{number}/comments`, oldest first.
/// <https://docs.github.com/en/rest/issues/comments#list-issue-comments>
#[derive(Debug, Clone, Deserialize)]
pub struct Comment {
    /// Unique on the host.
    pub id: Id,
    /// Markdown.
    pub body: Option<String>,
    /// Who.
    pub user: Option<User>,
    /// When.
    pub created_at: Option<DateTime<Utc>>,
}

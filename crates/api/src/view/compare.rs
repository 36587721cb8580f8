//! What lies between two versions.

use chrono::{DateTime, Utc};
use qd_model::Status;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::StatusTs;

/// Two versions to compare.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct CompareReq {
    /// A run or a deployment: the older one. `None`: the last one of the line of `to` before it that was good, or that
    /// went live; then `to` is a run or a deployment.
    #[serde(default)]
    pub from: Option<String>,
    /// Another run or deployment, or a branch, tag or commit: the newer one.
    pub to: String,
}

/// What the newer version has that the older one has not.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct CompareView {
    /// The older run or deployment.
    pub from: String,
    /// What it is called: its version or number.
    pub from_title: String,
    /// The older commit.
    pub base: String,
    /// The newer commit, or what was asked for.
    pub head: String,
    /// Commits the newer one has and the older one has not. `None`: the backend does not tell.
    pub ahead_by: Option<u32>,
    /// Commits the older one has and the newer one has not: above 0 it goes back, or lies on another branch. `None`: the
    /// backend does not tell.
    pub behind_by: Option<u32>,
    /// The commits, newest first; at most 250.
    pub commits: Vec<CommitView>,
    /// Who wrote them, each once, in the order of the commits.
    pub authors: Vec<String>,
    /// Files that differ. `None`: the backend does not tell.
    pub files_changed: Option<u32>,
    /// Tickets that the commits name.
    pub tickets: Vec<TicketRefView>,
    /// There are more commits or files than are counted here.
    pub truncated: bool,
    /// The backend's own page, if it may be opened.
    pub url: Option<String>,
    /// When the backend was asked.
    pub at: DateTime<Utc>,
}

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CommitView {
    /// The whole hash.
    pub sha: String,
    /// The first line of its message.
    pub title: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// When it was written.
    pub at: Option<DateTime<Utc>>,
    /// Its page, if it may be opened.
    pub url: Option<String>,
}

/// A ticket that a commit names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TicketRefView {
    /// As the commit names it: `#123`. May be a pull request where the backend counts both together.
    pub key: String,
    /// The ticket, when it has been read: what `entity` takes.
    pub id: Option<String>,
    /// Its summary, when it has been read.
    pub title: Option<String>,
    /// Its status, when it has been read.
    #[ts(as = "Option<StatusTs>")]
    pub status: Option<Status>,
    /// Its page, if it may be opened.
    pub url: Option<String>,
}

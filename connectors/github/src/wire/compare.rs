//! Two commits compared.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Entity, User};

/// A comparison, from `GET /repos/{owner}/{repo}/compare/{base}...{head}`.
/// <https://docs.github.com/en/rest/commits/commits#compare-two-commits>
#[derive(Debug, Clone, Deserialize)]
pub struct Comparison {
    /// Its page, for people.
    pub html_url: Option<String>,
    /// Commits of the head that the base has not.
    pub ahead_by: Option<u64>,
    /// Commits of the base that the head has not.
    pub behind_by: Option<u64>,
    /// How many commits all pages have together.
    pub total_commits: Option<u64>,
    /// A page of the commits, oldest first, read one by one.
    #[serde(default)]
    pub commits: Vec<Entity>,
    /// The files, at most 300, on the first page only; what they hold is not read.
    pub files: Option<Vec<serde::de::IgnoredAny>>,
}

/// One commit of a comparison.
#[derive(Debug, Clone, Deserialize)]
pub struct Commit {
    /// Hash.
    pub sha: String,
    /// Its page.
    pub html_url: Option<String>,
    /// What git says.
    pub commit: Option<GitCommit>,
    /// The account of the author. `null` when the address belongs to none.
    pub author: Option<User>,
}

/// What git says of a commit.
#[derive(Debug, Clone, Deserialize)]
pub struct GitCommit {
    /// Whole message.
    pub message: Option<String>,
    /// Who wrote it.
    pub author: Option<GitAuthor>,
}

/// The author as git knows them.
#[derive(Debug, Clone, Deserialize)]
pub struct GitAuthor {
    /// Name.
    pub name: Option<String>,
    /// When it was written.
    pub date: Option<DateTime<Utc>>,
}

//! What lies between two versions: commits, authors, files, tickets that are named.

use chrono::{DateTime, Utc};
use qd_model::{EntityId, Fact};
use serde::{Deserialize, Serialize};

/// The end of a comparison.
#[derive(Debug, Clone, Copy)]
pub enum Head<'a> {
    /// Another entity of the same connection.
    Entity(&'a Fact),
    /// A branch, tag or commit, as a person or another backend names it.
    Reference(&'a str),
}

impl<'a> Head<'a> {
    /// The commit, or what was named. `None`: the entity does not tell its commit.
    pub fn revision(&self) -> Option<&'a str> {
        match self {
            Self::Entity(fact) => revision_of(fact),
            Self::Reference(reference) => Some(reference),
        }
    }
}

/// The commit of a run or a deployment. `None`: it does not tell, or it is of another kind.
pub fn revision_of(fact: &Fact) -> Option<&str> {
    let revision = match fact {
        Fact::Run(run) => run.revision.as_deref(),
        Fact::Deployment(deployment) => deployment.revision.as_deref(),
        Fact::Alert(_) | Fact::Ticket(_) => None,
    };
    revision.map(str::trim).filter(|revision| !revision.is_empty())
}

/// What the head has that the base has not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The commit it begins after, as it was asked for.
    pub base: String,
    /// The commit it ends with, as it was asked for.
    pub head: String,
    /// Commits the head has and the base has not. `None`: the backend does not tell.
    pub ahead_by: Option<u64>,
    /// Commits the base has and the head has not: more than 0 when the head goes back or lies on another branch.
    /// `None`: the backend does not tell.
    pub behind_by: Option<u64>,
    /// The commits of the head, newest first, at most [`Comparison::MAX_COMMITS`].
    pub commits: Vec<Commit>,
    /// Files that differ. `None`: the backend does not tell.
    pub files_changed: Option<u64>,
    /// Tickets that the commits name, each once, in the order of the commits.
    pub tickets: Vec<TicketRef>,
    /// There are more commits or files than are counted here.
    pub truncated: bool,
    /// The backend's own page of this comparison.
    pub url: Option<String>,
}

impl Comparison {
    /// At most so many commits are kept.
    pub const MAX_COMMITS: usize = 250;
    /// At most so many tickets are kept.
    pub const MAX_TICKETS: usize = 100;
}

/// One commit. All text is untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// The whole hash, or what the backend calls a revision.
    pub sha: String,
    /// The first line of its message.
    pub title: String,
    /// Who wrote it: the account where there is one, else the name in the commit.
    pub author: Option<String>,
    /// When it was written.
    pub at: Option<DateTime<Utc>>,
    /// Its page.
    pub url: Option<String>,
}

/// A ticket that a commit names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRef {
    /// As the commit names it: `#123`.
    pub key: String,
    /// The ticket it would be if it is one: GitHub counts pull requests and issues together.
    pub id: Option<EntityId>,
    /// Its page.
    pub url: Option<String>,
}

/// The numbers in `#123` of a text, each once, in their order: not those within words (`abc#1`), paths or colours
/// (`#12ab`).
pub fn references(text: &str) -> Vec<u64> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('#') {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '/' | '#' | '&')) {
            continue;
        }
        let rest = &text[at + 1..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let after = rest[digits..].chars().next();
        if digits == 0 || digits > 12 || after.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        match rest[..digits].parse() {
            Ok(0) | Err(_) => {}
            Ok(number) if found.contains(&number) => {}
            Ok(number) => found.push(number),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[u64]) {
        assert_eq!(references(text), expected, "{text:?}");
    }

    #[test]
    fn a_ticket_is_a_number_after_a_hash_that_stands_alone() {
        check("Fix the cart (#123)", &[123]);
        check("#7: retry; closes #8, #7", &[7, 8]);
        check("Merge pull request #12 from acme/fix", &[12]);
        check("no ticket", &[]);
        check("colour #12ab34 and #abc", &[]);
        check("C#7 acme/shop#9 &#39; ##3", &[]);
        check("#0 and # 5 and #", &[]);
        check("#99999999999999999999", &[]);
        check("für #5é and é#6", &[]);
        check("（#42）", &[42]);
    }
}

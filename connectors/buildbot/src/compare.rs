//! What lies between two builds of a builder: the changes its builds brought.

use std::collections::BTreeSet;

use qd_connector::compare::revision_of;
use qd_connector::{Commit, Comparison, Head, PollCx, PollError};
use qd_model::Fact;

use crate::detail::build_of;
use crate::wire::{Build, Change};
use crate::{Buildbot, api, map};

/// The changes of so many builds are read.
const BUILDS: usize = 30;

impl Buildbot {
    /// Only builds of one builder, the base before the head: Buildbot knows changes and not how commits hang together.
    pub(crate) async fn read_changes(
        &self,
        cx: &PollCx,
        base: &Fact,
        head: Head<'_>,
    ) -> Result<Option<Comparison>, PollError> {
        let Head::Entity(head) = head else { return Ok(None) };
        let (Some(from), Some(to)) = (revision_of(base), revision_of(head)) else { return Ok(None) };
        let (first, last) = (build(cx, build_of(base)?).await?, build(cx, build_of(head)?).await?);
        if first.builderid != last.builderid || first.number > last.number {
            return Ok(None);
        }
        let (builder, after) = (first.builderid.to_string(), first.number.to_string());
        let (until, limit) = (last.number.to_string(), (BUILDS + 1).to_string());
        let query = [
            ("builderid", builder.as_str()),
            ("number__gt", after.as_str()),
            ("number__le", until.as_str()),
            ("order", "-number"),
            ("limit", limit.as_str()),
        ];
        let mut problems = Vec::new();
        let builds: Vec<Build> = api::list(&cx.http, "builds", "builds", &query, &mut problems).await?;
        let mut changes = Vec::new();
        for build in builds.iter().take(BUILDS) {
            let path = format!("builds/{}/changes", build.buildid);
            let read = api::list::<Change>(&cx.http, &path, "changes", &[], &mut problems).await?;
            // Newest first, as the builds are.
            changes.extend(read.into_iter().rev());
        }
        let cut = builds.len() > BUILDS || !problems.is_empty();
        Ok(comparison(from, to, changes, cut))
    }
}

async fn build(cx: &PollCx, id: u64) -> Result<Build, PollError> {
    api::single(&cx.http, &format!("builds/{id}"), "builds", &[]).await
}

/// The changes, each once. `None`: the revisions differ and no change tells how, which is not the same as no difference.
fn comparison(base: &str, head: &str, changes: Vec<Change>, cut: bool) -> Option<Comparison> {
    let mut seen = BTreeSet::new();
    let mut commits: Vec<Commit> = changes
        .into_iter()
        .filter_map(|change| {
            let sha = change.revision.clone().filter(|revision| revision != base)?;
            seen.insert(sha.clone()).then(|| commit(sha, change))
        })
        .collect();
    if commits.is_empty() && base != head {
        return None;
    }
    let cut = cut || commits.len() > Comparison::MAX_COMMITS;
    commits.truncate(Comparison::MAX_COMMITS);
    let count = u64::try_from(commits.len()).ok().filter(|_| !cut);
    Some(Comparison {
        base: base.to_owned(),
        head: head.to_owned(),
        ahead_by: count,
        behind_by: None,
        commits,
        files_changed: None,
        tickets: Vec::new(),
        truncated: cut,
        url: None,
    })
}

fn commit(sha: String, change: Change) -> Commit {
    Commit {
        sha,
        title: change.comments.as_deref().map(map::one_line).unwrap_or_default(),
        author: change.author.as_deref().map(map::name_of).filter(|name| !name.is_empty()),
        at: change.when,
        url: change.revlink.filter(|url| !url.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(revision: &str, comments: &str) -> Change {
        serde_json::from_value(serde_json::json!({
            "revision": revision, "author": "Ada <ada@shop.example>", "comments": comments, "when_timestamp": 1_767_225_600,
        }))
        .unwrap()
    }

    fn check(changes: &[(&str, &str)], expected: Option<&[&str]>) {
        let changes = changes.iter().map(|(revision, comments)| change(revision, comments)).collect();
        let found = comparison("aaa", "ccc", changes, false);
        let titles: Option<Vec<&str>> =
            found.as_ref().map(|found| found.commits.iter().map(|commit| commit.title.as_str()).collect());
        assert_eq!(titles.as_deref(), expected);
    }

    #[test]
    fn each_change_is_told_once_and_none_is_not_taken_for_no_difference() {
        check(&[("ccc", "Mend\nit"), ("bbb", "Break it"), ("ccc", "Mend\nit")], Some(&["Mend", "Break it"]));
        check(&[("bbb", "Break it"), ("aaa", "The base itself")], Some(&["Break it"]));
        check(&[], None);
    }

    #[test]
    fn author_and_time_are_the_changes_own() {
        let found = comparison("aaa", "ccc", vec![change("ccc", "x")], true).unwrap();
        assert_eq!(found.commits[0].author.as_deref(), Some("Ada"));
        assert_eq!(found.commits[0].at.unwrap().timestamp(), 1_767_225_600);
        assert_eq!((found.ahead_by, found.truncated), (None, true), "cut: how many there are is not known");
    }
}

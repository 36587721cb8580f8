//! What lies between two commits.

use std::collections::BTreeSet;

use qd_connector::compare::{references, revision_of};
use qd_connector::http::segment;
use qd_connector::{Commit, Comparison, Head, PollCx, PollError, TicketRef};
use qd_model::{EntityId, Fact, Kind, SourceId};

use crate::client::GitHub;
use crate::detail::repository;
use crate::map::{Place, filled, login};
use crate::wire;

/// Pages of 100 commits that are read.
const PAGES: u32 = 3;
/// GitHub lists no more files than this.
const FILES: u64 = 300;

/// See [`qd_connector::Connection::compare`].
pub async fn compare(
    cx: &PollCx,
    source: &SourceId,
    base: &Fact,
    head: Head<'_>,
) -> Result<Option<Comparison>, PollError> {
    let (Some(from), Some(to)) = (revision_of(base), head.revision()) else { return Ok(None) };
    let name = repository(base)?;
    if matches!(head, Head::Entity(other) if repository(other)? != name) {
        return Ok(None);
    }
    let github = GitHub::new(&cx.http);
    let place = Place::new(source, cx.http.base(), name);
    let path = format!("/repos/{name}/compare/{}...{}", segment(from), segment(to));
    let mut pages = Vec::new();
    for page in 1..=PAGES {
        let number = page.to_string();
        let response = github.get(&path, &[("per_page", "100"), ("page", &number)]).await?;
        let read: wire::Comparison = response.json()?;
        let empty = read.commits.is_empty();
        pages.push(read);
        if empty || !matches!(response.next_page(), Ok(Some(_))) {
            break;
        }
    }
    Ok(Some(comparison(&place, from, to, pages)))
}

/// The pages of a comparison in our words.
pub fn comparison(place: &Place, base: &str, head: &str, pages: Vec<wire::Comparison>) -> Comparison {
    let first = pages.first();
    let total = first.and_then(|page| page.total_commits);
    let (ahead_by, behind_by) = (first.and_then(|page| page.ahead_by), first.and_then(|page| page.behind_by));
    let files_changed = first.and_then(|page| page.files.as_ref()).map(|files| files.len() as u64);
    let url = first.and_then(|page| filled(page.html_url.clone()));
    let values: Vec<wire::Entity> = pages.into_iter().flat_map(|page| page.commits).collect();
    let (mut commits, unreadable) = wire::items::<wire::Commit>(values, "commit");
    let missing =
        !unreadable.is_empty() || total.or(ahead_by).is_some_and(|total| total > commits.len() as u64);
    commits.reverse();
    let cut = commits.len() > Comparison::MAX_COMMITS;
    commits.truncate(Comparison::MAX_COMMITS);
    let tickets = tickets(place, &commits);
    Comparison {
        base: base.to_owned(),
        head: head.to_owned(),
        ahead_by,
        behind_by,
        commits: commits.into_iter().map(commit).collect(),
        files_changed,
        tickets,
        truncated: missing || cut || files_changed.is_some_and(|files| files >= FILES),
        url,
    }
}

fn commit(commit: wire::Commit) -> Commit {
    let git = commit.commit;
    let title = title(git.as_ref()).to_owned();
    let written = git.and_then(|git| git.author);
    let name = written.as_ref().and_then(|author| filled(author.name.clone()));
    Commit {
        sha: commit.sha,
        title,
        author: login(commit.author).or(name),
        at: written.and_then(|author| author.date),
        url: filled(commit.html_url),
    }
}

fn title(git: Option<&wire::GitCommit>) -> &str {
    git.and_then(|git| git.message.as_deref()).and_then(|message| message.lines().next()).unwrap_or("").trim()
}

/// The tickets that the whole messages name (`Fixes #12` mostly stands in the last line). Numbers of pull requests are
/// among them: GitHub counts both together.
fn tickets(place: &Place, commits: &[wire::Commit]) -> Vec<TicketRef> {
    let mut seen = BTreeSet::new();
    let messages = commits.iter().filter_map(|commit| commit.commit.as_ref()?.message.as_deref());
    let numbers = messages.flat_map(references).filter(|number| seen.insert(*number));
    let reference = |number: u64| TicketRef {
        key: format!("#{number}"),
        id: Some(EntityId::new(&place.source, Kind::Ticket, format!("{}/{number}", place.repository))),
        url: place.page.as_ref().map(|page| format!("{page}/issues/{number}")),
    };
    numbers.take(Comparison::MAX_TICKETS).map(reference).collect()
}

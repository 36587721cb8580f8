//! Releases: which one a commit is, with its notes, and what else was released lately.

use qd_connector::{PollError, Section};

use super::{row, time};
use crate::client::GitHub;
use crate::deploy::Versions;
use crate::map::{self, filled};
use crate::wire;

/// Releases that are listed.
const RELEASES: usize = 5;
/// Notes are cut to so many characters.
const NOTES: usize = 20_000;

/// The release of a commit or ref with its notes, then the newest ones. Nothing where there are none or they may not be
/// read.
pub async fn of(
    github: &GitHub,
    repository: &str,
    reference: Option<&str>,
    revision: Option<&str>,
) -> Result<Vec<Section>, PollError> {
    let path = format!("/repos/{repository}/releases");
    let read = match github.list::<wire::Release>(&path, &[("per_page", "100")], "release").await {
        Ok((read, _)) => read,
        Err(PollError::Forbidden { .. } | PollError::NotFound { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    if read.is_empty() {
        return Ok(Vec::new());
    }
    let path = format!("/repos/{repository}/tags");
    let tags: Vec<wire::Tag> = match github.list(&path, &[("per_page", "100")], "tag").await {
        Ok((tags, _)) => tags,
        Err(PollError::Forbidden { .. } | PollError::NotFound { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    let versions = Versions::of(&read, &tags);
    Ok(sections(read, &versions, reference, revision))
}

/// The sections of the releases there are.
pub fn sections(
    read: Vec<wire::Release>,
    versions: &Versions,
    reference: Option<&str>,
    revision: Option<&str>,
) -> Vec<Section> {
    let this = versions.release(reference, revision).map(str::to_owned);
    let published: Vec<wire::Release> = read.into_iter().filter(|release| !release.draft).collect();
    let mut sections = Vec::new();
    if let Some(release) = published.iter().find(|release| Some(&release.tag_name) == this.as_ref()) {
        sections.extend(whole(release));
    }
    let listed: Vec<(String, String)> =
        published.into_iter().take(RELEASES).map(|release| line(release, this.as_deref())).collect();
    if !listed.is_empty() {
        sections.push(Section::Fields { title: "Latest releases".to_owned(), rows: listed });
    }
    sections
}

/// One release: what it is called, when and by whom it was published, where its page is, and its notes.
fn whole(release: &wire::Release) -> Vec<Section> {
    let mut rows = vec![("Release".to_owned(), release.tag_name.clone())];
    row(&mut rows, "Title", filled(release.name.clone()).filter(|name| *name != release.tag_name));
    row(&mut rows, "Kind", release.prerelease.then(|| "pre-release".to_owned()));
    rows.push(("Published".to_owned(), time(release.published_at)));
    row(&mut rows, "By", map::login(release.author.clone()));
    row(&mut rows, "Page", filled(release.html_url.clone()));
    let mut sections = vec![Section::Fields { title: "Release".to_owned(), rows }];
    if let Some(notes) = filled(release.body.clone()) {
        let text = notes.chars().take(NOTES).collect();
        sections.push(Section::Body { title: "Release notes".to_owned(), text });
    }
    sections
}

fn line(release: wire::Release, this: Option<&str>) -> (String, String) {
    let mark = if this == Some(release.tag_name.as_str()) { " – this commit" } else { "" };
    let kind = if release.prerelease { "pre-release " } else { "" };
    let who = map::login(release.author).map(|login| format!(" by {login}")).unwrap_or_default();
    let name = filled(release.name).filter(|name| *name != release.tag_name).map(|name| format!(" “{name}”"));
    let text =
        format!("{kind}published {}{who}{}{mark}", time(release.published_at), name.unwrap_or_default());
    (release.tag_name, text)
}

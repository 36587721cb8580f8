//! Two versions compared.

use qd_api::App;
use qd_api::view::{CommitView, CompareReq, CompareView, TicketRefView};
use serde_json::json;

use crate::out::{self, Exit, Failure};

/// `qd diff`: what `other` has that `id` has not; without `other`, what `id` has that the last good one before it has not.
pub async fn diff(app: &App, id: String, other: Option<String>, json: bool) -> Result<Exit, Failure> {
    app.configure().await?;
    let request = match other {
        Some(other) => CompareReq { from: Some(id), to: other },
        None => CompareReq { from: None, to: id },
    };
    let Some(compared) = app.compare(request).await? else {
        let message = "this backend cannot tell what lies between two versions".to_owned();
        return Err(Failure { exit: Exit::Error, message });
    };
    if json {
        out::items(app, vec![json!(compared)]).await?;
    } else {
        out::lines(lines(&compared))?;
    }
    Ok(Exit::Fine)
}

fn lines(compared: &CompareView) -> Vec<String> {
    let mut lines = vec![
        format!("{} {} → {}", compared.from_title, short(&compared.base), short(&compared.head)),
        summary(compared),
    ];
    lines.extend(compared.commits.iter().map(commit));
    if compared.truncated {
        lines.push("… and more than is listed or counted here".to_owned());
    }
    if !compared.tickets.is_empty() {
        lines.push("Named tickets and changes".to_owned());
        lines.extend(compared.tickets.iter().map(ticket));
    }
    lines.extend(compared.url.clone());
    lines
}

fn summary(compared: &CompareView) -> String {
    let count = |n: Option<u32>, one: &str, many: &str| match n {
        Some(1) => format!("1 {one}"),
        Some(n) => format!("{n} {many}"),
        None => format!("unknown number of {many}"),
    };
    let mut parts = vec![count(compared.ahead_by, "commit", "commits")];
    if let Some(back) = compared.behind_by.filter(|back| *back > 0) {
        parts.push(format!("goes back by {}", count(Some(back), "commit", "commits")));
    }
    parts.push(count(compared.files_changed, "file", "files"));
    parts.push(count(u32::try_from(compared.authors.len()).ok(), "author", "authors"));
    parts.join(" · ")
}

fn commit(commit: &CommitView) -> String {
    let by = commit.author.as_deref().map(|author| format!("  {author}")).unwrap_or_default();
    format!("  {}  {}{by}", short(&commit.sha), commit.title)
}

fn ticket(ticket: &TicketRefView) -> String {
    let known = [ticket.title.as_deref(), ticket.id.as_deref().or(ticket.url.as_deref())];
    let known = known.into_iter().flatten().collect::<Vec<_>>().join("  ");
    format!("  {}  {known}", ticket.key)
}

/// The first characters of a hash; a branch or tag whole.
fn short(revision: &str) -> String {
    let hash = revision.len() >= 32 && revision.chars().all(|c| c.is_ascii_hexdigit());
    revision.chars().take(if hash { 10 } else { 80 }).collect()
}

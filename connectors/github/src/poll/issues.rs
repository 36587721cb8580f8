//! Issues: a back-fill from new to old, then what was updated since, from old to new.

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::PollError;
use serde::{Deserialize, Serialize};

use super::{Found, MAX_PAGES, PAGE, Step, digest, has_next, stamp};
use crate::{map, wire};

/// Updates may become visible a little late; so much is asked for again.
const OVERLAP: TimeDelta = TimeDelta::seconds(60);

/// Where the list of issues stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Issues {
    /// `None`: never polled, or done.
    fill: Option<Fill>,
    /// Everything up to here is known. `None`: never polled.
    since: Option<DateTime<Utc>>,
    /// Since when all issues are told. `None`: never read to the end.
    #[serde(default)]
    pub(super) told: Option<DateTime<Utc>>,
    /// Page of the incremental list; 0 and 1 are the first.
    page: u32,
    /// Fingerprint of the last page as taken over.
    mark: u64,
}

/// A walk from new to old, page by page. Updates meanwhile move issues to the first page, which shifts others further
/// back, to be met twice; the moved ones come again with the incremental list, which begins where this walk began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Fill {
    from: DateTime<Utc>,
    page: u32,
    left: u32,
}

pub async fn step(step: &Step<'_>, issues: &mut Issues) -> Result<Found, PollError> {
    let mut found = Found::default();
    if issues.since.is_none() && issues.fill.is_none() {
        issues.fill = Some(Fill { from: step.from, page: 1, left: step.entities });
    }
    match issues.fill.take() {
        Some(fill) => issues.fill = fill_page(step, issues, fill, &mut found).await?,
        None => news(step, issues, &mut found).await?,
    }
    found.more |= issues.fill.is_some();
    Ok(found)
}

async fn fill_page(
    step: &Step<'_>,
    issues: &mut Issues,
    mut fill: Fill,
    found: &mut Found,
) -> Result<Option<Fill>, PollError> {
    let page = page_of(step, "desc", fill.from, fill.page, found).await?;
    let newest = page.newest().map_or(fill.from, |newest| newest - OVERLAP);
    issues.since.get_or_insert(newest.max(fill.from));
    // The same page again: the server's links lead in a circle.
    let again = fill.page > 1 && page.mark == issues.mark;
    issues.mark = page.mark;
    let empty = page.read.is_empty() || again;
    let changes: Vec<_> = page.read.iter().map(|issue| issue.updated_at).collect();
    let tickets = page.read.into_iter().map(|issue| map::issue(step.place, issue));
    let tickets: Vec<_> =
        tickets.zip(changes).filter_map(|(ticket, at)| ticket.map(|ticket| (ticket, at))).collect();
    let taken = tickets.len().min(fill.left as usize);
    let all = taken == tickets.len() && (!page.next || empty);
    let oldest = tickets[..taken].iter().filter_map(|(_, at)| *at).min();
    found.facts.extend(tickets.into_iter().take(taken).map(|(ticket, _)| ticket));
    fill.left -= u32::try_from(taken).unwrap_or(fill.left).min(fill.left);
    fill.page += 1;
    let over = !page.next || empty || fill.left == 0 || fill.page > MAX_PAGES;
    if !over {
        return Ok(Some(fill));
    }
    // What was cut off changed before the last one that was taken, so none of it was opened since.
    issues.told = if all { Some(fill.from) } else { oldest.or(Some(step.now)) };
    Ok(None)
}

async fn news(step: &Step<'_>, issues: &mut Issues, found: &mut Found) -> Result<(), PollError> {
    let since = issues.since.unwrap_or(step.from);
    let page = page_of(step, "asc", since, issues.page.max(1), found).await?;
    let newest = page.newest().unwrap_or(since);
    let again = page.mark == issues.mark;
    issues.told.get_or_insert(step.now);
    if !again {
        issues.mark = page.mark;
        found.facts.extend(page.read.into_iter().filter_map(|issue| map::issue(step.place, issue)));
    }
    // The same page again under another number: the server's links lead in a circle.
    if !page.next || issues.page >= MAX_PAGES || (again && issues.page > 1) {
        issues.page = 1;
        issues.since = Some(since.max(newest - OVERLAP));
    } else if newest > since {
        // Go on from the last one seen, inclusive, instead of by page number: nothing can slip between pages.
        issues.page = 1;
        issues.since = Some(newest);
        found.more = true;
    } else {
        issues.page = issues.page.max(1) + 1;
        found.more = true;
    }
    Ok(())
}

struct Page {
    read: Vec<wire::Issue>,
    next: bool,
    mark: u64,
}

impl Page {
    fn newest(&self) -> Option<DateTime<Utc>> {
        self.read.iter().filter_map(|issue| issue.updated_at).max()
    }
}

async fn page_of(
    step: &Step<'_>,
    direction: &str,
    since: DateTime<Utc>,
    page: u32,
    found: &mut Found,
) -> Result<Page, PollError> {
    let (since, number) = (stamp(since), page.to_string());
    let mut query = vec![
        ("state", "all"),
        ("sort", "updated"),
        ("direction", direction),
        ("since", since.as_str()),
        ("per_page", PAGE),
    ];
    if page > 1 {
        query.push(("page", &number));
    }
    let response = step.github.get(&step.path("issues"), &query).await?;
    let values: Vec<wire::Entity> = response.json()?;
    let (read, problems) = wire::items(values, &step.what("issue"));
    found.problems.extend(problems);
    let next = has_next(&response, &step.what("issues"), &mut found.problems);
    Ok(Page { read, next, mark: digest(&response) })
}

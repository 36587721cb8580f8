//! `GET issues.json`, newest change first: a bounded back-fill, then what changed since.

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::{PollCx, PollError};
use qd_model::{Batch, Coverage, Cursor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::map::Directory;
use crate::read::{self, PAGE};
use crate::{Redmine, map, wire};

/// Pages of one call; more are asked for in the next.
const PAGES_PER_CALL: usize = 4;
/// A change is asked for again for this long: it may become visible later than its time says.
const OVERLAP: TimeDelta = TimeDelta::seconds(120);
/// Entries of a page that are asked for again with the next one: an issue that was deleted or became invisible in
/// between moves the others up.
const PAGE_OVERLAP: usize = 5;
/// More changed issues than this are not read in one scan.
const LARGEST_SCAN: usize = 10_000;

/// The cursor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Position {
    /// The projects it belongs to: with others everything begins anew.
    projects: Vec<String>,
    /// Changes up to this instant have been read.
    since: Option<DateTime<Utc>>,
    /// Since when all tickets are told. `None`: never read to the end.
    #[serde(default)]
    told: Option<DateTime<Utc>>,
    /// A scan under way.
    scan: Option<Scan>,
}

/// A list that is being read, page by page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Scan {
    /// Lower end.
    from: DateTime<Utc>,
    /// Newest change of the first page: what happens during the scan belongs to the next one.
    top: Option<DateTime<Utc>>,
    /// Entries read.
    offset: usize,
    /// Entries to read at the most.
    limit: usize,
}

/// What changed since the cursor.
pub async fn poll(connection: &Redmine, cx: &PollCx, cursor: &Cursor) -> Result<Batch, PollError> {
    read::who(cx).await?;
    let mut directory = connection.directory(cx).await?;
    let mut problems = Vec::new();
    let projects = connection.project_ids(&directory, &mut problems)?;
    let mut position = Position::read(cursor, &connection.projects);
    let mut scan = position.scan.take().unwrap_or_else(|| Scan::begin(&position, cx));

    let mut issues = Vec::new();
    let mut done = false;
    let mut cut = None;
    for _ in 0..PAGES_PER_CALL {
        if cx.cancel.is_cancelled() {
            return Err(PollError::Cancelled);
        }
        let page = page(cx, &scan, &projects).await?;
        done = scan.advance(&page);
        cut = page.cut(&scan);
        issues.extend(page.issues);
        problems.extend(page.problem);
        if done {
            break;
        }
    }
    if done {
        if scan.offset >= LARGEST_SCAN {
            problems.push(format!(
                "more than {LARGEST_SCAN} tickets changed at once: the oldest of these changes are not shown"
            ));
        }
        let first = position.since.is_none();
        position.told = cut.or(if first { Some(scan.from) } else { position.told }).or(Some(cx.now()));
        position.since = scan.top.or(position.since);
    } else {
        position.scan = Some(scan);
    }

    if issues.iter().any(|issue| is_new_project(&directory, issue)) {
        directory = connection.refresh(cx).await?;
    }
    let fact = |issue| map::ticket(&connection.source, &connection.url, &directory, issue);
    Ok(Batch {
        facts: issues.into_iter().map(fact).collect(),
        coverage: Coverage::Delta,
        next: Cursor::write(&position),
        more: !done,
        told_since: position.told,
        problems,
    })
}

impl Position {
    fn read(cursor: &Cursor, projects: &[String]) -> Self {
        let anew = || Self { projects: projects.to_vec(), ..Self::default() };
        cursor.read::<Self>().filter(|position| position.projects == projects).unwrap_or_else(anew)
    }
}

impl Scan {
    fn begin(position: &Position, cx: &PollCx) -> Self {
        let (from, limit) = match position.since {
            Some(since) => (since - OVERLAP, LARGEST_SCAN),
            None => (
                cx.now() - TimeDelta::days(i64::from(cx.backfill.days)),
                usize::try_from(cx.backfill.entities).unwrap_or(LARGEST_SCAN).min(LARGEST_SCAN),
            ),
        };
        Self { from, top: None, offset: 0, limit }
    }

    /// Entries of the next page.
    fn size(&self) -> usize {
        (self.limit - self.offset.min(self.limit)).clamp(1, PAGE)
    }

    /// Steps behind a page. `true`: it was the last one.
    fn advance(&mut self, page: &Page) -> bool {
        if self.offset == 0 {
            self.top = page.issues.iter().filter_map(|issue| issue.updated_on).max();
        }
        let read = self.offset + page.listed;
        let last = page.listed == 0 || read as u64 >= page.total || read >= self.limit;
        let overlap = if last || page.listed <= 2 * PAGE_OVERLAP { 0 } else { PAGE_OVERLAP };
        self.offset = read - overlap;
        last
    }
}

/// One page as far as it could be read.
struct Page {
    issues: Vec<wire::Issue>,
    /// Entries on it, unreadable ones included.
    listed: usize,
    /// Entries of the whole list.
    total: u64,
    problem: Option<String>,
}

impl Page {
    /// Where a scan that has ended with this page left off, when the list went on: what is older was not read, so none of it
    /// is known to have been opened since.
    fn cut(&self, scan: &Scan) -> Option<DateTime<Utc>> {
        let on = self.listed > 0 && (scan.offset as u64) < self.total;
        let oldest = self.issues.iter().filter_map(|issue| issue.updated_on).min();
        on.then_some(oldest).flatten()
    }
}

async fn page(cx: &PollCx, scan: &Scan, projects: &[String]) -> Result<Page, PollError> {
    // The filter's time has no fraction: Redmine keeps whole seconds.
    let from = scan.from.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (limit, offset) = (scan.size().to_string(), scan.offset.to_string());
    let mut query = vec![
        ("sort", "updated_on:desc"),
        ("limit", limit.as_str()),
        ("offset", offset.as_str()),
        ("f[]", "status_id"),
        ("op[status_id]", "*"),
        ("f[]", "updated_on"),
        ("op[updated_on]", ">="),
        ("v[updated_on][]", from.as_str()),
    ];
    if !projects.is_empty() {
        query.extend([("f[]", "project_id"), ("op[project_id]", "=")]);
        query.extend(projects.iter().map(|id| ("v[project_id][]", id.as_str())));
    }
    let response = cx.http.get("issues.json").query(&query).send().await?;
    let error = match response.json::<wire::Issues<wire::Issue>>() {
        Ok(page) => {
            return Ok(Page {
                listed: page.issues.len(),
                issues: page.issues,
                total: page.total_count,
                problem: None,
            });
        }
        Err(error) => error,
    };
    // One issue that cannot be read does not hide the others; when none can be read, that is an error.
    let Ok(page) = response.json::<wire::Issues<Value>>() else { return Err(error) };
    let (listed, total) = (page.issues.len(), page.total_count);
    let issues: Vec<_> =
        page.issues.into_iter().filter_map(|issue| wire::Issue::deserialize(issue).ok()).collect();
    if issues.is_empty() {
        return Err(error);
    }
    let problem = format!("{} of {listed} tickets of a page could not be read", listed - issues.len());
    Ok(Page { issues, listed, total, problem: Some(problem) })
}

fn is_new_project(directory: &Directory, issue: &wire::Issue) -> bool {
    issue.project.as_ref().is_some_and(|project| !directory.projects.contains_key(&project.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(limit: usize) -> Scan {
        Scan { from: DateTime::UNIX_EPOCH, top: None, offset: 0, limit }
    }

    fn page(listed: usize, total: u64) -> Page {
        Page { issues: Vec::new(), listed, total, problem: None }
    }

    /// Sizes asked for until the end, for a list of `total` entries.
    #[track_caller]
    fn check(limit: usize, total: usize, expected: &[(usize, usize)]) {
        let mut scan = scan(limit);
        let mut asked = Vec::new();
        loop {
            let (offset, size) = (scan.offset, scan.size());
            asked.push((offset, size));
            let listed = size.min(total.saturating_sub(offset));
            if scan.advance(&page(listed, total as u64)) {
                break;
            }
            assert!(asked.len() < 50, "it comes to an end");
        }
        assert_eq!(asked, expected, "limit {limit}, total {total}");
    }

    #[test]
    fn pages_overlap_and_end_with_the_list_or_the_limit() {
        check(1000, 0, &[(0, 100)]);
        check(1000, 100, &[(0, 100)]);
        check(1000, 101, &[(0, 100), (95, 100)]);
        check(150, 5000, &[(0, 100), (95, 55)]);
        check(3, 5000, &[(0, 3)]);
        check(0, 5000, &[(0, 1)]);
    }

    #[test]
    fn a_scan_that_left_tickets_out_says_where() {
        let ended = |listed, total| {
            let (mut scan, page) = (scan(100), page(listed, total));
            assert!(scan.advance(&page));
            page.cut(&scan)
        };
        assert_eq!(ended(100, 100), None, "all were read");
        assert_eq!(ended(0, 0), None);
        let oldest = DateTime::UNIX_EPOCH + TimeDelta::hours(2);
        let issue = |hours: i64| -> wire::Issue {
            let at = DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
            serde_json::from_value(serde_json::json!({ "id": hours, "updated_on": at })).expect("an issue")
        };
        let mut scan = scan(100);
        let page = Page { issues: vec![issue(9), issue(2)], ..page(100, 5000) };
        assert!(scan.advance(&page));
        assert_eq!(page.cut(&scan), Some(oldest));
    }

    #[test]
    fn a_server_that_gives_few_entries_whatever_is_asked_does_not_hold_the_scan() {
        let mut scan = scan(1000);
        assert!(!scan.advance(&page(25, 60)));
        assert_eq!(scan.offset, 20);
        assert!(scan.advance(&page(0, 60)), "an empty page is the last one");
        let mut slow = self::scan(1000);
        assert!(!slow.advance(&page(3, 60)));
        assert_eq!(slow.offset, 3, "a page as small as the overlap is not asked for again");
    }

    #[test]
    fn a_cursor_of_other_projects_begins_anew() {
        let old = Position {
            projects: vec!["shop".into()],
            since: Some(DateTime::UNIX_EPOCH),
            ..Position::default()
        };
        let cursor = Cursor::write(&old);
        assert_eq!(Position::read(&cursor, &["shop".into()]), old);
        let other = Position::read(&cursor, &["shop".into(), "warehouse".into()]);
        assert_eq!((other.since, other.projects.len()), (None, 2));
        assert_eq!(Position::read(&Cursor(Some(serde_json::json!(7))), &[]), Position::default());
    }
}

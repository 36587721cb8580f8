//! Workflow runs: a back-fill over windows of time, then the first page, the runs in progress and the open ones.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::PollError;
use qd_model::Fact;
use serde::{Deserialize, Serialize};

use super::{Found, MAX_PAGES, PAGE, Step, digest, has_next, stamp};
use crate::{map, wire};

/// At most so many runs are asked for one by one in a step.
const SINGLES: usize = 20;

/// Where the list of runs stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Runs {
    /// `None`: never polled, or nothing is left to sweep.
    sweep: Option<Sweep>,
    /// Highest id seen, and when that run was created. `None`: never polled.
    top: Option<(u64, Option<DateTime<Utc>>)>,
    /// Where the back-fill ended: what is older is not taken over because it happens to be on the first page.
    #[serde(default)]
    bottom: Option<(u64, DateTime<Utc>)>,
    /// Since when all runs are told. `None`: never read to the end.
    #[serde(default)]
    pub(super) told: Option<DateTime<Utc>>,
    /// Runs that are not finished, with their creation.
    open: BTreeMap<String, Option<DateTime<Utc>>>,
    /// Fingerprint of the first page as taken over.
    head: u64,
    /// Fingerprint of the page of runs in progress as taken over.
    active: u64,
}

/// A walk from new to old. Windows are bound by the creation of the oldest run seen, inclusive, instead of by page
/// numbers, so runs that appear or are deleted meanwhile shift nothing, and GitHub's limit of 1,000 results per search
/// is not met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sweep {
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    /// The runs of the last page: windows overlap, and a page that brings nothing else is the last one.
    edge: BTreeSet<String>,
    page: u32,
    pages: u32,
    left: u32,
    /// Runs up to this id are known.
    floor: u64,
}

pub async fn step(step: &Step<'_>, runs: &mut Runs) -> Result<Found, PollError> {
    let mut found = Found::default();
    if runs.top.is_none() && runs.sweep.is_none() {
        runs.sweep = Some(Sweep {
            from: step.from,
            until: None,
            edge: BTreeSet::new(),
            page: 1,
            pages: 0,
            left: step.entities,
            floor: 0,
        });
    }
    match runs.sweep.take() {
        Some(sweep) => runs.sweep = sweep_page(step, runs, sweep, &mut found).await?,
        None => head(step, runs, &mut found).await?,
    }
    found.more = runs.sweep.is_some();
    Ok(found)
}

/// One page of a sweep. Returns how it goes on.
async fn sweep_page(
    step: &Step<'_>,
    runs: &mut Runs,
    mut sweep: Sweep,
    found: &mut Found,
) -> Result<Option<Sweep>, PollError> {
    let created = match sweep.until {
        None => format!(">={}", stamp(sweep.from)),
        Some(until) => format!("{}..{}", stamp(sweep.from), stamp(until)),
    };
    let page = sweep.page.to_string();
    let mut query = vec![("per_page", PAGE), ("created", created.as_str())];
    if sweep.page > 1 {
        query.push(("page", &page));
    }
    let (read, next, _) = page_of(step, &query, found).await?;
    let known = read.iter().any(|run| sweep.floor > 0 && run.id.number() <= sweep.floor);
    let oldest = read.iter().filter_map(|run| run.created_at).min();
    let seen: BTreeSet<String> = read.iter().map(|run| run.id.0.clone()).collect();
    let fresh: Vec<wire::Run> = read.into_iter().filter(|run| !sweep.edge.contains(&run.id.0)).collect();
    let empty = fresh.is_empty();
    let taken = fresh.len().min(sweep.left as usize);
    let last = fresh[..taken].iter().filter_map(|run| run.created_at).min();
    let all = taken == fresh.len() && (!next || empty || known);
    for run in fresh.into_iter().take(taken) {
        if sweep.floor == 0 {
            let lowest = runs.bottom.map_or(u64::MAX, |(lowest, _)| lowest).min(run.id.number());
            runs.bottom = Some((lowest, sweep.from));
        }
        take(step, runs, run, found);
    }
    runs.bottom.get_or_insert((0, sweep.from));
    sweep.left -= u32::try_from(taken).unwrap_or(sweep.left).min(sweep.left);
    sweep.pages += 1;
    // Even an empty repository has been polled now.
    runs.top.get_or_insert((0, None));
    if !next || empty || known || sweep.left == 0 || sweep.pages >= MAX_PAGES {
        runs.told = match all {
            // Back to what was known, which may be from before it was written down.
            true if sweep.floor > 0 => runs.told.or(Some(step.now)),
            true => Some(sweep.from),
            false => last.or(sweep.until).or(Some(step.now)),
        };
        return Ok(None);
    }
    match oldest {
        Some(oldest) if sweep.until.is_none_or(|until| oldest < until) => {
            sweep.until = Some(oldest);
            sweep.page = 1;
        }
        // A whole page of one second, or without times: only the number helps.
        _ => sweep.page += 1,
    }
    sweep.edge = seen;
    Ok(Some(sweep))
}

/// What is new: the first page, what runs (a re-run of an old run is seen here), and what was open and is on neither.
async fn head(step: &Step<'_>, runs: &mut Runs, found: &mut Found) -> Result<(), PollError> {
    let (top, top_at) = runs.top.unwrap_or_default();
    let bottom = runs.bottom;
    let (read, next, mark) = page_of(step, &[("per_page", PAGE)], found).await?;
    let mut listed: BTreeSet<String> = read.iter().map(|run| run.id.0.clone()).collect();
    let gap = next && top > 0 && !read.is_empty() && read.iter().all(|run| run.id.number() > top);
    let oldest = read.iter().filter_map(|run| run.created_at).min();
    if mark != runs.head {
        runs.head = mark;
        for run in read {
            if runs.open.contains_key(&run.id.0) || !is_before(&run, bottom) {
                take(step, runs, run, found);
            }
        }
    }
    if gap {
        // More new runs than one page holds: walk back to what is known.
        let from = top_at.unwrap_or(step.from);
        let (edge, left) = (BTreeSet::new(), step.entities);
        runs.sweep = Some(Sweep { from, until: oldest, edge, page: 1, pages: 0, left, floor: top });
    } else {
        runs.told.get_or_insert(step.now);
    }
    let (read, _, mark) = page_of(step, &[("status", "in_progress"), ("per_page", PAGE)], found).await?;
    let changed = mark != runs.active;
    runs.active = mark;
    for run in read {
        // Listed on both pages: what the first page said is taken over already.
        if listed.insert(run.id.0.clone()) && changed {
            take(step, runs, run, found);
        }
    }
    singles(step, runs, &listed, found).await
}

/// Whether a run lies before the end of the back-fill.
fn is_before(run: &wire::Run, bottom: Option<(u64, DateTime<Utc>)>) -> bool {
    bottom.is_some_and(|(lowest, from)| {
        run.id.number() < lowest || run.created_at.is_some_and(|created| created < from)
    })
}

/// Reads open runs that no page lists any more, a few in each step.
async fn singles(
    step: &Step<'_>,
    runs: &mut Runs,
    listed: &BTreeSet<String>,
    found: &mut Found,
) -> Result<(), PollError> {
    // GitHub itself ends runs after 35 days; what is older and still open will not change.
    let limit = step.now - TimeDelta::days(36);
    runs.open.retain(|_, created| created.is_none_or(|created| created > limit));
    let waiting: Vec<String> = runs.open.keys().filter(|id| !listed.contains(*id)).cloned().collect();
    for id in super::some_of(&waiting, SINGLES, step.now) {
        let path = step.path(&format!("actions/runs/{}", qd_connector::http::segment(id)));
        match step.github.read::<wire::Run>(&path, &[]).await {
            Ok(run) => take(step, runs, run, found),
            // Deleted: what was seen last stays; nothing more will come.
            Err(PollError::NotFound { .. }) => {
                runs.open.remove(id);
            }
            Err(PollError::Unexpected { what, .. }) => {
                found.problems.push(format!("{} {id} could not be read: {what}", step.what("workflow run")));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A page of runs, whether there is a next one, and its fingerprint.
async fn page_of(
    step: &Step<'_>,
    query: &[(&str, &str)],
    found: &mut Found,
) -> Result<(Vec<wire::Run>, bool, u64), PollError> {
    let response = step.github.get(&step.path("actions/runs"), query).await?;
    let page: wire::RunPage = response.json()?;
    let (read, problems) = wire::items(page.workflow_runs, &step.what("workflow run"));
    found.problems.extend(problems);
    let next = has_next(&response, &step.what("workflow runs"), &mut found.problems);
    Ok((read, next, digest(&response)))
}

fn take(step: &Step<'_>, runs: &mut Runs, run: wire::Run, found: &mut Found) {
    let (id, created) = (run.id.clone(), run.created_at);
    if runs.top.is_none_or(|(top, _)| id.number() > top) {
        runs.top = Some((id.number(), created));
    }
    let fact: Fact = map::run(step.place, run);
    if fact.is_open() {
        runs.open.insert(id.0, created);
    } else {
        runs.open.remove(&id.0);
    }
    found.facts.push(fact);
}

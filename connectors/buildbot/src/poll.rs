//! Which builds are read when.
//!
//! The first poll reads the newest builds and goes back from there, a page a call, until the limits of the back-fill
//! are met. Every later one reads what is new since the newest known build, oldest first, and the builds again that
//! had not ended when they were last seen.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::{PollCx, PollError};
use qd_model::{Batch, Coverage, Cursor};
use serde::{Deserialize, Serialize};

use crate::map::{self, Mapper, PROPERTIES, Surroundings};
use crate::wire::{Build, BuildRequest, Change, Project, Step};
use crate::{Buildbot, api};

/// Builds of one request.
const PAGE: usize = 100;
/// Newly failed builds of one poll whose steps are asked for, one request each; the detail of the others tells theirs.
const FAILURES: usize = 12;

/// Where the next poll continues.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The settings it was made with: with others, everything is read anew.
    pub scope: String,
    /// The newest build read. `None`: there was none.
    pub newest: Option<Anchor>,
    /// Builds that had not ended.
    pub open: BTreeSet<u64>,
    /// What is left of the back-fill. `None`: nothing.
    pub back: Option<Backwards>,
    /// Since when all builds are told. `None`: the back-fill has not ended.
    #[serde(default)]
    pub told: Option<DateTime<Utc>>,
}

/// A build by which a database that began anew is recognised: it would give the same id to another build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Its id.
    pub id: u64,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
}

/// A back-fill that is not finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backwards {
    /// Builds from this one on have been read.
    pub before: u64,
    /// Builds read so far.
    pub taken: u32,
}

/// What one poll has read.
#[derive(Default)]
struct Reading {
    builds: BTreeMap<u64, Build>,
    problems: Vec<String>,
    more: bool,
}

impl Buildbot {
    pub(crate) async fn read_builds(&self, cx: &PollCx, cursor: &Cursor) -> Result<Batch, PollError> {
        let scope = self.settings.scope();
        let known = cursor.read::<Mark>().filter(|mark| mark.scope == scope);
        let mut mark = known.unwrap_or_else(|| Mark { scope, ..Mark::default() });
        let mut reading = Reading::default();
        let mut around = Surroundings::default();
        let only = self.only(cx, &mut around, &mut reading).await?;
        if only.as_ref().is_none_or(|ids| !ids.is_empty()) {
            let only = only.unwrap_or_default();
            self.read_new(cx, &mut mark, &only, &mut reading).await?;
            self.read_back(cx, &mut mark, &only, &mut reading).await?;
            self.read_open(cx, &mut mark, &mut reading).await?;
        }
        self.enrich(cx, &mut around, &mut reading).await?;
        let mapper = Mapper {
            source: &self.source,
            base: cx.http.base(),
            deployments: &self.settings.deployments,
            around: &around,
        };
        let facts = reading.builds.values().flat_map(|build| mapper.facts(build)).collect();
        let Reading { problems, more, .. } = reading;
        let (next, told_since) = (Cursor::write(&mark), mark.told);
        Ok(Batch { facts, coverage: Coverage::Delta, next, more, told_since, problems })
    }

    /// Ids of the builders the settings ask for. `None`: all of them.
    async fn only(
        &self,
        cx: &PollCx,
        around: &mut Surroundings,
        reading: &mut Reading,
    ) -> Result<Option<Vec<String>>, PollError> {
        let names = &self.settings.builders;
        if names.is_empty() {
            return Ok(None);
        }
        let all = api::builders(&cx.http, &mut reading.problems).await?;
        for name in names.iter().filter(|name| !all.iter().any(|builder| builder.name == **name)) {
            reading.problems.push(format!("there is no builder named '{}'", map::one_line(name)));
        }
        let ids = all
            .iter()
            .filter(|builder| names.contains(&builder.name))
            .map(|builder| builder.builderid.to_string());
        let ids = ids.collect();
        around.builders = all.into_iter().map(|builder| (builder.builderid, builder)).collect();
        Ok(Some(ids))
    }

    /// What came after the newest known build. Asks for that one too: when it is not there, or is another one, the
    /// database began anew and so does the reading.
    async fn read_new(
        &self,
        cx: &PollCx,
        mark: &mut Mark,
        only: &[String],
        reading: &mut Reading,
    ) -> Result<(), PollError> {
        let Some(newest) = mark.newest.clone() else { return Ok(()) };
        let (from, limit) = (newest.id.to_string(), (PAGE + 1).to_string());
        let page = [("buildid__ge", from.as_str()), ("order", "buildid"), ("limit", &limit)];
        let (mut builds, listed) = builds(cx, &page, only, &mut reading.problems).await?;
        if !builds.iter().any(|build| anchor(build) == newest) {
            reading.problems.push(format!("build {from} is gone: its history was reset, and is read anew"));
            *mark = Mark { scope: std::mem::take(&mut mark.scope), ..Mark::default() };
            return Ok(());
        }
        // It was taken when it was new, and a build that has ended does not change.
        builds.retain(|build| build.buildid != newest.id || mark.open.contains(&newest.id));
        reading.more |= listed > PAGE;
        mark.take(builds, reading);
        Ok(())
    }

    /// The first page, or the next one of the back-fill.
    async fn read_back(
        &self,
        cx: &PollCx,
        mark: &mut Mark,
        only: &[String],
        reading: &mut Reading,
    ) -> Result<(), PollError> {
        let first = mark.newest.is_none();
        let back = match (first, mark.back.take()) {
            (true, _) => Backwards { before: u64::MAX, taken: 0 },
            (false, Some(back)) => back,
            (false, None) => {
                // It ended before its end was written down.
                mark.told.get_or_insert(cx.now());
                return Ok(());
            }
        };
        // The first page has at least one build: the newest holds the place where the next poll begins.
        let wanted =
            (cx.backfill.entities.saturating_sub(back.taken) as usize).clamp(usize::from(first), PAGE);
        if wanted == 0 {
            return Ok(());
        }
        let (before, limit) = (back.before.to_string(), wanted.to_string());
        let mut page = vec![("order", "-buildid"), ("limit", limit.as_str())];
        if !first {
            page.push(("buildid__lt", &before));
        }
        let (builds, listed) = builds(cx, &page, only, &mut reading.problems).await?;
        let horizon = cx.now() - TimeDelta::days(i64::from(cx.backfill.days));
        let lowest = builds.iter().map(|build| build.buildid).min().unwrap_or(0);
        let reached = builds.iter().any(|build| build.started_at.is_some_and(|at| at < horizon));
        let full = listed >= wanted && lowest < back.before;
        let taken = back.taken.saturating_add(u32::try_from(listed).unwrap_or(u32::MAX));
        if full && !reached && taken < cx.backfill.entities {
            mark.back = Some(Backwards { before: lowest, taken });
            reading.more = true;
        } else {
            let oldest = builds.iter().filter_map(|build| build.started_at).min();
            mark.told = if full && !reached { oldest } else { Some(horizon) };
        }
        // Old builds of the last page are dropped, but not those that still run.
        let recent = |build: &Build| {
            !build.is_complete() || build.started_at.is_none_or(|started_at| started_at >= horizon)
        };
        if first {
            // The newest build holds its place, however old it is.
            mark.newest = builds.iter().max_by_key(|build| build.buildid).map(anchor);
        }
        mark.take(builds.into_iter().filter(recent).collect(), reading);
        Ok(())
    }

    /// The builds that had not ended and did not come with the others.
    async fn read_open(&self, cx: &PollCx, mark: &mut Mark, reading: &mut Reading) -> Result<(), PollError> {
        let left: Vec<u64> =
            mark.open.iter().copied().filter(|id| !reading.builds.contains_key(id)).collect();
        let ids: Vec<String> = left.iter().map(u64::to_string).collect();
        let properties: Vec<_> = PROPERTIES.iter().map(|name| ("property", *name)).collect();
        let builds: Vec<Build> =
            api::by_ids(&cx.http, "builds", ("buildid", &ids), &properties, &mut reading.problems).await?;
        mark.take(builds, reading);
        for id in left.into_iter().filter(|id| !reading.builds.contains_key(id)) {
            mark.open.remove(&id);
            reading.problems.push(format!("build {id} had not ended and is gone"));
        }
        Ok(())
    }

    /// Reads what the builds do not say of themselves: at most one request of each kind for a page, and one for each of
    /// a few newly failed builds.
    async fn enrich(
        &self,
        cx: &PollCx,
        around: &mut Surroundings,
        reading: &mut Reading,
    ) -> Result<(), PollError> {
        let Reading { builds, problems, .. } = reading;
        if builds.is_empty() {
            return Ok(());
        }
        if around.builders.is_empty() {
            let all =
                api::optional(api::builders(&cx.http, problems).await, "the names of builders", problems)?;
            around.builders = all.into_iter().map(|builder| (builder.builderid, builder)).collect();
        }
        if around.builders.values().any(|builder| builder.projectid.is_some()) {
            let read = api::list(&cx.http, "projects", "projects", &[], problems).await;
            let projects: Vec<Project> = api::optional(read, "the names of projects", problems)?;
            around.projects = projects.into_iter().map(|project| (project.projectid, project.name)).collect();
        }
        around.changes = changes(cx, builds, problems).await?;
        around.queued = queued(cx, builds, problems).await?;
        around.failed_steps = failed_steps(cx, builds, problems).await?;
        Ok(())
    }
}

impl Mark {
    /// Takes builds that were read: what has not ended is read again, and the newest is where the next poll begins.
    fn take(&mut self, builds: Vec<Build>, reading: &mut Reading) {
        for build in builds {
            match build.is_complete() {
                true => self.open.remove(&build.buildid),
                false => self.open.insert(build.buildid),
            };
            if self.newest.as_ref().is_none_or(|newest| build.buildid >= newest.id) {
                self.newest = Some(anchor(&build));
            }
            reading.builds.insert(build.buildid, build);
        }
    }
}

fn anchor(build: &Build) -> Anchor {
    Anchor { id: build.buildid, started_at: build.started_at }
}

async fn builds(
    cx: &PollCx,
    page: &[(&str, &str)],
    only: &[String],
    problems: &mut Vec<String>,
) -> Result<(Vec<Build>, usize), PollError> {
    let properties = PROPERTIES.iter().map(|name| ("property", *name));
    let builders = only.iter().map(|id| ("builderid", id.as_str()));
    let query: Vec<(&str, &str)> = page.iter().copied().chain(builders).chain(properties).collect();
    api::page(&cx.http, "builds", "builds", &query, problems).await
}

/// The changes behind the builds, by revision.
async fn changes(
    cx: &PollCx,
    builds: &BTreeMap<u64, Build>,
    problems: &mut Vec<String>,
) -> Result<BTreeMap<String, Change>, PollError> {
    let revisions: BTreeSet<String> = builds.values().flat_map(map::revisions).collect();
    let revisions: Vec<String> = revisions.into_iter().collect();
    let fields = ["changeid", "revision", "author", "comments", "revlink"].map(|name| ("field", name));
    let read = api::by_ids(&cx.http, "changes", ("revision", &revisions), &fields, problems).await;
    let changes: Vec<Change> = api::optional(read, "changes", problems)?;
    Ok(changes.into_iter().filter_map(|change| Some((change.revision.clone()?, change))).collect())
}

/// When the builds' requests were made.
async fn queued(
    cx: &PollCx,
    builds: &BTreeMap<u64, Build>,
    problems: &mut Vec<String>,
) -> Result<BTreeMap<u64, DateTime<Utc>>, PollError> {
    let ids: BTreeSet<u64> = builds.values().filter_map(|build| build.buildrequestid).collect();
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    let fields = ["buildrequestid", "submitted_at"].map(|name| ("field", name));
    let read = api::by_ids(&cx.http, "buildrequests", ("buildrequestid", &ids), &fields, problems).await;
    let requests: Vec<BuildRequest> = api::optional(read, "the times of build requests", problems)?;
    Ok(requests
        .into_iter()
        .filter_map(|request| Some((request.buildrequestid, request.submitted_at?)))
        .collect())
}

/// The first failing step of the newest builds that failed.
async fn failed_steps(
    cx: &PollCx,
    builds: &BTreeMap<u64, Build>,
    problems: &mut Vec<String>,
) -> Result<BTreeMap<u64, String>, PollError> {
    let failed = |build: &&Build| build.is_complete() && matches!(build.results.as_i64(), Some(2 | 4 | 5));
    let mut found = BTreeMap::new();
    for build in builds.values().rev().filter(failed).take(FAILURES) {
        let read =
            api::list(&cx.http, &format!("builds/{}/steps", build.buildid), "steps", &[], problems).await;
        let steps: Vec<Step> =
            api::optional(read, &format!("the steps of build {}", build.buildid), problems)?;
        found.extend(map::first_failure(&steps).map(|step| (build.buildid, map::step_name(step))));
    }
    Ok(found)
}

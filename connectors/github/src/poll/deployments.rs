//! Deployments with their statuses, and the releases that name their versions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::PollError;
use qd_model::{Deployment, DeploymentStatus, Fact};
use serde::{Deserialize, Serialize};

use super::{Found, MAX_PAGES, PAGE, Step, has_next};
use crate::deploy::{self, Versions};
use crate::wire;

/// At most so many deployments have their statuses read in a step.
const STATUSES: usize = 25;
/// At most so many open deployments that the first page does not list are read in a step.
const SINGLES: usize = 10;

/// Where the list of deployments stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Deployments {
    /// `None`: nothing is left to sweep.
    sweep: Option<Sweep>,
    /// Highest id seen. `None`: never polled.
    top: Option<u64>,
    /// Where the back-fill ended: what is older is not taken over because it happens to be on the first page.
    #[serde(default)]
    bottom: Option<(u64, DateTime<Utc>)>,
    /// Since when all deployments are told. `None`: never read to the end.
    #[serde(default)]
    pub(super) told: Option<DateTime<Utc>>,
    /// What was taken over: the deployments of the first page, and older ones that are open.
    known: BTreeMap<String, Known>,
}

/// A deployment as it was taken over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Known {
    /// Its `updated_at`.
    at: Option<DateTime<Utc>>,
    /// Its statuses are to be read again.
    #[serde(default)]
    again: bool,
    created: Option<DateTime<Utc>>,
    status: String,
    version: String,
    environment: String,
}

impl Known {
    fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "queued" | "in_progress" | "blocked" | "unknown")
    }

    fn is_live(&self) -> bool {
        self.status == DeploymentStatus::Succeeded.as_str()
    }

    /// Whether its statuses may still change unannounced. What nobody has reported on within a week will hardly begin;
    /// an approval waits for 30 days at the most.
    fn is_watched(&self, now: DateTime<Utc>) -> bool {
        let days = if self.status == "queued" { 7 } else { 36 };
        self.is_open() && self.created.is_some_and(|created| created > now - TimeDelta::days(days))
    }
}

/// A walk from new to old.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sweep {
    from: DateTime<Utc>,
    page: u32,
    left: u32,
    /// Deployments up to this id are known.
    floor: u64,
    /// The ids of the page before: the same ones again under another number mean that links lead in a circle.
    #[serde(default)]
    before: BTreeSet<String>,
}

pub async fn step(step: &Step<'_>, list: &mut Deployments) -> Result<Found, PollError> {
    let mut found = Found::default();
    if list.top.is_none() && list.sweep.is_none() {
        list.sweep =
            Some(Sweep { from: step.from, page: 1, left: step.entities, floor: 0, before: BTreeSet::new() });
    }
    match list.sweep.take() {
        Some(sweep) => list.sweep = sweep_page(step, list, sweep, &mut found).await?,
        None => head(step, list, &mut found).await?,
    }
    found.more |= list.sweep.is_some();
    Ok(found)
}

/// A part of a page of a sweep: the page is left when all of its deployments are taken over.
async fn sweep_page(
    step: &Step<'_>,
    list: &mut Deployments,
    mut sweep: Sweep,
    found: &mut Found,
) -> Result<Option<Sweep>, PollError> {
    let (read, next) = page_of(step, sweep.page, found).await?;
    let ids: BTreeSet<String> = read.iter().map(|deployment| deployment.id.0.clone()).collect();
    let empty = ids.is_empty() || ids == sweep.before;
    let past = |deployment: &wire::Deployment| {
        (sweep.floor > 0 && deployment.id.number() <= sweep.floor)
            || deployment.created_at.is_some_and(|created| created < sweep.from)
    };
    let end = read.iter().any(past);
    let wanted: Vec<wire::Deployment> = read.into_iter().filter(|deployment| !past(deployment)).collect();
    let new: Vec<&wire::Deployment> =
        wanted.iter().filter(|deployment| !list.known.contains_key(&deployment.id.0)).collect();
    let many = new.len().min(sweep.left as usize);
    let now = &new[..many.min(STATUSES)];
    let last = now.iter().filter_map(|deployment| deployment.created_at).min();
    let all = many == new.len() && (!next || empty || end);
    if !now.is_empty() {
        let versions = versions(step, found).await?;
        for deployment in now {
            if sweep.floor == 0 {
                let lowest = list.bottom.map_or(u64::MAX, |(lowest, _)| lowest).min(deployment.id.number());
                list.bottom = Some((lowest, sweep.from));
            }
            take(step, list, deployment, &versions, found).await?;
        }
    }
    list.bottom.get_or_insert((0, sweep.from));
    list.top.get_or_insert(0);
    sweep.left -= u32::try_from(now.len()).unwrap_or(sweep.left).min(sweep.left);
    if now.len() < many {
        return Ok(Some(sweep));
    }
    sweep.page += 1;
    sweep.before = ids;
    let over = !next || empty || end || sweep.left == 0 || sweep.page > MAX_PAGES;
    if !over {
        return Ok(Some(sweep));
    }
    list.told = match all {
        // Back to what was known, which may be from before it was written down.
        true if sweep.floor > 0 => list.told.or(Some(step.now)),
        true => Some(sweep.from),
        false => last.or(Some(step.now)),
    };
    Ok(None)
}

/// What is new or has changed on the first page, and what was open and is not on it any more.
async fn head(step: &Step<'_>, list: &mut Deployments, found: &mut Found) -> Result<(), PollError> {
    let (read, next) = page_of(step, 1, found).await?;
    let versions = if read.is_empty() { Versions::default() } else { versions(step, found).await? };
    let listed: BTreeSet<String> = read.iter().map(|deployment| deployment.id.0.clone()).collect();
    let top = list.top.unwrap_or_default();
    if next && top > 0 && !read.is_empty() && read.iter().all(|deployment| deployment.id.number() > top) {
        // More new deployments than one page holds: walk back to what is known.
        list.sweep = Some(Sweep {
            from: step.from,
            page: 1,
            left: step.entities,
            floor: top,
            before: BTreeSet::new(),
        });
        return Ok(());
    }
    list.told.get_or_insert(step.now);
    list.known.retain(|id, known| listed.contains(id) || known.is_watched(step.now));
    let due: Vec<&wire::Deployment> =
        read.iter().filter(|deployment| is_due(list, deployment, &versions, step.now)).collect();
    let (new, watched): (Vec<_>, Vec<_>) =
        due.into_iter().partition(|deployment| !is_merely_watched(list, deployment, &versions));
    for deployment in new.iter().take(STATUSES) {
        take(step, list, deployment, &versions, found).await?;
    }
    let left = new.len() > STATUSES;
    let ids: Vec<String> = watched.iter().map(|deployment| deployment.id.0.clone()).collect();
    for id in super::some_of(&ids, STATUSES, step.now) {
        if let Some(deployment) = watched.iter().find(|deployment| deployment.id.0 == *id) {
            take(step, list, deployment, &versions, found).await?;
        }
    }
    singles(step, list, &listed, &versions, found).await?;
    found.more = left || list.known.values().any(|known| known.again);
    Ok(())
}

/// Reads open deployments that the first page does not list any more.
async fn singles(
    step: &Step<'_>,
    list: &mut Deployments,
    listed: &BTreeSet<String>,
    versions: &Versions,
    found: &mut Found,
) -> Result<(), PollError> {
    let older: Vec<String> = list.known.keys().filter(|id| !listed.contains(*id)).cloned().collect();
    for id in super::some_of(&older, SINGLES, step.now) {
        let path = step.path(&format!("deployments/{}", qd_connector::http::segment(id)));
        match step.github.read::<wire::Deployment>(&path, &[]).await {
            Ok(deployment) => take(step, list, &deployment, versions, found).await?,
            Err(PollError::NotFound { .. }) => {
                list.known.remove(id);
            }
            Err(PollError::Unexpected { what, .. }) => {
                found.problems.push(format!("{} {id} could not be read: {what}", step.what("deployment")));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether the statuses of a listed deployment must be read: it is new, it changed, it is called otherwise now that
/// there is a release, another one has taken its place, or it is open.
fn is_due(
    list: &Deployments,
    deployment: &wire::Deployment,
    versions: &Versions,
    now: DateTime<Utc>,
) -> bool {
    match list.known.get(&deployment.id.0) {
        Some(known) => known.is_watched(now) || !is_as_known(known, deployment, versions),
        None => !list.bottom.is_some_and(|(lowest, from)| {
            deployment.id.number() < lowest || deployment.created_at.is_some_and(|created| created < from)
        }),
    }
}

fn is_merely_watched(list: &Deployments, deployment: &wire::Deployment, versions: &Versions) -> bool {
    list.known.get(&deployment.id.0).is_some_and(|known| is_as_known(known, deployment, versions))
}

fn is_as_known(known: &Known, deployment: &wire::Deployment, versions: &Versions) -> bool {
    !known.again
        && known.at == deployment.updated_at
        && known.version == versions.name(deployment.reference.as_deref(), deployment.sha.as_deref())
}

/// Reads the statuses of a deployment and takes it over.
async fn take(
    step: &Step<'_>,
    list: &mut Deployments,
    deployment: &wire::Deployment,
    versions: &Versions,
    found: &mut Found,
) -> Result<(), PollError> {
    let path = step.path(&format!("deployments/{}/statuses", qd_connector::http::segment(&deployment.id.0)));
    let statuses = match step.github.list(&path, &[("per_page", PAGE)], &step.what("deployment status")).await
    {
        Ok((statuses, problems)) => {
            found.problems.extend(problems);
            statuses
        }
        // Deleted since it was listed.
        Err(PollError::NotFound { .. }) => {
            list.known.remove(&deployment.id.0);
            return Ok(());
        }
        Err(PollError::Unexpected { what, .. }) => {
            let sentence = format!(
                "statuses of {} {} could not be read: {what}",
                step.what("deployment"),
                deployment.id.0
            );
            found.problems.push(sentence);
            let version = versions.name(deployment.reference.as_deref(), deployment.sha.as_deref());
            note(list, deployment, DeploymentStatus::Unknown, version);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let mapped = deploy::deployment(step.place, deployment, &statuses, versions);
    remember(list, deployment, &mapped);
    found.facts.push(Fact::Deployment(mapped));
    Ok(())
}

/// Notes what was taken over. When a deployment has just gone live, the one that was live there before has most likely
/// become inactive, which does not always touch its `updated_at`: its statuses are read again.
fn remember(list: &mut Deployments, deployment: &wire::Deployment, mapped: &Deployment) {
    let (id, number) = (&deployment.id.0, deployment.id.number());
    let was_live = list.known.get(id).is_some_and(Known::is_live);
    let live = mapped.status.state == DeploymentStatus::Succeeded;
    if live && !was_live && list.sweep.is_none() {
        for (other, known) in &mut list.known {
            let older = other.parse::<u64>().is_ok_and(|other| other < number);
            if older && known.is_live() && known.environment == mapped.environment {
                known.again = true;
            }
        }
    }
    note(list, deployment, mapped.status.state, mapped.version.clone());
}

fn note(list: &mut Deployments, deployment: &wire::Deployment, status: DeploymentStatus, version: String) {
    list.top = list.top.max(Some(deployment.id.number()));
    let known = Known {
        at: deployment.updated_at,
        again: false,
        created: deployment.created_at,
        status: status.as_str().to_owned(),
        version,
        environment: deployment.environment.clone().unwrap_or_default(),
    };
    list.known.insert(deployment.id.0.clone(), known);
}

async fn page_of(
    step: &Step<'_>,
    page: u32,
    found: &mut Found,
) -> Result<(Vec<wire::Deployment>, bool), PollError> {
    let number = page.to_string();
    let mut query = vec![("per_page", PAGE)];
    if page > 1 {
        query.push(("page", &number));
    }
    let response = step.github.get(&step.path("deployments"), &query).await?;
    let values: Vec<wire::Entity> = response.json()?;
    let (read, problems) = wire::items(values, &step.what("deployment"));
    found.problems.extend(problems);
    let next = has_next(&response, &step.what("deployments"), &mut found.problems);
    Ok((read, next))
}

/// The releases and the commits of their tags. Without permission versions are plain commits.
async fn versions(step: &Step<'_>, found: &mut Found) -> Result<Versions, PollError> {
    let releases: Vec<wire::Release> = optional(step, "releases", "release", found).await?;
    if releases.is_empty() {
        return Ok(Versions::default());
    }
    let tags: Vec<wire::Tag> = optional(step, "tags", "tag", found).await?;
    Ok(Versions::of(&releases, &tags))
}

async fn optional<T: serde::de::DeserializeOwned>(
    step: &Step<'_>,
    list: &str,
    item: &str,
    found: &mut Found,
) -> Result<Vec<T>, PollError> {
    match step.github.list(&step.path(list), &[("per_page", PAGE)], &step.what(item)).await {
        Ok((read, problems)) => {
            found.problems.extend(problems);
            Ok(read)
        }
        Err(error) => match super::problem(list, &step.place.repository, &error) {
            Some(problem) => {
                found.problems.push(problem);
                Ok(Vec::new())
            }
            None => Err(error),
        },
    }
}

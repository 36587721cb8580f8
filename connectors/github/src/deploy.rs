//! From GitHub's deployments, their statuses and the releases to ours. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use qd_model::{
    Deployment, DeploymentKind, DeploymentOrigin, DeploymentStatus, Kind, Link, LinkKind, Observed,
};

use crate::map::{Place, filled, login};
use crate::wire;

/// Which commits and refs are releases.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    tags: Vec<String>,
    by_revision: BTreeMap<String, String>,
}

impl Versions {
    /// From the published releases and the repository's tags. Tags without a release are not versions.
    pub fn of(releases: &[wire::Release], tags: &[wire::Tag]) -> Self {
        let names: Vec<String> = releases
            .iter()
            .filter(|release| !release.draft)
            .map(|release| release.tag_name.clone())
            .collect();
        // Newest first, and the newest release of a commit is the one people mean.
        let mut by_revision = BTreeMap::new();
        for name in &names {
            if let Some(tag) = tags.iter().find(|tag| tag.name == *name) {
                by_revision.entry(tag.commit.sha.clone()).or_insert_with(|| name.clone());
            }
        }
        Self { tags: names, by_revision }
    }

    /// What a deployment of `reference` at `revision` is called: the release's tag, a ref that looks like a version,
    /// else the short revision. Empty when nothing is known.
    pub fn name(&self, reference: Option<&str>, revision: Option<&str>) -> String {
        let tag = reference.map(|reference| reference.strip_prefix("refs/tags/").unwrap_or(reference));
        if let Some(tag) =
            tag.filter(|tag| self.tags.iter().any(|name| name == tag) || looks_like_version(tag))
        {
            return tag.to_owned();
        }
        if let Some(tag) = revision.and_then(|revision| self.by_revision.get(revision)) {
            return tag.clone();
        }
        let short = revision.filter(|revision| !revision.is_empty());
        let short = short.map(|revision| revision.chars().take(7).collect());
        short.or(reference.map(str::to_owned)).unwrap_or_default()
    }

    /// The release of a commit or ref.
    pub fn release(&self, reference: Option<&str>, revision: Option<&str>) -> Option<&str> {
        let by_ref = reference.and_then(|reference| self.tags.iter().find(|tag| *tag == reference));
        by_ref.or_else(|| self.by_revision.get(revision?)).map(String::as_str)
    }
}

/// `v1.4`, `2026.08.1`: digits with a dot, perhaps after a `v`.
fn looks_like_version(text: &str) -> bool {
    let digits = text.strip_prefix('v').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.contains('.') && !digits.contains('/')
}

/// One deployment with its statuses, in any order.
pub fn deployment(
    place: &Place,
    deployment: &wire::Deployment,
    statuses: &[wire::DeploymentStatus],
    versions: &Versions,
) -> Deployment {
    let mut sorted: Vec<&wire::DeploymentStatus> = statuses.iter().collect();
    sorted.sort_by_key(|status| (status.created_at, status.id.number()));
    let latest = sorted.last().copied();
    let environment = filled(deployment.environment.clone()).unwrap_or_else(|| "unnamed".to_owned());
    let mut origin = place.origin(Kind::Deployment, &deployment.id.0);
    let encoded = qd_connector::http::segment(&environment);
    origin.url = place.page.as_ref().map(|page| format!("{page}/deployments/{encoded}"));
    origin.changed_at = latest.and_then(|status| status.created_at).max(deployment.updated_at);
    origin.links = links(&sorted);
    let status = status(latest.and_then(|status| status.state.as_deref()));
    let description = latest.and_then(|status| filled(status.description.clone()));
    Deployment {
        service: None,
        version: versions.name(deployment.reference.as_deref(), deployment.sha.as_deref()),
        revision: filled(deployment.sha.clone()),
        deployment_kind: DeploymentKind::Deployed,
        initiator: login(deployment.creator.clone()),
        driver: driver(deployment, latest),
        created_at: deployment.created_at,
        started_at: first(&sorted, |state| state == "in_progress"),
        finished_at: finished(&sorted, status.state),
        description: description.or_else(|| filled(deployment.description.clone())),
        environment,
        status,
        origin,
    }
}

/// Maps the latest status. A deployment nobody has reported on yet is queued: GitHub itself calls it pending.
pub fn status(word: Option<&str>) -> Observed<DeploymentStatus> {
    let state = match word {
        None | Some("queued" | "pending") => DeploymentStatus::Queued,
        Some("in_progress") => DeploymentStatus::InProgress,
        // A protection rule or a reviewer holds it.
        Some("waiting") => DeploymentStatus::Blocked,
        Some("success") => DeploymentStatus::Succeeded,
        Some("failure" | "error") => DeploymentStatus::Failed,
        Some("inactive") => DeploymentStatus::Superseded,
        Some(_) => DeploymentStatus::Unknown,
    };
    Observed::new(state, word.unwrap_or_default())
}

/// When it ended: the report of its success or failure, not that of its replacement.
fn finished(sorted: &[&wire::DeploymentStatus], state: DeploymentStatus) -> Option<DateTime<Utc>> {
    if state.is_open() {
        return None;
    }
    first(sorted, |state| matches!(state, "success" | "failure" | "error"))
        .or_else(|| sorted.last().and_then(|status| status.created_at))
}

fn first(sorted: &[&wire::DeploymentStatus], wanted: impl Fn(&str) -> bool) -> Option<DateTime<Utc>> {
    sorted
        .iter()
        .find(|status| status.state.as_deref().is_some_and(&wanted))
        .and_then(|status| status.created_at)
}

fn links(sorted: &[&wire::DeploymentStatus]) -> Vec<Link> {
    let newest = |url: fn(&wire::DeploymentStatus) -> Option<String>, kind: LinkKind| {
        sorted.iter().rev().find_map(|status| filled(url(status))).map(|url| Link { kind, url })
    };
    let log =
        newest(|status| filled(status.log_url.clone()).or_else(|| status.target_url.clone()), LinkKind::Log);
    let environment = newest(|status| status.environment_url.clone(), LinkKind::Environment);
    log.into_iter().chain(environment).collect()
}

/// A workflow leaves its traces: its app, its bot, or a link to its run. Others do not tell what drove them.
fn driver(deployment: &wire::Deployment, latest: Option<&wire::DeploymentStatus>) -> DeploymentOrigin {
    let app = deployment.performed_via_github_app.as_ref().and_then(|app| app.slug.as_deref());
    let creator = deployment.creator.as_ref().and_then(|user| user.login.as_deref());
    let log = latest.and_then(|status| status.log_url.as_deref());
    let workflow = app == Some("github-actions")
        || creator == Some("github-actions[bot]")
        || log.is_some_and(|url| url.contains("/actions/runs/"));
    if workflow { DeploymentOrigin::Pipeline } else { DeploymentOrigin::Unknown }
}

//! Requests that several parts make.

use qd_connector::http::segment;
use qd_connector::{PollCx, PollError};

use crate::map::Directory;
use crate::wire;

/// Redmine gives at most this many entries a page.
pub const PAGE: usize = 100;
/// Longer lists of projects or members are cut; nobody chooses from more.
const PAGES: usize = 20;

/// Who the credential belongs to. Redmine answers a wrong key with anonymous data and 200, so this page, which needs a
/// user, is asked before any other answer is trusted.
///
/// The answer holds the API key: it is never asked for conditionally, because that would keep it in the cache.
///
/// # Errors
/// [`PollError::Unauthenticated`] for a wrong key, [`PollError::Forbidden`] where the REST API is switched off.
pub async fn who(cx: &PollCx) -> Result<wire::User, PollError> {
    current_user(cx, "users/current.json").await
}

/// As [`who`], with the roles.
pub async fn who_with_roles(cx: &PollCx) -> Result<wire::User, PollError> {
    current_user(cx, "users/current.json?include=memberships").await
}

async fn current_user(cx: &PollCx, path: &str) -> Result<wire::User, PollError> {
    let response = cx.http.get(path).send().await.map_err(|error| match error {
        // Redmine's own refusal has no body; a proxy's has words that are worth keeping.
        PollError::Forbidden { missing } => PollError::Forbidden {
            missing: format!("{missing}; is the REST API switched on (Administration → Settings → API)?"),
        },
        other => other,
    })?;
    Ok(response.json::<wire::CurrentUser>()?.user)
}

impl wire::User {
    /// First and last name, else the login.
    pub fn display_name(&self) -> String {
        let name = format!("{} {}", self.firstname, self.lastname);
        let name = name.trim();
        if name.is_empty() { self.login.clone() } else { name.to_owned() }
    }
}

/// Projects, statuses and trackers.
pub async fn directory(cx: &PollCx) -> Result<Directory, PollError> {
    let projects = projects(cx).await?;
    let statuses = optional(statuses(cx).await)?;
    let trackers = optional(trackers(cx).await)?;
    let closed = statuses.into_iter().filter(|status| status.is_closed == Some(true)).map(|status| status.id);
    let first = trackers.into_iter().filter_map(|tracker| Some(tracker.default_status?.id));
    Ok(Directory {
        projects: projects.into_iter().map(|project| (project.id.clone(), project)).collect(),
        closed: closed.collect(),
        first: first.collect(),
    })
}

/// Lists that older versions lack or a role may not see: without them less is known, but enough.
fn optional<T>(list: Result<Vec<T>, PollError>) -> Result<Vec<T>, PollError> {
    match list {
        Err(PollError::Forbidden { .. } | PollError::NotFound { .. }) => Ok(Vec::new()),
        other => other,
    }
}

/// All projects the user may see.
pub async fn projects(cx: &PollCx) -> Result<Vec<wire::Project>, PollError> {
    listed(cx, None).await
}

/// The same with their trackers: a project need not have all there are.
///
/// <https://www.redmine.org/projects/redmine/wiki/Rest_Projects>
pub async fn projects_with_trackers(cx: &PollCx) -> Result<Vec<wire::Project>, PollError> {
    listed(cx, Some(("include", "trackers"))).await
}

async fn listed(cx: &PollCx, include: Option<(&str, &str)>) -> Result<Vec<wire::Project>, PollError> {
    let mut all = Vec::new();
    for _ in 0..PAGES {
        let offset = all.len().to_string();
        let query: Vec<(&str, &str)> =
            [("limit", "100"), ("offset", offset.as_str())].into_iter().chain(include).collect();
        let page: wire::Projects = cx.http.get("projects.json").query(&query).send().await?.json()?;
        let last = page.projects.is_empty() || (all.len() + page.projects.len()) as u64 >= page.total_count;
        all.extend(page.projects);
        if last {
            break;
        }
    }
    Ok(all)
}

/// All statuses.
pub async fn statuses(cx: &PollCx) -> Result<Vec<wire::Status>, PollError> {
    Ok(cx.http.get("issue_statuses.json").send().await?.json::<wire::Statuses>()?.issue_statuses)
}

/// All trackers.
pub async fn trackers(cx: &PollCx) -> Result<Vec<wire::Tracker>, PollError> {
    Ok(cx.http.get("trackers.json").send().await?.json::<wire::Trackers>()?.trackers)
}

/// Those of all trackers that some projects have; all, where a project does not tell which it has.
pub fn trackers_of<'a>(
    all: &'a [wire::Tracker],
    projects: impl IntoIterator<Item = &'a wire::Project>,
) -> Vec<&'a wire::Tracker> {
    let theirs: Option<Vec<&Vec<wire::Named>>> =
        projects.into_iter().map(|project| project.trackers.as_ref()).collect();
    let has = |tracker: &&wire::Tracker| {
        let among =
            |theirs: &Vec<&Vec<wire::Named>>| theirs.iter().any(|of| of.iter().any(|it| it.id == tracker.id));
        theirs.as_ref().is_none_or(among)
    };
    all.iter().filter(has).collect()
}

/// Priorities that are still offered.
pub async fn priorities(cx: &PollCx) -> Result<Vec<wire::Priority>, PollError> {
    let response = cx.http.get("enumerations/issue_priorities.json").send().await?;
    let mut all = response.json::<wire::Priorities>()?.issue_priorities;
    all.retain(|priority| priority.active != Some(false));
    Ok(all)
}

/// Users and groups of a project.
pub async fn members(cx: &PollCx, project: &str) -> Result<Vec<wire::Named>, PollError> {
    let path = format!("projects/{}/memberships.json", segment(project));
    let (mut all, mut read) = (Vec::new(), 0);
    for _ in 0..PAGES {
        let offset = read.to_string();
        let query = [("limit", "100"), ("offset", offset.as_str())];
        let page: wire::Memberships = cx.http.get(&path).query(&query).send().await?.json()?;
        read += page.memberships.len();
        let last = page.memberships.is_empty() || read as u64 >= page.total_count;
        all.extend(page.memberships.into_iter().filter_map(|member| member.user.or(member.group)));
        if last {
            break;
        }
    }
    Ok(all)
}

/// One issue, with `include` (`journals`, `allowed_statuses`).
pub async fn issue(cx: &PollCx, id: &str, include: &str) -> Result<wire::Issue, PollError> {
    let request = cx.http.get(&issue_path(id)).query(&[("include", include)]);
    Ok(request.send().await?.json::<wire::OneIssue>()?.issue)
}

/// The path of one issue.
pub fn issue_path(id: &str) -> String {
    format!("issues/{}.json", segment(id))
}

//! GitHub's JSON.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::http::{Reply, Request};
use crate::moment::{IssueNow, Phase, Report, RunNow};
use crate::world::names::{ENVIRONMENTS, Person, YOU};
use crate::world::{Commit, Deployment, Note, Release, Service, Workflow};

/// A request, and the address of the server it came to.
pub struct Page<'a> {
    pub origin: &'a str,
    pub request: &'a Request,
}

impl Page<'_> {
    /// A page of a list.
    pub fn list(&self, all: Vec<Value>) -> Reply {
        let (page, next) = self.cut(all);
        Reply::json(200, &Value::Array(page)).next_page(next)
    }

    /// A page of a list within an object, with the number of all.
    pub fn object(&self, key: &str, all: Vec<Value>) -> Reply {
        let total = all.len();
        let (page, next) = self.cut(all);
        Reply::json(200, &json!({ "total_count": total, key: page })).next_page(next)
    }

    fn cut(&self, mut all: Vec<Value>) -> (Vec<Value>, Option<String>) {
        let size = self.request.number("per_page").unwrap_or(30).clamp(1, 100);
        let page = self.request.number("page").unwrap_or(1).max(1);
        let from = (size * (page - 1)).min(all.len());
        let more = all.len() > from + size;
        let cut = all.drain(from..).take(size).collect();
        (cut, more.then(|| self.address_of(page + 1)))
    }

    fn address_of(&self, page: usize) -> String {
        let others = self.request.query.iter().filter(|(key, _)| key != "page");
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (key, value) in others {
            query.append_pair(key, value);
        }
        query.append_pair("page", &page.to_string());
        format!("{}{}?{}", self.origin, self.request.path, query.finish())
    }
}

/// As GitHub writes times.
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn stamps(at: Option<DateTime<Utc>>) -> Value {
    at.map_or(Value::Null, |at| json!(stamp(at)))
}

pub fn user(person: &Person) -> Value {
    json!({ "login": person.login, "id": person.id, "type": "User", "site_admin": false })
}

pub fn you() -> Value {
    let mut you = user(&YOU);
    you["name"] = json!(YOU.name);
    you
}

pub fn repository(service: &Service, origin: &str) -> Value {
    json!({
        "id": service.first_run, "name": service.name, "full_name": service.repository, "private": true,
        "owner": { "login": "harbour", "id": 1, "type": "Organization" },
        "html_url": format!("{origin}/{}", service.repository), "default_branch": "main", "archived": false,
        "disabled": false, "has_issues": true, "visibility": "private",
        "pushed_at": stamps(service.commits.iter().rev().map(|commit| commit.at).next()),
        "permissions": { "admin": false, "maintain": false, "push": true, "triage": true, "pull": true },
    })
}

/// Status and conclusion.
pub fn outcome(run: &RunNow<'_>) -> (&'static str, Option<&'static str>) {
    match run.phase {
        Phase::Queued => ("queued", None),
        Phase::Waiting => ("waiting", None),
        Phase::Running => ("in_progress", None),
        Phase::Passed => ("completed", Some("success")),
        Phase::Failed(_) => ("completed", Some("failure")),
        Phase::Cancelled => ("completed", Some("cancelled")),
    }
}

pub fn run(service: &Service, run: &RunNow<'_>, origin: &str) -> Value {
    let plan = run.plan;
    let (status, conclusion) = outcome(run);
    let actor = if run.attempt > 1 { &YOU } else { plan.author };
    json!({
        "id": plan.id, "name": plan.workflow.name(), "display_title": plan.title, "path": plan.workflow.path(),
        "workflow_id": workflow_id(service, plan.workflow), "run_number": plan.number, "run_attempt": run.attempt,
        "event": plan.event, "status": status, "conclusion": conclusion, "head_branch": plan.branch,
        "head_sha": plan.sha, "created_at": stamp(plan.created), "updated_at": stamp(run.updated),
        "run_started_at": stamp(run.asked), "actor": user(plan.author), "triggering_actor": user(actor),
        "html_url": format!("{origin}/{}/actions/runs/{}", service.repository, plan.id), "pull_requests": [],
        "head_commit": { "id": plan.sha, "message": plan.title, "timestamp": stamp(plan.created), "author": { "name": plan.author.name } },
    })
}

fn workflow_id(service: &Service, workflow: Workflow) -> u64 {
    service.first_run * 10 + u64::from(workflow == Workflow::Deploy)
}

pub fn workflows(service: &Service, origin: &str) -> Vec<Value> {
    let render = |workflow: Workflow| {
        json!({
            "id": workflow_id(service, workflow), "name": workflow.name(), "path": workflow.path(), "state": "active",
            "html_url": format!("{origin}/{}/blob/main/{}", service.repository, workflow.path()),
        })
    };
    [Workflow::Ci, Workflow::Deploy].map(render).into()
}

/// <https://docs.github.com/en/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run>
pub fn pending(run: &RunNow<'_>) -> Value {
    let name = run.plan.environment.unwrap_or_default();
    json!({
        "environment": { "id": environment_id(name), "name": name }, "wait_timer": 0, "wait_timer_started_at": null,
        "current_user_can_approve": true,
        "reviewers": [{ "type": "User", "reviewer": user(&YOU) }],
    })
}

pub fn deployment(service: &Service, deployment: &Deployment, reports: &[Report], origin: &str) -> Value {
    let updated = reports.iter().map(|report| report.at).max().unwrap_or(deployment.created);
    json!({
        "id": deployment.id, "sha": deployment.sha, "ref": deployment.version, "task": "deploy", "payload": {},
        "original_environment": deployment.environment, "environment": deployment.environment,
        "description": deployment.description, "creator": user(deployment.creator),
        "created_at": stamp(deployment.created), "updated_at": stamp(updated), "transient_environment": false,
        "production_environment": deployment.environment.starts_with("prod-"),
        "performed_via_github_app": { "slug": "github-actions" },
        "url": format!("{origin}/api/v3/repos/{}/deployments/{}", service.repository, deployment.id),
    })
}

/// Newest first.
pub fn statuses(service: &Service, deployment: &Deployment, reports: &[Report], origin: &str) -> Vec<Value> {
    let log = deployment.run.map(|run| format!("{origin}/{}/actions/runs/{run}", service.repository));
    let render = |(count, report): (usize, &Report)| {
        json!({
            "id": deployment.id * 10 + count as u64, "state": report.state, "description": report.text,
            "environment": deployment.environment, "creator": user(deployment.creator), "log_url": log,
            "target_url": log, "environment_url": "", "created_at": stamp(report.at), "updated_at": stamp(report.at),
        })
    };
    reports.iter().enumerate().map(render).rev().collect()
}

fn environment_id(name: &str) -> u64 {
    ENVIRONMENTS.iter().position(|known| *known == name).unwrap_or_default() as u64 + 160
}

/// Reviewers stand before production.
pub fn environments(service: &Service, origin: &str) -> Vec<Value> {
    let render = |name: &str| {
        let rules = if name.starts_with("prod-") {
            json!([{ "id": 1, "type": "required_reviewers", "prevent_self_review": false, "reviewers": [] }, { "id": 2, "type": "branch_policy" }])
        } else {
            json!([])
        };
        json!({
            "id": environment_id(name), "name": name, "protection_rules": rules,
            "html_url": format!("{origin}/{}/deployments/{name}", service.repository),
            "created_at": "2024-03-01T09:00:00Z", "updated_at": "2024-03-01T09:00:00Z",
            "deployment_branch_policy": if name.starts_with("prod-") { json!({ "protected_branches": true, "custom_branch_policies": false }) } else { Value::Null },
        })
    };
    ENVIRONMENTS.map(render).into()
}

pub fn release(service: &Service, release: &Release, now: DateTime<Utc>, origin: &str) -> Value {
    let early = release.final_at.is_some_and(|at| at > now);
    let subject = service.commit_of(&release.tag).and_then(|commit| commit.message.lines().next());
    let number: u64 = release.tag.trim_start_matches('v').parse().unwrap_or_default();
    json!({
        "id": service.first_run * 1_000 + number, "tag_name": release.tag, "target_commitish": release.sha, "name": release.tag,
        "body": subject.map(|subject| format!("- {subject}")), "draft": false, "prerelease": early,
        "created_at": stamp(release.published), "published_at": stamp(release.published),
        "author": user(release.author), "assets": [],
        "html_url": format!("{origin}/{}/releases/tag/{}", service.repository, release.tag),
    })
}

pub fn tag(release: &Release) -> Value {
    json!({ "name": release.tag, "commit": { "sha": release.sha } })
}

pub fn commit(service: &Service, commit: &Commit, origin: &str) -> Value {
    let who = json!({ "name": commit.author.name, "email": format!("{}@harbour.example", commit.author.login), "date": stamp(commit.at) });
    json!({
        "sha": commit.sha, "html_url": format!("{origin}/{}/commit/{}", service.repository, commit.sha),
        "commit": { "message": commit.message, "author": who, "committer": who },
        "author": user(commit.author), "committer": user(commit.author), "parents": [],
        "files": commit.files.iter().map(|name| file(name)).collect::<Vec<_>>(),
    })
}

fn file(name: &str) -> Value {
    json!({ "filename": name, "status": "modified", "additions": 4, "deletions": 2, "changes": 6 })
}

/// The comparison of two commits, given by their place in the list, with those that lie between them.
pub fn compare(service: &Service, base: usize, head: usize, ahead: &[Commit], page: &Page<'_>) -> Value {
    let status = match base.cmp(&head) {
        std::cmp::Ordering::Less => "ahead",
        std::cmp::Ordering::Equal => "identical",
        std::cmp::Ordering::Greater => "behind",
    };
    let mut files: Vec<&str> = ahead.iter().flat_map(|commit| commit.files.iter().copied()).collect();
    files.sort_unstable();
    files.dedup();
    let base_commit = service.commits.get(base).map(|base| commit(service, base, page.origin));
    json!({
        "status": status, "ahead_by": head.saturating_sub(base), "behind_by": base.saturating_sub(head),
        "total_commits": ahead.len(), "base_commit": base_commit, "merge_base_commit": base_commit,
        "html_url": format!("{}/{}/compare", page.origin, service.repository),
        "commits": ahead.iter().map(|it| commit(service, it, page.origin)).collect::<Vec<_>>(),
        "files": files.into_iter().map(file).collect::<Vec<_>>(),
    })
}

pub fn issue(service: &Service, issue: &IssueNow, origin: &str) -> Value {
    let plan = &issue.plan;
    let assignees: Vec<Value> = plan.assignee.iter().map(|person| user(person)).collect();
    json!({
        "id": service.first_run * 10_000 + plan.number, "number": plan.number, "title": plan.title, "body": plan.body,
        "state": if issue.closed.is_some() { "closed" } else { "open" },
        "state_reason": issue.closed.as_ref().map(|(_, reason)| reason),
        "user": user(plan.author), "labels": issue.labels.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "assignee": assignees.first(), "assignees": assignees, "milestone": null, "locked": false,
        "comments": issue.comments.len(), "created_at": stamp(plan.created), "updated_at": stamp(issue.updated),
        "closed_at": stamps(issue.closed.as_ref().map(|(at, _)| *at)),
        "html_url": format!("{origin}/{}/issues/{}", service.repository, plan.number),
    })
}

pub fn comment(issue: &IssueNow, note: &Note, count: u64) -> Value {
    json!({
        "id": issue.plan.number * 1_000 + count, "body": note.text, "user": user(note.author),
        "created_at": stamp(note.at), "updated_at": stamp(note.at),
    })
}

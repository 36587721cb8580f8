//! GitHub's REST API as far as somebody asks for it, below `/api/v3` as on GitHub Enterprise Server.
//!
//! Source: <https://docs.github.com/en/rest>. Pure: a moment and a request in, a reply or a deed out.

mod logs;
mod render;
mod write;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::http::{Answer, Reply, Request};
use crate::moment::{IssueNow, Moment, Phase, RunNow};
use crate::world::Service;
use render::Page;

/// Where the API begins.
pub const ROOT: &str = "/api/v3";

/// Answers a request. `origin` is the server's own address, for links.
pub fn answer(moment: &Moment<'_>, request: &Request, origin: &str) -> Answer {
    let Some(path) = request.path.strip_prefix(ROOT) else {
        return Reply::page(&format!("GitHub would show {} here.", request.path)).into();
    };
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let page = Page { origin, request };
    match parts.as_slice() {
        ["rate_limit"] => not_found(),
        ["user"] => Reply::json(200, &render::you()).into(),
        ["user", "repos"] | ["orgs", "harbour", "repos"] => page
            .list(moment.world.services.iter().map(|service| render::repository(service, origin)).collect())
            .into(),
        ["repos", owner, name, rest @ ..] => match moment.world.repository(&format!("{owner}/{name}")) {
            Some((index, service)) => repository(moment, &page, index, service, rest),
            None => not_found(),
        },
        _ => not_found(),
    }
}

fn repository<'a>(
    moment: &Moment<'a>,
    page: &Page<'_>,
    index: usize,
    service: &'a Service,
    rest: &[&str],
) -> Answer {
    if page.request.method != http::Method::GET {
        return write::write(moment, page, index, service, rest);
    }
    let here = Here { moment, page, service };
    match rest {
        [] => Reply::json(200, &render::repository(service, page.origin)).into(),
        ["actions", rest @ ..] => here.actions(rest),
        ["deployments", rest @ ..] => here.deployments(rest),
        ["environments"] => here.environments(None),
        ["environments", name] => here.environments(Some(name)),
        ["releases"] => page.list(here.releases()).into(),
        ["releases", "latest"] => {
            one(here.releases().into_iter().find(|release| release["prerelease"] == false))
        }
        ["releases", "tags", tag] => {
            one(here.releases().into_iter().find(|release| release["tag_name"] == *tag))
        }
        ["tags"] => page.list(moment.releases(service).into_iter().map(render::tag).collect()).into(),
        ["commits"] => page.list(here.commits()).into(),
        ["commits", sha] => one(here.commits().into_iter().find(|commit| commit["sha"] == *sha)),
        ["compare", range] => here.compare(range),
        ["issues", rest @ ..] => here.issues(index, rest),
        _ => not_found(),
    }
}

/// One repository at a moment.
struct Here<'m, 'a> {
    moment: &'m Moment<'a>,
    page: &'m Page<'m>,
    service: &'a Service,
}

impl Here<'_, '_> {
    fn actions(&self, rest: &[&str]) -> Answer {
        let runs = || self.moment.runs(self.service);
        let render = |run: RunNow<'_>| render::run(self.service, &run, self.page.origin);
        let find = |id: &str| runs().into_iter().find(|run| run.plan.id.to_string() == id);
        match rest {
            ["runs"] => {
                let wanted: Vec<Value> =
                    runs().into_iter().filter(|run| self.wants(run)).map(render).collect();
                self.page.object("workflow_runs", wanted).into()
            }
            ["runs", id] => one(find(id).map(render)),
            ["runs", id, "jobs"] | ["runs", id, "attempts", _, "jobs"] => match find(id) {
                Some(run) => {
                    self.page.object("jobs", logs::jobs(self.service, &run, self.page.origin)).into()
                }
                None => not_found(),
            },
            ["runs", id, "pending_deployments"] => {
                let waiting = find(id).filter(|run| run.phase == Phase::Waiting);
                let pending = waiting.map(|run| render::pending(&run)).into_iter().collect();
                Reply::json(200, &Value::Array(pending)).into()
            }
            ["runs", _, "approvals"] => Reply::json(200, &json!([])).into(),
            ["jobs", id, "logs"] => {
                let text = runs().into_iter().find_map(|run| logs::log(&run, id));
                text.map_or_else(not_found, |text| Reply::text(text).into())
            }
            ["workflows"] => {
                self.page.object("workflows", render::workflows(self.service, self.page.origin)).into()
            }
            _ => not_found(),
        }
    }

    /// The filters of the list of runs.
    fn wants(&self, run: &RunNow<'_>) -> bool {
        let is = |name: &str, value: &str| self.page.request.param(name).is_none_or(|wanted| wanted == value);
        let (status, conclusion) = render::outcome(run);
        let status_is = self.page.request.param("status").is_none_or(|wanted| {
            wanted == status || conclusion.is_some_and(|conclusion| wanted == conclusion)
        });
        let created = self.page.request.param("created").is_none_or(|range| within(range, run.plan.created));
        status_is
            && created
            && is("branch", &run.plan.branch)
            && is("event", run.plan.event)
            && is("head_sha", &run.plan.sha)
    }

    fn deployments(&self, rest: &[&str]) -> Answer {
        let all = self.moment.deployments(self.service);
        let find = |id: &str| all.iter().copied().find(|deployment| deployment.id.to_string() == id);
        let reports = |deployment| self.moment.reports(self.service, deployment);
        let whole =
            |deployment| render::deployment(self.service, deployment, &reports(deployment), self.page.origin);
        match rest {
            [] => {
                let is = |name: &str, value: &str| {
                    self.page.request.param(name).is_none_or(|wanted| wanted == value)
                };
                let wanted = all.iter().copied().filter(|deployment| {
                    is("environment", deployment.environment)
                        && is("sha", &deployment.sha)
                        && is("ref", &deployment.version)
                });
                self.page.list(wanted.map(whole).collect()).into()
            }
            [id] => one(find(id).map(whole)),
            [id, "statuses"] => match find(id) {
                Some(deployment) => {
                    let list =
                        render::statuses(self.service, deployment, &reports(deployment), self.page.origin);
                    self.page.list(list).into()
                }
                None => not_found(),
            },
            _ => not_found(),
        }
    }

    fn environments(&self, name: Option<&str>) -> Answer {
        let all = render::environments(self.service, self.page.origin);
        match name {
            Some(name) => one(all.into_iter().find(|environment| environment["name"] == name)),
            None => self.page.object("environments", all).into(),
        }
    }

    fn releases(&self) -> Vec<Value> {
        let releases = self.moment.releases(self.service).into_iter().zip(1..);
        let render = |(release, _)| render::release(self.service, release, self.moment.now, self.page.origin);
        releases.map(render).collect()
    }

    /// Newest first.
    fn commits(&self) -> Vec<Value> {
        let seen = self.service.commits.iter().rev().filter(|commit| commit.at <= self.moment.now);
        seen.map(|commit| render::commit(self.service, commit, self.page.origin)).collect()
    }

    /// Commits that `head` has and `base` has not; the other way round, how far it is behind.
    /// <https://docs.github.com/en/rest/commits/commits#compare-two-commits>
    fn compare(&self, range: &str) -> Answer {
        let place = |name: &str| {
            let sha = self.service.commit_of(name).map_or(name, |commit| &commit.sha);
            let seen = self.service.commits.iter().filter(|commit| commit.at <= self.moment.now);
            if name == "main" {
                return seen.count().checked_sub(1);
            }
            seen.enumerate()
                .find(|(_, commit)| commit.sha.starts_with(sha) && sha.len() >= 7)
                .map(|(place, _)| place)
        };
        let Some((base, head)) = range.split_once("...") else { return not_found() };
        let (Some(base), Some(head)) = (place(base), place(head)) else { return not_found() };
        let ahead = self.service.commits.get(base + 1..=head).unwrap_or_default();
        let answer = render::compare(self.service, base, head, ahead, self.page);
        Reply::json(200, &answer).into()
    }

    fn issues(&self, index: usize, rest: &[&str]) -> Answer {
        let all = self.moment.issues(index, self.service);
        let render = |issue: &IssueNow| render::issue(self.service, issue, self.page.origin);
        let find = |number: &str| all.iter().find(|issue| issue.plan.number.to_string() == number);
        match rest {
            [] => self.page.list(self.wanted(&all).into_iter().map(render).collect()).into(),
            [number] => one(find(number).map(render)),
            [number, "comments"] => match find(number) {
                Some(issue) => {
                    let since = self.since();
                    let said = issue
                        .comments
                        .iter()
                        .zip(1..)
                        .filter(|(note, _)| since.is_none_or(|since| note.at >= since));
                    self.page
                        .list(said.map(|(note, count)| render::comment(issue, note, count)).collect())
                        .into()
                }
                None => not_found(),
            },
            _ => not_found(),
        }
    }

    fn since(&self) -> Option<DateTime<Utc>> {
        time(self.page.request.param("since")?)
    }

    /// The filters and the order of the list of issues.
    fn wanted<'i>(&self, all: &'i [IssueNow]) -> Vec<&'i IssueNow> {
        let request = self.page.request;
        let state = request.param("state").unwrap_or("open");
        let since = self.since();
        let wants = |issue: &&IssueNow| {
            (state == "all" || (state == "closed") == issue.closed.is_some())
                && since.is_none_or(|since| issue.updated >= since)
        };
        let mut wanted: Vec<&IssueNow> = all.iter().filter(wants).collect();
        match request.param("sort") {
            Some("updated") => wanted.sort_by_key(|issue| (issue.updated, issue.plan.number)),
            _ => wanted.sort_by_key(|issue| issue.plan.number),
        }
        if request.param("direction") != Some("asc") {
            wanted.reverse();
        }
        wanted
    }
}

/// Whether an instant lies within a range of GitHub's search: `>=A`, `<=B`, `A..B`, each end inclusive.
fn within(range: &str, at: DateTime<Utc>) -> bool {
    // The list shows whole seconds, and ranges are compared with what it shows.
    if let Some((from, until)) = range.split_once("..") {
        return time(from).is_none_or(|from| at >= from) && time(until).is_none_or(|until| at <= until);
    }
    match (range.strip_prefix(">="), range.strip_prefix("<=")) {
        (Some(from), _) => time(from).is_none_or(|from| at >= from),
        (_, Some(until)) => time(until).is_none_or(|until| at <= until),
        _ => time(range).is_none_or(|on| at.date_naive() == on.date_naive()),
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

fn one(found: Option<Value>) -> Answer {
    found.map_or_else(not_found, |found| Reply::json(200, &found).into())
}

pub fn not_found() -> Answer {
    let body = json!({ "message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404" });
    Reply::json(404, &body).into()
}

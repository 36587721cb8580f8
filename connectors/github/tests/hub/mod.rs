//! A small GitHub on loopback: it keeps runs, deployments, issues and releases, answers with ETags, `Link` headers and
//! rate limits as GitHub does, and refuses every request whose parameters or headers are not those of the manual.
#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, reason = "a test panics where it is wrong")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use qd_connector::http::{Auth, Budget, Http, HttpConfig, Limits, MemoryCache};
use qd_connector::testkit::{self, FaultServer, RecordedRequest, Reply};
use qd_connector::{Backend, Backfill, Connection, PollCx, Settings};
use qd_connector_github::GithubBackend;
use qd_model::ManualClock;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub const TOKEN: &str = "ghp_canary7f3a91d2";

/// What the server knows.
#[derive(Default)]
pub struct Hub {
    pub runs: Vec<Value>,
    pub jobs: BTreeMap<u64, Vec<Value>>,
    pub deployments: Vec<Value>,
    /// By deployment, newest first.
    pub statuses: BTreeMap<u64, Vec<Value>>,
    pub environments: Vec<Value>,
    /// By run.
    pub pending: BTreeMap<u64, Vec<Value>>,
    pub issues: Vec<Value>,
    pub comments: Vec<Value>,
    pub releases: Vec<Value>,
    pub tags: Vec<Value>,
    /// All on one branch, oldest first.
    pub commits: Vec<Value>,
    /// What the credential can see.
    pub repositories: Vec<Value>,
    /// How many files differ between any two commits.
    pub files: usize,
    /// Requests that cost something.
    pub used: u64,
    /// Paths below the repository that are answered otherwise.
    pub instead: BTreeMap<&'static str, Reply>,
    /// Where logs are kept.
    pub storage: Option<String>,
}

pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// So many minutes before the kit's clock.
pub fn ago(minutes: i64) -> String {
    stamp(testkit::now() - TimeDelta::minutes(minutes))
}

/// A finished run, created so many minutes ago.
pub fn run(id: u64, minutes: i64, status: &str, conclusion: Option<&str>) -> Value {
    json!({
        "id": id, "name": "CI", "display_title": format!("Change {id}"), "run_number": id, "run_attempt": 1,
        "event": "push", "status": status, "conclusion": conclusion, "head_branch": "main",
        "head_sha": format!("{id:040x}"), "path": ".github/workflows/ci.yml",
        "html_url": format!("https://github.com/acme/shop/actions/runs/{id}"),
        "created_at": ago(minutes), "updated_at": ago(minutes - 1), "run_started_at": ago(minutes),
        "actor": { "login": "ada" }, "triggering_actor": { "login": "ada" }, "pull_requests": [],
    })
}

pub fn deployment(id: u64, minutes: i64, environment: &str) -> Value {
    json!({
        "id": id, "sha": format!("{id:040x}"), "ref": "main", "task": "deploy", "payload": {},
        "environment": environment, "description": null, "creator": { "login": "ada" },
        "created_at": ago(minutes), "updated_at": ago(minutes),
    })
}

pub fn status(id: u64, minutes: i64, state: &str) -> Value {
    json!({ "id": id, "state": state, "description": "", "created_at": ago(minutes), "creator": { "login": "ada" } })
}

pub fn issue(number: u64, minutes: i64, state: &str) -> Value {
    json!({
        "id": 1000 + number, "number": number, "title": format!("Issue {number}"), "body": "It broke.", "state": state,
        "state_reason": null, "user": { "login": "bob" }, "labels": [{ "name": "bug" }], "assignees": [],
        "milestone": null, "comments": 0, "html_url": format!("https://github.com/acme/shop/issues/{number}"),
        "created_at": ago(minutes + 10), "updated_at": ago(minutes), "closed_at": null,
    })
}

/// A repository that was pushed to so many days ago.
pub fn repository(name: &str, days: i64) -> Value {
    json!({
        "id": 7, "full_name": name, "private": false, "fork": false, "archived": false, "disabled": false,
        "pushed_at": ago(days * 24 * 60),
    })
}

impl Hub {
    fn answer(&mut self, request: &RecordedRequest) -> Reply {
        if let Some(wrong) = wrong_headers(request) {
            return Reply::json(&json!({ "message": wrong })).status_of(400);
        }
        if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return Reply::json(&json!({ "message": "Bad credentials" })).status_of(401);
        }
        let reply = self.route(request);
        self.finish(request, reply)
    }

    /// ETag, quota and API version, as GitHub adds them.
    fn finish(&mut self, request: &RecordedRequest, reply: Reply) -> Reply {
        let mut reply = reply;
        let mut free = request.path.ends_with("/rate_limit");
        if request.method == "GET" && reply.is_success() {
            let mut body = Vec::new();
            reply = reply.map_json(|value| body = serde_json::to_vec(value).unwrap());
            let sum = body.iter().fold(7u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
            let etag = format!("W/\"{sum:x}\"");
            if request.header("if-none-match") == Some(&etag) {
                reply = Reply::status(304);
                free = true;
            }
            reply = reply.header("etag", etag);
        }
        self.used += u64::from(!free);
        reply
            .header("x-ratelimit-limit", "5000")
            .header("x-ratelimit-remaining", (5000 - self.used).to_string())
            .header("x-ratelimit-used", self.used.to_string())
            .header("x-ratelimit-resource", "core")
            .header("x-ratelimit-reset", (testkit::now().timestamp() + 1800).to_string())
            .header("x-github-api-version-selected", "2022-11-28")
            .header("x-oauth-scopes", "repo, workflow")
    }

    fn route(&mut self, request: &RecordedRequest) -> Reply {
        let path = request.path.strip_prefix("/api/v3").unwrap_or(&request.path).to_owned();
        let Some(rest) = path.strip_prefix("/repos/acme/shop") else {
            return match path.as_str() {
                "/rate_limit" => Reply::json_text(include_str!("../../fixtures/example-rate-limit.json")),
                "/user" => Reply::json_text(include_str!("../../fixtures/example-user.json")),
                "/user/repos" => self.list_repositories(request),
                _ => not_found(),
            };
        };
        let rest = rest.trim_start_matches('/');
        if let Some(reply) = self.instead.get(rest) {
            return reply.clone();
        }
        let parts: Vec<&str> = rest.split('/').collect();
        match (request.method.as_str(), parts.as_slice()) {
            ("GET", [""]) => {
                Reply::json(&json!({ "full_name": "acme/shop", "permissions": { "push": true } }))
            }
            ("GET", ["actions", "runs"]) => self.list_runs(request),
            ("GET", ["actions", "runs", id]) => one(&self.runs, "id", id),
            ("GET", ["actions", "runs", id, "jobs"]) => allow(request, &["filter", "per_page", "page"])
                .unwrap_or_else(|| {
                    let jobs = self.jobs.get(&id.parse().unwrap()).cloned().unwrap_or_default();
                    Reply::json(&json!({ "total_count": jobs.len(), "jobs": jobs }))
                }),
            ("GET", ["actions", "jobs", _, "logs"]) => match &self.storage {
                Some(storage) => Reply::redirect(302, storage),
                None => not_found(),
            },
            ("GET", ["actions", "runs", id, "pending_deployments"]) => {
                let pending = self.pending.get(&id.parse().unwrap()).cloned().unwrap_or_default();
                allow(request, &[]).unwrap_or_else(|| Reply::json(&pending))
            }
            ("POST", ["actions", "runs", _, "rerun" | "rerun-failed-jobs"]) => {
                Reply::json(&json!({})).status_of(201)
            }
            ("POST", ["actions", "runs", _, "cancel"]) => Reply::json(&json!({})).status_of(202),
            ("GET", ["deployments"]) => self.list_deployments(request),
            ("GET", ["deployments", id]) => one(&self.deployments, "id", id),
            ("GET", ["deployments", id, "statuses"]) => {
                let statuses = self.statuses.get(&id.parse().unwrap()).cloned().unwrap_or_default();
                allow(request, &["per_page"]).unwrap_or_else(|| Reply::json(&statuses))
            }
            ("GET", ["compare", range]) => self.compare(request, range),
            ("GET", ["environments"]) => allow(request, &["per_page"]).unwrap_or_else(|| {
                Reply::json(
                    &json!({ "total_count": self.environments.len(), "environments": self.environments }),
                )
            }),
            ("GET", ["releases"]) => {
                allow(request, &["per_page"]).unwrap_or_else(|| Reply::json(&self.releases))
            }
            ("GET", ["tags"]) => allow(request, &["per_page"]).unwrap_or_else(|| Reply::json(&self.tags)),
            ("GET", ["issues"]) => self.list_issues(request),
            ("POST", ["issues"]) => Reply::json(&issue(99, 0, "open")).status_of(201),
            ("GET", ["issues", number]) => one(&self.issues, "number", number),
            ("PATCH", ["issues", number]) => one(&self.issues, "number", number),
            ("GET", ["issues", _, "comments"]) => {
                allow(request, &["since", "per_page", "page"]).unwrap_or_else(|| Reply::json(&self.comments))
            }
            ("POST", ["issues", _, "comments"]) => {
                Reply::json(&json!({ "id": 5, "body": request.json()["body"] })).status_of(201)
            }
            _ => not_found(),
        }
    }

    fn list_repositories(&self, request: &RecordedRequest) -> Reply {
        if let Some(reply) = self.instead.get("user/repos") {
            return reply.clone();
        }
        if let Some(refused) = allow(request, &["sort", "per_page"]) {
            return refused;
        }
        let mut all = self.repositories.clone();
        if request.param("sort") == Some("pushed") {
            all.sort_by_key(|repository| repository["pushed_at"].as_str().map(str::to_owned));
            all.reverse();
        }
        paged(request, all, |page| json!(page))
    }

    fn list_runs(&self, request: &RecordedRequest) -> Reply {
        if let Some(refused) = allow(request, &["created", "status", "per_page", "page"]) {
            return refused;
        }
        let mut runs = self.runs.clone();
        runs.sort_by_key(|run| std::cmp::Reverse(run["id"].as_u64()));
        if let Some(status) = request.param("status") {
            runs.retain(|run| run["status"] == status);
        }
        if let Some(created) = request.param("created") {
            let (from, until) = match created.strip_prefix(">=") {
                Some(from) => (from.to_owned(), "9999".to_owned()),
                None => {
                    created.split_once("..").map(|(from, until)| (from.to_owned(), until.to_owned())).unwrap()
                }
            };
            runs.retain(|run| {
                let at = run["created_at"].as_str().unwrap_or_default();
                at >= from.as_str() && at <= until.as_str()
            });
        }
        let total = runs.len();
        paged(request, runs, |page| json!({ "total_count": total, "workflow_runs": page }))
    }

    /// The commits between two hashes, oldest first; the files come with the first page alone.
    fn compare(&self, request: &RecordedRequest, range: &str) -> Reply {
        if let Some(refused) = allow(request, &["per_page", "page"]) {
            return refused;
        }
        let Some((base, head)) = range.split_once("...") else { return not_found() };
        let place = |wanted: &str| self.commits.iter().position(|commit| commit["sha"] == wanted);
        let (Some(base), Some(head)) = (place(base), place(head)) else { return not_found() };
        let between = self.commits.get(base + 1..=head).unwrap_or_default().to_vec();
        let (ahead, behind) = (between.len(), base.saturating_sub(head));
        let first = request.param("page").is_none_or(|page| page == "1");
        let files =
            first.then(|| vec![json!({ "filename": "src/cart.rs", "patch": "@@ -1 +1 @@" }); self.files]);
        paged(request, between, |page| {
            json!({
                "html_url": "https://github.com/acme/shop/compare/a...b", "ahead_by": ahead, "behind_by": behind,
                "total_commits": ahead, "commits": page, "files": files,
            })
        })
    }

    fn list_deployments(&self, request: &RecordedRequest) -> Reply {
        if let Some(refused) = allow(request, &["per_page", "page"]) {
            return refused;
        }
        let mut all = self.deployments.clone();
        all.sort_by_key(|deployment| std::cmp::Reverse(deployment["id"].as_u64()));
        paged(request, all, |page| json!(page))
    }

    fn list_issues(&self, request: &RecordedRequest) -> Reply {
        if let Some(refused) = allow(request, &["state", "sort", "direction", "since", "per_page", "page"]) {
            return refused;
        }
        let mut all = self.issues.clone();
        all.retain(|issue| issue["updated_at"].as_str() >= request.param("since"));
        let field = if request.param("sort") == Some("created") { "created_at" } else { "updated_at" };
        all.sort_by_key(|issue| {
            (issue[field].as_str().unwrap_or_default().to_owned(), issue["number"].as_u64())
        });
        match request.param("direction") {
            Some("asc") => {}
            _ => all.reverse(),
        }
        if request.param("state") != Some("all") {
            all.retain(|issue| issue["state"] == "open");
        }
        paged(request, all, |page| json!(page))
    }
}

/// A commit as `compare` lists it.
pub fn commit(number: u64, message: &str) -> Value {
    json!({
        "sha": format!("{number:040x}"), "html_url": format!("https://github.com/acme/shop/commit/{number:040x}"),
        "commit": { "message": message, "author": { "name": "Ada L.", "email": "ada@example.org", "date": ago(400) } },
        "author": { "login": "ada" },
    })
}

/// What a request must carry.
fn wrong_headers(request: &RecordedRequest) -> Option<&'static str> {
    if request.path.ends_with("/logs") {
        return None;
    }
    if request.header("accept") != Some("application/vnd.github+json") {
        return Some("wrong Accept");
    }
    if request.header("x-github-api-version") != Some("2022-11-28") {
        return Some("wrong X-GitHub-Api-Version");
    }
    if request.header("user-agent").is_none_or(str::is_empty) {
        return Some("no User-Agent");
    }
    None
}

/// Refuses parameters the manual does not have, and page sizes that are too small or too large.
fn allow(request: &RecordedRequest, keys: &[&str]) -> Option<Reply> {
    let unknown = request.query.iter().find(|(key, _)| !keys.contains(&key.as_str()));
    let size = request.param("per_page").unwrap_or("30").parse::<u32>().unwrap_or(0);
    let wrong = match unknown {
        Some((key, value)) => format!("unknown parameter {key}={value}"),
        None if size == 0 || size > 100 => format!("per_page={size}"),
        None => return None,
    };
    Some(Reply::json(&json!({ "message": wrong })).status_of(422))
}

fn one(all: &[Value], key: &str, id: &str) -> Reply {
    let found = all.iter().find(|item| item[key].as_u64().is_some_and(|known| known.to_string() == id));
    found.map_or_else(not_found, Reply::json)
}

fn not_found() -> Reply {
    Reply::json(&json!({ "message": "Not Found" })).status_of(404)
}

/// A page, with links as GitHub writes them: by number of the repository, not by name.
fn paged(request: &RecordedRequest, all: Vec<Value>, wrap: impl Fn(Vec<Value>) -> Value) -> Reply {
    let size = request.param("per_page").map_or(30, |size| size.parse().unwrap());
    let page: usize = request.param("page").map_or(1, |page| page.parse().unwrap());
    let more = all.len() > page * size;
    let reply = Reply::json(&wrap(all.into_iter().skip((page - 1) * size).take(size).collect()));
    match more {
        true => {
            let rest = request.path.split("/repos/acme/shop").last().unwrap_or_default();
            let link = format!("<{}/repositories/1{rest}?page={}>; rel=\"next\"", request.origin, page + 1);
            reply.header("link", link)
        }
        false => reply,
    }
}

/// The server, a connection to it, and what polls it.
pub struct Bench {
    pub hub: Arc<Mutex<Hub>>,
    pub server: FaultServer,
    pub connection: Box<dyn Connection>,
    pub cx: PollCx,
    pub clock: ManualClock,
}

impl Bench {
    pub async fn new(hub: Hub) -> Self {
        Self::at("", hub, Backfill::default()).await
    }

    pub async fn at(base_path: &str, hub: Hub, backfill: Backfill) -> Self {
        let hub = Arc::new(Mutex::new(hub));
        let answering = hub.clone();
        let server = FaultServer::start(move |request| answering.lock().unwrap().answer(request)).await;
        let clock = ManualClock::at(testkit::now());
        let base = server.url().join(base_path).unwrap();
        let http = Http::new(HttpConfig {
            base: base.clone(),
            auth: Auth::Bearer(TOKEN.to_owned().into()),
            ca_pem: None,
            limits: Limits { retry_base: std::time::Duration::from_millis(1), ..Limits::default() },
            cache: Arc::new(MemoryCache::default()),
            budget: Arc::new(Budget::new(1.0, Arc::new(clock.clone()))),
            clock: Arc::new(clock.clone()),
            user_agent: "quarterdeck-test".to_owned(),
        })
        .unwrap();
        let own = json!({ "repositories": ["acme/shop"] });
        let settings = Settings {
            source: "gh".parse().unwrap(),
            url: base,
            interval: None,
            ca_file: None,
            own: own.as_object().unwrap().clone(),
        };
        let connection = GithubBackend.connect(settings).unwrap();
        let cx = PollCx { http, cancel: CancellationToken::new(), clock: Arc::new(clock.clone()), backfill };
        Self { hub, server, connection, cx, clock }
    }

    pub fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap()
    }
}

/// The server's answer for the conformance suite, whose address and credential are its own.
pub fn answer(hub: &Mutex<Hub>, request: &RecordedRequest) -> Reply {
    let mut request = request.clone();
    if request.header("authorization").is_some_and(|header| header.contains("canary")) {
        request.headers.insert("authorization".to_owned(), format!("Bearer {TOKEN}"));
    }
    hub.lock().unwrap().answer(&request)
}

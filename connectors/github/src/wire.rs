//! GitHub's JSON, read tolerantly.
//!
//! GitHub's answers do not satisfy GitHub's own OpenAPI description: fields that are "required" there are missing from
//! older servers and recordings, and `null` comes where the schema has none. So everything is optional here that a real
//! answer was seen without, ids are text whether they come as numbers or not, and lists are read item by item
//! ([`items`]): one unreadable entity is a problem of its own and not of the page. octocrab's models are stricter
//! (`docs/adr/0004-octocrab-on-our-facade.md`).

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde_json::Value;

/// An id: a number on GitHub, text on some servers that speak its language.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(pub String);

impl Id {
    /// As a number, for ordering. 0 when it is none.
    pub fn number(&self) -> u64 {
        self.0.parse().unwrap_or(0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Id;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id (number or text)")
            }
            fn visit_u64<E: de::Error>(self, id: u64) -> Result<Id, E> {
                Ok(Id(id.to_string()))
            }
            fn visit_str<E: de::Error>(self, id: &str) -> Result<Id, E> {
                if id.is_empty() { Err(E::custom("empty id")) } else { Ok(Id(id.to_owned())) }
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// One item of a list, not read yet. A list of anything but objects is not an answer of GitHub.
pub type Entity = serde_json::Map<String, Value>;

/// Somebody, as far as we need to know. `null` for deleted accounts.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct User {
    /// Name of the account; bots end in `[bot]`.
    pub login: Option<String>,
}

/// The page of workflow runs, from `GET /repos/{owner}/{repo}/actions/runs`, newest first.
/// <https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-repository>
#[derive(Debug, Deserialize)]
pub struct RunPage {
    /// The runs, read one by one.
    pub workflow_runs: Vec<Entity>,
}

/// One workflow run. Times are RFC 3339.
#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    /// Unique on the host; a re-run keeps it.
    pub id: Id,
    /// Name of the workflow. `null` when its file was broken at that commit.
    pub name: Option<String>,
    /// Commit subject, pull request title or `run-name`. Missing before 2022.
    pub display_title: Option<String>,
    /// Path of the workflow file. Missing before 2022.
    pub path: Option<String>,
    /// Counts per workflow: the `#41` people use.
    pub run_number: Option<u64>,
    /// 1 for the first try. Missing before 2021.
    pub run_attempt: Option<u32>,
    /// What started it: `push`, `schedule`, ….
    pub event: Option<String>,
    /// `queued`, `in_progress`, `completed`, `waiting`, `requested`, `pending`.
    pub status: Option<String>,
    /// `null` until completed.
    pub conclusion: Option<String>,
    /// Branch or tag. `null` for some events.
    pub head_branch: Option<String>,
    /// Commit.
    pub head_sha: Option<String>,
    /// The run's page.
    pub html_url: Option<String>,
    /// When the first attempt was created; a re-run does not change it.
    pub created_at: Option<DateTime<Utc>>,
    /// Last change of any kind; the end, once completed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Start of the latest attempt; equals `created_at` while a first attempt is queued. Missing before 2021.
    pub run_started_at: Option<DateTime<Utc>>,
    /// Who caused the first attempt.
    pub actor: Option<User>,
    /// Who caused the latest attempt. Missing before 2022.
    pub triggering_actor: Option<User>,
    /// The commit. `null` when it is gone.
    pub head_commit: Option<HeadCommit>,
}

/// The commit of a run.
#[derive(Debug, Clone, Deserialize)]
pub struct HeadCommit {
    /// Whole message.
    pub message: Option<String>,
}

/// Jobs of a run's latest attempt, from `GET /repos/{owner}/{repo}/actions/runs/{id}/jobs`.
/// <https://docs.github.com/en/rest/actions/workflow-jobs#list-jobs-for-a-workflow-run>
#[derive(Debug, Deserialize)]
pub struct JobPage {
    /// The jobs, read one by one.
    pub jobs: Vec<Entity>,
}

/// One job.
#[derive(Debug, Clone, Deserialize)]
pub struct Job {
    /// Unique on the host.
    pub id: Id,
    /// Name.
    pub name: Option<String>,
    /// As of a run.
    pub status: Option<String>,
    /// As of a run.
    pub conclusion: Option<String>,
    /// Begin.
    pub started_at: Option<DateTime<Utc>>,
    /// End. `null` until then.
    pub completed_at: Option<DateTime<Utc>>,
    /// The runner's name. `null` or empty until one has taken it.
    pub runner_name: Option<String>,
    /// Missing while the job is queued.
    #[serde(default)]
    pub steps: Vec<JobStep>,
}

/// One step of a job.
#[derive(Debug, Clone, Deserialize)]
pub struct JobStep {
    /// 1 for the first.
    pub number: Option<u32>,
    /// Name.
    pub name: Option<String>,
    /// As of a run.
    pub status: Option<String>,
    /// As of a run.
    pub conclusion: Option<String>,
    /// Begin.
    pub started_at: Option<DateTime<Utc>>,
    /// End.
    pub completed_at: Option<DateTime<Utc>>,
}

/// One deployment, from `GET /repos/{owner}/{repo}/deployments`, newest first.
/// <https://docs.github.com/en/rest/deployments/deployments#list-deployments>
#[derive(Debug, Clone, Deserialize)]
pub struct Deployment {
    /// Unique on the host.
    pub id: Id,
    /// Commit.
    pub sha: Option<String>,
    /// Branch, tag or commit that was asked for.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// `deploy` unless the creator chose otherwise.
    pub task: Option<String>,
    /// Name of the environment.
    pub environment: Option<String>,
    /// What the creator wrote.
    pub description: Option<String>,
    /// Who or what created it.
    pub creator: Option<User>,
    /// When it was created.
    pub created_at: Option<DateTime<Utc>>,
    /// Last change.
    pub updated_at: Option<DateTime<Utc>>,
    /// Whether the creator said that users are served from there.
    pub production_environment: Option<bool>,
    /// Whether the environment goes away again.
    pub transient_environment: Option<bool>,
    /// The app that created it.
    pub performed_via_github_app: Option<App>,
}

/// An app.
#[derive(Debug, Clone, Deserialize)]
pub struct App {
    /// `github-actions` for workflows.
    pub slug: Option<String>,
}

/// One status of a deployment, from `GET /repos/{owner}/{repo}/deployments/{id}/statuses`, newest first.
/// <https://docs.github.com/en/rest/deployments/statuses#list-deployment-statuses>
#[derive(Debug, Clone, Deserialize)]
pub struct DeploymentStatus {
    /// Unique on the host.
    pub id: Id,
    /// `error`, `failure`, `inactive`, `in_progress`, `queued`, `pending`, `success`, `waiting`.
    pub state: Option<String>,
    /// What the reporter wrote.
    pub description: Option<String>,
    /// Where its output is. Replaces `target_url`.
    pub log_url: Option<String>,
    /// Where its output is, older name.
    pub target_url: Option<String>,
    /// Address of what was deployed.
    pub environment_url: Option<String>,
    /// Who or what reported it.
    pub creator: Option<User>,
    /// When it was reported.
    pub created_at: Option<DateTime<Utc>>,
}

/// Environments, from `GET /repos/{owner}/{repo}/environments`.
/// <https://docs.github.com/en/rest/deployments/environments#list-environments>
#[derive(Debug, Deserialize)]
pub struct EnvironmentPage {
    /// The environments, read one by one. Missing where there are none.
    #[serde(default)]
    pub environments: Vec<Entity>,
}

/// One environment.
#[derive(Debug, Clone, Deserialize)]
pub struct Environment {
    /// Name.
    pub name: String,
    /// What stands before a deployment to it.
    #[serde(default)]
    pub protection_rules: Vec<ProtectionRule>,
    /// Whether only certain branches may be deployed there. `null`: all may.
    pub deployment_branch_policy: Option<Value>,
}

/// One protection rule.
#[derive(Debug, Clone, Deserialize)]
pub struct ProtectionRule {
    /// `wait_timer`, `required_reviewers`, `branch_policy`, or a custom one.
    #[serde(rename = "type")]
    pub rule_type: Option<String>,
    /// Minutes, for `wait_timer`.
    pub wait_timer: Option<u64>,
}

/// One issue, from `GET /repos/{owner}/{repo}/issues`. Pull requests come too, marked by `pull_request`.
/// <https://docs.github.com/en/rest/issues/issues#list-repository-issues>
#[derive(Debug, Clone, Deserialize)]
pub struct Issue {
    /// Counts per repository.
    pub number: u64,
    /// One line.
    pub title: Option<String>,
    /// Markdown.
    pub body: Option<String>,
    /// `open` or `closed`.
    pub state: Option<String>,
    /// `completed`, `not_planned`, `duplicate`, `reopened`. Missing on older servers.
    pub state_reason: Option<String>,
    /// Who opened it.
    pub user: Option<User>,
    /// Labels; old answers have plain texts here.
    #[serde(default)]
    pub labels: Vec<Label>,
    /// Who works on it.
    #[serde(default)]
    pub assignees: Vec<User>,
    /// The milestone.
    pub milestone: Option<Milestone>,
    /// The organisation's issue type. Missing where there are none.
    #[serde(rename = "type")]
    pub issue_type: Option<IssueType>,
    /// Number of comments.
    pub comments: Option<u32>,
    /// Its page.
    pub html_url: Option<String>,
    /// When it was opened.
    pub created_at: Option<DateTime<Utc>>,
    /// Last change.
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Present when it is a pull request.
    pub pull_request: Option<Value>,
}

/// A label, as an object or as a plain text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Label {
    /// Its name.
    Name(String),
    /// The whole label.
    Whole {
        /// Its name.
        name: Option<String>,
    },
}

impl Label {
    /// Its name.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Whole { name } => name.as_deref(),
        }
    }
}

/// A milestone.
#[derive(Debug, Clone, Deserialize)]
pub struct Milestone {
    /// Its name.
    pub title: Option<String>,
}

/// An issue type of the organisation.
#[derive(Debug, Clone, Deserialize)]
pub struct IssueType {
    /// `Bug`, `Feature`, `Task`, or the organisation's own.
    pub name: Option<String>,
}

/// A comment of an issue, from `GET /repos/{owner}/{repo}/issues/{number}/comments`, oldest first.
/// <https://docs.github.com/en/rest/issues/comments#list-issue-comments>
#[derive(Debug, Clone, Deserialize)]
pub struct Comment {
    /// Unique on the host.
    pub id: Id,
    /// Markdown.
    pub body: Option<String>,
    /// Who.
    pub user: Option<User>,
    /// When.
    pub created_at: Option<DateTime<Utc>>,
}

/// A release, from `GET /repos/{owner}/{repo}/releases`, newest first.
/// <https://docs.github.com/en/rest/releases/releases#list-releases>
#[derive(Debug, Clone, Deserialize)]
pub struct Release {
    /// Its tag.
    pub tag_name: String,
    /// Its title; often empty.
    pub name: Option<String>,
    /// Not published yet.
    #[serde(default)]
    pub draft: bool,
    /// Marked as not for production.
    #[serde(default)]
    pub prerelease: bool,
    /// When it was published. `null` for drafts.
    pub published_at: Option<DateTime<Utc>>,
    /// Who.
    pub author: Option<User>,
    /// Its page.
    pub html_url: Option<String>,
}

/// A tag, from `GET /repos/{owner}/{repo}/tags`.
/// <https://docs.github.com/en/rest/repos/repos#list-repository-tags>
#[derive(Debug, Clone, Deserialize)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// What it points at.
    pub commit: TagCommit,
}

/// The commit of a tag.
#[derive(Debug, Clone, Deserialize)]
pub struct TagCommit {
    /// Hash.
    pub sha: String,
}

/// A repository, from `GET /repos/{owner}/{repo}`.
/// <https://docs.github.com/en/rest/repos/repos#get-a-repository>
#[derive(Debug, Clone, Deserialize)]
pub struct Repository {
    /// `owner/name`, as it is called today.
    pub full_name: Option<String>,
    /// Whether issues are switched on.
    pub has_issues: Option<bool>,
    /// What the credential may do, for people; missing for apps.
    pub permissions: Option<Permissions>,
}

/// What a person may do in a repository.
#[derive(Debug, Clone, Deserialize)]
pub struct Permissions {
    /// Write, which re-runs and closing issues need.
    #[serde(default)]
    pub push: bool,
}

/// Reads a list item by item: what can be read, and a sentence for each item that cannot.
///
/// `what` names the list (`workflow run of acme/shop`).
pub fn items<T: DeserializeOwned>(values: Vec<Entity>, what: &str) -> (Vec<T>, Vec<String>) {
    let mut read = Vec::with_capacity(values.len());
    let mut problems = Vec::new();
    for value in values {
        let name = name_of(&value);
        match T::deserialize(Value::Object(value)) {
            Ok(item) => read.push(item),
            Err(error) => problems.push(format!("{what} {name} could not be read: {}", describe(&error))),
        }
    }
    (read, problems)
}

/// The number or id of an item, for messages.
fn name_of(value: &Entity) -> String {
    ["number", "id", "tag_name", "name"]
        .iter()
        .find_map(|key| match value.get(*key) {
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::String(text)) => Some(text.chars().take(40).collect()),
            _ => None,
        })
        .unwrap_or_else(|| "without an id".to_owned())
}

/// What does not fit, without the values serde quotes.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected ") {
        _ if text.starts_with("missing field") => text,
        Some((_, expected)) => format!("expected {expected}"),
        None => "a value that does not fit".to_owned(),
    }
}

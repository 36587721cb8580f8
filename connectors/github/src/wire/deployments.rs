//! Deployments, environments, releases and tags.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Entity, Id, User};

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
    pub deployment_branch_policy: Option<BranchPolicy>,
}

/// Which branches may be deployed to an environment.
#[derive(Debug, Clone, Deserialize)]
pub struct BranchPolicy {
    /// Those with branch protection; else those that rules of its own name.
    pub protected_branches: Option<bool>,
}

/// One protection rule.
#[derive(Debug, Clone, Deserialize)]
pub struct ProtectionRule {
    /// `wait_timer`, `required_reviewers`, `branch_policy`, or a custom one.
    #[serde(rename = "type")]
    pub rule_type: Option<String>,
    /// Minutes, for `wait_timer`.
    pub wait_timer: Option<u64>,
    /// One of them must approve, for `required_reviewers`.
    #[serde(default)]
    pub reviewers: Vec<Reviewer>,
    /// Whether who started it may not approve it, for `required_reviewers`. Missing on older servers.
    pub prevent_self_review: Option<bool>,
}

/// Somebody who may approve: a person or a team.
#[derive(Debug, Clone, Deserialize)]
pub struct Reviewer {
    /// `User` or `Team`.
    #[serde(rename = "type")]
    pub reviewer_type: Option<String>,
    /// Who.
    pub reviewer: Option<ReviewerName>,
}

/// The name of a person or a team.
#[derive(Debug, Clone, Deserialize)]
pub struct ReviewerName {
    /// A person's account.
    pub login: Option<String>,
    /// A team's name.
    pub name: Option<String>,
}

impl Reviewer {
    /// The account, or `team NAME`. `None`: it is not told.
    pub fn name(&self) -> Option<String> {
        let who = self.reviewer.as_ref()?;
        match (self.reviewer_type.as_deref(), &who.login, &who.name) {
            (Some("Team"), _, Some(name)) => Some(format!("team {name}")),
            (_, Some(login), _) => Some(login.clone()),
            (_, None, name) => name.clone(),
        }
    }
}

/// A deployment of a run that waits, from `GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments`.
/// <https://docs.github.com/en/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run>
#[derive(Debug, Clone, Deserialize)]
pub struct PendingDeployment {
    /// Where it is to go.
    pub environment: Option<PendingEnvironment>,
    /// Minutes of the timer; 0 when there is none.
    pub wait_timer: Option<u64>,
    /// When the timer began. `null` when there is none.
    pub wait_timer_started_at: Option<DateTime<Utc>>,
    /// Whether the credential's owner may approve.
    pub current_user_can_approve: Option<bool>,
    /// One of them must approve.
    #[serde(default)]
    pub reviewers: Vec<Reviewer>,
}

/// The environment of a pending deployment.
#[derive(Debug, Clone, Deserialize)]
pub struct PendingEnvironment {
    /// Its name.
    pub name: Option<String>,
}

impl PendingDeployment {
    /// The environment's name.
    pub fn environment_name(&self) -> Option<&str> {
        self.environment.as_ref()?.name.as_deref()
    }
}

/// A release, from `GET /repos/{owner}/{repo}/releases`, newest first.
/// <https://docs.github.com/en/rest/releases/releases#list-releases>
#[derive(Debug, Clone, Deserialize)]
pub struct Release {
    /// Its tag.
    pub tag_name: String,
    /// Its title; often empty.
    pub name: Option<String>,
    /// Its notes, markdown.
    pub body: Option<String>,
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

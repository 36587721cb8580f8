//! Environments: their tier, what stands before a deployment to them, and whom a deployment waits for.

use qd_connector::http::segment;
use qd_connector::{PollError, Section};
use qd_model::Environment;

use super::{row, time};
use crate::client::GitHub;
use crate::map::filled;
use crate::wire;

/// The environment of a deployment: its tier, what GitHub says of it, and its protection.
pub async fn section(
    github: &GitHub,
    repository: &str,
    deployment: &wire::Deployment,
) -> Result<Section, PollError> {
    let name = deployment.environment.clone().unwrap_or_default();
    let mut rows = vec![("Environment".to_owned(), name.clone())];
    row(&mut rows, "Ref", deployment.reference.clone());
    row(&mut rows, "Task", filled(deployment.task.clone()).filter(|task| task != "deploy"));
    let tier = Environment::inferred(&name).tier;
    let said = deployment.production_environment.unwrap_or(false);
    let tier = if said {
        "production, says GitHub".to_owned()
    } else {
        format!("{tier:?}, by its name").to_lowercase()
    };
    rows.push(("Tier".to_owned(), tier));
    if deployment.transient_environment == Some(true) {
        rows.push(("Lifetime".to_owned(), "goes away again".to_owned()));
    }
    let path = format!("/repos/{repository}/environments");
    match github.read::<wire::EnvironmentPage>(&path, &[("per_page", "100")]).await {
        Ok(page) => {
            let (all, _) = wire::items::<wire::Environment>(page.environments, "environment");
            if let Some(environment) = all.iter().find(|environment| environment.name == name) {
                rows.extend(protection(environment));
            }
        }
        Err(PollError::Forbidden { missing }) => {
            rows.push(("Protection".to_owned(), format!("not readable; permission is missing: {missing}")));
        }
        Err(PollError::NotFound { .. }) => {}
        Err(error) => return Err(error),
    }
    Ok(Section::Fields { title: "Environment".to_owned(), rows })
}

/// What stands before a deployment to an environment, rule by rule.
pub fn protection(environment: &wire::Environment) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = environment.protection_rules.iter().filter_map(rule).collect();
    if let Some(policy) = &environment.deployment_branch_policy {
        let which = match policy.protected_branches {
            Some(true) => "protected branches only",
            _ => "certain branches and tags only",
        };
        rows.push(("Branches".to_owned(), which.to_owned()));
    }
    if rows.is_empty() {
        rows.push(("Protection".to_owned(), "none".to_owned()));
    }
    rows
}

fn rule(rule: &wire::ProtectionRule) -> Option<(String, String)> {
    let pair = |name: &str, value: String| Some((name.to_owned(), value));
    match rule.rule_type.as_deref() {
        Some("wait_timer") => {
            let minutes = rule.wait_timer.map_or("some time".to_owned(), |minutes| format!("{minutes} min"));
            pair("Waits before", minutes)
        }
        Some("required_reviewers") => {
            let who = match names(&rule.reviewers) {
                Some(names) => format!("one of {names}"),
                None => "somebody".to_owned(),
            };
            let not_own = if rule.prevent_self_review == Some(true) { ", not by who started it" } else { "" };
            pair("Approval by", format!("{who}{not_own}"))
        }
        // What the policy says stands in a field of its own.
        Some("branch_policy") => None,
        word => pair("Rule", word.unwrap_or("not named").to_owned()),
    }
}

/// Whom or what a run waits for. `None`: nothing is pending, or it may not be read.
pub async fn waits_for(
    github: &GitHub,
    repository: &str,
    run: &str,
    environment: Option<&str>,
) -> Result<Option<Section>, PollError> {
    let path = format!("/repos/{repository}/actions/runs/{}/pending_deployments", segment(run));
    let pending: Vec<wire::PendingDeployment> = match github.list(&path, &[], "pending deployment").await {
        Ok((pending, _)) => pending,
        Err(PollError::Forbidden { .. } | PollError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let here = |pending: &&wire::PendingDeployment| {
        environment.is_none_or(|name| pending.environment_name() == Some(name))
    };
    let rows: Vec<(String, String)> = pending.iter().filter(here).map(waiting).collect();
    Ok(Some(Section::Fields { title: "Waits for".to_owned(), rows }).filter(|_| !pending.is_empty()))
}

/// One environment and what it waits for.
pub fn waiting(pending: &wire::PendingDeployment) -> (String, String) {
    let mut parts = Vec::new();
    if let Some(names) = names(&pending.reviewers) {
        let yours = if pending.current_user_can_approve == Some(true) { " (you can)" } else { "" };
        parts.push(format!("approval by one of {names}{yours}"));
    }
    if let Some(minutes) = pending.wait_timer.filter(|minutes| *minutes > 0) {
        let since = pending.wait_timer_started_at.map(|at| format!(" since {}", time(Some(at))));
        parts.push(format!("a timer of {minutes} min{}", since.unwrap_or_default()));
    }
    let what = if parts.is_empty() { "a protection rule".to_owned() } else { parts.join(", and ") };
    (pending.environment_name().unwrap_or("environment").to_owned(), what)
}

/// Names of people and teams, `None` when there are none.
fn names(reviewers: &[wire::Reviewer]) -> Option<String> {
    let names: Vec<String> = reviewers.iter().filter_map(wire::Reviewer::name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

//! "Test connection".

use qd_connector::{CheckOutcome, CheckReport, PollCx, PollError};
use qd_model::Quota;

use crate::client::{GitHub, read_error};
use crate::{map, wire};

/// Only so many repositories are looked at list by list.
const LISTED: usize = 10;

/// Reach, version and quota, sign-in and scopes, then each repository and its lists.
pub async fn check(cx: &PollCx, repositories: &[String]) -> CheckReport {
    let github = GitHub::new(&cx.http);
    let mut report = CheckReport::default();
    if !reach(&github, cx, &mut report).await || !sign_in(&github, &mut report).await {
        return report;
    }
    for (place, repository) in repositories.iter().enumerate() {
        if repository_is_readable(&github, repository, &mut report).await && place < LISTED {
            lists(&github, repository, &mut report).await;
        }
    }
    report.quota = cx.http.quota().or(report.quota);
    report
}

/// `GET /rate_limit` costs nothing, needs no permission, and still refuses a wrong credential.
/// <https://docs.github.com/en/rest/rate-limit/rate-limit>
async fn reach(github: &GitHub, cx: &PollCx, report: &mut CheckReport) -> bool {
    match github.octocrab().ratelimit().get().await.map_err(|error| read_error("/rate_limit", error)) {
        Ok(limit) => {
            let core = limit.resources.core;
            let resets_at =
                i64::try_from(core.reset).ok().and_then(|at| chrono::DateTime::from_timestamp(at, 0));
            report.quota =
                Some(Quota { limit: core.limit as u64, remaining: core.remaining as u64, resets_at });
            let text = format!("answers; {} of {} requests are left", core.remaining, core.limit);
            report.step("reach", CheckOutcome::Ok, text);
            true
        }
        // GitHub Enterprise Server without rate limits; where there are no users either is no GitHub.
        Err(error @ PollError::NotFound { .. }) => {
            if let Err(PollError::NotFound { .. }) = github.get("/user", &[]).await {
                report.common_failure("GitHub API", &cx.http, &error);
                return false;
            }
            report.step("reach", CheckOutcome::Ok, "answers; it has no rate limit");
            true
        }
        Err(error @ (PollError::Unauthenticated | PollError::Forbidden { .. })) => {
            report.step("reach", CheckOutcome::Ok, "answers");
            if !report.common_failure("GitHub API", &cx.http, &error) {
                let text = format!("{error}: make a new token and enter it");
                report.step("sign in", CheckOutcome::Failed, text);
            }
            false
        }
        Err(error) => {
            report.step("reach", CheckOutcome::Failed, advice(&error));
            false
        }
    }
}

fn advice(error: &PollError) -> String {
    match error {
        PollError::Unexpected { .. } => {
            format!(
                "{error}: is this the address of the API? GitHub Enterprise Server has it at https://HOST/api/v3"
            )
        }
        PollError::Redirected { to, .. } => format!("{error}: should the address be {to}?"),
        other => other.to_string(),
    }
}

/// `GET /user`. Apps are nobody, so they may not ask.
/// <https://docs.github.com/en/rest/users/users#get-the-authenticated-user>
async fn sign_in(github: &GitHub, report: &mut CheckReport) -> bool {
    match github.get("/user", &[]).await {
        Ok(response) => {
            let user = response.json::<wire::User>().ok();
            report.identity = map::login(user);
            let who = report.identity.as_deref().unwrap_or("somebody without a name");
            report.step("sign in", CheckOutcome::Ok, format!("signed in as {who}"));
            let enterprise = response.header("x-github-enterprise-version");
            let api = response.header("x-github-api-version-selected");
            report.version = enterprise
                .map(|version| format!("GitHub Enterprise Server {version}"))
                .or_else(|| api.map(|version| format!("REST API {version}")));
            scopes(response.header("x-oauth-scopes"), report);
        }
        // The credential was not refused before, so there is none.
        Err(PollError::Unauthenticated) => report.step(
            "sign in",
            CheckOutcome::Warning,
            "not signed in: only public repositories can be read, with few requests an hour, and nothing can be done",
        ),
        Err(PollError::Forbidden { .. } | PollError::NotFound { .. }) => {
            report.step("sign in", CheckOutcome::Warning, "the token belongs to an app, not to a person");
        }
        Err(error) => {
            report.step("sign in", CheckOutcome::Failed, error.to_string());
            return false;
        }
    }
    true
}

/// Classic tokens tell their scopes; fine-grained ones do not, their permissions show with each list.
/// <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps>
fn scopes(header: Option<&str>, report: &mut CheckReport) {
    let Some(header) = header else { return };
    let scopes: Vec<&str> = header.split(',').map(str::trim).filter(|scope| !scope.is_empty()).collect();
    let has = |scope: &str| scopes.contains(&scope);
    if scopes.is_empty() {
        report.step(
            "permissions",
            CheckOutcome::Warning,
            "the token has no scopes: public repositories only, nothing can be done",
        );
    } else if !has("repo") && !has("public_repo") {
        let text = format!("the token has {}; private repositories need the scope repo", scopes.join(", "));
        report.step("permissions", CheckOutcome::Warning, text);
    } else if scopes.iter().any(|scope| scope.starts_with("admin:") || *scope == "delete_repo") {
        let text = format!("the token may do more than is needed here: {}", scopes.join(", "));
        report.step("permissions", CheckOutcome::Warning, text);
    } else {
        report.step("permissions", CheckOutcome::Ok, format!("the token has {}", scopes.join(", ")));
    }
}

async fn repository_is_readable(github: &GitHub, name: &str, report: &mut CheckReport) -> bool {
    let step = format!("read {name}");
    let read: Result<wire::Repository, PollError> = github.read(&format!("/repos/{name}"), &[]).await;
    match read {
        Ok(repository) => {
            let renamed = repository.full_name.as_deref().filter(|full| !full.eq_ignore_ascii_case(name));
            match (renamed, repository.permissions.is_some_and(|permissions| !permissions.push)) {
                (Some(full), _) => {
                    report.step(
                        &step,
                        CheckOutcome::Warning,
                        format!("it is called {full} now: update the settings"),
                    );
                }
                (None, true) => {
                    report.step(&step, CheckOutcome::Ok, "readable; re-running and closing will be refused");
                }
                (None, false) => report.step(&step, CheckOutcome::Ok, "readable"),
            }
            true
        }
        Err(PollError::NotFound { .. }) => {
            let text = "there is no such repository, or the token may not see it";
            report.step(&step, CheckOutcome::Failed, text);
            false
        }
        Err(error) => {
            report.step(&step, CheckOutcome::Failed, error.to_string());
            false
        }
    }
}

async fn lists(github: &GitHub, name: &str, report: &mut CheckReport) {
    let lists = [
        ("workflow runs", "actions/runs"),
        ("deployments", "deployments"),
        ("environments", "environments"),
        ("issues", "issues"),
        ("releases", "releases"),
    ];
    let mut readable = Vec::new();
    for (list, path) in lists {
        match github.get(&format!("/repos/{name}/{path}"), &[("per_page", "1")]).await {
            Ok(_) => readable.push(list),
            Err(PollError::Forbidden { missing }) => {
                let text = format!("{list} cannot be read; permission is missing: {missing}");
                report.step(&format!("{list} of {name}"), CheckOutcome::Warning, text);
            }
            Err(PollError::NotFound { .. }) => {
                let text = format!("there are no {list}: switched off, or the token may not see them");
                report.step(&format!("{list} of {name}"), CheckOutcome::Warning, text);
            }
            Err(error) => {
                report.step(&format!("{list} of {name}"), CheckOutcome::Failed, error.to_string());
                return;
            }
        }
    }
    if !readable.is_empty() {
        report.step(
            &format!("lists of {name}"),
            CheckOutcome::Ok,
            format!("{} can be read", readable.join(", ")),
        );
    }
}

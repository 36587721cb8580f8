//! "Test connection".

use std::collections::BTreeSet;

use qd_connector::http::segment;
use qd_connector::{CheckOutcome, CheckReport, PollCx, PollError};

use crate::{Redmine, read, wire};

/// Roles looked into.
const ROLES: usize = 5;

/// Reach, sign in, projects, tickets, permissions.
pub async fn check(connection: &Redmine, cx: &PollCx) -> CheckReport {
    let mut report = CheckReport::default();
    let me = match read::who_with_roles(cx).await {
        Ok(me) => me,
        Err(error) => {
            if !report.common_failure("Redmine", &cx.http, &error) {
                failed(&mut report, &error);
            }
            return report;
        }
    };
    let identity = format!("{} ({})", me.display_name(), me.login);
    report.step("reach", CheckOutcome::Ok, "a Redmine answers; its API does not tell the version");
    report.step("sign in", CheckOutcome::Ok, format!("as {identity}"));
    report.identity = Some(identity);
    if let Err(error) = read_projects(&mut report, connection, cx).await {
        report.step("read projects", CheckOutcome::Failed, error.to_string());
        return report;
    }
    match tickets(cx).await {
        Ok(count) => {
            report.step("read tickets", CheckOutcome::Ok, format!("{count} tickets, open and closed"))
        }
        Err(error) => report.step("read tickets", CheckOutcome::Failed, error.to_string()),
    }
    let (outcome, text) = permissions(cx, &me).await;
    report.step("permissions", outcome, text);
    report.quota = cx.http.quota();
    report
}

fn failed(report: &mut CheckReport, error: &PollError) {
    match error {
        PollError::Unauthenticated => {
            report.step("reach", CheckOutcome::Ok, "a server answers");
            report.step(
                "sign in",
                CheckOutcome::Failed,
                "the key was not taken: compare it with the one on the page My account. (A wrong key would read as an \
                 anonymous visitor, so nothing is read with it.)",
            );
        }
        PollError::Forbidden { .. } => report.step("sign in", CheckOutcome::Failed, error.to_string()),
        _ => report.step("reach", CheckOutcome::Failed, error.to_string()),
    }
}

async fn read_projects(report: &mut CheckReport, connection: &Redmine, cx: &PollCx) -> Result<(), PollError> {
    let directory = connection.refresh(cx).await?;
    let mut problems = Vec::new();
    connection.project_ids(&directory, &mut problems)?;
    let count = directory.projects.len();
    if !problems.is_empty() {
        report.step("read projects", CheckOutcome::Warning, problems.join("; "));
    } else if count == 0 {
        report.step("read projects", CheckOutcome::Warning, "this user sees no project");
    } else {
        report.step("read projects", CheckOutcome::Ok, format!("{count} projects can be seen"));
    }
    Ok(())
}

async fn tickets(cx: &PollCx) -> Result<u64, PollError> {
    let query = [("status_id", "*"), ("limit", "1")];
    let page: wire::Issues<serde_json::Value> =
        cx.http.get("issues.json").query(&query).send().await?.json()?;
    Ok(page.total_count)
}

/// What the user's roles allow. Not having a permission takes one action away, no more.
async fn permissions(cx: &PollCx, me: &wire::User) -> (CheckOutcome, String) {
    if me.admin {
        return (
            CheckOutcome::Ok,
            "an administrator: may do everything, also more than is needed here".to_owned(),
        );
    }
    let ids: BTreeSet<&str> =
        me.memberships.iter().flat_map(|member| &member.roles).map(|role| role.id.as_str()).collect();
    let mut granted = BTreeSet::new();
    for id in ids.iter().take(ROLES) {
        match role(cx, id).await {
            Ok(role) => granted.extend(role.permissions),
            Err(error) => return (CheckOutcome::Warning, format!("the roles cannot be read ({error})")),
        }
    }
    let wanted = [
        ("add_issues", "open tickets"),
        ("add_issue_notes", "comment"),
        ("edit_issues", "change status and assignee"),
    ];
    let lacking: Vec<&str> = wanted
        .iter()
        .filter(|(permission, _)| !granted.contains(*permission))
        .map(|(_, what)| *what)
        .collect();
    match lacking.as_slice() {
        [] => (CheckOutcome::Ok, "may open, comment and change tickets in some project".to_owned()),
        lacking => (CheckOutcome::Warning, format!("no role of this user may: {}", lacking.join(", "))),
    }
}

async fn role(cx: &PollCx, id: &str) -> Result<wire::Role, PollError> {
    let path = format!("roles/{}.json", segment(id));
    Ok(cx.http.get(&path).send().await?.json::<wire::OneRole>()?.role)
}

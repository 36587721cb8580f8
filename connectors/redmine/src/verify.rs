//! After an unknown outcome: what the action would have left behind.

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::{ActError, Action, PollCx, PollError, Verdict};

use crate::{act, read, wire};

/// Redmine keeps whole seconds, and its clock is known to about one.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(5);

/// Looks for the ticket, the comment, the status or the assignee.
pub async fn verify(cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
    let me = read::who(cx).await?;
    let since = action.proposed_at + cx.http.clock_skew().unwrap_or_default() - CLOCK_TOLERANCE;
    let is_new = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at >= since);
    if action.verb == "create" {
        return created(cx, action, is_new).await;
    }
    let Ok((id, _)) = action.entity() else { return Ok(Verdict::CannotTell) };
    let include = if action.verb == "comment" { "journals" } else { "" };
    let issue = read::issue(cx, &id.native, include).await?;
    let happened = match (action.verb.as_str(), action.arg("comment")) {
        ("comment", Ok(text)) => issue
            .journals
            .iter()
            .any(|journal| is_new(journal.created_on) && act::is_comment(journal, &me, text)),
        ("status", _) => has_status(cx, action, &issue).await?,
        ("assign", _) => match has_assignee(cx, action, &issue, &me).await? {
            Some(assigned) => assigned,
            None => return Ok(Verdict::CannotTell),
        },
        _ => return Ok(Verdict::CannotTell),
    };
    Ok(if happened { Verdict::Happened(format!("#{} shows it", id.native)) } else { Verdict::DidNotHappen })
}

/// A ticket of ours with that subject, as new as the action.
async fn created(
    cx: &PollCx,
    action: &Action,
    is_new: impl Fn(Option<DateTime<Utc>>) -> bool,
) -> Result<Verdict, PollError> {
    let Ok(subject) = action.arg("subject") else { return Ok(Verdict::DidNotHappen) };
    let query = [("status_id", "*"), ("author_id", "me"), ("sort", "created_on:desc"), ("limit", "100")];
    let mine: wire::Issues<wire::Issue> = cx.http.get("issues.json").query(&query).send().await?.json()?;
    let found = mine.issues.iter().find(|issue| is_new(issue.created_on) && issue.subject.trim() == subject);
    Ok(match found {
        Some(issue) => Verdict::Happened(format!("ticket #{} was opened", issue.id)),
        None => Verdict::DidNotHappen,
    })
}

async fn has_status(cx: &PollCx, action: &Action, issue: &wire::Issue) -> Result<bool, PollError> {
    let Ok(word) = action.arg("status") else { return Ok(false) };
    let all = read::statuses(cx).await?;
    let named = all.iter().map(|status| (status.id.as_str(), [status.name.as_str(), ""]));
    let Ok(wanted) = act::pick("status", word, named) else { return Ok(false) };
    Ok(issue.status.as_ref().is_some_and(|status| status.id == wanted))
}

/// `None`: who is meant cannot be told.
async fn has_assignee(
    cx: &PollCx,
    action: &Action,
    issue: &wire::Issue,
    me: &wire::User,
) -> Result<Option<bool>, PollError> {
    let Ok(word) = action.arg("assignee") else { return Ok(Some(false)) };
    match act::assignee(cx, word, issue, me).await {
        Ok(wanted) => Ok(Some(issue.assigned_to.as_ref().map(|assignee| &assignee.id) == wanted.as_ref())),
        Err(ActError::Refused { .. }) => Ok(Some(false)),
        Err(_) => Ok(None),
    }
}

//! Writes: re-run, cancel, comment, close, create. One write each; what becomes of it is seen by the next poll.

use qd_connector::http::segment;
use qd_connector::{ActError, Action, PollCx, PollError, Receipt, Verdict};
use qd_model::Fact;
use serde_json::json;

use crate::client::GitHub;
use crate::detail::{number, repository};
use crate::wire;

/// How far apart our clock and the server's may be when a written thing is looked for.
const SLACK: chrono::TimeDelta = chrono::TimeDelta::seconds(90);

/// See [`qd_connector::Connection::act`].
pub async fn act(github: &GitHub, action: &Action, repositories: &[String]) -> Result<Receipt, ActError> {
    match action.verb.as_str() {
        "rerun" => on_run(github, action, "rerun", "re-run requested").await,
        "rerun_failed" => {
            on_run(github, action, "rerun-failed-jobs", "re-run of the failed jobs requested").await
        }
        "cancel" => on_run(github, action, "cancel", "cancellation requested").await,
        "comment" => comment(github, action).await,
        "close" => close(github, action).await,
        "reopen" => reopen(github, action).await,
        "create" => create(github, action, repositories).await,
        other => Err(ActError::Refused { reason: format!("GitHub connections have no action '{other}'") }),
    }
}

async fn on_run(github: &GitHub, action: &Action, what: &str, message: &str) -> Result<Receipt, ActError> {
    let path = format!("{}/{what}", run_path(action.entity()?.1)?);
    github.post(&path, None).await?;
    Ok(done(message))
}

async fn comment(github: &GitHub, action: &Action) -> Result<Receipt, ActError> {
    let path = format!("{}/comments", issue_path(action.entity()?.1)?);
    let body = json!({ "body": action.arg("body")? });
    github.post(&path, Some(&body)).await?;
    Ok(done("comment added"))
}

async fn close(github: &GitHub, action: &Action) -> Result<Receipt, ActError> {
    let path = issue_path(action.entity()?.1)?;
    let reason = action.optional("reason").unwrap_or("completed");
    let issue: wire::Issue = github.read(&path, &[]).await?;
    if issue.state.as_deref() == Some("closed") {
        return Ok(Receipt::already("it was closed already"));
    }
    github.patch(&path, &json!({ "state": "closed", "state_reason": reason })).await?;
    Ok(done(&format!("closed as {}", reason.replace('_', " "))).undone_by("reopen", &[]))
}

/// Takes a close back; not offered by itself.
async fn reopen(github: &GitHub, action: &Action) -> Result<Receipt, ActError> {
    let path = issue_path(action.entity()?.1)?;
    let issue: wire::Issue = github.read(&path, &[]).await?;
    if issue.state.as_deref() == Some("open") {
        return Ok(Receipt::already("it was open already"));
    }
    github.patch(&path, &json!({ "state": "open" })).await?;
    Ok(done("opened again"))
}

async fn create(github: &GitHub, action: &Action, repositories: &[String]) -> Result<Receipt, ActError> {
    let repository = target(action, repositories)?;
    let labels: Vec<&str> = labels(action);
    let mut body = json!({ "title": action.arg("title")? });
    if let Some(text) = action.optional("body") {
        body["body"] = json!(text);
    }
    if !labels.is_empty() {
        body["labels"] = json!(labels);
    }
    let response = github.post(&format!("/repos/{repository}/issues"), Some(&body)).await?;
    // It is created, whether or not the answer can be read.
    let key = response.json::<wire::Issue>().map(|issue| format!("#{}", issue.number));
    Ok(done(&format!("issue {} created in {repository}", key.unwrap_or_default()).replace("  ", " ")))
}

/// The repository a new issue goes to: the one chosen, or the only one.
fn target<'a>(action: &'a Action, repositories: &'a [String]) -> Result<&'a str, ActError> {
    match (action.optional("repository"), repositories) {
        (Some(name), all) if all.iter().any(|known| known == name) => Ok(name),
        (Some(_), _) => {
            Err(ActError::Refused { reason: "this connection does not have that repository".to_owned() })
        }
        (None, [only]) => Ok(only),
        (None, _) => action.arg("repository"),
    }
}

fn labels(action: &Action) -> Vec<&str> {
    let lines = action.optional("labels").unwrap_or_default().lines();
    lines.map(str::trim).filter(|label| !label.is_empty()).collect()
}

/// See [`qd_connector::Connection::verify`].
pub async fn verify(
    cx: &PollCx,
    github: &GitHub,
    action: &Action,
    repositories: &[String],
) -> Result<Verdict, PollError> {
    match (action.verb.as_str(), &action.fact) {
        ("rerun" | "rerun_failed", Some(fact @ Fact::Run(before))) => {
            let run: wire::Run = github.read(&known(run_path(fact))?, &[]).await?;
            let (was, is) = (before.attempt.unwrap_or(1), run.run_attempt.unwrap_or(1));
            Ok(if is > was {
                Verdict::Happened(format!("attempt {is} has begun"))
            } else {
                Verdict::DidNotHappen
            })
        }
        ("cancel", Some(fact)) => {
            let run: wire::Run = github.read(&known(run_path(fact))?, &[]).await?;
            Ok(match (run.status.as_deref(), run.conclusion.as_deref()) {
                (Some("completed"), Some("cancelled")) => {
                    Verdict::Happened("the run was cancelled".to_owned())
                }
                (Some("completed"), _) => Verdict::DidNotHappen,
                // A run takes its time to stop.
                _ => Verdict::CannotTell,
            })
        }
        (verb @ ("close" | "reopen"), Some(fact)) => {
            let issue: wire::Issue = github.read(&known(issue_path(fact))?, &[]).await?;
            let wanted = if verb == "close" { "closed" } else { "open" };
            Ok(if issue.state.as_deref() == Some(wanted) {
                Verdict::Happened(format!("the issue is {wanted}"))
            } else {
                Verdict::DidNotHappen
            })
        }
        ("comment", Some(fact)) => {
            let path = format!("{}/comments", known(issue_path(fact))?);
            let since = since(cx, action);
            let query = [("since", since.as_str()), ("per_page", "100")];
            let (comments, _): (Vec<wire::Comment>, _) = github.list(&path, &query, "comment").await?;
            let there = comments.iter().any(|comment| same(comment.body.as_deref(), action.optional("body")));
            Ok(if there {
                Verdict::Happened("the comment is there".to_owned())
            } else {
                Verdict::DidNotHappen
            })
        }
        ("create", _) => created(cx, github, action, repositories).await,
        _ => Ok(Verdict::CannotTell),
    }
}

async fn created(
    cx: &PollCx,
    github: &GitHub,
    action: &Action,
    repositories: &[String],
) -> Result<Verdict, PollError> {
    let Ok(repository) = target(action, repositories) else { return Ok(Verdict::DidNotHappen) };
    let since = since(cx, action);
    let query = [
        ("state", "all"),
        ("sort", "created"),
        ("direction", "desc"),
        ("since", since.as_str()),
        ("per_page", "100"),
    ];
    let (issues, _): (Vec<wire::Issue>, _) =
        github.list(&format!("/repos/{repository}/issues"), &query, "issue").await?;
    let earliest = action.proposed_at + cx.http.clock_skew().unwrap_or_default() - SLACK;
    let ours = issues.iter().find(|issue| {
        same(issue.title.as_deref(), action.optional("title"))
            && same(issue.body.as_deref(), action.optional("body"))
            && issue.created_at.is_some_and(|created| created >= earliest)
    });
    Ok(ours.map_or(Verdict::DidNotHappen, |issue| {
        Verdict::Happened(format!("issue #{} is there", issue.number))
    }))
}

/// When it was proposed, by the server's clock, a little earlier.
fn since(cx: &PollCx, action: &Action) -> String {
    let at = action.proposed_at + cx.http.clock_skew().unwrap_or_default() - SLACK;
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Whether a text is the one we sent: line ends and outer blanks do not count.
fn same(theirs: Option<&str>, ours: Option<&str>) -> bool {
    let plain = |text: Option<&str>| text.unwrap_or_default().replace("\r\n", "\n").trim().to_owned();
    plain(theirs) == plain(ours)
}

fn run_path(fact: &Fact) -> Result<String, ActError> {
    match fact {
        Fact::Run(run) => {
            Ok(format!("/repos/{}/actions/runs/{}", repository(fact)?, segment(&run.origin.id.native)))
        }
        _ => Err(ActError::Refused { reason: "this is not a workflow run".to_owned() }),
    }
}

fn issue_path(fact: &Fact) -> Result<String, ActError> {
    match fact {
        Fact::Ticket(_) => Ok(format!("/repos/{}/issues/{}", repository(fact)?, segment(number(fact)))),
        _ => Err(ActError::Refused { reason: "this is not an issue".to_owned() }),
    }
}

fn known(path: Result<String, ActError>) -> Result<String, PollError> {
    path.map_err(|error| PollError::Misconfigured { what: error.to_string() })
}

fn done(message: &str) -> Receipt {
    Receipt::done(message)
}

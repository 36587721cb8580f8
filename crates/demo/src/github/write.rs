//! GitHub's writes, as far as somebody asks for them.

use serde_json::{Value, json};

use super::not_found;
use super::render::{self, Page};
use crate::http::{Answer, Reply};
use crate::moment::{Act, Moment, Phase, RunNow};
use crate::world::Service;

/// Answers a write below a repository.
pub fn write(moment: &Moment<'_>, page: &Page<'_>, index: usize, service: &Service, rest: &[&str]) -> Answer {
    let body = page.request.json();
    let run = |id: &str| {
        let plan = service.runs.iter().find(|run| run.id.to_string() == id);
        plan.and_then(|plan| moment.run(plan))
    };
    let known =
        |number: &str| number.parse().ok().filter(|number| has_issue(moment, index, service, *number));
    match (page.request.method.as_str(), rest) {
        ("POST", ["actions", "runs", id, what]) => {
            run(id).map_or_else(not_found, |run| on_run(&run, what, &body))
        }
        ("POST", ["issues", number, "comments"]) => match (known(number), text(&body, "body")) {
            (Some(issue), Some(text)) => comment(index, issue, text),
            (None, _) => not_found(),
            (_, None) => unprocessable("body cannot be blank"),
        },
        ("PATCH", ["issues", number]) => match known(number) {
            Some(issue) => change(index, issue, &body, page.origin),
            None => not_found(),
        },
        ("POST", ["issues"]) => match text(&body, "title") {
            Some(title) => open(index, title, &body, page.origin),
            None => unprocessable("title can't be blank"),
        },
        _ => not_found(),
    }
}

fn has_issue(moment: &Moment<'_>, index: usize, service: &Service, number: u64) -> bool {
    moment.issues(index, service).iter().any(|issue| issue.plan.number == number)
}

fn text(body: &Value, key: &str) -> Option<String> {
    body[key].as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// <https://docs.github.com/en/rest/actions/workflow-runs>
fn on_run(run: &RunNow<'_>, what: &str, body: &Value) -> Answer {
    let id = run.plan.id;
    let ended = matches!(run.phase, Phase::Passed | Phase::Failed(_) | Phase::Cancelled);
    let taken = || Reply::json(201, &json!({}));
    match what {
        "rerun" if ended => Answer::done(Act::Rerun { run: id }, taken()),
        "rerun-failed-jobs" if matches!(run.phase, Phase::Failed(_) | Phase::Cancelled) => {
            Answer::done(Act::Rerun { run: id }, taken())
        }
        "rerun" | "rerun-failed-jobs" => refused(403, "This workflow run cannot be re-run"),
        "cancel" | "force-cancel" if !ended => {
            Answer::done(Act::Cancel { run: id }, Reply::json(202, &json!({})))
        }
        "cancel" | "force-cancel" => refused(409, "Cannot cancel a workflow run that is completed."),
        "pending_deployments" if run.phase == Phase::Waiting => {
            let approved = body["state"] == "approved";
            Answer::done(Act::Review { run: id, approved }, Reply::json(200, &json!([])))
        }
        "pending_deployments" => unprocessable("No pending deployment requests to approve or reject"),
        _ => not_found(),
    }
}

/// <https://docs.github.com/en/rest/issues/comments#create-an-issue-comment>
fn comment(service: usize, issue: u64, text: String) -> Answer {
    Answer::Deed(
        Act::CommentIssue { service, issue, text },
        Box::new(move |after| {
            let seen = after.issues(service, &after.world.services[service]);
            let said = seen.iter().find(|seen| seen.plan.number == issue).and_then(|seen| {
                Some(render::comment(seen, seen.comments.last()?, seen.comments.len() as u64))
            });
            Reply::json(201, &said.unwrap_or_default())
        }),
    )
}

/// <https://docs.github.com/en/rest/issues/issues#update-an-issue>
fn change(service: usize, issue: u64, body: &Value, origin: &str) -> Answer {
    let origin = origin.to_owned();
    let shown = move |after: &Moment<'_>| {
        let place = &after.world.services[service];
        let seen = after.issues(service, place).into_iter().find(|seen| seen.plan.number == issue);
        Reply::json(200, &seen.map(|seen| render::issue(place, &seen, &origin)).unwrap_or_default())
    };
    match body["state"].as_str() {
        Some(state @ ("open" | "closed")) => {
            let reason = body["state_reason"].as_str().unwrap_or("completed").to_owned();
            let act = Act::CloseIssue { service, issue, closed: state == "closed", reason };
            Answer::Deed(act, Box::new(shown))
        }
        _ => unprocessable("only the state of an issue can be changed in Harbour"),
    }
}

/// <https://docs.github.com/en/rest/issues/issues#create-an-issue>
fn open(service: usize, title: String, body: &Value, origin: &str) -> Answer {
    let origin = origin.to_owned();
    let labels =
        body["labels"].as_array().into_iter().flatten().filter_map(|label| Some(label.as_str()?.to_owned()));
    let act = Act::OpenIssue {
        service,
        title,
        body: body["body"].as_str().unwrap_or_default().to_owned(),
        labels: labels.collect(),
    };
    Answer::Deed(
        act,
        Box::new(move |after| {
            let place = &after.world.services[service];
            let opened = after.issues(service, place).pop();
            Reply::json(201, &opened.map(|opened| render::issue(place, &opened, &origin)).unwrap_or_default())
        }),
    )
}

fn refused(status: u16, message: &str) -> Answer {
    Reply::json(status, &json!({ "message": message })).into()
}

fn unprocessable(message: &str) -> Answer {
    refused(422, message)
}

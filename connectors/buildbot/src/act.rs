//! Writes: JSON-RPC calls on the resources (<https://docs.buildbot.net/latest/developer/rest.html#control-apis>).
//!
//! *Invariant:* one POST per action. Buildbot answers 500 when a resource is not there and takes a `stop` of a build that
//! has ended without a word, so what can be known before is read before.

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::http::segment;
use qd_connector::{ActError, Action, ActionForm, PollCx, PollError, Receipt, Verdict};
use qd_model::{Fact, RunResult};
use serde_json::{Value, json};

use crate::detail::build_of;
use crate::wire::{Build, BuildRequest, Buildset, RpcAnswer};
use crate::{Buildbot, api, force, map, verb};

/// Requests and buildsets looked through when an outcome is unknown.
const RECENT: &str = "100";
/// Buildbot's times are whole seconds, ours are not.
const ROUNDING: TimeDelta = TimeDelta::seconds(2);

impl Buildbot {
    pub(crate) async fn carry_out(&self, cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
        match action.verb.as_str() {
            verb::FORCE => force(cx, action).await,
            verb::REBUILD => {
                self.refuse_deployment(action)?;
                rebuild(cx, action).await
            }
            verb::REDEPLOY => rebuild(cx, action).await,
            verb::STOP => stop(cx, action).await,
            other => Err(refused(format!("Buildbot cannot '{}'", map::one_line(other)))),
        }
    }

    /// Running a build again that deploys changes production, and is asked for as what it is.
    fn refuse_deployment(&self, action: &Action) -> Result<(), ActError> {
        match action.entity()?.1 {
            Fact::Run(run)
                if self.settings.deployments.iter().any(|rule| rule.builder == run.pipeline_name) =>
            {
                Err(refused(format!(
                    "'{}' deploys: redeploy its deployment instead; nothing was sent",
                    run.pipeline_name
                )))
            }
            _ => Ok(()),
        }
    }

    pub(crate) async fn prefill(
        &self,
        cx: &PollCx,
        verb: &str,
        fact: Option<&Fact>,
    ) -> Result<ActionForm, PollError> {
        let Some(spec) = crate::DESCRIPTOR.action(verb) else {
            return Err(PollError::Misconfigured {
                what: format!("Buildbot cannot '{}'", map::one_line(verb)),
            });
        };
        let form = ActionForm::empty(spec);
        if verb != verb::FORCE {
            return Ok(form);
        }
        Ok(force::fill(form, &force::schedulers(cx).await?, &self.settings.deployments, fact))
    }

    pub(crate) async fn look_again(&self, cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
        match action.verb.as_str() {
            verb::FORCE => verify_force(cx, action).await,
            verb::REBUILD | verb::REDEPLOY => verify_rebuild(cx, action).await,
            verb::STOP => verify_stop(cx, action).await,
            _ => Ok(Verdict::CannotTell),
        }
    }
}

async fn force(cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
    let builder = action.arg("builder")?;
    let schedulers = force::schedulers(cx).await?;
    let scheduler = force::choose(&schedulers, builder, action.optional("scheduler")).map_err(refused)?;
    let params = force::parameters(scheduler, builder, action).map_err(refused)?;
    let path = format!("forceschedulers/{}", segment(&scheduler.name));
    let requests = requests_in(&call(cx, &path, "force", Value::Object(params)).await?)?;
    Ok(Receipt::done(format!("{builder} queued as build request {requests}")))
}

async fn rebuild(cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
    let id = build_of(action.entity()?.1)?;
    let build: Build = api::single(&cx.http, &format!("builds/{id}"), "builds", &[]).await?;
    if !build.is_complete() {
        return Err(refused("the build still runs; nothing was sent"));
    }
    let requests = requests_in(&call(cx, &format!("builds/{id}"), "rebuild", json!({})).await?)?;
    Ok(Receipt::done(format!("queued as build request {requests}")))
}

async fn stop(cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
    let id = build_of(action.entity()?.1)?;
    let build: Build = api::single(&cx.http, &format!("builds/{id}"), "builds", &[]).await?;
    if build.is_complete() {
        return Ok(Receipt::already(format!("build #{} has ended already", build.number)));
    }
    let reason = action.optional("reason").unwrap_or("stopped from Quarterdeck");
    call(cx, &format!("builds/{id}"), "stop", json!({ "reason": reason })).await?;
    Ok(Receipt::done(format!("build #{} was asked to stop", build.number)))
}

/// One call. An error may come with any status.
async fn call(cx: &PollCx, resource: &str, method: &str, params: Value) -> Result<Value, ActError> {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let response = cx.http.post(&api::path(resource)).json(&request).write().await?;
    let answer: RpcAnswer =
        response.json().map_err(|error| ActError::Unknown { cause: error.to_string() })?;
    match answer.error {
        None | Some(Value::Null) => Ok(answer.result),
        Some(error) => Err(refused(rpc_message(&error))),
    }
}

/// The message of a JSON-RPC error; a form's problems come as an object of field and problem.
pub fn rpc_message(error: &Value) -> String {
    let message = error.get("message").unwrap_or(error);
    let text = match message {
        Value::Object(problems) => {
            let problem = |(field, problem): (&String, &Value)| format!("{field}: {}", map::plain(problem));
            problems.iter().map(problem).collect::<Vec<_>>().join("; ")
        }
        other => map::plain(other),
    };
    map::one_line(&text)
}

/// The ids of the build requests that were made: `[buildset, {builder: request, …}]`.
fn requests_in(result: &Value) -> Result<String, ActError> {
    let requests = result.get(1).and_then(Value::as_object).filter(|requests| !requests.is_empty());
    let requests = requests
        .ok_or_else(|| ActError::Unknown { cause: "the answer names no build request".to_owned() })?;
    Ok(requests.values().map(map::plain).collect::<Vec<_>>().join(", "))
}

/// The instant an action was asked for, on the server's clock.
fn asked_at(cx: &PollCx, action: &Action) -> DateTime<Utc> {
    action.proposed_at + cx.http.clock_skew().unwrap_or_default() - ROUNDING
}

/// Looks for a request of that builder with the same reason, made since.
async fn verify_force(cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
    let (Some(builder), mut ignored) = (action.optional("builder"), Vec::new()) else {
        return Ok(Verdict::DidNotHappen);
    };
    let query = [("order", "-buildrequestid"), ("limit", RECENT), ("property", "reason")];
    let requests: Vec<BuildRequest> =
        api::list(&cx.http, "buildrequests", "buildrequests", &query, &mut ignored).await?;
    let builders = api::builders(&cx.http, &mut ignored).await?;
    let id = builders.iter().find(|known| known.name == builder).map(|known| known.builderid);
    let since = asked_at(cx, action);
    let reason = action.optional("reason");
    let ours = |request: &&BuildRequest| {
        let given = request
            .properties
            .as_ref()
            .and_then(|properties| crate::wire::scalar(properties.get("reason")?.get(0)?));
        request.builderid == id
            && request.submitted_at.is_some_and(|at| at >= since)
            && reason.is_none_or(|reason| given.as_deref() == Some(reason))
    };
    Ok(happened(
        requests.iter().find(ours).map(|request| format!("build request {}", request.buildrequestid)),
    ))
}

/// Looks for a buildset made since that rebuilds the same first build.
async fn verify_rebuild(cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
    let Some(id) = action.fact.as_ref().map(build_of).transpose()? else { return Ok(Verdict::CannotTell) };
    let build: Build = api::single(&cx.http, &format!("builds/{id}"), "builds", &[]).await?;
    let Some(request) = build.buildrequestid else { return Ok(Verdict::CannotTell) };
    let request: BuildRequest =
        api::single(&cx.http, &format!("buildrequests/{request}"), "buildrequests", &[]).await?;
    let Some(buildset) = request.buildsetid else { return Ok(Verdict::CannotTell) };
    let buildset: Buildset =
        api::single(&cx.http, &format!("buildsets/{buildset}"), "buildsets", &[]).await?;
    let first = buildset.rebuilt_buildid.unwrap_or(id);
    let (query, mut ignored) = ([("order", "-bsid"), ("limit", RECENT)], Vec::new());
    let buildsets: Vec<Buildset> =
        api::list(&cx.http, "buildsets", "buildsets", &query, &mut ignored).await?;
    let since = asked_at(cx, action);
    let ours = |set: &&Buildset| {
        set.rebuilt_buildid == Some(first) && set.submitted_at.is_some_and(|at| at >= since)
    };
    Ok(happened(buildsets.iter().find(ours).map(|set| format!("buildset {}", set.bsid))))
}

async fn verify_stop(cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
    let Some(id) = action.fact.as_ref().map(build_of).transpose()? else { return Ok(Verdict::CannotTell) };
    let build: Build = api::single(&cx.http, &format!("builds/{id}"), "builds", &[]).await?;
    // A build takes a while to stop: one that still runs tells nothing yet.
    if !build.is_complete() {
        return Ok(Verdict::CannotTell);
    }
    match map::result(&build.results).state {
        RunResult::Cancellation => Ok(Verdict::Happened(format!("build #{} was stopped", build.number))),
        _ => Ok(Verdict::DidNotHappen),
    }
}

fn happened(what: Option<String>) -> Verdict {
    what.map_or(Verdict::DidNotHappen, |what| Verdict::Happened(format!("{what} was made")))
}

fn refused(reason: impl Into<String>) -> ActError {
    ActError::Refused { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_in_buildbots_words() {
        let message = |text: &str| rpc_message(&serde_json::from_str::<Value>(text).unwrap()["error"]);
        assert_eq!(message(include_str!("../fixtures/error-403.json")), "you need to have role 'admins'");
        let form = message(include_str!("../fixtures/error-400-form.json"));
        assert_eq!(form, "priority: invalid literal for int() with base 10: 'high'");
    }

    #[test]
    fn an_answer_without_a_request_is_not_taken_for_a_success() {
        let answer: RpcAnswer = serde_json::from_str(include_str!("../fixtures/force.json")).unwrap();
        assert_eq!(requests_in(&answer.result).ok().as_deref(), Some("8"));
        assert!(matches!(requests_in(&Value::Null), Err(ActError::Unknown { .. })));
        assert!(matches!(requests_in(&json!([6, {}])), Err(ActError::Unknown { .. })));
    }
}

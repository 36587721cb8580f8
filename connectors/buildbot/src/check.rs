//! "Test connection".

use qd_connector::{CheckOutcome, CheckReport, PollCx, PollError};

use crate::wire::{Answer, Config, Worker};
use crate::{Buildbot, api, map};

/// The kind of sign-in that Buildbot reports when it has none.
const NO_SIGN_IN: &str = "NoAuth";

impl Buildbot {
    pub(crate) async fn report(&self, cx: &PollCx) -> CheckReport {
        let mut report = CheckReport::default();
        if let Err(error) = reach(cx, &mut report).await {
            let step = match error {
                PollError::Unauthenticated | PollError::Misconfigured { .. } => "sign in",
                _ => "reach",
            };
            if !report.common_failure("Buildbot", &cx.http, &error) {
                report.step(step, CheckOutcome::Failed, explain(&error));
            }
            return report;
        }
        sign_in(cx, &mut report).await;
        self.builders(cx, &mut report).await;
        workers(cx, &mut report).await;
        let text = "Buildbot tells only when it is asked whether this user may force, rebuild or stop";
        report.step("permissions", CheckOutcome::Ok, text);
        report.quota = cx.http.quota();
        report
    }

    async fn builders(&self, cx: &PollCx, report: &mut CheckReport) {
        let mut problems = Vec::new();
        let builders = match api::builders(&cx.http, &mut problems).await {
            Ok(builders) => builders,
            Err(error) => return report.step("read builds", CheckOutcome::Failed, explain(&error)),
        };
        if let Err(error) = cx.http.get(&api::path("builds")).query(&[("limit", "1")]).send().await {
            return report.step("read builds", CheckOutcome::Failed, explain(&error));
        }
        let current = builders.iter().filter(|builder| !builder.masterids.is_empty()).count();
        report.step("read builds", CheckOutcome::Ok, format!("{current} builders"));
        let wanted =
            self.settings.deployments.iter().map(|rule| &rule.builder).chain(&self.settings.builders);
        for name in wanted.filter(|name| !builders.iter().any(|builder| builder.name == **name)) {
            let text = format!("there is no builder named '{}'", map::one_line(name));
            report.step("settings", CheckOutcome::Warning, text);
        }
    }
}

/// Asks for the root of the API, which every version has.
async fn reach(cx: &PollCx, report: &mut CheckReport) -> Result<(), PollError> {
    let response = cx.http.get("api/v2").send().await?;
    let answer: Answer = response.json()?;
    let links = answer.list::<serde_json::Value>("rootlinks");
    if links.is_none() {
        return Err(response.unexpected("this is not the root of a Buildbot API"));
    }
    report.step("reach", CheckOutcome::Ok, "the REST API v2 answers");
    Ok(())
}

async fn sign_in(cx: &PollCx, report: &mut CheckReport) {
    let config = match api::config(&cx.http).await {
        Ok(config) => config,
        Err(error) => {
            let text = format!("version and user could not be read: {}", explain(&error));
            return report.step("version", CheckOutcome::Warning, text);
        }
    };
    report.version = config.version();
    match &report.version {
        Some(version) => report.step("version", CheckOutcome::Ok, format!("Buildbot {version}")),
        None => report.step("version", CheckOutcome::Warning, "Buildbot does not tell its version"),
    }
    report.identity = config.user_name();
    let (outcome, text) = signed_in(&config);
    report.step("sign in", outcome, text);
}

fn signed_in(config: &Config) -> (CheckOutcome, String) {
    match (config.user_name(), config.auth_name()) {
        (Some(user), _) => (CheckOutcome::Ok, format!("signed in as {}", map::one_line(&user))),
        (None, Some(NO_SIGN_IN)) => (CheckOutcome::Ok, "this Buildbot has no sign-in".to_owned()),
        (None, _) => {
            let text = "reading without sign-in; to force, rebuild or stop it may ask for user:password";
            (CheckOutcome::Warning, text.to_owned())
        }
    }
}

async fn workers(cx: &PollCx, report: &mut CheckReport) {
    let mut problems = Vec::new();
    let workers: Vec<Worker> = match api::list(&cx.http, "workers", "workers", &[], &mut problems).await {
        Ok(workers) => workers,
        Err(error) => return report.step("workers", CheckOutcome::Warning, explain(&error)),
    };
    let connected = workers.iter().filter(|worker| !worker.connected_to.is_empty()).count();
    let text = format!("{connected} of {} workers are connected", workers.len());
    let outcome = if connected == 0 { CheckOutcome::Warning } else { CheckOutcome::Ok };
    report.step("workers", outcome, text);
}

fn explain(error: &PollError) -> String {
    match error {
        PollError::Unauthenticated => {
            "user or password were rejected, or this Buildbot has no sign-in with a password".to_owned()
        }
        PollError::NotFound { .. } => {
            "there is no Buildbot API at this address; is it the address of the web pages?".to_owned()
        }
        other => other.to_string(),
    }
}

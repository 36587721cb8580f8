//! The log tail of the first failing step.

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::http::{Http, segment};
use qd_connector::{LogTail, PollError};
use qd_model::{Fact, RunResult};
use url::{Host, Url};

use crate::client::GitHub;
use crate::detail::{has_failed, jobs, repository};
use crate::{map, wire};

/// Whole logs up to this size are read; only their tail is kept.
const LIMIT: u64 = 64 * 1024 * 1024;

/// See [`qd_connector::Connection::log`].
pub async fn log(github: &GitHub, fact: &Fact) -> Result<Option<LogTail>, PollError> {
    let Fact::Run(run) = fact else { return Ok(None) };
    let repository = repository(fact)?;
    let jobs = jobs(github, repository, &run.origin.id.native).await?;
    let Some(job) = jobs.iter().find(|job| failed(job)) else { return Ok(None) };
    let step = job.steps.iter().find(|step| has_failed(step));
    let text = match fetch(github.http(), repository, &job.id).await {
        Ok(text) => text,
        // GitHub keeps logs for a while only (410), and a job that never began has none (404).
        Err(PollError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let name = job.name.clone().unwrap_or_else(|| job.id.0.clone());
    let part = step.map(|step| part(&text, step)).filter(|part| !part.is_empty());
    let text =
        part.unwrap_or_else(|| text.lines().map(|line| stamped(line).1).collect::<Vec<_>>().join("\n"));
    Ok(Some(LogTail::of(name, step.and_then(|step| step.name.clone()), &text)))
}

fn failed(job: &wire::Job) -> bool {
    let (_, result) = map::outcome(job.status.as_deref(), job.conclusion.as_deref());
    result.is_some_and(|result| {
        matches!(result.state, RunResult::Failure | RunResult::Error | RunResult::Timeout)
    })
}

/// `GET /repos/{owner}/{repo}/actions/jobs/{id}/logs` answers with a redirect to a signed address at a storage host,
/// valid for a minute. The facade goes there without the credential and without any header of ours. octocrab has no
/// part in it: it would hold the log back from the facade's redirect rules.
/// <https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run>
async fn fetch(http: &Http, repository: &str, job: &wire::Id) -> Result<String, PollError> {
    let path = format!("repos/{repository}/actions/jobs/{}/logs", segment(&job.0));
    let allowed = if is_loopback(http.base()) { https_or_loopback } else { https_only };
    let request = http.get(&path).accept("*/*").limit(LIMIT).redirect_to(allowed);
    Ok(request.send().await?.text())
}

/// Where logs may come from: any host over TLS, but no literal address of this machine or its neighbours.
fn https_only(to: &Url) -> bool {
    let public = match to.host() {
        Some(Host::Ipv4(address)) => {
            !address.is_loopback() && !address.is_link_local() && !address.is_unspecified()
        }
        Some(Host::Ipv6(address)) => !address.is_loopback() && !address.is_unspecified(),
        Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        None => false,
    };
    to.scheme() == "https" && public
}

/// As [`https_only`], and this machine for servers that run on it.
fn https_or_loopback(to: &Url) -> bool {
    https_only(to) || is_loopback(to)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The lines a step wrote. GitHub's log is that of the whole job; every line begins with its time, and steps have times
/// in whole seconds. Empty when the times do not tell.
pub fn part(text: &str, step: &wire::JobStep) -> String {
    let (Some(from), Some(until)) = (step.started_at, step.completed_at) else { return String::new() };
    let until = until + TimeDelta::seconds(1);
    let mut inside = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        let (at, line) = stamped(line);
        // A line without a time continues the one before.
        if let Some(at) = at {
            inside = at >= from && at < until;
        }
        if inside {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// Time and text of a line such as `2026-08-01T10:00:00.1234567Z npm test`.
fn stamped(line: &str) -> (Option<DateTime<Utc>>, &str) {
    let line = line.trim_start_matches('\u{feff}');
    let (stamp, rest) = line.split_once(' ').unwrap_or((line, ""));
    match DateTime::parse_from_rfc3339(stamp) {
        Ok(at) => (Some(at.to_utc()), rest),
        Err(_) => (None, line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_come_over_tls_from_anywhere_but_never_from_this_machine() {
        let check = |to: &str, expected: bool| {
            assert_eq!(Url::parse(to).is_ok_and(|to| https_only(&to)), expected, "{to}");
        };
        check("https://productionresultssa0.blob.core.windows.net/x?sig=1", true);
        check("http://productionresultssa0.blob.core.windows.net/x", false);
        check("https://127.0.0.1/x", false);
        check("https://localhost/x", false);
        check("https://169.254.169.254/latest/meta-data", false);
        check("ftp://example.org/x", false);
    }

    #[test]
    fn the_tail_is_that_of_the_failing_step_and_not_of_the_clean_up_after_it() {
        let step: wire::JobStep = serde_json::from_str(
            r#"{"number":3,"name":"npm test","status":"completed","conclusion":"failure",
                "started_at":"2026-08-01T10:00:05Z","completed_at":"2026-08-01T10:00:09Z"}"#,
        )
        .expect("a step");
        let text = "\u{feff}2026-08-01T10:00:01.0000000Z checkout\n2026-08-01T10:00:05.2000000Z > test\n  at line 4\n\
                    2026-08-01T10:00:09.9000000Z ##[error]Process completed with exit code 1.\n\
                    2026-08-01T10:00:11.0000000Z Post job cleanup.\n";
        assert_eq!(part(text, &step), "> test\n  at line 4\n##[error]Process completed with exit code 1.");
    }
}

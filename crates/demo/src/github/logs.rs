//! Jobs with their steps, and what they wrote.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::render::stamp;
use crate::moment::{Phase, RunNow};
use crate::world::{Failure, Service, Workflow};

/// A job: its name, and which share of the run's time it takes, in per cent.
struct Job {
    name: &'static str,
    from: i32,
    until: i32,
    /// What it does between "Set up job" and "Complete job".
    steps: &'static [&'static str],
}

const CI: [Job; 3] = [
    Job { name: "lint", from: 0, until: 24, steps: &["Check out", "Format", "Lint"] },
    Job {
        name: "build",
        from: 0,
        until: 46,
        steps: &["Check out", "Restore cache", "Build", "Upload image"],
    },
    Job {
        name: "test",
        from: 46,
        until: 100,
        steps: &["Check out", "Start database", "Test", "Upload report"],
    },
];
const DEPLOY: [Job; 2] = [
    Job { name: "prepare", from: 0, until: 20, steps: &["Check out", "Find image"] },
    Job { name: "deploy", from: 20, until: 100, steps: &["Apply", "Wait until healthy"] },
];

impl Job {
    /// The step that fails.
    fn fails(&self, failure: Failure) -> Option<&'static str> {
        match (self.name, failure) {
            ("lint", Failure::Lint) => Some("Lint"),
            ("test", Failure::Test | Failure::Flaky) => Some("Test"),
            ("deploy", Failure::Rollout) => Some("Wait until healthy"),
            _ => None,
        }
    }
}

fn plan(workflow: Workflow) -> &'static [Job] {
    match workflow {
        Workflow::Ci => &CI,
        Workflow::Deploy => &DEPLOY,
    }
}

/// A job as it is seen.
struct Seen<'a> {
    job: &'static Job,
    id: u64,
    run: &'a RunNow<'a>,
    begun: Option<DateTime<Utc>>,
    ended: Option<DateTime<Utc>>,
}

fn seen<'a>(run: &'a RunNow<'a>) -> impl Iterator<Item = Seen<'a>> {
    plan(run.plan.workflow).iter().zip(1..).map(move |(job, count)| {
        let at = |percent: i32| Some(run.begun? + run.plan.took * percent / 100);
        let until = run.ended.unwrap_or(run.updated.max(run.begun.unwrap_or(run.asked)));
        let running = matches!(run.phase, Phase::Running);
        let begun = at(job.from).filter(|begun| running || *begun <= until);
        let ended = at(job.until).map(|end| end.min(run.ended.unwrap_or(end)));
        let over = run.ended.is_some() && begun.is_some();
        Seen {
            job,
            id: run.plan.id * 100 + u64::from(run.attempt) * 10 + count,
            run,
            begun,
            ended: ended.filter(|_| over),
        }
    })
}

impl Seen<'_> {
    fn failing_step(&self) -> Option<&'static str> {
        match self.run.phase {
            Phase::Failed(failure) => self.job.fails(failure),
            _ => None,
        }
    }

    fn words(&self) -> (&'static str, Option<&'static str>) {
        match self.run.phase {
            Phase::Queued => ("queued", None),
            Phase::Waiting => ("waiting", None),
            Phase::Running => ("in_progress", None),
            Phase::Passed => ("completed", Some("success")),
            Phase::Cancelled => ("completed", Some("cancelled")),
            Phase::Failed(_) if self.failing_step().is_some() => ("completed", Some("failure")),
            Phase::Failed(_) => ("completed", Some("success")),
        }
    }

    /// Begin and end of a step, in whole seconds.
    fn span(&self, step: usize) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let (begun, ended) = (self.begun?, self.ended?);
        let steps = i32::try_from(self.job.steps.len() + 2).unwrap_or(2);
        let at = |step: usize| {
            let share = (ended - begun) * i32::try_from(step).unwrap_or_default() / steps;
            begun + TimeDelta::seconds(share.num_seconds())
        };
        Some((at(step), at(step + 1)))
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        ["Set up job"].into_iter().chain(self.job.steps.iter().copied()).chain(["Complete job"])
    }
}

/// The jobs of a run's latest try.
pub fn jobs(service: &Service, run: &RunNow<'_>, origin: &str) -> Vec<Value> {
    seen(run).map(|seen| job(service, &seen, origin)).collect()
}

fn job(service: &Service, seen: &Seen<'_>, origin: &str) -> Value {
    let (status, conclusion) = seen.words();
    let failing = seen.failing_step();
    let mut broken = false;
    let steps: Vec<Value> = seen
        .names()
        .enumerate()
        .filter(|_| seen.ended.is_some())
        .map(|(order, name)| {
            let (from, until) = seen.span(order).unzip();
            let conclusion = match (failing == Some(name), broken, name) {
                (true, ..) => "failure",
                (_, true, name) if name != "Complete job" => "skipped",
                _ => "success",
            };
            broken |= failing == Some(name);
            json!({
                "name": name, "number": order + 1, "status": "completed", "conclusion": conclusion,
                "started_at": from.map(stamp), "completed_at": until.map(stamp),
            })
        })
        .collect();
    json!({
        "id": seen.id, "run_id": seen.run.plan.id, "run_attempt": seen.run.attempt, "name": seen.job.name,
        "status": status, "conclusion": conclusion, "head_sha": seen.run.plan.sha, "head_branch": seen.run.plan.branch,
        "workflow_name": seen.run.plan.workflow.name(), "labels": ["harbour-linux"], "runner_name": seen.begun.map(|_| format!("harbour-{}", seen.id % 7 + 1)),
        "started_at": seen.begun.map(stamp), "completed_at": seen.ended.map(stamp), "steps": steps,
        "html_url": format!("{origin}/{}/actions/runs/{}/job/{}", service.repository, seen.run.plan.id, seen.id),
    })
}

/// The log of a job, every line with its time. `None`: it is none of this run, or has written nothing yet.
pub fn log(run: &RunNow<'_>, id: &str) -> Option<String> {
    let seen = seen(run).find(|seen| seen.id.to_string() == id)?;
    let mut text = String::new();
    for (order, name) in seen.names().enumerate() {
        let (from, until) = seen.span(order)?;
        let lines = lines(&seen, name);
        let between = (until - from) / (i32::try_from(lines.len()).unwrap_or(1) + 1);
        for (count, line) in lines.iter().enumerate() {
            let at = from + between * i32::try_from(count).unwrap_or_default();
            text += &format!("{} {line}\n", at.to_rfc3339_opts(SecondsFormat::Micros, true));
        }
        if seen.failing_step() == Some(name) {
            break;
        }
    }
    Some(text)
}

fn lines(seen: &Seen<'_>, step: &'static str) -> Vec<&'static str> {
    let fails = seen.failing_step() == Some(step);
    let failure = match seen.run.phase {
        Phase::Failed(failure) if fails => Some(failure),
        _ => None,
    };
    match (step, failure) {
        ("Test", Some(Failure::Test)) => vec![
            "##[group]Run cargo nextest run --profile ci",
            "##[endgroup]",
            "    Starting 1,204 tests across 14 binaries",
            "        PASS [   0.021s] cart::adds_and_removes",
            "        FAIL [   0.348s] cart::retries_stop_at_budget",
            "",
            "  stdout ───",
            "    running 1 test",
            "    thread 'cart::retries_stop_at_budget' panicked at tests/flow.rs:118:5:",
            "    assertion `left == right` failed: the budget is exhausted after 3 tries",
            "      left: 8",
            "     right: 3",
            "",
            "     Summary [  41.220s] 1,204 tests run: 1,203 passed, 1 failed, 6 skipped",
            "##[error]Process completed with exit code 100.",
        ],
        ("Test", Some(_)) => vec![
            "##[group]Run cargo nextest run --profile ci",
            "##[endgroup]",
            "    Starting 388 tests across 6 binaries",
            "        SLOW [> 30.000s] login::login_test",
            "     TIMEOUT [  60.004s] login::login_test",
            "  stderr ───",
            "    waiting for the code mail: 60 s",
            "    no mail arrived; the fake mail server answered 421 twice",
            "     Summary [  61.870s] 388 tests run: 387 passed, 1 timed out",
            "##[error]Process completed with exit code 100.",
        ],
        ("Lint", Some(_)) => vec![
            "##[group]Run cargo clippy --all-targets -- -D warnings",
            "##[endgroup]",
            "error: this `if` has identical blocks",
            "  --> src/http.rs:203:24",
            "error: could not compile `service` (lib) due to 1 previous error",
            "##[error]Process completed with exit code 101.",
        ],
        ("Wait until healthy", Some(_)) => vec![
            "Waiting for 3 instances",
            "instance 1: healthy after 21 s",
            "instance 2: /healthz answers 503: migration 0042 has not run",
            "instance 3: /healthz answers 503: migration 0042 has not run",
            "##[error]2 of 3 instances did not become healthy within 150 s",
        ],
        ("Check out", _) => vec!["Fetching the repository", "HEAD is now at the commit of this run"],
        ("Test", None) => vec![
            "    Starting 1,204 tests across 14 binaries",
            "     Summary [  40.871s] 1,204 tests run: 1,204 passed, 6 skipped",
        ],
        ("Set up job", _) => vec!["Current runner version: '2.330.0'"],
        _ => vec!["done"],
    }
}

//! Runs, the deployments they make, and releases.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Act, Moment};
use crate::world::{Deployment, Ending, Failure, Release, Run, Service};

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No worker has it.
    Queued,
    /// Somebody must approve.
    Waiting,
    /// Under way.
    Running,
    /// Ended well.
    Passed,
    /// Ended badly.
    Failed(Failure),
    /// Stopped, or not approved.
    Cancelled,
}

/// A run as it is seen.
#[derive(Debug, Clone, Copy)]
pub struct RunNow<'a> {
    /// What it is.
    pub plan: &'a Run,
    /// 1 for the first try.
    pub attempt: u32,
    /// How far this try has come.
    pub phase: Phase,
    /// When this try was asked for.
    pub asked: DateTime<Utc>,
    /// When a worker took it.
    pub begun: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// Last change.
    pub updated: DateTime<Utc>,
}

/// A report on a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// When.
    pub at: DateTime<Utc>,
    /// GitHub's word.
    pub state: &'static str,
    /// One line.
    pub text: String,
}

/// One try of a run.
#[derive(Clone, Copy)]
struct Try {
    attempt: u32,
    asked: DateTime<Utc>,
    queue: TimeDelta,
    ending: Ending,
    cancelled: Option<DateTime<Utc>>,
    reviewed: Option<(DateTime<Utc>, bool)>,
}

impl Try {
    fn of(run: &Run) -> Self {
        Self {
            attempt: 1,
            asked: run.created,
            queue: run.queue,
            ending: run.ending,
            cancelled: None,
            reviewed: None,
        }
    }

    /// How far it has come, when it began and when it ended.
    fn at(
        &self,
        took: TimeDelta,
        now: DateTime<Utc>,
    ) -> (Phase, Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let taken = self.asked + self.queue;
        if let Some(at) = self.cancelled.filter(|at| *at <= now) {
            return (Phase::Cancelled, Some(taken).filter(|taken| *taken < at), Some(at));
        }
        if now < taken {
            return (Phase::Queued, None, None);
        }
        let begun = match (self.ending, self.reviewed.filter(|(at, _)| *at <= now)) {
            (Ending::Waits, None) => return (Phase::Waiting, Some(taken), None),
            (Ending::Waits, Some((at, false))) => return (Phase::Cancelled, Some(taken), Some(at)),
            (Ending::Waits, Some((at, true))) => at,
            _ => taken,
        };
        let end = begun + took;
        match self.ending {
            _ if now < end => (Phase::Running, Some(begun), None),
            Ending::Fails(failure) => (Phase::Failed(failure), Some(begun), Some(end)),
            Ending::Passes | Ending::Waits => (Phase::Passed, Some(begun), Some(end)),
        }
    }
}

impl<'a> Moment<'a> {
    /// Runs of a service, newest first.
    pub fn runs(&self, service: &'a Service) -> Vec<RunNow<'a>> {
        let mut runs: Vec<_> = service.runs.iter().filter_map(|run| self.run(run)).collect();
        runs.reverse();
        runs
    }

    /// A run. `None`: it does not exist yet.
    pub fn run(&self, plan: &'a Run) -> Option<RunNow<'a>> {
        if plan.created > self.now {
            return None;
        }
        let current = self.last_try(plan);
        let (phase, begun, ended) = current.at(plan.took, self.now);
        let updated = ended.or(begun).unwrap_or(current.asked);
        Some(RunNow { plan, attempt: current.attempt, phase, asked: current.asked, begun, ended, updated })
    }

    fn last_try(&self, plan: &Run) -> Try {
        self.deeds().fold(Try::of(plan), |mut current, deed| {
            let ended = current.at(plan.took, deed.at).2.is_some();
            match &deed.act {
                Act::Rerun { run } if *run == plan.id && ended => {
                    let ending = match current.ending {
                        Ending::Fails(Failure::Flaky) => Ending::Passes,
                        Ending::Waits => Ending::Passes,
                        same => same,
                    };
                    Try {
                        attempt: current.attempt + 1,
                        asked: deed.at,
                        queue: TimeDelta::seconds(4),
                        ending,
                        cancelled: None,
                        reviewed: None,
                    }
                }
                Act::Cancel { run } if *run == plan.id && !ended => {
                    current.cancelled = Some(deed.at + TimeDelta::seconds(2));
                    current
                }
                Act::Review { run, approved } if *run == plan.id && current.reviewed.is_none() => {
                    current.reviewed = Some((deed.at, *approved));
                    current
                }
                _ => current,
            }
        })
    }

    /// Deployments of a service, newest first.
    pub fn deployments(&self, service: &'a Service) -> Vec<&'a Deployment> {
        service.deployments.iter().rev().filter(|deployment| deployment.created <= self.now).collect()
    }

    /// What was reported on a deployment, oldest first.
    pub fn reports(&self, service: &Service, deployment: &Deployment) -> Vec<Report> {
        let mut reports = self.own_reports(service, deployment);
        if reports.iter().any(|report| report.state == "success") {
            let later = service.deployments.iter().filter(|other| {
                other.environment == deployment.environment
                    && (other.created, other.id) > (deployment.created, deployment.id)
            });
            let replaced = later
                .filter_map(|other| {
                    self.own_reports(service, other).into_iter().find(|report| report.state == "success")
                })
                .map(|report| report.at)
                .min();
            reports.extend(replaced.map(|at| Report { at, state: "inactive", text: String::new() }));
        }
        reports
    }

    fn own_reports(&self, service: &Service, deployment: &Deployment) -> Vec<Report> {
        let mut reports = Vec::new();
        let mut report = |at: DateTime<Utc>, state, text: &str| {
            if at <= self.now {
                reports.push(Report { at, state, text: text.to_owned() });
            }
        };
        report(deployment.created, "queued", "");
        let run = service.runs.iter().find(|run| Some(run.id) == deployment.run);
        let Some(current) = run.map(|run| self.last_try(run)) else { return reports };
        let (phase, begun, ended) = current.at(deployment.took, self.now);
        if deployment.ending == Ending::Waits {
            report(current.asked + current.queue, "waiting", "needs a review");
        }
        if phase == Phase::Waiting {
            return reports;
        }
        if let Some(begun) = begun {
            report(begun, "in_progress", "");
        }
        match (phase, ended) {
            (Phase::Passed, Some(at)) => report(at, "success", &deployment.description),
            (Phase::Failed(_), Some(at)) => report(at, "failure", "2 of 3 instances did not become healthy"),
            (Phase::Cancelled, Some(at)) => report(at, "error", "the run was stopped"),
            _ => {}
        }
        reports
    }

    /// Releases of a service, newest first.
    pub fn releases(&self, service: &'a Service) -> Vec<&'a Release> {
        service.releases.iter().rev().filter(|release| release.published <= self.now).collect()
    }
}

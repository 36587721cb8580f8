//! Everything that ever happens in Harbour, with the instants at which it does. Made from a scale and a seed, then only
//! read.

mod alerts;
pub mod names;
mod script;
mod tickets;

mod work;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

pub use tickets::{CLOSED, NEW};

use names::{Person, Team};

/// How large the company is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Services, each with a repository and a ticket project of its own.
    pub services: usize,
    /// Alerts that fire besides those of the story: a storm, when there are many.
    pub alerts: usize,
    /// Tickets besides those of the story.
    pub tickets: usize,
    /// Days of history before the story begins.
    pub days: u32,
}

impl Default for Scale {
    fn default() -> Self {
        Self { services: names::SERVICES.len(), alerts: 0, tickets: 140, days: 14 }
    }
}

/// Everything that ever happens.
#[derive(Debug, PartialEq)]
pub struct World {
    /// What it was made from.
    pub seed: u64,
    /// What it was made from.
    pub scale: Scale,
    /// The services, with their repositories.
    pub services: Vec<Service>,
    /// Alerts with the spans in which they fire.
    pub alerts: Vec<Alert>,
    /// Silences somebody made.
    pub silences: Vec<Silence>,
    /// Tickets, by id.
    pub tickets: Vec<Ticket>,
}

impl World {
    /// The company of that scale and seed.
    pub fn new(scale: Scale, seed: u64) -> Self {
        let mut services: Vec<Service> =
            (0..scale.services).map(|index| work::service(scale, seed, index)).collect();
        script::play(&mut services);
        for service in &mut services {
            service.number();
        }
        Self {
            seed,
            scale,
            alerts: alerts::alerts(scale, seed, &services),
            silences: alerts::silences(&services),
            tickets: tickets::tickets(scale, seed, &services),
            services,
        }
    }

    /// The service whose repository is called so.
    pub fn repository(&self, name: &str) -> Option<(usize, &Service)> {
        self.services.iter().enumerate().find(|(_, service)| service.repository.eq_ignore_ascii_case(name))
    }
}

/// Chance that depends on nothing but the seed and what it is for.
pub(crate) fn dice(seed: u64, what: &str, index: usize) -> fastrand::Rng {
    let start = seed ^ (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = what.bytes().fold(start ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    fastrand::Rng::with_seed(mixed)
}

/// One of a list.
pub(crate) fn one_of<T: Copy>(dice: &mut fastrand::Rng, list: &[T]) -> T {
    list[dice.usize(..list.len())]
}

/// A service with its repository.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Name; the identifier of its ticket project, too.
    pub name: String,
    /// Who owns it.
    pub team: &'static Team,
    /// `harbour/NAME`.
    pub repository: String,
    /// Its versions count from here.
    pub commits: Vec<Commit>,
    /// Oldest first.
    pub releases: Vec<Release>,
    /// Oldest first.
    pub runs: Vec<Run>,
    /// Oldest first.
    pub deployments: Vec<Deployment>,
    /// By number.
    pub issues: Vec<Issue>,
    /// Begin of its run numbers.
    pub first_run: u64,
}

impl Service {
    /// The commit of a version.
    pub fn commit_of(&self, tag: &str) -> Option<&Commit> {
        let release = self.releases.iter().find(|release| release.tag == tag)?;
        self.commits.iter().find(|commit| commit.sha == release.sha)
    }

    /// Puts everything in its order and gives it its numbers.
    fn number(&mut self) {
        self.commits.sort_by(|a, b| (a.at, &a.sha).cmp(&(b.at, &b.sha)));
        self.releases.sort_by_key(|release| release.published);
        self.runs.sort_by(|a, b| (a.created, &a.title).cmp(&(b.created, &b.title)));
        self.deployments.sort_by(|a, b| (a.created, a.environment).cmp(&(b.created, b.environment)));
        self.issues.sort_by_key(|issue| issue.created);
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        for (order, run) in self.runs.iter_mut().enumerate() {
            let count = counts.entry(run.workflow.name()).or_insert(self.first_run);
            *count += 1;
            (run.id, run.number) = (self.first_run * 1_000_000 + order as u64 + 1, *count);
        }
        for (order, deployment) in self.deployments.iter_mut().enumerate() {
            deployment.id = self.first_run * 1_000_000 + order as u64 + 1;
            let run = self.runs.iter().find(|run| {
                run.workflow == Workflow::Deploy
                    && run.created == deployment.created
                    && run.environment == Some(deployment.environment)
            });
            deployment.run = run.map(|run| run.id);
        }
        for (order, issue) in self.issues.iter_mut().enumerate() {
            issue.number = self.first_run + order as u64 + 1;
        }
    }
}

/// A commit on the main branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// 40 hex digits.
    pub sha: String,
    /// When it was merged.
    pub at: DateTime<Utc>,
    /// By whom.
    pub author: &'static Person,
    /// Whole message.
    pub message: String,
    /// Files it touches.
    pub files: Vec<&'static str>,
}

/// A release.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// `v412`.
    pub tag: String,
    /// Commit.
    pub sha: String,
    /// When it was made.
    pub published: DateTime<Utc>,
    /// From when on it is more than a pre-release. `None`: at once.
    pub final_at: Option<DateTime<Utc>>,
    /// By whom.
    pub author: &'static Person,
}

/// Which workflow a run belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workflow {
    /// Lint, build, test.
    Ci,
    /// Puts a version into an environment.
    Deploy,
}

impl Workflow {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ci => "CI",
            Self::Deploy => "Deploy",
        }
    }

    /// Its file.
    pub fn path(self) -> &'static str {
        match self {
            Self::Ci => ".github/workflows/ci.yml",
            Self::Deploy => ".github/workflows/deploy.yml",
        }
    }
}

/// A workflow run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Unique; grows with time within a repository.
    pub id: u64,
    /// The number people use.
    pub number: u64,
    /// Which workflow.
    pub workflow: Workflow,
    /// What it is about.
    pub title: String,
    /// Branch.
    pub branch: String,
    /// Commit.
    pub sha: String,
    /// `push`, `pull_request`, `workflow_dispatch`.
    pub event: &'static str,
    /// Who caused it.
    pub author: &'static Person,
    /// Where a deploying run deploys.
    pub environment: Option<&'static str>,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// How long it waits for a worker.
    pub queue: TimeDelta,
    /// How long it takes then.
    pub took: TimeDelta,
    /// How it ends.
    pub ending: Ending,
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every job passes.
    Passes,
    /// A step fails.
    Fails(Failure),
    /// It waits until somebody approves.
    Waits,
}

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A test that fails whenever it runs.
    Test,
    /// A test that passes when it is run again.
    Flaky,
    /// The style check.
    Lint,
    /// The new version did not become healthy.
    Rollout,
}

/// A deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Unique; grows with time within a repository.
    pub id: u64,
    /// Where.
    pub environment: &'static str,
    /// What: a tag.
    pub version: String,
    /// Commit.
    pub sha: String,
    /// When it was asked for.
    pub created: DateTime<Utc>,
    /// By whom.
    pub creator: &'static Person,
    /// One line.
    pub description: String,
    /// The run that does it.
    pub run: Option<u64>,
    /// How it ends.
    pub ending: Ending,
    /// How long it takes.
    pub took: TimeDelta,
}

/// An issue of a repository.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    /// Counts per repository.
    pub number: u64,
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// Labels.
    pub labels: Vec<&'static str>,
    /// Who opened it.
    pub author: &'static Person,
    /// Who works on it.
    pub assignee: Option<&'static Person>,
    /// When it was opened.
    pub created: DateTime<Utc>,
    /// When it was closed. `None`: it stays open.
    pub closed: Option<DateTime<Utc>>,
    /// What was said.
    pub comments: Vec<Note>,
}

/// Something somebody said.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub author: &'static Person,
    /// What.
    pub text: String,
}

/// An alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// 16 hex digits.
    pub fingerprint: String,
    /// Identity.
    pub labels: BTreeMap<String, String>,
    /// One sentence.
    pub summary: String,
    /// From when until when it fires, in order.
    pub spans: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// While this alert fires, this one says nothing new.
    pub inhibited_by: Option<String>,
}

/// A silence.
#[derive(Debug, Clone, PartialEq)]
pub struct Silence {
    /// A UUID.
    pub id: String,
    /// All must match.
    pub matchers: Vec<Matcher>,
    /// Begin.
    pub starts: DateTime<Utc>,
    /// End.
    pub ends: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// Why.
    pub comment: String,
    /// When it was changed last.
    pub updated: DateTime<Utc>,
}

/// A condition of a silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// Label.
    pub name: String,
    /// Value or expression.
    pub value: String,
    /// It is an expression.
    pub is_regex: bool,
    /// It must match, or must not.
    pub is_equal: bool,
}

/// A ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Number.
    pub id: u64,
    /// Index of its service, which is its project.
    pub service: usize,
    /// 1 bug, 2 feature, 3 support, 4 incident.
    pub tracker: u32,
    /// 1 low to 5 immediate.
    pub priority: u32,
    /// One line.
    pub subject: String,
    /// Text.
    pub description: String,
    /// Who opened it.
    pub author: &'static Person,
    /// Who works on it, and from when on.
    pub assigned: Option<(DateTime<Utc>, &'static Person)>,
    /// When it was opened.
    pub created: DateTime<Utc>,
    /// Its statuses after New, with when they came.
    pub statuses: Vec<(DateTime<Utc>, u32)>,
    /// What was said.
    pub notes: Vec<Note>,
}

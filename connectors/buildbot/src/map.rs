//! From Buildbot's words to ours. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use qd_model::{
    Deployment, DeploymentKind, DeploymentOrigin, DeploymentStatus, EntityId, Fact, Kind, Link, LinkKind,
    Observed, Origin, PipelineRun, RunResult, RunState, SourceId,
};
use serde_json::Value;
use url::Url;

use crate::DeploymentRule;
use crate::wire::{Build, Builder, Change, Step};

/// The properties that a poll asks for. Asked for by name: a build may carry any number of large ones.
pub const PROPERTIES: &[&str] = &[
    "branch",
    "buildername",
    "got_revision",
    "owner",
    "owners",
    "project",
    "reason",
    "repository",
    "revision",
    "rollback",
    "scheduler",
    "version",
    "workername",
];

/// Titles are cut to so many characters.
const MAX_TITLE: usize = 300;
/// A commit is shown with so many digits where it stands for a version.
const SHORT_REVISION: usize = 12;

/// What a build does not say of itself.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// Builders, by id.
    pub builders: BTreeMap<u64, Builder>,
    /// Names of projects, by id.
    pub projects: BTreeMap<u64, String>,
    /// Changes, by revision.
    pub changes: BTreeMap<String, Change>,
    /// When build requests were made, by id.
    pub queued: BTreeMap<u64, DateTime<Utc>>,
    /// The first failing step, by id of the build.
    pub failed_steps: BTreeMap<u64, String>,
}

/// Maps builds of one connection.
#[derive(Debug, Clone, Copy)]
pub struct Mapper<'m> {
    /// The connection.
    pub source: &'m SourceId,
    /// Its base address.
    pub base: &'m Url,
    /// Builders that deploy.
    pub deployments: &'m [DeploymentRule],
    /// What the builds do not say of themselves.
    pub around: &'m Surroundings,
}

impl Mapper<'_> {
    /// The run, and the deployment when the builder is declared as one.
    pub fn facts(&self, build: &Build) -> Vec<Fact> {
        let mut run = self.run(build);
        let rule = self.deployments.iter().find(|rule| rule.builder == run.pipeline_name);
        run.service = rule.and_then(|rule| rule.service.clone());
        run.environment = rule.map(|rule| rule.environment.clone());
        let deployment = rule.map(|rule| Fact::Deployment(self.deployment(build, &run, rule)));
        [Some(Fact::Run(run)), deployment].into_iter().flatten().collect()
    }

    fn run(&self, build: &Build) -> PipelineRun {
        let pipeline_name = self.builder_name(build);
        let change = revisions(build).find_map(|revision| self.around.changes.get(&revision));
        PipelineRun {
            origin: self.origin(build, change),
            run_id: build.number.to_string(),
            title: title(build, change, &pipeline_name),
            pipeline_name,
            state: run_state(build),
            result: run_result(build),
            reference: build.property("branch"),
            revision: revisions(build).next(),
            trigger: build.property("scheduler"),
            author: author(build, change),
            queued_at: build.buildrequestid.and_then(|id| self.around.queued.get(&id).copied()),
            started_at: build.started_at,
            finished_at: build.complete_at,
            attempt: None,
            failed_step: self.around.failed_steps.get(&build.buildid).cloned(),
            service: None,
            environment: None,
        }
    }

    fn deployment(&self, build: &Build, run: &PipelineRun, rule: &DeploymentRule) -> Deployment {
        let id =
            EntityId::new(self.source, Kind::Deployment, format!("{DEPLOYMENT_PREFIX}{}", build.buildid));
        let rolled_back = build.property_value("rollback").is_some_and(is_true);
        Deployment {
            origin: Origin { id, ..run.origin.clone() },
            service: rule.service.clone(),
            environment: rule.environment.clone(),
            version: version(build, run),
            revision: run.revision.clone(),
            deployment_kind: if rolled_back { DeploymentKind::Rolledback } else { DeploymentKind::Deployed },
            status: deployment_status(run),
            initiator: run.author.clone(),
            driver: DeploymentOrigin::Pipeline,
            created_at: run.queued_at,
            started_at: run.started_at,
            finished_at: run.finished_at,
            description: build.property("reason").map(|reason| one_line(&reason)),
        }
    }

    fn origin(&self, build: &Build, change: Option<&Change>) -> Origin {
        let link =
            change.and_then(|change| change.revlink.clone()).map(|url| Link { kind: LinkKind::Change, url });
        let builder = self.around.builders.get(&build.builderid);
        let project = builder.and_then(|builder| self.around.projects.get(&builder.projectid?).cloned());
        Origin {
            id: EntityId::new(self.source, Kind::Run, build.buildid.to_string()),
            url: Some(page(self.base, build.builderid, build.number)),
            links: link.into_iter().collect(),
            repository: build.property("repository").and_then(|address| repository(&address)),
            project: project.or_else(|| build.property("project")),
            changed_at: build.complete_at,
        }
    }

    fn builder_name(&self, build: &Build) -> String {
        let listed = self.around.builders.get(&build.builderid).map(|builder| builder.name.trim().to_owned());
        listed
            .filter(|name| !name.is_empty())
            .or_else(|| build.property("buildername"))
            .unwrap_or_else(|| format!("builder {}", build.builderid))
    }
}

/// Deployments are numbered by their build; the prefix keeps room for other origins.
const DEPLOYMENT_PREFIX: &str = "build:";

/// The build behind a run or a deployment. `None`: not an id that this connector has made.
pub fn build_id(id: &EntityId) -> Option<u64> {
    match id.kind {
        Kind::Run => id.native.parse().ok(),
        Kind::Deployment => id.native.strip_prefix(DEPLOYMENT_PREFIX)?.parse().ok(),
        Kind::Alert | Kind::Ticket => None,
    }
}

/// The revisions a build names, the fetched one first. With several codebases they are objects and are left out.
pub fn revisions(build: &Build) -> impl Iterator<Item = String> {
    ["got_revision", "revision"].into_iter().filter_map(|name| build.property(name))
}

/// How far a build or step has come. Buildbot has no word for it but the flag; `raw` is its sentence.
pub fn run_state(build: &Build) -> Observed<RunState> {
    let state = if build.is_complete() { RunState::Done } else { RunState::Executing };
    Observed::new(state, build.state_string.clone().unwrap_or_default())
}

fn run_result(build: &Build) -> Option<Observed<RunResult>> {
    build.is_complete().then(|| result(&build.results))
}

/// How far a step has come.
pub fn step_state(step: &Step) -> Observed<RunState> {
    let state = match (step.complete, step.started_at) {
        (true, _) => RunState::Done,
        (false, Some(_)) => RunState::Executing,
        (false, None) => RunState::Pending,
    };
    Observed::new(state, step.state_string.clone().unwrap_or_default())
}

/// How a step ended. `None` until it has.
pub fn step_result(step: &Step) -> Option<Observed<RunResult>> {
    step.complete.then(|| result(&step.results))
}

/// Maps Buildbot's result codes (`buildbot.process.results`).
///
/// `warnings` counts as success: every step did what it should and only said something, and Buildbot itself goes on to
/// what waits for success; `raw` keeps the word. `retry` counts as an error of the pipeline: the worker was lost and
/// Buildbot makes a new build of the same request, which then is the current one of its line.
pub fn result(code: &Value) -> Observed<RunResult> {
    let (result, word) = match code.as_i64().or_else(|| code.as_str()?.parse().ok()) {
        Some(0) => (RunResult::Success, "success"),
        Some(1) => (RunResult::Success, "warnings"),
        Some(2) => (RunResult::Failure, "failure"),
        Some(3) => (RunResult::Skip, "skipped"),
        Some(4) => (RunResult::Error, "exception"),
        Some(5) => (RunResult::Error, "retry"),
        Some(6) => (RunResult::Cancellation, "cancelled"),
        _ => {
            return Observed::new(
                RunResult::Unknown,
                if code.is_null() { String::new() } else { plain(code) },
            );
        }
    };
    Observed::new(result, word)
}

/// A build that was skipped or stopped put nothing live and broke nothing: cancelled.
fn deployment_status(run: &PipelineRun) -> Observed<DeploymentStatus> {
    let state = match (run.state.state, run.result.as_ref().map(|result| result.state)) {
        (RunState::Done, Some(RunResult::Success)) => DeploymentStatus::Succeeded,
        (RunState::Done, Some(RunResult::Failure | RunResult::Error | RunResult::Timeout)) => {
            DeploymentStatus::Failed
        }
        (RunState::Done, Some(RunResult::Cancellation | RunResult::Skip)) => DeploymentStatus::Cancelled,
        (RunState::Done, Some(RunResult::Unknown) | None) | (RunState::Unknown, _) => {
            DeploymentStatus::Unknown
        }
        (RunState::Pending, _) => DeploymentStatus::Queued,
        (RunState::Waiting, _) => DeploymentStatus::Blocked,
        (RunState::Executing | RunState::Finalizing, _) => DeploymentStatus::InProgress,
    };
    Observed::new(state, run.raw_status())
}

/// What was deployed, as people say it: the property `version`, else the commit, else the number of the build.
fn version(build: &Build, run: &PipelineRun) -> String {
    let short = |revision: &str| match revision.chars().all(|c| c.is_ascii_hexdigit()) {
        true => revision.chars().take(SHORT_REVISION).collect(),
        false => one_line(revision),
    };
    build
        .property("version")
        .map(|version| one_line(&version))
        .or_else(|| run.revision.as_deref().map(short))
        .filter(|version| !version.is_empty())
        .unwrap_or_else(|| run.number())
}

/// The subject of the commit, else the reason somebody gave, else builder and number.
fn title(build: &Build, change: Option<&Change>, builder: &str) -> String {
    let subject = change.and_then(|change| change.comments.as_deref()).map(one_line);
    subject
        .filter(|subject| !subject.is_empty())
        .or_else(|| {
            build.property("reason").map(|reason| one_line(&reason)).filter(|reason| !reason.is_empty())
        })
        .unwrap_or_else(|| format!("{builder} #{}", build.number))
}

/// Who forced it, else whose changes it builds.
fn author(build: &Build, change: Option<&Change>) -> Option<String> {
    let owners = || scalar_of_first(build.property_value("owners")?);
    let owner = build.property("owner").or_else(owners).or_else(|| change?.author.clone())?;
    Some(name_of(&owner)).filter(|name| !name.is_empty())
}

fn scalar_of_first(list: &Value) -> Option<String> {
    list.as_array()?.iter().find_map(crate::wire::scalar)
}

/// `Ada` of `Ada <ada@shop.example>`.
pub fn name_of(author: &str) -> String {
    match author.split_once('<') {
        Some((name, _)) if !name.trim().is_empty() => one_line(name),
        _ => one_line(author.trim_matches(['<', '>'])),
    }
}

/// The name of a repository as its host spells it: `acme/shop` of `https://git.example.org/acme/shop.git` and of
/// `git@git.example.org:acme/shop.git`; anything else as it is. `None`: nothing is left.
pub fn repository(address: &str) -> Option<String> {
    let path = match Url::parse(address) {
        Ok(url) if url.has_host() => url.path().to_owned(),
        _ => match address.split_once(':') {
            Some((host, path)) if host.contains('@') && !host.contains('/') => path.to_owned(),
            _ => address.to_owned(),
        },
    };
    let path = path.trim_matches('/');
    Some(path.strip_suffix(".git").unwrap_or(path).to_owned()).filter(|path| !path.is_empty())
}

/// The build's page.
pub fn page(base: &Url, builder: u64, number: u64) -> String {
    let mut page = base.clone();
    page.set_query(None);
    page.set_fragment(Some(&format!("/builders/{builder}/builds/{number}")));
    if !page.path().ends_with('/') {
        page.set_path(&format!("{}/", base.path()));
    }
    page.into()
}

/// The first step that failed or broke.
pub fn first_failure(steps: &[Step]) -> Option<&Step> {
    let failed = |step: &&Step| {
        step_result(step).is_some_and(|result| matches!(result.state, RunResult::Failure | RunResult::Error))
    };
    steps.iter().filter(failed).min_by_key(|step| step.number)
}

/// A step's name, never empty.
pub fn step_name(step: &Step) -> String {
    step.name.clone().unwrap_or_else(|| format!("step {}", step.number))
}

/// The first line that says something, without control characters, cut to a length.
pub fn one_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(MAX_TITLE).collect()
}

/// A value as text: texts as they are, everything else as JSON.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| matches!(value.as_str(), Some("true" | "True" | "yes" | "1")))
}

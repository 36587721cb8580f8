//! What is shown of one entity on demand: jobs with steps, statuses and environment, comments, releases.

pub mod environment;
pub mod release;

use chrono::{DateTime, SecondsFormat, Utc};
use qd_connector::http::segment;
use qd_connector::{Comment, Detail, PollError, Section, Step, TaskRun, TaskType};
use qd_model::{
    Deployment, DeploymentStatus, Fact, LinkKind, Observed, PipelineRun, RunResult, RunState, Ticket,
};

use crate::client::GitHub;
use crate::map::{self, filled};
use crate::wire;

/// Pages of jobs or comments that are read.
const PAGES: u32 = 3;

/// See [`qd_connector::Connection::detail`].
pub async fn detail(github: &GitHub, fact: &Fact) -> Result<Detail, PollError> {
    let repository = repository(fact)?;
    let sections = match fact {
        Fact::Run(run) => of_run(github, repository, run).await?,
        Fact::Deployment(deployment) => of_deployment(github, repository, deployment).await?,
        Fact::Ticket(ticket) => of_issue(github, repository, ticket).await?,
        Fact::Alert(_) => Vec::new(),
    };
    Ok(Detail { sections })
}

/// The repository of a fact of ours.
pub fn repository(fact: &Fact) -> Result<&str, PollError> {
    let native = &fact.id().native;
    let missing = || PollError::NotFound { path: format!("the repository of {native}") };
    fact.origin().repository.as_deref().ok_or_else(missing)
}

/// The number of an issue: the last part of its id.
pub fn number(fact: &Fact) -> &str {
    let native = &fact.id().native;
    native.rsplit('/').next().unwrap_or(native)
}

async fn of_run(github: &GitHub, repository: &str, run: &PipelineRun) -> Result<Vec<Section>, PollError> {
    let id = &run.origin.id.native;
    let mut sections = Vec::new();
    if run.state.state == RunState::Waiting {
        sections.extend(environment::waits_for(github, repository, id, None).await?);
    }
    let jobs = jobs(github, repository, id).await?;
    let mut rows = Vec::new();
    row(&mut rows, "Event", run.trigger.clone());
    row(&mut rows, "Attempt", run.attempt.map(|attempt| attempt.to_string()));
    row(&mut rows, "Commit", run.revision.clone());
    sections.push(Section::Jobs { jobs: tasks(&jobs) });
    if !rows.is_empty() {
        sections.push(Section::Fields { title: "Run".to_owned(), rows });
    }
    sections
        .extend(release::of(github, repository, run.reference.as_deref(), run.revision.as_deref()).await?);
    Ok(sections)
}

/// The jobs of a run's latest attempt, in the order in which they began.
pub async fn jobs(github: &GitHub, repository: &str, run: &str) -> Result<Vec<wire::Job>, PollError> {
    let path = format!("/repos/{repository}/actions/runs/{}/jobs", segment(run));
    let mut jobs: Vec<wire::Job> = Vec::new();
    for page in 1..=PAGES {
        let number = page.to_string();
        let response =
            github.get(&path, &[("filter", "latest"), ("per_page", "100"), ("page", &number)]).await?;
        let listed: wire::JobPage = response.json()?;
        let (read, _) = wire::items(listed.jobs, "job");
        jobs.extend(read);
        if !matches!(response.next_page(), Ok(Some(_))) {
            break;
        }
    }
    jobs.sort_by_key(|job| (job.started_at.is_none(), job.started_at, job.id.number()));
    Ok(jobs)
}

/// The jobs in our words. The first step that failed, in the job that began first, is marked.
pub fn tasks(jobs: &[wire::Job]) -> Vec<TaskRun> {
    let mut marked = false;
    jobs.iter().map(|job| task(job, &mut marked)).collect()
}

fn task(job: &wire::Job, marked: &mut bool) -> TaskRun {
    let (state, result) = map::outcome(job.status.as_deref(), job.conclusion.as_deref());
    let name = filled(job.name.clone()).unwrap_or_else(|| format!("Job {}", job.id.0));
    let steps = job.steps.iter().zip(1..).map(|(step, place)| one_step(step, place, marked)).collect();
    TaskRun {
        task_type: task_type(&name),
        name,
        state,
        result,
        worker: filled(job.runner_name.clone()),
        started_at: job.started_at,
        finished_at: job.completed_at,
        steps,
    }
}

fn one_step(step: &wire::JobStep, place: u32, marked: &mut bool) -> Step {
    let (state, result): (Observed<RunState>, _) =
        map::outcome(step.status.as_deref(), step.conclusion.as_deref());
    let first_failure = !*marked && has_failed(step);
    *marked |= first_failure;
    Step {
        number: step.number.unwrap_or(place),
        name: filled(step.name.clone()).unwrap_or_else(|| format!("Step {place}")),
        state,
        result,
        started_at: step.started_at,
        finished_at: step.completed_at,
        first_failure,
    }
}

/// Whether a step is one a person wants to look at.
pub fn has_failed(step: &wire::JobStep) -> bool {
    let (_, result) = map::outcome(step.status.as_deref(), step.conclusion.as_deref());
    result.is_some_and(|result| {
        matches!(result.state, RunResult::Failure | RunResult::Error | RunResult::Timeout)
    })
}

/// GitHub has no types of jobs; the usual words in names tell.
fn task_type(name: &str) -> TaskType {
    let lower = name.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["deploy", "release", "publish"]) {
        TaskType::Deploy
    } else if has(&["test", "lint", "check", "e2e"]) {
        TaskType::Test
    } else if has(&["build", "compile", "package"]) {
        TaskType::Build
    } else {
        TaskType::Other
    }
}

async fn of_deployment(
    github: &GitHub,
    repository: &str,
    deployment: &Deployment,
) -> Result<Vec<Section>, PollError> {
    let base = format!("/repos/{repository}/deployments/{}", segment(&deployment.origin.id.native));
    let whole: wire::Deployment = github.read(&base, &[]).await?;
    let (mut statuses, _): (Vec<wire::DeploymentStatus>, _) =
        github.list(&format!("{base}/statuses"), &[("per_page", "100")], "status").await?;
    statuses.sort_by_key(|status| (status.created_at, status.id.number()));
    let rows = statuses.into_iter().map(status_row).collect();
    let mut sections = Vec::new();
    if let (DeploymentStatus::Blocked, Some(run)) = (deployment.status.state, run_of(deployment)) {
        let environment = Some(deployment.environment.as_str());
        sections.extend(environment::waits_for(github, repository, run, environment).await?);
    }
    let (reference, revision) = (whole.reference.as_deref(), whole.sha.as_deref());
    sections.extend(release::of(github, repository, reference, revision).await?);
    sections.push(environment::section(github, repository, &whole).await?);
    sections.push(Section::Fields { title: "Statuses".to_owned(), rows });
    Ok(sections)
}

/// The workflow run that a deployment's log belongs to.
fn run_of(deployment: &Deployment) -> Option<&str> {
    let logs = deployment.origin.links.iter().filter(|link| link.kind == LinkKind::Log);
    let number = |id: &&str| !id.is_empty() && id.chars().all(|c| c.is_ascii_digit());
    logs.filter_map(|link| link.url.split("/actions/runs/").nth(1)?.split(['/', '?', '#']).next())
        .find(number)
}

fn status_row(status: wire::DeploymentStatus) -> (String, String) {
    let who = map::login(status.creator).map(|login| format!(" by {login}")).unwrap_or_default();
    let what = filled(status.description).map(|text| format!(": {text}")).unwrap_or_default();
    (time(status.created_at), format!("{}{who}{what}", status.state.unwrap_or_default()))
}

async fn of_issue(github: &GitHub, repository: &str, ticket: &Ticket) -> Result<Vec<Section>, PollError> {
    let fact = Fact::Ticket(ticket.clone());
    let path = format!("/repos/{repository}/issues/{}", segment(number(&fact)));
    let issue: wire::Issue = github.read(&path, &[]).await?;
    let mut comments = Vec::new();
    if issue.comments != Some(0) {
        for page in 1..=PAGES {
            let number = page.to_string();
            let query = [("per_page", "100"), ("page", number.as_str())];
            let response = github.get(&format!("{path}/comments"), &query).await?;
            let (read, _) = wire::items::<wire::Comment>(response.json()?, "comment");
            comments.extend(read.into_iter().map(comment));
            if !matches!(response.next_page(), Ok(Some(_))) {
                break;
            }
        }
    }
    let body = filled(issue.body).map(|text| Section::Body { title: "Description".to_owned(), text });
    let mut sections: Vec<Section> = body.into_iter().collect();
    if !comments.is_empty() {
        sections.push(Section::Comments { comments });
    }
    Ok(sections)
}

fn comment(comment: wire::Comment) -> Comment {
    Comment {
        // GitHub shows deleted accounts as "ghost".
        author: map::login(comment.user).unwrap_or_else(|| "ghost".to_owned()),
        at: comment.created_at,
        text: comment.body.unwrap_or_default(),
    }
}

fn row(rows: &mut Vec<(String, String)>, name: &str, value: Option<String>) {
    rows.extend(value.map(|value| (name.to_owned(), value)));
}

fn time(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "—".to_owned(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

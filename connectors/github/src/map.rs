//! From GitHub's words to ours. Pure.

use qd_model::{
    EntityId, Fact, Kind, Link, LinkKind, Observed, Origin, PipelineRun, RunResult, RunState, SourceId,
    Ticket, TicketStatus, TicketType,
};
use url::Url;

use crate::wire;

/// What every fact of one repository shares.
#[derive(Debug, Clone)]
pub struct Place {
    /// The connection.
    pub source: SourceId,
    /// `owner/name`, as configured.
    pub repository: String,
    /// The repository's page; `None` when the address of the API does not tell where the pages are.
    pub page: Option<String>,
}

impl Place {
    /// The place of a repository on the server at `base`.
    pub fn new(source: &SourceId, base: &Url, repository: &str) -> Self {
        let page = pages(base).map(|pages| format!("{pages}/{repository}"));
        Self { source: source.clone(), repository: repository.to_owned(), page }
    }

    /// An origin of this repository.
    pub fn origin(&self, kind: Kind, native: impl Into<String>) -> Origin {
        let mut origin = Origin::new(EntityId::new(&self.source, kind, native));
        origin.repository = Some(self.repository.clone());
        origin
    }
}

/// Where the pages for people are: `https://github.com` for `https://api.github.com`, `https://host` for
/// `https://host/api/v3` (GitHub Enterprise Server), `https://sub.ghe.com` for `https://api.sub.ghe.com`.
fn pages(base: &Url) -> Option<String> {
    let host = base.host_str()?;
    let host = match (host.strip_prefix("api."), base.path().trim_end_matches('/')) {
        (Some(host), "") => host,
        (_, "/api/v3") => host,
        _ => return None,
    };
    let port = base.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{host}{port}", base.scheme()))
}

/// One workflow run.
pub fn run(place: &Place, run: wire::Run) -> Fact {
    let mut origin = place.origin(Kind::Run, &run.id.0);
    origin.changed_at = run.updated_at;
    if let (Some(page), Some(sha)) =
        (run.html_url.as_deref().and_then(|url| url.split("/actions/runs/").next()), &run.head_sha)
    {
        origin.links.push(Link { kind: LinkKind::Change, url: format!("{page}/commit/{sha}") });
    }
    origin.url = run.html_url.clone();
    let (state, result) = outcome(run.status.as_deref(), run.conclusion.as_deref());
    let done = state.state == RunState::Done;
    // GitHub sets `run_started_at` while the run still waits for its first worker.
    let begun = !matches!(state.raw.as_str(), "queued" | "requested" | "pending");
    // A run that is tried again has waited since then, and not since it was there for the first time.
    let again = run.run_attempt.is_some_and(|attempt| attempt > 1);
    let queued_at = run.run_started_at.filter(|_| again).or(run.created_at);
    let number = run.run_number.map_or_else(|| run.id.0.clone(), |number| number.to_string());
    Fact::Run(PipelineRun {
        pipeline_name: pipeline_name(&run),
        title: title(&run, &number),
        run_id: format!("#{number}"),
        reference: filled(run.head_branch),
        revision: filled(run.head_sha),
        trigger: filled(run.event),
        // Who tries it again has not changed what it runs.
        author: login(run.actor).or_else(|| login(run.triggering_actor)),
        queued_at,
        started_at: run.run_started_at.filter(|_| begun),
        // A run has no end of its own; its last change is what GitHub's own command line shows as the end.
        finished_at: run.updated_at.filter(|_| done),
        attempt: run.run_attempt,
        failed_step: None,
        service: None,
        environment: None,
        state,
        result,
        origin,
    })
}

/// Maps status and conclusion of runs, jobs and steps.
///
/// - `waiting` (protection rules) and the conclusion `action_required` (a maintainer must approve) wait for a person.
/// - `neutral` counts as skipped: the run says neither that it passed nor that it failed, and nothing that is not known
///   to have passed counts as passed.
/// - `stale` counts as cancelled: GitHub gave the run up because it did not finish within two weeks.
/// - `startup_failure` is an error of the pipeline itself: the workflow file is invalid.
pub fn outcome(
    status: Option<&str>,
    conclusion: Option<&str>,
) -> (Observed<RunState>, Option<Observed<RunResult>>) {
    let raw = status.unwrap_or_default();
    let state = match raw {
        "queued" | "requested" | "pending" => RunState::Pending,
        "waiting" => RunState::Waiting,
        "in_progress" => RunState::Executing,
        "completed" => RunState::Done,
        _ => RunState::Unknown,
    };
    if state != RunState::Done {
        return (Observed::new(state, raw), None);
    }
    let word = conclusion.unwrap_or_default();
    let result = match word {
        "success" => RunResult::Success,
        "failure" => RunResult::Failure,
        "startup_failure" => RunResult::Error,
        "timed_out" => RunResult::Timeout,
        "cancelled" | "stale" => RunResult::Cancellation,
        "skipped" | "neutral" => RunResult::Skip,
        "action_required" => return (Observed::new(RunState::Waiting, word), None),
        _ => RunResult::Unknown,
    };
    (Observed::new(state, raw), Some(Observed::new(result, word)))
}

fn pipeline_name(run: &wire::Run) -> String {
    let file = || filled(run.path.clone()).map(|path| path.rsplit('/').next().unwrap_or(&path).to_owned());
    filled(run.name.clone()).or_else(file).unwrap_or_else(|| "workflow".to_owned())
}

fn title(run: &wire::Run, number: &str) -> String {
    let subject = || {
        let message = run.head_commit.as_ref()?.message.as_deref()?;
        filled(message.lines().next().map(str::to_owned))
    };
    filled(run.display_title.clone()).or_else(subject).unwrap_or_else(|| format!("Run #{number}"))
}

/// One issue. `None`: it is a pull request.
pub fn issue(place: &Place, issue: wire::Issue) -> Option<Fact> {
    if issue.pull_request.is_some() {
        return None;
    }
    let mut origin = place.origin(Kind::Ticket, format!("{}/{}", place.repository, issue.number));
    let page = || place.page.as_ref().map(|page| format!("{page}/issues/{}", issue.number));
    origin.url = filled(issue.html_url).or_else(page);
    origin.changed_at = issue.updated_at;
    let labels: Vec<String> = issue.labels.iter().filter_map(wire::Label::name).map(str::to_owned).collect();
    let raw_state = issue.state.unwrap_or_default();
    let status = match raw_state.as_str() {
        "open" => TicketStatus::Todo,
        "closed" => TicketStatus::Done,
        _ => TicketStatus::Other,
    };
    Some(Fact::Ticket(Ticket {
        key: format!("#{}", issue.number),
        summary: filled(issue.title).unwrap_or_else(|| format!("Issue #{}", issue.number)),
        ticket_type: ticket_type(issue.issue_type.and_then(|kind| kind.name), &labels),
        // `reopened` is the reason of an open issue, not a resolution.
        resolution: filled(issue.state_reason).filter(|_| status == TicketStatus::Done),
        status: Observed::new(status, raw_state),
        priority: labels.iter().find_map(|label| priority(label)),
        assignees: issue.assignees.into_iter().filter_map(|user| login(Some(user))).collect(),
        labels,
        milestone: issue.milestone.and_then(|milestone| filled(milestone.title)),
        fix_versions: Vec::new(),
        reporter: login(issue.user),
        created_at: issue.created_at,
        closed_at: issue.closed_at,
        comments: issue.comments,
        origin,
    }))
}

/// The organisation's issue type where there is one, else the first label that names a type.
fn ticket_type(issue_type: Option<String>, labels: &[String]) -> Observed<TicketType> {
    if let Some(name) = filled(issue_type) {
        return Observed::new(type_word(&name).unwrap_or(TicketType::Other), name);
    }
    let named = labels.iter().find_map(|label| Some(Observed::new(type_word(label)?, label)));
    named.unwrap_or_else(|| Observed::new(TicketType::Other, ""))
}

/// Reads `bug`, `type: bug`, `kind/bug`.
fn type_word(text: &str) -> Option<TicketType> {
    let lower = text.to_ascii_lowercase();
    let word = lower.rsplit([':', '/']).next().unwrap_or(&lower).trim();
    Some(match word {
        "bug" | "defect" | "regression" => TicketType::Bug,
        "enhancement" | "feature" | "feature request" | "improvement" => TicketType::Enhancement,
        "incident" | "outage" => TicketType::Incident,
        "task" | "chore" => TicketType::Task,
        "question" | "support" => TicketType::Question,
        _ => return None,
    })
}

/// `high` of `priority: high` or `priority/high`; GitHub itself has no priorities.
fn priority(label: &str) -> Option<String> {
    let (key, value) = label.split_once([':', '/'])?;
    let is_priority = matches!(key.trim().to_ascii_lowercase().as_str(), "priority" | "prio");
    filled(Some(value.trim().to_owned())).filter(|_| is_priority)
}

/// A login that is not empty.
pub fn login(user: Option<wire::User>) -> Option<String> {
    filled(user?.login)
}

/// A text that is not blank.
pub fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

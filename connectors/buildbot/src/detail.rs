//! Steps, properties, changes and logs of one build, on demand.

use qd_connector::{Detail, LogTail, PollCx, PollError, Section, TaskRun, TaskType};
use qd_model::{Fact, RunResult, RunState};

use crate::wire::{Build, Change, Log, LogChunk, Step};
use crate::{Buildbot, DeploymentRule, api, map};

/// Properties shown; builds may carry any number.
const MAX_PROPERTIES: usize = 100;
/// Properties that say where the worker keeps its files, or what stands elsewhere in the details and the list.
const NOISE: &[&str] = &[
    "basedir",
    "branch",
    "builddir",
    "builderid",
    "buildername",
    "buildnumber",
    "codebase",
    "got_revision",
    "owner",
    "project",
    "reason",
    "repository",
    "revision",
    "rootdir",
    "slavename",
    "workdir",
    "workername",
];
/// A property's value is cut to so many characters.
const MAX_VALUE: usize = 500;

impl Buildbot {
    pub(crate) async fn read_detail(&self, cx: &PollCx, fact: &Fact) -> Result<Detail, PollError> {
        let id = build_of(fact)?;
        let mut ignored = Vec::new();
        let build: Build =
            api::single(&cx.http, &format!("builds/{id}"), "builds", &[("property", "*")]).await?;
        let read = api::list(&cx.http, &format!("builds/{id}/steps"), "steps", &[], &mut ignored).await;
        let steps: Vec<Step> = api::optional(read, "steps", &mut ignored)?;
        let read = api::list(&cx.http, &format!("builds/{id}/changes"), "changes", &[], &mut ignored).await;
        let changes: Vec<Change> = api::optional(read, "changes", &mut ignored)?;
        let mut sections = vec![Section::Jobs { jobs: vec![self.job(fact, &build, &steps)] }];
        if !changes.is_empty() {
            sections.push(Section::Fields {
                title: "Changes".to_owned(),
                rows: changes.iter().map(change_row).collect(),
            });
        }
        sections.push(Section::Fields { title: "Build".to_owned(), rows: build_rows(&build) });
        let properties = property_rows(&build);
        if !properties.is_empty() {
            sections.push(Section::Fields { title: "Properties".to_owned(), rows: properties });
        }
        Ok(Detail { sections })
    }

    pub(crate) async fn read_log(&self, cx: &PollCx, fact: &Fact) -> Result<Option<LogTail>, PollError> {
        let id = build_of(fact)?;
        let mut ignored = Vec::new();
        let steps: Vec<Step> =
            api::list(&cx.http, &format!("builds/{id}/steps"), "steps", &[], &mut ignored).await?;
        let Some(step) = step_of_interest(&steps) else { return Ok(None) };
        let logs: Vec<Log> =
            api::list(&cx.http, &format!("steps/{}/logs", step.stepid), "logs", &[], &mut ignored).await?;
        let (job, name) = (self.job_name(fact), Some(map::step_name(step)));
        let Some(log) = log_of_interest(&logs) else {
            return Ok(Some(LogTail { job, step: name, lines: Vec::new(), truncated: false }));
        };
        let lines = log.num_lines.unwrap_or(0);
        let offset = lines.saturating_sub(LogTail::MAX_LINES as u64);
        let (first, limit) = (offset.to_string(), LogTail::MAX_LINES.to_string());
        let chunk: LogChunk = api::single(
            &cx.http,
            &format!("logs/{}/contents", log.logid),
            "logchunks",
            &[("offset", &first), ("limit", &limit)],
        )
        .await?;
        let text = match log.kind.as_deref() {
            Some("s") => stdio(&chunk.content),
            _ => chunk.content,
        };
        let mut tail = LogTail::of(job, name, &text);
        tail.truncated |= offset > 0;
        Ok(Some(tail))
    }

    /// The builder's name. A deployment does not carry it, but the rule that made it does.
    fn job_name(&self, fact: &Fact) -> String {
        match fact {
            Fact::Run(run) => run.pipeline_name.clone(),
            Fact::Deployment(deployment) => {
                let made = |rule: &&DeploymentRule| {
                    rule.environment == deployment.environment && rule.service == deployment.service
                };
                let rule = self.settings.deployments.iter().find(made);
                rule.map_or_else(|| deployment.environment.clone(), |rule| rule.builder.clone())
            }
            Fact::Alert(_) | Fact::Ticket(_) => String::new(),
        }
    }

    /// A build is one job, on one worker.
    fn job(&self, fact: &Fact, build: &Build, steps: &[Step]) -> TaskRun {
        let name = self.job_name(fact);
        let deploys = self.settings.deployments.iter().any(|rule| rule.builder == name);
        TaskRun {
            task_type: if deploys { TaskType::Deploy } else { TaskType::Other },
            name,
            state: map::run_state(build),
            result: build.is_complete().then(|| map::result(&build.results)),
            worker: build.property("workername"),
            started_at: build.started_at,
            finished_at: build.complete_at,
            steps: shown(steps),
        }
    }
}

fn shown(steps: &[Step]) -> Vec<qd_connector::Step> {
    let first_failure = map::first_failure(steps).map(|step| step.stepid);
    let mut ordered: Vec<&Step> = steps.iter().collect();
    ordered.sort_by_key(|step| step.number);
    let step = |step: &Step| qd_connector::Step {
        // Theirs count from 0.
        number: u32::try_from(step.number).unwrap_or(u32::MAX).saturating_add(1),
        name: map::step_name(step),
        state: map::step_state(step),
        result: map::step_result(step),
        started_at: step.started_at,
        finished_at: step.complete_at,
        first_failure: Some(step.stepid) == first_failure,
    };
    ordered.into_iter().map(step).collect()
}

/// The build behind a fact.
pub fn build_of(fact: &Fact) -> Result<u64, PollError> {
    map::build_id(fact.id()).ok_or_else(|| PollError::NotFound { path: map::one_line(&fact.id().native) })
}

fn change_row(change: &Change) -> (String, String) {
    let revision = change.revision.as_deref().map(|revision| revision.chars().take(12).collect());
    let subject = change.comments.as_deref().map(map::one_line).unwrap_or_default();
    let by = change.author.as_deref().map(map::name_of).filter(|name| !name.is_empty());
    let text = match by {
        Some(name) => format!("{subject} ({name})"),
        None => subject,
    };
    (revision.unwrap_or_else(|| "change".to_owned()), text)
}

fn build_rows(build: &Build) -> Vec<(String, String)> {
    let row = |name: &str, value: Option<String>| Some((name.to_owned(), map::one_line(&value?)));
    let request = build.buildrequestid.map(|id| id.to_string());
    [
        row("Status", build.state_string.clone()),
        row("Reason", build.property("reason")),
        row("Worker", build.property("workername")),
        row("Build", Some(build.buildid.to_string())),
        row("Build request", request),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn property_rows(build: &Build) -> Vec<(String, String)> {
    let properties = build.properties.iter().flatten().filter_map(|(name, pair)| Some((name, pair.get(0)?)));
    let text =
        |value| map::plain(value).chars().filter(|c| !c.is_control()).take(MAX_VALUE).collect::<String>();
    properties
        .filter(|(name, value)| !NOISE.contains(&name.as_str()) && !is_blank(value))
        .map(|(name, value)| (name.clone(), text(value)))
        .filter(|(_, value)| !value.is_empty())
        .take(MAX_PROPERTIES)
        .collect()
}

/// Nothing, or a list of nothing (`owners` of a forced build is `[""]`).
fn is_blank(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => true,
        serde_json::Value::String(text) => text.trim().is_empty(),
        serde_json::Value::Array(items) => items.iter().all(is_blank),
        serde_json::Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// The first step that failed, else the one that was stopped, else the one that runs. `None`: nothing of that kind.
pub fn step_of_interest(steps: &[Step]) -> Option<&Step> {
    let stopped =
        |step: &&Step| map::step_result(step).is_some_and(|result| result.state == RunResult::Cancellation);
    let running = |step: &&Step| map::step_state(step).state == RunState::Executing;
    map::first_failure(steps)
        .or_else(|| steps.iter().find(stopped))
        .or_else(|| steps.iter().filter(running).max_by_key(|step| step.number))
}

/// An exception's own text where there is one, else the standard output, else any text.
fn log_of_interest(logs: &[Log]) -> Option<&Log> {
    let text = |log: &&Log| log.num_lines.unwrap_or(0) > 0 && !matches!(log.kind.as_deref(), Some("h" | "d"));
    let rank = |log: &&Log| match log.name.as_deref() {
        Some(name) if name.starts_with("err") => 0,
        Some("stdio") => 1,
        _ => 2,
    };
    logs.iter().filter(text).min_by_key(rank)
}

/// Removes the letter of the channel (`o` output, `e` error, `h` header) that each line of a `stdio` log begins with,
/// and the worker's environment (from `environment:` to `using PTY:`), which may hold what is nobody's business.
pub fn stdio(content: &str) -> String {
    let header = |line: &str, start: &str| line.strip_prefix('h').is_some_and(|line| line.starts_with(start));
    let (begins, ends) =
        (|line: &str| header(line, " environment:"), |line: &str| header(line, " using PTY:"));
    // A tail may begin within the environment.
    let border = content.lines().find(|line| begins(line) || ends(line));
    let mut hidden = border.is_some_and(ends);
    let mut text = String::with_capacity(content.len());
    for line in content.lines() {
        hidden = (hidden || begins(line)) && !ends(line);
        if hidden && line.starts_with('h') {
            continue;
        }
        let mut chars = line.chars();
        chars.next();
        text.push_str(chars.as_str());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Answer;

    fn list<T: serde::de::DeserializeOwned>(text: &str, plural: &str) -> Vec<T> {
        serde_json::from_str::<Answer>(text).unwrap().list(plural).unwrap().0
    }

    fn content(text: &str) -> String {
        list::<LogChunk>(text, "logchunks").pop().unwrap().content
    }

    #[test]
    fn the_step_of_interest_is_the_failed_then_the_stopped_then_the_running_one() {
        let name = |text: &str| step_of_interest(&list(text, "steps")).map(map::step_name);
        assert_eq!(name(include_str!("../fixtures/steps-failed.json")).as_deref(), Some("unit tests"));
        assert_eq!(name(include_str!("../fixtures/steps-stopped.json")).as_deref(), Some("wait"));
        assert_eq!(name(include_str!("../fixtures/steps-running.json")).as_deref(), Some("wait"));
        assert_eq!(name(r#"{"steps":[{"stepid":1,"number":0,"complete":true,"results":0}]}"#), None);
    }

    #[test]
    fn properties_show_what_a_person_set_and_not_where_files_lie() {
        let build: Build = serde_json::from_value(serde_json::json!({
            "buildid": 1, "number": 1, "builderid": 1, "properties": {
                "basedir": ["/srv/worker", "Worker"], "builddir": ["/srv/worker/ci", "Worker"], "owners": [[""], "Force"],
                "scheduler": ["force", "Scheduler"], "virtual": [{}, "x"], "target": ["eu", "Force"], "reason": ["r", "Force"],
            },
        }))
        .unwrap();
        let names: Vec<String> = property_rows(&build).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["scheduler", "target"]);
    }

    #[test]
    fn exactly_one_step_is_marked_as_the_first_failure() {
        let two = r#"{"steps":[{"stepid":9,"number":2,"name":"b","complete":true,"results":4},
            {"stepid":8,"number":1,"name":"a","complete":true,"results":2}, {"stepid":7,"number":0,"complete":true,"results":0}]}"#;
        let marked: Vec<_> = shown(&list(two, "steps"))
            .into_iter()
            .map(|step| (step.number, step.name, step.first_failure))
            .collect();
        let expected =
            [(1, "step 0".to_owned(), false), (2, "a".to_owned(), true), (3, "b".to_owned(), false)];
        assert_eq!(marked, expected, "in their order, counted from 1");
    }

    #[test]
    fn a_log_is_shown_without_channels_and_without_the_environment() {
        let head = stdio(&content(include_str!("../fixtures/logchunk-head.json")));
        assert!(head.starts_with("sh -c 'echo out;"), "{head}");
        assert!(
            !head.contains("PRIVATE_KEY") && !head.contains("c2VjcmV0"),
            "no variable, not even over several lines: {head}"
        );
        assert!(head.ends_with(" using PTY: False\nout\n1\n2\n3\n4\n5\n6\n"), "{head}");
        let tail = stdio(&content(include_str!("../fixtures/logchunk-tail.json")));
        assert!(tail.contains("\nboom\nprogram finished with exit code 1\n"), "{tail}");
    }

    #[test]
    fn a_tail_that_begins_within_the_environment_shows_none_of_it() {
        assert_eq!(stdio("hc2VjcmV0\nh  PATH=/bin\nh using PTY: False\nook\n"), " using PTY: False\nok\n");
        assert_eq!(
            stdio("oenvironment:\no  two\nefour"),
            "environment:\n  two\nfour\n",
            "output is never taken for it"
        );
    }

    #[test]
    fn the_log_of_interest_has_text() {
        let pick = |text: &str| log_of_interest(&list(text, "logs")).map(|log| log.logid);
        assert_eq!(pick(include_str!("../fixtures/logs.json")), Some(8));
        assert_eq!(pick(r#"{"logs":[{"logid":1,"name":"stdio","num_lines":0,"type":"s"}]}"#), None);
        assert_eq!(
            pick(
                r#"{"logs":[{"logid":1,"name":"stdio","num_lines":3,"type":"s"},{"logid":2,"name":"err.text","num_lines":9,"type":"t"}]}"#
            ),
            Some(2)
        );
        assert_eq!(pick(r#"{"logs":[{"logid":1,"name":"report","num_lines":3,"type":"h"}]}"#), None);
    }
}

//! What is fetched on demand for one entity: job tree, failing step, comments.

use chrono::{DateTime, Utc};
use qd_model::{Observed, RunResult, RunState, Silence};
use serde::{Deserialize, Serialize};

/// How a backend's people mark up prose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Markup {
    /// Not at all, or nobody knows: shown as it stands.
    #[default]
    Plain,
    /// CommonMark with GitHub's tables, task lists and strike-through.
    Markdown,
    /// Textile, as Redmine has it.
    Textile,
}

/// Details of one entity. All text is untrusted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// In the order in which they are shown.
    pub sections: Vec<Section>,
}

/// One part of the details.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "section", rename_all = "snake_case")]
pub enum Section {
    /// Names and values.
    Fields {
        /// Heading.
        title: String,
        /// Name and value.
        rows: Vec<(String, String)>,
    },
    /// The jobs of a run with their steps.
    Jobs {
        /// In the order in which they ran.
        jobs: Vec<TaskRun>,
    },
    /// Prose: the description of a ticket, the notes of a release.
    Body {
        /// Heading.
        title: String,
        /// Plain text or markdown, as the backend has it.
        text: String,
    },
    /// Comments, oldest first.
    Comments {
        /// The comments.
        comments: Vec<Comment>,
    },
    /// Silences that concern the alert.
    Silences {
        /// Active and pending ones first.
        silences: Vec<Silence>,
    },
}

/// What a job is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskType {
    /// Compiles or packs.
    Build,
    /// Tests.
    Test,
    /// Deploys.
    Deploy,
    /// None of these, or not known.
    Other,
}

/// One job of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRun {
    /// Name.
    pub name: String,
    /// What it is for.
    pub task_type: TaskType,
    /// How far it has come.
    pub state: Observed<RunState>,
    /// How it ended.
    pub result: Option<Observed<RunResult>>,
    /// The worker it ran on.
    pub worker: Option<String>,
    /// Begin.
    pub started_at: Option<DateTime<Utc>>,
    /// End.
    pub finished_at: Option<DateTime<Utc>>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// One step of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// 1 for the first.
    pub number: u32,
    /// Name.
    pub name: String,
    /// How far it has come.
    pub state: Observed<RunState>,
    /// How it ended.
    pub result: Option<Observed<RunResult>>,
    /// Begin.
    pub started_at: Option<DateTime<Utc>>,
    /// End.
    pub finished_at: Option<DateTime<Utc>>,
    /// `true` for the first step that failed: where a person wants to look.
    pub first_failure: bool,
}

/// One comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Who.
    pub author: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// What.
    pub text: String,
}

/// The end of the log of the first failing step (or of the step that runs).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogTail {
    /// The job.
    pub job: String,
    /// The step. `None` where the backend's logs have no steps.
    pub step: Option<String>,
    /// At most 400 lines of at most 4 KiB; escape sequences removed. Untrusted.
    pub lines: Vec<String>,
    /// Something was cut off before these lines.
    pub truncated: bool,
}

impl LogTail {
    /// At most so many lines are kept.
    pub const MAX_LINES: usize = 400;
    /// At most so many characters of a line are kept.
    pub const MAX_LINE: usize = 4096;

    /// Keeps the last lines of `text`, without terminal escapes and control characters.
    pub fn of(job: impl Into<String>, step: Option<String>, text: &str) -> Self {
        let all: Vec<&str> = text.lines().collect();
        let from = all.len().saturating_sub(Self::MAX_LINES);
        let mut truncated = from > 0;
        let lines = all[from..]
            .iter()
            .map(|line| {
                let clean = plain(line);
                truncated |= clean.chars().count() > Self::MAX_LINE;
                clean.chars().take(Self::MAX_LINE).collect()
            })
            .collect();
        Self { job: job.into(), step, lines, truncated }
    }
}

/// Removes terminal escape sequences (CSI, OSC and two-byte ones) and control characters but the tab; what follows the
/// last carriage return of a line is what a terminal would show.
pub fn plain(line: &str) -> String {
    let shown = line.trim_end_matches('\r').rsplit('\r').next().unwrap_or("");
    let mut out = String::with_capacity(shown.len());
    let mut chars = shown.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
                Some(']') => {
                    while let Some(c) = chars.next() {
                        if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                    }
                }
                _ => {}
            },
            '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        assert_eq!(plain(line), expected, "{line:?}");
    }

    #[test]
    fn a_log_line_is_what_a_terminal_would_leave_standing() {
        check("\u{1b}[31mred\u{1b}[0m text", "red text");
        check("\u{1b}]8;;https://evil.example\u{7}link\u{1b}]8;;\u{7}", "link");
        check("\u{1b}]0;title\u{1b}\\after", "after");
        check("10%\r50%\r100%\r", "100%");
        check("a\tb\u{0}c\u{8}", "a\tbc");
        check("\u{1b}[", "");
    }

    #[test]
    fn a_tail_says_when_something_was_cut() {
        let text = (0..500).map(|n| format!("line {n}\n")).collect::<String>();
        let tail = LogTail::of("test", None, &text);
        assert_eq!(tail.lines.len(), LogTail::MAX_LINES);
        assert_eq!(tail.lines.last().map(String::as_str), Some("line 499"));
        assert!(tail.truncated, "a hundred lines are missing");
        assert!(!LogTail::of("test", None, "one\ntwo").truncated);
    }
}

//! How a line of runs (one pipeline on one ref) is doing, judged from its last runs.
//!
//! Only runs that ended with a verdict count: passed, or failed (failure, error, time-out). What was cancelled or skipped,
//! still runs, or ended in a word we do not know says nothing of the code. A run that failed and is under way again counts as
//! failed until it has passed: that is the last that is known of it.
//!
//! | health | when |
//! |---|---|
//! | unknown | fewer than [`ENOUGH`] runs count: too little history to say anything |
//! | broken | the newest counted run failed, and no run of its commit has passed |
//! | flaky | the same commit has passed and failed, in the newest runs or in any of the [`WINDOW`] last ones |
//! | healthy | the newest counted run passed, and no commit has done both |
//!
//! Broken comes before flaky: a line that fails now and whose commit has never passed needs mending, whatever else it did.
//! A commit has done both when one of its runs passed and another failed, or when a run that was tried again failed first.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::{PipelineRun, RunState, Status};

/// Runs that are looked at.
pub const WINDOW: usize = 40;
/// So many must count.
pub const ENOUGH: usize = 5;
/// The usual duration is the median of at most so many successful runs…
const USUAL_OF: usize = 20;
/// … and of at least so many.
const USUAL_FROM: usize = 3;
/// A run is over its usual time when it takes a quarter more, and at least so much more.
const OVER: TimeDelta = TimeDelta::seconds(30);

/// How a line is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineHealth {
    /// It passes, and nothing suggests that it does so by luck.
    Healthy,
    /// It fails.
    Broken,
    /// The same commit passes and fails.
    Flaky,
    /// Too little history. Never counts as healthy.
    Unknown,
}

impl LineHealth {
    /// The machine word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Broken => "broken",
            Self::Flaky => "flaky",
            Self::Unknown => "unknown",
        }
    }
}

/// One run of the line.
#[derive(Debug, Clone, Copy)]
pub struct LineRun<'a> {
    /// The run as it is now.
    pub run: &'a PipelineRun,
    /// An earlier attempt of it was seen to fail.
    pub failed_before: bool,
}

/// What is said of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct LineReport {
    /// How it is doing.
    pub health: LineHealth,
    /// Runs that counted.
    pub counted: usize,
    /// How many of them passed.
    pub passed: usize,
    /// Commits that have passed and failed.
    pub flaky_commits: usize,
    /// How many counted runs in a row failed, the newest first.
    pub streak: usize,
    /// The usual duration: the median of the last successful runs. `None`: fewer than three.
    pub usual: Option<TimeDelta>,
    /// The usual time between being queued and beginning: the median. `None`: fewer than three runs tell.
    pub queue: Option<TimeDelta>,
    /// Where it broke. `None`: it is not broken.
    pub broke: Option<Broke>,
}

/// Where a line broke. Numbers are places in the runs given, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broke {
    /// The first counted run that failed and has failed since.
    pub first_bad: usize,
    /// The last counted run before it, which passed. `None`: it failed as far back as is known.
    pub last_good: Option<usize>,
}

impl Broke {
    /// The runs between the last good and the first bad one, the first bad one included: who brought what broke it.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.first_bad..self.last_good.unwrap_or(self.first_bad + 1)
    }
}

/// Judges a line by its runs, newest first.
pub fn judge(runs: &[LineRun<'_>]) -> LineReport {
    let runs = &runs[..runs.len().min(WINDOW)];
    let counted: Vec<(usize, bool)> =
        runs.iter().enumerate().filter_map(|(at, run)| Some((at, so_far(run)?))).collect();
    let streak = counted.iter().take_while(|(_, passed)| !passed).count();
    let mixed = mixed_commits(runs);
    let newest_mixed = counted
        .first()
        .and_then(|(at, _)| commit(runs[*at].run))
        .is_some_and(|commit| mixed.get(commit).is_some_and(|(passed, failed)| *passed && *failed));
    let flaky_commits = mixed.values().filter(|(passed, failed)| *passed && *failed).count();
    let health = match counted.first() {
        _ if counted.len() < ENOUGH => LineHealth::Unknown,
        Some((_, false)) if !newest_mixed => LineHealth::Broken,
        _ if flaky_commits > 0 => LineHealth::Flaky,
        _ => LineHealth::Healthy,
    };
    let broke = streak
        .checked_sub(1)
        .filter(|_| !newest_mixed)
        .map(|last| Broke { first_bad: counted[last].0, last_good: counted.get(streak).map(|(at, _)| *at) });
    LineReport {
        health,
        counted: counted.len(),
        passed: counted.iter().filter(|(_, passed)| *passed).count(),
        flaky_commits,
        streak,
        usual: usual(runs),
        queue: median(runs.iter().filter_map(|run| waited(run.run)).collect()),
        broke,
    }
}

/// How long a run stood in the queue. `None`: it was tried again (its queue time is that of the first attempt), it has
/// not begun, or the backend does not tell.
pub fn waited(run: &PipelineRun) -> Option<TimeDelta> {
    if run.attempt.is_some_and(|attempt| attempt > 1) {
        return None;
    }
    let wait = run.started_at? - run.queued_at?;
    (wait >= TimeDelta::zero()).then_some(wait)
}

/// How long a run took, or has taken so far. `None`: it has not begun, or it ended and the backend does not tell when.
pub fn took(run: &PipelineRun, now: DateTime<Utc>) -> Option<TimeDelta> {
    run.elapsed(now).filter(|_| run.is_open() || run.finished_at.is_some())
}

/// Whether a run takes, or took, notably longer than usual. While it waits for a person that is not known: nothing runs.
pub fn is_over(run: &PipelineRun, usual: Option<TimeDelta>, now: DateTime<Utc>) -> bool {
    if run.state.state == RunState::Waiting {
        return false;
    }
    let (Some(elapsed), Some(usual)) = (took(run, now), usual) else { return false };
    elapsed - usual >= OVER && elapsed * 4 >= usual * 5
}

/// Whether a run passed. `None`: it does not count.
fn verdict(run: &PipelineRun) -> Option<bool> {
    match run.signal().status {
        Status::Ok => Some(true),
        Status::Failing => Some(false),
        _ => None,
    }
}

/// The same with what an earlier attempt said, while the next is under way.
fn so_far(run: &LineRun<'_>) -> Option<bool> {
    verdict(run.run).or_else(|| (run.run.is_open() && run.failed_before).then_some(false))
}

fn commit(run: &PipelineRun) -> Option<&str> {
    run.revision.as_deref().filter(|revision| !revision.is_empty())
}

/// Commits with whether one of their runs passed, and whether one failed.
fn mixed_commits<'a>(runs: &[LineRun<'a>]) -> BTreeMap<&'a str, (bool, bool)> {
    let mut commits: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for run in runs {
        let (Some(passed), Some(commit)) = (so_far(run), commit(run.run)) else { continue };
        let (ever_passed, ever_failed) = commits.entry(commit).or_default();
        *ever_passed |= passed;
        *ever_failed |= !passed || run.failed_before;
    }
    commits
}

fn usual(runs: &[LineRun<'_>]) -> Option<TimeDelta> {
    let passed = runs.iter().filter(|run| verdict(run.run) == Some(true));
    median(
        passed
            .filter_map(|run| Some((run.run.finished_at? - run.run.started_at?).max(TimeDelta::zero())))
            .take(USUAL_OF)
            .collect(),
    )
}

/// The middle one; of an even number the lower of the two, which a real run has taken. `None`: too few.
fn median(mut spans: Vec<TimeDelta>) -> Option<TimeDelta> {
    spans.sort();
    if spans.len() < USUAL_FROM { None } else { spans.get((spans.len() - 1) / 2).copied() }
}

#[cfg(test)]
mod tests {
    use qd_model::{Fact, Observed, RunResult};

    use super::*;
    use crate::fixtures::{now, run_with};

    /// Runs from a word each, newest first: `p` passed, `f` failed, `c` cancelled, `r` runs, `u` unknown; a number after
    /// it is the commit, `!` says that an earlier attempt failed.
    fn runs(words: &str) -> Vec<(PipelineRun, bool)> {
        let many = words.split_whitespace().count();
        words
            .split_whitespace()
            .enumerate()
            .map(|(at, word)| {
                let (state, result) = match &word[..1] {
                    "p" => (RunState::Done, Some(RunResult::Success)),
                    "f" => (RunState::Done, Some(RunResult::Failure)),
                    "c" => (RunState::Done, Some(RunResult::Cancellation)),
                    "u" => (RunState::Done, Some(RunResult::Unknown)),
                    _ => (RunState::Executing, None),
                };
                let Fact::Run(mut run) =
                    run_with("ci", &at.to_string(), "main", Observed::new(state, ""), result)
                else {
                    unreachable!("a run was asked for")
                };
                let commit = word[1..].trim_end_matches('!');
                run.revision =
                    Some(if commit.is_empty() { format!("own{}", many - at) } else { commit.to_owned() });
                (run, word.ends_with('!'))
            })
            .collect()
    }

    fn report(words: &str) -> LineReport {
        let runs = runs(words);
        let runs: Vec<LineRun<'_>> =
            runs.iter().map(|(run, failed_before)| LineRun { run, failed_before: *failed_before }).collect();
        judge(&runs)
    }

    fn check(words: &str, expected: LineHealth) {
        assert_eq!(report(words).health, expected, "{words}");
    }

    #[test]
    fn a_line_is_judged_as_the_table_says() {
        check("p p p p p", LineHealth::Healthy);
        check("p p f p p", LineHealth::Healthy);
        check("r p p p p p", LineHealth::Healthy);
        check("f p p p p", LineHealth::Broken);
        check("f f f f f", LineHealth::Broken);
        check("c f p p p p", LineHealth::Broken);
        check("p7 f7 p p p", LineHealth::Flaky);
        check("f7 p7 p p p", LineHealth::Flaky);
        check("p7! p p p p", LineHealth::Flaky);
        check("p p p f7 p7", LineHealth::Flaky);
        check("f p f7 p7 p", LineHealth::Broken);
        check("f7! p p p p", LineHealth::Broken);
        check("r7! p p p p", LineHealth::Broken);
        check("r7 p p p p p", LineHealth::Healthy);
    }

    #[test]
    fn too_little_history_is_unknown_and_never_healthy() {
        check("", LineHealth::Unknown);
        check("p p p p", LineHealth::Unknown);
        check("f f f f", LineHealth::Unknown);
        check("c c c c c c c", LineHealth::Unknown);
        check("u u u u u u p", LineHealth::Unknown);
        check("p7 f7 r r r r", LineHealth::Unknown);
    }

    #[test]
    fn only_the_last_forty_runs_are_looked_at() {
        let old = format!("{} f7 p7", "p ".repeat(WINDOW));
        check(&old, LineHealth::Healthy);
    }

    #[test]
    fn where_it_broke_lies_between_the_last_good_and_the_first_bad_run() {
        let at =
            |words: &str| report(words).broke.map(|broke| (broke.first_bad, broke.last_good, broke.range()));
        assert_eq!(at("f p p p p"), Some((0, Some(1), 0..1)));
        assert_eq!(at("f f c p p p"), Some((1, Some(3), 1..3)), "a cancelled run lies between");
        assert_eq!(at("r f c f c p p p"), Some((3, Some(5), 3..5)));
        assert_eq!(at("f f"), Some((1, None, 1..2)), "as far back as is known");
        assert_eq!(at("p f p"), None);
        assert_eq!(at("f7 p7 p p p"), None, "the commit is good, so nothing broke it");
    }

    fn timed(secs: &[i64], result: RunResult) -> Vec<PipelineRun> {
        secs.iter()
            .map(|secs| {
                let Fact::Run(mut run) =
                    run_with("ci", "1", "main", Observed::new(RunState::Done, ""), Some(result))
                else {
                    unreachable!("a run was asked for")
                };
                run.queued_at = Some(now() - TimeDelta::seconds(10));
                run.finished_at = Some(now() + TimeDelta::seconds(*secs));
                run
            })
            .collect()
    }

    #[test]
    fn the_usual_time_is_the_median_of_successes() {
        let usual = |secs: &[i64], result| {
            let runs = timed(secs, result);
            let runs: Vec<LineRun<'_>> =
                runs.iter().map(|run| LineRun { run, failed_before: false }).collect();
            judge(&runs).usual.map(|usual| usual.num_seconds())
        };
        assert_eq!(usual(&[240, 250, 900], RunResult::Success), Some(250));
        assert_eq!(usual(&[240, 250, 260, 900], RunResult::Success), Some(250), "one that was really taken");
        assert_eq!(usual(&[240, 250], RunResult::Success), None, "two are no habit");
        assert_eq!(usual(&[240, 250, 260], RunResult::Failure), None, "failures end early");
        assert_eq!(usual(&[-5, -5, -5], RunResult::Success), Some(0), "a clock that went back");
    }

    #[test]
    fn a_run_is_over_its_time_by_a_quarter_and_half_a_minute() {
        let over = |secs: i64, usual: i64| {
            let run = &timed(&[secs], RunResult::Success)[0];
            is_over(run, Some(TimeDelta::seconds(usual)), now())
        };
        assert!(over(372, 240));
        assert!(!over(290, 240), "a fifth more");
        assert!(!over(20, 5), "seconds are no overrun");
        let mut waits = timed(&[372], RunResult::Success).remove(0);
        (waits.state.state, waits.result) = (RunState::Waiting, None);
        assert!(!is_over(&waits, Some(TimeDelta::seconds(1)), now()), "it waits for a person");
        assert!(!is_over(&timed(&[999], RunResult::Success)[0], None, now()), "nothing to compare with");
    }

    #[test]
    fn the_queue_of_a_second_attempt_is_not_that_of_the_first() {
        let mut run = timed(&[60], RunResult::Success).remove(0);
        assert_eq!(waited(&run), Some(TimeDelta::seconds(10)));
        run.attempt = Some(2);
        assert_eq!(waited(&run), None);
    }
}

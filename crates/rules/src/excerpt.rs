//! The part of a log that a person wants to see first: a few lines around the first one that names an error.
//!
//! A log is somebody else's text in any format, so this is a judgement and says so: the whole log stays one key away.
//! Three grades of lines are looked for, and the first line of the best grade that is there wins:
//!
//! 1. what names what went wrong (`error[E0308]`, `panicked at`, `AssertionError`, `not ok 3`, `--- FAIL:`),
//! 2. what says that something did (`FAILED`, `error`, `fatal`, `exception`),
//! 3. what only tells that it ended badly (`exit code 1`), which mostly stands long after the cause.
//!
//! Lines that count nothing (`0 errors`, `failed: 0`) or name options (`--fail-fast`, `-Werror`) name no error, and neither
//! do those that only repeat the command before it runs (`+ make test || echo failed`).

/// Lines shown before the error.
const BEFORE: usize = 6;
/// Lines shown, the error among them.
pub const LINES: usize = 20;

/// A part of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excerpt {
    /// First line of the part, counted from 0.
    pub first: usize,
    /// Lines of the part.
    pub len: usize,
    /// The line that names the error, counted from 0 in the whole. `None`: none does, and the part is the end.
    pub error: Option<usize>,
}

/// Finds the part. Empty logs have an empty part.
pub fn excerpt<S: AsRef<str>>(lines: &[S]) -> Excerpt {
    let mut best: Option<(Grade, usize)> = None;
    let mut echo = Echo::of(lines);
    for (at, line) in lines.iter().enumerate() {
        // A line that is marked as an error is one, wherever it stands.
        if echo.has(at, line.as_ref()) && !line.as_ref().trim_start().starts_with(MARKED) {
            continue;
        }
        let Some(grade) = grade(line.as_ref()) else { continue };
        if best.is_none_or(|(known, _)| grade < known) {
            best = Some((grade, at));
        }
        if grade == Grade::Cause {
            break;
        }
    }
    let error = best.map(|(_, at)| at);
    let first = match error {
        Some(at) => at.saturating_sub(BEFORE).min(lines.len().saturating_sub(LINES)),
        None => lines.len().saturating_sub(LINES),
    };
    Excerpt { first, len: lines.len().min(LINES), error }
}

/// Which lines repeat the command that is run, and are none of its output.
struct Echo {
    /// A worker of Buildbot tells the command, its directory and its environment first: so many lines.
    head: usize,
    /// Within `##[group]Run …` of GitHub, which repeats the script of the step.
    script: bool,
}

/// Lines of a head that are looked through.
const HEAD: usize = 60;

impl Echo {
    fn of<S: AsRef<str>>(lines: &[S]) -> Self {
        let place = |line: &S| line.as_ref().trim_start().starts_with("in dir ");
        let head = lines.iter().take(HEAD).position(place).map_or(0, |at| at + 1);
        Self { head, script: false }
    }

    /// Whether a line is one of them. Lines are asked for in their order.
    fn has(&mut self, at: usize, line: &str) -> bool {
        let line = line.trim_start();
        if line.starts_with("##[endgroup]") {
            self.script = false;
        }
        self.script |= line.starts_with("##[group]Run ");
        let echoes = ["+ ", "++ ", "$ ", "##[command]", "[command]", "argv: ["];
        at < self.head || self.script || echoes.iter().any(|mark| line.starts_with(mark))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grade {
    Cause,
    Failure,
    End,
}

/// What GitHub writes before an error, also of its own.
const MARKED: &str = "##[error]";
/// What names the cause, in lower case.
const CAUSES: &[&str] = &[
    "error[",
    "panicked at",
    "assertionerror",
    "assertion failed",
    "assertion `",
    "traceback (most recent call last)",
    "--- fail:",
    "not ok ",
    "undefined reference",
    "cannot find ",
    "no such file or directory",
    "permission denied",
    "out of memory",
    "segmentation fault",
    MARKED,
    "npm err!",
    "expected ",
];
/// What says that something failed, in lower case, as a word of its own.
const FAILURES: &[&str] = &[
    "error",
    "errors",
    "err",
    "failed",
    "failure",
    "failures",
    "fail",
    "fatal",
    "exception",
    "panic",
    "✗",
    "✘",
    "aborted",
    "abort",
];
/// What only tells the end.
const ENDS: &[&str] = &["exit code", "exit status", "exited with", "returned non-zero", "return code"];

fn grade(line: &str) -> Option<Grade> {
    // What is longer is no sentence.
    let lower: String = line.chars().take(400).collect::<String>().to_lowercase();
    if says_nothing_failed(&lower) && !lower.contains(MARKED) {
        return None;
    }
    let causes = |cause: &str| match cause {
        // A test's complaint begins with it or has it after a colon; prose does not.
        "expected " => lower.trim_start().starts_with("expected ") || lower.contains(": expected "),
        cause => lower.contains(cause),
    };
    if CAUSES.iter().any(|cause| causes(cause)) {
        return Some(Grade::Cause);
    }
    if words(&lower).any(|word| FAILURES.contains(&word)) {
        return Some(Grade::Failure);
    }
    let ends = |end: &&str| {
        lower
            .find(*end)
            .is_some_and(|at| !lower[at + end.len()..].trim_start_matches([' ', ':', '=']).starts_with('0'))
    };
    ENDS.iter().any(ends).then_some(Grade::End)
}

/// Words as they stand between blanks and marks; `--fail-fast` and `error_handler.rs` are not the word they hold.
fn words(lower: &str) -> impl Iterator<Item = &str> {
    let edge = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '✗' | '✘'));
    lower.split(edge).map(|word| word.trim_end_matches('.')).filter(|word| !word.is_empty())
}

/// A count of nothing: `0 errors`, `0 failed`, `failures: 0`, `failed=0`, `no errors`.
fn says_nothing_failed(lower: &str) -> bool {
    let all: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let named = |word: &str| FAILURES.contains(&word);
    let none = |word: &str| matches!(word, "0" | "no" | "without");
    let empty = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| all.get(at)).is_some_and(|word| none(word));
        before || all.get(at + 1).is_some_and(|word| *word == "0")
    };
    let mut named = (0..all.len()).filter(|at| named(all[*at])).peekable();
    named.peek().is_some() && named.all(empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(log: &str, expected: Option<&str>) {
        let lines: Vec<&str> = log.lines().collect();
        let found = excerpt(&lines);
        assert_eq!(found.error.map(|at| lines[at]), expected, "{log}");
        assert!(found.first + found.len <= lines.len(), "{found:?}");
        assert!(
            found.error.is_none_or(|at| (found.first..found.first + found.len).contains(&at)),
            "{found:?}"
        );
    }

    #[test]
    fn the_first_line_that_names_the_cause_is_found() {
        check(
            "   Compiling a\nerror[E0308]: mismatched types\nerror: aborting",
            Some("error[E0308]: mismatched types"),
        );
        check(
            "test x ... FAILED\nthread 'x' panicked at src/a.rs:8:9:\nleft: 8",
            Some("thread 'x' panicked at src/a.rs:8:9:"),
        );
        check("=== RUN\n--- FAIL: TestCart (0.00s)\nFAIL\nexit status 1", Some("--- FAIL: TestCart (0.00s)"));
        check("ok 1\nnot ok 2 - cart\n# failed 1", Some("not ok 2 - cart"));
        check(
            "Traceback (most recent call last):\n  File \"a.py\"\nAssertionError",
            Some("Traceback (most recent call last):"),
        );
        check("ld: undefined reference to `main'", Some("ld: undefined reference to `main'"));
        check("  cart\n    ✗ adds up\n    expected 3, got 8", Some("    expected 3, got 8"));
    }

    #[test]
    fn without_a_cause_the_first_line_that_says_failed_is_taken_and_then_the_exit() {
        check(
            "build\ntest_login ... FAILED: 500\nprogram finished with exit code 1",
            Some("test_login ... FAILED: 500"),
        );
        check("make: *** [all] Error 2", Some("make: *** [all] Error 2"));
        check("doing\nprogram finished with exit code 7", Some("program finished with exit code 7"));
        check("doing\nprogram finished with exit code 0", None);
    }

    #[test]
    fn what_counts_nothing_or_names_an_option_is_no_error() {
        check(
            "cc -Werror --fail-fast\n0 errors, 0 warnings\nfailed=0\nno errors found\n12 passed; 0 failed",
            None,
        );
        check("Compiling error_handler.rs v1\nsrc/error.rs", None);
        check("0 errors, 2 failures", Some("0 errors, 2 failures"));
        check("it works as expected today", None);
    }

    #[test]
    fn the_echo_of_a_command_names_no_error() {
        check(
            "sh -c 'make || echo error: no such file or directory'\n in dir /w/build (timeout 1200 secs)\n watching logfiles {}\n \
             argv: [b'sh', b'-c', b'echo error: x']\n using PTY: False\nboom\nprogram finished with exit code 1",
            Some("program finished with exit code 1"),
        );
        check("+ grep 'permission denied' log\nbash: log: fatal", Some("bash: log: fatal"));
        check("$ cargo test || echo failed\nFAILED", Some("FAILED"));
        check(
            "##[group]Run echo failed\necho failed\nshell: bash -e\n##[endgroup]\n##[error]Process completed",
            Some("##[error]Process completed"),
        );
        check("##[group]Run ./check\n./check || echo failed", None);
        let marked = "##[error]0 of 3 instances became healthy";
        check(&format!("##[group]Run ./check\n./check || echo failed\n{marked}"), Some(marked));
        check(
            "doing\n##[error]0 of 3 instances became healthy",
            Some("##[error]0 of 3 instances became healthy"),
        );
        check("-  left\n+error: right", Some("+error: right"));
    }

    #[test]
    fn the_part_is_twenty_lines_with_six_before_the_error() {
        let log: Vec<String> =
            (0..100).map(|n| if n == 50 { "error: x".to_owned() } else { format!("line {n}") }).collect();
        assert_eq!(excerpt(&log), Excerpt { first: 44, len: 20, error: Some(50) });
        let early: Vec<String> =
            (0..100).map(|n| if n == 2 { "error: x".into() } else { n.to_string() }).collect();
        assert_eq!(excerpt(&early), Excerpt { first: 0, len: 20, error: Some(2) });
        let late: Vec<String> =
            (0..100).map(|n| if n == 99 { "error: x".into() } else { n.to_string() }).collect();
        assert_eq!(excerpt(&late), Excerpt { first: 80, len: 20, error: Some(99) });
        let none: Vec<String> = (0..100).map(|n: i32| n.to_string()).collect();
        assert_eq!(excerpt(&none), Excerpt { first: 80, len: 20, error: None }, "the end");
        assert_eq!(excerpt::<&str>(&[]), Excerpt { first: 0, len: 0, error: None });
        assert_eq!(excerpt(&["x"]), Excerpt { first: 0, len: 1, error: None });
    }
}

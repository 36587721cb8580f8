//! Rules over the text of our sources: lengths, and calls that have one place or none.

const LONG: usize = 400;
const TOO_LONG: usize = 600;

/// What the rules found.
#[derive(Debug, Default)]
pub struct Report {
    pub violations: Vec<String>,
    pub warnings: Vec<String>,
}

/// A call that is forbidden in some files, with the reason.
struct Forbidden {
    words: &'static [&'static str],
    /// Where the rule holds.
    applies: fn(&str) -> bool,
    reason: &'static str,
}

const FORBIDDEN: &[Forbidden] = &[
    Forbidden {
        words: &["{@html", "innerHTML", "outerHTML", "insertAdjacentHTML"],
        applies: |path| path.starts_with("ui/src/"),
        reason: "text of a backend must never become markup",
    },
    Forbidden {
        words: &[":has("],
        applies: |path| path.starts_with("ui/src/") && (path.ends_with(".svelte") || path.ends_with(".css")),
        reason: "with it in any style sheet WebKitGTK spends tens of milliseconds whenever rows come or go",
    },
    Forbidden {
        words: &["tokio::spawn(", "task::spawn("],
        applies: |path| path.ends_with(".rs") && !path.starts_with("crates/engine/src/tasks"),
        reason: "every task has an owner and one place where it stops: engine::tasks",
    },
    Forbidden {
        words: &["Runtime::new(", "runtime::Builder::"],
        applies: |path| path.ends_with(".rs") && !path.ends_with("/main.rs"),
        reason: "one runtime, made in main",
    },
];

impl Report {
    /// Checks files, given as path and text. Tests and generated files are free.
    pub fn of(files: &[(String, String)]) -> Self {
        let mut report = Self::default();
        for (path, text) in files.iter().filter(|(path, _)| !is_free(path)) {
            report.check_length(path, text);
            report.check_calls(path, text);
        }
        report
    }

    fn check_length(&mut self, path: &str, text: &str) {
        let lines = before_tests(path, text).count();
        if lines > TOO_LONG {
            self.violations.push(format!("{path}: {lines} lines without tests, at most {TOO_LONG}"));
        } else if lines > LONG {
            self.warnings.push(format!("{path}: {lines} lines without tests, better at most {LONG}"));
        }
    }

    fn check_calls(&mut self, path: &str, text: &str) {
        for (number, line) in before_tests(path, text).enumerate().filter(|(_, line)| !is_comment(line)) {
            let broken = FORBIDDEN.iter().filter(|rule| (rule.applies)(path));
            for rule in broken.filter(|rule| rule.words.iter().any(|word| line.contains(word))) {
                self.violations.push(format!("{path}:{}: {}", number + 1, rule.reason));
            }
        }
    }
}

/// Tests, their kits and servers, what is generated, and this table of forbidden words itself.
fn is_free(path: &str) -> bool {
    let free_folder = ["tests", "testkit", "benches", "examples"]
        .iter()
        .any(|name| path.split('/').any(|part| part == *name));
    let test_file =
        [".test.ts", ".spec.ts", "/gen.ts", "/testkit.rs", "/tests.rs"].iter().any(|end| path.ends_with(end));
    free_folder || test_file || path == "xtask/src/tidy/sources.rs"
}

/// The lines before the test module that stands at the end of a Rust file.
fn before_tests<'a>(path: &str, text: &'a str) -> impl Iterator<Item = &'a str> {
    let rust = path.ends_with(".rs");
    text.lines().take_while(move |line| !(rust && line.starts_with("#[cfg(test)]")))
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("//") || line.starts_with("* ") || line.starts_with("/*") || line.starts_with("<!--")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> Vec<String> {
        Report::of(&[(path.to_owned(), text.to_owned())]).violations
    }

    #[test]
    fn html_from_a_string_is_caught() {
        assert_eq!(
            check("ui/src/parts/Note.svelte", "<p>\n{@html note}</p>"),
            ["ui/src/parts/Note.svelte:2: text of a backend must never become markup"]
        );
        assert_eq!(check("ui/src/kit/Field.ts", "node.innerHTML = text;").len(), 1);
        assert_eq!(check("ui/src/kit/Field.test.ts", "expect(node.innerHTML)").len(), 0, "tests may read it");
    }

    #[test]
    fn a_slow_selector_is_caught() {
        assert_eq!(check("ui/src/kit/Button.svelte", "<style>\n.a:not(:has(.b)) { gap: 0; }").len(), 1);
        assert_eq!(check("ui/src/tokens/base.css", ".a:has(.b) { gap: 0; }").len(), 1);
        assert_eq!(check("ui/src/kit/map.ts", "// set.:has(").len(), 0, "no style");
    }

    #[test]
    fn a_task_without_an_owner_is_caught() {
        let spawn = "fn f() {\n    tokio::spawn(work());\n}\n";
        assert_eq!(check("crates/api/src/live.rs", spawn).len(), 1);
        assert_eq!(check("crates/engine/src/tasks.rs", spawn).len(), 0, "the one owner");
        assert_eq!(check("crates/engine/src/tasks/owner.rs", spawn).len(), 0, "the one owner");
        assert_eq!(check("crates/connector/src/testkit/server.rs", spawn).len(), 0, "a kit for tests");
        assert_eq!(
            check("crates/api/src/live.rs", &format!("#[cfg(test)]\nmod tests {{ {spawn} }}")).len(),
            0
        );
        assert_eq!(
            check("crates/api/src/live.rs", "// never call tokio::spawn() here").len(),
            0,
            "words, not a call"
        );
    }

    #[test]
    fn a_second_runtime_is_caught() {
        let runtime = "let runtime = tokio::runtime::Runtime::new()?;";
        assert_eq!(check("crates/secrets/src/lib.rs", runtime).len(), 1);
        assert_eq!(check("crates/cli/src/main.rs", runtime).len(), 0, "main makes the one runtime");
    }

    #[test]
    fn long_files_warn_first_and_fail_later_and_tests_do_not_count() {
        let file = |lines: usize, tests: usize| {
            format!("{}#[cfg(test)]\n{}", "let x = 1;\n".repeat(lines), "let y = 2;\n".repeat(tests))
        };
        let report = |text: String| Report::of(&[("crates/api/src/view.rs".to_owned(), text)]);
        assert!(report(file(400, 900)).warnings.is_empty());
        assert_eq!(report(file(401, 0)).warnings.len(), 1);
        assert_eq!(
            report(file(601, 0)).violations,
            ["crates/api/src/view.rs: 601 lines without tests, at most 600"]
        );
    }
}

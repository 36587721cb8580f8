//! `cargo xtask test`: every check in stages, and a summary that hides nothing.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::node::Node;
use crate::run::FEATURES;
use crate::setup::{self, Parts};
use crate::{codegen, pictures, shell, tidy};

#[derive(clap::Args)]
pub struct Options {
    /// Run only this stage; may be given more than once
    #[arg(long, value_name = "STAGE")]
    only: Vec<Stage>,
    /// Leave this stage out; may be given more than once
    #[arg(long, value_name = "STAGE")]
    skip: Vec<Stage>,
}

/// In the order in which they run: what is quick and what others need comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Stage {
    /// System packages, Node, cargo-nextest, npm packages, servers
    Setup,
    /// `cargo fmt --check`
    Format,
    /// Who uses whom, banned crates, file lengths, forbidden calls
    Tidy,
    /// The generated TypeScript is up to date
    Codegen,
    /// The window's types, lints, tests and build
    Ui,
    /// clippy over everything, warnings are errors
    Clippy,
    /// Everything that the whole-product tests start
    Build,
    /// cargo nextest: unit, conformance, engine, store, real servers, real keychain, real window
    Tests,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed(String),
    Skipped(&'static str),
}

struct Report {
    stage: Stage,
    outcome: Outcome,
    took: Duration,
}

pub fn run(options: &Options) -> Result<()> {
    let mut reports: Vec<Report> = Vec::new();
    for stage in <Stage as clap::ValueEnum>::value_variants() {
        let setup_failed =
            reports.iter().any(|it| it.stage == Stage::Setup && matches!(it.outcome, Outcome::Failed(_)));
        let started = Instant::now();
        let outcome = match reason_to_skip(*stage, options, setup_failed) {
            Some(reason) => Outcome::Skipped(reason),
            None => {
                eprintln!("\n==> {}", name(*stage));
                stage
                    .run()
                    .map_or_else(|failure| Outcome::Failed(format!("{failure:#}")), |()| Outcome::Passed)
            }
        };
        if let Outcome::Failed(why) = &outcome {
            eprintln!("{} failed: {why}", name(*stage));
        }
        reports.push(Report { stage: *stage, outcome, took: started.elapsed() });
    }
    let tests_ran =
        reports.iter().any(|it| it.stage == Stage::Tests && !matches!(it.outcome, Outcome::Skipped(_)));
    let skipped = if tests_ran { skipped_tests() } else { Vec::new() };
    println!("\n{}", summary(&reports, &skipped));
    let failed = reports.iter().filter(|it| matches!(it.outcome, Outcome::Failed(_))).count();
    if failed > 0 {
        bail!("{failed} of {} stages failed", reports.len());
    }
    Ok(())
}

fn reason_to_skip(stage: Stage, options: &Options, setup_failed: bool) -> Option<&'static str> {
    if options.skip.contains(&stage) {
        Some("left out with --skip")
    } else if !options.only.is_empty() && !options.only.contains(&stage) {
        Some("left out with --only")
    } else if setup_failed {
        Some("the setup failed")
    } else {
        None
    }
}

impl Stage {
    fn run(self) -> Result<()> {
        match self {
            Self::Setup => setup::run(Parts::ALL),
            Self::Format => shell::run(shell::cargo().args(["fmt", "--all", "--check"])),
            Self::Tidy => tidy::run(),
            Self::Codegen => codegen::run(true),
            Self::Ui => ui(),
            Self::Clippy => shell::run(
                over_the_workspace("clippy").args(["--all-targets", "--"]).args(["-D", "warnings"]),
            ),
            Self::Build => shell::run(over_the_workspace("build").arg("--bins")),
            Self::Tests => tests(),
        }
    }
}

/// One set of features everywhere: another one would compile most crates a second time.
fn over_the_workspace(subcommand: &str) -> Command {
    let mut cargo = shell::cargo();
    cargo.args([subcommand, "--workspace", "--locked", "--features", FEATURES]);
    cargo
}

fn ui() -> Result<()> {
    let node = Node::ensure()?;
    for script in ["check", "lint", "test", "build"] {
        shell::run(node.npm().args(["run", script]))?;
    }
    pictures::build_page(&node)
}

fn tests() -> Result<()> {
    let report = junit();
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let mut nextest = shell::cargo();
    nextest.args(["nextest", "run", "--workspace", "--locked", "--features", FEATURES, "--no-fail-fast"]);
    shell::run(&mut nextest)
}

/// nextest's report, with what passing tests printed (.config/nextest.toml).
fn junit() -> std::path::PathBuf {
    shell::target().join("nextest/default/junit.xml")
}

fn skipped_tests() -> Vec<String> {
    match fs::read_to_string(junit())
        .context("nextest left no report, so nobody knows which tests were skipped")
    {
        Ok(report) => skipped_lines(&report),
        Err(problem) => vec![format!("{problem:#}")],
    }
}

/// `TEST: WHY` of every line `skipped: TEST: WHY` that a test printed.
fn skipped_lines(report: &str) -> Vec<String> {
    let mut found: Vec<String> = report
        .lines()
        .filter_map(|line| line.split_once("skipped: ").filter(|(before, _)| starts_a_line(before)))
        .map(|(_, what)| unescaped(what.split("</system-").next().unwrap_or(what)))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Only white space or the opening tag stands before the words; a sentence that mentions them is no report.
fn starts_a_line(before: &str) -> bool {
    let before = before.trim();
    before.is_empty() || (before.starts_with('<') && before.ends_with('>'))
}

fn unescaped(xml: &str) -> String {
    xml.trim()
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

fn name(stage: Stage) -> String {
    use clap::ValueEnum;
    stage.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// A table of the stages, the tests that were skipped and why, and the counts alone on the last line.
fn summary(reports: &[Report], skipped: &[String]) -> String {
    let mut text = format!("{:<10}{:<10}{:>8}\n", "stage", "outcome", "seconds");
    let (mut passed, mut failed, mut left_out) = (0, 0, 0);
    for Report { stage, outcome, took } in reports {
        let (word, why) = match outcome {
            Outcome::Passed => ("passed", ""),
            Outcome::Failed(why) => ("FAILED", why.lines().next().unwrap_or_default()),
            Outcome::Skipped(why) => ("skipped", *why),
        };
        match outcome {
            Outcome::Passed => passed += 1,
            Outcome::Failed(_) => failed += 1,
            Outcome::Skipped(_) => left_out += 1,
        }
        let row = format!("{:<10}{word:<10}{:>8.1}  {why}", name(*stage), took.as_secs_f64());
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text.push_str(&match skipped.len() {
        0 => "\nno test was skipped\n".to_owned(),
        count => format!("\n{count} skipped tests:\n  {}\n", skipped.join("\n  ")),
    });
    text.push_str(&format!("\nstages: {passed} passed, {failed} failed, {left_out} skipped"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(stage: Stage, outcome: Outcome) -> Report {
        Report { stage, outcome, took: Duration::from_millis(1234) }
    }

    #[test]
    fn skipped_tests_are_found_in_the_report_with_their_reason() {
        let junit = "<system-out>running 1 test\nskipped: silence: alertmanager is not installed (x &amp; y)\n</system-out>\n\
                     <system-out>skipped: keyring: no gnome-keyring</system-out>\n\
                     <system-out>the word skipped: in a sentence</system-out>";
        assert_eq!(
            skipped_lines(junit),
            ["keyring: no gnome-keyring", "silence: alertmanager is not installed (x & y)"]
        );
    }

    #[test]
    fn the_summary_ends_with_the_counts_alone_on_a_line() {
        let reports = [
            report(Stage::Format, Outcome::Passed),
            report(Stage::Ui, Outcome::Failed("`npm run lint` ended with 1\nmore".into())),
            report(Stage::Tests, Outcome::Skipped("left out with --only")),
        ];
        let text = summary(&reports, &["silence: not installed".to_owned()]);
        assert_eq!(text.lines().last(), Some("stages: 1 passed, 1 failed, 1 skipped"));
        assert!(text.contains("ui        FAILED         1.2  `npm run lint` ended with 1\n"), "{text}");
        assert!(text.contains("1 skipped tests:\n  silence: not installed\n"), "{text}");
    }

    #[test]
    fn a_failed_setup_stops_the_rest_and_says_so() {
        let options = Options { only: vec![], skip: vec![Stage::Ui] };
        assert_eq!(reason_to_skip(Stage::Clippy, &options, true), Some("the setup failed"));
        assert_eq!(reason_to_skip(Stage::Ui, &options, false), Some("left out with --skip"));
        assert_eq!(reason_to_skip(Stage::Clippy, &options, false), None);
    }

    #[test]
    fn only_leaves_everything_else_out() {
        let options = Options { only: vec![Stage::Tidy], skip: vec![] };
        assert_eq!(reason_to_skip(Stage::Tidy, &options, false), None);
        assert_eq!(reason_to_skip(Stage::Setup, &options, false), Some("left out with --only"));
    }
}

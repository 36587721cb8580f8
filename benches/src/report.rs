//! Figures, their floors and their goals.
#![allow(clippy::print_stdout, reason = "a measurement's result is what it prints")]

use std::process::Command;
use std::time::Duration;

use serde_json::json;

/// What was measured, in the order in which it was.
#[derive(Debug)]
pub struct Report {
    rows: Vec<Row>,
    goals: Vec<Goal>,
    absent: Vec<String>,
    commit: Option<String>,
    loads: Vec<f64>,
}

#[derive(Debug)]
struct Row {
    metric: String,
    subject: String,
    n: usize,
    median: f64,
    p95: f64,
    unit: &'static str,
    reference: bool,
    cpu_s: Option<f64>,
    pss_mib: Option<f64>,
}

#[derive(Debug)]
struct Goal {
    text: String,
    reached: f64,
    limit: f64,
    unit: &'static str,
    at_least: bool,
}

impl Default for Report {
    fn default() -> Self {
        Self { rows: Vec::new(), goals: Vec::new(), absent: Vec::new(), commit: commit(), loads: Vec::new() }
    }
}

impl Report {
    /// Notes the durations of repeated work.
    pub fn durations(&mut self, metric: &str, subject: &str, each: Vec<Duration>) -> f64 {
        self.values(metric, subject, each.iter().map(|d| d.as_secs_f64() * 1e3).collect(), "ms")
    }

    /// Notes repeated values; returns their median.
    pub fn values(&mut self, metric: &str, subject: &str, each: Vec<f64>, unit: &'static str) -> f64 {
        let row = Row::of(metric, subject, each, unit);
        let median = row.median;
        self.note(row);
        median
    }

    /// Notes one value.
    pub fn value(&mut self, metric: &str, subject: &str, value: f64, unit: &'static str) {
        self.note(Row::of(metric, subject, vec![value], unit));
    }

    /// Notes the durations of what others of the same metric are measured against; returns their median in ms.
    pub fn reference(&mut self, metric: &str, subject: &str, each: Vec<Duration>) -> f64 {
        self.reference_values(metric, subject, each.iter().map(|d| d.as_secs_f64() * 1e3).collect(), "ms")
    }

    /// Notes values that others of the same metric are measured against; returns their median.
    pub fn reference_values(
        &mut self,
        metric: &str,
        subject: &str,
        each: Vec<f64>,
        unit: &'static str,
    ) -> f64 {
        let row = Row { reference: true, ..Row::of(metric, subject, each, unit) };
        let median = row.median;
        self.note(row);
        median
    }

    /// Adds what the figure noted last cost beside its time: CPU seconds per repetition.
    pub fn cpu(&mut self, each: &[Duration]) -> f64 {
        let seconds = median(each.iter().map(Duration::as_secs_f64).collect());
        if let Some(row) = self.rows.last_mut() {
            row.cpu_s = Some(seconds);
            println!("{}", json!({ "metric": row.metric, "subject": row.subject, "cpu_s": seconds }));
        }
        seconds
    }

    /// Something that would have been measured is not on this machine.
    pub fn absent(&mut self, what: &str) {
        println!("{}", json!({ "absent": what }));
        self.absent.push(what.to_owned());
    }

    /// Compares a figure with its goal, which is an upper limit.
    pub fn goal(&mut self, text: &str, reached: f64, limit: f64, unit: &'static str) {
        self.goals.push(Goal { text: text.to_owned(), reached, limit, unit, at_least: false });
    }

    /// The p95 of a metric of a subject, noted before.
    pub fn p95(&self, metric: &str, subject: &str) -> f64 {
        self.find(metric, subject).map_or(f64::NAN, |row| row.p95)
    }

    /// The median of a metric of a subject, noted before.
    pub fn median(&self, metric: &str, subject: &str) -> f64 {
        self.find(metric, subject).map_or(f64::NAN, |row| row.median)
    }

    fn find(&self, metric: &str, subject: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.metric == metric && row.subject == subject)
    }

    fn note(&mut self, row: Row) {
        let load = load();
        self.loads.extend(load);
        let line = json!({
            "metric": row.metric, "subject": row.subject, "n": row.n, "median": row.median, "p95": row.p95,
            "unit": row.unit, "cpu_s": row.cpu_s, "pss_mib": row.pss_mib, "load": load, "commit": self.commit,
        });
        println!("{line}");
        self.rows.push(row);
    }

    /// Prints the tables behind an empty line.
    pub fn finish(&self) {
        println!("\n{}", self.markdown());
    }

    /// The figures, the ratio to the reference of the same metric, and the goals.
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "| what | of | n | median | p95 | unit | × reference | CPU s |\n|---|---|--:|--:|--:|---|--:|--:|\n",
        );
        for row in &self.rows {
            let reference = self
                .rows
                .iter()
                .find(|other| other.reference && other.metric == row.metric && !row.reference);
            let ratio =
                reference.map_or_else(String::new, |other| format!("{:.2}", row.median / other.median));
            let cpu = row.cpu_s.map_or_else(String::new, |cpu| format!("{cpu:.3}"));
            let Row { metric, subject, n, median, p95, unit, .. } = row;
            text.push_str(&format!(
                "| {metric} | {subject} | {n} | {median:.2} | {p95:.2} | {unit} | {ratio} | {cpu} |\n"
            ));
        }
        if !self.goals.is_empty() {
            text.push_str("\n| goal | limit | measured | reached |\n|---|--:|--:|---|\n");
        }
        for Goal { text: goal, reached, limit, unit, at_least } in &self.goals {
            let yes = if *at_least { reached >= limit } else { reached <= limit };
            let word = if yes { "yes" } else { "**no**" };
            text.push_str(&format!("| {goal} | {limit:.2} {unit} | {reached:.2} {unit} | {word} |\n"));
        }
        for what in &self.absent {
            text.push_str(&format!("\nAbsent on this machine, and not measured: {what}.\n"));
        }
        text.push_str(&format!("\n{}\n", self.circumstances()));
        text
    }

    /// On what and under which load. Wall figures above a load of 1 are upper bounds.
    fn circumstances(&self) -> String {
        let (least, most) = self
            .loads
            .iter()
            .fold((f64::INFINITY, 0_f64), |(least, most), load| (least.min(*load), most.max(*load)));
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let commit = self.commit.as_deref().unwrap_or("unknown");
        let doubt = if most > 1.0 { ". Times above a load of 1 are upper bounds" } else { "" };
        format!("Commit {commit}, {cores} cores, load {least:.2} to {most:.2}{doubt}.")
    }
}

impl Row {
    fn of(metric: &str, subject: &str, mut each: Vec<f64>, unit: &'static str) -> Self {
        each.sort_unstable_by(f64::total_cmp);
        Self {
            metric: metric.to_owned(),
            subject: subject.to_owned(),
            n: each.len(),
            p95: at(&each, 95),
            median: at(&each, 50),
            unit,
            reference: false,
            cpu_s: None,
            pss_mib: None,
        }
    }
}

/// The median of some values; not a number when there are none.
pub fn median(mut each: Vec<f64>) -> f64 {
    each.sort_unstable_by(f64::total_cmp);
    at(&each, 50)
}

fn at(sorted: &[f64], share: usize) -> f64 {
    let place = (sorted.len() * share / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

/// The machine's load over the last minute, where it tells. Wall figures above a load of 1 say little.
pub fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

fn commit() -> Option<String> {
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|it| !it.is_empty());
    git(&["rev-parse", "--short", "HEAD"]).map(|commit| if changed { format!("{commit}+") } else { commit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_stands_beside_its_reference_and_its_goal() {
        let mut report = Report::default();
        report.values("start", "quarterdeck", vec![3.0, 1.0, 2.0], "ms");
        report.reference_values("start", "bare", vec![1.0], "ms");
        report.goal("start ≤ 1.35 × bare", 2.0, 1.35, "×");
        report.absent("another window");
        let text = report.markdown();
        for part in [
            "| start | quarterdeck | 3 | 2.00 | 3.00 | ms | 2.00 |",
            "| start | bare | 1 | 1.00 | 1.00 | ms |  |",
            "| start ≤ 1.35 × bare | 1.35 × | 2.00 × | **no** |",
            "not measured: another window.",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn nothing_measured_is_no_number() {
        assert!(median(Vec::new()).is_nan());
        assert!(Report::default().p95("start", "quarterdeck").is_nan());
    }
}

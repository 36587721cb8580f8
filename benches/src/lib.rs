//! The harness: figures as JSON lines on standard output, a Markdown table at the end.
#![allow(clippy::print_stdout, reason = "a measurement's result is what it prints")]

use std::time::{Duration, Instant};

use serde_json::json;

/// What was measured, in the order in which it was.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    metric: String,
    subject: String,
    n: usize,
    median: f64,
    p95: f64,
    unit: &'static str,
}

impl Report {
    /// Notes the durations of repeated work.
    pub fn durations(&mut self, metric: &str, subject: &str, mut each: Vec<Duration>) {
        each.sort_unstable();
        let at = |share: usize| each.get((each.len() * share / 100).min(each.len().saturating_sub(1)));
        let ms = |duration: Option<&Duration>| duration.map_or(f64::NAN, |d| d.as_secs_f64() * 1e3);
        self.note(metric, subject, each.len(), ms(at(50)), ms(at(95)), "ms");
    }

    /// Notes one value.
    pub fn value(&mut self, metric: &str, subject: &str, value: f64, unit: &'static str) {
        self.note(metric, subject, 1, value, value, unit);
    }

    fn note(&mut self, metric: &str, subject: &str, n: usize, median: f64, p95: f64, unit: &'static str) {
        let line = json!({ "metric": metric, "subject": subject, "n": n, "median": median, "p95": p95,
            "unit": unit, "load": load() });
        println!("{line}");
        self.rows.push(Row { metric: metric.to_owned(), subject: subject.to_owned(), n, median, p95, unit });
    }

    /// The table.
    pub fn markdown(&self) -> String {
        let mut table = String::from("| what | of | n | median | p95 | unit |\n|---|---|--:|--:|--:|---|\n");
        for Row { metric, subject, n, median, p95, unit } in &self.rows {
            table.push_str(&format!("| {metric} | {subject} | {n} | {median:.2} | {p95:.2} | {unit} |\n"));
        }
        table
    }
}

/// Runs work and tells how long it took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begin = Instant::now();
    let done = work();
    (done, begin.elapsed())
}

/// The machine's load over the last minute, where it tells. Wall figures above a load of 1 say little.
pub fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// A field of this process's status in kB (`VmHWM`: most memory ever), where the machine tells.
pub fn status_kb(field: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line =
        status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':').map(str::to_owned))?;
    line.split_whitespace().next()?.parse().ok()
}

/// CPU time of this process so far, where the machine tells.
pub fn cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10)) // 100 ticks a second on every Linux we run on
}

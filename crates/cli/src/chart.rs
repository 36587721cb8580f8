//! `qd chart`.

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, ValueEnum};
use qd_api::App;
use qd_api::charts::{ChartInk, ChartLegend, ChartWords};
use qd_api::view::{ChartKind, ChartKnown, ChartMark, ChartView, ChartsReq, ChartsView};
use serde_json::{Value, json};

use crate::out::{self, Exit, Failure, say, verdict};

/// What `--help` adds.
pub const CHART: &str = "\
Numbers with ≥ are the least there was, and ? is nobody knows: the time was not read from begin to end by every source.
Columns: alerts and deployments count those that began, BAD those that page or fail; durations are those of the runs that
ended, BAD those that failed. Rows are hours; shorter or longer where the span is. Times are UTC.

Examples:
  qd chart alerts
  qd chart deployments --filter env:production --hours 168 --output deployments.svg
  qd chart durations --filter service:shop --during 2026-11-20..2026-11-21 --json | jq '.items[] | [.from, .median_secs]'";

/// A chart.
#[derive(Debug, Args)]
pub struct Chart {
    /// What it shows.
    #[arg(value_enum)]
    pub chart: ChartWord,
    /// Only what matches.
    #[arg(long, default_value = "", value_name = "QUERY", allow_hyphen_values = true)]
    pub filter: String,
    /// Between two times (2026-11-20T14:00:00Z..2026-11-20T15:00:00Z).
    #[arg(long, value_name = "FROM..TO", conflicts_with = "hours")]
    pub during: Option<String>,
    /// So many hours up to now.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=168))]
    pub hours: u32,
    /// Up to then instead of now: 2026-11-20T09:00:00Z, 2026-11-20T10:00:00+01:00, or a day (midnight UTC).
    #[arg(long, value_name = "TIME", value_parser = crate::values::time)]
    pub as_of: Option<DateTime<Utc>>,
    /// Write a picture (SVG) to this file.
    #[arg(long, value_name = "FILE")]
    pub output: Option<std::path::PathBuf>,
}

/// Which chart.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ChartWord {
    /// Alerts that began.
    Alerts,
    /// Deployments that began.
    Deployments,
    /// How long runs took.
    Durations,
}

impl From<ChartWord> for ChartKind {
    fn from(word: ChartWord) -> Self {
        match word {
            ChartWord::Alerts => Self::Alerts,
            ChartWord::Deployments => Self::Deployments,
            ChartWord::Durations => Self::Durations,
        }
    }
}

/// Pixels of a picture.
const SIZE: (u32, u32) = (960, 280);

/// Prints a chart as a table or as JSON, and writes its picture where one is asked for.
pub async fn chart(app: &App, asked: Chart, json: bool) -> Result<Exit, Failure> {
    let during = asked.during.map(|span| format!("during:\"{}\" ", span.replace('"', "")));
    let query = format!("{}{}", during.unwrap_or_default(), asked.filter);
    let request = ChartsReq {
        query: query.clone(),
        hours: asked.hours,
        as_of: asked.as_of,
        ahead_mins: 0,
        width: SIZE.0,
        height: SIZE.1,
    };
    let kind = ChartKind::from(asked.chart);
    let sources = app.sources(asked.as_of).await?;
    // What leaves the demo says where it comes from.
    let demo = sources.demo.as_ref().map(|demo| format!("DEMO · {} · ", demo.company)).unwrap_or_default();
    let mut told = None;
    let (view, file) = app
        .chart_file(kind, request, |view, write| {
            let chart = view.charts.first();
            told = chart.map(|chart| sentences(view, chart));
            write(&ChartWords {
                title: &format!("{demo}{}", title(view, kind, &query)),
                description: told.as_deref().unwrap_or_default(),
                time: &|at| at.format("%m-%d %H:%M").to_string(),
                value: &|value| if kind == ChartKind::Durations { span(value) } else { value.to_string() },
                legend: legend(kind),
            })
        })
        .await?;
    crate::lists::tell_unheard(app, &query).await?;
    let Some(chart) = view.charts.first() else { return Ok(Exit::Fine) };
    if json {
        out::json(&qd_api::document(&sources, chart.marks.iter().map(item).collect()))?;
    } else if asked.output.is_none() {
        table(kind, &chart.marks)?;
        say(&told.unwrap_or_default());
    }
    if let Some(path) = &asked.output {
        let failed = |error: std::io::Error| Failure {
            exit: Exit::Error,
            message: format!("{} could not be written: {error}", path.display()),
        };
        std::fs::write(path, file).map_err(failed)?;
        say(&format!("qd: {} written", path.display()));
    }
    Ok(verdict(&view.sources, false))
}

fn table(kind: ChartKind, marks: &[ChartMark]) -> Result<(), Failure> {
    let cells = |mark: &ChartMark| {
        let mut cells =
            vec![time(mark.from), time(mark.until), number(mark, mark.count), number(mark, mark.bad)];
        if kind == ChartKind::Durations {
            let took = |secs: Option<u32>| secs.map_or_else(|| "—".to_owned(), |secs| span(secs.into()));
            cells.extend([took(mark.median_secs), took(mark.p90_secs)]);
        }
        cells.push(match mark.known {
            ChartKnown::Read => "read".to_owned(),
            _ => format!("not read: {}", missing(mark)),
        });
        cells
    };
    let head: &[&str] = match kind {
        ChartKind::Alerts => &["FROM", "UNTIL", "ALERTS", "BAD", "READ"],
        ChartKind::Deployments => &["FROM", "UNTIL", "DEPLOYMENTS", "BAD", "READ"],
        ChartKind::Durations => &["FROM", "UNTIL", "RUNS", "BAD", "MEDIAN", "P90", "READ"],
    };
    out::table(head, &marks.iter().map(cells).collect::<Vec<_>>())
}

/// What was not read and holds nothing is not zero.
fn number(mark: &ChartMark, number: u32) -> String {
    match (mark.known, number) {
        (ChartKnown::Read, number) => number.to_string(),
        (_, 0) => "?".to_owned(),
        (_, number) => format!("≥{number}"),
    }
}

fn missing(mark: &ChartMark) -> String {
    if mark.missing.is_empty() { "not counted whole".to_owned() } else { mark.missing.join(", ") }
}

/// A part for scripts, without its place in a picture.
fn item(mark: &ChartMark) -> Value {
    let known = |number: u32| (mark.known == ChartKnown::Read || number > 0).then_some(number);
    json!({
        "from": mark.from,
        "until": mark.until,
        "known": mark.known,
        "missing": mark.missing,
        "count": known(mark.count),
        "bad": known(mark.bad),
        "median_secs": mark.median_secs,
        "p90_secs": mark.p90_secs,
    })
}

fn title(view: &ChartsView, kind: ChartKind, query: &str) -> String {
    let per = match view.part_secs {
        3_600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        secs => span(secs.into()),
    };
    let what = match kind {
        ChartKind::Alerts => "Alerts that began",
        ChartKind::Deployments => "Deployments",
        ChartKind::Durations => "Durations of runs",
    };
    let of =
        if query.trim().is_empty() { String::new() } else { format!(", {}", qd_api::plain(query.trim())) };
    format!("{what} per {per}, UTC{of}")
}

/// The chart for those who do not see it.
fn sentences(view: &ChartsView, chart: &ChartView) -> String {
    let summary = &chart.summary;
    let (what, bad) = match chart.chart {
        ChartKind::Alerts => ("alerts began", "page or fail"),
        ChartKind::Deployments => ("deployments began", "failed"),
        ChartKind::Durations => ("runs ended", "failed"),
    };
    let mut said = vec![format!(
        "From {} to {}: {}{} {what}, {} of them {bad}.",
        time(view.from),
        time(view.to),
        if summary.unread > 0 { "at least " } else { "" },
        summary.count,
        summary.bad
    )];
    if let (Some(median), Some(p90)) = (summary.median_secs, summary.p90_secs) {
        said.push(format!("Median {}, nine of ten within {}.", span(median.into()), span(p90.into())));
    }
    if let Some(mark) = summary.peak.and_then(|at| chart.marks.get(at as usize)) {
        let value = mark.median_secs.map_or_else(|| mark.count.to_string(), |secs| span(secs.into()));
        said.push(format!("The highest is {value}, from {} to {}.", time(mark.from), time(mark.until)));
    }
    if summary.excluded > 0 {
        said.push(format!("{} runs are left out: cancelled, skipped, or without a begin.", summary.excluded));
    }
    if summary.unobserved {
        said.push("No connection observes this.".to_owned());
    } else if summary.unread > 0 {
        let (unread, all) = (summary.unread, chart.marks.len());
        said.push(format!(
            "{unread} of {all} parts were not read from begin to end by every source: they are hatched, and there may have been more."
        ));
    }
    said.join(" ")
}

fn legend(kind: ChartKind) -> &'static [ChartLegend<'static>] {
    const UNREAD: ChartLegend<'_> = ChartLegend { ink: ChartInk::Unread, meaning: "not read" };
    const PARTLY: ChartLegend<'_> =
        ChartLegend { ink: ChartInk::Partly, meaning: "not read by every source" };
    const LEAST: ChartLegend<'_> = ChartLegend { ink: ChartInk::AtLeast, meaning: "at least" };
    match kind {
        ChartKind::Alerts => &[
            ChartLegend { ink: ChartInk::Bar, meaning: "alerts" },
            ChartLegend { ink: ChartInk::Bad, meaning: "of them paging or failing" },
            LEAST,
            UNREAD,
            PARTLY,
        ],
        ChartKind::Deployments => &[
            ChartLegend { ink: ChartInk::Bar, meaning: "deployments" },
            ChartLegend { ink: ChartInk::Bad, meaning: "of them failed" },
            LEAST,
            UNREAD,
            PARTLY,
        ],
        ChartKind::Durations => &[
            ChartLegend { ink: ChartInk::Middle, meaning: "median" },
            ChartLegend { ink: ChartInk::Spread, meaning: "up to what nine of ten took" },
            UNREAD,
            PARTLY,
        ],
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Seconds in at most two units.
fn span(secs: u64) -> String {
    match secs {
        0..60 => format!("{secs}s"),
        60..3_600 if secs.is_multiple_of(60) => format!("{}m", secs / 60),
        60..3_600 => format!("{}m {:02}s", secs / 60, secs % 60),
        3_600..86_400 if secs % 3_600 < 60 => format!("{}h", secs / 3_600),
        3_600..86_400 => format!("{}h {:02}m", secs / 3_600, secs % 3_600 / 60),
        _ if secs % 86_400 < 3_600 => format!("{}d", secs / 86_400),
        _ => format!("{}d {}h", secs / 86_400, secs % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_at_most_two_units() {
        let told = |secs: &[u64]| secs.iter().map(|secs| span(*secs)).collect::<Vec<_>>();
        assert_eq!(told(&[0, 59, 60, 61, 3_600, 5_400]), ["0s", "59s", "1m", "1m 01s", "1h", "1h 30m"]);
        assert_eq!(told(&[86_400, 90_000, 1_000_000]), ["1d", "1d 1h", "11d 13h"]);
    }

    #[test]
    fn what_was_not_read_is_no_zero() {
        let check = |known, count, expected: (&str, Value)| {
            let at = DateTime::UNIX_EPOCH;
            let mark = ChartMark {
                from: at,
                until: at,
                known,
                missing: Vec::new(),
                count,
                bad: 0,
                median_secs: None,
                p90_secs: None,
                x: 0,
                width: 0,
                y: 0,
            };
            assert_eq!((number(&mark, count).as_str(), item(&mark)["count"].clone()), expected);
        };
        check(ChartKnown::Read, 0, ("0", json!(0)));
        check(ChartKnown::Unread, 0, ("?", Value::Null));
        check(ChartKnown::Unread, 3, ("≥3", json!(3)));
        check(ChartKnown::Partly, 3, ("≥3", json!(3)));
    }
}

//! Charts: counts and durations over time, with what makes each number and how well it is known.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::SourceView;

/// Which chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Alerts that began.
    Alerts,
    /// Deployments that began.
    Deployments,
    /// How long runs took, of those that ended.
    Durations,
}

/// Asks for all charts of a span of time.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct ChartsReq {
    /// Of which services and environments; empty: all. A `during:` in it is the span of time.
    #[serde(default)]
    pub query: String,
    /// Without `during:`: so many hours up to now. At most 168.
    pub hours: u32,
    /// As of then instead of now: the span ends there. What is known now of that time is told.
    pub as_of: Option<DateTime<Utc>>,
    /// How many minutes the reader's clock is ahead of UTC: the parts are round on it.
    #[serde(default)]
    pub ahead_mins: i32,
    /// Width of a drawing, pixels.
    pub width: u32,
    /// Height of a drawing, pixels.
    pub height: u32,
}

/// All charts of a span of time.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ChartsView {
    /// Begin of the span.
    pub from: DateTime<Utc>,
    /// Its end; lies ahead while the last part is not over.
    pub to: DateTime<Utc>,
    /// Seconds of each part; the first and the last may be shorter.
    pub part_secs: u32,
    /// The charts, always all three.
    pub charts: Vec<ChartView>,
    /// Sources whose health says how far this can be trusted.
    pub sources: Vec<SourceView>,
}

/// One chart.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ChartView {
    /// Which.
    pub chart: ChartKind,
    /// What it shows in all.
    pub summary: ChartSummary,
    /// Its parts, oldest first: what is counted in them, and where they lie in the drawing.
    pub marks: Vec<ChartMark>,
    /// The picture.
    pub drawing: ChartDrawing,
}

/// What a chart shows in all: the parts of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChartSummary {
    /// How many alerts, deployments or runs.
    pub count: u32,
    /// How many of them page or fail (alerts), or failed (deployments, runs).
    pub bad: u32,
    /// The part with most of them, or where the median was longest. `None`: there is nothing anywhere.
    pub peak: Option<u32>,
    /// Median of all, seconds. `None`: no runs, or another chart.
    pub median_secs: Option<u32>,
    /// What nine of ten took, seconds. `None`: no runs, or another chart.
    pub p90_secs: Option<u32>,
    /// Parts that were not read from begin to end by every source: what is counted there is the least there was.
    pub unread: u32,
    /// Runs that ended and are left out: cancelled, skipped, or the backend does not tell when they began.
    pub excluded: u32,
    /// Nobody observes what this chart counts.
    pub unobserved: bool,
    /// More happened than is counted; the oldest is missing, and the parts it is missing from count as not read.
    pub truncated: bool,
}

/// How well a part was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChartKnown {
    /// From begin to end, by every source.
    Read,
    /// Not from begin to end by every source: the numbers are the least there was.
    Partly,
    /// Not from begin to end by any source: the numbers are the least there was.
    Unread,
}

/// One part of a chart. `chart_rows` with its times tells which rows made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChartMark {
    /// Begin, inclusive.
    pub from: DateTime<Utc>,
    /// End, exclusive.
    pub until: DateTime<Utc>,
    /// How well it was read.
    pub known: ChartKnown,
    /// Sources that were not read from begin to end.
    pub missing: Vec<String>,
    /// How many.
    pub count: u32,
    /// How many of them page, fail or failed.
    pub bad: u32,
    /// Median, seconds. `None`: no run ended, or another chart.
    pub median_secs: Option<u32>,
    /// What nine of ten took, seconds. `None`: no run ended, or another chart.
    pub p90_secs: Option<u32>,
    /// Left edge in the drawing, pixels.
    pub x: i32,
    /// Width in the drawing, pixels.
    pub width: i32,
    /// Its value in the drawing, pixels from the top.
    pub y: i32,
}

/// A chart as shapes. It holds numbers only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChartDrawing {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// The foot of the chart, pixels from the top.
    pub foot: i32,
    /// Shapes, the lowest first.
    pub layers: Vec<ChartLayer>,
    /// Values beside the grid.
    pub values: Vec<ChartValue>,
    /// Times below it.
    pub times: Vec<ChartTime>,
}

/// All shapes that mean one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChartLayer {
    /// `unread`, `partly`, `grid`, `bar`, `at_least`, `bad`, `spread`, `middle`.
    pub ink: String,
    /// Path data of SVG.
    pub d: String,
}

/// A value of the grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChartValue {
    /// How many, or how many seconds.
    pub value: u64,
    /// Pixels from the top.
    pub y: i32,
}

/// A time of the axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChartTime {
    /// When.
    pub at: DateTime<Utc>,
    /// Pixels from the left.
    pub x: i32,
}

/// Asks which rows made a part of a chart.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ChartRowsReq {
    /// Which chart.
    pub chart: ChartKind,
    /// As in the chart; a `during:` in it is left out.
    #[serde(default)]
    pub query: String,
    /// From, inclusive.
    pub from: DateTime<Utc>,
    /// To, exclusive.
    pub to: DateTime<Utc>,
    /// As in the chart.
    pub as_of: Option<DateTime<Utc>>,
}

/// The rows that made a part of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChartRowsView {
    /// Oldest first, at most 500: the newest.
    pub rows: Vec<ChartRow>,
    /// How many there are in all.
    pub count: u32,
}

/// A row that made a number of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChartRow {
    /// Entity id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its service.
    pub service: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// When it began (alerts, deployments) or ended (runs).
    pub at: DateTime<Utc>,
    /// It pages, fails or failed.
    pub bad: bool,
    /// How long it took, seconds. `None`: it is no run.
    pub secs: Option<u32>,
}

//! Grouped lists, and what else concerns an entity.

use chrono::{DateTime, Utc};
use qd_model::{Kind, Severity, Status};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{KindTs, LikelyView, Row, SeverityCount, SeverityTs, SourceView, StatusTs, TransitionView};

/// A window of a grouped list.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct BoardReq {
    /// Of which kind.
    #[ts(as = "KindTs")]
    pub kind: Kind,
    /// Query; empty: everything.
    #[serde(default)]
    pub query: String,
    /// Also what is not current (closed tickets, resolved alerts).
    #[serde(default)]
    pub all: bool,
    /// As of then. `None`: now.
    pub as_of: Option<DateTime<Utc>>,
    /// What to group by: `service`, `name`, `severity`, `receiver`, `environment`, `source`, `type`, `priority`,
    /// `assignee`, `label:NAME`. Empty: not at all. `None`: not at all, but alerts by service and name in a storm.
    pub group: Option<Vec<String>>,
    /// Keys of the groups that are open; with `inverted`, of those that are not.
    #[serde(default)]
    pub open: Vec<String>,
    /// Every group is open but those named.
    #[serde(default)]
    pub inverted: bool,
    /// Whether the last answer told of a storm: one does not end with the first alert that stops.
    #[serde(default)]
    pub storm: bool,
    /// First line.
    #[serde(default)]
    pub offset: u32,
    /// Lines, at most 200.
    pub limit: u32,
    /// Answer `unchanged` when nothing changed since. Only for the same question.
    pub seen_seq: Option<u64>,
}

/// A window of a grouped list.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct BoardView {
    /// Nothing changed since `seen_seq`: keep what you have (lines are left out).
    pub unchanged: bool,
    /// The lines from `offset` on, at most 200: groups, and the entities of those that are open.
    pub lines: Vec<Line>,
    /// How many lines there are in all.
    pub total: u32,
    /// How many entities match; the same alert of several sources counts once.
    pub count: u32,
    /// How many entities there would be without the filter (each source's by itself).
    pub unfiltered: u32,
    /// How many of them fire.
    pub firing: u32,
    /// More match than were read (50,000): the counts are of those.
    pub cut: bool,
    /// What the lines are grouped by now.
    pub group: Vec<String>,
    /// So many alerts fire that they were grouped unasked.
    pub storm: bool,
    /// What they can be grouped by, labels after the rest, the most common first.
    pub keys: Vec<KeyView>,
    /// Number of the latest change in it.
    pub seq: u64,
    /// Sources that observe this kind.
    pub sources: Vec<SourceView>,
    /// When the last entity of the kind changed its state to a closed one.
    pub last_closed: Option<TransitionView>,
}

/// Something a list can be grouped by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct KeyView {
    /// The word of [`BoardReq::group`].
    pub key: String,
    /// How many entities have a value for it.
    pub count: u32,
}

/// One line of a grouped list.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "line", rename_all = "snake_case")]
// Boxing one of them would show in the JSON of neither, but in every line that makes one.
#[allow(clippy::large_enum_variant, reason = "at most 200 at a time")]
pub enum Line {
    /// A group.
    Group(GroupLine),
    /// An entity.
    Entity(EntityLine),
}

/// A group.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct GroupLine {
    /// Its key, for [`BoardReq::open`].
    pub key: String,
    /// One value for each word of [`BoardView::group`]; `None`: its members have none.
    pub values: Vec<Option<String>>,
    /// Whether its members follow.
    pub open: bool,
    /// How many entities.
    pub count: u32,
    /// How many fire.
    pub firing: u32,
    /// How many are silenced or inhibited.
    pub suppressed: u32,
    /// Firing ones by severity, worst first.
    pub severities: Vec<SeverityCount>,
    /// The worst status in it.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// When the newest happened.
    pub newest: Option<DateTime<Utc>>,
    /// One of its members has a source that is not current.
    pub stale: bool,
}

/// An entity.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct EntityLine {
    /// The entity; of an alert that several sources show, the worst.
    pub row: Row,
    /// It stands in an open group.
    pub inside: bool,
    /// The connections that show it, the row's own first.
    pub sources: Vec<String>,
    /// It flaps.
    pub flap: Option<FlapView>,
    /// The alerts that inhibit it.
    pub inhibitors: Vec<Inhibitor>,
    /// A ticket: the alert of its service during which it was opened.
    pub during: Option<During>,
}

/// An alert that fires and stops again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct FlapView {
    /// How often it stopped within the last hour.
    pub per_hour: u32,
    /// When it last changed.
    pub last: DateTime<Utc>,
}

/// An alert that keeps another from notifying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Inhibitor {
    /// As the backend names it.
    pub fingerprint: String,
    /// Its entity. `None`: it is not known here.
    pub id: Option<String>,
    /// Its name. `None`: it is not known here.
    pub title: Option<String>,
}

/// An alert that fired while a ticket was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct During {
    /// The alert.
    pub id: String,
    /// Its name.
    pub title: String,
    /// How bad.
    #[ts(as = "SeverityTs")]
    pub severity: Severity,
    /// Begin.
    pub from: DateTime<Utc>,
    /// End. `None`: it has not ended.
    pub to: Option<DateTime<Utc>>,
}

/// What else is known that concerns an entity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TS)]
pub struct Around {
    /// The same alert as other sources show it.
    pub siblings: Vec<Row>,
    /// It flaps.
    pub flap: Option<FlapView>,
    /// The alerts that inhibit it.
    pub inhibitors: Vec<Inhibitor>,
    /// A ticket: the alert of its service during which it was opened.
    pub during: Option<During>,
    /// An alert: the deployment that came shortly before it, where that is known for sure.
    pub likely: Option<LikelyView>,
    /// It begins in the future by so many seconds although its source shows it now: a clock is off, or it was planned.
    pub ahead_secs: Option<u32>,
    /// Its source's clock minus ours, seconds, when it is known to differ by more than a minute.
    pub clock_skew_secs: Option<i32>,
}

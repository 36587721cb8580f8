//! Silences of all sources.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ActionOffer, SilenceView};

/// Asks for silences.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct SilencesReq {
    /// Ask the sources now, also when they were asked a moment ago.
    #[serde(default)]
    pub fresh: bool,
}

/// Silences of all sources.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SilencesView {
    /// Those that hold by their end, then those to come, then those that ended within a day.
    pub silences: Vec<SilenceRow>,
    /// Every source that has silences.
    pub sources: Vec<SilenceSource>,
}

/// One silence.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SilenceRow {
    /// Connection.
    pub source: String,
    /// The silence.
    pub silence: SilenceView,
    /// How many alerts that fire or are suppressed it matches, as they were last read. `None`: its conditions cannot be
    /// judged here.
    pub hits: Option<u32>,
    /// What a person should look at: `expiring` (within an hour), `matches_nothing`, `no_comment`.
    pub marks: Vec<String>,
    /// Its conditions, one a line, as the form takes them.
    pub matchers: String,
    /// Its source could not be asked now: this is what it said when it was read last.
    pub stale: bool,
}

/// A source of silences.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SilenceSource {
    /// Connection.
    pub source: String,
    /// When its silences were read. `None`: never.
    pub as_of: Option<DateTime<Utc>>,
    /// Why they could not be read now. `None`: they were.
    pub error: Option<String>,
    /// What of them could not be read.
    pub problems: Vec<String>,
    /// Makes a silence.
    pub create: Option<ActionOffer>,
    /// Lets one end later; takes its id as `silence`.
    pub extend: Option<ActionOffer>,
    /// Ends one now; takes its id as `silence`.
    pub expire: Option<ActionOffer>,
}

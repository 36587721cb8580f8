//! The demo.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The simulated world this is a demo of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DemoView {
    /// What the company is called.
    pub company: String,
    /// The simulated time.
    pub now: DateTime<Utc>,
    /// Time passes. Never where the story ends.
    pub playing: bool,
    /// How many simulated seconds pass in a real one while it plays.
    pub speed: u32,
    /// Key of the chapter that was reached last.
    pub chapter: String,
    /// All chapters, in their order.
    pub chapters: Vec<DemoChapter>,
}

/// A chapter of the story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DemoChapter {
    /// Its word.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// When everything of it can be seen.
    pub at: DateTime<Utc>,
}

/// How the demo is left.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct DemoLeaveReq {
    /// To the connections, where one can be added.
    pub connect: bool,
}

/// How the demo goes on. What is not given stays.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct DemoReq {
    /// Let time pass, or stop it.
    pub playing: Option<bool>,
    /// Simulated seconds in a real one, 1 to 60.
    pub speed: Option<u32>,
    /// Go to this chapter: onwards through those between, or back to a world in which nobody did anything yet.
    pub chapter: Option<String>,
}

//! Everything that failed or is not matched.

use qd_model::Kind;
use serde::Serialize;
use ts_rs::TS;

use super::{HealthView, KindTs};

/// Something that failed or is not matched.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum ProblemView {
    /// A mistake in the configuration file.
    Config {
        /// Something cannot be used. Else something is ignored.
        broken: bool,
        /// What and what to write instead.
        message: String,
        /// The file.
        file: Option<String>,
        /// Line, from 1.
        line: Option<u32>,
    },
    /// A source that does not give what it should.
    Source {
        /// Its id.
        source: String,
        /// Name of its backend.
        backend_name: String,
        /// How it stands, why, and when it is tried next.
        health: HealthView,
    },
    /// Something a source gave or has that could not be read.
    Unread {
        /// The source's id.
        source: String,
        /// What and why.
        message: String,
    },
    /// Current entities that belong to no service.
    Unmatched {
        /// Of which kind.
        #[ts(as = "KindTs")]
        kind: Kind,
        /// How many.
        count: u32,
        /// The query that lists them.
        query: String,
    },
}

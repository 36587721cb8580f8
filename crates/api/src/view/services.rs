//! Services that were guessed, and how to write them down.

use serde::Serialize;
use ts_rs::TS;

/// What would be written into the configuration to make a guessed service certain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ServiceDraftView {
    /// The file.
    pub file: String,
    /// Exactly what is added to it.
    pub toml: String,
}

//! What "Test connection" finds.

use qd_model::Quota;
use serde::{Deserialize, Serialize};

use crate::PollError;
use crate::error::{not_there, without_credential};
use crate::http::Http;

/// The report of "Test connection".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// In the order in which they were made; after a failed one the rest may be missing.
    pub steps: Vec<CheckStep>,
    /// Who the credential belongs to, in the backend's words.
    pub identity: Option<String>,
    /// The backend's version.
    pub version: Option<String>,
    /// Its quota, when it tells.
    pub quota: Option<Quota>,
}

impl CheckReport {
    /// Adds a step.
    pub fn step(&mut self, name: &str, outcome: CheckOutcome, text: impl Into<String>) {
        self.steps.push(CheckStep { name: name.to_owned(), outcome, text: text.into() });
    }

    /// Adds the step of an error that means the same for every backend, with what to do next: nothing of the backend (`name`)
    /// at this address, or a server that asks for a credential where the connection gives none. `false`: it is neither.
    pub fn common_failure(&mut self, name: &str, http: &Http, error: &PollError) -> bool {
        let (step, text) = match error {
            PollError::NotFound { .. } => ("reach", not_there(name, http.base())),
            PollError::Unauthenticated if !http.signs_in() => {
                ("sign in", format!("the server asks for a credential, and none was given: {GIVE_ONE}"))
            }
            PollError::Forbidden { missing } if !http.signs_in() => {
                ("sign in", format!("permission is missing: {}: {GIVE_ONE}", without_credential(missing)))
            }
            _ => return false,
        };
        self.step(step, CheckOutcome::Failed, text);
        true
    }

    /// Whether the connection can be used: no step failed.
    pub fn passed(&self) -> bool {
        !self.steps.is_empty() && self.steps.iter().all(|step| step.outcome != CheckOutcome::Failed)
    }
}

/// How a credential is given, wherever the connection is made.
const GIVE_ONE: &str = "give one in the form, with qd conn add --credential (keychain or env:NAME), or as \
                        credential = \"env:NAME\" in config.toml";

/// One step of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStep {
    /// What was tried: `reach`, `sign in`, `read alerts`, `permissions`, `quota`.
    pub name: String,
    /// How it went.
    pub outcome: CheckOutcome,
    /// What was found, and what to do when it failed.
    pub text: String,
}

/// How a step of the check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Fine.
    Ok,
    /// Usable, but something named is missing.
    Warning,
    /// The connection cannot be used.
    Failed,
}

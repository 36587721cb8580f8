//! Services and environments (OpenTelemetry `service.*`, `deployment.environment.name`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A service: what alerts fire for, deployments ship and tickets are about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Unique name.
    pub name: String,
    /// Team or person that owns it. `None` when nobody said.
    #[serde(default)]
    pub owner: Option<String>,
    /// Repositories, each `SOURCE:NAME` (`github:acme/shop`, where the first part is a connection's id or its backend)
    /// or a bare name that any source may carry.
    #[serde(default)]
    pub repositories: Vec<String>,
    /// Projects of ticket and build systems, spelled like repositories.
    #[serde(default)]
    pub projects: Vec<String>,
    /// Labels that its alerts carry: all must match. Empty: none claimed.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// The service a fact belongs to, and whether that was written down or guessed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServiceRef {
    /// The service's name.
    pub name: String,
    /// `true`: derived from a repository, label or project, not from the configuration.
    pub inferred: bool,
}

/// What an environment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Serves users.
    Production,
    /// Looks like production, serves testers.
    Staging,
    /// Automatic tests.
    Test,
    /// Developers.
    Development,
    /// None of these, or not known.
    Other,
}

impl Tier {
    /// Infers the tier from the usual names: the longest known word that stands as a part of its own
    /// (`prod-eu`, `eu/staging`). Inference is marked as such wherever it is shown.
    pub fn infer(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        let has = |words: &[&str]| {
            lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| words.contains(&part))
        };
        if has(&["production", "prod", "prd", "live"]) {
            Self::Production
        } else if has(&["staging", "stage", "stg", "preprod", "canary", "preview", "uat"]) {
            Self::Staging
        } else if has(&["test", "testing", "qa", "ci"]) {
            Self::Test
        } else if has(&["development", "dev", "local", "review", "sandbox"]) {
            Self::Development
        } else {
            Self::Other
        }
    }
}

/// A place where services run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Name as the backend gives it.
    pub name: String,
    /// What it is for.
    pub tier: Tier,
    /// The tier was inferred from the name.
    pub inferred: bool,
}

impl Environment {
    /// An environment whose tier is inferred from its name.
    pub fn inferred(name: &str) -> Self {
        Self { name: name.to_owned(), tier: Tier::infer(name), inferred: true }
    }
}

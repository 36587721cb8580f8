//! Connections, backends, keychain, configuration.

use std::collections::BTreeMap;

use qd_model::Kind;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ActionOffer, FormFieldView, HealthView, KindTs, Notice, Prose};

/// A backend that can be added.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct BackendView {
    /// Word in the configuration.
    pub backend: String,
    /// Name.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// Kinds it observes.
    #[ts(as = "Vec<KindTs>")]
    pub kinds: Vec<Kind>,
    /// Placeholder for the address.
    pub url_example: String,
    /// Address when none is given.
    pub default_url: Option<String>,
    /// Label of the credential's input.
    pub credential_label: String,
    /// Where to get one.
    pub credential_help: String,
    /// Works without one.
    pub credential_optional: bool,
    /// The GitHub CLI's login can be used.
    pub credential_gh: bool,
    /// Fields of the settings.
    pub settings: Vec<FormFieldView>,
    /// Seconds between polls when idle.
    pub interval_secs: u32,
    /// Its README as it was written, Markdown; for terminals.
    pub readme: String,
    /// The same as nodes. Its links are opened by `open_prose_link` under `readme:` and the backend's word.
    pub help: Prose,
    /// What it can propose for one of its settings. `None`: nothing.
    pub proposes: Option<ProposeOffer>,
    /// SVG; shown as an image, never as markup.
    pub icon: String,
    /// Actions aimed at the source itself.
    pub actions: Vec<ActionOffer>,
}

/// That a backend can propose values for a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProposeOffer {
    /// Key of the setting, a list.
    pub field: String,
    /// The button.
    pub label: String,
}

/// A configured connection.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ConnectionView {
    /// What was configured.
    pub draft: ConnectionDraft,
    /// Backend name.
    pub backend_name: String,
    /// Its credential was given for one session of the window and is not in the keychain, whatever `draft.credential`
    /// says: after that session it is asked for again.
    pub session_only: bool,
    /// Its health. `None`: its configuration cannot be used; see `problem`.
    pub health: Option<HealthView>,
    /// Why it cannot be used, or what could not be read.
    pub problems: Vec<String>,
    /// Requests sent in the last hour.
    pub requests_last_hour: u32,
    /// Those that came back as unchanged (304).
    pub unchanged_last_hour: u32,
    /// Actions aimed at the source itself (create a ticket, force a build).
    pub actions: Vec<ActionOffer>,
}

/// A connection as written in the configuration. No secret is ever in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConnectionDraft {
    /// Id: lower-case letters, digits, `-`, `_`, `.`.
    pub id: String,
    /// Backend word.
    pub backend: String,
    /// Address. Empty: the backend's default.
    pub url: String,
    /// `keychain`, `env:NAME`, `gh`, `none`.
    pub credential: String,
    /// Seconds between polls. `None`: the backend's own.
    pub interval_secs: Option<u32>,
    /// PEM file with certificates to trust besides the system's.
    pub ca_file: Option<String>,
    /// The backend's own settings by key; lists one item a line; tables as JSON.
    pub settings: BTreeMap<String, String>,
}

/// Report of "Test connection".
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct CheckView {
    /// Whether the connection can be used.
    pub passed: bool,
    /// Steps, in order.
    pub steps: Vec<CheckStepView>,
    /// Who the credential belongs to.
    pub identity: Option<String>,
    /// Version of the backend.
    pub version: Option<String>,
}

/// One step of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CheckStepView {
    /// What was tried.
    pub name: String,
    /// `ok`, `warning`, `failed`.
    pub outcome: String,
    /// What was found, and what to do when it failed.
    pub text: String,
}

/// State of the OS keychain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct KeychainView {
    /// Machine word: `ready`, `no_session_bus`, `no_service`, `no_collection`, `locked`, `prompt_ignored`, `read_only`,
    /// `unsupported`.
    pub state: String,
    /// What that means and what to do next.
    pub message: String,
}

/// The configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ConfigView {
    /// Where it is.
    pub path: String,
    /// Mistakes and warnings in it.
    pub problems: Vec<Notice>,
}

/// Says that something was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Done {
    /// What, in a few words; may be empty.
    pub message: String,
}

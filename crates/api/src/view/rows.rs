//! The frame, rows and entities.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use qd_model::{Kind, Severity, Status, Tier};
use serde::Serialize;
use ts_rs::TS;

use super::{ActionOffer, ActionView, Around, DemoView, KindTs, SeverityTs, SourceView, StatusTs, TierTs};

/// The frame of the window: what the status bar and the rail show.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct StatusView {
    /// Number of the latest change.
    pub seq: u64,
    /// The core's clock, so that ages do not depend on the webview's.
    pub now: DateTime<Utc>,
    /// All sources.
    pub sources: Vec<SourceView>,
    /// Current entities by kind and status.
    pub counts: Vec<CountView>,
    /// Alerts that fire and ask for nobody (severity info or low); they are counted among the inactive.
    pub informing: u32,
    /// Connections of `config.toml` that cannot be used, so that nothing is known of what they would tell; why stands in
    /// `notices`.
    pub left_out: u32,
    /// The worst status over everything; `unknown` when nothing is known, never `ok` while a source is not current.
    #[ts(as = "StatusTs")]
    pub worst: Status,
    /// Since when no source at all can be reached. `None`: at least one can (also one that answers with an error, or too
    /// late), or there are none.
    pub offline_since: Option<DateTime<Utc>>,
    /// Things the person has to know: a damaged history set aside, configuration mistakes, keychain trouble.
    pub notices: Vec<Notice>,
    /// Version of Quarterdeck.
    pub version: String,
    /// `false`: another process polls (the window while `qd collect` runs); this one only reads.
    pub polling: bool,
    /// The simulated world this is a demo of. `None`: this is real.
    pub demo: Option<DemoView>,
    /// This front end can open the demo in its place.
    pub can_demo: bool,
    /// Grows whenever the configuration was read anew: settings and saved views may have changed.
    pub config_reads: u64,
}

/// A thing the person has to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Notice {
    /// Machine word: `config_broken`, `config_warning`, `history_set_aside`, `history_not_saved`, `keychain`.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
    /// File, when there is one.
    pub file: Option<String>,
    /// Line in it, from 1.
    pub line: Option<u32>,
}

/// A number beside a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CountView {
    /// Kind.
    #[ts(as = "KindTs")]
    pub kind: Kind,
    /// Status.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// How many.
    pub count: u32,
    /// How many of them only sources tell of that are not current.
    pub stale: u32,
}

/// One row of a list.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct Row {
    /// Entity id, `source/kind/native`.
    pub id: String,
    /// Kind.
    #[ts(as = "KindTs")]
    pub kind: Kind,
    /// Connection id.
    pub source: String,
    /// Backend word, for the icon.
    pub backend: String,
    /// One line.
    pub title: String,
    /// The glyph. Never `ok` when `stale`.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// Somebody has taken it, or silenced it.
    pub acknowledged: bool,
    /// Canonical state word.
    pub state: String,
    /// The backend's word.
    pub raw_status: String,
    /// Its source is not current: draw it hatched, with its age.
    pub stale: bool,
    /// When its source was last read completely.
    pub as_of: Option<DateTime<Utc>>,
    /// Service.
    pub service: Option<String>,
    /// The service was guessed.
    pub service_inferred: bool,
    /// Environment.
    pub environment: Option<String>,
    /// Its tier.
    #[ts(as = "Option<TierTs>")]
    pub tier: Option<Tier>,
    /// Person behind it.
    pub author: Option<String>,
    /// When it happened, as the backend says: what lists are sorted by.
    pub occurred_at: Option<DateTime<Utc>>,
    /// Since when it is as it is: what its age is counted from. What ended counts from its end, what goes on from its begin.
    pub since: Option<DateTime<Utc>>,
    /// When we last saw it change.
    pub changed_at: DateTime<Utc>,
    /// No longer listed by its backend since then.
    pub gone_at: Option<DateTime<Utc>>,
    /// Number of its last change; travels back with an action.
    pub seq: u64,
    /// Its page can be opened (`open_link` with index 0).
    pub has_url: bool,
    /// An action on it is under way or unsettled.
    pub pending_action: Option<ActionView>,
    /// How many notes people wrote on it.
    pub notes: u32,
    /// What only its kind has.
    pub more: RowMore,
}

/// What only one kind has.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum RowMore {
    /// A pipeline run.
    Run {
        /// Workflow or builder.
        pipeline: String,
        /// The number people use.
        number: String,
        /// Repository or project.
        place: Option<String>,
        /// Branch or tag.
        reference: Option<String>,
        /// Commit.
        revision: Option<String>,
        /// What started it.
        trigger: Option<String>,
        /// Try.
        attempt: Option<u32>,
        /// When queued.
        queued_at: Option<DateTime<Utc>>,
        /// When begun.
        started_at: Option<DateTime<Utc>>,
        /// When ended.
        finished_at: Option<DateTime<Utc>>,
        /// First failed step, when known without asking.
        failed_step: Option<String>,
    },
    /// A deployment.
    Deployment {
        /// What went there.
        version: String,
        /// Commit.
        revision: Option<String>,
        /// `deployed`, `upgraded`, `rolledback`, `removed`.
        deployment_kind: String,
        /// `pipeline`, `gitops`, `manual`, `unknown`.
        origin: String,
        /// Repository or project.
        place: Option<String>,
        /// One line of the backend.
        description: Option<String>,
        /// When begun.
        started_at: Option<DateTime<Utc>>,
        /// When ended.
        finished_at: Option<DateTime<Utc>>,
    },
    /// An alert.
    Alert {
        /// Severity.
        #[ts(as = "SeverityTs")]
        severity: Severity,
        /// Severity in the backend's word.
        raw_severity: String,
        /// One-line explanation.
        summary: Option<String>,
        /// What tells it from the others of its name that are listed with it, where only names are: `instance=web-1`.
        apart: Option<String>,
        /// Labels.
        labels: BTreeMap<String, String>,
        /// Silences that hold it.
        silences: Vec<SilenceView>,
        /// How many alerts inhibit it.
        inhibited_by: u32,
        /// Who is told.
        receivers: Vec<String>,
        /// Begin.
        starts_at: Option<DateTime<Utc>>,
        /// End.
        ends_at: Option<DateTime<Utc>>,
        /// Identity of the label set.
        fingerprint: String,
    },
    /// A ticket.
    Ticket {
        /// The name people use.
        key: String,
        /// `bug`, `enhancement`, `incident`, `task`, `question`, `other`.
        ticket_type: String,
        /// Type in the backend's word.
        raw_type: String,
        /// Priority in the backend's word.
        priority: Option<String>,
        /// Who works on it.
        assignees: Vec<String>,
        /// Labels.
        labels: Vec<String>,
        /// Milestone or target version.
        milestone: Option<String>,
        /// Project or repository.
        place: Option<String>,
        /// A customer stands behind it.
        customer: bool,
        /// Something worked before.
        regression: bool,
        /// Number of comments.
        comments: Option<u32>,
        /// When opened.
        created_at: Option<DateTime<Utc>>,
        /// When closed.
        closed_at: Option<DateTime<Utc>>,
    },
}

/// A silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SilenceView {
    /// The backend's id.
    pub id: String,
    /// Conditions, each as `name="value"`.
    pub matchers: Vec<String>,
    /// Begin.
    pub starts_at: Option<DateTime<Utc>>,
    /// End.
    pub ends_at: Option<DateTime<Utc>>,
    /// Who.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// `pending`, `active`, `expired`, `unknown`.
    pub state: String,
}

/// A window of a list.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RowsView {
    /// Nothing changed since `seen_seq`: keep what you have (rows are left out).
    pub unchanged: bool,
    /// The rows from `offset` on, at most 200.
    pub rows: Vec<Row>,
    /// How many there are in all, or when `cut` how many were counted.
    pub total: u32,
    /// There are more than `total`: counting them all would take longer than showing them.
    pub cut: bool,
    /// How many there would be without the filter.
    pub unfiltered: u32,
    /// Number of the latest change in it.
    pub seq: u64,
    /// Sources that observe this kind, for the "4 of 5 sources" line.
    pub sources: Vec<SourceView>,
    /// When the last entity of the kind changed its state to a closed one: "Last one: …".
    pub last_closed: Option<TransitionView>,
}

/// A change of state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TransitionView {
    /// Entity id.
    pub id: String,
    /// Kind.
    #[ts(as = "KindTs")]
    pub kind: Kind,
    /// Its title then.
    pub title: String,
    /// Its service then.
    pub service: Option<String>,
    /// Its environment then.
    pub environment: Option<String>,
    /// State word before; `None`: first seen.
    pub from: Option<String>,
    /// State word since.
    pub to: String,
    /// The backend's word.
    pub raw: String,
    /// Status since.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// When we saw it.
    pub at: DateTime<Utc>,
}

/// Everything known of one entity without asking its backend.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct EntityView {
    /// The row.
    pub row: Row,
    /// Names and values, in order.
    pub fields: Vec<FieldView>,
    /// Its links; opened by `open_link` with the index.
    pub links: Vec<LinkView>,
    /// Its transitions, oldest first.
    pub history: Vec<TransitionView>,
    /// What can be done with it now.
    pub actions: Vec<ActionOffer>,
    /// What was done with it, newest first.
    pub log: Vec<ActionView>,
    /// Whether `log` (the failing step) can be asked for.
    pub has_log: bool,
    /// What else is known that concerns it.
    pub around: Around,
}

/// A name and a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FieldView {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// The value is an identifier, a version or code: draw it in the monospaced face.
    pub mono: bool,
}

/// A link of an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LinkView {
    /// What `open_link` wants.
    pub index: u32,
    /// `page`, `runbook`, `generator`, `dashboard`, `change`, `log`, `environment`, `other`.
    pub kind: String,
    /// Scheme, host and port, as ASCII (punycode): what the person should see before opening.
    pub host: String,
    /// Why it is not opened. `None`: it is.
    pub refused: Option<String>,
}

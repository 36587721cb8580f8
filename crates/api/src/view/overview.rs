//! The overview.

use chrono::{DateTime, Utc};
use qd_model::{Severity, Status, Tier};
use serde::Serialize;
use ts_rs::TS;

use super::{ActionOffer, Row, SeverityTs, SourceView, StatusTs, TierTs, TransitionView};

/// The overview.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct OverviewView {
    /// Nothing changed since `seen_seq`: keep what you have (the rest is empty).
    pub unchanged: bool,
    /// In the order in which they want a person: what pages, what failed, what waits for an answer, what warns; then the
    /// rest, worst first.
    pub services: Vec<ServiceRow>,
    /// What waits for the person, over all kinds, most urgent first, at most 12. However much
    /// fails, what waits for an answer has a quarter of the places.
    pub needs_you: Vec<NeedsYou>,
    /// How many there are in all.
    pub needs_total: u32,
    /// The last alert that was resolved and the last ticket that was closed, when nothing waits for the person.
    pub last: Vec<TransitionView>,
    /// Entities that belong to no service.
    pub unmatched: u32,
    /// All sources.
    pub sources: Vec<SourceView>,
    /// Number of the latest change.
    pub seq: u64,
}

/// One service in the overview.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ServiceRow {
    /// Name.
    pub name: String,
    /// Owner.
    pub owner: Option<String>,
    /// Guessed from a repository, label or project.
    pub inferred: bool,
    /// Worst of its signals. `unknown` when nothing current is known; never `ok` when stale.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// At least one of its sources is not current.
    pub stale: bool,
    /// Ids of the sources that tell of it.
    pub sources: Vec<String>,
    /// Oldest `as_of` among its sources.
    pub as_of: Option<DateTime<Utc>>,
    /// Why it has this status, worst first, at most 6.
    pub reasons: Vec<Reason>,
    /// Its last ten runs of the default line, oldest first.
    pub runs: Vec<RunDot>,
    /// A source of these is not current: that they passed is no news, and there may be later ones.
    pub runs_stale: bool,
    /// What runs where: one per environment, production first.
    pub deployments: Vec<EnvCell>,
    /// Firing alerts by severity, worst first.
    pub alerts: Vec<SeverityCount>,
    /// Alerts that are suppressed.
    pub suppressed: u32,
    /// Of some of them only a source tells that is not current: they fired when it was last read. Without any alert: a source
    /// that could tell of one is not current.
    pub alerts_stale: bool,
    /// Open tickets.
    pub tickets: u32,
    /// A source of these is not current.
    pub tickets_stale: bool,
    /// Open tickets that were opened in the last 24 hours.
    pub new_tickets: u32,
    /// When anything of it last changed.
    pub changed_at: Option<DateTime<Utc>>,
    /// How many notes people wrote on it.
    pub notes: u32,
}

/// Why a service has its status. The sentence is made by the front end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Reason {
    /// Machine word: `alert_firing`, `run_failed`, `deployment_failed`, `waiting`, `running`, `incident_open`,
    /// `state_unknown`, `source_stale`, `all_good`, `only_silenced`, `only_info`,
    /// `silenced` (so many alerts are, and nothing else is wrong), `only_tickets`.
    pub code: String,
    /// Status it gives.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// The entity that gives it. `None` for `source_stale` and `all_good`.
    pub entity: Option<String>,
    /// Its title, or the source's id for `source_stale`.
    pub subject: String,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
}

/// One of the last runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RunDot {
    /// Entity id.
    pub id: String,
    /// Status.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// Pipeline and number.
    pub title: String,
    /// Seconds it took. `None`: not known.
    pub secs: Option<u32>,
}

/// What runs in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct EnvCell {
    /// Environment.
    pub environment: String,
    /// Tier.
    #[ts(as = "TierTs")]
    pub tier: Tier,
    /// The deployment that is live there (last succeeded). `None`: none is known.
    pub live: Option<String>,
    /// Its version.
    pub live_version: Option<String>,
    /// Since when.
    pub live_since: Option<DateTime<Utc>>,
    /// The latest deployment, when it is not the live one.
    pub latest: Option<String>,
    /// Its version.
    pub latest_version: Option<String>,
    /// Status of the latest.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// The source is not current.
    pub stale: bool,
    /// The worst of the alerts that name this environment; `status` says nothing of them. `None`: none that asks for
    /// anybody is known.
    pub alerts: Option<AskingView>,
    /// How it stands behind the environment its versions come from. `None`: both run the same, or that is not known.
    pub drift: Option<DriftView>,
}

/// What the worst of some alerts asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct AskingView {
    /// Its status.
    #[ts(as = "StatusTs")]
    pub status: Status,
    /// Its source is not current: it was so when it was last read.
    pub stale: bool,
}

/// How an environment stands behind the one its versions come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DriftView {
    /// That environment.
    pub environment: String,
    /// What is live there.
    pub version: String,
    /// The deployment that is live there.
    pub deployment: String,
    /// How many versions that went live there are missing here. `None`: they cannot be counted.
    pub versions: Option<u32>,
    /// Since when the oldest of them waits there; without a count, since when its version is live.
    pub since: Option<DateTime<Utc>>,
}

/// How many alerts of a severity fire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SeverityCount {
    /// Severity.
    #[ts(as = "SeverityTs")]
    pub severity: Severity,
    /// How many.
    pub count: u32,
}

/// One thing that waits for the person.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct NeedsYou {
    /// The row.
    pub row: Row,
    /// What failed with it and has no row of its own: the deployments a run made.
    pub with: Vec<Row>,
    /// How many further alerts of its name, service and environment have no row of their own.
    pub alike: u32,
    /// Machine word of the reason it is here: see [`Reason::code`].
    pub reason: String,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// What helps most: `log` (read it), `act` (the action beside), `open` (look at it).
    pub best: String,
    /// The one best action of its backend.
    pub action: Option<ActionOffer>,
}

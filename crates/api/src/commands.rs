//! The commands a front end may call, each with its request and its answer. The one list: the dispatcher, the TypeScript
//! and the tests are made from it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use qd_connector::Secret;
use serde::Deserialize;
use ts_rs::TS;

use crate::deep_link::{FollowLinkReq, LinkTarget};
use crate::desktop::{Arrival, PauseReq};
use crate::view::{
    ActionFormView, ActionView, BackendView, BoardReq, BoardView, CheckView, ConfigView, ConnectionDraft,
    ConnectionView, DetailView, Done, EntityView, HappenedReq, HappenedView, KeychainView, KindTs,
    LinkAddress, LogView, NarrowView, OverviewView, PreviewView, RowsView, SettingReq, SettingsView,
    SilencesReq, SilencesView, StatusView, StripReq, StripView, TransitionView, UndoReq, ViewNameReq,
    ViewReq,
};
use crate::view::{CompareReq, CompareView};
use crate::view::{DemoLeaveReq, DemoReq, DemoView};
use crate::view::{DeployingReq, DeployingView, ExcerptView, LineReq, LineView};
use crate::view::{EstimateReq, EstimateView, ProblemView, ProposalsView};
use crate::view::{NoteView, NotesView};

/// Asks for nothing in particular.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct Nothing {}

/// The overview.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct OverviewReq {
    /// Query; empty: everything.
    #[serde(default)]
    pub query: String,
    /// As of then. `None`: now.
    pub as_of: Option<DateTime<Utc>>,
    /// Answer `unchanged` when nothing changed since.
    pub seen_seq: Option<u64>,
}

/// A window of a list.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct RowsReq {
    /// Of which kind.
    #[ts(as = "KindTs")]
    pub kind: qd_model::Kind,
    /// Query; empty: everything.
    #[serde(default)]
    pub query: String,
    /// Also what is not current (closed tickets, resolved alerts, earlier runs).
    #[serde(default)]
    pub all: bool,
    /// As of then. `None`: now.
    pub as_of: Option<DateTime<Utc>>,
    /// Newest first instead of worst first.
    #[serde(default)]
    pub newest: bool,
    /// First row.
    #[serde(default)]
    pub offset: u32,
    /// Rows, at most 200.
    pub limit: u32,
    /// Answer `unchanged` when nothing changed since.
    pub seen_seq: Option<u64>,
}

/// One entity.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct EntityReq {
    /// Its id.
    pub id: String,
    /// As of then. `None`: now. Ignored by `detail` and `log`, which ask the backend.
    pub as_of: Option<DateTime<Utc>>,
}

/// A form or a preview of an action, or the action itself.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ActionReq {
    /// Entity or source.
    pub target: String,
    /// Verb.
    pub verb: String,
    /// Arguments. Empty for the form.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
    /// `seq` of the row the person saw: refused when the entity changed since. Required by `act` on an entity.
    pub seen_seq: Option<u64>,
    /// One key, one write: made by the front end when the form is opened. Required by `act`.
    pub idempotency_key: Option<String>,
}

/// A part of the actions log.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct ActionsReq {
    /// Only this target.
    pub target: Option<String>,
    /// At most so many; `None`: 100.
    pub limit: Option<u32>,
}

/// A span of the timeline.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct TimelineReq {
    /// From.
    pub from: DateTime<Utc>,
    /// To.
    pub to: DateTime<Utc>,
    /// At most so many.
    pub limit: u32,
}

/// A connection to test or to save, with a new secret or without.
#[derive(Deserialize, TS)]
pub struct ConnectionReq {
    /// What is configured.
    pub draft: ConnectionDraft,
    /// The connection it replaces; `None`: a new one.
    pub replaces: Option<String>,
    /// A new secret. `None`: keep the one there is. Goes in, never out.
    #[ts(as = "Option<String>")]
    pub secret: Option<Secret>,
    /// Keep the secret in memory only.
    #[serde(default)]
    pub session_only: bool,
}

/// A connection by id.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ConnectionIdReq {
    /// Its id.
    pub id: String,
}

/// A nudge.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct RefreshReq {
    /// Only this source; `None`: all.
    pub source: Option<String>,
}

/// A link of an entity.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct OpenLinkReq {
    /// Its id.
    pub id: String,
    /// Which of its links; 0 is its page.
    pub index: u32,
}

/// Declares the commands: name, request, answer. Expands to the list the TypeScript is made from, and to the dispatcher.
macro_rules! commands {
    ($($(#[doc = $doc:literal])+ $name:ident($request:ty) -> $answer:ty;)*) => {
        /// Name and purpose of every command.
        pub const COMMANDS: &[(&str, &str)] = &[$((stringify!($name), concat!($($doc),+))),*];

        /// Calls the command of that name.
        ///
        /// # Errors
        /// `unknown_command`, `bad_request`, or what the command answers.
        pub(crate) async fn dispatch(
            app: &crate::App,
            command: &str,
            payload: serde_json::Value,
        ) -> Result<serde_json::Value, crate::ApiError> {
            match command {
                $(stringify!($name) => {
                    let request: $request = crate::error::request(command, payload)?;
                    crate::error::answer(app.$name(request).await?)
                })*
                _ => Err(crate::ApiError::unknown_command(command)),
            }
        }

        /// The TypeScript of the command list.
        pub fn typescript(config: &ts_rs::Config) -> Vec<(&'static str, String, String, &'static str)> {
            vec![$((stringify!($name), <$request as TS>::name(config), <$answer as TS>::name(config), concat!($($doc),+))),*]
        }

        /// Visits every request and answer type.
        pub fn visit(visitor: &mut impl ts_rs::TypeVisitor) {
            $(visitor.visit::<$request>(); visitor.visit::<$answer>();)*
        }
    };
}

commands! {
    /// The frame: sources, counts, notices.
    status(Nothing) -> StatusView;
    /// Services and what waits for the person.
    overview(OverviewReq) -> OverviewView;
    /// A window of a list.
    rows(RowsReq) -> RowsView;
    /// Everything known of one entity without asking its backend.
    entity(EntityReq) -> EntityView;
    /// Asks the backend for jobs, comments, silences.
    detail(EntityReq) -> DetailView;
    /// Asks the backend for the tail of the failing step's log. `null`: it has none.
    log(EntityReq) -> Option<LogView>;
    /// How the line of a run is doing: flaky, broken or healthy, its usual duration, where it broke.
    line(LineReq) -> LineView;
    /// Which of some runs deploy, and where to.
    deploying(DeployingReq) -> Vec<DeployingView>;
    /// Asks the backend for the part of the failing step's log around the first error. `null`: it has none.
    excerpt(EntityReq) -> Option<ExcerptView>;
    /// Asks the backend what lies between two versions. `null`: it cannot tell.
    compare(CompareReq) -> Option<CompareView>;
    /// State changes in a span, newest first.
    timeline(TimelineReq) -> Vec<TransitionView>;
    /// What happened in a span of time, in buckets.
    strip(StripReq) -> StripView;
    /// Which rows made a part of the strip.
    happened(HappenedReq) -> HappenedView;
    /// Counts and durations over a span of time, drawn.
    charts(crate::view::ChartsReq) -> crate::view::ChartsView;
    /// Which rows made a part of a chart.
    chart_rows(crate::view::ChartRowsReq) -> crate::view::ChartRowsView;
    /// What a query names that nobody knows, a sentence each.
    unheard(crate::unheard::UnheardReq) -> Vec<String>;
    /// Services, owners and environments that views can be narrowed to.
    narrow(Nothing) -> NarrowView;
    /// The form of an action, prefilled.
    action_form(ActionReq) -> ActionFormView;
    /// What an action would hit.
    action_preview(ActionReq) -> PreviewView;
    /// Proposes an action; it is written down, then sent once.
    act(ActionReq) -> ActionView;
    /// The actions log, newest first.
    actions(ActionsReq) -> Vec<ActionView>;
    /// Notes that people wrote, newest first.
    notes(crate::notes::NotesReq) -> NotesView;
    /// Writes a note on an entity or a service. It stays on this machine.
    note_add(crate::notes::NoteAddReq) -> NoteView;
    /// Removes a note; nothing of it stays on the disk.
    note_remove(crate::notes::NoteIdReq) -> NoteView;
    /// Puts a note back that this process removed a short while ago.
    note_restore(crate::notes::NoteIdReq) -> NoteView;
    /// Configured connections.
    connections(Nothing) -> Vec<ConnectionView>;
    /// Backends that can be added.
    backends(Nothing) -> Vec<BackendView>;
    /// Tries a connection without saving it.
    connection_test(ConnectionReq) -> CheckView;
    /// What the credential of a connection can see, to be chosen for its settings. The form need not be complete.
    connection_propose(ConnectionReq) -> ProposalsView;
    /// What a connection will cost in an hour with so many values chosen. `null`: its backend does not tell.
    connection_estimate(EstimateReq) -> Option<EstimateView>;
    /// Everything that failed or belongs to no service, worst first.
    problems(Nothing) -> Vec<ProblemView>;
    /// Saves a connection to the configuration, comments kept, and its secret to the keychain.
    connection_save(ConnectionReq) -> ConnectionView;
    /// Removes a connection, its secret and what it observed.
    connection_remove(ConnectionIdReq) -> Done;
    /// State of the OS keychain; asks it anew.
    keychain(Nothing) -> KeychainView;
    /// Where the configuration is and what is wrong with it.
    config(Nothing) -> ConfigView;
    /// Polls now.
    refresh(RefreshReq) -> Done;
    /// What runs where: a window of services, each with its environments.
    matrix(crate::deploys::MatrixReq) -> crate::view::MatrixView;
    /// The deployments of one service to one environment, newest first, rollbacks marked.
    deployments(crate::deploys::DeploymentsReq) -> crate::view::DeploymentsView;
    /// What happened to each service in each hour of the last day, and which hours were not read.
    activity(crate::activity::ActivityReq) -> crate::view::ActivityView;
    /// What would be written into the configuration to make a guessed service certain.
    service_draft(crate::services::ServiceReq) -> crate::view::ServiceDraftView;
    /// Writes it, comments kept. Refused when it is no longer what was shown.
    service_save(crate::services::ServiceSaveReq) -> Done;
    /// Opens a link of an entity in the browser, after checking it.
    open_link(OpenLinkReq) -> Done;
    /// The address of a link of an entity, to be copied, after checking it.
    link_address(OpenLinkReq) -> LinkAddress;
    /// Where a `quarterdeck://` link leads in the window; refused when it leads nowhere. Changes nothing.
    follow_link(FollowLinkReq) -> LinkTarget;
    /// Where a click outside the window, or a link, leads; told once. `null`: nowhere.
    arrival(Nothing) -> Option<Arrival>;
    /// Hushes notifications for a while, or ends that.
    notifications_pause(PauseReq) -> Done;
    /// Shows a notification, to see that it works.
    notifications_test(Nothing) -> Done;
    /// Plays, stops or hurries the demo, or goes to a chapter of its story.
    demo_control(DemoReq) -> DemoView;
    /// Opens the demo in place of the real thing.
    demo_enter(Nothing) -> Done;
    /// Opens the real thing in place of the demo.
    demo_leave(DemoLeaveReq) -> Done;
    /// A window of a grouped list.
    board(BoardReq) -> BoardView;
    /// Silences of all sources, asked of them now.
    silences(SilencesReq) -> SilencesView;
    /// Opens a link or picture of a body, a comment or a README in the browser, after checking it.
    open_prose_link(OpenLinkReq) -> Done;
    /// Takes an accepted action back, as its receipt said; logged like any other action.
    undo(UndoReq) -> ActionView;
    /// The product's settings with their origin, and the saved views.
    settings(Nothing) -> SettingsView;
    /// Writes a setting to the configuration, comments kept; without a value its default holds again.
    setting_save(SettingReq) -> SettingsView;
    /// Saves, replaces or renames a view in the configuration, comments kept.
    view_save(ViewReq) -> SettingsView;
    /// Removes a saved view from the configuration.
    view_remove(ViewNameReq) -> SettingsView;
    /// Opens the configuration file in the person's editor.
    open_config(Nothing) -> Done;
}

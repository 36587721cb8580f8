//! The frame of the window.

use std::collections::BTreeMap;

use qd_model::{Kind, Status};
use qd_rules::shown;

use crate::commands::{Nothing, RefreshReq};
use crate::rows::count;
use crate::sources::Sources;
use crate::view::{CountView, Done, StatusView};
use crate::{ApiError, App};

impl App {
    /// How everything stands, from the store, without asking any backend.
    ///
    /// # Errors
    /// The store failed.
    pub async fn status(&self, _: Nothing) -> Result<StatusView, ApiError> {
        let sources = self.sources(None).await?;
        let store = &self.inner.parts.store;
        let counts = counted(&store.counts().await?, &sources);
        let worst = worst(counts.keys().copied(), &sources);
        let view =
            |(&(kind, status), &n): (&(Kind, Status), &u64)| CountView { kind, status, count: count(n) };
        Ok(StatusView {
            seq: self.view_seq(store.seq().await?, &sources),
            now: self.now(),
            sources: sources.views(None),
            counts: counts.iter().map(view).collect(),
            worst,
            offline_since: sources.offline_since(),
            notices: self.notices(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            polling: self.polls(),
            demo: sources.demo,
            can_demo: self.inner.parts.relaunch.is_some(),
            config_reads: self.config_reads(),
        })
    }

    /// Polls now.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn refresh(&self, request: RefreshReq) -> Result<Done, ApiError> {
        let source = request.source.as_deref().map(str::parse).transpose()?;
        self.inner.engine.nudge(source.as_ref());
        Ok(Done { message: String::new() })
    }
}

/// How many there are of each kind and status, as they may be shown: what a source said that is not current counts as
/// unknown where it was good, and what a connection said that is configured no longer does not count.
fn counted(counts: &[qd_store::Count], sources: &Sources) -> BTreeMap<(Kind, Status), u64> {
    let mut shown_counts = BTreeMap::new();
    for count in counts.iter().filter(|count| sources.get(&count.source).is_some()) {
        let status = shown(count.status, sources.current(&count.source));
        *shown_counts.entry((count.kind, status)).or_default() += count.count;
    }
    shown_counts
}

/// The worst status over everything. Tickets count only when they warn; what is inactive does not count. Without data,
/// or while a source is not current, nothing better than unknown.
fn worst(statuses: impl Iterator<Item = (Kind, Status)>, sources: &Sources) -> Status {
    let all_current =
        !sources.list.is_empty() && sources.list.iter().all(|source| sources.current(source.id()));
    let of = |(kind, status): (Kind, Status)| match (kind, status) {
        (_, Status::Inactive) => None,
        (Kind::Ticket, Status::Unknown | Status::Running) => None,
        (_, status) => Some(status),
    };
    let found = statuses.filter_map(of).min();
    let floor = if all_current { Status::Ok } else { Status::Unknown };
    found.map_or(floor, |status| status.min(floor))
}

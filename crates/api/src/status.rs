//! The frame of the window.

use qd_model::{Kind, Status};

use crate::commands::{Nothing, RefreshReq};
use crate::listed::Tellers;
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
        let seq = self.view_seq(store.seq().await?, &sources);
        let counted = self.how_many(&sources, seq).await?;
        let worst = worst(counted.of.keys().copied(), &sources);
        let view = |(&(kind, status), n): (&(Kind, Status), &Tellers)| CountView {
            kind,
            status,
            count: count(n.all),
            stale: count(n.stale),
        };
        Ok(StatusView {
            seq,
            now: sources.now,
            sources: sources.views(None),
            counts: counted.of.iter().map(view).collect(),
            informing: count(counted.informing),
            left_out: sources.left_out,
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
        if let Some(entry) = self.entries().iter().find(|entry| source.as_ref() == Some(&entry.id)) {
            self.ask_again(entry).await;
        }
        self.inner.engine.nudge(source.as_ref());
        Ok(Done { message: String::new() })
    }
}

/// The worst status over everything. Tickets count only when they warn; what is inactive does not count. Without data,
/// or while a source is not current or cannot be asked at all, nothing better than unknown.
fn worst(statuses: impl Iterator<Item = (Kind, Status)>, sources: &Sources) -> Status {
    let all_current = !sources.list.is_empty()
        && sources.left_out == 0
        && sources.list.iter().all(|source| sources.current(source.id()));
    let of = |(kind, status): (Kind, Status)| match (kind, status) {
        (_, Status::Inactive) => None,
        (Kind::Ticket, Status::Unknown | Status::Running) => None,
        (_, status) => Some(status),
    };
    let found = statuses.filter_map(of).min();
    let floor = if all_current { Status::Ok } else { Status::Unknown };
    found.map_or(floor, |status| status.min(floor))
}

//! What the tray shows: the worst there is, how much of it, and a short menu.

use std::sync::PoisonError;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use qd_model::{Filter, Kind, Status};
use qd_rules::shown;
use qd_store::{ListQuery, Order, Scope};

use super::{
    Arrival,
    words::{DEMO, cut},
};
use crate::commands::Nothing;
use crate::config::Desktop;
use crate::live::Bell;
use crate::plain::line;
use crate::{ApiError, App};

/// What the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tray {
    /// The worst status; unknown while any source is not current, unless something is worse.
    pub worst: Status,
    /// How many page, fail or wait for a person.
    pub count: u32,
    /// One line that says the same in words.
    pub summary: String,
    /// The worst three.
    pub entries: Vec<TrayEntry>,
    /// Notifications are paused.
    pub paused: bool,
    /// How Quarterdeck sits on the desktop, as configured.
    pub desktop: Desktop,
}

/// A line of the tray's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayEntry {
    /// What it says. Plain text, which may hold anything a backend wrote.
    pub label: String,
    /// How it stands.
    pub status: Status,
    /// Where it leads.
    pub to: Arrival,
}

/// So many of the worst stand in the menu.
const ENTRIES: usize = 3;
const LABEL: usize = 60;
/// The tray is drawn anew at most this often, unless somebody pauses. Whether a pause has ended is looked at as often.
const PAUSE: Duration = Duration::from_secs(2);
/// It is drawn anew this often though nothing changed: what was silenced or put off for a time is not any more.
const ANYWAY: Duration = Duration::from_secs(60);

impl App {
    /// The tray, each time it changes, until the listener drops it.
    pub fn tray(&self) -> impl Stream<Item = Tray> + Send + 'static {
        let drawer = Drawer { app: self.clone(), changed: self.changed().boxed(), drawn: None };
        stream::unfold(drawer, |mut drawer| async move {
            let tray = drawer.next().await;
            Some((tray, drawer))
        })
        .boxed()
    }

    fn paused(&self) -> bool {
        let until = *self.inner.desk.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| self.now() < until)
    }

    async fn tray_now(&self) -> Result<Tray, ApiError> {
        let _whole = self.when_whole().await;
        let status = self.status(Nothing {}).await?;
        let asks = |status: Status| matches!(status, Status::Paging | Status::Failing | Status::Waiting);
        let count = status.counts.iter().filter(|count| asks(count.status)).map(|count| count.count).sum();
        Ok(Tray {
            worst: status.worst,
            count,
            summary: summary(status.worst, count, self.inner.parts.demo.is_some()),
            entries: if count == 0 { Vec::new() } else { self.worst_entries().await? },
            paused: self.paused(),
            desktop: self.desktop(),
        })
    }

    async fn worst_entries(&self) -> Result<Vec<TrayEntry>, ApiError> {
        let sources = self.sources(None).await?;
        let query = ListQuery {
            kinds: vec![Kind::Run, Kind::Deployment, Kind::Alert],
            scope: Scope::Current,
            filter: self.of_configured(Filter::default(), &sources).await?,
            as_of: None,
            now: sources.now,
            order: Order::Attention,
            offset: 0,
            limit: ENTRIES as u32,
        };
        let page = self.inner.parts.store.list(&query).await?;
        let entry = |entity: &qd_store::Entity| {
            let fact = &entity.fact;
            let status = shown(fact.signal().status, sources.current(&fact.id().source));
            let service = entity.links.service.as_ref().map(|service| format!("{} · ", service.name));
            let label = line(&format!("{}{}", service.unwrap_or_default(), fact.title()));
            matches!(status, Status::Paging | Status::Failing | Status::Waiting | Status::Warn).then(|| {
                TrayEntry { label: cut(&label, LABEL), status, to: Arrival::entity(fact.id(), None) }
            })
        };
        Ok(page.items.iter().filter_map(entry).collect())
    }
}

struct Drawer {
    app: App,
    changed: stream::BoxStream<'static, Bell>,
    drawn: Option<Tray>,
}

impl Drawer {
    /// The tray as soon as it is another one than was drawn.
    async fn next(&mut self) -> Tray {
        let mut failed = false;
        loop {
            if let Some(paused) = self.drawn.as_ref().map(|drawn| drawn.paused)
                && !std::mem::take(&mut failed)
            {
                self.wait(paused).await;
            }
            match self.app.tray_now().await {
                Ok(tray) if self.drawn.as_ref() != Some(&tray) => {
                    self.drawn = Some(tray.clone());
                    return tray;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%error, "the tray could not be drawn");
                    failed = true;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Until it may have become another one. `paused`: what it says of notifications.
    async fn wait(&mut self, paused: bool) {
        let turned = async {
            while self.app.paused() == paused {
                qd_store::beat(PAUSE).await;
            }
        };
        let changed = async {
            tokio::time::sleep(PAUSE).await;
            self.changed.next().await;
        };
        tokio::select! {
            () = self.app.inner.desk.pause_changed.notified() => {}
            () = turned => {}
            () = changed => {}
            () = tokio::time::sleep(ANYWAY) => {}
        }
    }
}

fn summary(worst: Status, count: u32, demo: bool) -> String {
    let mark = if demo { DEMO } else { "" };
    let of = match worst {
        Status::Paging => "paging",
        Status::Failing => "failing",
        Status::Warn => "warnings",
        Status::Waiting => "waiting for somebody",
        Status::Unknown => "not known: a source is not current, or there is none",
        Status::Running => "running",
        Status::Ok | Status::Inactive => "all is well",
    };
    match count {
        0 => format!("{mark}Quarterdeck: {of}"),
        1 => format!("{mark}Quarterdeck: {of} (1 needs attention)"),
        count => format!("{mark}Quarterdeck: {of} ({count} need attention)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_never_said_to_be_well() {
        for worst in [Status::Paging, Status::Failing, Status::Warn, Status::Waiting, Status::Unknown] {
            assert!(!summary(worst, 0, false).contains("well"), "{worst:?}");
        }
        assert_eq!(summary(Status::Paging, 2, false), "Quarterdeck: paging (2 need attention)");
    }

    #[test]
    fn a_demo_says_so_before_anything_else() {
        for count in [0, 1, 2] {
            assert!(summary(Status::Paging, count, true).starts_with("DEMO · Quarterdeck: "), "{count}");
        }
    }
}

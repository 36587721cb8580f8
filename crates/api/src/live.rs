//! The bell: says that something changed, and nothing else. Whoever hears it pulls what is on screen.

use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;

use crate::App;

/// Something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bell {
    /// Number of the latest change; opaque, only ever compared for equality.
    pub seq: u64,
}

/// At most four rings a second.
const PAUSE: Duration = Duration::from_millis(250);
/// How often trust in the sources, and whether the configuration was read anew, are looked at: data grows old without any
/// change.
const LOOK: Duration = Duration::from_secs(1);

impl App {
    /// Rings when something changed, at most four times a second, until the listener drops it.
    pub fn bell(&self) -> impl Stream<Item = Bell> + Send + 'static {
        let app = self.clone();
        let changes = app.inner.parts.store.changes(0).map(|_| ()).boxed();
        let config_reads = app.config_reads();
        let state = Listener { app, changes, rung: None, config_reads };
        stream::unfold(state, |mut state| async move {
            let bell = state.next().await?;
            Some((bell, state))
        })
    }
}

struct Listener {
    app: App,
    changes: stream::BoxStream<'static, ()>,
    rung: Option<u64>,
    config_reads: u64,
}

impl Listener {
    async fn next(&mut self) -> Option<Bell> {
        if self.rung.is_some() {
            tokio::time::sleep(PAUSE).await;
        }
        loop {
            let seq = seq(&self.app).await;
            if seq.is_some() && seq != self.rung {
                self.rung = seq;
                return seq.map(|seq| Bell { seq });
            }
            tokio::select! {
                change = self.changes.next() => change?,
                () = self.app.inner.desk.arrived.notified() => self.rung = None,
                () = tokio::time::sleep(LOOK) => {
                    let reads = self.app.config_reads();
                    if std::mem::replace(&mut self.config_reads, reads) != reads {
                        self.rung = None;
                    }
                }
            }
        }
    }
}

async fn seq(app: &App) -> Option<u64> {
    let sources = app.sources(None).await.ok()?;
    let store = app.inner.parts.store.seq().await.ok()?;
    Some(app.view_seq(store, &sources))
}

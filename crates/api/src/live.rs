//! The bell: says that something changed, and nothing else. Whoever hears it pulls what is on screen.

use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use qd_store::Seq;
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
        self.rings(true)
    }

    /// The same for what draws beside the window: who arrives is told to the window alone.
    pub(crate) fn changed(&self) -> impl Stream<Item = Bell> + Send + 'static {
        self.rings(false)
    }

    fn rings(&self, arrivals: bool) -> impl Stream<Item = Bell> + Send + 'static {
        let app = self.clone();
        let changes = app.inner.parts.store.changes(0).map(|set| set.seq).boxed();
        let config_reads = app.config_reads();
        let state = Listener { app, changes, stored: None, rung: None, config_reads, arrivals };
        stream::unfold(state, |mut state| async move {
            let bell = state.next().await?;
            Some((bell, state))
        })
    }
}

struct Listener {
    app: App,
    changes: stream::BoxStream<'static, Seq>,
    /// The latest change there is in the store, as far as that was heard of. `None`: not asked yet.
    stored: Option<Seq>,
    rung: Option<u64>,
    config_reads: u64,
    /// Whether it rings for who arrives. Each arrival is heard by one listener.
    arrivals: bool,
}

impl Listener {
    async fn next(&mut self) -> Option<Bell> {
        if self.rung.is_some() {
            tokio::time::sleep(PAUSE).await;
        }
        loop {
            let seq = self.seq().await;
            if seq.is_some() && seq != self.rung {
                self.rung = seq;
                return seq.map(|seq| Bell { seq });
            }
            tokio::select! {
                change = self.changes.next() => self.stored = self.stored.max(Some(change?)),
                () = self.app.inner.desk.arrived.notified(), if self.arrivals => self.rung = None,
                () = qd_store::beat(LOOK) => {
                    let reads = self.app.config_reads();
                    if std::mem::replace(&mut self.config_reads, reads) != reads {
                        self.rung = None;
                    }
                }
            }
        }
    }

    async fn seq(&mut self) -> Option<u64> {
        let sources = self.app.sources(None).await.ok()?;
        if self.stored.is_none() {
            self.stored = self.app.inner.parts.store.seq().await.ok();
        }
        Some(self.app.view_seq(self.stored?, &sources))
    }
}

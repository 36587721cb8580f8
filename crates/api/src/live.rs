//! The bell: says that something changed, and nothing else. Whoever hears it pulls what is on screen.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

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
/// How often trust in the sources and the configuration file are looked at: data grows old without any change.
const LOOK: Duration = Duration::from_secs(1);

impl App {
    /// Rings when something changed, at most four times a second, until the listener drops it.
    pub fn bell(&self) -> impl Stream<Item = Bell> + Send + 'static {
        let app = self.clone();
        let changes = app.inner.parts.store.changes(0).map(|_| ()).boxed();
        let state = Listener { app, changes, rung: None, config: None };
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
    config: Option<SystemTime>,
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
                    if follow_config(&self.app, &mut self.config).await {
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

/// Takes the configuration over when its file was changed by hand. `known` is the change it has seen last.
async fn follow_config(app: &App, known: &mut Option<SystemTime>) -> bool {
    let modified =
        std::fs::metadata(&app.paths().config).and_then(|meta| meta.modified()).unwrap_or(UNIX_EPOCH);
    let before = known.replace(modified);
    let changed = before.is_some_and(|before| before != modified);
    if changed && let Err(error) = app.reload().await {
        tracing::warn!(%error, "the configuration could not be taken over");
    }
    changed
}

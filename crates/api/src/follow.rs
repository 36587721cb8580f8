//! The configuration file is followed while it is polled: a person or another process may change it at any time.

use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use qd_engine::ConnectionSpec;

use crate::app::Inner;
use crate::{App, Paths};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// By what one writing of the file is told from another. `None`: there is no file.
pub(crate) type Stamp = Option<(SystemTime, u64)>;

/// The file as it is now.
pub(crate) fn stamp(paths: &Paths) -> Stamp {
    let meta = std::fs::metadata(&paths.config).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

impl App {
    /// Takes over the file whenever it changed, until the engine stops.
    pub(crate) fn follow(&self) {
        let app = self.clone();
        self.inner.engine.beside(async move {
            loop {
                qd_store::beat(LOOK).await;
                if app.inner.changed()
                    && let Err(error) = app.reload().await
                {
                    tracing::warn!(%error, "the configuration could not be taken over");
                }
            }
        });
    }
}

impl Inner {
    /// Whether the file is another one than was read last.
    fn changed(&self) -> bool {
        let read = *self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
        stamp(&self.parts.paths) != read
    }

    /// Whether the file has this connection as it is polled. A file that cannot be read changes nothing.
    fn still_has(&self, spec: &ConnectionSpec) -> bool {
        if !self.changed() {
            return true;
        }
        let fresh = self.parts.read_config();
        let entry = fresh.config.connections.iter().find(|entry| entry.id == *spec.id());
        let same = |entry| self.parts.setup().spec(entry).is_some_and(|now| now.reads_the_same(spec));
        fresh.fallen_back() || entry.is_some_and(same)
    }
}

/// What a poll found is kept only when the file still has its connection: between a change of the file and its taking over
/// a poll may end, and what it read is of a connection that is gone.
pub(crate) fn guard(inner: &Arc<Inner>) {
    let weak: Weak<Inner> = Arc::downgrade(inner);
    inner.engine.keep_only(move |spec| weak.upgrade().is_none_or(|inner| inner.still_has(spec)));
}

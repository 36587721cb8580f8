//! Retention: old history goes in small steps.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::engine::Shared;

/// After the start, when the first polls are through.
const FIRST: Duration = Duration::from_secs(60);
/// Then so often.
const EVERY: Duration = Duration::from_secs(6 * 3600);

/// Runs until the engine stops.
pub async fn run(shared: Arc<Shared>) {
    let stop = shared.tasks.token();
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = EVERY;
        let retention = shared.config.read().unwrap_or_else(PoisonError::into_inner).retention;
        let Some(retention) = retention else { continue };
        match shared.parts.store.prune(shared.parts.clock.now() - retention).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "old history was dropped"),
            Err(error) => tracing::warn!(%error, "old history was not dropped"),
        }
    }
}

//! The ETag cache of the HTTP facade, kept in the store: one per source, because answers depend on the credential.

use std::sync::Arc;

use async_trait::async_trait;
use qd_connector::http::{Cached, EtagCache};
use qd_model::SourceId;
use qd_store::{CachedAnswer, Store};

/// See the module.
pub struct StoredEtags {
    store: Arc<dyn Store>,
    source: SourceId,
}

impl StoredEtags {
    /// The cache of one source.
    pub fn new(store: Arc<dyn Store>, source: SourceId) -> Self {
        Self { store, source }
    }
}

#[async_trait]
impl EtagCache for StoredEtags {
    async fn get(&self, key: &str) -> Option<Cached> {
        // A cache that cannot be read costs a full answer and nothing else.
        let answer = self.store.etag(&self.source, key).await.ok().flatten()?;
        Some(Cached { etag: answer.etag, body: answer.body, link: answer.link, stored_at: answer.stored_at })
    }

    async fn put(&self, key: &str, cached: Cached) {
        let answer = CachedAnswer {
            etag: cached.etag,
            body: cached.body,
            link: cached.link,
            stored_at: cached.stored_at,
        };
        if let Err(error) = self.store.put_etag(&self.source, key, answer).await {
            tracing::debug!(source = %self.source, %error, "an answer was not kept for conditional requests");
        }
    }
}

//! Where conditional requests keep their answers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};

/// An answer kept for its ETag.
#[derive(Clone, PartialEq, Eq)]
pub struct Cached {
    /// As the server wrote it, weak ones too (`W/"…"`).
    pub etag: String,
    /// The decompressed body.
    pub body: Bytes,
    /// The `Link` header that came with it: a 304 usually has none, and paging needs it. `None`: there was none.
    pub link: Option<String>,
    /// When it was stored, our clock.
    pub stored_at: DateTime<Utc>,
}

impl std::fmt::Debug for Cached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cached")
            .field("bytes", &self.body.len())
            .field("stored_at", &self.stored_at)
            .finish_non_exhaustive()
    }
}

/// Keeps answers by key (method, address with query, `Accept`). One per connection, because an answer depends on the
/// credential. A lost entry costs one full answer, so failures are not reported.
#[async_trait]
pub trait EtagCache: Send + Sync {
    /// The kept answer.
    async fn get(&self, key: &str) -> Option<Cached>;
    /// Keeps an answer.
    async fn put(&self, key: &str, cached: Cached);
}

/// Keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCache;

#[async_trait]
impl EtagCache for NoCache {
    async fn get(&self, _key: &str) -> Option<Cached> {
        None
    }

    async fn put(&self, _key: &str, _cached: Cached) {}
}

/// Keeps everything, in memory. For tests and for "Test connection".
#[derive(Debug, Default)]
pub struct MemoryCache(Mutex<HashMap<String, Cached>>);

#[async_trait]
impl EtagCache for MemoryCache {
    async fn get(&self, key: &str) -> Option<Cached> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    async fn put(&self, key: &str, cached: Cached) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), cached);
    }
}

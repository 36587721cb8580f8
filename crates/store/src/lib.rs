//! The storage port: what the product needs of a store, in its own words. A method is a transaction with a verb.
//!
//! *Invariant:* an entity's history only grows: every change of a fact becomes a version with the instant at which it
//! was seen, so any list can be read as of a time.
//! *Invariant:* nothing secret is ever handed to a store.

mod beat;
pub mod types;

#[cfg(feature = "testkit")]
pub mod testkit;

pub use beat::{beat, next_beat};
pub use types::*;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use qd_model::filter::Field;
use qd_model::{
    ActionOutcome, ActionRecord, Cursor, EntityId, Health, Kind, NewNote, Note, SourceId, Subject,
};

/// Where everything observed is kept.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Stores what a poll brought: facts, their transitions, absences, the cursor. One transaction, idempotent: the same
    /// batch twice changes nothing the second time. A fact that did not change writes nothing.
    ///
    /// # Errors
    /// Nothing was stored.
    async fn ingest(
        &self,
        source: &SourceId,
        ingest: Ingest,
        at: DateTime<Utc>,
    ) -> Result<ChangeSet, StoreError>;

    /// Lets what was asked be done, and closes the files in an orderly way: the next start need not look whether they are
    /// whole. Whatever is asked afterwards is answered with [`StoreError::Closed`].
    async fn close(&self);

    /// Stores the health of a source. A change of its state is a change that rings the bell; a new `as_of` alone is not, but
    /// it prolongs the time for which the source counts as read: see [`Store::readings`].
    ///
    /// # Errors
    /// Nothing was stored.
    async fn record_health(&self, health: &Health) -> Result<Option<ChangeSet>, StoreError>;

    /// Assigns services and environments anew after the configuration changed. Not a transition of the entities.
    ///
    /// # Errors
    /// Nothing was changed.
    async fn relink(&self, linker: Linker) -> Result<ChangeSet, StoreError>;

    /// Removes a source with all it observed; its actions stay in the log, and so do notes.
    ///
    /// # Errors
    /// Nothing was removed.
    async fn forget(&self, source: &SourceId) -> Result<ChangeSet, StoreError>;

    /// Drops versions that ended before `before`, and closed entities that ended before it, in small transactions so that
    /// readers and the writer are never blocked for long. Returns how many rows went.
    ///
    /// # Errors
    /// What was dropped so far stays dropped.
    async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StoreError>;

    /// Where the next poll of the source continues. Empty when it was never polled.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn cursor(&self, source: &SourceId) -> Result<Cursor, StoreError>;

    /// Health of every source the store knows.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn health(&self) -> Result<Vec<Health>, StoreError>;

    /// One page of a list.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError>;

    /// One entity, now or as of a time.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn get(&self, id: &EntityId, as_of: Option<DateTime<Utc>>) -> Result<Option<Entity>, StoreError>;

    /// Every transition of one entity, oldest first.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn history(&self, id: &EntityId) -> Result<Vec<Transition>, StoreError>;

    /// The line an entity belongs to (runs of a pipeline on a ref; deployments of a thing to an environment) as it is now,
    /// newest first, without what is gone. Empty for kinds without lines, and for what is not known.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn line(&self, id: &EntityId, part: LinePart, limit: u32) -> Result<Vec<Entity>, StoreError>;

    /// State changes of all entities within a span, newest first: the timeline.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn timeline(&self, query: &TimelineQuery) -> Result<Vec<Transition>, StoreError>;

    /// What happened in each part of a span, per service, kind and status. Reads what began or fired in the span, never
    /// the whole history.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn tally(&self, query: TallyQuery) -> Result<Vec<Tally>, StoreError>;

    /// What began or fired within a span, oldest first: the marks of the watch strip. An alert appears once for each time it
    /// fired, and once more for each time it was silenced meanwhile.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn happened(&self, query: &HappenedQuery) -> Result<Happened, StoreError>;

    /// When each source was being read, as far as that touches a span; oldest first. Between them nobody looked.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn readings(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Reading>, StoreError>;

    /// The names that current entities have for a field (services, environments), in the order of the alphabet.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn names(&self, field: Field) -> Result<Vec<String>, StoreError>;

    /// Entities of a kind that changed their state again and again within a span, the most restless first, each with its
    /// changes in that span, oldest first. Cheap where there are none.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn restless(&self, query: &RestlessQuery) -> Result<Vec<Restless>, StoreError>;

    /// Every value that entities have, or once had, for a field of the filter language, each once. For the backend's own
    /// words among them, which nobody else knows.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn values(&self, field: Field) -> Result<Vec<String>, StoreError>;

    /// The current entities per (service, kind): open ones, and for runs and deployments the latest of each line. What
    /// the overview is computed from. Behind them stand the `recent` runs, newest first, and of each line of deployments
    /// whose latest did not succeed the newest of as many that did: it is what is live.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn current(&self, recent: Recent, as_of: Option<DateTime<Utc>>) -> Result<Vec<Entity>, StoreError>;

    /// How many current entities each kind has, by status word. Cheap: counters, no scan of history.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn counts(&self) -> Result<Vec<Count>, StoreError>;

    /// Writes an action down before it is sent. `false`: the idempotency key is taken, so it must not be sent.
    ///
    /// # Errors
    /// Nothing was written, so it must not be sent.
    async fn propose(&self, record: &ActionRecord) -> Result<bool, StoreError>;

    /// Marks an action as sent.
    ///
    /// # Errors
    /// It stays proposed.
    async fn mark_sent(&self, idempotency_key: &str) -> Result<(), StoreError>;

    /// Writes an action's outcome. An `Unknown` outcome may later be settled once more; any other is final.
    ///
    /// # Errors
    /// The outcome was not written.
    async fn settle(
        &self,
        key: &str,
        outcome: &ActionOutcome,
        at: DateTime<Utc>,
    ) -> Result<ChangeSet, StoreError>;

    /// The actions log, newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn actions(&self, query: &ActionsQuery) -> Result<Vec<ActionRecord>, StoreError>;

    /// Keeps a note that a person wrote, under a number of its own. Rings the bell.
    ///
    /// Notes are kept as long as the actions log: neither retention nor the removal of a source takes them away. An
    /// entity that comes back has them still.
    ///
    /// # Errors
    /// Nothing was kept.
    async fn write_note(&self, note: &NewNote) -> Result<Note, StoreError>;

    /// Removes a note: nothing of it stays. Returns what was removed; `None`: there is no such note.
    ///
    /// # Errors
    /// It stays.
    async fn remove_note(&self, id: u64) -> Result<Option<Note>, StoreError>;

    /// Puts a removed note back as it was, under its own number. One that is there is left as it is.
    ///
    /// # Errors
    /// It stays removed.
    async fn restore_note(&self, note: &Note) -> Result<(), StoreError>;

    /// Notes, newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn notes(&self, query: &NotesQuery) -> Result<NotesPage, StoreError>;

    /// How many notes each subject has that has any, of those written by then. `None`: by now.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn noted(&self, as_of: Option<DateTime<Utc>>) -> Result<BTreeMap<Subject, u64>, StoreError>;

    /// A cached answer of the HTTP facade.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn etag(&self, source: &SourceId, key: &str) -> Result<Option<CachedAnswer>, StoreError>;

    /// Keeps an answer for later conditional requests. At most a few hundred per source; the oldest go first.
    ///
    /// # Errors
    /// It was not kept, which costs a request and nothing else.
    async fn put_etag(&self, source: &SourceId, key: &str, answer: CachedAnswer) -> Result<(), StoreError>;

    /// Takes or renews the right to poll a source, so that several processes on one store poll it once. `false`: somebody
    /// else has it.
    ///
    /// # Errors
    /// Nobody's right changed.
    async fn lease(
        &self,
        source: &SourceId,
        holder: &Holder,
        now: DateTime<Utc>,
        ttl: Duration,
    ) -> Result<bool, StoreError>;

    /// Gives back every lease of a holder.
    ///
    /// # Errors
    /// They end with their time.
    async fn release(&self, holder: &Holder) -> Result<(), StoreError>;

    /// The number of the latest change: grows by one with every change set.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn seq(&self) -> Result<Seq, StoreError>;

    /// Changes after `from`, whoever wrote them (this process at once, others within a second). A receiver that falls
    /// behind gets one change set without ids that says only how far things are.
    fn changes(&self, from: Seq) -> BoxStream<'static, ChangeSet>;

    /// A small text setting of the product itself (schema of views, last run), not of the person.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn memo(&self, key: &str) -> Result<Option<String>, StoreError>;

    /// Keeps such a text.
    ///
    /// # Errors
    /// It was not kept.
    async fn put_memo(&self, key: &str, value: &str) -> Result<(), StoreError>;

    /// How many entities of a kind are stored at all, open or not. For retention reports and tests.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn stored(&self, kind: Kind) -> Result<u64, StoreError>;
}

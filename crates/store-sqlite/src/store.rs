//! The port, method by method.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use qd_model::filter::Field;
use qd_model::{
    ActionOutcome, ActionRecord, Cursor, EntityId, Health, Kind, NewNote, Note, SourceId, Subject,
};
use qd_store::{
    ActionsQuery, CachedAnswer, ChangeSet, Count, Entity, Happened, HappenedQuery, Holder, Ingest, LinePart,
    Linker, ListQuery, NotesPage, NotesQuery, Page, Reading, Recent, Restless, RestlessQuery, Seq, Store,
    StoreError, Tally, TallyQuery, TimelineQuery, Transition,
};

use crate::{
    SqliteStore, actions, cache, changes, happened, health, history, ingest, lines, list, maintenance, notes,
    past, readings, tally, words,
};

#[async_trait]
impl Store for SqliteStore {
    async fn ingest(
        &self,
        source: &SourceId,
        ingest: Ingest,
        at: DateTime<Utc>,
    ) -> Result<ChangeSet, StoreError> {
        let source = source.clone();
        let changes = self.writing.run(move |writer| ingest::ingest(writer, &source, &ingest, at)).await?;
        self.tell(&changes);
        Ok(changes)
    }

    async fn close(&self) {
        let (readers, writing) = (self.readers.clone(), self.writing.clone());
        let close = move || {
            readers.close();
            writing.close();
        };
        let _ = tokio::task::spawn_blocking(close).await; // a panic in a thread was reported where it happened
    }

    async fn record_health(&self, health: &Health) -> Result<Option<ChangeSet>, StoreError> {
        let health = health.clone();
        let changes = self.writing.run(move |writer| health::record(writer, &health)).await?;
        changes.iter().for_each(|changes| self.tell(changes));
        Ok(changes)
    }

    async fn relink(&self, linker: Linker) -> Result<ChangeSet, StoreError> {
        let mut other = Vec::new();
        let mut after = 0;
        loop {
            let linker = Linker::clone(&linker);
            let (found, last) =
                self.readers.ask(move |conn| maintenance::relinked(conn, &linker, after)).await?;
            other.extend(found);
            match last {
                Some(last) => after = last,
                None => break,
            }
        }
        let changes = self.writing.run(move |writer| maintenance::relink(writer, &other)).await?;
        self.tell(&changes);
        Ok(changes)
    }

    async fn forget(&self, source: &SourceId) -> Result<ChangeSet, StoreError> {
        let source = source.clone();
        let changes = self.writing.run(move |writer| maintenance::forget(writer, &source)).await?;
        self.tell(&changes);
        Ok(changes)
    }

    async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut removed = 0;
        loop {
            // One job each: other writes come in between.
            match self.writing.run(move |writer| maintenance::prune(writer, before)).await? {
                0 => return Ok(removed),
                some => removed += some,
            }
        }
    }

    async fn cursor(&self, source: &SourceId) -> Result<Cursor, StoreError> {
        let source = source.clone();
        self.readers.ask(move |conn| health::cursor(conn, &source)).await
    }

    async fn health(&self) -> Result<Vec<Health>, StoreError> {
        self.readers.ask(health::all).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Page, StoreError> {
        let query = query.clone();
        self.readers
            .ask(move |conn| match query.as_of {
                Some(at) => past::list(conn, &query, at),
                None => list::list(conn, &query),
            })
            .await
    }

    async fn get(&self, id: &EntityId, as_of: Option<DateTime<Utc>>) -> Result<Option<Entity>, StoreError> {
        let id = id.clone();
        self.readers.ask(move |conn| past::get(conn, &id, as_of)).await
    }

    async fn history(&self, id: &EntityId) -> Result<Vec<Transition>, StoreError> {
        let id = id.clone();
        self.readers.ask(move |conn| history::of(conn, &id)).await
    }

    async fn line(&self, id: &EntityId, part: LinePart, limit: u32) -> Result<Vec<Entity>, StoreError> {
        let id = id.clone();
        self.readers.ask(move |conn| lines::members(conn, &id, part, limit)).await
    }

    async fn timeline(&self, query: &TimelineQuery) -> Result<Vec<Transition>, StoreError> {
        let query = query.clone();
        self.readers.ask(move |conn| history::timeline(conn, &query)).await
    }

    async fn happened(&self, query: &HappenedQuery) -> Result<Happened, StoreError> {
        let query = query.clone();
        self.readers.ask(move |conn| happened::happened(conn, &query)).await
    }

    async fn readings(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Reading>, StoreError> {
        self.readers.ask(move |conn| readings::touching(conn, from, to)).await
    }

    async fn names(&self, field: Field) -> Result<Vec<String>, StoreError> {
        self.readers.ask(move |conn| list::names(conn, field)).await
    }

    async fn tally(&self, query: TallyQuery) -> Result<Vec<Tally>, StoreError> {
        self.readers.ask(move |conn| tally::tally(conn, query)).await
    }

    async fn restless(&self, query: &RestlessQuery) -> Result<Vec<Restless>, StoreError> {
        let query = query.clone();
        self.readers.ask(move |conn| history::restless(conn, &query)).await
    }

    async fn values(&self, field: Field) -> Result<Vec<String>, StoreError> {
        self.readers.ask(move |conn| words::all(conn, field)).await
    }

    async fn current(&self, recent: Recent, as_of: Option<DateTime<Utc>>) -> Result<Vec<Entity>, StoreError> {
        self.readers
            .ask(move |conn| match as_of {
                Some(at) => past::current(conn, &recent, at),
                None => list::current(conn, &recent),
            })
            .await
    }

    async fn counts(&self) -> Result<Vec<Count>, StoreError> {
        self.readers.ask(list::counts).await
    }

    async fn propose(&self, record: &ActionRecord) -> Result<bool, StoreError> {
        let record = record.clone();
        self.writing.run(move |writer| actions::propose(writer, &record)).await
    }

    async fn mark_sent(&self, idempotency_key: &str) -> Result<(), StoreError> {
        let key = idempotency_key.to_owned();
        self.writing.run(move |writer| actions::mark_sent(writer, &key)).await.flatten()
    }

    async fn settle(
        &self,
        key: &str,
        outcome: &ActionOutcome,
        at: DateTime<Utc>,
    ) -> Result<ChangeSet, StoreError> {
        let (key, outcome) = (key.to_owned(), outcome.clone());
        let settled = self.writing.run(move |writer| actions::settle(writer, &key, &outcome, at)).await;
        let changes = settled.flatten()?;
        self.tell(&changes);
        Ok(changes)
    }

    async fn actions(&self, query: &ActionsQuery) -> Result<Vec<ActionRecord>, StoreError> {
        let query = query.clone();
        self.readers.ask(move |conn| actions::list(conn, &query)).await
    }

    async fn write_note(&self, note: &NewNote) -> Result<Note, StoreError> {
        let note = note.clone();
        let (note, changes) = self.writing.run(move |writer| notes::write(writer, note)).await?;
        self.tell(&changes);
        Ok(note)
    }

    async fn remove_note(&self, id: u64) -> Result<Option<Note>, StoreError> {
        let (removed, changes) = self.writing.run(move |writer| notes::remove(writer, id)).await?;
        self.tell(&changes);
        Ok(removed)
    }

    async fn restore_note(&self, note: &Note) -> Result<(), StoreError> {
        let note = note.clone();
        let changes = self.writing.run(move |writer| notes::restore(writer, &note)).await?;
        self.tell(&changes);
        Ok(())
    }

    async fn notes(&self, query: &NotesQuery) -> Result<NotesPage, StoreError> {
        let query = query.clone();
        self.readers.ask(move |conn| notes::list(conn, &query)).await
    }

    async fn noted(&self, as_of: Option<DateTime<Utc>>) -> Result<BTreeMap<Subject, u64>, StoreError> {
        self.readers.ask(move |conn| notes::noted(conn, as_of)).await
    }

    async fn etag(&self, source: &SourceId, key: &str) -> Result<Option<CachedAnswer>, StoreError> {
        let (source, key) = (source.clone(), key.to_owned());
        self.readers.ask(move |conn| cache::answer(conn, &source, &key)).await
    }

    async fn put_etag(&self, source: &SourceId, key: &str, answer: CachedAnswer) -> Result<(), StoreError> {
        let (source, key) = (source.clone(), key.to_owned());
        self.writing.run(move |writer| cache::put_answer(writer, &source, &key, &answer)).await
    }

    async fn lease(
        &self,
        source: &SourceId,
        holder: &Holder,
        now: DateTime<Utc>,
        ttl: Duration,
    ) -> Result<bool, StoreError> {
        let (source, holder) = (source.clone(), holder.clone());
        self.writing.run(move |writer| cache::lease(writer, &source, &holder, now, ttl)).await
    }

    async fn release(&self, holder: &Holder) -> Result<(), StoreError> {
        let holder = holder.clone();
        self.writing.run(move |writer| cache::release(writer, &holder)).await
    }

    async fn seq(&self) -> Result<Seq, StoreError> {
        self.readers.ask(changes::seq).await
    }

    fn changes(&self, from: Seq) -> BoxStream<'static, ChangeSet> {
        changes::listen(self.readers.clone(), self.told.subscribe(), self.last_look.clone(), from)
    }

    async fn memo(&self, key: &str) -> Result<Option<String>, StoreError> {
        let key = key.to_owned();
        self.readers.ask(move |conn| cache::memo(conn, &key)).await
    }

    async fn put_memo(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.writing.run(move |writer| cache::put_memo(writer, &key, &value)).await
    }

    async fn stored(&self, kind: Kind) -> Result<u64, StoreError> {
        self.readers.ask(move |conn| list::stored(conn, kind)).await
    }
}

//! Numbers of change sets, and how others learn of them.
//!
//! A change set is told to this process as it is. Another process reads it back from the versions that carry its number
//! and from what `change` adds to them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::stream::{BoxStream, StreamExt, unfold};
use qd_model::EntityId;
use qd_store::{ChangeSet, Seq, StoreError, Transition};
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::{Notify, broadcast};

use crate::{entity, threads::Readers, transition, words};

pub const SCHEMA: &str = "
CREATE TABLE change (
    seq       INTEGER PRIMARY KEY,
    first     INTEGER NOT NULL, -- its versions have the ids from here
    last      INTEGER NOT NULL, -- to here; there is one writer at a time, so they follow each other
    touched   TEXT NOT NULL,    -- JSON: entities that changed without a new version
    services  TEXT NOT NULL,    -- JSON
    truncated INTEGER NOT NULL
);
CREATE TABLE sequence (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL);
INSERT INTO sequence VALUES (1, 0);
";

/// So many entities are named in a change set.
pub const NAMED: usize = 10_000;

/// So many change sets can be read back.
const KEPT: i64 = 10_000;

/// Who has fallen behind by more change sets than this gets one that says only how far things are.
const BEHIND: u64 = 64;

/// How often a listener looks for what other processes wrote.
const LOOK: Duration = Duration::from_secs(1);

/// The number of the latest change.
pub fn seq(conn: &Connection) -> rusqlite::Result<Seq> {
    let seq: i64 =
        conn.prepare_cached("SELECT seq FROM sequence WHERE only = 1")?.query_row([], |row| row.get(0))?;
    Ok(seq.unsigned_abs())
}

/// A change set under construction, within a transaction.
#[derive(Default)]
pub struct Draft {
    seq: i64,
    set: ChangeSet,
    /// Touched without a version of its own: written to `change`, because nothing else tells of it.
    silent: Vec<EntityId>,
    services: BTreeSet<i64>,
    names: BTreeSet<String>,
    versions: Option<(i64, i64)>,
}

impl Draft {
    /// The number of this change set; drawn at its first use, so that a transaction that changes nothing draws none.
    pub fn seq(&mut self, conn: &Connection) -> rusqlite::Result<i64> {
        if self.seq == 0 {
            self.seq = conn
                .prepare_cached("UPDATE sequence SET seq = seq + 1 WHERE only = 1 RETURNING seq")?
                .query_row([], |row| row.get(0))?;
        }
        Ok(self.seq)
    }

    /// An entity got a version.
    pub fn version(&mut self, id: &EntityId, version: i64) {
        let first = self.versions.map_or(version, |(first, _)| first);
        self.versions = Some((first, version));
        self.touch(id);
    }

    fn touch(&mut self, id: &EntityId) {
        if self.set.touched.len() < NAMED {
            self.set.touched.push(id.clone());
        } else {
            self.set.truncated = true;
        }
    }

    /// An entity changed without a version (its links).
    pub fn touch_silently(&mut self, id: &EntityId) {
        self.touch(id);
        if self.silent.len() < NAMED {
            self.silent.push(id.clone());
        }
    }

    /// A state word changed.
    pub fn transition(&mut self, transition: Transition) {
        if self.set.transitions.len() < NAMED {
            self.set.transitions.push(transition);
        } else {
            self.set.truncated = true;
        }
    }

    /// The status of a service, given by the number of its word, may have changed.
    pub fn service(&mut self, word: Option<i64>) {
        self.services.extend(word);
    }

    /// Completes the change set and writes what other processes need. Nothing was changed: the empty set.
    pub fn finish(mut self, conn: &Connection) -> rusqlite::Result<ChangeSet> {
        if self.seq == 0 {
            return Ok(ChangeSet::default());
        }
        for word in self.services {
            self.names.insert(words::first(&words::text(conn, word)?));
        }
        self.set.seq = self.seq.unsigned_abs();
        self.set.services = self.names.into_iter().collect();
        let json = |value: serde_json::Result<String>| value.unwrap_or_else(|_| "[]".to_owned());
        let (first, last) = self.versions.unwrap_or((1, 0));
        conn.prepare_cached("INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
            self.seq,
            first,
            last,
            json(serde_json::to_string(&self.silent)),
            json(serde_json::to_string(&self.set.services)),
            self.set.truncated
        ])?;
        conn.prepare_cached("DELETE FROM change WHERE seq <= ?1")?.execute([self.seq - KEPT])?;
        Ok(self.set)
    }
}

/// Reads a change set back. `None`: it is too old.
fn read(conn: &Connection, seq: i64) -> rusqlite::Result<Option<ChangeSet>> {
    let row = conn
        .prepare_cached("SELECT touched, services, truncated, first, last FROM change WHERE seq = ?1")?
        .query_row([seq], |row| {
            let texts: (String, String) = (row.get(0)?, row.get(1)?);
            let versions: (i64, i64) = (row.get(3)?, row.get(4)?);
            Ok((texts, row.get::<_, bool>(2)?, versions))
        })
        .optional()?;
    let Some(((silent, services), truncated, (first, last))) = row else { return Ok(None) };
    let silent: Vec<EntityId> = serde_json::from_str(&silent).unwrap_or_default();
    let services: Vec<String> = serde_json::from_str(&services).unwrap_or_default();
    let mut set = ChangeSet { seq: seq.unsigned_abs(), services, truncated, ..ChangeSet::default() };
    let limit = i64::try_from(NAMED).unwrap_or(i64::MAX);
    let mut versions = conn.prepare_cached(
        "SELECT id, entity, transition FROM version WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3",
    )?;
    let rows = versions.query_map([first, last, limit], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?))
    })?;
    for row in rows {
        let (version, entity, is_transition) = row?;
        set.touched.extend(entity::identity(conn, entity)?);
        if is_transition {
            set.transitions.push(transition::of_version(conn, version)?);
        }
    }
    set.touched.extend(silent);
    Ok(Some(set))
}

/// Change sets after `from`, or one that says only how far things are.
fn since(conn: &mut Connection, from: Seq) -> Result<Vec<ChangeSet>, StoreError> {
    let read_all = |conn: &mut Connection| -> rusqlite::Result<Vec<ChangeSet>> {
        let tx = conn.transaction()?;
        let now = seq(&tx)?;
        if now <= from {
            return Ok(Vec::new());
        }
        let summary = || vec![ChangeSet { seq: now, truncated: true, ..ChangeSet::default() }];
        if now - from > BEHIND {
            return Ok(summary());
        }
        let mut sets = Vec::new();
        for seq in from + 1..=now {
            match read(&tx, i64::try_from(seq).unwrap_or(i64::MAX))? {
                Some(set) => sets.push(set),
                None => return Ok(summary()),
            }
        }
        Ok(sets)
    };
    read_all(conn).map_err(crate::errors::reading)
}

/// One of the listeners looks for all, so that a window that is left open asks once a second and not once a listener.
#[derive(Debug, Default)]
pub struct LastLook {
    /// When one of them began to look, and how far the file is as far as they know.
    last: Mutex<Option<(Instant, Seq)>>,
    /// The one that looked found something.
    found: Notify,
}

impl LastLook {
    /// Whether this listener is the one to look now: nobody just did, or what was found is still new to it.
    fn is_for(&self, seen: Seq) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|(at, known)| known <= seen && at.elapsed() < LOOK / 2) {
            return false;
        }
        let known = last.map_or(seen, |(_, known)| known.max(seen));
        *last = Some((Instant::now(), known));
        true
    }

    /// There are changes up to this one.
    fn tell(&self, seq: Seq) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, known) = last.unwrap_or_else(|| (Instant::now(), 0));
        *last = Some((at, known.max(seq)));
        if known < seq {
            self.found.notify_waiters();
        }
    }
}

/// One listener.
struct Listener {
    readers: Readers,
    told: broadcast::Receiver<ChangeSet>,
    last_look: Arc<LastLook>,
    seen: Seq,
    waiting: std::collections::VecDeque<ChangeSet>,
    /// The first look is taken at once: something may have happened between `from` and now.
    looked: bool,
}

/// The stream of a listener. It ends when the store is closed.
pub fn listen(
    readers: Readers,
    told: broadcast::Receiver<ChangeSet>,
    last_look: Arc<LastLook>,
    from: Seq,
) -> BoxStream<'static, ChangeSet> {
    let waiting = std::collections::VecDeque::new();
    let listener = Listener { readers, told, last_look, seen: from, waiting, looked: false };
    unfold(listener, |mut listener| async move { listener.next().await.map(|set| (set, listener)) }).boxed()
}

impl Listener {
    async fn next(&mut self) -> Option<ChangeSet> {
        loop {
            if let Some(set) = self.waiting.pop_front() {
                self.seen = set.seq;
                return Some(set);
            }
            if !self.looked {
                self.looked = true;
                self.look().await;
                continue;
            }
            tokio::select! {
                told = self.told.recv() => match told {
                    Ok(set) if set.seq == self.seen + 1 => self.waiting.push_back(set),
                    Ok(set) if set.seq <= self.seen => {}
                    // Others wrote in between, or we were told more than we could take.
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => self.look().await,
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                () = self.last_look.found.notified() => self.look().await,
                () = qd_store::beat(LOOK) => {
                    if self.last_look.is_for(self.seen) {
                        self.look().await;
                    }
                }
            }
        }
    }

    /// Looks into the file. A file that cannot be read now is looked into again later: the others are told by whoever
    /// reads next.
    async fn look(&mut self) {
        let from = self.seen;
        match self.readers.run(move |conn| since(conn, from)).await {
            Ok(sets) => {
                if let Some(last) = sets.last() {
                    self.last_look.tell(last.seq);
                }
                self.waiting.extend(sets);
            }
            Err(error) => tracing::debug!(%error, "changes could not be read"),
        }
    }
}

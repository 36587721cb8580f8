//! What a poll brought becomes rows: one transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use qd_model::filter::Field;
use qd_model::{Coverage, Fact, Kind, Links, SourceId};
use qd_store::{ChangeSet, Ingest};
use rusqlite::{Connection, ToSql, TransactionBehavior, params};

use crate::absence::{self, Step};
use crate::changes::Draft;
use crate::counters::{Counted, Counting};
use crate::entity::{self, Columns, Stored, kind_number, micros};
use crate::row::{Present, Version};
use crate::search::Texts;
use crate::threads::Writer;
use crate::transition::{GONE, Moment};
use crate::words::Words;
use crate::{body, health, lines, row};

/// Stores a batch. The same batch twice changes nothing the second time.
pub fn ingest(
    writer: &mut Writer,
    source: &SourceId,
    ingest: &Ingest,
    at: DateTime<Utc>,
) -> rusqlite::Result<ChangeSet> {
    let Writer { conn, words } = writer;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let number = source_number(&tx, words, source)?;
    let next_version =
        tx.prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM version")?.query_row([], |row| row.get(0))?;
    let mut writing = Writing {
        conn: &tx,
        words,
        next_version,
        draft: Draft::default(),
        at: micros(at),
        lines: BTreeSet::new(),
        texts: Texts::default(),
        counting: Counting::default(),
    };
    let mut seen = HashSet::with_capacity(ingest.facts.len());
    for (fact, links) in last_mentions(source, &ingest.facts) {
        seen.insert(writing.upsert(number, fact, links)?);
    }
    if let Coverage::Complete(kinds) = &ingest.coverage {
        for kind in kinds {
            writing.absences(number, *kind, &seen)?;
        }
    }
    let Writing { mut draft, lines, texts, mut counting, .. } = writing;
    lines::settle(&tx, &lines, &mut draft, &mut counting)?;
    counting.write(&tx)?;
    texts.write(&tx)?;
    health::put_cursor(&tx, source, &ingest.next)?;
    let changes = draft.finish(&tx)?;
    tx.commit()?;
    Ok(changes)
}

/// The number of a source's word.
pub fn source_number(conn: &Connection, words: &mut Words, source: &SourceId) -> rusqlite::Result<i64> {
    let number = words.id(conn, Field::Source, &[source.as_str().to_owned()])?;
    number.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

/// Facts in their order, each entity once, with its last mention. What claims to be of another source is left out: a
/// connection cannot speak for another one.
fn last_mentions<'a>(source: &SourceId, facts: &'a [(Fact, Links)]) -> Vec<(&'a Fact, &'a Links)> {
    let mut last: HashMap<(Kind, &str), usize> = HashMap::with_capacity(facts.len());
    for (at, (fact, _)) in facts.iter().enumerate() {
        last.insert((fact.kind(), fact.id().native.as_str()), at);
    }
    let counts = |at: usize, fact: &Fact| {
        let id = fact.id();
        &id.source == source && last.get(&(id.kind, id.native.as_str())) == Some(&at)
    };
    facts
        .iter()
        .enumerate()
        .filter(|(at, (fact, _))| counts(*at, fact))
        .map(|(_, (fact, links))| (fact, links))
        .collect()
}

struct Writing<'a> {
    conn: &'a Connection,
    words: &'a mut Words,
    /// Of the next version that is written.
    next_version: i64,
    draft: Draft,
    at: i64,
    /// Lines whose latest may be another now.
    lines: BTreeSet<i64>,
    texts: Texts,
    counting: Counting,
}

/// A state of an entity that is to be written down.
struct Next<'a> {
    fact: &'a Fact,
    links: &'a Links,
    body: &'a str,
    gone: bool,
}

impl Writing<'_> {
    /// Stores one fact; returns the entity's row.
    fn upsert(&mut self, source: i64, fact: &Fact, links: &Links) -> rusqlite::Result<i64> {
        let body = body::write(fact)?;
        let fingerprint = entity::fingerprint(&body, links);
        let next = Next { fact, links, body: &body, gone: false };
        let Some(stored) = entity::find(self.conn, source, fact.kind(), &fact.id().native)? else {
            return self.insert(source, &next, fingerprint);
        };
        if stored.gone {
            self.change(source, &stored, &next, fingerprint)?;
        } else if stored.fingerprint != fingerprint {
            let old = entity::body(self.conn, stored.version)?;
            if self.only_shorter(&stored, &old, &next, fingerprint)? {
                // An older Quarterdeck wrote the same fact at greater length.
            } else if old == body {
                relink(self.conn, self.words, &mut self.draft, &stored, fact, links)?;
                self.texts.put(stored.id, fact, links);
            } else {
                self.change(source, &stored, &next, fingerprint)?;
            }
        } else if stored.absent > 0 {
            self.set_absent(stored.id, 0)?;
        }
        Ok(stored.id)
    }

    /// Puts a shorter text of the same fact in the place of the stored one, when that is all there is to do.
    fn only_shorter(
        &self,
        stored: &Stored,
        old: &str,
        next: &Next<'_>,
        fingerprint: i64,
    ) -> rusqlite::Result<bool> {
        let same = old != next.body
            && body::lean(old) == next.body
            && entity::fingerprint(old, next.links) == stored.fingerprint;
        if same {
            self.conn
                .prepare_cached("UPDATE version SET body = ?2 WHERE id = ?1")?
                .execute(params![stored.version, next.body])?;
            self.conn
                .prepare_cached("UPDATE entity SET fingerprint = ?2, absent = 0 WHERE id = ?1")?
                .execute([stored.id, fingerprint])?;
        }
        Ok(same)
    }

    fn insert(&mut self, source: i64, next: &Next<'_>, fingerprint: i64) -> rusqlite::Result<i64> {
        let columns = Columns::of(self.conn, self.words, next.fact, next.links)?;
        let line = lines::of(self.conn, source, next.fact)?;
        let kind = kind_number(next.fact.kind());
        let present = Present { line, current: columns.open, gone: false, columns };
        let identity = (source, kind, next.fact.id().native.as_str());
        let version = Version { id: self.next_version, fingerprint, since: self.at };
        let id = row::insert(self.conn, identity, version, &present)?;
        self.version(id, next, &present.columns, None, self.at)?;
        let (current, rank) = (present.current, present.columns.rank);
        self.counting.comes(Counted { source, kind, current, rank });
        self.texts.put(id, next.fact, next.links);
        self.lines.extend(line);
        Ok(id)
    }

    /// Ends the version that holds and begins the next.
    fn change(
        &mut self,
        source: i64,
        stored: &Stored,
        next: &Next<'_>,
        fingerprint: i64,
    ) -> rusqlite::Result<()> {
        let columns = Columns::of(self.conn, self.words, next.fact, next.links)?;
        let since = self.at.max(stored.since); // a clock that was turned back does not turn history back
        self.draft.service(stored.service);
        self.conn
            .prepare_cached("UPDATE version SET until_at = ?2 WHERE id = ?1")?
            .execute([stored.version, since])?;
        let id = self.version(stored.id, next, &columns, Some(stored), since)?;
        let line = lines::of(self.conn, source, next.fact)?;
        let current = !next.gone && (columns.open || lines::is_latest(self.conn, line, stored.id)?);
        let before = Present::read(self.conn, stored.id)?;
        let after = Present { line, current, gone: next.gone, columns };
        row::update(self.conn, stored, Version { id, fingerprint, since }, &before, &after)?;
        let kind = kind_number(next.fact.kind());
        let counted = |of: &Present| Counted { source, kind, current: of.current, rank: of.columns.rank };
        self.counting.goes(counted(&before));
        self.counting.comes(counted(&after));
        self.texts.put(stored.id, next.fact, next.links);
        self.lines.extend(stored.line);
        self.lines.extend(line);
        Ok(())
    }

    /// Writes a version and tells of it.
    fn version(
        &mut self,
        entity: i64,
        next: &Next<'_>,
        columns: &Columns,
        before: Option<&Stored>,
        at: i64,
    ) -> rusqlite::Result<i64> {
        let seq = self.draft.seq(self.conn)?;
        let before_word = match before {
            Some(stored) if stored.gone => Some(GONE.to_owned()),
            Some(stored) => Some(self.words.state(self.conn, stored.state)?),
            None => None,
        };
        let word = if next.gone { GONE } else { next.fact.state_word() };
        let transition = before_word.as_deref() != Some(word);
        let (was, was_gone) = (before.map(|stored| stored.state), before.is_some_and(|stored| stored.gone));
        let version = self.next_version;
        self.next_version += 1;
        let own: [(&str, &dyn ToSql); 9] = [
            ("id", &version),
            ("entity", &entity),
            ("seq", &seq),
            ("from_at", &at),
            ("transition", &transition),
            ("was", &was),
            ("was_gone", &was_gone),
            ("gone", &next.gone),
            ("body", &next.body),
        ];
        row::insert_into(self.conn, "version", &own, columns.cells())?;
        self.draft.version(next.fact.id(), version);
        self.draft.service(columns.service());
        if transition {
            let at = entity::instant(at);
            let moment = Moment { from: before_word, gone: next.gone, at, seq: seq.unsigned_abs() };
            self.draft.transition(moment.of(next.fact, next.links));
        }
        Ok(version)
    }

    /// Judges the open entities of a kind that a complete answer did not list.
    fn absences(&mut self, source: i64, kind: Kind, seen: &HashSet<i64>) -> rusqlite::Result<()> {
        let mut open = self.conn.prepare_cached(
            "SELECT id, version, fingerprint, since, absent, line, gone, service, state, env, inferred
             FROM entity INDEXED BY entity_open WHERE source = ?1 AND kind = ?2 AND open = 1 AND gone = 0",
        )?;
        let rows = open.query_map([source, kind_number(kind)], |row| {
            Ok((entity::stored(row)?, row.get::<_, Option<i64>>(9)?, row.get::<_, bool>(10)?))
        })?;
        let mut missing = Vec::new();
        for row in rows {
            let row = row?;
            if !seen.contains(&row.0.id) {
                missing.push(row);
            }
        }
        for (stored, env, inferred) in missing {
            let links = || entity::links(self.conn, stored.service, env, inferred);
            match absence::judge(kind, stored.absent) {
                Step::Wait(times) => self.set_absent(stored.id, times)?,
                Step::Hide => {
                    let links = links()?;
                    let body = entity::body(self.conn, stored.version)?;
                    let fact = body::read(&body)?;
                    let next = Next { fact: &fact, links: &links, body: &body, gone: true };
                    self.change(source, &stored, &next, stored.fingerprint)?;
                }
                Step::Resolve => {
                    let links = links()?;
                    let fact = absence::resolved(body::read(&entity::body(self.conn, stored.version)?)?);
                    let body = body::write(&fact)?;
                    let fingerprint = entity::fingerprint(&body, &links);
                    self.change(
                        source,
                        &stored,
                        &Next { fact: &fact, links: &links, body: &body, gone: false },
                        fingerprint,
                    )?;
                }
            }
        }
        Ok(())
    }

    fn set_absent(&self, entity: i64, times: u32) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached("UPDATE entity SET absent = ?2 WHERE id = ?1")?
            .execute(params![entity, times])
            .map(|_| ())
    }
}

/// Writes other links beside a fact that did not change: no version, no transition. The text is the caller's to write.
pub fn relink(
    conn: &Connection,
    words: &mut Words,
    draft: &mut Draft,
    stored: &Stored,
    fact: &Fact,
    links: &Links,
) -> rusqlite::Result<()> {
    let columns = Columns::of(conn, words, fact, links)?;
    let fingerprint = entity::fingerprint(&entity::body(conn, stored.version)?, links);
    let (service, env) = (columns.service(), columns.env());
    draft.seq(conn)?;
    draft.service(stored.service);
    draft.service(service);
    draft.touch_silently(fact.id());
    conn.prepare_cached("UPDATE version SET service = ?2, env = ?3, inferred = ?4 WHERE id = ?1")?
        .execute(params![stored.version, service, env, columns.inferred])?;
    conn.prepare_cached(
        "UPDATE entity SET service = ?2, env = ?3, inferred = ?4, fingerprint = ?5, absent = 0 WHERE id = ?1",
    )?
    .execute(params![stored.id, service, env, columns.inferred, fingerprint])?;
    Ok(())
}

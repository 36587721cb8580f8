//! State changes: what a version of an entity began with.

use chrono::{DateTime, Utc};
use qd_model::{Fact, Links};
use qd_store::Transition;
use rusqlite::Connection;

use crate::entity::{instant, links};
use crate::{body, words};

/// The transition that a version began with.
pub fn of_version(conn: &Connection, version: i64) -> rusqlite::Result<Transition> {
    let mut statement = conn.prepare_cached(
        "SELECT body, service, env, inferred, was, was_gone, gone, rank, from_at, seq FROM version WHERE id = ?1",
    )?;
    statement.query_row([version], |row| {
        let fact = body::read(row.get_ref(0)?.as_str()?)?;
        let links = links(conn, row.get(1)?, row.get(2)?, row.get(3)?)?;
        let was: Option<i64> = row.get(4)?;
        let from = match (row.get(5)?, was) {
            (true, _) => Some(GONE.to_owned()),
            (false, Some(id)) => Some(words::first(&words::text(conn, id)?)),
            (false, None) => None,
        };
        let seq: i64 = row.get(9)?;
        let moment = Moment { from, gone: row.get(6)?, at: instant(row.get(8)?), seq: seq.unsigned_abs() };
        Ok(moment.of(&fact, &links))
    })
}

/// The word of history for what a complete answer no longer lists.
pub const GONE: &str = "gone";

/// What a transition says beside the fact.
pub struct Moment {
    pub from: Option<String>,
    pub gone: bool,
    pub at: DateTime<Utc>,
    pub seq: u64,
}

impl Moment {
    /// The transition of a fact.
    pub fn of(self, fact: &Fact, links: &Links) -> Transition {
        Transition {
            id: fact.id().clone(),
            title: fact.title().to_owned(),
            service: links.service.as_ref().map(|service| service.name.clone()),
            environment: links.environment.clone(),
            from: self.from,
            to: if self.gone { GONE.to_owned() } else { fact.state_word().to_owned() },
            raw: fact.raw_status().to_owned(),
            status: fact.signal().status,
            at: self.at,
            seq: self.seq,
        }
    }
}

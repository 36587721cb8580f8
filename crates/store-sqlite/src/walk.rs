//! Goes through an index in the order of a list and stops when there is enough.
//!
//! Worst first is walked status by status: so that a span of time narrows within each, and nothing is sorted.

use std::cmp::Reverse;

use qd_model::Kind;
use qd_store::Order;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::entity::{RANKS, kind_number};

/// A way through an index.
pub struct Walk<'a> {
    pub kinds: &'a [Kind],
    /// Named, so that a plan never changes with statistics.
    pub index: &'static str,
    /// The index has the status before the time.
    pub by_rank: bool,
    pub order: Order,
    /// Joined by *and*; texts are parameters from `?3`.
    pub conditions: &'a str,
    pub texts: &'a [String],
}

/// Where a row stands in the order of a list.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rank: i64,
    /// What has no time comes last.
    occurred: Reverse<Option<i64>>,
    state: i64,
    entity: i64,
}

impl Walk<'_> {
    /// The first `enough` entities that are to be kept.
    pub fn first(
        &self,
        conn: &Connection,
        enough: usize,
        mut keep: impl FnMut(i64) -> rusqlite::Result<bool>,
    ) -> rusqlite::Result<Vec<i64>> {
        let mut statement = conn.prepare(&self.sql())?;
        let steps: Vec<i64> = if self.by_rank { (0..).take(RANKS.len()).collect() } else { vec![0] };
        let mut found = Vec::new();
        for step in steps {
            let wanted = enough.saturating_sub(found.len());
            let mut places = Vec::new();
            for kind in self.kinds {
                let numbers = [Value::from(kind_number(*kind)), Value::from(step)];
                let texts = self.texts.iter().map(|text| Value::from(text.clone()));
                let mut rows = statement.query(params_from_iter(numbers.into_iter().chain(texts)))?;
                let mut of_kind = 0;
                while of_kind < wanted
                    && let Some(row) = rows.next()?
                {
                    let entity = row.get(0)?;
                    if keep(entity)? {
                        of_kind += 1;
                        let (rank, occurred, state) = (row.get(1)?, Reverse(row.get(2)?), row.get(3)?);
                        places.push(Place { rank, occurred, state, entity });
                    }
                }
            }
            places.sort_unstable();
            found.extend(places.into_iter().take(wanted).map(|place| place.entity));
            if found.len() >= enough {
                break;
            }
        }
        Ok(found)
    }

    /// Only what stands in the index is read of what is not kept.
    fn sql(&self) -> String {
        let step = if self.by_rank { "e.rank = ?2" } else { "?2 = 0" };
        // Newest first does not look at the status, which is not in its index.
        let rank = if self.order == Order::Attention { "e.rank" } else { "0" };
        format!(
            "SELECT e.id, {rank}, e.occurred, e.state FROM entity e INDEXED BY {}
             WHERE e.kind = ?1 AND {step} AND {} ORDER BY {}",
            self.index,
            self.conditions,
            order(self.order)
        )
    }
}

/// As the indexes have it, so that nothing is sorted: the state comes before the id because it stands there.
pub fn order(order: Order) -> &'static str {
    match order {
        Order::Attention => "e.rank, e.occurred DESC, e.state, e.id",
        Order::Newest => "e.occurred DESC, e.state, e.id",
    }
}

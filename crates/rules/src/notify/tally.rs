//! Several changes told as one.

use std::collections::BTreeMap;

use qd_model::Status;

use super::Item;

/// How many changes of each status, and the worst of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many, worst first.
    pub counts: BTreeMap<Status, usize>,
    /// The worst; the first of these.
    pub worst: Option<Item>,
}

impl Tally {
    /// How many in all.
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }
}

impl FromIterator<Item> for Tally {
    fn from_iter<I: IntoIterator<Item = Item>>(items: I) -> Self {
        let mut tally = Self::default();
        for item in items {
            *tally.counts.entry(item.status).or_default() += 1;
            if tally.worst.as_ref().is_none_or(|worst| item.status < worst.status) {
                tally.worst = Some(item);
            }
        }
        tally
    }
}

//! Values a backend can propose for one of its settings, because the credential can see them there.
//!
//! They are asked for while a connection is being written. So they hang on the backend: a connection cannot be made before
//! its settings are complete.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::{PollCx, PollError};

/// Nothing that has been quiet for longer is preselected.
const RECENT: TimeDelta = TimeDelta::days(90);
/// At most so many are preselected.
const PRESELECTED: usize = 25;

/// What is proposed, and what taking it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProposeSpec {
    /// Key of the setting, a [`crate::FieldKind::List`].
    pub field: &'static str,
    /// The button: `Find repositories`.
    pub label: &'static str,
    /// Why nothing can be proposed to somebody without a credential. `None`: it can.
    pub without_credential: Option<&'static str>,
    /// What each value of the setting costs.
    pub cost: PollCost,
}

/// What one value of the setting costs in a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollCost {
    /// Requests, at the most, as long as nothing has changed.
    pub requests: u32,
    /// How many of their answers change, at the most, while something runs there.
    pub changing: u32,
    /// Whether an unchanged answer (304) is free of the backend's quota, for somebody who is signed in.
    pub unchanged_is_free: bool,
}

/// A value that is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What is written into the setting.
    pub value: String,
    /// When something last happened there. `None`: the backend does not tell.
    pub active_at: Option<DateTime<Utc>>,
    /// Nothing will happen there any more: it is proposed, and never preselected.
    pub shelved: bool,
    /// What it is, in a few words of the connector; may be empty.
    pub about: String,
}

/// What a credential can see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposals {
    /// What is proposed.
    pub items: Vec<Proposal>,
    /// There is more than this.
    pub more: bool,
    /// What could not be read, in sentences.
    pub problems: Vec<String>,
}

impl Proposals {
    /// Puts the latest first, what has no time last.
    #[must_use]
    pub fn latest_first(mut self) -> Self {
        self.items.sort_by(|a, b| b.active_at.cmp(&a.active_at).then_with(|| a.value.cmp(&b.value)));
        self
    }

    /// Which of the items to take unless the person chooses otherwise: those that were active within 90 days, the latest 25.
    pub fn preselected(&self, now: DateTime<Utc>) -> Vec<usize> {
        let recent = |item: &Proposal| !item.shelved && item.active_at.is_some_and(|at| at >= now - RECENT);
        let mut chosen: Vec<(usize, &Proposal)> =
            self.items.iter().enumerate().filter(|(_, item)| recent(item)).collect();
        chosen.sort_by_key(|(_, item)| std::cmp::Reverse(item.active_at));
        chosen.into_iter().take(PRESELECTED).map(|(at, _)| at).collect()
    }
}

/// A backend that proposes values for a setting.
#[async_trait]
pub trait Proposes: Send + Sync {
    /// For which setting, and what taking a value costs.
    fn spec(&self) -> &'static ProposeSpec;

    /// What the credential can see: a bounded number of reads.
    ///
    /// # Errors
    /// See [`PollError`].
    async fn proposals(&self, cx: &PollCx) -> Result<Proposals, PollError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_768_478_400, 0).expect("an instant")
    }

    fn item(value: &str, days: Option<i64>, shelved: bool) -> Proposal {
        let active_at = days.map(|days| now() - TimeDelta::days(days));
        Proposal { value: value.to_owned(), active_at, shelved, about: String::new() }
    }

    fn check(items: Vec<Proposal>, expected: &[&str]) {
        let proposals = Proposals { items, ..Proposals::default() }.latest_first();
        let chosen = proposals.preselected(now());
        let values: Vec<&str> = chosen.iter().map(|at| proposals.items[*at].value.as_str()).collect();
        assert_eq!(values, expected);
    }

    #[test]
    fn what_was_active_within_ninety_days_is_preselected_latest_first() {
        let items = vec![
            item("old", Some(91), false),
            item("edge", Some(90), false),
            item("new", Some(1), false),
            item("silent", None, false),
            item("archived", Some(2), true),
        ];
        check(items, &["new", "edge"]);
        check(Vec::new(), &[]);
    }

    #[test]
    fn at_most_twenty_five_are_preselected_and_they_are_the_latest() {
        let names: Vec<String> = (0..40).map(|days| format!("r{days:02}")).collect();
        let items = names.iter().rev().enumerate();
        let items = items.map(|(at, name)| item(name, Some(39 - i64::try_from(at).expect("small")), false));
        let expected: Vec<&str> = names.iter().take(25).map(String::as_str).collect();
        check(items.collect(), &expected);
    }
}

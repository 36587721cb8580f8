//! What a source's last complete round could not read, kept for processes that do not poll it themselves.

use qd_model::SourceId;
use qd_store::Store;

/// At most so many sentences of a source are kept.
pub const MOST: usize = 200;

fn key(source: &SourceId) -> String {
    format!("unread {source}")
}

/// What could not be read, in sentences of the connector. Empty when nothing is known.
pub async fn unread(store: &dyn Store, source: &SourceId) -> Vec<String> {
    let known = store.memo(&key(source)).await.unwrap_or_default();
    known.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Writes it down.
pub async fn keep(store: &dyn Store, source: &SourceId, problems: &[String]) {
    let Ok(text) = serde_json::to_string(problems) else { return };
    if let Err(error) = store.put_memo(&key(source), &text).await {
        tracing::warn!(%source, %error, "what could not be read was not kept");
    }
}

/// What the batches of a round could not read.
#[derive(Debug, Default)]
pub struct Unread {
    /// Of the last complete round, and of the one under way.
    shown: Vec<String>,
    /// Of the round under way.
    round: Vec<String>,
    /// As this process has written it down last.
    kept: Option<Vec<String>>,
}

impl Unread {
    /// What a person should know of.
    pub fn shown(&self) -> &[String] {
        &self.shown
    }

    /// What another process found.
    pub fn adopt(&mut self, found: Vec<String>) {
        *self = Self { shown: found, ..Self::default() };
    }

    /// Takes what a batch could not read. A round may need several batches: what an earlier one told stays until this one
    /// has ended. Returns what is to be kept, when that is not what was kept last.
    pub fn take(&mut self, problems: Vec<String>, more: bool) -> Option<Vec<String>> {
        for problem in problems {
            add(&mut self.round, &problem);
        }
        if more {
            for problem in &self.round {
                add(&mut self.shown, problem);
            }
            return None;
        }
        self.shown = std::mem::take(&mut self.round);
        if self.kept.as_ref() == Some(&self.shown) {
            return None;
        }
        self.kept = Some(self.shown.clone());
        self.kept.clone()
    }
}

fn add(all: &mut Vec<String>, problem: &str) {
    if all.len() < MOST && !all.iter().any(|known| known == problem) {
        all.push(problem.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    /// Batches with whether more follows, and what is shown after each.
    fn check(batches: &[(&[&str], bool, &[&str])]) {
        let mut unread = Unread::default();
        for (at, (problems, more, expected)) in batches.iter().enumerate() {
            unread.take(texts(problems), *more);
            assert_eq!(unread.shown(), texts(expected), "after batch {at}");
        }
    }

    #[test]
    fn a_later_batch_of_a_round_does_not_hide_what_an_earlier_one_told() {
        check(&[(&["a"], true, &["a"]), (&[], true, &["a"]), (&["b"], false, &["a", "b"])]);
    }

    #[test]
    fn what_can_be_read_again_goes_when_the_round_has_ended() {
        check(&[
            (&["a", "b"], false, &["a", "b"]),
            (&[], true, &["a", "b"]),
            (&["b"], false, &["b"]),
            (&[], false, &[]),
        ]);
    }

    #[test]
    fn the_same_sentence_is_told_once_and_there_is_an_end() {
        check(&[(&["a", "a"], true, &["a"]), (&["a"], false, &["a"])]);
        let mut unread = Unread::default();
        unread.take((0..500).map(|n| n.to_string()).collect(), false);
        assert_eq!(unread.shown().len(), MOST);
    }

    #[test]
    fn only_what_is_new_is_kept_and_the_first_round_always() {
        let mut unread = Unread::default();
        assert_eq!(
            unread.take(Vec::new(), false),
            Some(Vec::new()),
            "an earlier process may have kept something else"
        );
        assert_eq!(unread.take(Vec::new(), false), None);
        assert_eq!(unread.take(texts(&["a"]), true), None, "not before the round has ended");
        assert_eq!(unread.take(Vec::new(), false), Some(texts(&["a"])));
    }
}

//! A state that nobody knows is a mistake in a query, not an empty list.

use qd_model::filter::{Field, Test};
use qd_model::{Filter, Kind, Status};

use crate::{ApiError, App};

/// The states of each kind in our words.
fn words(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Run => &[
            "pending",
            "executing",
            "waiting",
            "finalizing",
            "success",
            "failure",
            "error",
            "timeout",
            "cancellation",
            "skip",
            "unknown",
        ],
        Kind::Deployment => {
            &["queued", "in_progress", "blocked", "succeeded", "failed", "cancelled", "superseded", "unknown"]
        }
        Kind::Alert => &["firing", "acknowledged", "suppressed", "resolved", "unknown"],
        Kind::Ticket => &["todo", "in_progress", "done", "other"],
    }
}

impl App {
    /// Looks whether the states a query asks for exist: in our words, or as a word that a backend has used.
    ///
    /// # Errors
    /// `bad_query`, which says which states there are.
    pub(crate) async fn known_states(&self, filter: &Filter, kind: Kind) -> Result<(), ApiError> {
        let asked = filter.terms.iter().filter_map(|term| match &term.test {
            Test::Is(Field::State, wanted) => Some(wanted),
            _ => None,
        });
        let ours: Vec<&str> =
            words(kind).iter().copied().chain(Status::ALL.iter().map(|status| status.as_str())).collect();
        let strange: Vec<&String> = asked.flatten().filter(|want| !is_among(want, &ours)).collect();
        if strange.is_empty() {
            return Ok(());
        }
        let theirs = self.inner.parts.store.values(Field::State).await?;
        let theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
        match strange.into_iter().find(|want| !is_among(want, &theirs)) {
            None => Ok(()),
            Some(want) => Err(ApiError::new(
                "bad_query",
                format!(
                    "no source knows the state '{}'; states of {kind}s: {}; or by status: {}; or a word of the backend's own",
                    crate::plain(want),
                    words(kind).join(", "),
                    Status::ALL.map(Status::as_str).join(", "),
                ),
            )),
        }
    }
}

/// Whether a wanted value (`name`, `name*`, `none`) can match one of the words.
pub(crate) fn is_among(want: &str, words: &[&str]) -> bool {
    let want = want.to_lowercase();
    if want == "none" {
        return true;
    }
    words.iter().any(|word| match want.strip_suffix('*') {
        Some(prefix) => word.to_lowercase().starts_with(prefix),
        None => word.to_lowercase() == want,
    })
}

//! Every connector the product was built with: one line each.
//!
//! *Invariant:* nothing else in the product names a connector.

use qd_connector::Backend;

/// All backends, in the order in which they are offered.
pub fn backends() -> &'static [&'static dyn Backend] {
    BACKENDS
}

/// The backend of that word (`backend = "alertmanager"` in `config.toml`). `None`: this build has no such backend.
pub fn backend(name: &str) -> Option<&'static dyn Backend> {
    backends().iter().copied().find(|backend| backend.descriptor().backend == name)
}

static BACKENDS: &[&dyn Backend] = &[
    &qd_connector_alertmanager::AlertmanagerBackend,
    &qd_connector_buildbot::BuildbotBackend,
    &qd_connector_redmine::RedmineBackend,
    &qd_connector_github::GithubBackend,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_backend_is_found_by_its_own_word_and_words_are_unique() {
        let words: BTreeSet<&str> = backends().iter().map(|backend| backend.descriptor().backend).collect();
        assert_eq!(words.len(), backends().len(), "two backends share a word");
        for word in words {
            assert!(backend(word).is_some_and(|found| found.descriptor().backend == word), "{word}");
        }
        assert!(backend("nagios").is_none(), "a word nobody answers to");
    }

    #[test]
    fn forms_can_be_drawn_from_every_descriptor() {
        for backend in backends() {
            let descriptor = backend.descriptor();
            assert!(!descriptor.kinds.is_empty(), "{} observes nothing", descriptor.backend);
            assert!(descriptor.icon.contains("<svg"), "{} has no icon", descriptor.backend);
            assert!(!descriptor.readme.is_empty(), "{} has no README", descriptor.backend);
            for action in descriptor.actions {
                assert!(action.effect.ends_with('.'), "'{}' is no sentence", action.effect);
            }
            let verbs: BTreeSet<&str> = descriptor.actions.iter().map(|action| action.verb).collect();
            assert_eq!(verbs.len(), descriptor.actions.len(), "{} has a verb twice", descriptor.backend);
        }
    }
}

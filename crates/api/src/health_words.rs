//! Health for who reads it in a terminal. The window has its own sentences (`ui/src/text/health.ts`), from the same codes.

use chrono::{DateTime, SecondsFormat, Utc};
use qd_connector::{answered, connected};
use qd_model::Kind;

use crate::connections::credential_sentence;
use crate::sources::Sources;
use crate::view::{HealthView, SourceView};

/// One or two words for a state.
pub fn health_word(health: &HealthView) -> String {
    match health.state.as_str() {
        "fresh" if !health.current => "stale".to_owned(),
        "needs_sign_in" => "needs sign-in".to_owned(),
        "forbidden" => "permission missing".to_owned(),
        "unexpected" => "unexpected answer".to_owned(),
        "new" if health.as_of.is_some() => "not read again yet".to_owned(),
        "new" => "not polled yet".to_owned(),
        state => state.replace('_', " "),
    }
}

/// Why it is so, and what to do: a part of a sentence, without a full stop at its end. Empty: there is nothing to say.
pub fn health_why(health: &HealthView) -> String {
    let cause = health.cause.as_deref().unwrap_or_default();
    match (health.state.as_str(), health.until) {
        ("throttled", Some(until)) => format!("until {}", until.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ("needs_sign_in", _) => {
            let reason =
                health.about.as_ref().map_or_else(|| cause.to_owned(), |about| format!("{cause} {about}"));
            let sentence = credential_sentence(&reason).or_else(|| credential_sentence(cause));
            sentence.as_deref().unwrap_or("Check its credential.").trim_end_matches('.').to_owned()
        }
        // The server was reached; what it is not is well.
        ("unreachable", _) if answered(cause) => format!("it answered {cause}"),
        ("unreachable", _) if connected(cause) => format!("it took the connection and gave {cause}"),
        _ => cause.to_owned(),
    }
}

/// A state with its reason, as a part of a sentence.
pub fn health_words(health: &HealthView) -> String {
    let (word, why) = (health_word(health), health_why(health));
    match health.state.as_str() {
        _ if why.is_empty() => word,
        "throttled" => format!("{word} {why}"),
        _ => format!("{word}: {why}"),
    }
}

impl Sources {
    /// Why what is shown of a source may not be so, a sentence each; only of those that observe `kind`, when it is given.
    pub fn doubts(&self, kind: Option<Kind>) -> Vec<String> {
        let views = self.views(kind);
        let old = views.iter().filter(|view| !view.health.current).map(|view| self.doubt(view));
        old.chain(views.iter().filter_map(missed)).collect()
    }

    fn doubt(&self, view: &SourceView) -> String {
        let source = self.list.iter().find(|source| source.id().as_str() == view.id);
        match source.map(|source| (source.known_then, source.first_read)) {
            Some((false, Some(first))) => {
                let first = first.to_rfc3339_opts(SecondsFormat::Secs, true);
                format!("{} was first read at {first}; nothing is known of it before", view.id)
            }
            Some((false, None)) => format!("{} has not been read yet; nothing is known of it", view.id),
            _ => format!("{}: {}; what is shown may be old", view.id, health_words(&view.health)),
        }
    }
}

/// When a source was not read within the span of time that is asked for.
fn missed(view: &SourceView) -> Option<String> {
    let unread = view.unread.as_ref()?;
    let short = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut times: Vec<String> =
        unread.times.iter().map(|time| format!("from {} to {}", short(time.from), short(time.to))).collect();
    if unread.more > 0 {
        times.push(format!("{} more times", unread.more));
    }
    let when = if unread.whole { "in this time".to_owned() } else { times.join(", ") };
    Some(format!("{} was not read {when}; what happened then may be missing", view.id))
}

/// The word of a health state that is told without its view, as a part of a sentence.
pub(crate) fn state_words(state: &str) -> String {
    match state {
        "needs_sign_in" => "it needs a sign-in".to_owned(),
        "throttled" => "it asked to wait".to_owned(),
        "misconfigured" => "its settings do not fit".to_owned(),
        "paused" => "it is switched off".to_owned(),
        state => state.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use qd_engine::{ActRefusal, AskError};
    use qd_model::{Health, HealthState};

    use super::*;
    use crate::ApiError;

    #[test]
    fn no_code_and_no_fraction_of_a_second_reaches_a_person() {
        let check = |state: HealthState, current: bool, expected: &str| {
            let now = DateTime::UNIX_EPOCH;
            let health = Health { state, ..Health::new("a".parse().expect("an id"), now, 60) };
            assert_eq!(health_words(&crate::sources::health(&health, current)), expected);
        };
        let sign_in = |reason: &str| HealthState::NeedsSignIn { reason: reason.into() };
        let unreachable = |cause: &str| HealthState::Unreachable { cause: cause.to_owned() };
        check(HealthState::Fresh, true, "fresh");
        check(HealthState::Fresh, false, "stale");
        check(HealthState::New, false, "not polled yet");
        check(
            sign_in("gh_not_logged_in"),
            false,
            "needs sign-in: The GitHub CLI is not logged in to this host. Run `gh auth login`",
        );
        check(
            sign_in("env_unset HUB_TOKEN"),
            false,
            "needs sign-in: The environment variable HUB_TOKEN is not set. Set it before Quarterdeck starts",
        );
        check(
            sign_in("credential_missing none"),
            false,
            "needs sign-in: It asks for a credential, and this connection gives none. Give it one: in the window under \
             Connections, or as credential = \"env:NAME\" in config.toml",
        );
        check(sign_in("of_tomorrow"), false, "needs sign-in: Check its credential");
        check(unreachable("connection refused"), false, "unreachable: connection refused");
        check(unreachable("HTTP 500"), false, "unreachable: it answered HTTP 500");
        check(
            unreachable("no answer within 15 s"),
            false,
            "unreachable: it took the connection and gave no answer within 15 s",
        );
        let until = DateTime::UNIX_EPOCH + TimeDelta::nanoseconds(123_456_789);
        check(HealthState::Throttled { until }, false, "throttled until 1970-01-01T00:00:00Z");
        check(
            HealthState::Forbidden { missing: "issues: read".into() },
            false,
            "permission missing: issues: read",
        );
    }

    #[test]
    fn a_refusal_names_no_code_either() {
        let refusal = |state| ApiError::from(ActRefusal::NotReady { source_id: "gh".into(), state }).message;
        assert_eq!(refusal("needs_sign_in"), "gh cannot be asked now: it needs a sign-in; nothing is queued");
        assert_eq!(refusal("throttled"), "gh cannot be asked now: it asked to wait; nothing is queued");
        let state = "env_unset HUB_TOKEN".to_owned();
        let asked = ApiError::from(AskError::NotReady { source_id: "gh".into(), state, sign_in: true });
        assert!(asked.message.contains("variable HUB_TOKEN is not set"), "{asked}");
        let state = "gh_not_logged_in".to_owned();
        let asked = ApiError::from(AskError::NotReady { source_id: "gh".into(), state, sign_in: true });
        assert!(asked.message.starts_with("gh cannot be asked now: The GitHub CLI is"), "{asked}");
    }
}

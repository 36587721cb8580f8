//! Prefilled forms.

use qd_connector::{ActionForm, Choice};
use qd_model::{Alert, Fact, Silence, SilenceState};

use crate::{DESCRIPTOR, as_alert, matcher};

/// A proposed length: long enough to work on something, short enough to be forgotten.
pub const USUAL_DURATION: &str = "2h";

/// The form of an action. An unknown verb has an empty form.
pub fn form(verb: &str, fact: Option<&Fact>, created_by: &str) -> ActionForm {
    let Some(spec) = DESCRIPTOR.action(verb) else { return ActionForm::default() };
    let form = ActionForm::empty(spec).with("duration", USUAL_DURATION).with("created_by", created_by);
    match (verb, as_alert(fact)) {
        ("silence", Some(alert)) => form.with("matchers", matcher::of_labels(&alert.labels)),
        ("extend" | "expire", Some(alert)) => {
            let choices = choices(alert);
            // Of several none is proposed: ending the wrong one is worse than choosing.
            let only = match choices.as_slice() {
                [only] => only.value.clone(),
                _ => String::new(),
            };
            form.with("silence", only).choices("silence", choices)
        }
        _ => form,
    }
}

/// Offers silences to choose from: those that hold or will, the nearest end first.
pub fn choosing(form: ActionForm, silences: &[Silence]) -> ActionForm {
    let mut open: Vec<&Silence> =
        silences.iter().filter(|silence| silence.state != SilenceState::Expired).collect();
    open.sort_by_key(|silence| silence.ends_at);
    let choices =
        open.into_iter().map(|silence| Choice { value: silence.id.clone(), label: label(silence) }).collect();
    // None is proposed: ending the wrong one is worse than choosing.
    form.choices("silence", choices)
}

/// The silences that hold the alert.
pub fn holding(alert: &Alert) -> impl Iterator<Item = &Silence> {
    alert.silenced_by.iter().filter(|silence| silence.state != SilenceState::Expired)
}

fn choices(alert: &Alert) -> Vec<Choice> {
    holding(alert).map(|silence| Choice { value: silence.id.clone(), label: label(silence) }).collect()
}

/// `alice: working on it (until 2026-11-21 00:52 UTC)`.
fn label(silence: &Silence) -> String {
    let who = if silence.created_by.is_empty() { "unknown" } else { &silence.created_by };
    let why = if silence.comment.is_empty() { silence.id.as_str() } else { &silence.comment };
    match silence.ends_at {
        Some(end) => format!("{who}: {why} (until {})", end.format("%Y-%m-%d %H:%M UTC")),
        None => format!("{who}: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use qd_connector::Backend;
    use qd_model::SourceId;
    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::{AlertmanagerBackend, map, wire};

    /// An alert that these silences hold, by id and state, and that another alert inhibits.
    fn alert(held: &[(&str, &str)]) -> Fact {
        let source: SourceId = "alerts".parse().expect("a name");
        let ui = Url::parse("http://am.example:9093").expect("an address");
        let silence = |(id, state): &(&str, &str)| json!({ "id": id, "status": { "state": state } });
        let silences: Vec<wire::Silence> =
            held.iter().map(|it| serde_json::from_value(silence(it)).expect("a silence")).collect();
        let by_id: HashMap<&str, &wire::Silence> = silences.iter().map(|it| (it.id.as_str(), it)).collect();
        let ids: Vec<&str> = held.iter().map(|(id, _)| *id).collect();
        let listed = json!({
            "fingerprint": "1",
            "labels": { "alertname": "Slow" },
            "status": { "state": "suppressed", "silencedBy": ids, "inhibitedBy": ["2"] },
        });
        map::alert(&source, &ui, serde_json::from_value(listed).expect("an alert"), &by_id)
    }

    #[test]
    fn a_silence_is_proposed_and_its_verbs_are_offered_only_where_that_is_certain() {
        for (held, proposed, choices, offered) in [
            (&[][..], "", 0, false),
            (&[("a", "expired")], "", 0, false),
            (&[("a", "active")], "a", 1, true),
            (&[("a", "expired"), ("b", "active")], "b", 1, true),
            (&[("a", "active"), ("b", "active")], "", 2, true),
        ] {
            let fact = alert(held);
            for verb in ["extend", "expire"] {
                let form = form(verb, Some(&fact), "ana");
                let field = form.fields.iter().find(|field| field.key == "silence").expect("its field");
                assert_eq!(
                    (field.value.as_str(), field.choices.len()),
                    (proposed, choices),
                    "{verb} {held:?}"
                );
                assert_eq!(AlertmanagerBackend.offers(verb, &fact), offered, "{verb} {held:?}");
            }
            assert!(AlertmanagerBackend.offers("silence", &fact), "an inhibited alert can be silenced too");
        }
    }
}

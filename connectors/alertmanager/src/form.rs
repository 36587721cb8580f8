//! Prefilled forms.

use qd_connector::{ActionForm, Choice};
use qd_model::{Alert, Fact, Silence, SilenceState};

use crate::{DESCRIPTOR, as_alert, matcher};

/// A proposed length: long enough to work on something, short enough to be forgotten.
pub const USUAL_DURATION: &str = "2h";
/// Who made a silence when nobody gave a name.
pub const NAMELESS: &str = "quarterdeck";

/// The form of an action. An unknown verb has an empty form.
pub fn form(verb: &str, fact: Option<&Fact>, created_by: Option<&str>) -> ActionForm {
    let Some(spec) = DESCRIPTOR.action(verb) else { return ActionForm::default() };
    let form = ActionForm::empty(spec)
        .with("duration", USUAL_DURATION)
        .with("created_by", created_by.unwrap_or(NAMELESS));
    match (verb, as_alert(fact)) {
        ("silence", Some(alert)) => form.with("matchers", matcher::of_labels(&alert.labels)),
        ("extend" | "expire", Some(alert)) => {
            let choices = choices(alert);
            let first = choices.first().map_or(String::new(), |choice| choice.value.clone());
            form.with("silence", first).choices("silence", choices)
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

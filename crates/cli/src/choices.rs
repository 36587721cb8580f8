//! Arguments that take one of several values.

use std::collections::BTreeMap;

use qd_api::view::{ChoiceView, FormFieldView};

/// So many choices of a field are told.
pub const CHOICES: usize = 50;

/// What is wrong with what was set for a field, or with its being left out.
pub fn unfit(verb: &str, field: &FormFieldView, set: &[(String, String)]) -> Option<String> {
    unchosen(verb, field, set).or_else(|| no_choice(field, set))
}

/// What to choose from where something must be chosen and nothing was. Nothing when the backend did not name it.
fn unchosen(verb: &str, field: &FormFieldView, set: &[(String, String)]) -> Option<String> {
    let set = set.iter().rfind(|(key, _)| *key == field.key).map_or(&field.value, |(_, value)| value);
    if !field.required || field.kind != "choice" || field.choices.is_empty() || !set.trim().is_empty() {
        return None;
    }
    // What is shown may begin with what is sent: that is said once.
    let told = |choice: &ChoiceView| match choice.label.starts_with(&choice.value) {
        true => choice.label.clone(),
        false => format!("{} ({})", choice.value, choice.label),
    };
    let named: Vec<String> = field.choices.iter().take(CHOICES).map(told).collect();
    let more = if field.choices.len() > CHOICES { ", …" } else { "" };
    Some(format!("'{verb}' needs '{}'; there are: {}{more}", field.key, named.join(", ")))
}

/// What is wrong with what was set for a field that takes one of several values. Nothing when the backend did not name them.
fn no_choice(field: &FormFieldView, set: &[(String, String)]) -> Option<String> {
    if field.kind != "choice" || field.choices.is_empty() {
        return None;
    }
    let (_, value) = set.iter().rfind(|(key, _)| *key == field.key)?;
    let known: Vec<&str> = field.choices.iter().map(|choice| choice.value.as_str()).collect();
    if value.trim().is_empty() || field.choices.iter().any(|choice| means(choice, value)) {
        return None;
    }
    // A backend may take numbers for what it shows by name; it tells itself which there are.
    let number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if number(value) && !known.iter().any(|known| number(known)) {
        return None;
    }
    let more = if known.len() > CHOICES { ", …" } else { "" };
    let named = known.into_iter().take(CHOICES).collect::<Vec<_>>().join(", ");
    Some(format!("'{}' has no choice '{value}'; there are: {named}{more}", field.key))
}

/// Whether a word means a choice: its value, the name that is shown, or `me` for the person's own.
fn means(choice: &ChoiceView, word: &str) -> bool {
    let (label, you) = match choice.label.strip_suffix(" (you)") {
        Some(label) => (label, true),
        None => (choice.label.as_str(), false),
    };
    choice.value == word || label.to_lowercase() == word.to_lowercase() || (you && word == "me")
}

/// What was chosen among what there is, as it is called there: which builder, which project.
pub fn chosen(fields: &[FormFieldView], args: &BTreeMap<String, String>) -> String {
    let told = fields.iter().filter(|field| field.kind == "choice").filter_map(|field| {
        let value = args.get(&field.key).filter(|value| !value.is_empty())?;
        let label = field.choices.iter().find(|choice| choice.value == *value).map(|choice| &choice.label);
        Some(format!("{} {}", field.label.to_lowercase(), label.unwrap_or(value)))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(value: &str, label: &str) -> ChoiceView {
        ChoiceView { value: value.into(), label: label.into() }
    }

    fn field(choices: Vec<ChoiceView>) -> FormFieldView {
        FormFieldView {
            key: "status".into(),
            label: "Status".into(),
            help: String::new(),
            kind: "choice".into(),
            required: true,
            value: String::new(),
            choices,
        }
    }

    #[test]
    fn a_value_must_be_one_of_the_choices_that_are_known() {
        let told = |choices, value: &str| no_choice(&field(choices), &[("status".into(), value.into())]);
        let both = || vec![choice("3", "Resolved"), choice("5", "Closed")];
        assert_eq!(told(both(), "3"), None);
        assert_eq!(told(both(), "closed"), None);
        assert_eq!(told(vec![choice("7", "Ana (you)")], "ana"), None);
        assert_eq!(told(vec![choice("7", "Ana (you)")], "me"), None);
        assert_eq!(told(vec![choice("shop", "Shop")], "12"), None, "another kind of id");
        assert_eq!(told(Vec::new(), "9"), None, "nobody told the choices");
        assert_eq!(told(both(), "9").as_deref(), Some("'status' has no choice '9'; there are: 3, 5"));
    }

    #[test]
    fn what_must_be_chosen_is_told_with_what_there_is() {
        let both = || vec![choice("3", "Resolved"), choice("closed", "closed")];
        let check = |field: FormFieldView, set: &[(&str, &str)], expected: Option<&str>| {
            let set: Vec<(String, String)> =
                set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            assert_eq!(unfit("status", &field, &set).as_deref(), expected);
        };
        let needs = Some("'status' needs 'status'; there are: 3 (Resolved), closed");
        check(field(both()), &[], needs);
        check(field(both()), &[("status", " ")], needs);
        check(field(both()), &[("comment", "3")], needs);
        check(field(both()), &[("status", "3")], None);
        check(
            field(vec![choice("d", "d (deploys to production)"), choice("ci", "ci")]),
            &[],
            Some("'status' needs 'status'; there are: d (deploys to production), ci"),
        );
        check(FormFieldView { value: "3".into(), ..field(both()) }, &[], None);
        check(FormFieldView { required: false, ..field(both()) }, &[], None);
        check(field(Vec::new()), &[], None);
    }

    fn builder(kind: &str) -> FormFieldView {
        let choices = vec![choice("d", "d (deploys to production)"), choice("ci", "ci")];
        FormFieldView { label: "Builder".into(), key: "builder".into(), kind: kind.into(), ..field(choices) }
    }

    #[test]
    fn what_is_told_before_sending_names_what_was_chosen() {
        let check = |kind: &str, value: &str, expected: &str| {
            let args = [("builder".to_owned(), value.to_owned())].into();
            assert_eq!(chosen(&[builder(kind)], &args), expected, "{kind} {value}");
        };
        check("choice", "d", ": builder d (deploys to production)");
        check("choice", "unheard-of", ": builder unheard-of");
        check("choice", "", "");
        check("text", "d", "");
    }
}

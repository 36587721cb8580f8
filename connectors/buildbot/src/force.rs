//! Force schedulers: which of them starts a builder, and what its form takes
//! (<https://docs.buildbot.net/latest/developer/raml/forcescheduler.html>).

use qd_connector::{Action, ActionForm, Choice, PollCx, PollError};
use qd_model::Fact;
use serde_json::{Map, Value, json};

use crate::DeploymentRule;
use crate::api;
use crate::wire::{ForceField, ForceScheduler};

/// The force schedulers that are not switched off.
pub async fn schedulers(cx: &PollCx) -> Result<Vec<ForceScheduler>, PollError> {
    let mut ignored = Vec::new();
    let mut all: Vec<ForceScheduler> =
        api::list(&cx.http, "forceschedulers", "forceschedulers", &[], &mut ignored).await?;
    all.retain(|scheduler| scheduler.enabled != Some(false));
    Ok(all)
}

/// The form with what can be chosen: the builder of the run it was opened from, if a scheduler starts it.
pub fn fill(
    form: ActionForm,
    schedulers: &[ForceScheduler],
    deployments: &[DeploymentRule],
    fact: Option<&Fact>,
) -> ActionForm {
    let mut builders: Vec<&String> =
        schedulers.iter().flat_map(|scheduler| &scheduler.builder_names).collect();
    builders.sort();
    builders.dedup();
    // Who forces a builder that deploys must see that before it is sent.
    let choice = |name: &str| Choice {
        value: name.to_owned(),
        label: match deployments.iter().find(|rule| rule.builder == name) {
            Some(rule) => format!("{name} (deploys to {})", rule.environment),
            None => name.to_owned(),
        },
    };
    let label = |scheduler: &ForceScheduler| Choice {
        value: scheduler.name.clone(),
        label: match scheduler.builder_names.as_slice() {
            [only] if *only == scheduler.name => only.clone(),
            builders => format!("{} ({})", scheduler.name, builders.join(", ")),
        },
    };
    let known = match fact {
        Some(Fact::Run(run)) if builders.contains(&&run.pipeline_name) => run.pipeline_name.clone(),
        _ => String::new(),
    };
    form.choices("builder", builders.into_iter().map(|name| choice(name)).collect())
        .choices("scheduler", schedulers.iter().map(label).collect())
        .with("builder", known)
        .with("reason", "force build")
}

/// The force scheduler to use: the one named, else the only one that may start the builder.
pub fn choose<'s>(
    schedulers: &'s [ForceScheduler],
    builder: &str,
    named: Option<&str>,
) -> Result<&'s ForceScheduler, String> {
    let starts = |scheduler: &&ForceScheduler| scheduler.builder_names.iter().any(|name| name == builder);
    let fitting: Vec<&ForceScheduler> = schedulers.iter().filter(starts).collect();
    if let Some(name) = named {
        let found = fitting.iter().find(|scheduler| scheduler.name == name);
        return found.copied().ok_or_else(|| {
            format!("'{name}' is no force scheduler that starts '{builder}'; nothing was sent")
        });
    }
    match fitting.as_slice() {
        [only] => Ok(only),
        [] => Err(format!("no force scheduler starts '{builder}'; nothing was sent")),
        several => {
            let names: Vec<&str> = several.iter().map(|scheduler| scheduler.name.as_str()).collect();
            Err(format!(
                "several force schedulers start '{builder}': choose one of {}; nothing was sent",
                names.join(", ")
            ))
        }
    }
}

/// The parameters of a `force` call.
///
/// Names the builder with `builderNames`, which Buildbot checks against the scheduler's own (a `builderid` would start
/// *that* builder, whatever the scheduler allows). Buildbot drops parameters it does not know without a word, so those
/// that the scheduler's form does not have are refused here.
pub fn parameters(
    scheduler: &ForceScheduler,
    builder: &str,
    action: &Action,
) -> Result<Map<String, Value>, String> {
    let mut given: Vec<(&str, &str)> = Vec::new();
    for key in ["reason", "branch", "revision"] {
        given.extend(action.optional(key).map(|value| (key, value)));
    }
    for line in action
        .optional("properties")
        .unwrap_or_default()
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let (key, value) =
            line.split_once('=').ok_or_else(|| format!("'{line}' is not of the form name=value"))?;
        given.push((key.trim(), value.trim()));
    }
    let mut params = Map::new();
    for (key, value) in given {
        let Some(field) = ForceField::find(&scheduler.all_fields, key) else {
            let known = ForceField::keys(&scheduler.all_fields).join(", ");
            return Err(format!("'{}' has no field '{key}', but {known}; nothing was sent", scheduler.name));
        };
        params.insert(key.to_owned(), typed(field, value)?);
    }
    params.insert("builderNames".to_owned(), json!([builder]));
    Ok(params)
}

/// Flags are taken only as JSON `true`; fields with several values as lists.
fn typed(field: &ForceField, value: &str) -> Result<Value, String> {
    let key = field.full_name.as_deref().unwrap_or_default();
    match (field.kind.as_deref(), field.multiple) {
        (Some("bool"), _) => match value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(json!(true)),
            "false" | "no" | "0" => Ok(json!(false)),
            _ => Err(format!("'{key}' is true or false; nothing was sent")),
        },
        (_, Some(true)) => Ok(value.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()),
        _ => Ok(json!(value)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;
    use qd_model::Target;

    use super::*;
    use crate::verb;
    use crate::wire::Answer;

    fn recorded() -> Vec<ForceScheduler> {
        let text = include_str!("../fixtures/forceschedulers.json");
        serde_json::from_str::<Answer>(text).unwrap().list("forceschedulers").unwrap().0
    }

    fn force(args: &[(&str, &str)]) -> Action {
        let args: BTreeMap<String, String> =
            args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Action {
            target: Target::Source("ci".parse().unwrap()),
            fact: None,
            verb: verb::FORCE.to_owned(),
            args,
            idempotency_key: "k".to_owned(),
            proposed_at: DateTime::UNIX_EPOCH,
        }
    }

    fn check(args: &[(&str, &str)], expected: Result<Value, &str>) {
        let schedulers = recorded();
        let made = parameters(&schedulers[0], "fixable", &force(args)).map(Value::Object);
        match (made, expected) {
            (Ok(made), Ok(expected)) => assert_eq!(made, expected),
            (Err(problem), Err(part)) => assert!(problem.contains(part), "{problem}"),
            (made, expected) => panic!("{made:?} is not {expected:?}"),
        }
    }

    #[test]
    fn only_fields_that_the_scheduler_has_are_sent() {
        check(&[], Ok(json!({ "builderNames": ["fixable"] })));
        check(
            &[
                ("reason", " release 1.2 "),
                ("branch", "main"),
                ("revision", ""),
                ("properties", "ticket = T-1\n\npriority=5"),
            ],
            Ok(
                json!({ "builderNames": ["fixable"], "reason": "release 1.2", "branch": "main", "ticket": "T-1", "priority": "5" }),
            ),
        );
        check(&[("properties", "version=1.2")], Err("has no field 'version'"));
        check(&[("properties", "builderid=7")], Err("has no field 'builderid'"));
        check(&[("properties", "ticket")], Err("is not of the form name=value"));
    }

    #[test]
    fn flags_and_lists_are_sent_as_such() {
        let field = |kind: &str, multiple: bool| {
            serde_json::from_value(json!({ "fullName": "f", "type": kind, "multiple": multiple })).unwrap()
        };
        assert_eq!(typed(&field("bool", false), "Yes"), Ok(json!(true)));
        assert!(typed(&field("bool", false), "maybe").is_err(), "a flag is never guessed");
        assert_eq!(typed(&field("list", true), "a, b"), Ok(json!(["a", "b"])));
        assert_eq!(typed(&field("list", false), "a, b"), Ok(json!("a, b")));
    }

    #[test]
    fn a_builder_that_deploys_says_so_before_it_is_forced() {
        let rule = |builder: &str| DeploymentRule {
            builder: builder.to_owned(),
            environment: "production".to_owned(),
            service: None,
        };
        let labels = |rules: &[DeploymentRule]| -> Vec<String> {
            let spec = crate::DESCRIPTOR.action(crate::verb::FORCE).unwrap();
            let form = fill(ActionForm::empty(spec), &recorded(), rules, None);
            let field = form.fields.into_iter().find(|field| field.key == "builder").unwrap();
            field.choices.into_iter().map(|choice| choice.label).collect()
        };
        assert!(labels(&[rule("other")]).contains(&"fixable".to_owned()));
        assert!(labels(&[rule("fixable")]).contains(&"fixable (deploys to production)".to_owned()));
    }

    #[test]
    fn a_scheduler_is_chosen_only_where_there_is_no_doubt() {
        let mut schedulers = recorded();
        assert_eq!(choose(&schedulers, "fixable", None).map(|it| it.name.as_str()), Ok("force-fixable"));
        assert!(
            choose(&schedulers, "other", None).is_err_and(|why| why.contains("no force scheduler starts"))
        );
        assert!(choose(&schedulers, "fixable", Some("nightly")).is_err());
        let second = ForceScheduler { name: "second".to_owned(), ..schedulers[0].clone() };
        schedulers.push(second);
        assert!(choose(&schedulers, "fixable", None).is_err_and(|why| why.contains("force-fixable, second")));
        assert_eq!(choose(&schedulers, "fixable", Some("second")).map(|it| it.name.as_str()), Ok("second"));
    }
}

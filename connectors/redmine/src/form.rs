//! Forms with the choices the server has now.

use qd_connector::{ActionForm, Choice, PollCx, PollError};
use qd_model::Fact;

use crate::{DESCRIPTOR, Redmine, read, wire};

/// The value that stands for "nobody" in the choice of assignees.
pub const NOBODY: &str = "nobody";
/// Projects in which issues can be made.
const ACTIVE: u32 = 1;

/// The form of an action. An unknown verb has an empty form.
pub async fn form(
    connection: &Redmine,
    cx: &PollCx,
    verb: &str,
    fact: Option<&Fact>,
) -> Result<ActionForm, PollError> {
    let Some(spec) = DESCRIPTOR.action(verb) else { return Ok(ActionForm::default()) };
    let form = ActionForm::empty(spec);
    match (verb, fact) {
        ("create", _) => create(connection, cx, form).await,
        ("status", Some(fact)) => status(cx, form, &fact.id().native).await,
        ("assign", Some(fact)) => assign(cx, form, &fact.id().native).await,
        _ => Ok(form),
    }
}

async fn create(connection: &Redmine, cx: &PollCx, form: ActionForm) -> Result<ActionForm, PollError> {
    read::who(cx).await?;
    let directory = connection.refresh(cx).await?;
    let configured = |project: &&wire::Project| {
        let words = &connection.projects;
        words.is_empty()
            || words.iter().any(|word| directory.project(word).is_some_and(|it| it.id == project.id))
    };
    let open =
        directory.projects.values().filter(|project| project.status.is_none_or(|status| status == ACTIVE));
    let mut projects: Vec<Choice> =
        open.filter(configured).map(|project| choice(&project.identifier, &project.name)).collect();
    projects.sort_by(|a, b| a.label.cmp(&b.label));
    let with_trackers = read::projects_with_trackers(cx).await?;
    let offered =
        with_trackers.iter().filter(|project| projects.iter().any(|it| it.value == project.identifier));
    let all = read::trackers(cx).await?;
    let trackers: Vec<Choice> = read::trackers_of(&all, offered)
        .into_iter()
        .map(|tracker| choice(&tracker.id, &tracker.name))
        .collect();
    let priorities = read::priorities(cx).await?;
    let usual = priorities.iter().find(|priority| priority.is_default).map(|priority| priority.id.clone());
    Ok(form
        .with("project", only(&projects))
        .with("tracker", only(&trackers))
        .with("priority", usual.unwrap_or_default())
        .choices("project", projects)
        .choices("tracker", trackers)
        .choices(
            "priority",
            priorities.iter().map(|priority| choice(&priority.id, &priority.name)).collect(),
        ))
}

async fn status(cx: &PollCx, form: ActionForm, id: &str) -> Result<ActionForm, PollError> {
    read::who(cx).await?;
    let issue = read::issue(cx, id, "allowed_statuses").await?;
    let present = issue.status.map(|status| status.id).unwrap_or_default();
    // Versions before 5.0 do not tell which are allowed: then all are offered, and the answer tells.
    let allowed = match issue.allowed_statuses {
        Some(allowed) => allowed,
        None => read::statuses(cx).await?,
    };
    let choices = allowed.iter().map(|status| choice(&status.id, &status.name)).collect();
    Ok(form.with("status", present).choices("status", choices))
}

async fn assign(cx: &PollCx, form: ActionForm, id: &str) -> Result<ActionForm, PollError> {
    let me = read::who(cx).await?;
    let issue = read::issue(cx, id, "").await?;
    let members = match &issue.project {
        Some(project) => read::members(cx, &project.id).await?,
        None => Vec::new(),
    };
    let mut choices = vec![choice(NOBODY, "Nobody")];
    choices.extend(members.iter().map(|member| {
        let label = if member.id == me.id { format!("{} (you)", member.name) } else { member.name.clone() };
        choice(&member.id, &label)
    }));
    let present = issue.assigned_to.map_or_else(|| NOBODY.to_owned(), |assignee| assignee.id);
    Ok(form.with("assignee", present).choices("assignee", choices))
}

fn choice(value: &str, label: &str) -> Choice {
    let label = if label.is_empty() { value } else { label };
    Choice { value: value.to_owned(), label: label.to_owned() }
}

/// The one choice there is. Among several nobody chooses but the person: a ticket in the wrong project, or of the wrong
/// tracker, is read by the wrong people.
fn only(choices: &[Choice]) -> String {
    match choices {
        [one] => one.value.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn among_several_projects_or_trackers_none_is_chosen_silently() {
        let (shop, web) = (choice("shop", "Shop"), choice("web", "Web"));
        assert_eq!(only(std::slice::from_ref(&shop)), "shop");
        assert_eq!(only(&[shop, web]), "");
        assert_eq!(only(&[]), "");
    }
}

//! Writes. Redmine answers a PUT with 204 whatever it made of it: what a role may not change is left out in silence.
//! So every PUT is followed by a look whether it took effect.

use qd_connector::{ActError, Action, PollCx, PollError, Receipt};
use serde_json::{Map, Value, json};

use crate::form::NOBODY;
use crate::{read, wire};

/// Carries an action out, in the name of a real user: a wrong key would else write as anonymous where that is allowed.
pub async fn act(cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
    let me = read::who(cx).await?;
    match action.verb.as_str() {
        "create" => create(cx, action).await,
        "comment" => comment(cx, action, &me).await,
        "status" => status(cx, action).await,
        "assign" => assign(cx, action, &me).await,
        other => Err(refused(format!("there is no action '{other}'"))),
    }
}

/// `POST issues.json`.
async fn create(cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
    let subject = action.arg("subject")?;
    let projects = read::projects_with_trackers(cx).await?;
    let named =
        projects.iter().map(|project| (project.id.as_str(), [project.identifier.as_str(), &project.name]));
    let project = pick("project", action.arg("project")?, named)?;
    let all = read::trackers(cx).await?;
    let chosen = projects.iter().find(|other| other.id == project);
    let trackers = read::trackers_of(&all, chosen);
    let named = trackers.iter().map(|tracker| (tracker.id.as_str(), [tracker.name.as_str(), ""]));
    let of = chosen.map_or_else(|| "tracker".to_owned(), |project| format!("tracker of {}", project.name));
    let tracker = pick(&of, action.arg("tracker")?, named)?;

    let mut issue = Map::new();
    issue.insert("project_id".to_owned(), json!(project));
    issue.insert("tracker_id".to_owned(), json!(tracker));
    issue.insert("subject".to_owned(), json!(subject));
    if let Some(word) = action.optional("priority") {
        let priorities = read::priorities(cx).await?;
        let named = priorities.iter().map(|priority| (priority.id.as_str(), [priority.name.as_str(), ""]));
        issue.insert("priority_id".to_owned(), json!(pick("priority", word, named)?));
    }
    if let Some(description) = action.optional("description") {
        issue.insert("description".to_owned(), json!(description));
    }
    let response = cx.http.post("issues.json").json(&json!({ "issue": issue })).write().await?;
    let created = response.json::<wire::OneIssue>().map_err(unknown)?.issue;
    Ok(Receipt::done(format!("ticket #{} was opened", created.id)))
}

async fn comment(cx: &PollCx, action: &Action, me: &wire::User) -> Result<Receipt, ActError> {
    let (id, _) = action.entity()?;
    let text = action.arg("comment")?;
    let before = read::issue(cx, &id.native, "journals").await?;
    let earlier = before.journals.iter().filter(|journal| is_comment(journal, me, text)).count();
    let issue = put(cx, &id.native, json!({ "notes": text }), "journals").await?;
    let now = issue.journals.iter().filter(|journal| is_comment(journal, me, text)).count();
    if now > earlier {
        return Ok(Receipt::done(format!("comment added to #{}", id.native)));
    }
    Err(refused("Redmine took the request but kept no comment: your role may not add notes here".to_owned()))
}

/// Whether an entry is this comment of this person. Redmine keeps line ends as it likes.
pub fn is_comment(journal: &wire::Journal, me: &wire::User, text: &str) -> bool {
    let plain = |text: &str| text.replace('\r', "").trim().to_owned();
    journal.user.as_ref().is_some_and(|user| user.id == me.id) && plain(&journal.notes) == plain(text)
}

async fn status(cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
    let (id, _) = action.entity()?;
    let word = action.arg("status")?;
    let before = read::issue(cx, &id.native, "allowed_statuses").await?;
    let present = before.status.clone().ok_or_else(|| refused("the ticket shows no status".to_owned()))?;
    let known = match before.allowed_statuses {
        Some(mut allowed) => {
            if !allowed.iter().any(|status| status.id == present.id) {
                allowed.push(present.clone());
            }
            allowed
        }
        None => read::statuses(cx).await?,
    };
    let named = known.iter().map(|status| (status.id.as_str(), [status.name.as_str(), ""]));
    let wanted = pick("status", word, named)?.to_owned();
    let name = known.iter().find(|status| status.id == wanted).map_or(word, |status| status.name.as_str());
    if wanted == present.id {
        return Ok(Receipt::already(format!("#{} is {name} already", id.native)));
    }
    let mut change = Map::from_iter([("status_id".to_owned(), json!(wanted))]);
    if let Some(text) = action.optional("comment") {
        change.insert("notes".to_owned(), json!(text));
    }
    let issue = put(cx, &id.native, Value::Object(change), "").await?;
    match issue.status {
        Some(status) if status.id == wanted => Ok(Receipt::done(format!("#{} is now {name}", id.native))),
        status => {
            let stayed = status.map_or_else(|| "as it was".to_owned(), |status| status.name);
            let kept =
                if action.optional("comment").is_some() { "; the comment may have been kept" } else { "" };
            Err(refused(format!(
                "Redmine took the request but the ticket stayed {stayed}: the workflow does not allow {name} for your role{kept}"
            )))
        }
    }
}

async fn assign(cx: &PollCx, action: &Action, me: &wire::User) -> Result<Receipt, ActError> {
    let (id, _) = action.entity()?;
    let before = read::issue(cx, &id.native, "").await?;
    let wanted = assignee(cx, action.arg("assignee")?, &before, me).await?;
    let assigned = |issue: &wire::Issue| issue.assigned_to.as_ref().map(|assignee| assignee.id.clone());
    if assigned(&before) == wanted {
        return Ok(Receipt::already(format!("#{} is assigned so already", id.native)));
    }
    // An empty text takes the assignee away; null would leave it as it is.
    let value = wanted.clone().unwrap_or_default();
    let issue = put(cx, &id.native, json!({ "assigned_to_id": value }), "").await?;
    if assigned(&issue) != wanted {
        return Err(refused(
            "Redmine took the request but kept the assignee: your role may not assign here".to_owned(),
        ));
    }
    let who = issue.assigned_to.map_or_else(|| "nobody".to_owned(), |assignee| assignee.name);
    Ok(Receipt::done(format!("#{} is now assigned to {who}", id.native)))
}

/// The number of the assignee meant by a number, a name or `me`. `None`: nobody.
pub async fn assignee(
    cx: &PollCx,
    word: &str,
    issue: &wire::Issue,
    me: &wire::User,
) -> Result<Option<String>, ActError> {
    if word.eq_ignore_ascii_case(NOBODY) {
        return Ok(None);
    }
    if word == "me" {
        return Ok(Some(me.id.clone()));
    }
    let project = issue.project.as_ref().ok_or_else(|| refused("the ticket shows no project".to_owned()))?;
    let members = read::members(cx, &project.id).await?;
    let named = members.iter().map(|member| (member.id.as_str(), [member.name.as_str(), ""]));
    pick("assignee", word, named).map(|id| Some(id.to_owned()))
}

/// One PUT, and the issue as it is after it.
async fn put(cx: &PollCx, id: &str, change: Value, include: &str) -> Result<wire::Issue, ActError> {
    cx.http.put(&read::issue_path(id)).json(&json!({ "issue": change })).write().await?;
    read::issue(cx, id, include).await.map_err(unknown)
}

/// The id meant by an id or by one of its names, letter case aside.
pub fn pick<'a>(
    what: &str,
    word: &str,
    choices: impl Iterator<Item = (&'a str, [&'a str; 2])> + Clone,
) -> Result<&'a str, ActError> {
    let by_id = choices.clone().find(|(id, _)| *id == word);
    let named =
        |(_, names): &(&str, [&str; 2])| names.iter().any(|name| name.to_lowercase() == word.to_lowercase());
    if let Some((id, _)) = by_id.or_else(|| choices.clone().find(named)) {
        return Ok(id);
    }
    let offered: Vec<&str> = choices.map(|(_, [name, _])| name).take(20).collect();
    Err(refused(format!("there is no {what} '{word}' to choose; there are: {}", offered.join(", "))))
}

/// The write was sent; what came of it could not be seen.
fn unknown(error: PollError) -> ActError {
    ActError::Unknown { cause: error.to_string() }
}

fn refused(reason: String) -> ActError {
    ActError::Refused { reason }
}

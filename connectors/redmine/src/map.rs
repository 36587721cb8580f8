//! Redmine's words into ours. Pure.

use std::collections::{BTreeMap, BTreeSet};

use qd_connector::{Comment, Detail, Section};
use qd_model::{EntityId, Fact, Kind, Observed, Origin, SourceId, Ticket, TicketStatus, TicketType};
use url::Url;

use crate::wire;

/// What issues refer to, read beside them.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// Projects the user may see, by id.
    pub projects: BTreeMap<String, wire::Project>,
    /// Ids of the statuses that end an issue.
    pub closed: BTreeSet<String>,
    /// Ids of the statuses new issues have.
    pub first: BTreeSet<String>,
}

impl Directory {
    /// Whether a status ends an issue: what the issue says (since 5.0), else what the list of statuses says.
    pub fn is_closed(&self, status: &wire::Status) -> bool {
        status.is_closed.unwrap_or_else(|| self.closed.contains(&status.id))
    }

    /// The project a person named by identifier, number or name.
    pub fn project(&self, word: &str) -> Option<&wire::Project> {
        let named = |project: &&wire::Project| project.identifier == word || project.id == word;
        self.projects
            .values()
            .find(named)
            .or_else(|| self.projects.values().find(|project| project.name == word))
    }
}

/// One issue. `base` is the address of the web pages.
pub fn ticket(source: &SourceId, base: &Url, directory: &Directory, issue: wire::Issue) -> Fact {
    let closed = issue.status.as_ref().is_some_and(|status| directory.is_closed(status));
    let mut origin = Origin::new(EntityId::new(source, Kind::Ticket, &issue.id));
    origin.url = Some(page(base, &issue.id));
    origin.project = issue.project.as_ref().map(|project| project_word(directory, project));
    origin.changed_at = issue.updated_on;
    let subject = issue.subject.trim();
    Fact::Ticket(Ticket {
        key: format!("#{}", issue.id),
        summary: if subject.is_empty() { format!("#{}", issue.id) } else { subject.to_owned() },
        ticket_type: ticket_type(issue.tracker.as_ref()),
        status: status(issue.status.as_ref(), directory),
        resolution: None,
        priority: name(issue.priority),
        assignees: name(issue.assigned_to).into_iter().collect(),
        labels: name(issue.category).into_iter().collect(),
        milestone: name(issue.fixed_version),
        // The target version is a plan; which version carries the fix is not told.
        fix_versions: Vec::new(),
        reporter: name(issue.author),
        created_at: issue.created_on,
        // Redmine keeps the time of the last closing when an issue is opened again.
        closed_at: issue.closed_on.filter(|_| closed),
        comments: None,
        origin,
    })
}

fn page(base: &Url, id: &str) -> String {
    format!("{}/issues/{id}", base.as_str().trim_end_matches('/'))
}

/// The project's identifier, which people write in addresses; its name where it is not listed.
fn project_word(directory: &Directory, project: &wire::Named) -> String {
    let listed = directory.projects.get(&project.id).map(|listed| listed.identifier.clone());
    listed.filter(|word| !word.is_empty()).unwrap_or_else(|| project.name.clone())
}

fn name(named: Option<wire::Named>) -> Option<String> {
    named.map(|named| named.name).filter(|name| !name.is_empty())
}

/// Maps trackers by the usual names; administrators choose them freely.
fn ticket_type(tracker: Option<&wire::Named>) -> Observed<TicketType> {
    let Some(tracker) = tracker else { return Observed::new(TicketType::Other, "") };
    let state = match tracker.name.trim().to_lowercase().as_str() {
        "bug" | "defect" | "error" | "fault" | "fehler" | "anomalie" => TicketType::Bug,
        "feature" | "enhancement" | "improvement" | "story" | "user story" | "change request"
        | "evolution" => TicketType::Enhancement,
        "incident" | "outage" => TicketType::Incident,
        "task" | "chore" | "todo" | "aufgabe" => TicketType::Task,
        "support" | "question" | "feedback" | "help" | "assistance" => TicketType::Question,
        _ => TicketType::Other,
    };
    Observed::new(state, &tracker.name)
}

/// Closed statuses are done, whatever they are called. Of the open ones, those that new issues have are to do; Redmine's
/// own further ones mean that somebody has begun: `Resolved` waits for a check, `Feedback` for an answer.
fn status(status: Option<&wire::Status>, directory: &Directory) -> Observed<TicketStatus> {
    let Some(status) = status else { return Observed::new(TicketStatus::Other, "") };
    let state = match status.name.trim().to_lowercase().as_str() {
        _ if directory.is_closed(status) => TicketStatus::Done,
        _ if directory.first.contains(&status.id) => TicketStatus::Todo,
        "new" | "open" | "to do" | "todo" | "backlog" | "reopened" => TicketStatus::Todo,
        "in progress" | "assigned" | "resolved" | "feedback" | "in review" | "testing" => {
            TicketStatus::InProgress
        }
        _ => TicketStatus::Other,
    };
    Observed::new(state, &status.name)
}

/// What is shown of one issue.
pub fn detail(issue: wire::Issue) -> Detail {
    let mut sections = Vec::new();
    let rows = rows(&issue);
    if !rows.is_empty() {
        sections.push(Section::Fields { title: "Ticket".to_owned(), rows });
    }
    if let Some(text) = issue.description.filter(|text| !text.trim().is_empty()) {
        sections.push(Section::Body { title: "Description".to_owned(), text });
    }
    let mut journals = issue.journals;
    journals.retain(|journal| !journal.notes.trim().is_empty());
    // Users may prefer the newest first; ours is the oldest first.
    journals.sort_by_key(|journal| journal.created_on);
    if !journals.is_empty() {
        sections.push(Section::Comments { comments: journals.into_iter().map(comment).collect() });
    }
    Detail { sections }
}

fn comment(journal: wire::Journal) -> Comment {
    let author = name(journal.user).unwrap_or_else(|| "unknown".to_owned());
    let author = if journal.private_notes { format!("{author} (private note)") } else { author };
    Comment { author, at: journal.created_on, text: journal.notes }
}

/// What the ticket itself does not carry.
fn rows(issue: &wire::Issue) -> Vec<(String, String)> {
    let rows = [
        ("Start", issue.start_date.clone()),
        ("Due", issue.due_date.clone()),
        ("Done", issue.done_ratio.filter(|ratio| *ratio > 0).map(|ratio| format!("{ratio} %"))),
        ("Private", issue.is_private.filter(|private| *private).map(|_| "yes".to_owned())),
    ];
    let custom = issue.custom_fields.iter().map(|field| (field.name.as_str(), custom_value(&field.value)));
    let filled = rows.into_iter().chain(custom).filter_map(|(name, value)| Some((name, value?)));
    filled.filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn custom_value(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Array(items) => {
            Some(items.iter().filter_map(custom_value).collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        _ => None,
    }
}

//! Redmine's REST API.
//!
//! Source: <https://www.redmine.org/projects/redmine/wiki/Rest_api>. Pure.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::config::TOKEN;
use crate::http::{Answer, Reply, Request};
use crate::moment::{Act, Moment, TicketNow, person};
use crate::world::names::{PEOPLE, Person, YOU};
use crate::world::{CLOSED, Note};

const STATUSES: [(u32, &str); 6] =
    [(1, "New"), (2, "In Progress"), (3, "Resolved"), (4, "Feedback"), (5, "Closed"), (6, "Rejected")];
const TRACKERS: [(u32, &str); 4] = [(1, "Bug"), (2, "Feature"), (3, "Support"), (4, "Incident")];
const PRIORITIES: [(u32, &str); 5] =
    [(1, "Low"), (2, "Normal"), (3, "High"), (4, "Urgent"), (5, "Immediate")];

/// Answers a request.
pub fn answer(moment: &Moment<'_>, request: &Request) -> Answer {
    let path = request.path.trim_start_matches('/');
    let Some(path) = path.strip_suffix(".json") else {
        return Reply::page(&format!("Redmine would show {} here.", request.path)).into();
    };
    let signed_in = request.header("x-redmine-api-key") == Some(TOKEN);
    let parts: Vec<&str> = path.split('/').collect();
    if request.method != http::Method::GET {
        return if signed_in { write(moment, request, &parts) } else { Reply::empty(401).into() };
    }
    match parts.as_slice() {
        // Everything else is answered to anonymous visitors, too, as a real Redmine with public projects does.
        ["users", "current"] if !signed_in => Reply::empty(401),
        ["users", "current"] => Reply::json(200, &current_user()),
        ["projects"] => projects(moment, request),
        ["projects", _, "memberships"] => memberships(request),
        ["issue_statuses"] => Reply::json(200, &json!({ "issue_statuses": STATUSES.map(|it| status(it.0)) })),
        ["trackers"] => {
            let tracker = |it: (u32, &str)| json!({ "id": it.0, "name": it.1, "default_status": named(STATUSES[0]) });
            Reply::json(200, &json!({ "trackers": TRACKERS.map(tracker) }))
        }
        ["enumerations", "issue_priorities"] => {
            let priority =
                |it: (u32, &str)| json!({ "id": it.0, "name": it.1, "is_default": it.0 == 2, "active": true });
            Reply::json(200, &json!({ "issue_priorities": PRIORITIES.map(priority) }))
        }
        ["roles", _] => {
            let granted = ["add_issues", "add_issue_notes", "edit_issues", "view_issues"];
            Reply::json(200, &json!({ "role": { "id": 3, "name": "Developer", "permissions": granted } }))
        }
        ["issues"] => issues(moment, request),
        ["issues", id] => match ticket(moment, id) {
            Some(found) => Reply::json(200, &json!({ "issue": whole(moment, &found, request) })),
            None => Reply::empty(404),
        },
        _ => Reply::empty(404),
    }
    .into()
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn named((id, name): (u32, &str)) -> Value {
    json!({ "id": id, "name": name })
}

fn of(list: &[(u32, &'static str)], id: u32) -> (u32, &'static str) {
    list.iter().find(|(known, _)| *known == id).copied().unwrap_or((id, "Unknown"))
}

fn status(id: u32) -> Value {
    let (id, name) = of(&STATUSES, id);
    json!({ "id": id, "name": name, "is_closed": id >= CLOSED })
}

fn who(person: &Person) -> Value {
    json!({ "id": person.id, "name": person.name })
}

fn current_user() -> Value {
    let role =
        json!({ "project": { "id": 1, "name": "checkout" }, "roles": [{ "id": 3, "name": "Developer" }] });
    json!({ "user": {
        "id": YOU.id, "login": YOU.login, "firstname": YOU.name, "lastname": "", "admin": false, "memberships": [role],
    } })
}

fn page(request: &Request, all: Vec<Value>, key: &str) -> Reply {
    let (limit, offset) =
        (request.number("limit").unwrap_or(25).clamp(1, 100), request.number("offset").unwrap_or(0));
    let total = all.len();
    let page: Vec<Value> = all.into_iter().skip(offset).take(limit).collect();
    Reply::json(200, &json!({ key: page, "total_count": total, "offset": offset, "limit": limit }))
}

fn projects(moment: &Moment<'_>, request: &Request) -> Reply {
    let project = |(id, service): (usize, &crate::world::Service)| json!({ "id": id + 1, "name": service.name, "identifier": service.name, "description": "", "status": 1, "is_public": true });
    page(request, moment.world.services.iter().enumerate().map(project).collect(), "projects")
}

fn memberships(request: &Request) -> Reply {
    let member = |person: &Person| json!({ "id": person.id + 100, "user": who(person), "roles": [{ "id": 3, "name": "Developer" }] });
    page(request, PEOPLE.iter().chain([&YOU]).map(member).collect(), "memberships")
}

fn ticket(moment: &Moment<'_>, id: &str) -> Option<TicketNow> {
    let id: u64 = id.parse().ok()?;
    moment.tickets().into_iter().find(|ticket| ticket.plan.id == id)
}

/// The list, with the filters somebody asks for: status, project, change, author.
fn issues(moment: &Moment<'_>, request: &Request) -> Reply {
    let closed = |ticket: &TicketNow| ticket.status >= CLOSED;
    let any = request.param("status_id") == Some("*") || request.param("op[status_id]") == Some("*");
    let since = request.param("v[updated_on][]").and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let projects: Vec<&str> = request.params("v[project_id][]").collect();
    let mine = request.param("author_id") == Some("me");
    let wants = |ticket: &TicketNow| {
        (any || !closed(ticket))
            && since.is_none_or(|since| ticket.updated >= since)
            && (projects.is_empty() || projects.contains(&(ticket.plan.service + 1).to_string().as_str()))
            && (!mine || ticket.plan.author.id == YOU.id)
    };
    let mut wanted: Vec<TicketNow> = moment.tickets().into_iter().filter(wants).collect();
    match request.param("sort") {
        Some("created_on:desc") => wanted.sort_by_key(|it| std::cmp::Reverse((it.plan.created, it.plan.id))),
        _ => wanted.sort_by_key(|it| std::cmp::Reverse((it.updated, it.plan.id))),
    }
    page(request, wanted.iter().map(|ticket| brief(moment, ticket)).collect(), "issues")
}

fn brief(moment: &Moment<'_>, ticket: &TicketNow) -> Value {
    let plan = &ticket.plan;
    let project = moment.world.services.get(plan.service).map(|service| service.name.as_str());
    let mut issue = json!({
        "id": plan.id, "project": { "id": plan.service + 1, "name": project },
        "tracker": named(of(&TRACKERS, plan.tracker)), "status": status(ticket.status),
        "priority": named(of(&PRIORITIES, plan.priority)), "author": who(plan.author), "subject": plan.subject,
        "description": plan.description, "done_ratio": 0, "is_private": false, "custom_fields": [],
        "start_date": null, "due_date": null,
        "created_on": stamp(plan.created), "updated_on": stamp(ticket.updated),
        "closed_on": ticket.closed.map(stamp),
    });
    if let Some(assignee) = ticket.assignee.and_then(person) {
        issue["assigned_to"] = who(assignee);
    }
    issue
}

fn whole(moment: &Moment<'_>, ticket: &TicketNow, request: &Request) -> Value {
    let mut issue = brief(moment, ticket);
    let included = request.param("include").unwrap_or_default();
    if included.contains("journals") {
        let journal = |(count, note): (usize, &Note)| {
            json!({
                "id": ticket.plan.id * 100 + count as u64, "user": who(note.author), "notes": note.text,
                "created_on": stamp(note.at), "private_notes": false, "details": [],
            })
        };
        issue["journals"] = ticket.notes.iter().enumerate().map(journal).collect();
    }
    if included.contains("allowed_statuses") {
        issue["allowed_statuses"] = STATUSES.map(|it| status(it.0)).into_iter().collect();
    }
    issue
}

fn write(moment: &Moment<'_>, request: &Request, parts: &[&str]) -> Answer {
    let body = request.json();
    let wish = &body["issue"];
    match (request.method.as_str(), parts) {
        ("POST", ["issues"]) => open(moment, wish),
        ("PUT", ["issues", id]) => match ticket(moment, id) {
            Some(found) => {
                let notes = wish["notes"].as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
                let status = number(&wish["status_id"]).filter(|status| (1..=6).contains(status));
                let assignee = match &wish["assigned_to_id"] {
                    Value::Null => None,
                    Value::String(text) if text.is_empty() => Some(0),
                    other => number(other).filter(|id| person(*id).is_some()),
                };
                let act = Act::ChangeTicket { ticket: found.plan.id, status, assignee, notes };
                Answer::done(act, Reply::empty(204))
            }
            None => Reply::empty(404).into(),
        },
        _ => Reply::empty(404).into(),
    }
}

/// A number, or a text that is one.
fn number(value: &Value) -> Option<u32> {
    value
        .as_u64()
        .map(|number| u32::try_from(number).unwrap_or(u32::MAX))
        .or_else(|| value.as_str()?.parse().ok())
}

fn open(moment: &Moment<'_>, wish: &Value) -> Answer {
    let project = number(&wish["project_id"]).and_then(|id| usize::try_from(id).ok()?.checked_sub(1));
    let service = project.filter(|index| *index < moment.world.services.len());
    let subject = wish["subject"].as_str().map(str::trim).filter(|subject| !subject.is_empty());
    let (Some(service), Some(subject)) = (service, subject) else {
        let problem = if subject.is_none() { "Subject cannot be blank" } else { "Project is invalid" };
        return Reply::json(422, &json!({ "errors": [problem] })).into();
    };
    let act = Act::OpenTicket {
        service,
        tracker: number(&wish["tracker_id"]).unwrap_or(1),
        priority: number(&wish["priority_id"]).unwrap_or(2),
        subject: subject.to_owned(),
        description: wish["description"].as_str().unwrap_or_default().to_owned(),
    };
    Answer::Deed(
        act,
        Box::new(|after| {
            let opened = after.tickets().pop();
            Reply::json(201, &json!({ "issue": opened.map(|opened| brief(after, &opened)) }))
        }),
    )
}

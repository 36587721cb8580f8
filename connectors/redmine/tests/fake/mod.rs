//! A server that answers as Redmine does, from the fixtures.

use std::sync::{Mutex, PoisonError};

use qd_connector::testkit::{RecordedRequest, Reply};
use serde_json::{Value, json};

/// Two calls of a poll are needed for so many.
const TICKETS: usize = 450;

/// A Redmine with many tickets that remembers the last change of one of them.
#[derive(Default)]
pub struct Server {
    change: Mutex<Option<Value>>,
}

impl Server {
    /// The answer to a request.
    pub fn answer(&self, request: &RecordedRequest) -> Reply {
        let mut change = self.change.lock().unwrap_or_else(PoisonError::into_inner);
        if request.number == 1 {
            // The suite begins anew.
            *change = None;
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/users/current.json") => Reply::json_text(include_str!("../../fixtures/me.json")),
            ("GET", "/projects.json") => Reply::json_text(include_str!("../../fixtures/projects.json")),
            ("GET", "/issue_statuses.json") => {
                Reply::json_text(include_str!("../../fixtures/issue_statuses.json"))
            }
            ("GET", "/trackers.json") => Reply::json_text(include_str!("../../fixtures/trackers.json")),
            ("GET", "/enumerations/issue_priorities.json") => {
                Reply::json_text(include_str!("../../fixtures/priorities.json"))
            }
            ("GET", "/projects/1/memberships.json") => {
                Reply::json_text(include_str!("../../fixtures/memberships.json"))
            }
            ("GET", "/issues.json") => page(request),
            ("POST", "/issues.json") => {
                Reply::json_text(include_str!("../../fixtures/issue-13.json")).status_of(201)
            }
            ("GET", path) if path.starts_with("/issues/") => issue(path, change.as_ref()),
            ("PUT", path) if path.starts_with("/issues/") => {
                *change = Some(request.json()["issue"].clone());
                Reply::status(204)
            }
            _ => Reply::status(404),
        }
    }
}

fn number(request: &RecordedRequest, key: &str, usual: usize) -> usize {
    request.param(key).map_or(usual, |text| text.parse().unwrap())
}

/// A page as Redmine cuts it: at most 100, 25 unless asked for more.
fn page(request: &RecordedRequest) -> Reply {
    let recorded: Value = serde_json::from_str(include_str!("../../fixtures/issues-all.json")).unwrap();
    let (offset, limit) = (number(request, "offset", 0), number(request, "limit", 25).min(100));
    let ticket = |n: usize| {
        let mut ticket = recorded["issues"][n % 12].clone();
        ticket["id"] = json!(TICKETS - n);
        ticket
    };
    let tickets: Vec<Value> = (offset..TICKETS.min(offset + limit)).map(ticket).collect();
    Reply::json(&json!({ "issues": tickets, "total_count": TICKETS, "offset": offset, "limit": limit }))
}

fn issue(path: &str, change: Option<&Value>) -> Reply {
    let id: u64 = path.trim_start_matches("/issues/").trim_end_matches(".json").parse().unwrap();
    Reply::json_text(include_str!("../../fixtures/issue-3.json")).map_json(|answer| {
        let issue = &mut answer["issue"];
        issue["id"] = json!(id);
        let Some(change) = change else { return };
        if change["status_id"] == "5" {
            issue["status"] = json!({ "id": 5, "name": "Closed", "is_closed": true });
        }
        if change["assigned_to_id"] == "5" {
            issue["assigned_to"] = json!({ "id": 5, "name": "Alice Ops" });
        }
        if change["notes"].is_string() {
            let note =
                json!({ "id": 9, "user": { "id": 1, "name": "Redmine Admin" }, "notes": change["notes"] });
            issue["journals"].as_array_mut().unwrap().push(note);
        }
    })
}

//! Mappings of recorded answers, one line a ticket.
#![allow(clippy::unwrap_used, reason = "a test panics where a fixture does not fit")]

use expect_test::{Expect, expect};
use qd_connector::{Detail, Section};
use qd_connector_redmine::map::Directory;
use qd_connector_redmine::{map, wire};
use qd_model::{Fact, SourceId, Ticket};
use url::Url;

fn directory() -> Directory {
    let projects: wire::Projects = serde_json::from_str(include_str!("../fixtures/projects.json")).unwrap();
    let statuses: wire::Statuses =
        serde_json::from_str(include_str!("../fixtures/issue_statuses.json")).unwrap();
    let trackers: wire::Trackers = serde_json::from_str(include_str!("../fixtures/trackers.json")).unwrap();
    let closed = statuses.issue_statuses.into_iter().filter(|it| it.is_closed == Some(true)).map(|it| it.id);
    Directory {
        projects: projects.projects.into_iter().map(|project| (project.id.clone(), project)).collect(),
        closed: closed.collect(),
        first: trackers.trackers.into_iter().filter_map(|tracker| Some(tracker.default_status?.id)).collect(),
    }
}

fn tickets(listed: &str) -> Vec<Ticket> {
    let source: SourceId = "tickets".parse().unwrap();
    let base = Url::parse("https://redmine.example/tracker/").unwrap();
    let page: wire::Issues<wire::Issue> = serde_json::from_str(listed).unwrap();
    let facts = page.issues.into_iter().map(|issue| map::ticket(&source, &base, &directory(), issue));
    facts.map(|fact| if let Fact::Ticket(ticket) = fact { ticket } else { panic!("not a ticket") }).collect()
}

fn line(ticket: &Ticket) -> String {
    let time = |at: Option<chrono::DateTime<chrono::Utc>>| at.map_or("—".to_owned(), |at| at.to_rfc3339());
    format!(
        "{} {} {} | {:?} ({}) | {:?} ({}) | {} | to {:?} by {} | {:?} {} | created {} changed {} closed {} | {} in {}",
        ticket.origin.id,
        ticket.key,
        ticket.summary,
        ticket.ticket_type.state,
        ticket.ticket_type.raw,
        ticket.status.state,
        ticket.status.raw,
        ticket.priority.as_deref().unwrap_or("—"),
        ticket.assignees,
        ticket.reporter.as_deref().unwrap_or("—"),
        ticket.labels,
        ticket.milestone.as_deref().unwrap_or("—"),
        time(ticket.created_at),
        time(ticket.origin.changed_at),
        time(ticket.closed_at),
        ticket.origin.url.as_deref().unwrap_or("—"),
        ticket.origin.project.as_deref().unwrap_or("—"),
    )
}

#[track_caller]
fn check(listed: &str, expected: Expect) {
    let lines: Vec<String> = tickets(listed).iter().map(line).collect();
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn recorded_tickets_carry_type_status_people_and_project() {
    check(
        include_str!("../fixtures/issues-all.json"),
        expect![[r#"
        tickets/ticket/12 #12 Feedback 12: <b>checkout</b> fails ☃ | Bug (Bug) | Todo (New) | High | to ["Alice Ops"] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed — | https://redmine.example/tracker/issues/12 in shop
        tickets/ticket/11 #11 Feedback 11: <b>checkout</b> fails ☃ | Question (Support) | Done (Rejected) | Normal | to [] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed 2026-11-20T23:55:46+00:00 | https://redmine.example/tracker/issues/11 in shop
        tickets/ticket/10 #10 Feedback 10: <b>checkout</b> fails ☃ | Enhancement (Feature) | Done (Closed) | Low | to ["Alice Ops"] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed 2026-11-20T23:55:46+00:00 | https://redmine.example/tracker/issues/10 in shop
        tickets/ticket/9 #9 Feedback 9: <b>checkout</b> fails ☃ | Bug (Bug) | InProgress (Feedback) | Immediate | to [] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed — | https://redmine.example/tracker/issues/9 in shop
        tickets/ticket/8 #8 Feedback 8: <b>checkout</b> fails ☃ | Question (Support) | InProgress (Resolved) | Urgent | to ["Alice Ops"] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed — | https://redmine.example/tracker/issues/8 in shop
        tickets/ticket/7 #7 Feedback 7: <b>checkout</b> fails ☃ | Enhancement (Feature) | InProgress (In Progress) | High | to [] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed — | https://redmine.example/tracker/issues/7 in shop
        tickets/ticket/6 #6 Feedback 6: <b>checkout</b> fails ☃ | Bug (Bug) | Todo (New) | Normal | to ["Alice Ops"] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed — | https://redmine.example/tracker/issues/6 in shop
        tickets/ticket/5 #5 Feedback 5: <b>checkout</b> fails ☃ | Question (Support) | Done (Rejected) | Low | to [] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed 2026-11-20T23:55:46+00:00 | https://redmine.example/tracker/issues/5 in shop
        tickets/ticket/4 #4 Feedback 4: <b>checkout</b> fails ☃ | Enhancement (Feature) | Done (Closed) | Immediate | to ["Alice Ops"] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed 2026-11-20T23:55:46+00:00 | https://redmine.example/tracker/issues/4 in shop
        tickets/ticket/3 #3 Feedback 3: <b>checkout</b> fails ☃ | Bug (Bug) | InProgress (Feedback) | Urgent | to [] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed — | https://redmine.example/tracker/issues/3 in shop
        tickets/ticket/2 #2 Feedback 2: <b>checkout</b> fails ☃ | Question (Support) | InProgress (Resolved) | High | to ["Alice Ops"] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed — | https://redmine.example/tracker/issues/2 in shop
        tickets/ticket/1 #1 Feedback 1: <b>checkout</b> fails ☃ | Enhancement (Feature) | InProgress (In Progress) | Normal | to [] by Redmine Admin | [] — | created 2026-11-20T23:55:46+00:00 changed 2026-11-20T23:55:46+00:00 closed — | https://redmine.example/tracker/issues/1 in shop
    "#]],
    );
}

#[test]
fn old_versions_own_words_and_missing_fields_are_taken_as_they_are() {
    check(
        include_str!("../fixtures/issues-odd.json"),
        expect![[r#"
        tickets/ticket/77 #77 #77 | Other (Wunsch) | Done (Erledigt) | — | to ["Team Ops"] by — | ["Checkout"] 2.14 | created — changed — closed 2026-11-20T23:56:33+00:00 | https://redmine.example/tracker/issues/77 in Hidden
        tickets/ticket/78 #78 opened again | Other () | Other (Waits for the moon) | — | to [] by — | [] — | created — changed — closed — | https://redmine.example/tracker/issues/78 in —
        tickets/ticket/79 #79 #79 | Other () | Other () | — | to [] by — | [] — | created — changed — closed — | https://redmine.example/tracker/issues/79 in —
    "#]],
    );
}

fn detail(issue: &str) -> Detail {
    map::detail(serde_json::from_str::<wire::OneIssue>(issue).unwrap().issue)
}

fn comments(detail: &Detail) -> Vec<String> {
    let lists = detail.sections.iter().filter_map(|section| match section {
        Section::Comments { comments } => Some(comments),
        _ => None,
    });
    lists.flatten().map(|comment| format!("{}: {}", comment.author, comment.text)).collect()
}

#[test]
fn details_hold_the_description_and_the_comments() {
    let detail = detail(include_str!("../fixtures/issue-3.json"));
    assert_eq!(comments(&detail), ["Alice Ops: looking into it 3"]);
    let body = detail.sections.iter().find_map(|section| match section {
        Section::Body { text, .. } => Some(text),
        _ => None,
    });
    let text = body.expect("a description");
    assert_eq!(text, "h2. Steps\r\n\r\n* one\r\n* two 3");
}

#[test]
fn a_ticket_without_comments_has_no_list_of_them() {
    let detail = detail(r#"{"issue":{"id":1,"description":"x","journals":[{"id":2,"notes":""}]}}"#);
    assert!(!detail.sections.iter().any(|section| matches!(section, Section::Comments { .. })), "{detail:?}");
}

#[test]
fn comments_are_oldest_first_mere_changes_are_none_and_private_ones_say_so() {
    let detail = detail(
        r#"{"issue":{"id":1,"journals":[
            {"id":3,"user":{"id":1,"name":"Bob"},"notes":"third","created_on":"2026-01-03T00:00:00Z","private_notes":true},
            {"id":2,"user":{"id":1,"name":"Bob"},"notes":"","created_on":"2026-01-02T00:00:00Z"},
            {"id":1,"notes":"first","created_on":"2026-01-01T00:00:00Z"}]}}"#,
    );
    assert_eq!(comments(&detail), ["unknown: first", "Bob (private note): third"]);
}

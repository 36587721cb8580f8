//! Claims about what happened in each part of a span.

use qd_model::{AlertState, DeploymentStatus, Fact, RunResult, TicketStatus};

use super::sample::{alert, at, deployment, put, run, ticket};
use crate::{Store, TallyQuery};

const HOUR: i64 = 3600;

/// Four hours, an hour each, as lines of text.
async fn told(store: &dyn Store, from: i64, to: i64) -> Vec<String> {
    known(store, from, to, None).await
}

async fn known(store: &dyn Store, from: i64, to: i64, as_of: Option<i64>) -> Vec<String> {
    let parts = u32::try_from((to - from) / HOUR).expect("a few hours");
    let query = TallyQuery { from: at(from), to: at(to), parts, as_of: as_of.map(at), except: Vec::new() };
    let tallies = store.tally(query).await.expect("the store can be read");
    let mut lines: Vec<String> = tallies
        .iter()
        .map(|t| {
            let service = t.service.as_deref().unwrap_or("-");
            let (kind, status) = (t.kind.as_str(), t.status.as_str());
            format!("{} {kind} {status} {service} {}/{}", t.part, t.count, t.began)
        })
        .collect();
    lines.sort();
    lines
}

/// Runs, deployments and tickets stand where they began, with the state they have.
pub async fn what_began_is_counted_where_it_began(store: &dyn Store) {
    let facts = [
        Fact::Run(run("1", Some(RunResult::Failure), Some(at(100)))),
        Fact::Run(run("2", Some(RunResult::Failure), Some(at(HOUR - 1)))),
        Fact::Run(run("3", Some(RunResult::Success), Some(at(HOUR)))),
        Fact::Run(run("4", Some(RunResult::Success), Some(at(-1)))),
        Fact::Run(run("5", None, None)),
        Fact::Deployment(deployment("d", "prod", DeploymentStatus::Succeeded, Some(at(2 * HOUR)))),
        Fact::Ticket(ticket("t", TicketStatus::Todo, Some(at(4 * HOUR)))),
    ];
    // Everything is seen only at the end: what counts is when it happened.
    put(store, facts, at(4 * HOUR)).await;
    let expected = ["0 run failing shop 2/2", "1 run ok shop 1/1", "2 deployment ok shop 1/1"];
    assert_eq!(told(store, 0, 4 * HOUR).await, expected);
    assert_eq!(told(store, 0, 2 * HOUR).await, expected[..2]);
    assert_eq!(known(store, 0, 4 * HOUR, Some(3 * HOUR)).await, [""; 0], "nothing was seen by then");
    put(store, [Fact::Run(run("1", Some(RunResult::Success), Some(at(100))))], at(5 * HOUR)).await;
    assert_eq!(known(store, 0, 4 * HOUR, Some(4 * HOUR)).await, expected, "it had failed by then");
}

/// An alert fires from its begin to its end, and begins once.
pub async fn an_alert_is_counted_in_every_hour_it_fired(store: &dyn Store) {
    let state = |state, started| [Fact::Alert(alert("a", state, Some(at(started))))];
    put(store, state(AlertState::Firing, HOUR / 2), at(HOUR / 2 + 60)).await;
    put(store, state(AlertState::Suppressed, HOUR / 2), at(2 * HOUR + 60)).await;
    put(store, state(AlertState::Firing, HOUR / 2), at(3 * HOUR + 60)).await;
    put(store, state(AlertState::Resolved, HOUR / 2), at(3 * HOUR + 120)).await;
    let told = told(store, 0, 5 * HOUR).await;
    let parts: Vec<&str> = told.iter().map(String::as_str).collect();
    let expected = [
        "0 alert paging shop 1/1",
        "1 alert paging shop 1/0",
        "2 alert paging shop 1/0",
        "3 alert paging shop 1/1",
    ];
    assert_eq!(parts, expected, "silenced it does not fire, and what fires again begins again");
    let expected = ["0 alert paging shop 1/1", "1 alert paging shop 1/0"];
    assert_eq!(known(store, 0, 5 * HOUR, Some(HOUR + 60)).await, expected, "what was known then");
}

/// What fires still is counted up to the end of the span.
pub async fn what_fires_still_is_counted_to_the_end(store: &dyn Store) {
    put(store, [Fact::Alert(alert("a", AlertState::Firing, Some(at(-HOUR))))], at(60)).await;
    let expected = ["0 alert paging shop 1/0", "1 alert paging shop 1/0"];
    assert_eq!(told(store, 0, 2 * HOUR).await, expected);
}

//! Claims about what happened within a span, and about who looked.

use chrono::{DateTime, Utc};
use qd_model::filter::{Field, Term, Test};
use qd_model::{
    AlertState, DeploymentKind, DeploymentStatus, Fact, Filter, Health, HealthState, Kind, RunResult,
    TicketStatus,
};

use super::sample::{alert, at, deployment, named, put, put_all, run, source, ticket};
use crate::{HappenedQuery, ListQuery, Reading, Scope, Store};

fn span(from: i64, to: i64) -> HappenedQuery {
    HappenedQuery { from: at(from), to: at(to), filter: Filter::default(), now: at(to), limit: 100 }
}

/// What happened, each as `native what from until`.
async fn told(store: &dyn Store, query: &HappenedQuery) -> Vec<String> {
    let secs = |at: DateTime<Utc>| (at - super::sample::at(0)).num_seconds();
    let found = store.happened(query).await.expect("the store can be read");
    let line = |h: &crate::Happening| {
        let until = h.until.map(|until| format!(" to {}", secs(until))).unwrap_or_default();
        format!("{} {} {}{until} {}", h.id.native, h.what.as_str(), secs(h.at), h.status.as_str())
    };
    found.items.iter().map(line).collect()
}

/// A run that was tried again, seen between its attempts and after both, failed all the same when it failed.
pub async fn a_failure_that_was_tried_again_happened(store: &dyn Store) {
    let attempt = |result, began, ended: Option<i64>| {
        let mut run = run("1", result, Some(at(began)));
        run.finished_at = ended.map(at);
        Fact::Run(run)
    };
    let listed = async |from, to| {
        let filter = Filter {
            terms: vec![Term { negated: false, test: Test::During { from: at(from), to: at(to) } }],
        };
        let query = ListQuery { scope: Scope::All, filter, ..ListQuery::current(Kind::Run, at(500)) };
        store.list(&query).await.expect("the store can be read").items.len()
    };
    let failed = Some(RunResult::Failure);
    put(store, [attempt(failed, 10, Some(50))], at(51)).await;
    assert_eq!(told(store, &span(0, 100)).await, ["1 run_failed 50 failing"]);
    // The same failure, of which more is known.
    let mut more = run("1", failed, Some(at(10)));
    (more.finished_at, more.author) = (Some(at(50)), Some("ana".to_owned()));
    put(store, [Fact::Run(more)], at(60)).await;
    assert_eq!(told(store, &span(0, 100)).await, ["1 run_failed 50 failing"], "once");
    put(store, [attempt(None, 200, None)], at(201)).await;
    assert_eq!(told(store, &span(0, 100)).await, ["1 run_failed 50 failing"], "it runs again");
    put(store, [attempt(failed, 200, Some(250))], at(251)).await;
    put(store, [attempt(None, 300, None)], at(301)).await;
    put(store, [attempt(Some(RunResult::Success), 300, Some(350))], at(351)).await;
    assert_eq!(
        told(store, &span(0, 400)).await,
        ["1 run_failed 50 failing", "1 run_failed 250 failing"],
        "it passed in the end"
    );
    assert_eq!([listed(0, 100).await, listed(100, 200).await, listed(240, 260).await], [1, 0, 1]);
    let asked = HappenedQuery { filter: Filter::parse("state:failing").expect("a query"), ..span(0, 400) };
    assert_eq!(told(store, &asked).await.len(), 2, "what failed then is asked for by how it was then");
    let asked = HappenedQuery { filter: Filter::parse("source:other").expect("a query"), ..span(0, 400) };
    assert_eq!(told(store, &asked).await, [""; 0]);
}

/// An alert that was over and fires anew fired the first time, too, though nothing of how it is now says so.
pub async fn an_alert_that_fires_anew_fired_before(store: &dyn Store) {
    let listed = async |from, to| {
        let filter = Filter {
            terms: vec![Term { negated: false, test: Test::During { from: at(from), to: at(to) } }],
        };
        let query = ListQuery { scope: Scope::All, filter, ..ListQuery::current(Kind::Alert, at(500)) };
        store.list(&query).await.expect("the store can be read").items.len()
    };
    let told = async |from, to| told(store, &span(from, to)).await.len();
    put(store, [Fact::Alert(alert("a", AlertState::Firing, Some(at(10))))], at(11)).await;
    put(store, [Fact::Alert(alert("a", AlertState::Resolved, Some(at(10))))], at(51)).await;
    put(store, [Fact::Alert(alert("a", AlertState::Firing, Some(at(200))))], at(201)).await;
    for (from, to, expected) in
        [(0, 5, 0), (20, 40, 1), (51, 60, 0), (60, 100, 0), (60, 210, 1), (300, 400, 1)]
    {
        let found = (listed(from, to).await, told(from, to).await);
        assert_eq!(found, (expected, expected), "{from} to {to}");
    }
}

/// Deployments by their begin, failed runs by their end, tickets by their opening; half open.
pub async fn a_span_holds_what_happened_in_it(store: &dyn Store) {
    let mut back = deployment("2", "production", DeploymentStatus::Succeeded, Some(at(20)));
    back.deployment_kind = DeploymentKind::Rolledback;
    let mut late = run("5", Some(RunResult::Failure), Some(at(-500)));
    late.finished_at = Some(at(50));
    let facts = [
        Fact::Deployment(deployment("0", "production", DeploymentStatus::Superseded, Some(at(10)))),
        Fact::Deployment(deployment("1", "staging", DeploymentStatus::Failed, Some(at(15)))),
        Fact::Deployment(back),
        Fact::Deployment(deployment("3", "dev", DeploymentStatus::Blocked, Some(at(30)))),
        Fact::Run(run("4", Some(RunResult::Success), Some(at(40)))),
        Fact::Run(late),
        Fact::Run(run("6", Some(RunResult::Failure), Some(at(60)))),
        Fact::Ticket(ticket("7", TicketStatus::Done, Some(at(70)))),
        Fact::Ticket(ticket("8", TicketStatus::Todo, Some(at(100)))),
        Fact::Ticket(ticket("9", TicketStatus::Todo, None)),
    ];
    put(store, facts, at(200)).await;
    assert_eq!(
        told(store, &span(10, 100)).await,
        [
            "0 deployed 10 inactive",
            "1 deployment_failed 15 failing",
            "2 rolled_back 20 ok",
            "5 run_failed 50 failing",
            "6 run_failed 60 failing",
            "7 ticket_opened 70 ok",
        ],
        "what waits has not happened, what passed is no news, and the end does not belong to the span"
    );
    let found = store.happened(&span(10, 11)).await.expect("the store can be read");
    assert_eq!((found.items[0].title.as_str(), found.items[0].service.as_deref()), ("v0", Some("shop")));
}

/// Fired, over, fired again.
pub async fn an_alert_appears_each_time_it_fires(store: &dyn Store) {
    let fires = |since: i64| [Fact::Alert(alert("a", AlertState::Firing, Some(at(since))))];
    put_all(store, &[Kind::Alert], fires(10), at(15)).await;
    put_all(store, &[Kind::Alert], [], at(100)).await;
    put_all(store, &[Kind::Alert], fires(200), at(205)).await;
    assert_eq!(
        told(store, &span(0, 300)).await,
        ["a alert_fired 10 to 100 paging", "a alert_fired 200 paging"]
    );
    assert_eq!(told(store, &span(120, 180)).await, [""; 0], "it did not fire then");
    assert_eq!(
        told(store, &span(50, 60)).await,
        ["a alert_fired 10 to 100 paging"],
        "it went on firing then"
    );
    let mut over = alert("a", AlertState::Resolved, Some(at(200)));
    over.ends_at = Some(at(280));
    put(store, [Fact::Alert(over)], at(290)).await;
    assert_eq!(
        told(store, &span(150, 300)).await,
        ["a alert_fired 200 to 280 paging"],
        "the end is the backend's where it tells one"
    );
    // It fires on as though it had never ended: the backend says so, we saw otherwise.
    put_all(store, &[Kind::Alert], fires(200), at(295)).await;
    assert_eq!(
        told(store, &span(150, 300)).await,
        ["a alert_fired 200 to 280 paging", "a alert_fired 280 paging"],
        "two spans of one alert never overlap"
    );
}

/// Firing, silenced, over.
pub async fn a_silence_is_another_span_of_its_alert(store: &dyn Store) {
    let state = |state| [Fact::Alert(alert("a", state, Some(at(0))))];
    put(store, state(AlertState::Firing), at(5)).await;
    put(store, state(AlertState::Suppressed), at(50)).await;
    put(store, state(AlertState::Resolved), at(80)).await;
    assert_eq!(
        told(store, &span(-10, 100)).await,
        ["a alert_fired 0 to 50 paging", "a alert_fired 50 to 80 inactive"]
    );
}

/// Filters and limits.
pub async fn what_happened_is_filtered_and_limited(store: &dyn Store) {
    let deployments = ["0", "1", "2", "3"].map(|n| {
        Fact::Deployment(deployment(n, "production", DeploymentStatus::Succeeded, n.parse().ok().map(at)))
    });
    put(store, deployments, at(10)).await;
    let query = |query: &str| HappenedQuery { filter: Filter::parse(query).expect("a query"), ..span(0, 10) };
    assert_eq!(told(store, &query("service:shop")).await.len(), 4);
    assert_eq!(told(store, &query("service:till")).await.len(), 0);
    assert_eq!(told(store, &query("v2")).await, ["2 deployed 2 ok"], "texts too");
    let two = HappenedQuery { limit: 2, ..span(0, 10) };
    let found = store.happened(&two).await.expect("the store can be read");
    assert!(found.truncated, "it is told that something is missing");
    let left: Vec<&str> = found.items.iter().map(|item| item.id.native.as_str()).collect();
    assert_eq!(left, ["2", "3"], "and the newest are there");
}

/// Readings.
pub async fn a_source_is_read_as_long_as_its_polls_follow_each_other(store: &dyn Store) {
    let read = |secs: i64| Health {
        state: HealthState::Fresh,
        as_of: Some(at(secs)),
        ..Health::new(source(), at(0), 30)
    };
    for secs in [0, 30, 60, 120, 600, 90, 630] {
        store.record_health(&read(secs)).await.expect("health is stored");
    }
    let down = Health { state: HealthState::Paused, as_of: Some(at(630)), ..read(690) };
    store.record_health(&Health { as_of: Some(at(690)), ..down }).await.expect("health is stored");
    let readings =
        |from, to| async move { store.readings(at(from), at(to)).await.expect("the store can be read") };
    let reading = |from, until| Reading {
        source: source(),
        from: at(from),
        until: at(until),
        trusted_until: at(until + 60),
    };
    assert_eq!(
        readings(0, 1000).await,
        [reading(0, 120), reading(600, 630)],
        "a clock turned back changes nothing"
    );
    assert_eq!(readings(170, 599).await, [reading(0, 120)], "what was read is trusted a while");
    assert_eq!(readings(190, 599).await, [], "and then nobody knew");
    store.forget(&source()).await.expect("a source is forgotten");
    assert_eq!(readings(0, 1000).await, [], "with its readings");
    let other = Health { source: named("other"), ..read(5) };
    store.record_health(&other).await.expect("health is stored");
    assert_eq!(readings(0, 10).await[0].source, named("other"));
}

/// Names.
pub async fn names_are_those_of_what_is_current(store: &dyn Store) {
    let facts = [
        Fact::Ticket(ticket("1", TicketStatus::Todo, Some(at(0)))),
        Fact::Ticket(ticket("2", TicketStatus::Todo, Some(at(0)))),
    ];
    put(store, facts, at(0)).await;
    let names = |field| async move { store.names(field).await.expect("the store can be read") };
    assert_eq!(names(Field::Service).await, ["shop"]);
    assert_eq!(names(Field::Env).await, [""; 0]);
    let done = [("1", at(1)), ("2", at(1))]
        .map(|(native, at)| Fact::Ticket(ticket(native, TicketStatus::Done, Some(at))));
    put(store, done, at(2)).await;
    assert_eq!(names(Field::Service).await, [""; 0], "nothing of it is current");
}

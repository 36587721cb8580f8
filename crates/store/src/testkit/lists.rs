//! Claims about lists as they are now.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use qd_model::{
    AlertState, DeploymentStatus, Fact, Filter, Kind, RunResult, Seen, SourceId, Status, TicketStatus,
};

use super::sample::{alert, at, current, deployment, id, natives, now, page, put, put_all, run, ticket};
use super::town::Town;
use crate::{Entity, LinePart, ListQuery, Order, Recent, Scope, Store};

/// Tickets and alerts.
pub async fn open_things_are_current(store: &dyn Store) {
    let alerts = [
        ("f", AlertState::Firing),
        ("a", AlertState::Acknowledged),
        ("s", AlertState::Suppressed),
        ("r", AlertState::Resolved),
        ("u", AlertState::Unknown),
    ];
    let tickets = [
        ("t", TicketStatus::Todo),
        ("p", TicketStatus::InProgress),
        ("d", TicketStatus::Done),
        ("o", TicketStatus::Other),
    ];
    put(store, alerts.map(|(native, state)| Fact::Alert(alert(native, state, Some(at(0))))), at(0)).await;
    put(store, tickets.map(|(native, status)| Fact::Ticket(ticket(native, status, Some(at(0))))), at(0))
        .await;
    let mut alerts = current(store, Kind::Alert).await;
    alerts.sort_unstable();
    assert_eq!(alerts, ["a", "f", "s", "u"], "all but the resolved one");
    let mut tickets = current(store, Kind::Ticket).await;
    tickets.sort_unstable();
    assert_eq!(tickets, ["o", "p", "t"], "all but the done one");
}

/// Runs of a pipeline on a ref, deployments to an environment.
pub async fn the_latest_of_a_line_is_current(store: &dyn Store) {
    let mut elsewhere = run("b", Some(RunResult::Failure), Some(at(0)));
    elsewhere.reference = Some("other".to_owned());
    let runs = [
        run("1", Some(RunResult::Success), Some(at(1))),
        run("2", None, Some(at(2))),
        run("3", Some(RunResult::Success), Some(at(3))),
        elsewhere,
    ];
    put(store, runs.map(Fact::Run), at(5)).await;
    let mut found = current(store, Kind::Run).await;
    found.sort_unstable();
    assert_eq!(found, ["2", "3", "b"], "the latest of both lines, and the one that still runs");
    put(store, [Fact::Run(run("2", Some(RunResult::Success), Some(at(2))))], at(6)).await;
    let mut found = current(store, Kind::Run).await;
    found.sort_unstable();
    assert_eq!(found, ["3", "b"], "once it has ended, it is not the latest");
    let deployments = [
        deployment("1", "production", DeploymentStatus::Succeeded, Some(at(1))),
        deployment("2", "production", DeploymentStatus::Failed, Some(at(2))),
        deployment("3", "staging", DeploymentStatus::Succeeded, Some(at(1))),
    ];
    put(store, deployments.map(Fact::Deployment), at(5)).await;
    assert_eq!(current(store, Kind::Deployment).await, ["2", "3"]);
}

/// A back-fill comes newest first.
pub async fn an_old_run_that_comes_late_is_not_the_latest(store: &dyn Store) {
    put(store, [Fact::Run(run("9", Some(RunResult::Success), Some(at(9))))], at(10)).await;
    put(store, [Fact::Run(run("1", Some(RunResult::Failure), Some(at(1))))], at(11)).await;
    put(store, [Fact::Run(run("0", Some(RunResult::Failure), None))], at(12)).await;
    assert_eq!(current(store, Kind::Run).await, ["9"]);
}

/// Runs of one pipeline on one ref; nothing else, and nothing for what has no line.
pub async fn a_line_is_read_newest_first(store: &dyn Store) {
    let mut elsewhere = run("x", Some(RunResult::Failure), Some(at(2)));
    elsewhere.reference = Some("other".to_owned());
    let ended = |native: &str, secs: i64| run(native, Some(RunResult::Success), Some(at(secs)));
    let runs = [ended("1", 1), ended("3", 3), elsewhere, run("0", None, None), ended("2", 2)];
    put(store, runs.map(Fact::Run), at(5)).await;
    put(store, [Fact::Alert(alert("a", AlertState::Firing, Some(at(0))))], at(5)).await;
    let line = async |kind: Kind, native: &str, part: LinePart, limit: u32| -> Vec<String> {
        let found = store.line(&id(kind, native), part, limit).await.expect("the store can be read");
        found.iter().map(|entity| entity.fact.id().native.clone()).collect()
    };
    assert_eq!(line(Kind::Run, "2", LinePart::Whole, 9).await, ["3", "2", "1", "0"]);
    assert_eq!(line(Kind::Run, "3", LinePart::Whole, 2).await, ["3", "2"], "at most so many");
    assert_eq!(
        line(Kind::Run, "3", LinePart::Before, 9).await,
        ["2", "1"],
        "without the one that tells no time"
    );
    assert_eq!(line(Kind::Run, "1", LinePart::Before, 9).await, [""; 0]);
    assert_eq!(line(Kind::Run, "0", LinePart::Before, 9).await, [""; 0], "before nothing");
    assert_eq!(line(Kind::Run, "x", LinePart::Whole, 9).await, ["x"]);
    assert_eq!(line(Kind::Alert, "a", LinePart::Whole, 9).await, [""; 0], "alerts have no lines");
    assert_eq!(line(Kind::Run, "?", LinePart::Whole, 9).await, [""; 0], "unknown");
}

/// What is gone is the latest of nothing.
pub async fn a_gone_run_gives_its_place_back(store: &dyn Store) {
    let old = || Fact::Run(run("1", Some(RunResult::Success), Some(at(1))));
    put(store, [old(), Fact::Run(run("2", None, Some(at(2))))], at(3)).await;
    assert_eq!(current(store, Kind::Run).await, ["2"]);
    put_all(store, &[Kind::Run], [old()], at(4)).await;
    put_all(store, &[Kind::Run], [old()], at(5)).await;
    assert_eq!(current(store, Kind::Run).await, ["1"]);
}

/// Both orders.
pub async fn worst_comes_first_then_newest(store: &dyn Store) {
    let mut warning = alert("warning", AlertState::Firing, Some(at(9)));
    warning.severity = qd_model::Observed::new(qd_model::Severity::Warning, "warning");
    let alerts = [
        warning,
        alert("old", AlertState::Firing, Some(at(1))),
        alert("timeless", AlertState::Firing, None),
        alert("new", AlertState::Firing, Some(at(5))),
        alert("silenced", AlertState::Suppressed, Some(at(10))),
    ];
    put(store, alerts.map(Fact::Alert), at(20)).await;
    assert_eq!(current(store, Kind::Alert).await, ["new", "old", "timeless", "warning", "silenced"]);
    let newest = ListQuery { order: Order::Newest, ..ListQuery::current(Kind::Alert, at(20)) };
    let found = page(store, &newest).await;
    assert_eq!(natives(&found.items), ["silenced", "warning", "new", "old", "timeless"]);
    assert_eq!((found.total, found.capped), (5, false));
    assert_eq!(found.seq, store.seq().await.expect("the store can be read"));
}

/// Fills a store with a town's life and gives back the last state of every entity.
pub(super) async fn fill(store: &dyn Store, transitions: u64) -> Vec<Entity> {
    let town = Town::new(7);
    let mut last = BTreeMap::new();
    for poll in town.polls(transitions, 50) {
        for (fact, _) in &poll.ingest.facts {
            last.insert(fact.id().clone(), ());
        }
        store.ingest(&poll.source, poll.ingest, poll.at).await.expect("facts are stored");
    }
    let mut all = Vec::new();
    for id in last.keys() {
        all.push(now(store, id).await);
    }
    all
}

/// Every kind, for both scopes.
pub(super) fn everything(scope: Scope, order: Order) -> ListQuery {
    ListQuery {
        kinds: Vec::new(),
        scope,
        filter: Filter::default(),
        as_of: None,
        now: Town::begin() + chrono::TimeDelta::hours(3),
        order,
        offset: 0,
        limit: 10_000,
    }
}

/// What a filter needs to know of an entity.
pub(super) fn seen(entity: &Entity, now: DateTime<Utc>) -> Seen {
    Seen { now, changed: entity.changed }
}

/// Paging.
pub async fn pages_do_not_overlap(store: &dyn Store) {
    let all = fill(store, 900).await;
    for order in [Order::Attention, Order::Newest] {
        let whole = natives(&page(store, &everything(Scope::All, order)).await.items);
        assert_eq!(whole.len(), all.len());
        let mut paged = Vec::new();
        for offset in (0..).step_by(37) {
            let part = page(store, &ListQuery { offset, limit: 37, ..everything(Scope::All, order) }).await;
            assert_eq!(part.total, all.len() as u64, "every page knows how many there are");
            if part.items.is_empty() {
                break;
            }
            paged.extend(natives(&part.items));
        }
        assert_eq!(paged, whole, "pages laid side by side are the list");
    }
}

/// Counters.
pub async fn counters_agree_with_lists(store: &dyn Store) {
    fill(store, 900).await;
    let mut counted: BTreeMap<(SourceId, Kind, Status), u64> = BTreeMap::new();
    for entity in page(store, &everything(Scope::Current, Order::Attention)).await.items {
        *counted
            .entry((entity.fact.id().source.clone(), entity.fact.kind(), entity.fact.signal().status))
            .or_default() += 1;
    }
    let counts = store.counts().await.expect("the store can be read");
    let told: BTreeMap<(SourceId, Kind, Status), u64> =
        counts.iter().map(|count| ((count.source.clone(), count.kind, count.status), count.count)).collect();
    assert_eq!(told, counted);
    for kind in Kind::ALL {
        let listed = ListQuery { kinds: vec![kind], limit: 1, ..everything(Scope::All, Order::Newest) };
        assert_eq!(
            page(store, &listed).await.total,
            store.stored(kind).await.expect("the store can be read")
        );
    }
}

/// Queries that between them use every field, negation, prefixes, `none`, ages and texts of every length.
pub(super) const QUERIES: [&str; 66] = [
    "service:checkout",
    "service:CHECKOUT",
    "service:check*",
    "service:none",
    "-service:none",
    "-service:checkout",
    "service:checkout,login",
    "service:nobody",
    "-service:nobody",
    "service:none,login",
    "state:failing",
    "state:failing,paging",
    "state:success",
    "state:completed",
    "-state:ok",
    "state:none",
    "state:unknown",
    "state:in*",
    "status:warn",
    "state:active",
    "state:neutral?",
    "env:production",
    "env:prod-eu",
    "env:prod*",
    "env:none",
    "-env:staging",
    "env:development",
    "source:gh",
    "-source:gh",
    "source:g*",
    "source:none",
    "kind:alert",
    "-kind:alert,run",
    "kind:t*",
    "severity:critical",
    "severity:page",
    "severity:none",
    "-severity:info",
    "author:ada",
    "author:ŁUKASZ",
    "author:none",
    "-author:a*",
    "assignee:zoë",
    "assignee:none",
    "assignee:a*",
    "type:bug",
    "type:customer",
    "-type:regression",
    "type:outage",
    "name:ci",
    "name:high*",
    "ref:main",
    "ref:feature/*",
    "repo:acme/login",
    "repo:none",
    "age:<1h",
    "age:>2h",
    "-age:<2h",
    "age:<0s",
    "age:>0s",
    "during:2023-11-14T22:30:00Z..2023-11-14T23:10:00Z",
    "-during:2023-11-14T22:30:00Z..2023-11-14T23:10:00Z",
    "kind:alert during:2023-11-14T22:40:00Z..2023-11-14T22:41:00Z",
    "during:2020-01-01..2020-01-02",
    "owner:nobody-said-who",
    "-owner:nobody-said-who",
];

const TEXTS: [&str; 16] = [
    "checkout",
    "LOGIN",
    "qd-1",
    "QD",
    "x",
    "ü",
    "łuk",
    "in the",
    "zoë",
    "no such text anywhere",
    "-main",
    "-a",
    "\"the retry\"",
    "main tests",
    "timeouts service:login state:success",
    "-csv kind:run age:<2h",
];

/// The reference decides, for current and for all.
pub async fn filters_mean_what_the_reference_means(store: &dyn Store) {
    let all = fill(store, 1_200).await;
    let current: Vec<_> = page(store, &everything(Scope::Current, Order::Newest)).await.items;
    assert!(current.len() > 20 && current.len() < all.len());
    for text in QUERIES.iter().chain(&TEXTS) {
        let filter = Filter::parse(text).expect("a query of this file can be read");
        for (scope, base) in [(Scope::All, &all), (Scope::Current, &current)] {
            for order in [Order::Newest, Order::Attention] {
                let query = ListQuery { filter: filter.clone(), ..everything(scope, order) };
                let matches =
                    |entity: &&Entity| filter.matches(&entity.fact, &entity.links, seen(entity, query.now));
                let mut expected: Vec<_> =
                    base.iter().filter(matches).map(|entity| entity.fact.id()).collect();
                let found = page(store, &query).await;
                let mut ids: Vec<_> = found.items.iter().map(|entity| entity.fact.id()).collect();
                expected.sort_unstable();
                ids.sort_unstable();
                assert_eq!(ids, expected, "{text} in {scope:?} by {order:?}");
                assert_eq!(
                    (found.total, found.capped),
                    (expected.len() as u64, false),
                    "{text} in {scope:?}"
                );
            }
        }
    }
}

/// Texts that mean something to a database or to a text index.
pub async fn texts_of_any_shape_are_found(store: &dyn Store) {
    let titles = [
        "100% \"sure\"",
        "a_b*c",
        "O'Brien",
        "x AND y",
        "ß ẞ İstanbul",
        "日本語のタイトル",
        "back\\slash",
        "tab\there",
    ];
    let tickets = titles.iter().enumerate().map(|(at_, title)| {
        let mut one = ticket(&at_.to_string(), TicketStatus::Todo, Some(at(0)));
        one.summary = (*title).to_owned();
        Fact::Ticket(one)
    });
    put(store, tickets, at(0)).await;
    let needles = [
        "100%",
        "%",
        "_b*",
        "\"sure\"",
        "o'b",
        "and",
        "x and y",
        "ẞ",
        "ß",
        "istanbul",
        "İ",
        "日本",
        "本語のタイトル",
        "\\",
        "\t",
        "*",
        "NEAR(a b)",
        "^100",
        "search:a",
        "-",
        "ticket 1",
        "a_b",
        "axb",
    ];
    let all: Vec<Entity> = page(store, &everything(Scope::All, Order::Newest)).await.items;
    for needle in needles {
        let term =
            qd_model::filter::Term { negated: false, test: qd_model::filter::Test::Text(needle.to_owned()) };
        let filter = Filter { terms: vec![term] };
        let query = ListQuery { filter: filter.clone(), ..everything(Scope::All, Order::Newest) };
        let expected = all
            .iter()
            .filter(|entity| filter.matches(&entity.fact, &entity.links, seen(entity, query.now)))
            .count();
        assert_eq!(page(store, &query).await.items.len(), expected, "{needle:?}");
    }
}

/// What sparklines are made of.
pub async fn recent_runs_of_a_line_are_added(store: &dyn Store) {
    let runs = (1..=6).map(|n| Fact::Run(run(&n.to_string(), Some(RunResult::Success), Some(at(n)))));
    put(store, runs.chain([Fact::Alert(alert("a", AlertState::Firing, None))]), at(10)).await;
    let current = |recent| async move {
        natives(&store.current(Recent::of_every_line(recent), None).await.expect("the store can be read"))
    };
    assert_eq!(current(0).await, ["6", "a"]);
    assert_eq!(current(3).await, ["6", "a", "5", "4", "3"]);
    assert_eq!(current(99).await, ["6", "a", "5", "4", "3", "2", "1"]);
    let then =
        natives(&store.current(Recent::of_every_line(1), Some(at(10))).await.expect("the store can be read"));
    assert_eq!(then, ["6", "a", "5"]);
    assert_eq!(now(store, &id(Kind::Run, "6")).await.fact.title(), "Run 6");
}

/// What is live is not what was tried last.
pub async fn what_is_live_is_added_when_the_latest_did_not_succeed(store: &dyn Store) {
    let deployed = |native: &str, environment: &str, status, secs| {
        Fact::Deployment(deployment(native, environment, status, Some(at(secs))))
    };
    use qd_model::DeploymentStatus::{Failed, Succeeded, Superseded};
    let facts = [
        deployed("1", "prod", Superseded, 1),
        deployed("2", "prod", Succeeded, 2),
        deployed("3", "prod", Failed, 3),
        deployed("4", "prod", Failed, 4),
        deployed("5", "stage", Succeeded, 5),
        deployed("6", "stage", Succeeded, 6),
        deployed("7", "dev", Failed, 7),
    ];
    put(store, facts, at(10)).await;
    let current = |as_of| async move {
        let mut found =
            natives(&store.current(Recent::of_every_line(5), as_of).await.expect("the store can be read"));
        found.sort();
        found
    };
    assert_eq!(current(None).await, ["2", "4", "6", "7"]);
    assert_eq!(current(Some(at(10))).await, ["2", "4", "6", "7"]);
}

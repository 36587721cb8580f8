//! Grouped lists over a real store.

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use qd_api::App;
use qd_api::commands::{EntityReq, RowsReq};
use qd_api::view::{BoardReq, BoardView, EntityLine, Line};
use qd_connector::testkit::{Described, descriptor};
use qd_connector::{Backend, Descriptor};
use qd_model::{
    Alert, AlertState, Clock, EntityId, Fact, Kind, Links, ManualClock, Observed, ServiceRef, Severity,
    Status, TicketStatus,
};
use qd_store::testkit::sample;
use qd_store_sqlite::SqliteStore;

use crate::home::{Home, connections};

static BELLS: Descriptor = descriptor("bells", &[Kind::Alert, Kind::Ticket]);
static BACKENDS: &[&dyn Backend] = &[&Described::by(&BELLS)];

/// The product over a store into which facts are put by hand. No source was read, so none is current.
struct World {
    app: App,
    store: Arc<SqliteStore>,
    clock: ManualClock,
    _home: Home,
}

impl World {
    async fn new() -> Self {
        let home = Home::new(&connections(&["am", "am-a", "am-b", "sample"]), sample::at(0));
        let store = home.history();
        let app = home.start(&store, BACKENDS).await;
        Self { app, store, clock: home.clock.clone(), _home: home }
    }

    /// What a source shows now.
    async fn put(&self, source: &str, facts: Vec<Fact>, service: impl Fn(&Fact) -> Option<String>) {
        let link = |fact: Fact| {
            let service = service(&fact).map(|name| ServiceRef { name, inferred: true });
            (fact, Links { service, environment: None })
        };
        let facts = facts.into_iter().map(link);
        sample::put_linked(&*self.store, &sample::named(source), facts, self.clock.now()).await;
    }

    async fn board(&self, change: impl Fn(&mut BoardReq)) -> BoardView {
        self.try_board(change).await.unwrap()
    }

    async fn try_board(&self, change: impl Fn(&mut BoardReq)) -> Result<BoardView, qd_api::ApiError> {
        let mut request = BoardReq {
            kind: Kind::Alert,
            query: String::new(),
            all: false,
            as_of: None,
            group: None,
            open: Vec::new(),
            inverted: false,
            storm: false,
            offset: 0,
            limit: 200,
            seen_seq: None,
        };
        change(&mut request);
        self.app.board(request).await
    }
}

fn alert(source: &str, print: &str, service: &str, state: AlertState) -> Alert {
    let mut alert = sample::alert(print, state, Some(sample::at(-60)));
    alert.origin.id = EntityId::new(&source.parse().unwrap(), Kind::Alert, print);
    alert.name = "Slow".to_owned();
    alert.labels = [("service", service), ("team", "sre")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    alert
}

fn by_label(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Alert(alert) => alert.labels.get("service").cloned(),
        _ => Some("shop".to_owned()),
    }
}

fn entities(view: &BoardView) -> Vec<&EntityLine> {
    view.lines
        .iter()
        .filter_map(|line| if let Line::Entity(entity) = line { Some(entity) } else { None })
        .collect()
}

#[tokio::test]
async fn the_same_alert_of_two_sources_is_one_line_with_both_sources() {
    let world = World::new().await;
    for source in ["am-a", "am-b"] {
        world.put(source, vec![Fact::Alert(alert(source, "f1", "shop", AlertState::Firing))], by_label).await;
    }
    world.put("am-a", vec![Fact::Alert(alert("am-a", "f2", "web", AlertState::Firing))], by_label).await;
    let view = world.board(|_| ()).await;
    assert_eq!((view.count, view.total, view.firing, view.unfiltered), (2, 2, 2, 3));
    let sources: Vec<_> = entities(&view).iter().map(|line| line.sources.clone()).collect();
    assert_eq!(sources, [vec!["am-a", "am-b"], vec!["am-a"]]);
}

#[tokio::test]
async fn groups_open_one_by_one_and_windows_of_lines_fit_together() {
    let world = World::new().await;
    let facts = (0..60).map(|n| {
        Fact::Alert(alert("am", &format!("f{n:03}"), ["shop", "web", "ledger"][n % 3], AlertState::Firing))
    });
    world.put("am", facts.collect(), by_label).await;
    let by_service = |request: &mut BoardReq| request.group = Some(vec!["service".to_owned()]);
    let closed = world.board(by_service).await;
    assert_eq!(closed.total, 3);
    let Line::Group(first) = &closed.lines[0] else { panic!("a group") };
    assert_eq!((first.values.clone(), first.count, first.firing), (vec![Some("ledger".to_owned())], 20, 20));
    let key = first.key.clone();
    let mut seen = Vec::new();
    for offset in (0..23).step_by(7) {
        let part = world
            .board(|request| {
                by_service(request);
                request.open = vec![key.clone()];
                (request.offset, request.limit) = (offset, 7);
            })
            .await;
        assert_eq!(part.total, 23);
        seen.extend(part.lines);
    }
    assert_eq!(seen.len(), 23, "no line twice, none left out");
    let inside = seen.iter().filter(|line| matches!(line, Line::Entity(line) if line.inside)).count();
    assert_eq!(
        (inside, matches!(seen[0], Line::Group(_)), matches!(seen[21], Line::Group(_))),
        (20, true, true)
    );
    let all = world
        .board(|request| (request.group, request.inverted) = (Some(vec!["service".to_owned()]), true))
        .await;
    assert_eq!(all.total, 63, "every group is open");
    let by_label = world.board(|request| request.group = Some(vec!["label:team".to_owned()])).await;
    assert_eq!(by_label.total, 1);
    assert!(
        by_label.keys.iter().any(|key| key.key == "label:team" && key.count == 60),
        "{:?}",
        by_label.keys
    );
}

#[tokio::test]
async fn ten_thousand_alerts_are_a_storm_of_few_lines() {
    let world = World::new().await;
    let facts: Vec<Fact> = (0..10_000)
        .map(|n| {
            let mut alert =
                alert("am", &format!("{n:016x}"), &format!("service-{}", n % 40), AlertState::Firing);
            alert.name = ["Slow", "Down", "Full"][n % 3].to_owned();
            alert.annotations.insert("summary".to_owned(), "x".repeat(200));
            Fact::Alert(alert)
        })
        .collect();
    world.put("am", facts, by_label).await;
    let start = Instant::now();
    let storm = world.board(|_| ()).await;
    let first = start.elapsed();
    assert_eq!((storm.storm, storm.total, storm.count), (true, 120, 10_000));
    assert_eq!(storm.group, ["service", "name"]);
    let start = Instant::now();
    let flat = world.board(|request| (request.group, request.offset) = (Some(Vec::new()), 5_000)).await;
    let second = start.elapsed();
    assert_eq!((flat.storm, flat.total, flat.lines.len()), (false, 10_000, 200), "one key out of it");
    eprintln!("10,000 alerts: {first:?} to make, {second:?} for a window");
    // A guard against reading everything for every window, far from what it takes.
    assert!(second < first, "a further window reads nothing anew");
    let same = world
        .board(|request| {
            (request.group, request.offset) = (Some(Vec::new()), 5_000);
            request.seen_seq = Some(flat.seq);
        })
        .await;
    assert!(same.unchanged && same.lines.is_empty());
    let few = world.board(|request| request.query = "service:service-7 name:slow".to_owned()).await;
    assert_eq!(
        (few.storm, few.count < 200),
        (false, true),
        "what is left of a storm by a filter is told one by one"
    );
}

#[tokio::test]
async fn a_flapping_alert_keeps_its_one_row_also_while_it_does_not_fire() {
    let world = World::new().await;
    for n in 0..7 {
        let state = if n % 2 == 0 { AlertState::Firing } else { AlertState::Resolved };
        world.put("am", vec![Fact::Alert(alert("am", "flaps", "shop", state))], by_label).await;
        world.clock.advance(TimeDelta::minutes(4));
    }
    let stopped = vec![Fact::Alert(alert("am", "flaps", "shop", AlertState::Resolved))];
    world.put("am", stopped, by_label).await;
    let view = world.board(|_| ()).await;
    let [line] = entities(&view)[..] else { panic!("one row: {view:?}") };
    assert_eq!(line.flap.map(|flap| flap.per_hour), Some(4));
    assert_eq!(
        (line.row.status, line.row.state.as_str()),
        (Status::Paging, "resolved"),
        "never drawn as fine"
    );
    assert_eq!(view.firing, 0, "what does not fire is not counted as firing");
    let none = world.board(|request| request.query = "state:firing".to_owned()).await;
    assert_eq!(none.count, 0, "a filter means what it says");
    world.clock.advance(TimeDelta::hours(2));
    assert_eq!(world.board(|_| ()).await.count, 0, "an hour later it is over");
}

#[tokio::test]
async fn the_alert_that_inhibits_is_named() {
    let world = World::new().await;
    let mut held = alert("am", "held", "shop", AlertState::Suppressed);
    held.inhibited_by = vec!["cause".to_owned(), "gone".to_owned()];
    let mut cause = alert("am", "cause", "shop", AlertState::Firing);
    cause.name = "DatacentreDown".to_owned();
    world.put("am", vec![Fact::Alert(held), Fact::Alert(cause)], by_label).await;
    let view = world.board(|request| request.query = "state:suppressed".to_owned()).await;
    let told = |list: &[qd_api::view::Inhibitor]| {
        list.iter().map(|it| (it.fingerprint.clone(), it.title.clone())).collect::<Vec<_>>()
    };
    let unknown = vec![("cause".to_owned(), None), ("gone".to_owned(), None)];
    assert_eq!(told(&entities(&view)[0].inhibitors), unknown, "the filter hides it from the list");
    let whole = world.board(|_| ()).await;
    let line = entities(&whole).into_iter().find(|line| !line.inhibitors.is_empty()).unwrap();
    let named = vec![("cause".to_owned(), Some("DatacentreDown".to_owned())), ("gone".to_owned(), None)];
    assert_eq!(told(&line.inhibitors), named);
    let entity = world.app.entity(EntityReq { id: "am/alert/held".to_owned(), as_of: None }).await.unwrap();
    assert_eq!(told(&entity.around.inhibitors), named);
}

#[tokio::test]
async fn an_alert_that_begins_in_the_future_says_so() {
    let world = World::new().await;
    let mut early = alert("am", "early", "shop", AlertState::Firing);
    early.starts_at = Some(sample::at(300));
    world.put("am", vec![Fact::Alert(early)], by_label).await;
    let ahead = |id: &str| world.app.entity(EntityReq { id: id.to_owned(), as_of: None });
    assert_eq!(ahead("am/alert/early").await.unwrap().around.ahead_secs, Some(300));
    world.clock.advance(TimeDelta::minutes(10));
    assert_eq!(ahead("am/alert/early").await.unwrap().around.ahead_secs, None);
}

#[tokio::test]
async fn tickets_are_grouped_by_service_and_marked_when_an_alert_fired_as_they_came() {
    let world = World::new().await;
    let mut fired = alert("am", "f", "shop", AlertState::Firing);
    fired.severity = Observed::new(Severity::High, "high");
    world.put("am", vec![Fact::Alert(fired)], by_label).await;
    let ticket = |native: &str, created: i64, labels: &[&str]| {
        let mut ticket = sample::ticket(native, TicketStatus::Todo, Some(sample::at(created)));
        ticket.labels = labels.iter().map(|label| (*label).to_owned()).collect();
        Fact::Ticket(ticket)
    };
    let tickets = vec![ticket("1", -30, &["customer"]), ticket("2", -90, &["regression"])];
    world.put("sample", tickets, by_label).await;
    let view = world
        .board(|request| {
            request.kind = Kind::Ticket;
            request.group = Some(vec!["service".to_owned()]);
            request.open = vec!["shop".to_owned()];
        })
        .await;
    let during: Vec<_> =
        entities(&view).iter().map(|line| (line.row.title.clone(), line.during.is_some())).collect();
    assert_eq!(during, [("Ticket 1".to_owned(), true), ("Ticket 2".to_owned(), false)]);
    for (query, expected) in [("type:customer", "Ticket 1"), ("type:regression", "Ticket 2")] {
        let view =
            world.board(|request| (request.kind, request.query) = (Kind::Ticket, query.to_owned())).await;
        assert_eq!(
            entities(&view).iter().map(|line| line.row.title.as_str()).collect::<Vec<_>>(),
            [expected]
        );
    }
}

#[tokio::test]
async fn a_state_nobody_knows_is_a_mistake_and_a_backends_word_is_none() {
    let world = World::new().await;
    world.put("am", vec![Fact::Alert(alert("am", "f", "shop", AlertState::Firing))], by_label).await;
    let ask = async |query: &str| world.try_board(|request| request.query = query.to_owned()).await;
    let rows = |query: &str| RowsReq {
        kind: Kind::Alert,
        query: query.to_owned(),
        all: false,
        as_of: None,
        newest: false,
        offset: 0,
        limit: 10,
        seen_seq: None,
    };
    for query in ["state:nonsense", "-state:firing state:firing,nonsense", "state:nons*"] {
        let error = ask(query).await.expect_err(query);
        assert_eq!(error.code, "bad_query");
        assert!(error.message.contains("firing, acknowledged, suppressed, resolved"), "{error}");
        assert_eq!(world.app.rows(rows(query)).await.expect_err(query).code, "bad_query");
    }
    assert_eq!(ask("state:active").await.unwrap().count, 1, "the backend's own word");
    for known in
        ["state:resolved", "state:paging service:nobody", "state:res*", "state:none", "service:nonsense"]
    {
        assert_eq!(ask(known).await.unwrap().count, 0, "{known}");
    }
}

#[tokio::test]
async fn a_board_of_the_past_shows_what_was_known_then() {
    let world = World::new().await;
    world.put("am", vec![Fact::Alert(alert("am", "f", "shop", AlertState::Firing))], by_label).await;
    world.clock.advance(TimeDelta::minutes(10));
    world.put("am", vec![Fact::Alert(alert("am", "f", "shop", AlertState::Resolved))], by_label).await;
    assert_eq!(world.board(|_| ()).await.count, 0);
    let then: DateTime<Utc> = sample::at(60);
    assert_eq!(world.board(|request| request.as_of = Some(then)).await.firing, 1);
}

//! What counts, what is shown of services, and what is told of connections, over a real store with facts put into it by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use qd_api::activity::ActivityReq;
use qd_api::commands::{
    ConnectionIdReq, ConnectionReq, EntityReq, Nothing, OverviewReq, RowsReq, TimelineReq,
};
use qd_api::view::{BoardReq, ConnectionDraft, HappenedReq, ProblemView, Row, RowMore};
use qd_api::{App, Listing};
use qd_connector::testkit::{Described, descriptor};
use qd_connector::{Backend, Descriptor, Secret};
use qd_model::{AlertState, Fact, Kind, Links, Observed, ServiceRef, Severity, Status};
use qd_store::testkit::sample::{alert, at, named, of_source, put_linked};
use qd_store_sqlite::SqliteStore;

use crate::home::{Home, read};

static BELLS: Descriptor = descriptor("bells", &[Kind::Alert]);
static BACKENDS: &[&dyn Backend] = &[&Described::by(&BELLS)];

/// The instant everything is looked at.
const NOW: i64 = 100_000;

struct House {
    home: Home,
    store: Arc<SqliteStore>,
}

impl House {
    fn new() -> Self {
        let home = Home::new("", at(NOW));
        let store = home.history();
        Self { home, store }
    }

    /// The product as another process opens it, with these connections.
    async fn app(&self, connections: &[&str]) -> App {
        std::fs::write(self.home.paths().config, crate::home::connections(connections)).unwrap();
        self.again().await
    }

    async fn again(&self) -> App {
        self.home.start(&self.store, BACKENDS).await
    }

    /// A source that was read so long ago and told of these alerts; those that begin with `i` only inform.
    async fn reads(&self, source: &str, secs_ago: i64, alerts: &[(&str, AlertState)]) {
        read(&*self.store, source, NOW - secs_ago).await;
        let id = named(source);
        let fact = |(native, state): &(&str, AlertState)| {
            let mut alert = alert(native, *state, Some(at(NOW - 600)));
            if native.starts_with('i') {
                alert.severity = Observed::new(Severity::Info, "info");
            }
            let alert = Fact::Alert(alert);
            let service = Some(ServiceRef { name: format!("{source}-shop"), inferred: true });
            (of_source(&id, alert), Links { service, environment: None })
        };
        put_linked(&*self.store, &id, alerts.iter().map(fact), at(NOW - secs_ago)).await;
    }

    /// The same of so many alerts that all fire.
    async fn fires(&self, source: &str, count: u32) {
        let names: Vec<String> = (1..=count).map(|number| number.to_string()).collect();
        let firing: Vec<_> = names.iter().map(|name| (name.as_str(), AlertState::Firing)).collect();
        self.reads(source, 5, &firing).await;
    }
}

/// Asks for alerts, whether they are over or not.
fn ask(query: &str, limit: u32) -> RowsReq {
    RowsReq {
        kind: Kind::Alert,
        query: query.to_owned(),
        all: true,
        as_of: None,
        newest: false,
        offset: 0,
        limit,
        seen_seq: None,
    }
}

async fn counted(app: &App) -> (Status, BTreeMap<Status, u32>) {
    let status = app.status(Nothing {}).await.unwrap();
    (status.worst, status.counts.iter().map(|count| (count.status, count.count)).collect())
}

#[tokio::test]
async fn what_a_removed_connection_said_does_not_count() {
    let house = House::new();
    house.reads("a", 5, &[("1", AlertState::Suppressed)]).await;
    house.reads("b", 5, &[("2", AlertState::Firing), ("3", AlertState::Firing)]).await;
    let both = house.app(&["a", "b"]).await;
    assert_eq!(counted(&both).await, (Status::Paging, [(Status::Paging, 2), (Status::Inactive, 1)].into()));
    let one = house.app(&["a"]).await;
    assert_eq!(counted(&one).await, (Status::Ok, [(Status::Inactive, 1)].into()));
    let none = house.app(&[]).await;
    assert_eq!(counted(&none).await, (Status::Unknown, BTreeMap::new()), "nothing is known, nothing is fine");
}

#[tokio::test]
async fn what_fires_for_information_is_told_from_what_was_set_aside() {
    let house = House::new();
    house.reads("a", 5, &[("1", AlertState::Suppressed), ("i", AlertState::Firing)]).await;
    house.reads("b", 5, &[("i2", AlertState::Firing), ("i3", AlertState::Suppressed)]).await;
    let check = async |connections: &[&str], expected| {
        let status = house.app(connections).await.status(Nothing {}).await.unwrap();
        let inactive = status.counts.iter().find(|count| count.status == Status::Inactive);
        assert_eq!((inactive.map_or(0, |count| count.count), status.informing), expected, "{connections:?}");
    };
    check(&["a"], (2, 1)).await;
    check(&["a", "b"], (4, 2)).await;
    check(&[], (0, 0)).await;
}

#[tokio::test]
async fn a_connection_that_cannot_be_used_keeps_everything_from_being_fine() {
    let house = House::new();
    house.reads("a", 5, &[("1", AlertState::Suppressed)]).await;
    let good = crate::home::connections(&["a"]);
    let check = async |more: &str, expected| {
        std::fs::write(house.home.paths().config, format!("{good}{more}")).unwrap();
        let status = house.again().await.status(Nothing {}).await.unwrap();
        assert_eq!((status.worst, status.left_out), expected, "{more}");
    };
    check("", (Status::Ok, 0)).await;
    check("[[connection]]\nid = \"b\"\nbackend = \"bels\"\n", (Status::Unknown, 1)).await;
    check("[[connection]]\nid = \"a\"\nbackend = \"bells\"\nurl = \"http://h\"\n", (Status::Unknown, 1))
        .await;
}

#[tokio::test]
async fn what_is_told_after_it_was_counted_counts_at_the_next_look() {
    let house = House::new();
    house.reads("a", 50, &[("1", AlertState::Firing), ("i", AlertState::Firing)]).await;
    let app = house.app(&["a"]).await;
    let check = async |expected: (u32, u32)| {
        for _ in 0..2 {
            let day = app.activity(ActivityReq::default()).await.unwrap();
            let alerts: u32 = day.services.iter().flat_map(|service| &service.alerts).sum();
            let informing = app.status(Nothing {}).await.unwrap().informing;
            assert_eq!((alerts, informing), expected);
        }
    };
    check((1, 1)).await;
    let more = ["1", "2", "i", "i2"].map(|native| (native, AlertState::Firing));
    house.reads("a", 5, &more).await;
    check((2, 2)).await;
}

#[tokio::test]
async fn what_a_source_that_is_not_current_said_is_not_counted_as_fine() {
    let house = House::new();
    house.reads("a", 5, &[("1", AlertState::Suppressed)]).await;
    house.reads("b", 50_000, &[("2", AlertState::Suppressed), ("3", AlertState::Firing)]).await;
    let (worst, counts) = counted(&house.app(&["a", "b"]).await).await;
    assert!(worst <= Status::Unknown, "{worst:?}");
    assert_eq!(counts.get(&Status::Ok), None, "{counts:?}");
    house.reads("b", 50_000, &[("3", AlertState::Resolved)]).await;
    let (worst, counts) = counted(&house.app(&["a", "b"]).await).await;
    assert_eq!(worst, Status::Unknown, "all is quiet as far as was seen, and b was not seen: {counts:?}");
}

#[tokio::test]
async fn what_a_current_source_tells_is_not_old_because_another_one_cannot_be_read() {
    let house = House::new();
    house.reads("a", 5, &[("1", AlertState::Firing), ("2", AlertState::Firing)]).await;
    house.reads("b", 50_000, &[("1", AlertState::Firing), ("3", AlertState::Firing)]).await;
    let status = house.app(&["a", "b"]).await.status(Nothing {}).await.unwrap();
    let paging: Vec<_> = status.counts.iter().map(|it| (it.status, it.count, it.stale)).collect();
    assert_eq!(paging, [(Status::Paging, 3, 1)], "of three only the one that b alone knows");
}

#[tokio::test]
async fn an_alert_that_two_sources_tell_of_counts_and_is_listed_once() {
    let house = House::new();
    house.reads("a", 5, &[("1", AlertState::Firing), ("2", AlertState::Suppressed)]).await;
    house.reads("b", 5, &[("1", AlertState::Firing), ("2", AlertState::Firing)]).await;
    let app = house.app(&["a", "b"]).await;
    assert_eq!(counted(&app).await.1, [(Status::Paging, 2)].into(), "the worse of what they say");
    let request = RowsReq { all: false, ..ask("", 1) };
    let sources = app.sources(None).await.unwrap();
    let Listing { listed, total, cut } = app.list(&request, &sources).await.unwrap();
    assert_eq!(
        (listed.len(), total, cut, listed[0].sources.len()),
        (1, 2, false, 2),
        "the limit is of lines"
    );
    let span = HappenedReq { from: at(0), to: at(NOW + 1), query: String::new(), limit: 100 };
    let strip = app.happened(span).await.unwrap();
    let alerts: Vec<u32> = strip.counts.iter().map(|counted| counted.count).collect();
    assert_eq!((alerts, strip.at_least), (vec![2], false), "also where a span of time says what is in it");
    let alone = house.app(&["b"]).await;
    let sources = alone.sources(None).await.unwrap();
    let request = RowsReq { limit: 10, query: "source:b".to_owned(), ..request };
    let all = alone.list(&request, &sources).await.unwrap().listed;
    assert!(all.iter().all(|listed| listed.sources.len() == 1));
}

#[tokio::test]
async fn services_only_a_removed_connection_told_of_are_gone() {
    let house = House::new();
    house.reads("a", 5, &[("1", AlertState::Firing)]).await;
    house.reads("b", 5, &[("2", AlertState::Firing)]).await;
    let names = |app: App| async move {
        let overview = app.overview(OverviewReq::default()).await.unwrap();
        assert_eq!(overview.needs_you.len(), overview.services.len());
        overview.services.into_iter().map(|service| service.name).collect::<Vec<_>>()
    };
    assert_eq!(names(house.app(&["a", "b"]).await).await, ["a-shop", "b-shop"]);
    assert_eq!(names(house.app(&["a"]).await).await, ["a-shop"], "not unknown for ever");
}

#[tokio::test]
async fn a_credential_for_one_session_is_told_as_such_whoever_asks() {
    let house = House::new();
    let app = house.app(&[]).await;
    let draft = ConnectionDraft {
        id: "bells".to_owned(),
        backend: "bells".to_owned(),
        url: String::new(),
        credential: "keychain".to_owned(),
        interval_secs: None,
        ca_file: None,
        settings: BTreeMap::new(),
    };
    let save = |secret: Option<&str>, session_only: bool, anew: bool| ConnectionReq {
        draft: draft.clone(),
        replaces: (!anew).then(|| "bells".to_owned()),
        secret: secret.map(|text| Secret::from(text.to_owned())),
        session_only,
    };
    assert!(app.connection_save(save(Some("hunter2"), true, true)).await.unwrap().session_only);
    assert!(app.connection_save(save(None, false, false)).await.unwrap().session_only, "it was kept");
    let other = house.again().await;
    assert!(other.connections(Nothing {}).await.unwrap()[0].session_only, "another process holds nothing");
    assert!(!app.connection_save(save(Some("hunter3"), false, false)).await.unwrap().session_only);
    app.connection_save(save(Some("hunter4"), true, false)).await.unwrap();
    app.connection_remove(ConnectionIdReq { id: "bells".to_owned() }).await.unwrap();
    assert!(!app.connection_save(save(None, false, true)).await.unwrap().session_only, "it went with it");
    other.stop().await;
    app.stop().await;
}

#[tokio::test]
async fn lists_leave_out_what_a_removed_connection_told_and_problems_name_it_once() {
    let house = House::new();
    house.reads("a", 5, &[("1", AlertState::Firing)]).await;
    house.reads("b", 5, &[("2", AlertState::Firing), ("3", AlertState::Firing)]).await;
    let told = async |app: &App| {
        let sources = app.sources(None).await.unwrap();
        let listed = app.list(&ask("", 1), &sources).await.unwrap().total;
        let rows = app.rows(ask("state:firing", 1)).await.unwrap();
        let board = BoardReq {
            kind: Kind::Alert,
            query: "state:firing".to_owned(),
            all: false,
            as_of: None,
            group: None,
            open: Vec::new(),
            inverted: false,
            storm: false,
            offset: 0,
            limit: 1,
            seen_seq: None,
        };
        let board = app.board(board).await.unwrap();
        let span = HappenedReq { from: at(0), to: at(NOW + 1), query: String::new(), limit: 100 };
        let strip = app.happened(span).await.unwrap().items.len();
        (listed, rows.total, rows.unfiltered, board.count, board.unfiltered, strip)
    };
    let both = house.app(&["a", "b"]).await;
    assert_eq!(told(&both).await, (3, 3, 3, 3, 3, 3));
    let named = async |app: &App| {
        let all = app.problems(Nothing {}).await.unwrap();
        let named = |it: &&ProblemView| matches!(it, ProblemView::Config { message, .. } if message.contains("connection b is no"));
        all.iter().filter(named).count()
    };
    assert_eq!(named(&both).await, 0);
    let one = house.app(&["a"]).await;
    assert_eq!(told(&one).await, (1, 1, 1, 1, 1, 1));
    assert_eq!(named(&one).await, 1);
    let entity = EntityReq { id: "b/alert/2".to_owned(), as_of: None };
    assert_eq!(one.entity(entity).await.unwrap().row.backend, "", "it can still be looked at");
}

#[tokio::test]
async fn the_last_day_the_timeline_and_the_choices_leave_out_what_a_removed_connection_told() {
    let house = House::new();
    for (source, native) in [("a", "1"), ("b", "2")] {
        house.reads(source, 300, &[(native, AlertState::Firing)]).await;
        house.reads(source, if source == "a" { 20 } else { 10 }, &[(native, AlertState::Resolved)]).await;
    }
    let told = async |app: &App| {
        let day = app.activity(ActivityReq::default()).await.unwrap();
        let day: Vec<String> = day.services.into_iter().map(|service| service.name).collect();
        let span = TimelineReq { from: at(0), to: at(NOW + 1), limit: 1 };
        let newest = app.timeline(span).await.unwrap().remove(0).service.unwrap();
        let overview = app.overview(OverviewReq::default()).await.unwrap();
        let last = overview.last[0].service.clone().unwrap();
        (day, newest, last)
    };
    let (day, newest, last) = told(&house.app(&["a", "b"]).await).await;
    assert_eq!(
        (day.join(" "), newest.as_str(), last.as_str()),
        ("a-shop b-shop".to_owned(), "b-shop", "b-shop")
    );
    let alone = house.app(&["a"]).await;
    let (day, newest, last) = told(&alone).await;
    assert_eq!((day.join(" "), newest.as_str(), last.as_str()), ("a-shop".to_owned(), "a-shop", "a-shop"));
    house.reads("a", 3, &[("9", AlertState::Firing)]).await;
    house.reads("b", 2, &[("8", AlertState::Firing)]).await;
    let choices = alone.narrow(Nothing {}).await.unwrap().services;
    assert_eq!(choices.into_iter().map(|choice| choice.name).collect::<Vec<_>>(), ["a-shop"]);
}

#[tokio::test]
async fn what_needs_a_person_is_counted_beyond_what_is_listed() {
    let house = House::new();
    house.fires("a", 15).await;
    let overview = house.app(&["a"]).await.overview(OverviewReq::default()).await.unwrap();
    assert_eq!((overview.needs_you.len(), overview.needs_total), (12, 15));
}

#[tokio::test]
async fn a_list_that_was_not_counted_to_its_end_says_so() {
    let house = House::new();
    house.fires("a", 100).await;
    let app = house.app(&["a"]).await;
    let check = async |query: &str, limit, expected: (u32, bool)| {
        let request = ask(query, limit);
        let view = app.rows(request.clone()).await.unwrap();
        let sources = app.sources(None).await.unwrap();
        let listing = app.list(&request, &sources).await.unwrap();
        assert_eq!((view.total, view.cut), expected, "{query:?}, {limit} of them");
        assert_eq!(
            (listing.total, listing.cut),
            (u64::from(expected.0), expected.1),
            "{query:?}, {limit} of them, in the terminal"
        );
    };
    check("", 2, (100, false)).await;
    check("state:firing", 2, (100, false)).await;
    check("alert", 2, (3, true)).await;
    check("alert", 200, (100, false)).await;
}

#[tokio::test]
async fn alerts_of_one_name_are_told_apart_where_only_their_names_are() {
    let house = House::new();
    read(&*house.store, "a", NOW - 5).await;
    let fact = |(native, name, instance): (&str, &str, &str)| {
        let mut alert = alert(native, AlertState::Firing, Some(at(NOW - 600)));
        alert.name = name.to_owned();
        alert.labels.insert("instance".to_owned(), instance.to_owned());
        let service = Some(ServiceRef { name: "shop".to_owned(), inferred: true });
        (of_source(&named("a"), Fact::Alert(alert)), Links { service, environment: None })
    };
    let alerts = [("1", "Slow", "web-1"), ("2", "Slow", "web-2"), ("3", "Down", "web-1")];
    put_linked(&*house.store, &named("a"), alerts.into_iter().map(fact), at(NOW - 5)).await;
    let overview = house.app(&["a"]).await.overview(OverviewReq::default()).await.unwrap();
    let apart = |row: &Row| match &row.more {
        RowMore::Alert { apart, .. } => apart.clone(),
        _ => None,
    };
    let mut told: Vec<_> =
        overview.needs_you.iter().map(|need| (need.row.title.clone(), apart(&need.row))).collect();
    told.sort();
    let expected = [("Down", None), ("Slow", Some("instance=web-1")), ("Slow", Some("instance=web-2"))];
    assert_eq!(told, expected.map(|(name, apart)| (name.to_owned(), apart.map(str::to_owned))));
}

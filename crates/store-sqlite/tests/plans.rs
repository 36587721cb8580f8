//! However a text is searched for (one by one, on the way through an index, or everywhere), the page is the same.

use std::cmp::Reverse;

use qd_model::{Fact, Filter, Kind, Ticket, TicketStatus};
use qd_store::testkit::sample::{at, put, ticket};
use qd_store::{ListQuery, Order, Scope, Store};
use qd_store_sqlite::SqliteStore;

const ALL: i64 = 9_000;

/// A few speak of a zebra, more of a heron, and every second of a pigeon.
fn tickets() -> Vec<Ticket> {
    let one = |number: i64| {
        // Not in the order in which they are stored.
        let begun = at((number * 7_919) % ALL);
        let status = if number % 3 == 0 { TicketStatus::Done } else { TicketStatus::Todo };
        let mut one = ticket(&number.to_string(), status, Some(begun));
        let of = |every: i64, word: &'static str| if number % every == 0 { word } else { "" };
        // Some were closed long after they were opened.
        let closed = begun + chrono::TimeDelta::seconds(number % 2_000);
        one.closed_at = (number % 6 == 0).then(|| closed.min(at(ALL)));
        one.summary = format!("{} {} {}", of(450, "zebra"), of(17, "heron"), of(2, "pigeon"));
        one
    };
    (0..ALL).map(one).collect()
}

#[tokio::test]
async fn a_page_is_the_same_whatever_way_leads_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = SqliteStore::open(&folder.path().join("history.db"), at(0)).expect("it opens");
    let tickets = tickets();
    put(&store, tickets.iter().cloned().map(Fact::Ticket), at(ALL)).await;
    for text in [
        "zebra",
        "heron",
        "pigeon",
        "heron pigeon",
        "er",
        "heron state:done",
        "heron age:<20m",
        "age:<20m",
        "age:>20m",
        "-pigeon heron",
    ] {
        for order in [Order::Newest, Order::Attention] {
            for (offset, limit) in [(0, 20), (35, 10), (0, 5_000)] {
                let filter = Filter::parse(text).expect("a query of this file can be read");
                let now = at(ALL);
                let query = ListQuery {
                    scope: Scope::All,
                    filter: filter.clone(),
                    order,
                    offset,
                    limit,
                    ..ListQuery::current(Kind::Ticket, now)
                };
                check(&store, &tickets, &query, text).await;
            }
        }
    }
}

/// The age of its row.
fn since(ticket: &Ticket) -> Option<chrono::DateTime<chrono::Utc>> {
    Fact::Ticket(ticket.clone()).since()
}

async fn check(store: &SqliteStore, tickets: &[Ticket], query: &ListQuery, text: &str) {
    let words: Vec<&str> = text.split(' ').collect();
    let fits = |ticket: &&Ticket| {
        words.iter().all(|word| match *word {
            "state:done" => ticket.status.state == TicketStatus::Done,
            "age:<20m" => since(ticket).is_some_and(|since| (query.now - since).num_seconds() < 1_200),
            "age:>20m" => since(ticket).is_some_and(|since| (query.now - since).num_seconds() > 1_200),
            "-pigeon" => !ticket.summary.contains("pigeon"),
            word => ticket.summary.contains(word),
        })
    };
    let mut expected: Vec<&Ticket> = tickets.iter().filter(fits).collect();
    let newest = |ticket: &&Ticket| Reverse(ticket.created_at);
    match query.order {
        Order::Newest => expected.sort_by_key(newest),
        Order::Attention => {
            expected.sort_by_key(|ticket| (Fact::Ticket((*ticket).clone()).signal().status, newest(ticket)));
        }
    }
    let (skip, limit) = (usize::try_from(query.offset).expect("it is small"), query.limit as usize);
    let shown: Vec<&str> =
        expected.iter().skip(skip).take(limit).map(|ticket| ticket.origin.id.native.as_str()).collect();
    let page = store.list(query).await.expect("the store can be read");
    let found: Vec<&str> = page.items.iter().map(|item| item.fact.id().native.as_str()).collect();
    assert_eq!(found, shown, "{text} by {:?} from {skip}", query.order);
    let all = expected.len() as u64;
    let told = if page.capped { page.total <= all && page.total > query.offset } else { page.total == all };
    assert!(told, "{text}: {} of {all} are told, capped: {}", page.total, page.capped);
}

//! The story of Harbour, read by the real connectors and told by the window's API.
#![allow(clippy::unwrap_used, reason = "a test panics where the product does something else")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use qd_api::desktop::{Notification, Notifier};
use qd_model::EntityId;
use qd_product_tests::Deck;
use serde_json::{Value, json};

async fn go(deck: &Deck, chapter: &str) -> Value {
    deck.call("demo_control", json!({ "playing": null, "speed": null, "chapter": chapter })).await
}

/// Waits until the polls have seen this version in an environment.
async fn runs(deck: &Deck, environment: &str, version: &str) {
    let query = format!("service:checkout env:{environment}");
    deck.until(&format!("{version} in {environment}"), || async {
        deck.rows("deployment", &query).await.into_iter().find(|row| row["title"] == version)
    })
    .await;
}

/// Waits until the polls have seen that no row of a kind matches a query.
async fn none(deck: &Deck, kind: &str, query: &str) {
    let empty = || async { deck.rows(kind, query).await.is_empty().then_some(()) };
    deck.until(&format!("no {kind} that matches {query}"), empty).await;
}

#[tokio::test]
async fn a_bad_deployment_is_followed_by_an_alert_tickets_and_a_rollback() {
    let deck = Deck::demo("calm").await;
    runs(&deck, "prod-eu", "v411").await;
    for source in ["github", "alerts", "tickets"] {
        let fresh = || async { (deck.health(source).await["state"] == "fresh").then_some(()) };
        deck.until(&format!("{source} is fresh"), fresh).await;
    }
    assert!(deck.rows("alert", "state:firing service:checkout").await.is_empty(), "it is calm");

    let state = go(&deck, "bad-deploy").await;
    assert_eq!((state["chapter"].clone(), state["playing"].clone()), (json!("bad-deploy"), json!(false)));
    runs(&deck, "prod-eu", "v412").await;

    go(&deck, "alert").await;
    let alert = deck.row("alert", "CheckoutLatencyBudgetBurn").await;
    assert_eq!((alert["status"].clone(), alert["environment"].clone()), (json!("paging"), json!("prod-eu")));
    let deployed = deck.rows("deployment", "service:checkout env:prod-eu").await.remove(0);
    assert!(deployed["occurred_at"].as_str() < alert["occurred_at"].as_str(), "the deployment came first");

    go(&deck, "tickets").await;
    deck.row("ticket", "service:checkout \"Paying takes forever\"").await;

    go(&deck, "rollback").await;
    runs(&deck, "prod-eu", "v411").await;
    none(&deck, "alert", "CheckoutLatencyBudgetBurn").await;

    go(&deck, "release").await;
    for environment in ["prod-eu", "prod-us"] {
        runs(&deck, environment, "v413").await;
    }
    none(&deck, "ticket", "\"Paying takes forever\"").await;

    go(&deck, "calm").await;
    runs(&deck, "prod-eu", "v411").await;
    none(&deck, "ticket", "\"Paying takes forever\"").await;
    deck.app.stop().await;
}

/// A leap of hours, on and back: nobody who looks meanwhile is told that all is unknown.
#[tokio::test]
async fn the_day_before_the_story_and_the_story_are_known_without_a_hole() {
    let deck = Deck::demo("calm").await;
    let mut state = Value::Null;
    for chapter in ["bad-deploy", "alert", "tickets", "release"] {
        state = go(&deck, chapter).await;
    }
    let now: DateTime<Utc> = state["now"].as_str().unwrap().parse().unwrap();
    let before = |minutes| now - TimeDelta::minutes(minutes);
    let asked =
        json!({ "from": before(24 * 60), "to": now, "step_secs": 900, "query": "", "seen_seq": null });
    let strip = deck.call("strip", asked).await;
    assert_eq!(strip["gaps"], json!([]), "the strip has no hatching");
    let asked = json!({ "query": "", "as_of": before(25), "seen_seq": null });
    let then = deck.call("overview", asked).await;
    let unread: Vec<_> =
        then["sources"].as_array().unwrap().iter().filter(|it| it["health"]["current"] != true).collect();
    assert!(unread.is_empty(), "between two chapters it was read: {unread:?}");
}

#[tokio::test]
async fn while_a_chapter_is_read_the_world_does_not_turn_unknown() {
    let deck = Deck::demo("calm").await;
    runs(&deck, "prod-eu", "v411").await;
    for chapter in ["release", "calm"] {
        let before = deck.call("status", json!({})).await["now"].clone();
        let onwards = chapter == "release";
        let told = AtomicBool::new(false);
        let leap = async {
            go(&deck, chapter).await;
            told.store(true, Ordering::Relaxed);
        };
        let look = async {
            let mut looks = 0;
            while !told.load(Ordering::Relaxed) {
                let status = deck.call("status", json!({})).await;
                let old: Vec<&Value> = status["sources"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|it| it["health"]["current"] != true)
                    .collect();
                assert!(old.is_empty(), "on the way to {chapter}: {old:?}");
                assert!([&before, &status["demo"]["now"]].contains(&&status["now"]), "no moment in between");
                looks += 1;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // Going back, an answer waits until the history is whole again.
            let least = if onwards { 3 } else { 0 };
            assert!(looks > least, "it was looked at while it was read");
        };
        tokio::join!(leap, look);
        let status = deck.call("status", json!({})).await;
        assert_eq!(status["now"], status["demo"]["now"], "the views' clock has moved");
        let overview = deck.call("overview", json!({ "query": "", "as_of": null, "seen_seq": null })).await;
        assert!(!overview["services"].as_array().unwrap().is_empty(), "{chapter} is shown");
    }
    deck.app.stop().await;
}

/// What a deck tells, without numbers of changes and without the ports of its servers.
async fn told(deck: &Deck) -> Value {
    let mut all = json!({});
    let overview = json!({ "query": "", "as_of": null, "seen_seq": null });
    all["services"] = deck.call("overview", overview).await["services"].clone();
    for kind in ["deployment", "run", "alert", "ticket"] {
        all[kind] = json!(deck.rows(kind, "").await);
    }
    let status = deck.call("status", json!({})).await;
    for part in ["counts", "worst", "now"] {
        all[part] = status[part].clone();
    }
    for source in status["sources"].as_array().unwrap() {
        let health = ["state", "current", "as_of"].map(|key| source["health"][key].clone());
        all[source["id"].as_str().unwrap()] = json!(health);
    }
    plain(&all)
}

fn plain(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.iter().filter(|(key, _)| *key != "seq").map(|(key, it)| (key.clone(), plain(it))).collect()
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::String(text) => match text.split_once("127.0.0.1:") {
            Some((before, after)) => {
                json!(format!("{before}{}", after.trim_start_matches(|it: char| it.is_ascii_digit())))
            }
            None => value.clone(),
        },
        other => other.clone(),
    }
}

/// Where two values differ first.
fn difference(path: &str, left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            a.iter().find_map(|(key, it)| difference(&format!("{path}.{key}"), it, &b[key]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).zip(0..).find_map(|((a, b), place)| difference(&format!("{path}[{place}]"), a, b))
        }
        _ => (left != right).then(|| format!("{path}: {left} is not {right}")),
    }
}

/// Whoever goes back to a chapter is told what somebody is told who begins there.
#[tokio::test]
async fn going_back_shows_what_a_fresh_start_shows_and_nothing_else_meanwhile() {
    let deck = Deck::demo("release").await;
    for (chapter, playing) in
        [("calm", false), ("bad-deploy", false), ("release", true), ("bad-deploy", true), ("calm", true)]
    {
        let fresh = Deck::demo(chapter).await;
        let expected = told(&fresh).await;
        fresh.app.stop().await;
        deck.call("demo_control", json!({ "playing": playing, "speed": 60, "chapter": null })).await;
        tokio::time::sleep(Duration::from_millis(300)).await;

        let done = AtomicBool::new(false);
        let leap = async {
            let stay = json!({ "playing": false, "speed": 60, "chapter": chapter });
            deck.call("demo_control", stay).await;
            done.store(true, Ordering::Relaxed);
        };
        let look = async {
            while !done.load(Ordering::Relaxed) {
                let overview = json!({ "query": "", "as_of": null, "seen_seq": null });
                let services = deck.call("overview", overview).await["services"].clone();
                let services = services.as_array().unwrap();
                assert_eq!(services.len(), expected["services"].as_array().unwrap().len(), "all are there");
                let unknown = services.iter().find(|it| it["status"] == "unknown" || it["stale"] == true);
                assert_eq!(unknown, None, "on the way to {chapter}");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::join!(leap, look);
        let told = told(&deck).await;
        assert_eq!(difference(chapter, &told, &expected), None);
    }
    deck.app.stop().await;
}

#[tokio::test]
async fn what_a_person_does_in_the_demo_takes_effect_and_is_seen_by_the_next_poll() {
    let deck = Deck::demo("alert").await;

    let alert = deck.row("alert", "state:firing CheckoutLatencyBudgetBurn").await;
    let action = deck.act(&alert, "silence", &[("comment", "known"), ("duration", "2h")]).await;
    assert_eq!(action["outcome"], "accepted", "{action}");
    let held = deck.row("alert", "state:suppressed CheckoutLatencyBudgetBurn").await;
    assert_eq!(held["more"]["silences"][0]["comment"], "known");

    let run = deck.row("run", "state:failing service:identity").await;
    let log = deck.call("log", json!({ "id": run["id"], "as_of": null })).await;
    assert!(log.to_string().contains("login::login_test"), "the failing step's own lines: {log}");
    let action = deck.act(&run, "rerun_failed", &[]).await;
    assert_eq!(action["outcome"], "accepted", "{action}");
    let again = deck.until("a second attempt", || async {
        let rows = deck.rows("run", "service:identity").await;
        rows.into_iter().find(|row| row["id"] == run["id"] && row["more"]["attempt"] == 2)
    });
    assert_eq!(again.await["status"], "running", "time stands, so it does not end");

    let ticket = deck.rows("ticket", "").await.remove(0);
    let action = deck.act(&ticket, "comment", &[("body", "we look into it")]).await;
    assert_eq!(action["outcome"], "accepted", "{action}");
    let detail = deck.call("detail", json!({ "id": ticket["id"], "as_of": null })).await;
    assert!(detail.to_string().contains("we look into it"), "{detail}");
    deck.app.stop().await;
}

/// Keeps the titles of what would be shown outside the window.
#[derive(Default)]
struct Shown(Mutex<Vec<String>>);

#[async_trait]
impl Notifier for Shown {
    async fn show(&self, notification: Notification) -> Result<(), String> {
        self.0.lock().unwrap().push(notification.title);
        Ok(())
    }
    async fn withdraw(&self, _: &EntityId) {}
}

#[tokio::test]
async fn what_the_demo_says_outside_its_window_is_marked() {
    let deck = Deck::demo("alert").await;
    let tray = Box::pin(deck.app.tray()).next().await.unwrap();
    assert!(tray.summary.starts_with("DEMO · Quarterdeck: paging ("), "{}", tray.summary);

    let shown = Arc::new(Shown::default());
    let (app, notifier) = (deck.app.clone(), shown.clone());
    let telling = tokio::spawn(async move { app.run_notifications(notifier).await });
    let taken = || async { deck.app.call("notifications_test", json!({})).await.ok() };
    deck.until("the desktop takes a notification", taken).await;
    let titles = shown.0.lock().unwrap().clone();
    assert!(titles.iter().all(|title| title.starts_with("DEMO · ")), "{titles:?}");
    assert!(titles.contains(&"DEMO · Notifications work".to_owned()), "{titles:?}");
    deck.app.stop().await;
    telling.abort();
}

#[tokio::test]
async fn a_world_in_which_nothing_happens_costs_no_quota() {
    let deck = Deck::demo("calm").await;
    let github = || async {
        let connections = deck.call("connections", json!({})).await;
        connections.as_array().unwrap().iter().find(|it| it["draft"]["id"] == "github").unwrap().clone()
    };
    let unchanged = |connection: &Value| connection["unchanged_last_hour"].as_u64().unwrap();
    let left = |connection: &Value| connection["health"]["quota_remaining"].as_u64().unwrap();
    let poll_until_more = |than: u64| {
        let github = &github;
        deck.until("another poll", move || async move {
            Some(github().await).filter(|connection| unchanged(connection) > than + 20)
        })
    };
    let first = poll_until_more(unchanged(&github().await)).await;
    let second = poll_until_more(unchanged(&first)).await;
    assert_eq!(left(&first), left(&second), "not modified is free");
    deck.app.stop().await;
}

#[tokio::test]
async fn real_connections_never_appear_in_the_demo() {
    let deck = Deck::demo("calm").await;
    let draft = json!({
        "id": "mine", "backend": "alertmanager", "url": "http://127.0.0.1:9", "credential": "none",
        "interval_secs": null, "ca_file": null, "settings": {},
    });
    let request = json!({ "draft": draft, "replaces": null, "secret": null, "session_only": false });
    let refused = deck.app.call("connection_save", request).await.unwrap_err();
    assert_eq!(refused.code, "refused", "{refused}");

    let config = deck.app.paths().config.clone();
    let mut text = std::fs::read_to_string(&config).unwrap();
    text.push_str("\n[[connection]]\nid = \"mine\"\nbackend = \"alertmanager\"\nurl = \"http://127.0.0.1:9\"\ncredential = \"none\"\n");
    std::fs::write(&config, text).unwrap();
    deck.app.reload().await.unwrap();
    let ids: Vec<String> = deck.app.entries().iter().map(|entry| entry.id.to_string()).collect();
    assert_eq!(ids, ["github", "alerts", "tickets"], "what is written into its file by hand is left out");
    deck.app.stop().await;
}

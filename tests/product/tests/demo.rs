//! The story of Harbour, read by the real connectors and told by the window's API.
#![allow(clippy::unwrap_used, reason = "a test panics where the product does something else")]

use qd_product_tests::Deck;
use serde_json::{Value, json};

async fn go(deck: &Deck, chapter: &str) -> Value {
    deck.call("demo_control", json!({ "playing": null, "speed": null, "chapter": chapter })).await
}

async fn live(deck: &Deck, environment: &str) -> String {
    let query = format!("service:checkout env:{environment}");
    deck.rows("deployment", &query).await[0]["title"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_bad_deployment_is_followed_by_an_alert_tickets_and_a_rollback() {
    let deck = Deck::demo("calm").await;
    assert_eq!(live(&deck, "prod-eu").await, "v411");
    assert!(deck.rows("alert", "state:firing service:checkout").await.is_empty(), "it is calm");
    for source in ["github", "alerts", "tickets"] {
        assert_eq!(deck.health(source).await["state"], "fresh", "{source}");
    }

    let state = go(&deck, "bad-deploy").await;
    assert_eq!((state["chapter"].clone(), state["playing"].clone()), (json!("bad-deploy"), json!(false)));
    assert_eq!(live(&deck, "prod-eu").await, "v412");

    go(&deck, "alert").await;
    let alert = deck.row("alert", "CheckoutLatencyBudgetBurn").await;
    assert_eq!((alert["status"].clone(), alert["environment"].clone()), (json!("paging"), json!("prod-eu")));
    let deployed = deck.rows("deployment", "service:checkout env:prod-eu").await.remove(0);
    assert!(deployed["occurred_at"].as_str() < alert["occurred_at"].as_str(), "the deployment came first");

    go(&deck, "tickets").await;
    assert_eq!(deck.rows("ticket", "service:checkout \"Paying takes forever\"").await.len(), 1);

    go(&deck, "rollback").await;
    assert_eq!(live(&deck, "prod-eu").await, "v411");
    assert!(deck.rows("alert", "CheckoutLatencyBudgetBurn").await.is_empty(), "it is over");

    go(&deck, "release").await;
    assert_eq!((live(&deck, "prod-eu").await, live(&deck, "prod-us").await), ("v413".into(), "v413".into()));
    assert!(deck.rows("ticket", "\"Paying takes forever\"").await.is_empty(), "it is closed");

    go(&deck, "calm").await;
    assert_eq!(live(&deck, "prod-eu").await, "v411", "going back begins anew");
    assert!(deck.rows("ticket", "\"Paying takes forever\"").await.is_empty(), "nobody has written yet");
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
    let action = deck.act(&ticket, "comment", &[("comment", "we look into it")]).await;
    assert_eq!(action["outcome"], "accepted", "{action}");
    let detail = deck.call("detail", json!({ "id": ticket["id"], "as_of": null })).await;
    assert!(detail.to_string().contains("we look into it"), "{detail}");
    deck.app.stop().await;
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

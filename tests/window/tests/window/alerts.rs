//! The main job, on a real Alertmanager: see an alert, silence it, see its server die and come back.

use qd_servers::{Alertmanager, or_skip};
use qd_window_tests::{Page, Rig, until};
use serde_json::json;

use crate::support::{ask_often, folder, new_connection};

const TEST: &str = "an_alert_is_seen_silenced_freed_and_goes_stale_with_its_server";
const ROW: &str = "[data-testid=\"row\"]";
const GREEN: &str = ".mark.ok, .mark.passed";

#[tokio::test]
async fn an_alert_is_seen_silenced_freed_and_goes_stale_with_its_server() {
    let Some(mut rig) = Rig::ready(TEST) else { return };
    let Some(mut alertmanager) = or_skip(TEST, Alertmanager::start(&folder(&rig, "alertmanager"))) else {
        return;
    };
    let page = rig.open().await;

    new_connection(&page, "alertmanager").await;
    page.fill("conn-url", &alertmanager.url()).await;
    page.fill("conn-id", "alerts").await;
    page.choose("conn-credential", "none").await;
    ask_often(&page).await;
    page.click("conn-test").await;
    page.see_css("[data-testid=\"check-report\"][data-passed=\"true\"]").await;
    page.picture("story-connection-tested").await;
    page.click("conn-save").await;
    page.see_css("[data-testid=\"source-alerts\"][data-state=\"fresh\"]").await;

    page.click("rail-alerts").await;
    page.see("empty-good").await;
    fire(&alertmanager, "CheckoutSlow");
    page.read_css(ROW, "the alert, without a reload", |text| text.contains("CheckoutSlow")).await;
    let config = std::fs::read_to_string(rig.home().join("config.toml")).unwrap();
    assert!(config.contains("id = \"alerts\"") && config.contains("credential = \"none\""), "{config}");

    silence(&page, &alertmanager).await;
    free(&page, &alertmanager).await;
    die_and_recover(&page, &mut alertmanager).await;
}

fn fire(alertmanager: &Alertmanager, name: &str) {
    let alert = json!([{
        "labels": { "alertname": name, "service": "shop", "severity": "critical", "environment": "production" },
        "annotations": { "summary": "p99 of the checkout is above 2 s" },
        "generatorURL": "http://127.0.0.1:9090/graph",
    }]);
    alertmanager.post_alerts(&alert).unwrap();
}

async fn silence(page: &Page, alertmanager: &Alertmanager) {
    page.click_css(ROW).await;
    page.click("action-silence").await;
    page.read("action-preview", "one alert", |text| {
        text.contains("1 alert") && text.contains("CheckoutSlow")
    })
    .await;
    page.picture("story-silence-preview").await;
    page.fill("action-field-comment", "known, being fixed").await;
    page.click("action-send").await;
    page.gone("[data-testid=\"action-form\"]").await;
    page.read_css(ROW, "silenced", |text| {
        text.to_lowercase().contains("silenced") || text.contains("suppressed")
    })
    .await;
    assert_eq!(active_silences(alertmanager), 1, "one click, one silence");
    page.picture("story-silenced").await;
}

async fn free(page: &Page, alertmanager: &Alertmanager) {
    page.click("action-expire").await;
    page.click("action-send").await;
    page.gone("[data-testid=\"action-form\"]").await;
    until("the silence has ended", || (active_silences(alertmanager) == 0).then_some(())).await;
    page.read_css(ROW, "firing again", |text| {
        !text.to_lowercase().contains("silenced") && !text.contains("suppressed")
    })
    .await;
    page.click("inspector-close").await;
}

async fn die_and_recover(page: &Page, alertmanager: &mut Alertmanager) {
    alertmanager.kill();
    page.see_css("[data-testid=\"source-alerts\"][data-state=\"unreachable\"]").await;
    page.see_css("[data-testid=\"row\"].stale").await;
    assert_eq!(page.count(&format!("{ROW}:not(.stale)")).await, 0, "every row of a dead server is hatched");
    assert_eq!(page.count(GREEN).await, 0, "nothing of a dead server is green");
    page.picture("story-stale-alerts").await;
    page.click("rail-overview").await;
    page.see_css("[data-testid=\"row\"].stale").await;
    assert_eq!(page.count(GREEN).await, 0);
    page.picture("story-stale-overview").await;

    alertmanager.restart().unwrap();
    fire(alertmanager, "CheckoutSlow");
    page.click("rail-alerts").await;
    page.click("refresh").await;
    page.see_css("[data-testid=\"source-alerts\"][data-state=\"fresh\"]").await;
    page.see_css(&format!("{ROW}:not(.stale)")).await;
}

fn active_silences(alertmanager: &Alertmanager) -> usize {
    let silences = alertmanager.silences().unwrap();
    silences.as_array().unwrap().iter().filter(|it| it["status"]["state"] == "active").count()
}

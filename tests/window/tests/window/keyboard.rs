//! Connections of one's own, by the keyboard alone: from the first run to an alert and a build of real servers.

use qd_servers::{Alertmanager, Buildbot, or_skip};
use qd_window_tests::{Page, Rig};
use serde_json::json;

use crate::support::folder;

const TEST: &str = "alertmanager_and_buildbot_are_connected_by_keyboard_alone";

#[tokio::test]
async fn alertmanager_and_buildbot_are_connected_by_keyboard_alone() {
    let Some(mut rig) = Rig::ready(TEST) else { return };
    let Some(alertmanager) = or_skip(TEST, Alertmanager::start(&folder(&rig, "alertmanager"))) else {
        return;
    };
    let Some(buildbot) = or_skip(TEST, Buildbot::start(&folder(&rig, "buildbot"))) else { return };
    let alert = json!([{
        "labels": { "alertname": "CheckoutSlow", "service": "shop", "severity": "critical" },
        "annotations": { "summary": "p99 of the checkout is above 2 s" },
    }]);
    alertmanager.post_alerts(&alert).unwrap();
    buildbot.force("app-flaky").unwrap();

    let page = rig.open().await;
    page.has_focus("first-demo").await;
    page.press("ArrowDown").await;
    page.has_focus("first-connection").await;
    page.press("Enter").await;
    connect(&page, "alertmanager", &alertmanager.url()).await;
    page.press("Mod+Shift+A").await;
    connect(&page, "buildbot", &buildbot.url()).await;

    page.press("g a").await;
    page.has_focus("list").await;
    look(&page, "CheckoutSlow", "p99 of the checkout").await;
    page.press("g p").await;
    page.has_focus("list").await;
    look(&page, "app-flaky", "unit tests").await;
}

/// From the list of backends to a source that was read.
async fn connect(page: &Page, backend: &str, url: &str) {
    page.see("conn-pick").await;
    page.arrow_to("ArrowDown", &format!("backend-{backend}")).await;
    page.press("Enter").await;
    page.has_focus("conn-url").await;
    page.type_text(url).await;
    page.tab_to("conn-test").await;
    page.press("Enter").await;
    page.see_css("[data-testid=\"check-report\"][data-passed=\"true\"]").await;
    page.has_focus("conn-test").await;
    page.picture(&format!("keys-{backend}-tested")).await;
    page.tab_to("conn-save").await;
    page.press("Enter").await;
    page.see_css(&format!("[data-testid=\"source-{backend}\"][data-state=\"fresh\"]")).await;
    page.has_focus("list").await;
}

/// Opens the first row, reads what its backend says, and is in the list again.
async fn look(page: &Page, title: &str, said: &str) {
    page.read_css("[data-testid=\"row\"]", title, |text| text.contains(title)).await;
    page.press("j Enter").await;
    page.read("inspector", said, |text| text.contains(said)).await;
    page.pane("inspector").await;
    page.press("Escape").await;
    page.gone("[data-testid=\"inspector\"]").await;
    page.has_focus("list").await;
}

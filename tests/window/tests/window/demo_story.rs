//! The first five minutes without an account, by the keyboard alone: from a machine without configuration to a version that
//! was rolled back in Harbour, and back to connections of one's own.

use qd_window_tests::{Page, Rig};

const TEST: &str = "a_newcomer_follows_a_bad_deployment_to_its_rollback_by_keyboard_alone";
const ALERT: &str = "CheckoutLatencyBudgetBurn";

#[tokio::test]
async fn a_newcomer_follows_a_bad_deployment_to_its_rollback_by_keyboard_alone() {
    let Some(mut rig) = Rig::ready(TEST) else { return };
    let page = rig.open_alone().await;
    page.has_focus("first-demo").await;
    page.picture("keys-first-run").await;
    let real = rig.log();
    page.press_last("Enter").await;

    let page = rig.reopened_as_demo().await;
    page.read("demo-bar", "Harbour", |text| text.contains("DEMO") && text.contains("Harbour")).await;
    page.see_css("[data-testid=\"row\"][data-key=\"identity\"]").await;
    page.picture("keys-demo-begins").await;

    play_and_stop(&page).await;
    page.tab_to("tour-next").await;
    for chapter in ["bad-deploy", "alert"] {
        page.press("Enter").await;
        reached(&page, chapter).await;
        page.has_focus("tour-next").await;
    }
    silence_the_alert(&page).await;
    compare_the_versions(&page).await;
    roll_back(&page).await;
    end_of_the_story(&page).await;

    page.press_last("Mod+Shift+A").await;
    let page = rig.reopened(&real).await;
    page.see_css("main[data-view=\"connections\"]").await;
    page.has_focus("conn-add").await;
    assert_eq!(page.count("[data-testid=\"demo-bar\"]").await, 0, "this is no demo any more");
}

/// Waits until every source was read at a chapter.
async fn reached(page: &Page, chapter: &str) {
    page.see_css(&format!("[data-testid=\"demo-bar\"][data-chapter=\"{chapter}\"]")).await;
    page.gone("[data-testid=\"demo-bar\"] [aria-busy]").await;
    page.gone("[data-testid^=\"tour\"] [aria-busy]").await;
}

async fn play_and_stop(page: &Page) {
    page.pane("demo").await;
    page.has_focus("demo-play").await;
    for playing in ["true", "false"] {
        page.press("Enter").await;
        page.see_css(&format!("[data-testid=\"demo-bar\"][data-playing=\"{playing}\"]")).await;
        page.has_focus("demo-play").await;
    }
}

async fn silence_the_alert(page: &Page) {
    page.press("g a").await;
    page.has_focus("list").await;
    search(page, ALERT).await;
    page.gone("[data-testid=\"row\"]:nth-child(2)").await;
    page.read_css("[data-testid=\"row\"]", "the alert", |text| text.contains(ALERT)).await;
    page.press("j Enter").await;
    page.read("inspector", "what burns", |text| text.contains("1.9 s")).await;
    page.has_focus("list").await;
    page.pane("inspector").await;
    page.tab_to("action-silence").await;
    page.press("Enter").await;
    page.has_focus("action-field-comment").await;
    page.type_text("known, we roll back").await;
    page.read("action-preview", "one alert", |text| text.contains("1 alert")).await;
    page.picture("keys-silence").await;
    page.tab_to("action-send").await;
    page.press("Enter").await;
    page.gone("[data-testid=\"action-form\"]").await;
    page.has_focus("action-outcome").await;
    page.read_css("[data-testid=\"row\"]", "silenced", |text| text.to_lowercase().contains("silenced")).await;
    page.press("Escape").await;
    page.gone("[data-testid=\"inspector\"]").await;
    page.has_focus("list").await;
}

async fn compare_the_versions(page: &Page) {
    page.press("g d").await;
    page.has_focus("matrix").await;
    search(page, "service:checkout").await;
    page.gone("[data-testid=\"row\"]:not([data-key=\"checkout\"])").await;
    // Half a name is nobody's: for a moment there was no row at all.
    page.see_css("[data-testid=\"row\"][data-key=\"checkout\"]").await;
    page.has_focus("matrix").await;
    page.press("j").await;
    let current = ".cell.current";
    page.see_css(current).await;
    while page.script(&format!("return document.querySelector('{current}')?.dataset.column")).await
        != "prod-eu"
    {
        let before = page.script(&format!("return document.querySelector('{current}')?.id ?? ''")).await;
        page.press("ArrowRight").await;
        let after = page.script(&format!("return document.querySelector('{current}')?.id ?? ''")).await;
        assert_ne!(before, after, "there is no column prod-eu");
    }
    page.press("Enter").await;
    page.read("steps", "the bad deployment", |text| text.contains("v412")).await;
    page.pane("inspector").await;
    page.tab_to("tab-history").await;
    page.press("ArrowRight").await;
    page.has_focus("tab-compare").await;
    page.tab_to("compare-ask").await;
    page.press("Enter").await;
    page.read("compare-told", "the commit that is the cause", |text| text.contains("Raise the retry budget"))
        .await;
    page.has_focus("compare-ask").await;
    page.picture("keys-compare").await;
}

async fn roll_back(page: &Page) {
    page.pane("demo").await;
    page.tab_to("demo-chapter-rollback").await;
    page.press("Enter").await;
    reached(page, "rollback").await;
    let cell = "[data-key=\"checkout\"] [data-column=\"prod-eu\"]";
    page.read_css(cell, "the version before", |text| text.contains("v411")).await;
    page.has_focus("demo-chapter-rollback").await;
    page.pane("inspector").await;
    page.tab_to("tab-compare").await;
    page.press("ArrowLeft").await;
    page.see("rollback").await;
    page.picture("keys-rolled-back").await;
    page.press("Escape").await;
    page.has_focus("matrix").await;
}

async fn end_of_the_story(page: &Page) {
    page.press("Mod+K").await;
    page.has_focus("palette-input").await;
    page.type_text("demo release").await;
    page.see("palette-item").await;
    page.picture("keys-palette").await;
    page.read_css("[data-testid=\"palette-item\"][aria-selected=\"true\"]", "the last chapter", |text| {
        text.contains("Demo: Release")
    })
    .await;
    page.press("Enter").await;
    reached(page, "release").await;
    page.see("tour-end").await;
    page.has_focus("matrix").await;
    page.picture("keys-end").await;
}

/// Filters the list that is shown, and is in it again.
async fn search(page: &Page, words: &str) {
    page.press("/").await;
    page.has_focus("filter").await;
    page.type_text(words).await;
    page.press("Escape").await;
}

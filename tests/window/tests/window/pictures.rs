//! Pictures of every view with real content, left in `target/screenshots` for people to look at.

use qd_servers::{Alertmanager, Buildbot, Redmine, or_skip};
use qd_window_tests::{Page, Rig};
use serde_json::{Value, json};

use crate::support::folder;

const TEST: &str = "every_view_shows_real_content_in_both_themes_and_sizes";
const VIEWS: [&str; 6] = ["overview", "pipelines", "deployments", "alerts", "tickets", "connections"];

#[tokio::test]
async fn every_view_shows_real_content_in_both_themes_and_sizes() {
    let Some(rig) = Rig::ready(TEST) else { return };
    let Some(alertmanager) = or_skip(TEST, Alertmanager::start(&folder(&rig, "alertmanager"))) else {
        return;
    };
    let Some(buildbot) = or_skip(TEST, Buildbot::start(&folder(&rig, "buildbot"))) else { return };
    let Some(redmine) = or_skip(TEST, Redmine::start(&folder(&rig, "redmine"))) else { return };
    alertmanager.post_alerts(&alerts()).unwrap();
    for builder in ["app-build", "app-flaky", "deploy-production"] {
        buildbot.force(builder).unwrap();
    }
    std::fs::write(rig.home().join("config.toml"), config(&alertmanager, &buildbot, &redmine)).unwrap();
    let mut rig = rig.with_variable("REDMINE_KEY", redmine.api_key());

    for (width, height) in [(1280, 800), (1920, 1080)] {
        rig.next_size(width, height);
        let page = rig.open().await;
        for source in ["alerts", "ci", "tickets"] {
            page.see_css(&format!("[data-testid=\"source-{source}\"][data-state=\"fresh\"]")).await;
        }
        page.click("rail-pipelines").await;
        page.see_css("main[data-view=\"pipelines\"] [data-testid=\"row\"] svg.failing").await;
        page.click("rail-deployments").await;
        // No mark of it is green while an alert fires there: the word is all there is to see.
        let row = "main[data-view=\"deployments\"] [data-testid=\"row\"]";
        page.read_css(row, "a deployment that ended well", |text| text.contains("deployed")).await;
        let size = page.script("return [innerWidth, innerHeight]").await;
        assert_eq!(size, json!([width, height]), "the window has the size it was closed with");
        for theme in ["light", "dark"] {
            page.wear(theme).await;
            for view in VIEWS {
                picture(&page, view, &format!("{width}-{theme}")).await;
            }
        }
    }
}

async fn picture(page: &Page, view: &str, suffix: &str) {
    page.click(&format!("rail-{view}")).await;
    page.see("row").await;
    page.gone("[data-testid=\"loading\"]").await;
    page.picture(&format!("{view}-{suffix}")).await;
    // In the middle of a service's row are numbers that lead elsewhere.
    let row = if view == "overview" { "[data-testid=\"row\"] .name" } else { "[data-testid=\"row\"]" };
    page.click_css(row).await;
    page.see_css(".panel[aria-busy=\"false\"]").await;
    page.picture(&format!("{view}-open-{suffix}")).await;
    page.click("inspector-close").await;
}

fn alerts() -> Value {
    let alert = |name: &str, service: &str, severity: &str, summary: &str| {
        json!({
            "labels": { "alertname": name, "service": service, "severity": severity, "environment": "production" },
            "annotations": { "summary": summary },
            "generatorURL": "http://127.0.0.1:9090/graph",
        })
    };
    json!([
        alert("CheckoutSlow", "shop", "critical", "p99 of the checkout is above 2 s for 5 minutes"),
        alert("ErrorBudgetBurn", "shop", "warning", "the error budget burns 6 times too fast"),
        alert("DiskFillsUp", "warehouse", "warning", "/var is 91 % full and grows"),
        alert("CertificateExpires", "search", "info", "the certificate ends in 12 days"),
    ])
}

fn config(alertmanager: &Alertmanager, buildbot: &Buildbot, redmine: &Redmine) -> String {
    format!(
        r#"[[connection]]
id = "alerts"
backend = "alertmanager"
url = "{}"
credential = "none"

[[connection]]
id = "ci"
backend = "buildbot"
url = "{}"
credential = "none"
[connection.settings]
deployments = [{{ builder = "deploy-production", environment = "production", service = "shop" }}]

[[connection]]
id = "tickets"
backend = "redmine"
url = "{}"
credential = "env:REDMINE_KEY"

[[service]]
name = "shop"
owner = "payments"
labels = {{ service = "shop" }}
"#,
        alertmanager.url(),
        buildbot.url(),
        redmine.url()
    )
}

//! Every view in every state it can be in: how it looks, whether everybody can use it, and whether it stays small.
//!
//! The rows are made up and the clock stands still (ui/src/host/fake), so that a picture changes only when the window does.
//! `cargo xtask pictures` runs this; `cargo xtask pictures --accept` takes what is shown for the new baseline.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy allows them in test functions, not in their helpers"
)]

mod baseline;
mod glyphs;
mod hostile;
mod story;

use qd_window_tests::Browser;
use story::{Faults, Part, Story};

/// The states of the design, by the names of the made-up scenarios.
const STATES: [&str; 10] =
    ["normal", "loading", "unset", "good", "storm", "stale", "offline", "partial", "error", "signin"];
const THEMES: [&str; 2] = ["light", "dark"];
const DESK: (u32, u32) = (1280, 800);
const WALL: (u32, u32) = (1920, 1080);
/// What is left of the desk's window at a zoom of 200 %.
const ZOOMED: (u32, u32) = (640, 400);

async fn check(view: &str) {
    let test = format!("{view}_in_every_state");
    let Some(browser) = Browser::ready(&test).await else { return };
    let comparable = baseline::comparable(&browser, &test).await;
    let mut faults = Faults::default();
    for theme in THEMES {
        for state in STATES {
            Story { view, part: None, state, theme, size: DESK, open: false, locale: "", comparable }
                .tell(&browser, &mut faults)
                .await;
        }
    }
    for (theme, size, open) in [("light", WALL, false), ("light", DESK, true), ("dark", DESK, true)] {
        if open && matches!(view, "settings" | "charts") {
            continue; // They have no rows to open.
        }
        Story { view, part: None, state: "normal", theme, size, open, locale: "", comparable }
            .tell(&browser, &mut faults)
            .await;
    }
    Story {
        view,
        part: None,
        state: "partial",
        theme: "light",
        size: DESK,
        open: false,
        locale: "pseudo",
        comparable,
    }
    .tell(&browser, &mut faults)
    .await;
    Story {
        view,
        part: None,
        state: "normal",
        theme: "light",
        size: ZOOMED,
        open: false,
        locale: "",
        comparable,
    }
    .tell(&browser, &mut faults)
    .await;
    faults.none();
}

/// The silences of the alerts, which are asked of their sources and are no rows of the history.
const SILENCES: Part =
    Part { name: "silences", address: "?tab=silences", presses: &[], shows: "[role=\"tabpanel\"] section" };

/// What lies between two deployments of a service.
const COMPARED: Part = Part {
    name: "compare",
    address: "?open=cell%3Acheckout%2Fprod-eu",
    presses: &["tab-compare", "compare-ask"],
    shows: "[data-testid=\"compare-told\"]",
};

/// A part of a view in the states that make a difference to it.
async fn check_part(view: &str, part: Part, states: &[&str]) {
    let test = part.name;
    let Some(browser) = Browser::ready(test).await else { return };
    let comparable = baseline::comparable(&browser, test).await;
    let mut faults = Faults::default();
    let usual = Story {
        view,
        part: Some(part),
        state: "normal",
        theme: "light",
        size: DESK,
        open: false,
        locale: "",
        comparable,
    };
    for theme in THEMES {
        for state in states {
            Story { state, theme, ..usual }.tell(&browser, &mut faults).await;
        }
    }
    Story { size: WALL, ..usual }.tell(&browser, &mut faults).await;
    Story { locale: "pseudo", ..usual }.tell(&browser, &mut faults).await;
    faults.none();
}

#[tokio::test]
async fn silences_in_their_states() {
    check_part("alerts", SILENCES, &["normal", "loading", "unset", "good", "partial", "signin", "error"])
        .await;
}

#[tokio::test]
async fn two_deployments_compared() {
    check_part("deployments", COMPARED, &["normal"]).await;
}

#[tokio::test]
async fn overview_in_every_state() {
    check("overview").await;
}

#[tokio::test]
async fn pipelines_in_every_state() {
    check("pipelines").await;
}

#[tokio::test]
async fn deployments_in_every_state() {
    check("deployments").await;
}

#[tokio::test]
async fn alerts_in_every_state() {
    check("alerts").await;
}

#[tokio::test]
async fn tickets_in_every_state() {
    check("tickets").await;
}

#[tokio::test]
async fn connections_in_every_state() {
    check("connections").await;
}

#[tokio::test]
async fn charts_in_every_state() {
    check("charts").await;
}

#[tokio::test]
async fn settings_in_every_state() {
    check("settings").await;
}

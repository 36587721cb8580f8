//! What each state looks like to somebody who sees no colours.

use qd_window_tests::{Browser, Picture};
use serde_json::Value;

const TEST: &str = "every_state_differs_from_every_other_without_colour";
/// Of the pixels of a mark: less is an edge drawn a little differently.
const CLEARLY: f64 = 0.02;

#[tokio::test]
async fn every_state_differs_from_every_other_without_colour() {
    let Some(browser) = Browser::ready(TEST).await else { return };
    for theme in ["light", "dark"] {
        browser.open(&format!("?scenario=normal&theme={theme}&now=2026-11-21T13:32:00Z#/pipelines")).await;
        browser.resize(1280, 800).await;
        browser.page.see("row").await;
        browser.page.click("keys").await;
        browser.page.see("legend").await;
        let names = browser.page.script("return [...document.querySelectorAll('[data-testid=legend] [data-status]')].map(it => it.dataset.status)").await;
        let names: Vec<&str> = names.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(
            names.len(),
            11,
            "eight states, what is silenced, what informs, and what is stale: {names:?}"
        );
        let mut marks: Vec<Picture> = Vec::new();
        for name in &names {
            let css = format!("[data-testid=\"legend\"] [data-status=\"{name}\"] svg");
            marks.push(Picture::read(&browser.page.shot_of(&css).await).grey());
        }
        for (place, mark) in marks.iter().enumerate() {
            for other in place + 1..marks.len() {
                let difference = mark.difference(&marks[other]);
                assert!(
                    difference > CLEARLY,
                    "{} and {} look alike in {theme} grey: {difference:.3}",
                    names[place],
                    names[other]
                );
            }
        }
    }
}

//! One view in one state.

use std::fs;
use std::path::Path;

use qd_window_tests::Browser;
use serde_json::{Value, json};

use crate::baseline;

/// When the made-up world happens.
const NOW: &str = "2026-11-21T13:32:00Z";
/// A view that is larger is slow in WebKitGTK.
const MOST_NODES: u64 = 1_500;
const AXE: &str = "../../ui/node_modules/axe-core/axe.min.js";

/// What is shown, and how.
pub struct Story<'a> {
    pub view: &'a str,
    /// A part of the view that is not its main one, and how it is reached.
    pub part: Option<Part>,
    pub state: &'a str,
    pub theme: &'a str,
    pub size: (u32, u32),
    /// With the first row in the inspector.
    pub open: bool,
    /// `pseudo` for sentences that are 40 % longer.
    pub locale: &'a str,
    /// This machine draws as the one of the baselines did.
    pub comparable: bool,
}

/// A part of a view.
#[derive(Clone, Copy)]
pub struct Part {
    /// What it is called in the name of the story.
    pub name: &'static str,
    /// What follows the view in the address.
    pub address: &'static str,
    /// What is pressed one after the other until it is there.
    pub presses: &'static [&'static str],
    /// What is there then.
    pub shows: &'static str,
}

impl Story<'_> {
    fn name(&self) -> String {
        let view = self.part.map_or(self.view, |part| part.name);
        let mut name = format!("{view}-{}-{}-{}", self.state, self.theme, self.size.0);
        for (more, word) in [(self.open, "-open"), (self.locale == "pseudo", "-pseudo")] {
            name.push_str(if more { word } else { "" });
        }
        name
    }

    /// Shows it, looks at it, and notes what is wrong.
    pub async fn tell(&self, browser: &Browser, faults: &mut Faults) {
        let name = self.name();
        let page = &browser.page;
        browser
            .open(&format!(
                "?scenario={}&theme={}&zone=local&locale={}&now={NOW}#/{}{}",
                self.state,
                self.theme,
                self.locale,
                self.view,
                self.part.map_or("", |part| part.address)
            ))
            .await;
        browser.resize(self.size.0, self.size.1).await;
        page.see_css(&format!("main[data-view=\"{}\"]", self.view)).await;
        if self.state != "loading" {
            page.gone("[data-testid=\"loading\"]").await;
        }
        if let Some(part) = self.part {
            for press in part.presses {
                page.click(press).await;
            }
            page.see_css(part.shows).await;
        }
        if self.open {
            page.click("row").await;
            page.see_css(".panel[aria-busy=\"false\"]").await;
            page.gone("[data-testid=\"fetching\"]").await;
        }
        // The last row that was measured may still move the others.
        page.promised("return document.fonts.ready.then(() => new Promise((done) => setTimeout(done, 120)))")
            .await;
        faults.add(&name, baseline::compare(&name, &page.shot().await, self.comparable));
        faults.add(&name, measured(&page.script(MEASURE).await));
        if self.locale == "pseudo" {
            faults.add(&name, listed("is cut", &page.script(CUT).await));
        } else {
            faults.add(&name, accessible(browser, self.state != "storm").await);
        }
    }
}

/// Counts the nodes, and looks for what hangs over the window's edge by more than a rounding.
const MEASURE: &str = "const wide = document.documentElement.scrollWidth > innerWidth + 1;
    const high = document.documentElement.scrollHeight > innerHeight + 1;
    return { nodes: document.querySelectorAll('body *').length, wide, high };";

/// Sentences of ours whose end is cut off. Text of a backend has no brackets and may be shortened.
const CUT: &str = "return [...document.querySelectorAll('body *')]
    .filter((it) => it.children.length === 0 && !it.closest('[data-gives-way]') && it.textContent.trim().endsWith('⟧') && it.getClientRects().length > 0)
    .filter((it) => {
        for (let box = it; box && box !== document.body; box = box.parentElement) {
            const style = getComputedStyle(box);
            if (style.clip !== 'auto' || style.clipPath !== 'none' || style.position === 'absolute' && box.clientWidth <= 1) return false;
            // The head of a list follows its rows sideways.
            if (box.getAttribute('role') === 'rowgroup' || style.overflowX === 'auto' || style.overflowX === 'scroll') return false;
            if (style.overflowX !== 'visible' && it.getBoundingClientRect().right > box.getBoundingClientRect().right + 1) return true;
            if (box === it && style.overflowX !== 'visible' && it.scrollWidth > it.clientWidth + 1) return true;
        }
        return false;
    })
    .map((it) => it.textContent.trim()).slice(0, 5);";

fn measured(found: &Value) -> Option<String> {
    let nodes = found["nodes"].as_u64().unwrap_or(u64::MAX);
    if nodes > MOST_NODES {
        return Some(format!("has {nodes} nodes"));
    }
    let over = [("wide", "is wider than the window"), ("high", "is higher than the window")];
    over.into_iter().find(|(side, _)| found[*side] == json!(true)).map(|(_, what)| what.to_owned())
}

/// `contrast`: also whether text can be told from its ground, which takes minutes where a list is 100,000 pixels high.
async fn accessible(browser: &Browser, contrast: bool) -> Option<String> {
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(AXE)).unwrap();
    browser.page.script(&format!("{source}; return null")).await;
    let found = browser
        .page
        .promised(&format!(
            "return axe.run(document, {{ resultTypes: ['violations'], rules: {{ 'color-contrast': {{ enabled: {contrast} }}, 'target-size': {{ enabled: {contrast} }} }} }}).then((it) => it.violations.map((rule) =>
                `${{rule.id}}: ${{rule.nodes.slice(0, 3).map((node) => `${{node.target.join(' ')}} ${{node.any[0]?.message ?? node.all[0]?.message ?? ''}}`).join(' | ')}}`))"
        ))
        .await;
    match found["ok"].as_array() {
        Some(_) => listed("is not for everybody:", &found["ok"]),
        None => Some(format!("axe could not look: {found}")),
    }
}

fn listed(what: &str, found: &Value) -> Option<String> {
    let lines: Vec<&str> = found.as_array()?.iter().filter_map(Value::as_str).collect();
    (!lines.is_empty()).then(|| format!("{what} {}", lines.join("; ")))
}

/// What is wrong with some stories; the others are still told.
#[derive(Default)]
pub struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, story: &str, fault: Option<String>) {
        self.0.extend(fault.map(|fault| format!("{story} {fault}")));
    }

    /// # Panics
    /// With all of them, when there are any.
    pub fn none(self) {
        assert!(self.0.is_empty(), "{} faults:\n{}", self.0.len(), self.0.join("\n"));
    }
}

//! More than 500 texts that try to be more than text, in every field that a backend fills.
//!
//! Once as the window draws them; once put into the page as markup, past everything that draws, so that the content policy is
//! all that stands in their way; and once without the policy, to see that they would have done harm. What leads the window
//! away without a script is the shell's to refuse (the tests of the real window).

use std::collections::BTreeMap;

use qd_window_tests::{Browser, Listener, hostile_texts};
use serde_json::{Value, json};

/// One page for each text would be too many without the policy, where each may hang: one of each trick is enough there.
const TRICKS: usize = 62;

/// What the texts of one kind did to the page: scrolls the list on, then opens one row after the other.
const SHOW_ALL: &str = "
    const pause = (ms) => new Promise((done) => setTimeout(done, ms));
    return (async () => {
        const faults = [];
        const wide = () => [...document.querySelectorAll('#app *')].filter((it) => it.clientWidth > 0 && it.scrollWidth > it.clientWidth + 1 && getComputedStyle(it).overflowX === 'visible').map((it) => `${it.className} ${it.scrollWidth}/${it.clientWidth}`).slice(-3).join(', ');
        const look = (where) => {
            const heights = new Set([...document.querySelectorAll('[data-testid=\"row\"]')].map((it) => Math.round(it.getBoundingClientRect().height)));
            if (heights.size > 1) faults.push(`${where}: rows of ${[...heights]} px`);
            if (document.documentElement.scrollWidth > innerWidth) faults.push(`${where}: wider than the window: ${wide()}`);
            if (document.documentElement.scrollHeight > innerHeight + 1) faults.push(`${where}: higher than the window`);
            const nodes = document.querySelectorAll('body *').length;
            if (nodes > 1500) faults.push(`${where}: ${nodes} nodes`);
            const grown = document.querySelector('#app script, #app iframe, #app object, #app embed, #app form[action], #app a[href^=\"javascript\"], #app img[src^=\"http\"], #app svg[onload], #app base, #app link');
            if (grown) faults.push(`${where}: ${grown.outerHTML.slice(0, 120)}`);
            if (/[\\u202a-\\u202e\\u2066-\\u2069\\u001b]/.test(document.getElementById('app').textContent)) faults.push(`${where}: a character that turns text round`);
        };
        const list = document.querySelector('[data-testid=\"list\"] .viewport');
        for (let page = 0; list && page < 40 && list.scrollTop + list.clientHeight < list.scrollHeight; page += 1) {
            list.scrollTop += list.clientHeight;
            await pause(30);
            look(`list at ${list.scrollTop}`);
        }
        for (const id of IDS) {
            if (faults.length > 2) break;
            location.hash = `#/VIEW?all=1&group=none&list=1&open=${encodeURIComponent(id)}`;
            await pause(25);
            look(id);
        }
        return faults.slice(0, 10);
    })();";

#[tokio::test]
async fn what_a_backend_says_is_text_in_every_list_and_every_inspector() {
    const TEST: &str = "what_a_backend_says_is_text_in_every_list_and_every_inspector";
    let outside = Listener::start();
    let texts = hostile_texts(&outside.url);
    let files = BTreeMap::from([("hostile.json".to_owned(), json!(texts).to_string())]);
    let Some(browser) = Browser::serving(TEST, files).await else { return };
    let page = &browser.page;
    browser.resize(1280, 800).await;
    // The lists hold every text; of the alerts every seventh is opened, of the other kinds every twenty-first.
    for (view, step, first) in
        [("alerts", 7, 1), ("pipelines", 21, 0), ("tickets", 21, 3), ("deployments", 1, 0)]
    {
        browser.open(&format!("?scenario=hostile#/{view}?all=1&group=none&list=1")).await;
        page.see_css(&format!("main[data-view=\"{view}\"] [data-testid=\"row\"]")).await;
        let ids: Vec<String> = ids(view, texts.len()).into_iter().skip(first).step_by(step).collect();
        for some in ids.chunks(8) {
            let script = SHOW_ALL.replace("VIEW", view).replace("IDS", &json!(some).to_string());
            let answer = page.promised(&script).await;
            assert_eq!(answer["ok"], json!([]), "{view}: {answer}");
        }
        assert_eq!(page.script("return window.hit ?? null").await, Value::Null, "{view}: a script ran");
        assert!(page.address().await.contains(&format!("#/{view}")), "{view}: the window was led away");
        assert_eq!(outside.calls(), 0, "{view}: something was sent");
    }
}

/// The ids of the made-up rows (ui/src/host/fake/world.ts).
fn ids(view: &str, count: usize) -> Vec<String> {
    const SERVICES: [&str; 12] = [
        "checkout", "identity", "ledger", "search", "web", "notify", "catalog", "pricing", "shipping",
        "reports", "gateway", "media",
    ];
    let of = |at: usize| SERVICES[at % SERVICES.len()];
    match view {
        "alerts" => (0..count).map(|at| format!("alerts/alert/{:x}", 0x4f_5e6d + at)).collect(),
        "pipelines" => (0..count)
            .map(|at| {
                format!("{}/run/acme/{}/{}", if at % 4 == 1 { "builds" } else { "gh" }, of(at), 9132 - at)
            })
            .collect(),
        "tickets" => (0..count)
            .map(|at| {
                if at % 3 == 1 {
                    format!("gh/ticket/acme/{}/{}", of(at), 331 - i64::try_from(at).unwrap())
                } else {
                    format!("tracker/ticket/{}", 912 - at)
                }
            })
            .collect(),
        _ => SERVICES.iter().map(|service| format!("gh/deployment/acme/{service}/prod-eu")).collect(),
    }
}

/// Does what a person might: goes over it, into it, and clicks on it.
const TOUCH: &str =
    "for (const it of document.querySelectorAll('a, button, summary, input, select, textarea, div, b')) {
        it.dispatchEvent(new PointerEvent('pointerenter')); it.focus?.(); it.click?.();
    }
    return new Promise((done) => setTimeout(done, 20));";

/// Markup of its own page, with the policy of the product or without.
fn pages(texts: &[String], policy: &str) -> BTreeMap<String, String> {
    let page = |(place, text): (usize, &String)| {
        (
            format!("bypass-{place}.html"),
            format!("<!doctype html><html><head>{policy}</head><body>{text}</body></html>"),
        )
    };
    texts.iter().enumerate().map(page).collect()
}

fn policy() -> String {
    let index = Browser::index();
    let from =
        index.find("<meta http-equiv=\"Content-Security-Policy\"").expect("the page has its policy in it");
    index[from..=from + index[from..].find('>').unwrap()].to_owned()
}

#[tokio::test]
async fn the_content_policy_alone_holds_when_markup_gets_past_everything_else() {
    const TEST: &str = "the_content_policy_alone_holds_when_markup_gets_past_everything_else";
    let outside = Listener::start();
    let texts = hostile_texts(&outside.url);
    let Some(browser) = Browser::ready(TEST).await else { return };
    drop(browser);
    let Some(browser) = Browser::serving(TEST, pages(&texts, &policy())).await else { return };
    for (place, text) in texts.iter().enumerate() {
        browser.open(&format!("bypass-{place}.html")).await;
        browser.page.promised(TOUCH).await;
        assert_eq!(browser.page.script("return window.hit ?? null").await, Value::Null, "it ran: {}", text);
        assert_eq!(outside.calls(), 0, "it called: {}", text);
        let address = browser.page.address().await;
        assert!(address.contains(&format!("bypass-{place}.html")), "it went to {address}: {}", text);
    }
}

#[tokio::test]
async fn without_the_policy_the_same_markup_does_harm() {
    const TEST: &str = "without_the_policy_the_same_markup_does_harm";
    let outside = Listener::start();
    let texts = hostile_texts(&outside.url);
    let Some(browser) = Browser::serving(TEST, pages(&texts[..TRICKS], "")).await else { return };
    let (mut ran, mut called) = (0, 0);
    for place in 0..TRICKS {
        let before = outside.calls();
        browser.open(&format!("bypass-{place}.html")).await;
        browser.page.promised(TOUCH).await;
        ran += usize::from(browser.page.script("return window.hit ?? null").await == json!(1));
        called += usize::from(outside.calls() > before);
    }
    assert!(ran >= 15, "only {ran} ran");
    assert!(called >= 10, "only {called} called");
}

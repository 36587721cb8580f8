//! What a person sees and does in the window.

use std::fs;
use std::path::Path;
use std::time::Instant;

use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use crate::{LIMIT, LOOK_AGAIN_AFTER};

/// A window answers its old size until the screen has given it the new one: one look proves nothing.
const LOOKS_THAT_HOLD: u32 = 3;

/// The window's page. Parts are found by their `data-testid`.
pub struct Page {
    client: Client,
}

impl Page {
    pub(crate) fn of(client: Client) -> Self {
        Self { client }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Waits for a part to be there and to be seen.
    pub async fn see(&self, testid: &str) -> Element {
        self.see_css(&by(testid)).await
    }

    /// Waits for an element of this CSS selector to be there and to be seen.
    pub async fn see_css(&self, css: &str) -> Element {
        let began = Instant::now();
        loop {
            if let Ok(element) = self.client.find(Locator::Css(css)).await
                && element.is_displayed().await.unwrap_or(false)
            {
                return element;
            }
            if began.elapsed() > LIMIT {
                panic!("waited in vain for {css}. The window says:\n{}", self.text().await);
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// Clicks a part, waiting for it to be there and ready.
    pub async fn click(&self, testid: &str) {
        self.click_css(&by(testid)).await;
    }

    /// Clicks an element, waiting for it to be there and ready. What is redrawn in between is looked up again.
    pub async fn click_css(&self, css: &str) {
        let began = Instant::now();
        loop {
            let element = self.see_css(css).await;
            if element.is_enabled().await.unwrap_or(false) {
                // The driver scrolls the document to an element, but not a list inside it.
                let scroll =
                    format!("document.querySelector({})?.scrollIntoView({{ block: 'nearest' }})", json!(css));
                self.script(&scroll).await;
                match element.click().await {
                    Ok(()) => return,
                    Err(error) => assert!(began.elapsed() < LIMIT, "{css} cannot be clicked: {error}"),
                }
            }
            assert!(began.elapsed() < LIMIT, "{css} stays disabled. The window says:\n{}", self.text().await);
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// Types into a field, in place of what it holds.
    pub async fn fill(&self, testid: &str, text: &str) {
        let field = self.see(testid).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses an entry of a list by its value.
    pub async fn choose(&self, testid: &str, value: &str) {
        self.see(testid).await.select_by_value(value).await.unwrap();
    }

    /// Waits until the text of a part fulfils a condition, and gives it.
    pub async fn read(&self, testid: &str, what: &str, enough: impl Fn(&str) -> bool) -> String {
        self.read_css(&by(testid), what, enough).await
    }

    /// The same for an element of this CSS selector.
    pub async fn read_css(&self, css: &str, what: &str, enough: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        let mut last = String::new();
        loop {
            if let Some(text) = self.script(&inner_text(css)).await.as_str() {
                if enough(text) {
                    return text.to_owned();
                }
                text.clone_into(&mut last);
            }
            if began.elapsed() > LIMIT {
                panic!(
                    "{css} never came to {what}; it says {last:?}. The window says:\n{}",
                    self.text().await
                );
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// Waits until there is no such element any more.
    pub async fn gone(&self, css: &str) {
        let began = Instant::now();
        while self.client.find(Locator::Css(css)).await.is_ok() {
            assert!(began.elapsed() < LIMIT, "{css} did not go away");
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// How many elements of this CSS selector there are.
    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// All text of the window.
    pub async fn text(&self) -> String {
        self.script(&inner_text("body")).await.as_str().unwrap_or_default().to_owned()
    }

    /// The whole document, with what the fields hold.
    pub async fn document(&self) -> String {
        let fields = self
            .script("return [...document.querySelectorAll('input, textarea, select')].map(it => it.value).join('\\n')")
            .await;
        format!("{}\n{}", self.client.source().await.unwrap(), fields.as_str().unwrap_or_default())
    }

    /// Where the window is.
    pub async fn address(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    /// Runs a script as one in the window would run, and gives what it returns.
    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Runs a script that returns a promise: `{ ok }` or `{ error }`, as text.
    pub async fn promised(&self, script: &str) -> Value {
        let wrapped = format!(
            "const done = arguments[arguments.length - 1];
             const told = (error) => done({{ error: typeof error === 'object' && error !== null && 'code' in error ? error.code : String(error) }});
             try {{ Promise.resolve((() => {{ {script} }})()).then((ok) => done({{ ok: ok ?? null }}), told); }} catch (error) {{ told(error); }}"
        );
        self.client.execute_async(&wrapped, Vec::new()).await.unwrap()
    }

    /// Calls the shell as a script in the window could.
    pub async fn invoke(&self, command: &str, args: &Value) -> Value {
        self.promised(&format!("return window.__TAURI_INTERNALS__.invoke({}, {args})", json!(command))).await
    }

    /// Asks the core, through the one command there is.
    pub async fn ask(&self, command: &str, payload: Value) -> Value {
        self.invoke("rpc", &json!({ "command": command, "payload": payload })).await
    }

    /// Leaves a picture of the window in `target/screenshots`.
    pub async fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), self.shot().await).unwrap();
    }

    /// A picture of the page, as a PNG.
    pub async fn shot(&self) -> Vec<u8> {
        // A picture is taken with the next painting, which never comes while nothing changes.
        let paint = "const root = document.documentElement.style;
            const paint = () => { root.opacity = root.opacity ? '' : '0.9999'; window.painting = requestAnimationFrame(paint); };
            paint();";
        self.script(paint).await;
        let picture = self.client.screenshot().await.unwrap();
        self.script("cancelAnimationFrame(window.painting); document.documentElement.style.opacity = ''")
            .await;
        picture
    }

    /// A picture of one element, as a PNG.
    pub async fn shot_of(&self, css: &str) -> Vec<u8> {
        self.see_css(css).await.screenshot().await.unwrap()
    }

    /// Goes to an address.
    pub async fn go(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    /// Makes the page this large, whatever stands around it, and waits until it stays so.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let began = Instant::now();
        let mut held = 0;
        while held < LOOKS_THAT_HOLD {
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
            let inner = self.script("return [innerWidth, innerHeight]").await;
            let side =
                |place: usize| u32::try_from(inner[place].as_u64().unwrap_or_default()).unwrap_or_default();
            if (side(0), side(1)) == (width, height) {
                held += 1;
                continue;
            }
            assert!(began.elapsed() < LIMIT, "the page cannot be {width} by {height}; it is {inner}");
            held = 0;
            let (outer_width, outer_height) = self.client.get_window_size().await.unwrap();
            let fit = |outer: u64, side: u32, wanted: u32| {
                (u32::try_from(outer).unwrap_or_default() + wanted).saturating_sub(side)
            };
            self.client
                .set_window_size(fit(outer_width, side(0), width), fit(outer_height, side(1), height))
                .await
                .unwrap();
            tokio::time::sleep(LOOK_AGAIN_AFTER * 3).await;
        }
    }

    /// Clicks the theme button until the window wears this theme.
    pub async fn wear(&self, theme: &str) {
        let began = Instant::now();
        while self.script("return document.documentElement.dataset.theme ?? ''").await != theme {
            assert!(began.elapsed() < LIMIT, "no click leads to the theme {theme}");
            self.click("theme").await;
        }
    }
}

fn by(testid: &str) -> String {
    format!("[data-testid=\"{testid}\"]")
}

/// The driver's own way leaves out what a list has clipped, and may never answer while a page is being built.
fn inner_text(css: &str) -> String {
    format!("return document.querySelector({})?.innerText ?? null", json!(css))
}

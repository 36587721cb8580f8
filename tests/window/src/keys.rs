//! The window by the keyboard alone.

use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::json;

use crate::{LIMIT, LOOK_AGAIN_AFTER, Page};

/// More presses of Tab or F6 than lead anywhere.
const ENOUGH: usize = 90;
/// A window that ends may take its answer with it.
const LAST_WORD: Duration = Duration::from_secs(10);

impl Page {
    /// Presses keys as the window's key table writes them: `g a` one after the other, `Mod+Shift+A` together.
    pub async fn press(&self, keys: &str) {
        for chord in keys.split(' ') {
            self.strike(&chord_of(chord)).await.unwrap();
        }
    }

    /// Presses a key with which the window ends.
    pub async fn press_last(&self, key: &str) {
        // Whether the driver still hears that it was pressed is nobody's concern.
        let _ = tokio::time::timeout(LAST_WORD, self.strike(&chord_of(key))).await;
    }

    /// Types a text, letter by letter, wherever the focus is.
    pub async fn type_text(&self, text: &str) {
        for letter in text.chars() {
            self.strike(&[letter]).await.unwrap();
        }
    }

    /// Presses all, then lets all go.
    async fn strike(&self, chord: &[char]) -> Result<(), fantoccini::error::CmdError> {
        let down = chord.iter().map(|value| KeyAction::Down { value: *value });
        let up = chord.iter().rev().map(|value| KeyAction::Up { value: *value });
        let keyboard = KeyActions::new("keyboard".to_owned());
        self.client().perform_actions(down.chain(up).fold(keyboard, KeyActions::then)).await
    }

    /// What has the focus: the test id of the element, else its role or its tag.
    pub async fn focused(&self) -> String {
        let script = "const it = document.activeElement;
            return it?.dataset.testid ?? it?.getAttribute('role') ?? it?.tagName.toLowerCase() ?? 'nothing'";
        self.script(script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a part has the focus, and sees to it that a person sees so.
    pub async fn has_focus(&self, testid: &str) {
        let began = Instant::now();
        loop {
            let focused = self.focused().await;
            if focused == testid {
                return self.shows_its_focus().await;
            }
            assert!(
                began.elapsed() < LIMIT,
                "{testid} never had the focus, {focused} has it. The window says:\n{}",
                self.text().await
            );
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// Whatever has the focus is in sight, nothing lies over it, and a ring is drawn around it.
    ///
    /// # Panics
    /// When it is not so.
    pub async fn shows_its_focus(&self) {
        let fault = self.script(FOCUS).await;
        assert!(fault.is_null(), "{fault}. The window says:\n{}", self.text().await);
    }

    /// Walks with Tab until a part has the focus.
    pub async fn tab_to(&self, testid: &str) {
        self.see(testid).await;
        self.walk("Tab", &json!(format!("[data-testid=\"{testid}\"]")).to_string(), testid).await;
    }

    /// Walks with a key, over parts that see to themselves, until a part has the focus.
    pub async fn arrow_to(&self, key: &str, testid: &str) {
        self.see(testid).await;
        self.walk(key, &json!(format!("[data-testid=\"{testid}\"]")).to_string(), testid).await;
    }

    /// Walks with F6 until the focus is in a pane.
    pub async fn pane(&self, name: &str) {
        self.walk("F6", &json!(format!("[data-pane=\"{name}\"] *")).to_string(), name).await;
    }

    async fn walk(&self, key: &str, css: &str, what: &str) {
        let mut way = Vec::new();
        while way.len() < ENOUGH {
            if self.script(&format!("return document.activeElement?.matches({css}) ?? false")).await
                == json!(true)
            {
                return self.shows_its_focus().await;
            }
            self.press(key).await;
            way.push(self.focused().await);
        }
        panic!("{key} never leads to {what}; it leads to {}", way.join(", "));
    }
}

/// `null`, or what is wrong.
const FOCUS: &str = "const it = document.activeElement;
    if (!it || it === document.body) return 'nothing has the focus';
    const name = `${it.tagName.toLowerCase()} ${it.dataset.testid ?? it.getAttribute('role') ?? it.textContent.trim().slice(0, 40)}`;
    it.scrollIntoViewIfNeeded?.(false);
    const box = it.getBoundingClientRect();
    const places = [[0.5, 0.5], [0.02, 0.5], [0.98, 0.5], [0.5, 0.1], [0.5, 0.9]].map(([x, y]) => [box.left + box.width * x, box.top + box.height * y]);
    const seen = places.some(([x, y]) => { const at = document.elementFromPoint(x, y); return at !== null && (it.contains(at) || at.contains(it)); });
    if (!seen) return `${name} has the focus and is not in sight`;
    const ringed = (one) => { const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one); return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none'; };
    if (ringed(it) || (it.matches('input') && it.parentElement !== null && ringed(it.parentElement))) return null;
    return `${name} has the focus and no ring (window focused: ${document.hasFocus()}, by keyboard: ${it.matches(':focus-visible')})`;";

fn chord_of(chord: &str) -> Vec<char> {
    chord.split('+').map(key_of).collect()
}

fn key_of(name: &str) -> char {
    let key = match name {
        "Mod" => Key::Control,
        "Shift" => Key::Shift,
        "Enter" => Key::Enter,
        "Escape" => Key::Escape,
        "Space" => return ' ',
        "Tab" => Key::Tab,
        "F6" => Key::F6,
        "ArrowDown" => Key::Down,
        "ArrowUp" => Key::Up,
        "ArrowLeft" => Key::Left,
        "ArrowRight" => Key::Right,
        letter => return letter.chars().next().unwrap(),
    };
    char::from(key)
}

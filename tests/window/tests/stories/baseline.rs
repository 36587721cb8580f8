//! How each story looked when somebody last looked at it.

use std::fs;
use std::path::{Path, PathBuf};

use qd_window_tests::{Browser, Picture};

/// Set by `cargo xtask pictures --accept`.
const ACCEPT: &str = "QD_ACCEPT_PICTURES";

/// Letters, signs that no font of ours has, lines and hatching: what the engine and the fonts of a machine may draw differently.
/// It holds nothing of the window, so that it changes only with the machine.
const SPECIMEN: &str = "data:text/html,<meta charset=utf-8><body style='margin:8px;background:white;color:black'>\
    <p style='font:13px/18px sans-serif'>Hamburgefonstiv 0123456789 äß→≠·×▲◇✎⟦ķţľ⟧</p>\
    <p style='font:12px/16px monospace'>Hamburgefonstiv 0123456789 →≠│</p>\
    <svg width=64 height=32><circle cx=16 cy=16 r=9.6 fill=none stroke=black stroke-width=1.5 /><path d='M40 4l12 24H28z'/></svg>\
    <div style='width:64px;height:32px;background:repeating-linear-gradient(135deg,transparent 0 6px,gray 6px 7px)'></div>";

/// Whether this machine draws as the one did that drew the baselines; says so when it does not.
pub async fn comparable(browser: &Browser, test: &str) -> bool {
    browser.resize(640, 400).await;
    browser.page.go(SPECIMEN).await;
    let drawn = Picture::read(&browser.page.shot().await);
    let kept = below("baselines/specimen.png");
    if std::env::var_os(ACCEPT).is_some() {
        fs::create_dir_all(below("baselines")).unwrap();
        fs::write(&kept, drawn.png()).unwrap();
    }
    let same = fs::read(&kept).is_ok_and(|file| Picture::read(&file) == drawn);
    if !same {
        println!(
            "skipped: {test}: how it looks: no baseline was drawn by a machine that draws letters and lines as this one"
        );
    }
    same
}

fn below(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// Leaves the picture in `target/screenshots/stories`, and says how it differs from the baseline where the two can be compared.
pub fn compare(name: &str, png: &[u8], comparable: bool) -> Option<String> {
    let shown = Picture::read(png);
    let seen = below("../../target/screenshots/stories");
    let kept = below("baselines").join(format!("{name}.png"));
    fs::create_dir_all(&seen).unwrap();
    fs::write(seen.join(format!("{name}.png")), png).unwrap();
    let changes = seen.join(format!("{name}.changes.png"));
    let _ = fs::remove_file(&changes);
    if !comparable {
        return None;
    }
    let before = fs::read(&kept).ok().map(|file| Picture::read(&file));
    if before.as_ref().is_some_and(|before| before.resembles(&shown)) {
        return None;
    }
    if std::env::var_os(ACCEPT).is_some() {
        fs::create_dir_all(below("baselines")).unwrap();
        fs::write(&kept, shown.png()).unwrap();
        return None;
    }
    let Some(before) = before else {
        return Some("has no baseline: look at it, then `cargo xtask pictures --accept`".to_owned());
    };
    fs::write(&changes, before.changes(&shown).png()).unwrap();
    let percent = before.difference(&shown) * 100.0;
    Some(format!(
        "looks different ({percent:.2} % of it, red in target/screenshots/stories/{name}.changes.png)"
    ))
}

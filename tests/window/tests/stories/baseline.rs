//! How each story looked when somebody last looked at it.

use std::fs;
use std::path::{Path, PathBuf};

use qd_window_tests::Picture;

/// Set by `cargo xtask pictures --accept`.
const ACCEPT: &str = "QD_ACCEPT_PICTURES";

fn below(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// Leaves the picture in `target/screenshots/stories`, and says how it differs from the baseline.
pub fn compare(name: &str, png: &[u8]) -> Option<String> {
    let shown = Picture::read(png);
    let seen = below("../../target/screenshots/stories");
    let kept = below("baselines").join(format!("{name}.png"));
    fs::create_dir_all(&seen).unwrap();
    fs::write(seen.join(format!("{name}.png")), png).unwrap();
    let changes = seen.join(format!("{name}.changes.png"));
    let _ = fs::remove_file(&changes);
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

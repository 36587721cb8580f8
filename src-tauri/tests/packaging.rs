//! What a package brings to the desktop fits together: one id everywhere, and links lead here.
#![allow(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

use std::fs;
use std::path::Path;

use serde_json::Value;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn config() -> Value {
    serde_json::from_str(&read("tauri.conf.json")).unwrap()
}

#[test]
fn entry_metainfo_icon_and_bundle_have_one_id() {
    let config = config();
    let id = config["identifier"].as_str().unwrap();
    assert_eq!(id, qd_desktop::APP_ID);
    for package in ["deb", "rpm"] {
        let files = config["bundle"]["linux"][package]["files"].as_object().unwrap();
        assert_eq!(files.len(), 3, "entry, metainfo, icon");
        for (target, source) in files {
            assert!(target.contains(&format!("/{id}.")), "{target}");
            assert!(!read(source.as_str().unwrap()).is_empty());
        }
    }
    let metainfo = read(&format!("linux/{id}.metainfo.xml"));
    assert!(metainfo.contains(&format!("<id>{id}</id>")));
    assert!(metainfo.contains(&format!("<launchable type=\"desktop-id\">{id}.desktop</launchable>")));
    assert!(
        metainfo.contains(&format!("version=\"{}\"", env!("CARGO_PKG_VERSION"))),
        "this release is listed"
    );
}

#[test]
fn links_start_this_program_with_the_link_and_nothing_else() {
    let entry = read(&format!("linux/{}.desktop", qd_desktop::APP_ID));
    let lines: Vec<&str> = entry.lines().collect();
    assert!(lines.contains(&"MimeType=x-scheme-handler/quarterdeck;"));
    assert!(lines.contains(&"Exec=quarterdeck %u"));
    assert!(lines.contains(&&*format!("Icon={}", qd_desktop::APP_ID)));
    assert_eq!(entry.matches("NoDisplay").count(), 0);
    assert!(read("linux/generated.desktop").contains("NoDisplay=true"), "one entry is enough");
}

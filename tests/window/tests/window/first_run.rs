//! The first start, the second start, and a start that is refused.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

use qd_window_tests::{Listener, Rig};

#[tokio::test]
async fn a_first_window_offers_to_add_a_connection_and_calls_nobody() {
    let Some(rig) = Rig::ready("a_first_window_offers_to_add_a_connection_and_calls_nobody") else { return };
    let network = Listener::start();
    let mut rig = ["http_proxy", "https_proxy", "all_proxy"]
        .iter()
        .fold(rig, |rig, name| rig.with_variable(name, &network.url))
        // The driver and the window talk to each other.
        .with_variable("no_proxy", "127.0.0.1,localhost");
    let page = rig.open().await;
    page.see("empty-unset").await;
    page.click("first-connection").await;
    for backend in ["alertmanager", "buildbot", "github", "redmine"] {
        page.see(&format!("backend-{backend}")).await;
    }
    assert_eq!(network.calls(), 0, "an empty window has nobody to ask");
}

#[tokio::test]
async fn a_second_start_of_the_same_home_ends_and_leaves_the_first_window() {
    let Some(mut rig) = Rig::ready("a_second_start_of_the_same_home_ends_and_leaves_the_first_window") else {
        return;
    };
    let page = rig.open().await;
    page.see("empty-unset").await;
    let (code, said) = rig.run_again();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the window is open already shown=true"), "{said}");
    page.see("empty-unset").await;
}

#[tokio::test]
async fn a_history_of_a_newer_version_is_left_alone_and_the_window_says_so() {
    let Some(mut rig) = Rig::ready("a_history_of_a_newer_version_is_left_alone_and_the_window_says_so")
    else {
        return;
    };
    let first = rig.open().await;
    first.see("empty-unset").await;
    rig.close();
    // SQLite's file format: the user version is a big-endian number at offset 60.
    let history = rig.home().join("history.db");
    OpenOptions::new().write(true).open(&history).unwrap().write_all_at(&9999_u32.to_be_bytes(), 60).unwrap();
    for rest in ["history.db-wal", "history.db-shm"] {
        let _ = std::fs::remove_file(rig.home().join(rest));
    }
    let before = std::fs::read(&history).unwrap();
    let page = rig.open().await;
    page.read_css("body", "an explanation", |text| text.contains("newer")).await;
    page.picture("start-refused").await;
    assert_eq!(std::fs::read(&history).unwrap(), before, "not a byte was changed");
}

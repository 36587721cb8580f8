//! Steps that several stories share.

use std::path::PathBuf;

use qd_window_tests::{Page, Rig};

/// A folder of its own for a server.
pub fn folder(rig: &Rig, name: &str) -> PathBuf {
    let folder = rig.folder().join(name);
    std::fs::create_dir(&folder).unwrap();
    folder
}

/// Opens the form of a new connection.
pub async fn new_connection(page: &Page, backend: &str) {
    page.click("rail-connections").await;
    page.click("conn-add").await;
    page.click(&format!("backend-{backend}")).await;
    page.see("conn-form").await;
}

/// The shortest interval there may be.
pub async fn ask_often(page: &Page) {
    page.click_css("[data-testid=\"conn-form\"] summary").await;
    page.see_css("#conn-interval").await.send_keys("5").await.unwrap();
}

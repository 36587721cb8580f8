//! Steps that several stories share.

use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// A loopback server that nobody should call, and counts who does.
pub struct Listener {
    pub url: String,
    calls: Arc<AtomicUsize>,
}

impl Listener {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        std::thread::spawn(move || {
            for mut call in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let _ = call.read(&mut [0; 64]);
            }
        });
        Self { url, calls }
    }

    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

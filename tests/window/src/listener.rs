//! Somebody outside.

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A loopback server that nobody should call, and counts who does.
pub struct Listener {
    /// Where it listens.
    pub url: String,
    calls: Arc<AtomicUsize>,
}

impl Listener {
    /// Listens from now on.
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

    /// How often it was called.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

//! A loopback server: it gives the reference window its page, and hears when a window has painted.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The path that a window asks for once it has painted.
const PAINTED: &str = "/painted";

/// The running server. It ends with the process.
pub struct Pages {
    address: SocketAddr,
    painted: Receiver<Instant>,
}

impl Pages {
    /// Serves the files below a folder on a free loopback port.
    ///
    /// # Errors
    /// There is no port.
    pub fn serve(folder: Option<PathBuf>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let (tell, painted) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (folder, tell) = (folder.clone(), tell.clone());
                // A browser opens several connections and leaves some idle.
                thread::spawn(move || answer(stream, folder.as_deref(), &tell));
            }
        });
        Ok(Self { address, painted })
    }

    /// Where a window tells that it has painted.
    pub fn beacon(&self) -> String {
        format!("http://{}{PAINTED}", self.address)
    }

    /// The page itself, with invented rows.
    pub fn page(&self) -> String {
        format!("http://{}/index.html?scenario=normal", self.address)
    }

    /// Waits for a window to paint; `None`: it did not in time.
    pub fn wait(&self, limit: Duration) -> Option<Instant> {
        self.painted.recv_timeout(limit).ok()
    }

    /// Forgets what was told late.
    pub fn forget(&self) {
        while self.painted.try_recv().is_ok() {}
    }
}

fn answer(mut stream: TcpStream, folder: Option<&Path>, tell: &Sender<Instant>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    let now = Instant::now();
    while lines.next()?.ok().is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1)?.split('?').next()?;
    let (status, kind, body) = if path == PAINTED {
        tell.send(now).ok()?;
        ("200 OK", "text/plain", Vec::new())
    } else {
        let asked = path.trim_start_matches('/');
        let inside = !asked.split('/').any(|part| part == "..");
        match folder.filter(|_| inside).and_then(|folder| fs::read(folder.join(asked)).ok()) {
            Some(body) => ("200 OK", kind(asked), body),
            None => ("404 Not Found", "text/plain", Vec::new()),
        }
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).ok()
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

//! The window's page with made-up rows, in the engine that the window uses: WebKitGTK's own small browser.
//!
//! It shows what the window shows, in states that no real server holds still for, and from one machine to the next the same.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;

use crate::background::Background;
use crate::{Page, is_installed, until};

const SCREEN: &str = "2048x1400x24";
const NEEDED: [&str; 2] = ["Xvfb", "WebKitWebDriver"];
/// Where Debian puts the engine's own browser.
const MINI_BROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
/// `npm run build:browser` leaves the page here.
const PAGE: &str = "../../ui/node_modules/.browser";

/// A browser on a screen of its own.
pub struct Browser {
    // In the order in which they end.
    _driver: Background,
    _screen: Background,
    _folder: TempDir,
    origin: String,
    /// What it shows.
    pub page: Page,
}

impl Browser {
    /// Opens it, or answers `None` after saying which part is missing.
    pub async fn ready(test: &str) -> Option<Self> {
        Self::serving(test, BTreeMap::new()).await
    }

    /// The same, with further files by their names.
    pub async fn serving(test: &str, files: BTreeMap<String, String>) -> Option<Self> {
        if let Some(why) = missing() {
            println!("skipped: {test}: {why}");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let (screen, number) = Background::start_and_read_line(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"])
                .stderr(Stdio::null()),
        );
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let driver = Background::start(&mut driver(folder.path(), &format!(":{number}"), port));
        until("the driver listens", || TcpStream::connect(("127.0.0.1", port)).ok()).await;
        let wanted =
            json!({ "webkitgtk:browserOptions": { "binary": MINI_BROWSER, "args": ["--automation"] } });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        let origin = serve(page_folder(), files);
        Some(Self { _driver: driver, _screen: screen, _folder: folder, origin, page: Page::of(client) })
    }

    /// Opens an address of the page: its query and its hash.
    pub async fn open(&self, address: &str) {
        // An address that differs in its hash alone would not load the page again.
        self.page.go("about:blank").await;
        self.page.go(&format!("{}/{address}", self.origin)).await;
    }

    /// The page as it is served.
    pub fn index() -> String {
        fs::read_to_string(page_folder().join("index.html")).unwrap_or_default()
    }

    /// Makes the page itself this large, whatever the browser has around it.
    pub async fn resize(&self, width: u32, height: u32) {
        self.page.resize(width, height).await;
    }
}

fn missing() -> Option<String> {
    if let Some(program) = NEEDED.iter().find(|program| !is_installed(program)) {
        return Some(format!("{program} is not installed"));
    }
    if !Path::new(MINI_BROWSER).is_file() {
        return Some("WebKitGTK's MiniBrowser is not installed".to_owned());
    }
    let index = page_folder().join("index.html");
    (!index.is_file()).then(|| "the page is not built (npm run build:browser)".to_owned())
}

fn page_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)
}

/// Its home says that nothing shall move, and its clock stands in one zone, so that pictures stay the same.
fn driver(folder: &Path, display: &str, port: u16) -> Command {
    let settings = folder.join("config/gtk-3.0");
    fs::create_dir_all(&settings).unwrap();
    fs::write(settings.join("settings.ini"), "[Settings]\ngtk-enable-animations=0\n").unwrap();
    let mut driver = Command::new("WebKitWebDriver");
    driver
        .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LANG", "C.UTF-8")
        .env("TZ", "Europe/Berlin")
        .env("HOME", folder)
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("XDG_RUNTIME_DIR", folder)
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", folder.join("no-bus").display()))
        .env("DISPLAY", display)
        .env("GDK_BACKEND", "x11")
        .env("NO_AT_BRIDGE", "1")
        .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    driver
}

/// Serves the files of a folder on loopback for as long as the test lives, and answers its address.
fn serve(folder: PathBuf, files: BTreeMap<String, String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let files = Arc::new(files);
    std::thread::spawn(move || {
        for call in listener.incoming().flatten() {
            let (folder, files) = (folder.clone(), Arc::clone(&files));
            // A browser that hangs up early is no failure of the test.
            std::thread::spawn(move || drop(answer(&call, &folder, &files)));
        }
    });
    origin
}

fn answer(mut call: &TcpStream, folder: &Path, files: &BTreeMap<String, String>) -> std::io::Result<()> {
    let mut lines = BufReader::new(call).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = request.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap_or("/");
    let name = if path == "/" { "index.html" } else { path.trim_start_matches('/') };
    let read = || (!name.contains("..")).then(|| fs::read(folder.join(name)).ok()).flatten();
    let found = files.get(name).map(|text| text.clone().into_bytes()).or_else(read);
    let (status, body) = found.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
    write!(
        call,
        "HTTP/1.1 {status}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        kind(name),
        body.len()
    )?;
    call.write_all(&body)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

//! The real binary in a real window, on a screen, a session bus and in a folder of its own, driven through WebDriver.
//!
//! [`Rig::ready`] answers `None` after printing `skipped: TEST: WHY` where a part is missing. Everything that a rig starts
//! ends with it. Tests wait for conditions and never for time to pass.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "this is test code: a part that does not work fails the test, a part that is missing is told on stdout"
)]

mod attach;
mod background;
mod browser;
mod bus;
mod hostile;
mod keys;
mod listener;
mod page;
mod picture;
mod scan;

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use background::Background;
pub use browser::Browser;
pub use bus::Bus;
use fantoccini::ClientBuilder;
pub use hostile::hostile_texts;
use hyper_util::client::legacy::connect::HttpConnector;
pub use listener::Listener;
pub use page::Page;
pub use picture::Picture;
pub use scan::{Place, scan};
use serde_json::json;
use tempfile::TempDir;

/// How long anything may take before the test fails. Two cores may be shared with other tests.
pub const LIMIT: Duration = Duration::from_secs(60);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);
/// Room for the largest window, and a little more.
const SCREEN: &str = "2048x1200x24";
/// What the window logs when its page is there.
const LOADED: &str = "the page is loaded";
const NEEDED: [&str; 3] = ["Xvfb", "WebKitWebDriver", "dbus-daemon"];

/// What a window needs around it.
pub struct Rig {
    // In the order in which they end.
    driver: Option<Background>,
    /// A window that was not started by its driver, and where it can be driven.
    window: Option<(Background, u16)>,
    bus: Option<Bus>,
    _screen: Background,
    display: String,
    binary: PathBuf,
    variables: BTreeMap<String, String>,
    folder: TempDir,
}

impl Rig {
    /// A screen and an empty home, or `None` after saying which part is missing.
    pub fn ready(test: &str) -> Option<Self> {
        let binary = binary();
        let missing = NEEDED
            .iter()
            .find(|program| !is_installed(program))
            .map(|program| format!("{program} is not installed"));
        let missing = missing.or_else(|| match &binary {
            None => Some("the window's binary is not built (cargo xtask test builds it)".to_owned()),
            Some(binary) if holds_no_page(binary) => {
                Some("the binary was built before ui/dist (cargo xtask test builds both)".to_owned())
            }
            Some(_) => None,
        });
        if let Some(why) = missing {
            println!("skipped: {test}: {why}");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "user", "run"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let (screen, number) = Background::start_and_read_line(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"])
                .stderr(Stdio::null()),
        );
        let display = format!(":{number}");
        Some(Self {
            driver: None,
            window: None,
            bus: None,
            _screen: screen,
            display,
            binary: binary?,
            variables: BTreeMap::new(),
            folder,
        })
    }

    /// Gives the window a session bus with an open GNOME Keyring on it.
    pub async fn with_keyring(mut self) -> Self {
        let mut bus = Bus::start(&self.folder.path().join("user"), &self.folder.path().join("run"));
        bus.start_keyring().await;
        self.bus = Some(bus);
        self
    }

    /// A variable that the window will find in its environment.
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The window's `QUARTERDECK_HOME`.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Everything that the window may write to: its home, the user's home, the runtime folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The session bus.
    ///
    /// # Panics
    /// Without [`with_keyring`](Self::with_keyring).
    pub fn bus(&self) -> &Bus {
        self.bus.as_ref().unwrap()
    }

    /// The size of the next window, as if it had been closed with that size.
    pub fn next_size(&self, width: u32, height: u32) {
        let state = self.home().join("state");
        fs::create_dir_all(&state).unwrap();
        let place = json!({ "width": f64::from(width), "height": f64::from(height), "maximized": false });
        fs::write(state.join("window.json"), place.to_string()).unwrap();
    }

    /// Opens the window. The one before it is closed.
    pub async fn open(&mut self) -> Page {
        self.driver = None;
        let loaded_before = self.log().matches(LOADED).count();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut driver = Command::new("WebKitWebDriver");
        driver.args([format!("--port={port}"), "--host=127.0.0.1".to_owned()]);
        // What the window says there is in its log too.
        driver.stdout(Stdio::null()).stderr(Stdio::null());
        self.driver = Some(Background::start(self.in_environment(&mut driver)));
        until("the driver listens", || std::net::TcpStream::connect(("127.0.0.1", port)).ok()).await;
        let wanted = json!({ "webkitgtk:browserOptions": { "binary": self.binary, "args": [] } });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        // A question about a page that is about to be replaced may never be answered.
        until("the page is loaded", || (self.log().matches(LOADED).count() > loaded_before).then_some(()))
            .await;
        Page::of(client)
    }

    /// Runs the binary a second time, to its end, and gives its exit code and what it said.
    pub fn run_again(&self) -> (Option<i32>, String) {
        let mut again = Command::new(&self.binary);
        let output = self.in_environment(&mut again).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// What the window has logged since its home was made.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.home().join("state/quarterdeck.log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Closes the window.
    pub fn close(&mut self) {
        self.driver = None;
        self.window = None;
    }

    /// A program of this session: it sees the rig's screen, bus and folders and nothing of the caller's environment.
    fn in_environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let folder = self.folder.path();
        let bus = self.bus.as_ref().map_or_else(
            || format!("unix:path={}", folder.join("no-bus").display()),
            |bus| bus.address().to_owned(),
        );
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .env("HOME", folder.join("user"))
            .env("XDG_RUNTIME_DIR", folder.join("run"))
            .env("DISPLAY", &self.display)
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("DBUS_SESSION_BUS_ADDRESS", bus)
            .env("QUARTERDECK_HOME", self.home())
            .env("QUARTERDECK_LOG", "debug")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .envs(&self.variables)
            .stdin(Stdio::null())
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            println!(
                "the last words of the window's log:\n{}",
                lines[lines.len().saturating_sub(40)..].join("\n")
            );
        }
    }
}

/// Looks again and again until there is something, at most for [`LIMIT`].
pub async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < LIMIT, "waited in vain: {what}");
        tokio::time::sleep(LOOK_AGAIN_AFTER).await;
    }
}

/// `target/PROFILE/quarterdeck`, beside which this test's own program lies.
fn binary() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    own.ancestors().skip(1).map(|folder| folder.join("quarterdeck")).find(|path| path.is_file())
}

/// Whether a newer page than the one inside the binary was built, or none at all.
fn holds_no_page(binary: &Path) -> bool {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist/index.html");
    let stands_in = |text: String| text.contains("are not built");
    let (Ok(text), Ok(binary), Ok(page)) = (fs::read_to_string(&page), modified(binary), modified(&page))
    else {
        return true;
    };
    stands_in(text) || binary < page
}

fn modified(path: &Path) -> std::io::Result<std::time::SystemTime> {
    fs::metadata(path)?.modified()
}

/// Whether a program is on the path.
pub fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

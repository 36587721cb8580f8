//! A running Quarterdeck without a window, in a folder of its own, asked through the window's API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test support panics where the product does something else"
)]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use qd_api::{App, LinkOpener};
use qd_connector::{Credentials, Secret};
use qd_secrets::{Options, Vault};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

/// Nothing that is waited for takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running Quarterdeck.
pub struct Deck {
    /// The product.
    pub app: App,
    /// Its folder.
    pub home: TempDir,
    /// Its credentials, for this session only.
    pub vault: Arc<Vault>,
    /// Addresses it opened.
    pub opened: Arc<Mutex<Vec<String>>>,
}

struct Recorder(Arc<Mutex<Vec<String>>>);

impl LinkOpener for Recorder {
    fn open(&self, url: &Url) -> Result<(), String> {
        self.0.lock().unwrap().push(url.to_string());
        Ok(())
    }
}

impl Deck {
    /// Starts with a configuration; `secrets` are the credentials of connections by id.
    pub async fn start(config: &str, secrets: &[(&str, &str)]) -> Self {
        let home = TempDir::new().unwrap();
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        let vault = Arc::new(Vault::session_only(Options::default()));
        for (id, secret) in secrets {
            vault.keep(&id.parse().unwrap(), Secret::from((*secret).to_owned()), true).await.unwrap();
        }
        let opened = Arc::new(Mutex::new(Vec::new()));
        let app = open(home.path(), vault.clone(), opened.clone()).await;
        app.start().await.unwrap();
        Self { app, home, vault, opened }
    }

    /// Starts a demo of a small Harbour at a chapter; its time stands.
    pub async fn demo(chapter: &'static str) -> Self {
        let home = TempDir::new().unwrap();
        let opened = Arc::new(Mutex::new(Vec::new()));
        let opener = Arc::new(Recorder(opened.clone()));
        let options = qd_host::Options { home: None, actor: "window", opener, relaunch: None };
        let scale = qd_host::Scale { services: 4, tickets: 20, days: 6, ..qd_host::Scale::default() };
        let chosen = qd_host::DemoOptions { scale, chapter, ..qd_host::DemoOptions::default() };
        let app = qd_host::open_demo(options, home.path(), chosen).await.expect("the demo opens");
        app.start().await.unwrap();
        let vault = Arc::new(Vault::session_only(Options::default()));
        Self { app, home, vault, opened }
    }

    /// Calls a command as the window does.
    pub async fn call(&self, command: &str, payload: Value) -> Value {
        self.app.call(command, payload).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Rows of a kind that match a query.
    pub async fn rows(&self, kind: &str, query: &str) -> Vec<Value> {
        let payload = json!({ "kind": kind, "query": query, "limit": 200, "as_of": null, "seen_seq": null });
        self.call("rows", payload).await["rows"].as_array().unwrap().clone()
    }

    /// Waits until `row` rows of a kind match a query, and returns the first.
    pub async fn row(&self, kind: &str, query: &str) -> Value {
        self.until(&format!("a {kind} that matches {query}"), || async {
            self.rows(kind, query).await.into_iter().next()
        })
        .await
    }

    /// Waits until something is there; asks for polls meanwhile, as a person who presses refresh would.
    pub async fn until<T, F: Future<Output = Option<T>>>(&self, what: &str, look: impl Fn() -> F) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
            self.call("refresh", json!({ "source": null })).await;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Proposes an action on a row and returns its record. When the row changed meanwhile, looks again, as a person does.
    pub async fn act(&self, row: &Value, verb: &str, set: &[(&str, &str)]) -> Value {
        let target = row["id"].as_str().unwrap();
        let form = self.call("action_form", json!({ "target": target, "verb": verb })).await;
        let mut args = serde_json::Map::new();
        for field in form["fields"].as_array().unwrap() {
            if field["value"] != "" {
                args.insert(field["key"].as_str().unwrap().to_owned(), field["value"].clone());
            }
        }
        for (key, value) in set {
            args.insert((*key).to_owned(), json!(value));
        }
        let mut seq = row["seq"].clone();
        loop {
            let key: String = format!("test-{target}-{verb}-{seq}").chars().take(128).collect();
            let request = json!({ "target": target, "verb": verb, "args": args, "seen_seq": seq, "idempotency_key": key });
            match self.app.call("act", request).await {
                Ok(done) => return done,
                Err(error) if error.code == "stale_view" => {
                    seq = self.call("entity", json!({ "id": target, "as_of": null })).await["row"]["seq"]
                        .clone();
                }
                Err(error) => panic!("{verb}: {error}"),
            }
        }
    }

    /// The status of a source.
    pub async fn health(&self, source: &str) -> Value {
        let status = self.call("status", json!({})).await;
        let found = status["sources"].as_array().unwrap().iter().find(|s| s["id"] == source).cloned();
        found.expect("the source is configured")["health"].clone()
    }
}

/// Opens the product in a folder.
pub async fn open(home: &Path, vault: Arc<Vault>, opened: Arc<Mutex<Vec<String>>>) -> App {
    let options = qd_host::Options {
        home: Some(home.to_owned()),
        actor: "window",
        opener: Arc::new(Recorder(opened)),
        relaunch: None,
    };
    qd_host::open_with(options, vault).await.expect("the product opens")
}

/// Every file below a folder with its bytes.
pub fn files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.push((path, bytes));
        }
    }
    found
}

//! Folders in which the product lives while it is measured.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use qd_api::{App, LinkOpener};
use qd_model::Kind;
use qd_store::Store;
use qd_store::testkit::town::Town;
use qd_store_sqlite::SqliteStore;
use url::Url;

/// Entities whose states come one after the other: a poll of everything that runs.
pub const TOGETHER: u64 = 1_000;

/// Where the parts lie that `cargo xtask bench` keeps from one run to the next.
pub fn kept() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    target.join("bench")
}

/// A program of this product, built for release beside this one.
///
/// # Errors
/// It is not there.
pub fn program(name: &str) -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    anyhow::ensure!(path.exists(), "{} is not built; `cargo xtask bench` builds it", path.display());
    Ok(path)
}

/// Puts the town's history with so many transitions into a home. What is kept of it from one run to the next is only copied:
/// a measurement that reads servers would leave what it read to the next one.
///
/// # Errors
/// It cannot be written.
pub async fn town(transitions: u64, home: &Path) -> Result<()> {
    let kept = kept().join(format!("town-{transitions}"));
    let done = kept.join("complete");
    let history = |home: &Path| Ok::<_, anyhow::Error>(qd_host::paths(Some(home.to_owned()))?.history);
    if !done.exists() {
        if kept.exists() {
            fs::remove_dir_all(&kept)?;
        }
        // Dropped before it is copied: what it wrote last is in the file then.
        let (store, _) = SqliteStore::open(&history(&kept)?, Town::begin())?;
        for poll in Town::new(1).polls(transitions, TOGETHER) {
            store.ingest(&poll.source, poll.ingest, poll.at).await?;
        }
        drop(store);
        fs::write(done, "")?;
    }
    let (from, to) = (history(&kept)?, history(home)?);
    fs::create_dir_all(to.parent().unwrap_or(home))?;
    fs::copy(&from, &to).with_context(|| format!("{} cannot be copied", from.display()))?;
    Ok(())
}

/// Configures connections to one Alertmanager under these names. Nothing of the made-up past is dropped for its age.
///
/// # Errors
/// The file cannot be written.
pub fn connect(home: &Path, names: &[&str], address: &str, interval_secs: u32) -> Result<()> {
    let connection = |name: &&str| {
        format!(
            "[[connection]]\nid = \"{name}\"\nbackend = \"alertmanager\"\nurl = \"{address}\"\n\
             credential = \"none\"\ninterval_secs = {interval_secs}\n"
        )
    };
    let text =
        format!("[history]\nretention_days = 36500\n\n{}", names.iter().map(connection).collect::<String>());
    fs::create_dir_all(home)?;
    Ok(fs::write(home.join("config.toml"), text)?)
}

/// The names of the connections that observed the town.
pub fn sources() -> Vec<String> {
    Kind::ALL.into_iter().map(|kind| Town::source(kind).to_string()).collect()
}

/// Opens the whole product without a window.
///
/// # Errors
/// It cannot be opened.
pub async fn open(home: &Path) -> Result<App> {
    let options = qd_host::Options {
        home: Some(home.to_owned()),
        actor: "bench",
        opener: Arc::new(NoOpener),
        relaunch: None,
    };
    Ok(qd_host::open(options).await?)
}

struct NoOpener;

impl LinkOpener for NoOpener {
    fn open(&self, _: &Url) -> Result<(), String> {
        Err("a measurement opens no links".to_owned())
    }
}
